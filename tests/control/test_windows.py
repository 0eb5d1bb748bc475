"""Open wizards are visible to their creator only; Odoo itself doesn't restrict them."""

from odoo.tests import tagged

from .common import ReadingCase

#: Models without a rule on ``create_uid``: another field restricts them, or they hold
#: no personal data.
APART = {
    # The settings of a company, for the users who can change them.
    "nka.settings",
    # Restricted to the person they are about: comparisons of their credits.
    "nka.bonus.check",
    "nka.bonus.check.line",
    "nka.pay.forecast",
    "nka.pay.forecast.line",
}


@tagged("nka_control")
class TestWizards(ReadingCase):
    def test_each_wizard_has_a_rule(self):
        """Checks the registry: a new wizard needs a rule, or a reason above."""
        rules = self.env["ir.rule"].with_user(self.manager)
        without = []
        for name, model in self.env.registry.items():
            if not name.startswith("nka.") or not model._transient or name in APART:
                continue
            domain = rules._compute_domain(name, "read")
            if "create_uid" not in str(domain):
                without.append(name)
        self.assertFalse(without)

    def test_an_unfinished_reason_is_hidden_from_others(self):
        window = (
            self.env["nka.reason.wizard"]
            .with_user(self.supervisor)
            .create(
                {
                    "res_model": "nka.key.account",
                    "res_ids": self.account.ids,
                    "action": "action_retire",
                    "reason": "They go to a competitor",
                }
            )
        )
        for user in (self.manager, self.colleague, self.employee_user):
            mine = window.with_user(user)
            self.assertFalse(mine.search([("id", "in", mine.ids)]))
