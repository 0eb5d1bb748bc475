"""What a new manager needs: every item, whose turn it is, and who is asked."""

from datetime import date

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..loyalty.common import LoyaltyCase


@tagged("nka_newcomers")
class TestStartItems(LoyaltyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Other administrators and officers of the database would be asked first.
        for role in ("admin", "payroll_officer"):
            group = cls.env.ref(f"nka_key_accounts.group_key_account_{role}")
            holder = cls.kam_admin if role == "admin" else cls.officer
            group.user_ids = [Command.set(holder.ids)]
        cls.newcomer = cls.env["hr.employee"].create(
            {"name": "Newcomer", "parent_id": cls._superior().id}
        )
        cls.starts = cls.env["nka.manager.start"]
        cls.start = cls.starts._start_for(cls.newcomer, "hired", cls.today)
        cls.user = cls._new_user("nka_newcomer", "group_key_account_manager")
        cls.user.group_ids = cls.env.ref("base.group_user")

    @classmethod
    def _superior(cls):
        return cls.env["hr.employee"].create(
            {"name": "Supervisor", "user_id": cls.supervisor.id}
        )

    def _rows(self, start=None):
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.env["nka.manager.start.item"]
        found = rows.search([("start_id", "=", (start or self.start).id)])
        return {row.code: (row.state, row.turn_id) for row in found}

    def _asked(self):
        return self.env["mail.activity"].search(
            [("res_model", "=", "nka.manager.start"), ("res_id", "=", self.start.id)]
        )

    def test_from_employee_to_manager(self):
        """Each item is done by its record; who is next is asked, and nobody else."""
        start, nobody = self.start, self.env["res.users"]
        self.assertEqual(start.supervisor_id, self.supervisor)
        rows = self._rows()
        self.assertEqual(rows["user"], ("open", self.kam_admin))
        self.assertEqual(rows["role"], ("later", nobody))
        self.assertEqual(rows["secrecy"], ("none", nobody))
        self.assertEqual(self._asked().user_id, self.kam_admin)
        self.assertIn("Create a user", self._asked().note)

        self.newcomer.user_id = self.user
        rows = self._rows()
        self.assertEqual(rows["user"], ("done", nobody))
        self.assertEqual(rows["role"], ("open", self.kam_admin))
        self.assertEqual(rows["agreement"], ("open", self.officer))
        self.assertEqual(rows["mentor"], ("open", self.supervisor))
        self.starts._cron_follow()
        asked = self._asked().grouped("user_id")
        self.assertEqual(set(asked), {self.kam_admin, self.officer, self.supervisor})
        self.assertIn("Assign the role", asked[self.kam_admin].note)

        self.user.group_ids = self.env.ref("nka_key_accounts.group_key_account_manager")
        self.starts._cron_follow()
        self.assertEqual(
            self._asked().user_id, self.officer | self.supervisor | self.user
        )

        agreement = self._agreement(self.newcomer)
        agreement.action_propose()
        self.assertEqual(self._rows()["agreement"], ("open", self.user))
        kept = self._asked().filtered(lambda row: row.user_id == self.supervisor)
        self.starts._cron_follow()
        self.assertEqual(self._asked().user_id, self.supervisor | self.user)
        self.assertLessEqual(kept, self._asked())
        agreement.with_user(self.user).action_accept()
        self.assertEqual(self._rows()["agreement"], ("done", nobody))

        self.env["nka.mentorship"].with_user(self.supervisor).create(
            {"mentor_id": self.manager.id, "mentee_id": self.user.id}
        )
        self.assertEqual(self._rows()["mentor"], ("done", nobody))
        self.assertEqual(self._rows()["accounts"], ("open", self.supervisor))
        account = self.env["nka.key.account"].search(
            [("manager_id", "=", self.manager.id)], limit=1
        )
        account.deputy_id = self.user
        self.assertEqual(self._rows()["accounts"], ("done", nobody))
        self.assertEqual(self._rows()["report"], ("open", self.user))
        report = self.env["nka.work.report"].with_user(self.user)
        report = report.create(
            {
                "employee_id": self.newcomer.id,
                "date_from": date(2026, 11, 16),
                "summary": "Met the client.",
            }
        )
        report.action_submit()
        self.assertEqual(self._rows()["report"], ("done", nobody))
        self.assertEqual(start.done_text, "6 / 7")
        self.assertEqual(start.missing, "Skills assessed")
        action = start.item_ids.filtered(lambda row: row.code == "skills")
        action = action.with_user(self.supervisor).action_do()
        skills = self.env[action["res_model"]].with_user(self.supervisor)
        skills = skills.with_context(**action["context"]).new({})
        self.assertEqual(skills.employee_id, self.newcomer)

    def test_one_click(self):
        """Who may do an item opens the page for it; others are told whose turn it is."""
        self.newcomer.user_id = self.user
        self.user.group_ids = self.env.ref("nka_key_accounts.group_key_account_manager")
        self.env.invalidate_all()
        rows = self.start.item_ids.grouped("code")
        for code, user, model in (
            ("agreement", self.officer, "nka.pay.agreement"),
            ("mentor", self.supervisor, "nka.mentorship"),
            ("accounts", self.supervisor, "nka.key.account"),
            ("report", self.user, "nka.work.report"),
        ):
            action = rows[code].with_user(user).action_do()
            self.assertEqual(action["res_model"], model)
        for code, user in (
            ("mentor", self.user),
            ("agreement", self.supervisor),
            ("report", self.officer),
        ):
            self.assertFalse(rows[code].with_user(user).may_do)
            with self.refused(AccessError, "done by somebody else"):
                rows[code].with_user(user).action_do()
        with self.refused(AccessError):
            rows["mentor"].with_user(self.colleague).action_do()

    def test_readers(self):
        rows = self.env["nka.manager.start.item"]
        mine = self.starts._start_for(self.employee, "grown", self.today)
        domain = [("start_id", "=", mine.id)]
        for user in (
            self.manager,
            self.supervisor,
            self.officer,
            self.kam_admin,
            self.director,
        ):
            self.assertTrue(rows.with_user(user).search(domain))
        for user in (self.colleague, self.supervisor_2):
            self.assertFalse(rows.with_user(user).search(domain))
            self.assertFalse(
                rows.with_user(user).formatted_read_group(
                    domain, ["state"], ["__count"]
                )
            )
        with self.refused(AccessError):
            rows.with_user(self.employee_user).search([])
        with self.refused(AccessError):
            rows.with_user(self.supervisor).create({"start_id": mine.id})

    def test_my_turn(self):
        mine = self.starts.with_user(self.kam_admin)
        self.assertEqual(mine.search([("turn_id", "=", self.kam_admin.id)]), self.start)
        self.assertFalse(mine.search([("turn_id", "=", self.colleague.id)]))

    def test_worked_already(self):
        """Nobody is asked about managers who worked before; a mentor isn't needed."""
        start = self.starts._start_for(self.employee, "other", self.today)
        self.assertEqual(self._rows(start)["mentor"][0], "none")
        start._confirm()
        self.assertFalse(start.activity_ids)

    def test_queries(self):
        """As many queries for ten starts as for one."""
        people = self.env["hr.employee"].create([{"name": f"N{n}"} for n in range(10)])
        starts = self.start.browse()
        for person in people:
            starts |= self.starts._start_for(person, "hired", self.today)
        self._rows()
        self.start.mapped("missing")
        counts = []
        for some in (starts[:1], starts):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some.mapped("missing")
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_left(self):
        """A departure stops the start on the day access ends, not before: the person
        reads it.
        """
        start = self.starts._start_for(self.employee, "hired", self.today)
        departure = (
            self.env["nka.departure"]
            .with_user(self.supervisor)
            .create({"employee_id": self.employee.id, "date": self.today})
        )
        self.assertEqual(start.state, "preparing")
        departure.sudo()._move_to("departed", left_on=self.today)
        self.assertEqual((start.state, start.stopped_on), ("stopped", self.today))
