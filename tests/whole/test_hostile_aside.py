"""Leaks beside the records: archives of files, meetings, notifications and errors."""

from odoo.tests import tagged

from .doors import SECRET, DoorsCase, call


@tagged("nka_control")
class TestSideLeaks(DoorsCase):
    def test_archive_route(self):
        """Odoo checks no access here; users without access must get no file."""
        ids = f"{self.file.id},{self.draft._files().id}"
        for user in (self.manager, *self.outsiders):
            self.authenticate(user.login, self._password(user))
            self.env.invalidate_all()
            form = {"csrf_token": self._token(), "file_ids": ids, "zip_name": "x.zip"}
            answer = self.url_open("/mail/attachment/zip", data=form)
            self.assertEqual(answer.ok, user == self.manager, user.login)
            self.assertEqual(SECRET.encode() in answer.content, answer.ok, user.login)

    def test_downloads_are_counted(self):
        """Each file counts, also in an archive; beyond the limit none is sent."""
        self.authenticate(self.manager.login, self._password(self.manager))
        self.env.company.nka_read_limit = 3
        ids = f"{self.file.id},{self.draft._files().id}"

        def archive():
            form = {"csrf_token": self._token(), "file_ids": ids, "zip_name": "x.zip"}
            return self.url_open("/mail/attachment/zip", data=form)

        self.assertTrue(self.url_open(f"/web/content/{self.file.id}").ok)
        self.assertEqual(archive().headers["Content-Type"], "zip")
        counted = self.env["nka.reading"].search([("user_id", "=", self.manager.id)])
        self.assertEqual(sum(counted.mapped("count")), 3)
        for answer in (self.url_open(f"/web/content/{self.file.id}"), archive()):
            self.assertFalse(answer.ok)
            self.assertNotIn(self.file.raw, answer.content)

    def test_meetings_notifications_and_errors(self):
        """Meetings, notifications and errors reveal nothing about their records."""
        blind = [user for user in self.outsiders if user != self.kam_admin]
        meeting = self.env["calendar.event"].with_user(self.manager)
        meeting = meeting.create(
            {
                "name": f"Prices {SECRET}",
                "description": SECRET,
                "location": SECRET,
                "opportunity_id": self.lead.id,
            }
        )
        self.lead.activity_schedule(summary=SECRET, user_id=self.manager.id)
        self.lead.message_post(
            body="x", subject=SECRET, partner_ids=self.manager.partner_id.ids
        )
        self.assertTrue(
            self.env["mail.notification"].search(
                [("mail_message_id.subject", "=", SECRET)]
            )
        )
        names = ["display_name", "name", "description", "location", "opportunity_id"]
        domain = [["opportunity_id", "=", self.lead.id]]
        event = "calendar.event"
        self._assert_blind(
            blind,
            call(event, "read", meeting.ids, fields=names),
            call(event, "search_read", domain=domain, fields=names),
            call(
                event,
                "formatted_read_group",
                domain=domain,
                groupby=["name", "opportunity_id"],
                aggregates=["__count"],
            ),
            call(
                "calendar.attendee",
                "search_read",
                domain=[["event_id", "=", meeting.id]],
                fields=["event_id"],
            ),
            call(
                "mail.notification",
                "search_read",
                domain=[],
                fields=["mail_message_id"],
            ),
            call("crm.lead", "merge_opportunity", self.lead.ids),
            call("ir.attachment", "write", self.file.ids, vals={"name": "x"}),
            call("ir.attachment", "write", self.file.ids, vals={"public": True}),
            call("ir.attachment", "unlink", self.file.ids),
            call("ir.attachment", "generate_access_token", self.file.ids),
            call(
                "ir.attachment",
                "create",
                vals_list=[
                    {
                        "name": "x",
                        "res_model": "nka.document",
                        "res_id": self.document.id,
                    }
                ],
            ),
        )
        self._assert_refused(
            blind,
            call(event, "write", meeting.ids, vals={"name": "x"}),
            call(event, "unlink", meeting.ids),
            call(event, "action_set_outcome", meeting.ids, outcome="agreed"),
            call(
                "mail.compose.message",
                "create",
                vals_list=[{"model": "crm.lead", "res_ids": str(self.lead.ids)}],
            ),
        )
        for user in (self.manager, self.supervisor, self.kam_admin):
            self.assertEqual(meeting.with_user(user).name, f"Prices {SECRET}")
        meeting.invalidate_recordset()
        self.assertEqual(meeting.with_user(self.colleague).name, "Busy")
        meeting.partner_ids += self.colleague.partner_id
        meeting.invalidate_recordset()
        self.assertEqual(meeting.with_user(self.colleague).name, f"Prices {SECRET}")
