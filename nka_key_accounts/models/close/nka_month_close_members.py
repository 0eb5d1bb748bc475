from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain


class MonthCloseMembers(models.Model):
    """Who is in: everybody with an agreement, whoever left and is still owed something,
    and whoever owns accounts without an agreement.
    """

    _inherit = "nka.month.close"

    def _candidates(self):
        """Employees this month is about, before anybody is left out.

        :rtype: hr.employee
        """
        self.ensure_one()
        payable = self.env["nka.pay.statement"].sudo()
        found = payable._payable_employees(self.month, self.company_id)
        found |= self._agreed() | self._owners()
        return found.browse(row.id for row in payable._persons(found))

    def _members(self):
        """Employees who are paid with this month.

        :rtype: hr.employee
        """
        return self._candidates() - self.sudo().exclusion_ids.employee_id

    def _employee_of(self, user):
        """The employee of this company behind a login.

        :raise UserError: when there is none
        """
        user = user.sudo().with_company(self.company_id)
        # Who has left may be archived, and still owed something.
        employee = user.with_context(active_test=False).employee_id
        if not employee:
            raise UserError(
                self.env._("No employee is linked to the login of %s.", user.name)
            )
        return employee

    def _domain_during(self):
        """Records with ``date_from`` and ``date_to`` that touch the month."""
        return Domain("company_id", "=", self.company_id.id) & Domain(
            [
                ("date_from", "<=", self.month_end),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", self.month),
            ]
        )

    def _agreed(self):
        agreements = self.env["nka.pay.agreement"].sudo().search(self._domain_during())
        return agreements.employee_id

    def _owners(self):
        """Employees who owned key accounts during the month."""
        rows = (
            self.env["nka.assignment"]
            .sudo()
            ._read_group(self._domain_during(), [], ["user_id:recordset"])
        )
        return (
            self.env["hr.employee"]
            .sudo()
            .search(
                [
                    ("user_id", "in", rows[0][0].ids),
                    ("company_id", "=", self.company_id.id),
                ]
            )
        )
