"""A database in which a month is locked and an email waits, opened by a server."""

import re
from contextlib import contextmanager
from unittest.mock import patch


class Opened:
    """A database in separate transactions, and what wasn't as expected in it."""

    def __init__(self, registry):
        self.registry, self.problems = registry, []

    @contextmanager
    def as_user(self, login="__system__", is_kept=True):
        """Yield an environment of a transaction."""
        from odoo import SUPERUSER_ID, api

        with self.registry.cursor() as cursor:
            env = api.Environment(cursor, SUPERUSER_ID, {})
            if login != "__system__":
                user = env["res.users"].search([("login", "=", login)])
                env = env(user=user.id, su=False)
            yield env
            if not is_kept:
                cursor.rollback()

    def expect(self, what, found, expected):
        """Note a problem unless both are equal."""
        if found != expected:
            self.problems.append(f"{what}: {found!r} instead of {expected!r}")

    def state(self):
        """Return what the database takes itself for."""
        with self.as_user() as env:
            return env["nka.database"]._look()

    def events(self):
        """Return kind and new value of the events about the database."""
        with self.as_user() as env:
            found = env["nka.audit.event"].search(
                [("res_model", "=", "nka.database")], order="id"
            )
            return [(event.kind, event.new) for event in found]

    def send(self):
        """Run the mail queue without keeping the result; return whether it connects."""
        from odoo.addons.mail.models.mail_mail import MailMail

        servers = self.registry["ir.mail_server"]
        with (
            self.as_user(is_kept=False) as env,
            patch.object(servers, "_connect__", return_value=None) as connect,
            patch.object(MailMail, "_send", return_value=True),
        ):
            mails = env["mail.mail"].search([("subject", "=", "Waiting")])
            self.expect("waiting emails", mails.mapped("state"), ["outgoing"])
            mails.send()
            return connect.called

    def step(self, login, model, name, *args):
        """Run an action; return the error for the user, or an empty text."""
        from odoo.exceptions import AccessError, UserError

        try:
            with self.as_user(login) as env:
                records = env[model].sudo().search([]).sudo(False)
                getattr(records, name)(*args)
                env.flush_all()
        except (AccessError, UserError) as error:
            return str(error)
        return ""

    def refuse(self, sentence, *step):
        """Expect that an action is refused with a sentence."""
        told = self.step(*step)
        if not told or not re.search(sentence, told):
            self.problems.append(f"{step}: {told!r} instead of {sentence!r}")

    def verify(self):
        """Return whether a verification finds no contradiction, and its warnings."""
        with self.as_user() as env:
            found = env["nka.audit.verification"]._verify(env.company)
            warned = found.line_ids.filtered("warned").mapped("message")
            if not found.is_whole:
                self.problems.append(found.message)
            return "\n".join(warned)

    def verdict(self):
        """Print the problems; return 1 if there are any."""
        print("\n".join(self.problems))
        return int(bool(self.problems))
