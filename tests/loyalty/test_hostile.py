"""A supervisor who wants a promise for themselves or out of sight."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import LoyaltyCase


@tagged("nka_loyalty")
class TestHostile(LoyaltyCase):
    def test_person_is_not_exchanged(self):
        """The person promised to keeps seeing it, whatever a supervisor writes."""
        promise = self._promise()
        self._supervise(self._new_client("Third"), self.colleague, self.supervisor)
        for user in (self.colleague, self.hr):
            with self.refused((AccessError, UserError)):
                promise.with_user(self.supervisor).write({"user_id": user.id})
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(promise.user_id, self.manager)

    def test_nothing_for_oneself(self):
        own = self.env["hr.employee"].create(
            {"name": "Supervisor", "user_id": self.supervisor.id}
        )
        for vals in ({}, {"user_id": self.manager.id}):
            with self.refused((AccessError, UserError)):
                self._promise(employee_id=own.id, **vals)
        with self.refused((AccessError, UserError)):
            self.env["nka.promise"].with_user(self.supervisor).with_context(
                default_user_id=self.manager.id
            ).create(
                {
                    "employee_id": own.id,
                    "owner_id": self.hr.id,
                    "date_due": self.today,
                }
            )

    def test_owner_who_becomes_the_person(self):
        """The user of the employee is changed to that of the owner."""
        promise = self._promise()
        self.employee.user_id = self.hr
        self.assertEqual(promise.user_id, self.hr)
        for step in ("action_keep", "action_break", "action_withdraw"):
            with self.refused(AccessError):
                getattr(promise.with_user(self.hr), step)("Done")

    def test_page_by_order_and_group(self):
        self._accepted()
        self._inform()
        pages = self.env["nka.manager.page"].with_user(self.manager)
        for name in ("team_median", "market_amount", "dependency_revenue"):
            with self.refused(Exception):
                pages.search([], order=name)
            with self.refused(Exception):
                pages.formatted_read_group([], [name], ["__count"])
            with self.refused(Exception):
                pages.export_data([name])

    def test_files_stay(self):
        """What the manager attached as proof isn't the supervisor's to delete."""
        promise = self._promise()
        promise.with_user(self.hr).action_keep("Done")
        message = promise.with_user(self.manager).message_post(
            body="See the bill", attachments=[("bill.txt", b"I paid it myself")]
        )
        files = message.attachment_ids
        self.assertEqual(files.res_model, "nka.promise")
        with self.refused((AccessError, UserError)):
            files.with_user(self.supervisor).unlink()
        with self.refused((AccessError, UserError)):
            files.with_user(self.supervisor).write({"res_id": 0})
        with self.refused((AccessError, UserError)):
            files.with_user(self.supervisor).raw = b"Nothing"
        with self.refused(UserError, "stay on record"):
            files.with_user(self.manager).unlink()
        with self.refused(UserError, "stay on record"):
            files.with_user(self.supervisor).sudo()._delete_and_notify(message)
        mistaken = self._promise().with_user(self.manager)
        mistaken = mistaken.message_post(body="", attachments=[("x.txt", b"x")])
        mistaken.attachment_ids.with_user(self.manager).sudo().unlink()

    def test_messages_stay(self):
        """What the manager wrote isn't the supervisor's to delete or to rewrite."""
        promise = self._promise()
        message = promise.with_user(self.manager).message_post(body="I paid myself")
        for user in (self.supervisor, self.hr, self.director):
            with self.refused((AccessError, UserError)):
                message.with_user(user).unlink()
            with self.refused((AccessError, UserError)):
                message.with_user(user).body = "All fine"
