"""Messages on a document can't be changed or deleted once it is submitted, whoever the
author.
"""

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .common import DocumentCase


@tagged("nka_documents")
class TestSaid(DocumentCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deputy = cls._new_user("nka_deputy", "group_key_account_manager")
        cls.account.with_user(cls.supervisor).deputy_id = cls.deputy
        cls.document = cls._draft()
        cls.said = cls._say(cls.document, cls.manager)
        cls.env.flush_all()

    @classmethod
    def _say(cls, document, user):
        return document.with_user(user).message_post(
            body="Agreed with the client", message_type="comment"
        )

    def _attempts(self, message):
        return (
            lambda: message.write({"body": "Nothing was agreed"}),
            lambda: message.write({"attachment_ids": [(5,)]}),
            lambda: message.unlink(),
            lambda: message.sudo().unlink(),
            lambda: message.sudo().write({"body": "Nothing was agreed"}),
            lambda: message.with_context(_force_unlink=True).unlink(),
        )

    def test_messages_of_deputies_and_others(self):
        for user in (self.deputy, self.supervisor, self.supervisor_2):
            for attempt in self._attempts(self.said.with_user(user)):
                with self.refused(UserError):
                    attempt()
        self.assertIn("Agreed", self.said.body)
        self.said.with_user(self.manager).body = "Agreed in writing"

    def test_under_review(self):
        self.document.with_user(self.manager).action_submit()
        later = self._say(self.document, self.deputy)
        for user, message in (
            (self.manager, self.said),
            (self.deputy, later),
            (self.deputy, self.said),
        ):
            for attempt in self._attempts(message.with_user(user)):
                with self.refused(AccessError, "can't be changed"):
                    attempt()
        self.document.with_user(self.supervisor).action_approve()
        with self.refused(AccessError, "can't be changed"):
            self.said.with_user(self.manager).unlink()

    def test_messages_on_other_records_under_review(self):
        """The rule applies to every reviewed model, for example qualifications."""
        rating = self.env["nka.qualification"].search(
            [("key_account_id", "=", self.account.id), ("state", "=", "approved")]
        )
        said = rating.with_user(self.manager).message_post(
            body="Rated by me", message_type="comment"
        )
        for attempt in self._attempts(said.with_user(self.manager)):
            with self.refused(AccessError, "can't be changed"):
                attempt()

    def test_drafts_are_deleted_with_their_messages(self):
        draft = self._draft()
        self._say(draft, self.supervisor)
        draft.with_user(self.manager).unlink()
        self.assertFalse(draft.exists())

    def test_controller_routes(self):
        message = self._say(self.document, self.supervisor)
        self.env.flush_all()
        self.authenticate(self.deputy.login, self._password(self.deputy))
        for route, params in (
            (
                "/mail/message/update_content",
                {"message_id": message.id, "update_data": {"body": "x"}},
            ),
            (
                "/mail/message/update_content",
                {
                    "message_id": message.id,
                    "update_data": {"body": "", "attachment_ids": []},
                },
            ),
            (
                "/web/dataset/call_kw/mail.message/unlink",
                {
                    "model": "mail.message",
                    "method": "unlink",
                    "args": [message.ids],
                    "kwargs": {},
                },
            ),
        ):
            body = {"jsonrpc": "2.0", "method": "call", "params": params}
            answer = self.url_open(route, json=body).json()
            self.assertIn("error", answer, route)
        self.env.invalidate_all()
        self.assertIn("Agreed", message.body)

    @staticmethod
    def _password(user):
        return user.login + "x" * (8 - len(user.login))
