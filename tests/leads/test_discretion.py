"""Details of a negotiation are visible only to its readers, through every model."""

import base64

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..people.common import PeopleCase

SECRET = "Their budget ends in June"


@tagged("nka_leads")
class TestDiscretion(PeopleCase):
    """Colleagues see only that the attendees are busy, even through related records."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.meeting = cls._new_meeting(
            cls.director,
            -2,
            name="Talk about June",
            is_negotiation=True,
            opportunity_id=cls.lead.id,
            description=f"<p>{SECRET}</p>",
        )
        held = cls.meeting.with_user(cls.manager)
        cls.file = cls.env["ir.attachment"].create(
            {
                "name": "Budget.txt",
                "raw": SECRET.encode(),
                "res_model": "calendar.event",
                "res_id": cls.meeting.id,
            }
        )
        cls.message = held.message_post(body=SECRET, attachment_ids=cls.file.ids)
        cls.env.cr.flush()
        held.negotiation_outcome = "progress"
        cls.env.cr.flush()
        cls.tracked = cls.meeting.message_ids.filtered("tracking_value_ids")
        cls.activity = (
            cls.env["mail.activity"]
            .with_user(cls.manager)
            .create(
                {
                    "activity_type_id": cls.env.ref("mail.mail_activity_data_todo").id,
                    "summary": SECRET,
                    "user_id": cls.manager.id,
                    "res_model_id": cls.env["ir.model"]._get_id("calendar.event"),
                    "res_id": cls.meeting.id,
                }
            )
        )
        cls.outsiders = cls.colleague | cls.salesman | cls.employee_user

    def _found(self, user, model, domain):
        self.env.invalidate_all()
        return self.env[model].with_user(user).search(domain)

    def test_messages(self):
        about = [("model", "=", "calendar.event"), ("res_id", "=", self.meeting.id)]
        said = self.message | self.tracked
        self.assertGreater(len(said), 1)
        for user in (self.manager, self.deputy, self.supervisor):
            self.assertLessEqual(said, self._found(user, "mail.message", about))
        for user in self.outsiders:
            self.env.invalidate_all()
            messages = self.env["mail.message"].with_user(user)
            self.assertFalse(messages.search_read(about, ["body"]))
            self.assertFalse(messages.search([("body", "ilike", SECRET)]))
            groups = messages._read_group(about, ["subject"], ["__count"])
            self.assertFalse([row for row in groups if row[1]])
            with self.assertRaises(AccessError):
                self.message.with_user(user).read(["body"])
            with self.assertRaises(AccessError):
                self.meeting.with_user(user).message_post(body="Hello")

    def test_notifications_and_tracking(self):
        for user in self.outsiders:
            self.env.invalidate_all()
            with self.assertRaises(AccessError):
                self.env["mail.notification"].with_user(user).create(
                    {
                        "mail_message_id": self.message.id,
                        "res_partner_id": user.partner_id.id,
                    }
                )
            found = self._found(
                user,
                "mail.notification",
                [("mail_message_id.body", "ilike", SECRET)],
            )
            self.assertFalse(found)
            with self.assertRaises(AccessError):
                self._found(user, "mail.tracking.value", [])
            with self.assertRaises(AccessError):
                self.meeting.with_user(user).message_subscribe(user.partner_id.ids)

    def test_files(self):
        about = ("res_model", "=", "calendar.event")
        for user in (self.manager, self.deputy, self.supervisor):
            self.assertIn(self.file, self._found(user, "ir.attachment", [about]))
        for user in self.outsiders:
            self.env.invalidate_all()
            for domain in (
                [about],
                [about, ("res_id", "=", self.meeting.id)],
                [("id", "=", self.file.id)],
                ["|", about, ("id", "=", self.file.id)],
                [("name", "=", "Budget.txt")],
            ):
                self.assertFalse(self._found(user, "ir.attachment", domain), domain)
            files = self.env["ir.attachment"].with_user(user)
            self.assertFalse(files.search_read([about], ["index_content"]))
            groups = files._read_group([about], ["name"], ["__count"])
            self.assertNotIn("Budget.txt", dict(groups))
            with self.assertRaises(AccessError):
                self.file.with_user(user).read(["datas"])
            with self.assertRaises(AccessError):
                files.create(
                    {
                        "name": "Mine.txt",
                        "datas": base64.b64encode(b"x"),
                        "res_model": "calendar.event",
                        "res_id": self.meeting.id,
                    }
                )

    def test_activities(self):
        for user in self.outsiders:
            self.env.invalidate_all()
            found = self._found(user, "mail.activity", [("summary", "=", SECRET)])
            self.assertFalse(found)
            with self.assertRaises(AccessError):
                self.activity.with_user(user).read(["summary"])

    def test_unreadable_fields_cant_be_searched(self):
        own = ("id", "=", self.meeting.id)
        for user in self.outsiders:
            for domain in (
                [own, ("description", "ilike", "budget")],
                [own, ("name", "ilike", "June")],
                [own, ("negotiation_outcome", "=", "progress")],
                [own, ("opportunity_id", "=", self.lead.id)],
                [own, "!", ("location", "=", "Nowhere")],
                [own, ("partner_ids", "in", self.director.ids)],
            ):
                self.assertFalse(self._found(user, "calendar.event", domain), domain)
            busy = [own, ("partner_ids", "in", self.manager.partner_id.ids)]
            self.assertTrue(self._found(user, "calendar.event", busy))

    def test_other_meetings_are_unaffected(self):
        lunch = self._new_meeting(self.director, -2, name="Lunch", description="Soup")
        message = lunch.with_user(self.manager).message_post(body="Noodles")
        for user in self.outsiders:
            self.env.invalidate_all()
            self.assertIn("Noodles", message.with_user(user).body)
            found = self._found(
                user, "calendar.event", [("description", "ilike", "Soup")]
            )
            self.assertEqual(found, lunch)
