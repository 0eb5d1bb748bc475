"""Every route is in the access map and reveals nothing to users without access.

Neither do the bus and the mail gateway.
"""

import json
import re
import threading
from fnmatch import fnmatchcase
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from .doors_map import ROUTES
from .marked import MarkedCase
from .planted import AMOUNT, MARK

HERE = "tests/whole/doors_map.py"
MUTED = ("odoo.http", "odoo.sql_db", "odoo.addons.web.controllers", "werkzeug")
#: Part of the mark, because routes may echo the search term in the answer.
ASKED = MARK[1:]


@tagged("nka_control")
class TestRoutes(MarkedCase):
    def _rules(self):
        with patch.object(
            threading.current_thread(), "dbname", self.env.cr.dbname, create=True
        ):
            rules = self.env["ir.http"].routing_map().iter_rules()
        return sorted({rule.rule: rule for rule in rules}.items())

    @staticmethod
    def _kind(path):
        for kind in ROUTES:
            if any(fnmatchcase(path, pattern) for pattern in kind.patterns.split()):
                return kind
        return None

    # ------------------------------------------------------------ completeness
    def test_every_route_is_listed(self):
        paths = [path for path, _rule in self._rules()]
        missing = [path for path in paths if not self._kind(path)]
        self.assertFalse(
            missing,
            f"Routes without a kind. Enter each in ROUTES of {HERE} under what it leads "
            f"to: {missing}",
        )
        idle = [
            pattern
            for kind in ROUTES
            for pattern in kind.patterns.split()
            if not any(fnmatchcase(path, pattern) for path in paths)
        ]
        self.assertFalse(idle, f"Patterns in ROUTES of {HERE} that fit no route")

    # ------------------------------------------------------------ without access
    def test_users_without_access_learn_and_change_nothing(self):
        """Call each route with hidden records, as colleague, client and visitor."""
        rules = [
            (path, rule.endpoint.routing)
            for path, rule in self._rules()
            if self._kind(path).tried
        ]
        document, lead, meeting = self.document, self.lead, self.meeting
        before = self._all_states()
        found = []
        for role, records in (
            ("colleague", (document, meeting)),
            ("portal", (lead,)),
            (None, (meeting,)),
        ):
            login = role and self.roles[role].login
            self.authenticate(login, login and self._password(self.roles[role]))
            for path, routing in rules:
                if not role and routing["auth"] in ("user", "bearer"):
                    continue
                for record in records:
                    text = self._visit(path, routing, record, before, found)
                    if MARK in text or str(AMOUNT) in text:
                        place = re.search(f".{{0,60}}({MARK}|{AMOUNT}).{{0,40}}", text)
                        found.append(f"{role} is told by {path}: {place[0]}")
        self.assertFalse(found, "\n".join(found))

    def _visit(self, path, routing, record, before, found):
        """Return headers and text of the answer; roll back and report any change."""
        with mute_logger(*MUTED), self.cr.savepoint() as save:
            try:
                answer = self._open(path, routing, record)
                if self._all_states() != before:
                    found.append(f"{path} changes something about {record}")
            finally:
                save.rollback()
                self.env.transaction.clear()
        # The submitted document has a longer mark.
        return f"{answer.headers} {answer.text}".replace("Quagga-7c1", MARK)

    def _open(self, path, routing, record):
        params = self._params(record)
        url = self._fill(path, record)
        if routing["type"] == "jsonrpc":
            return self.url_open(url, json={"params": params})
        flat = {
            name: value if isinstance(value, str | int) else json.dumps(value)
            for name, value in params.items()
        }
        if set(routing.get("methods") or ()) == {"POST"}:
            data = {**flat, "csrf_token": self._token()}
            return self.url_open(url, data=data, allow_redirects=False)
        return self.url_open(url, params=flat, allow_redirects=False)

    def _all_states(self):
        return [
            self._state(record) for record in (self.document, self.lead, self.meeting)
        ]

    def _params(self, record):
        """Return the parameters of all routes; each route uses those it knows."""
        model, number = record._name, record.id
        thread = {
            "thread_model": model,
            "thread_id": number,
            "request_list": ["followers", "attachments", "activities", "messages"],
        }
        exported = {
            "model": model,
            "ids": [number],
            "domain": [],
            "groupby": [],
            "fields": [{"name": "display_name", "label": "Name"}],
            "import_compat": False,
        }
        return {
            **dict.fromkeys(("model", "res_model", "thread_model"), model),
            **dict.fromkeys(("id", "res_id", "thread_id"), number),
            "ids": [number],
            "res_ids": [number],
            **dict.fromkeys(("token", "access_token"), "x"),
            **dict.fromkeys(("search_term", "term"), ASKED),
            "docids": str(number),
            "attachment_id": self.upload.id,
            "file_ids": str(self.upload.id),
            "message_id": self.message.id,
            "lead_id": self.lead.id,
            "order_id": self.order.id,
            "invoice_id": self.invoice.id,
            "employee_id": self.employee.id,
            "event_id": self.meeting.id,
            "partner_ids": str(self.contact.id),
            "domain": [["id", "=", number]],
            "fields": ["display_name"],
            "field": "name",
            "request_list": ["display_name"],
            "fetch_params": [["mail.thread", thread], "systray_get_activities"],
            "channels": [f"{model}_{number}"],
            "last": 0,
            "is_first_poll": True,
            "data": json.dumps(exported),
            "post_data": {"body": "x"},
            "actions": [{"model": model, "resId": number}],
            "url": f"/mail/view?model={model}&res_id={number}",
        }

    def _fill(self, path, record):
        """Return the URL of a route, with values of the record for its variables."""
        of_record = "<string:model>" in path or "<docids>" in path
        number = record.id if of_record else self.upload.id
        parts = {
            "attachment_id": self.upload.id,
            "attachment": self.upload.id,
            "attachments": self.upload.id,
            "message_id": self.message.id,
            "res_id": self.message.id,
            "order_id": self.order.id,
            "invoice_id": self.invoice.id,
            "invoices": self.invoice.id,
            "moves": self.invoice.id,
            "partner": self.contact.id,
            "model": record._name,
            "model_name": record._name,
            "field": "name",
            "docids": number,
            "id": number,
            "reportname": self._report(record),
            "converter": "html",
            "subpath": f"{record._name}/{record.id}",
            "filetype": "pdf",
        }
        part = r"<(?:[^<>:]*(?:\([^)]*\))?:)?(\w+)>"
        return re.sub(part, lambda found: str(parts.get(found[1], 1)), path)

    def _report(self, record):
        reports = self.env["ir.actions.report"].sudo()
        report = reports.search([("model", "=", record._name)], limit=1)
        return report.report_name or "sale.report_saleorder"

    # ------------------------------------------------------------ the bus
    def test_bus_channels_without_access(self):
        """Users can't subscribe to a record, only to themselves and their groups."""
        asked = [
            f"{record._name}_{record.id}"
            for record in (self.document, self.lead, self.meeting, self.message)
        ]
        document = f"{self.document._name}:title:{self.document.id}"
        asked.append(f"editor_collaboration:{document}")
        self.authenticate(self.colleague.login, self._password(self.colleague))
        params = {"channels": asked, "last": 0, "is_first_poll": True}
        answer = self.url_open("/websocket/peek_notifications", json={"params": params})
        channels = answer.json()["result"]["channels"]
        heard = {
            tuple(channel[1:])
            for channel in channels
            if not isinstance(channel[1], str)
        }
        heard |= {(channel[1], channel[2]) for channel in channels if len(channel) > 2}
        models = {place[0] for place in heard}
        self.assertLessEqual(models, {"res.partner", "res.groups", "discuss.channel"})
        self.assertIn(("res.partner", self.colleague.partner_id.id), heard)
        self.assertNotIn(MARK, answer.text)

    def test_bus_notifies_only_the_users_concerned(self):
        """Messages and activities are sent only to channels of the users concerned."""
        self.supervisor.notification_type = "inbox"
        self.env["bus.bus"].search([]).unlink()
        lead = self.lead.with_user(self.manager)
        lead.message_post(
            body=f"{MARK} now", partner_ids=self.supervisor.partner_id.ids
        )
        lead.activity_schedule(summary=f"{MARK} then", user_id=self.manager.id)
        self.env.flush_all()
        self.cr.precommit.run()
        sent = self.env["bus.bus"].search([]).filtered(lambda row: MARK in row.message)
        channels = {tuple(json.loads(row.channel)[1:]) for row in sent}
        concerned = self.manager.partner_id | self.supervisor.partner_id
        self.assertTrue(channels)
        self.assertLessEqual(
            channels, {("res.partner", number) for number in concerned.ids}
        )

    # ------------------------------------------------------------ incoming mail
    def test_mail_to_an_alias_of_documents(self):
        """An administrator can give any model an alias.

        A mail to the alias creates at most a draft that no one has approved. It changes
        no document under review.
        """
        before = self._state_of_review()
        documents = self.env["nka.document"].search([])
        self._receive("nka.document", f"<{self.document.id}@b.example>")
        made = self.env["nka.document"].search([]) - documents
        self.assertLessEqual(set(made.mapped("state")), {"draft"})
        self.assertFalse(made.approved_by_id)
        self.assertEqual(self._state_of_review(), before)

    def test_mail_reply_to_a_document_under_review(self):
        """Anyone who knows the message id can reply as themselves; no file changes."""
        before = self._state_of_review()
        message = self.document.sudo().message_post(body="Please look")
        self._receive("nka.document", message.message_id)
        self.assertEqual(self._state_of_review(), before)
        authors = self.document.sudo().message_ids.author_id
        self.assertNotIn(self.supervisor_2.partner_id, authors)

    def _receive(self, model, answered):
        mail = "\n".join(
            (
                "From: stranger@b.example",
                "To: documents@d.example",
                "Message-Id: <one@b.example>",
                f"In-Reply-To: {answered}",
                f"References: {answered}",
                "Subject: Approved",
                "MIME-Version: 1.0",
                'Content-Type: multipart/mixed; boundary="x"',
                "",
                "--x",
                "Content-Type: text/plain",
                "",
                "Approved.",
                "--x",
                'Content-Type: application/pdf; name="evil.pdf"',
                'Content-Disposition: attachment; filename="evil.pdf"',
                "",
                "evil",
                "--x--",
            )
        )
        try:
            with mute_logger("odoo.addons.mail.models.mail_thread", "odoo.sql_db"):
                with self.cr.savepoint():
                    self.env["mail.thread"].message_process(model, mail)
        except Exception as refused:
            self.assertNotIn(MARK, str(refused))

    def _state_of_review(self):
        self.env.invalidate_all()
        document = self.document.sudo()
        files = [(file.name, file.raw) for file in document._files()]
        return document.state, document.digest, files, document.author_id
