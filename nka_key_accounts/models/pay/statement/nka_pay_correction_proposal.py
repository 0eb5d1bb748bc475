from odoo import models
from odoo.exceptions import AccessError

from .... import paycalc
from ..border import to_money

ZERO = paycalc.rnd(0)


class PayCorrectionProposal(models.Model):
    """What closed months would be by what is known today."""

    _inherit = "nka.pay.statement"

    # ------------------------------------------------------------ actions
    def action_correct(self):
        """Propose corrections of closed months, worked out anew by today's facts.

        Drafts for another officer to approve; where nothing differs, an empty form.

        :raise AccessError: for another role, or for one's own pay
        :raise UserError: when a month isn't closed
        """
        self.env["nka.pay.correction"]._check_officer()
        self._check_state("approved", "locked")
        if self.env.user in self.user_id:
            raise AccessError(
                self.env._("Your own pay is corrected by another payroll officer.")
            )
        made = self._propose_corrections()
        if not made and len(self) == 1:
            return self._action_new_correction()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "nka_key_accounts.nka_pay_correction_action"
        )
        return {**action, "domain": [("statement_id", "in", self.ids)], "context": {}}

    def _action_new_correction(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Correction"),
            "res_model": "nka.pay.correction",
            "view_mode": "form",
            "target": "new",
            "context": {"default_statement_id": self.id},
        }

    # ------------------------------------------------------------ business
    def _propose_corrections(self):
        """Draft a correction for every part of the pay that would be another today.

        :rtype: nka.pay.correction
        """
        rows = [
            {
                "statement_id": statement.id,
                "component": component,
                "amount": float(difference),
                "reason": self.env._(
                    "Worked out anew: %(due)s instead of %(paid)s", due=due, paid=paid
                ),
            }
            for statement, component, paid, due in self._worked_out_anew()
            if (difference := due - paid)
        ]
        return self.env["nka.pay.correction"].create(rows)

    def _worked_out_anew(self):
        """Each part of the pay as it was closed and corrected, and by today's facts.

        Fixed pay counts with what was held of it, and the bonus before the draw: a
        correction goes through the draw of the month that pays it.

        :return: list of (statement, component, paid, due)
        """
        corrected = self._corrected()
        found = []
        groups = self.sudo().grouped(lambda row: (row.company_id, row.month))
        for (company, month), statements in groups.items():
            own = statements.with_company(company)
            facts = own._gather(own.employee_id, month, company)
            # What was corrected meanwhile is counted below, once.
            facts.corrections = {}
            for statement in own:
                statement._keep_quota(facts)
                for component, paid, due in statement._parts_anew(facts):
                    before = corrected.get((statement.id, component), ZERO)
                    found.append((statement, component, paid + before, due))
        return found

    def _keep_quota(self, facts):
        """Agreements made or ended since move no tier of a closed month."""
        quota = to_money(self.half_year_quota, self.currency_id)
        facts.quotas[self.employee_id.id, self.month] = quota

    def _parts_anew(self, facts):
        currency = self.currency_id
        if not facts.agreement_of(self.employee_id):
            # Who had left, and was paid a correction only: there is nothing to compare.
            return []
        try:
            pay = paycalc.month_pay(self._prepare_facts(self.employee_id, facts))
        except paycalc.PayError:
            return []
        due = pay.statement
        return [
            (
                "fixed",
                to_money(self.fixed_amount, currency)
                + to_money(self.held_amount, currency),
                due.fixed_amount + due.held_amount,
            ),
            ("soft", to_money(self.soft_amount, currency), due.soft_amount),
            ("bonus", to_money(self.bonus_amount, currency), due.bonus_amount),
        ]

    def _corrected(self):
        """Corrections there are already, drafts too, by statement and component."""
        rows = (
            self.env["nka.pay.correction"]
            .sudo()
            .search([("statement_id", "in", self.ids)])
        )
        sums = {}
        for row in rows:
            key = row.statement_id.id, row.component
            amount = to_money(row.amount, row.currency_id)
            sums[key] = sums.get(key, ZERO) + amount
        return sums
