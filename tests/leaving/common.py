"""Base class of the tests of departures."""

from odoo.tests import tagged

from ..reading.common import ReadingDayCase


@tagged("nka_leaving")
class LeavingCase(ReadingDayCase):
    """A manager with one account and an employee, and a colleague who could take over."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employees = cls.env["hr.employee"].create(
            [
                {"name": user.name, "user_id": user.id, "company_id": cls.company.id}
                for user in (cls.manager, cls.colleague, cls.supervisor)
            ]
        )
        cls.employee = cls.employees[0]
        cls.account.supervisor_id = cls.supervisor
        cls.boss = cls.env["res.partner"].create(
            {"name": "Boss", "parent_id": cls.client.id}
        )
        cls.env["nka.stakeholder"].create(
            {
                "key_account_id": cls.account.id,
                "partner_id": cls.boss.id,
                "role": "decision_maker",
            }
        )
        cls.director = cls._new_user("nka_director", "group_key_account_director")

    def _depart(self, by=None, employee=None, **vals):
        """Open a departure as a supervisor through RPC."""
        departures = self.env["nka.departure"].with_user(by or self.supervisor)
        vals = {
            "employee_id": (employee or self.employee).id,
            "date": self.today + self._days(20),
            **vals,
        }
        return departures.create(vals)

    def _announce(self, user, **vals):
        vals = {"date": self.today + self._days(20), **vals}
        notices = self.env["nka.departure.notice"].with_user(user)
        notices.create(vals).action_announce()
        return self.env["nka.departure"].search([("user_id", "=", user.id)])

    def _figure(self, departure, kind="read"):
        return departure.sudo().figure_ids.filtered(lambda row: row.kind == kind)
