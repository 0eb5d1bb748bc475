"""Promises to two managers, of whom one is supervised by the supervisor of the tests."""

from ..pay.common import PayCase

NOTICE = (
    "Directors see tenure, pay, promises, load, dependency and mentees, to keep people."
)


class LoyaltyCase(PayCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.director = cls._new_user("nka_director", "group_key_account_director")
        cls.hr = cls._new_user("nka_hr", "group_key_account_admin")
        cls.hr.group_ids = cls.env.ref("base.group_user")
        cls._supervise(cls.client, cls.manager, cls.supervisor)
        cls._supervise(cls.other_client, cls.colleague, cls.supervisor_2)

    @classmethod
    def _supervise(cls, client, manager, supervisor):
        return cls.env["nka.key.account"].create(
            {
                "partner_id": client.id,
                "manager_id": manager.id,
                "supervisor_id": supervisor.id,
            }
        )

    @classmethod
    def _promise(cls, user=None, **vals):
        vals = {
            "name": "Negotiation training",
            "employee_id": cls.employee.id,
            "owner_id": cls.hr.id,
            "date_due": cls.today + cls._days(30),
            **vals,
        }
        promises = cls.env["nka.promise"].with_user(user or cls.supervisor)
        return promises.create(vals).with_user(cls.env.user)

    @classmethod
    def _late(cls, **vals):
        return cls._promise(date_due=cls.today - cls._days(3), **vals)

    @classmethod
    def _inform(cls, company=None):
        (company or cls.env.company).write(
            {
                "nka_pages_informed_on": cls.today,
                "nka_pages_notice": NOTICE,
                "nka_pages_kept": True,
            }
        )

    @classmethod
    def _locked(cls, employee, month, total, agreement=None, state="locked"):
        statements = cls.env["nka.pay.statement"]
        return statements._unlocked().create(
            {
                "employee_id": employee.id,
                "user_id": employee.user_id.id,
                "company_id": employee.company_id.id,
                "month": month,
                "state": state,
                "total_amount": total,
                "agreement_id": agreement and agreement.id,
            }
        )

    def _page(self, user=None, employee=None):
        pages = self.env["nka.manager.page"].with_user(user or self.director)
        return pages.search([("employee_id", "=", (employee or self.employee).id)])
