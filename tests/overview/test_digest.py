"""Figures of key accounts in Odoo's digest."""

from datetime import timedelta

from odoo import fields

from .common import DirectorCase

KPIS = ("revenue", "contacts", "documents", "overdue")


class TestDigest(DirectorCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.digest = cls.env["digest.digest"].create(
            {"name": "Key accounts", **{f"kpi_nka_{name}": True for name in KPIS}}
        )
        cls._new_invoice(cls.client, 3000, cls.today)
        cls._new_invoice(cls.other_client, 500, cls.today)
        cls._new_invoice(cls._new_client("No key account"), 9000, cls.today)

    def _figures(self, user):
        """Return the values of the last seven days and of the seven before."""
        kpis = self.digest._compute_kpis(self.env.company, user)
        return {
            kpi["kpi_name"]: kpi["kpi_col2"]["value"]
            for kpi in kpis
            if kpi["kpi_name"].startswith("kpi_nka_")
        }

    def test_each_recipient_gets_what_they_read(self):
        both = self._figures(self.director)
        self.assertEqual(both, self._figures(self.supervisor))
        self.assertIn("3.5k", both["kpi_nka_revenue"])
        self.assertIn("3k", self._figures(self.manager)["kpi_nka_revenue"])
        self.assertIn("500", self._figures(self.colleague)["kpi_nka_revenue"])

    def test_nothing_for_users_without_a_role(self):
        for user in (self.officer, self.salesman, self.employee_user):
            self.assertEqual(self._figures(user), {})

    def test_clients_contacted(self):
        self.assertEqual(self._figures(self.manager)["kpi_nka_contacts"], 0)
        start = fields.Datetime.now() - timedelta(days=1)
        self.env["calendar.event"].create(
            {
                "name": "Visit",
                "start": start,
                "stop": start + timedelta(hours=1),
                "user_id": self.manager.id,
                "partner_ids": [
                    (6, 0, (self.client | self.manager.partner_id).ids),
                ],
            }
        )
        self.assertEqual(self._figures(self.manager)["kpi_nka_contacts"], 1)

    def test_mail_of_a_director(self):
        self.digest.user_ids = self.director
        self.digest.action_send_manual()
        mail = self.env["mail.mail"].search([], limit=1)
        self.assertIn("Key accounts: invoiced", mail.body_html)
