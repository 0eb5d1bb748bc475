"""Windows that somebody has open are theirs: Odoo itself keeps nobody from them."""

from odoo.fields import Domain
from odoo.tests import tagged

from .common import ReadingCase

#: Whose they are says another field, or they hold nothing of anybody.
APART = {
    # The settings of a company, for those who may set them.
    "nka.settings",
    # Of the person it is about: comparisons of their credits.
    "nka.bonus.check",
    "nka.bonus.check.line",
    "nka.pay.forecast",
    "nka.pay.forecast.line",
}


@tagged("nka_control")
class TestWindows(ReadingCase):
    def test_each_has_a_rule_for_all(self):
        """Made from the registry: a new window needs a rule, or a reason above."""
        rules = self.env["ir.rule"].with_user(self.manager)
        without = []
        for name, model in self.env.registry.items():
            if not name.startswith("nka.") or not model._transient or name in APART:
                continue
            domain = rules._compute_domain(name, "read")
            fields_ = {
                condition.field_expr.rpartition(".")[2]
                for condition in Domain(domain).iter_conditions()
            }
            if "create_uid" not in fields_:
                without.append(name)
        self.assertFalse(without)

    def test_a_reason_being_given(self):
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
