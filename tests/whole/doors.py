"""Calls of public methods as each role, in Python and through the network protocols."""

import json
import re
from datetime import timedelta
from typing import NamedTuple
from xmlrpc.client import Fault

from odoo import fields, http
from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.tests import HttpCase, get_db_name, tagged

from ..documents.common import DocumentCase

#: Part of the names of records that only some users can read.
SECRET = "Quagga-7c1"


class Call(NamedTuple):
    """One call of a public method, as a client sends it."""

    model: str
    method: str
    ids: list
    kwargs: dict
    context: dict = {}

    @property
    def all_kwargs(self):
        return {**self.kwargs, **({"context": self.context} if self.context else {})}


class Answer(NamedTuple):
    """The result of a call: a value, or the message of an error."""

    value: object
    refusal: str

    def text(self):
        return json.dumps(self.value, default=str)


def call(model, method, ids=None, context=None, **kwargs):
    """Return a call; ``ids`` is None for methods that aren't called on records."""
    return Call(model, method, ids, kwargs, context or {})


@tagged("nka_control")
class DoorsCase(DocumentCase, HttpCase):
    """Users of every role with password and API key, and a submitted document."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.system = cls._new_user("nka_system", "group_key_account_admin")
        cls.system.group_ids += cls.env.ref("base.group_system")
        cls.lead.name = f"Deal {SECRET}"
        cls.document = cls._submitted(title=f"Contract {SECRET}")
        cls.file = cls.document._files()
        cls.draft = cls._draft(title=f"Draft {SECRET}")
        cls.outsiders = (
            cls.colleague,
            cls.officer,
            cls.kam_admin,
            cls.salesman,
            cls.employee_user,
        )
        cls.everybody = (cls.manager, cls.supervisor, cls.system, *cls.outsiders)
        cls.keys = {user: cls._new_key(user) for user in cls.everybody}

    @classmethod
    def _file_name(cls, number, title="", **vals):
        """Return the title as file name, so that the tests notice a leaked name."""
        return f"{title}.pdf"

    @classmethod
    def _new_key(cls, user):
        expiration = fields.Datetime.now() + timedelta(days=1)
        keys = cls.env["res.users.apikeys"].with_user(user)
        return keys._generate("rpc", "test", expiration)

    @staticmethod
    def _password(user):
        return user.login + "x" * (8 - len(user.login))

    def _token(self):
        """Return a CSRF token of the logged-in session."""
        return http.Request.csrf_token(self)

    # ------------------------------------------------------------ protocols
    def _service(self, user, asked):
        env = self.env(user=user.id, su=False, context={})
        args = [] if asked.ids is None else [asked.ids]
        try:
            with self.cr.savepoint():
                value = call_kw(env[asked.model], asked.method, args, asked.all_kwargs)
                env.flush_all()
        except UserError as refused:
            env.invalidate_all()
            return Answer(None, str(refused))
        return Answer(value, self._import_message(value))

    def _web(self, user, asked):
        route = f"/web/dataset/call_kw/{asked.model}/{asked.method}"
        params = {
            "model": asked.model,
            "method": asked.method,
            "args": [] if asked.ids is None else [asked.ids],
            "kwargs": asked.all_kwargs,
        }
        body = {"jsonrpc": "2.0", "method": "call", "params": params}
        return self._answer(self.url_open(route, json=body).json())

    @classmethod
    def _answer(cls, body):
        if "error" in body:
            return Answer(None, body["error"]["data"]["message"] or "refused")
        value = body.get("result")
        return Answer(value, cls._import_message(value))

    def _json2(self, user, asked):
        response = self.url_open(
            f"/json/2/{asked.model}/{asked.method}",
            json={**asked.all_kwargs, **({"ids": asked.ids} if asked.ids else {})},
            headers={"Authorization": f"Bearer {self.keys[user]}"},
        )
        value = response.json()
        if response.ok:
            return Answer(value, self._import_message(value))
        return Answer(None, value["message"])

    def _xmlrpc(self, user, asked):
        args = [] if asked.ids is None else [asked.ids]
        try:
            value = self.xmlrpc_object.execute_kw(
                get_db_name(),
                user.id,
                self._password(user),
                asked.model,
                asked.method,
                args,
                asked.all_kwargs,
            )
        except Fault as fault:
            return Answer(None, fault.faultString)
        return Answer(value, self._import_message(value))

    @staticmethod
    def _import_message(value):
        """Return the first error of an import, or "": imports don't raise errors."""
        if isinstance(value, dict) and value.get("messages") and not value.get("ids"):
            return value["messages"][0]["message"]
        return ""

    @property
    def _network(self):
        return (self._web, self._json2, self._xmlrpc)

    # ------------------------------------------------------------ assertions
    def _knock(self, users, calls):
        """Make each call as each user, in Python and through one network protocol.

        Yields a description and the answer. The network protocols rotate, so that each
        call is made through all of them, each time as another user.
        """
        for number, user in enumerate(users):
            self.authenticate(user.login, self._password(user))
            for turn, asked in enumerate(calls, number):
                for door in (self._service, self._network[turn % 3]):
                    where = f"{user.login} {door.__name__} {asked!r}"
                    yield where, door(user, asked)
            self._flush_standing(user)

    def _flush_standing(self, user):
        self._seen[user] = self._standing()

    def _assert_refused(self, users, *calls, words=r"\w"):
        """Assert that every call is refused with a message and changes nothing.

        :param str words: regular expression that the message has to match
        """
        before, self._seen = self._standing(), {}
        passed = [
            f"{where}: {answer}"
            for where, answer in self._knock(users, calls)
            if not re.search(words, answer.refusal) or "Traceback" in answer.refusal
        ]
        self.assertFalse(passed, "\n".join(passed))
        for user, standing in self._seen.items():
            self.assertEqual(standing, before, user.login)
        self._assert_chain()

    def _assert_blind(self, users, *calls, secret=SECRET):
        """Assert that no answer and no error message contains the secret."""
        self._seen = {}
        told = [
            f"{where}: {answer}"
            for where, answer in self._knock(users, calls)
            if secret in answer.text() or secret in answer.refusal
        ]
        self.assertFalse(told, "\n".join(told))

    def _assert_chain(self):
        self.env.invalidate_all()
        found = self.env["nka.audit.verification"]._verify(self.env.company)
        self.assertTrue(found.is_whole, found.message)

    def _standing(self):
        """Return the data that an attacker would try to change."""
        self.env.invalidate_all()
        document, lead = self.document, self.lead
        return {
            "documents": self.env["nka.document"].search([]).mapped("state"),
            "approved": document.approved_by_id,
            "author": document.author_id,
            "digest": document.digest,
            "revision": document.revision,
            "files": [(file.id, file.name, file.raw) for file in document._files()],
            "public": (self.file.public, self.file.access_token, self.file.res_id),
            "account": (self.account.state, self.account.manager_id),
            "assignments": len(self.account.assignment_ids),
            "lead": (lead.active, lead.user_id, lead.stage_id, lead.partner_id),
            "leads": self.env["crm.lead"].with_context(active_test=False).search([]),
            "client": (self.client.exists(), self.client.active),
            "authors": document.message_ids.author_id | lead.message_ids.author_id,
            "roles": {user: user.all_group_ids for user in self.everybody},
            "defaults": self.env["ir.default"].search_count([]),
        }
