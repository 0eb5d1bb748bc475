"""Base class of all tests: one tag, one small company, one user per role."""

import json
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from passlib.context import CryptContext
from psycopg2.errors import RestrictViolation

from odoo import SUPERUSER_ID, Command, api, fields
from odoo.addons.base.models.res_users import ResUsersPatchedInTest
from odoo.modules.registry import Registry
from odoo.tests import TransactionCase, get_db_name, new_test_user, tagged
from odoo.tools import mute_logger

from .caches import KeptCaches

#: Attribute of the test class: login and group of the user.
PEOPLE = {
    "manager": ("nka_manager", "nka_key_accounts.group_key_account_manager"),
    "colleague": ("nka_colleague", "nka_key_accounts.group_key_account_manager"),
    "supervisor": ("nka_super", "nka_key_accounts.group_key_account_supervisor"),
    "supervisor_2": ("nka_super2", "nka_key_accounts.group_key_account_supervisor"),
    "officer": ("nka_payroll", "nka_key_accounts.group_key_account_payroll_officer"),
    "kam_admin": ("nka_admin", "nka_key_accounts.group_key_account_admin"),
    "salesman": ("nka_sales", "sales_team.group_sale_salesman_all_leads"),
    "employee_user": ("nka_employee", "base.group_user"),
}

#: Context of steps on the way to what is tested: their activities send no email.
QUIETLY = {"mail_activity_quick_update": True}
LOGINS = [login for login, group in PEOPLE.values()]


def people(env):
    """Return the users of :data:`PEOPLE`.

    Nearly every test class needs them, so each worker's database gets them once. A
    database without them, such as a copy for a race, gets them here.
    """
    users = env["res.users"].search([("login", "in", LOGINS)])
    by_login = {user.login: user for user in users}
    if len(by_login) < len(LOGINS):
        return new_people(env)
    return env["res.users"].union(*(by_login[login] for login in LOGINS))


def without_people(env):
    """Leave a company in which nobody has a role of the addon, until the rollback.

    The users of :data:`PEOPLE` are archived past the code that checks and logs it.
    """
    users = env["res.users"].search([("login", "in", LOGINS)])
    if users:
        for query in (
            "DELETE FROM res_groups_users_rel WHERE uid IN %s",
            "UPDATE res_users SET active = false WHERE id IN %s",
            "UPDATE res_partner SET active = false WHERE id IN"
            " (SELECT partner_id FROM res_users WHERE id IN %s)",
        ):
            env.cr.execute(query, [users._ids])
        env.invalidate_all()
        env.registry.clear_cache("default", "groups")


def new_user(env, login, groups, **vals):
    """Return a user like `new_test_user`, without writing them an invitation."""
    context = {**vals.pop("context", {}), "no_reset_password": True}
    return new_test_user(env, login, groups, context=context, **vals).with_env(env)


def commit_people():
    """Create the users of :data:`PEOPLE` in the database of this process."""
    quick = CryptContext(["pbkdf2_sha512"], pbkdf2_sha512__rounds=1)
    hashing = patch.object(ResUsersPatchedInTest, "_crypt_context", lambda self: quick)
    with hashing, Registry(get_db_name()).cursor() as cr:
        people(api.Environment(cr, SUPERUSER_ID, {}))


def new_people(env):
    """Return the users of :data:`PEOPLE`, created in one call."""
    users = env["res.users"].with_context(no_reset_password=True)
    people = users.create(
        [
            {
                "login": login,
                "password": login.ljust(8, "x"),
                "name": f"{login} ({group})",
                "email": f"{login[0]}.{login[0]}@example.com",
                "group_ids": [Command.set(env.ref(group).ids)],
            }
            for login, group in PEOPLE.values()
        ]
    )
    return people.with_env(env)


@tagged("post_install", "-at_install", "nka")
class NkaCase(TransactionCase):
    """A company with two managers, two supervisors, an officer and an admin.

    Users and clients are created as superuser. What a test checks is done by the user
    of the role in question, using ``with_user``.
    """

    #: Whether stages require documents, as they do after an installation.
    gates_closed = False
    #: Whether a part of the documents is selected for sampling, as after an installation.
    samples_drawn = False

    @classmethod
    def setUpClass(cls):
        kept = KeptCaches(Registry(get_db_name()))
        # Odoo empties the caches in a cleanup between these two.
        cls.addClassCleanup(kept.put_back)
        super().setUpClass()
        cls.addClassCleanup(kept.gather)
        if not cls.gates_closed:
            # Deals move freely in tests that aren't about approval gates.
            cls.env["nka.document.type"].search([]).stage_ids = False
        if not cls.samples_drawn:
            # Chance depends on the secret of the database: it differs on each machine.
            by_chance = [("sampling_percent", "<", 100)]
            cls.env["nka.document.type"].search(by_chance).sampling_percent = 0
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": False})
        cls.today = fields.Date.context_today(cls.env["res.users"])
        for name, user in zip(PEOPLE, people(cls.env), strict=True):
            setattr(cls, name, user)
        cls.tier = cls.env.ref("nka_key_accounts.nka_tier_major")
        cls.client = cls._new_client("Northwind Steel")
        cls.other_client = cls._new_client("Baltic Paper")

    def setUp(self):
        kept = KeptCaches(self.registry)
        self.addCleanup(kept.put_back)
        super().setUp()
        self.addCleanup(kept.gather)

    @classmethod
    def _new_user(cls, login, group, **kwargs):
        return new_user(cls.env, login, f"nka_key_accounts.{group}", **kwargs)

    @classmethod
    def _new_client(cls, name, **vals):
        return cls.env["res.partner"].create({"name": name, "is_company": True, **vals})

    @classmethod
    def _nominate(cls, client, manager=None, **vals):
        """Return a candidate nominated by its manager."""
        manager = manager or cls.manager
        accounts = cls.env["nka.key.account"].with_user(manager)
        account = accounts.create(
            {"partner_id": client.id, "tier_id": cls.tier.id, **vals}
        )
        return account.with_user(cls.env.user)

    @classmethod
    def _key_account(cls, client, manager=None, **vals):
        """Return a confirmed key account of ``manager``."""
        account = cls._nominate(client, manager, **vals)
        cls._qualify(account)
        account.with_user(cls.supervisor).with_context(**QUIETLY).action_confirm()
        return account

    @classmethod
    def _qualify(cls, account):
        """Create the approved qualification that the confirmation requires."""
        qualify(account, cls.supervisor_2)

    @classmethod
    def _events(cls, record, kind=None):
        domain = [("res_model", "=", record._name), ("res_id", "=", record.id)]
        if kind:
            domain.append(("kind", "=", kind))
        return cls.env["nka.audit.event"].search(domain, order="id")

    @classmethod
    def _days(cls, count):
        return timedelta(days=count)

    @classmethod
    def _new_invoice(cls, client, amount, date=None, move_type="out_invoice", **vals):
        """Return a posted invoice with one line and no tax."""
        move = cls.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": client.id,
                "invoice_date": date or cls.today,
                "invoice_date_due": date or cls.today,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Service", "price_unit": amount, "tax_ids": []}
                    )
                ],
                **vals,
            }
        )
        move.action_post()
        return move

    @contextmanager
    def refused(self, error, pattern=""):
        """Assert that the block raises ``error`` with a matching message."""
        with self.assertRaisesRegex(error, pattern), self.cr.savepoint():
            yield

    def _told(self):
        """Return the notifications shown to the acting user, joined by spaces."""
        self.env.cr.precommit.run()
        rows = self.env["bus.bus"].sudo().search([]).mapped("message")
        notices = [json.loads(row) for row in rows]
        return " ".join(
            notice["payload"]["message"]
            for notice in notices
            if notice["type"] == "simple_notification"
        )

    def refused_by_database(self, query, *params):
        """Assert that a trigger of the database refuses ``query``."""
        self.env.flush_all()
        with self.assertRaises(RestrictViolation), mute_logger("odoo.sql_db"):
            with self.cr.savepoint():
                self.cr.execute(query, params)


def proven_talk(env, user, start, stop=None, **vals):
    """Return a negotiation that counts: a VIP lead's client mailed on that day."""
    client = env["res.partner"].create({"name": "Talked to", "is_company": True})
    env["crm.lead"].create(
        {
            "name": "Talked about",
            "partner_id": client.id,
            "user_id": user.id,
            "is_vip": True,
            "type": "opportunity",
        }
    )
    mail_from(client, start)
    return env["calendar.event"].create(
        {
            "name": "Talk",
            "user_id": user.id,
            "partner_ids": [Command.set([user.partner_id.id, client.id])],
            "start": start,
            "stop": stop or start + timedelta(hours=1),
            "is_negotiation": True,
            "negotiation_outcome": "progress",
            **vals,
        }
    )


def mail_from(contact, moment, **vals):
    """Return an email of a contact, as the mail server creates it."""
    return contact.env["mail.message"].create(
        {
            "message_type": "email",
            "model": "res.partner",
            "res_id": contact.id,
            "author_id": contact.id,
            "date": moment,
            **vals,
        }
    )


def qualify(account, supervisor, **vals):
    """Give an account a qualification approved by ``supervisor`` and return it.

    It is written by the account's manager and approved by another user.
    """
    model = account.env["nka.qualification"].with_user(account.manager_id)
    model = model.with_context(**QUIETLY)
    qualification = model.create(
        {
            "key_account_id": account.id,
            "credit_rating": "b",
            "verdict": "qualified",
            "verdict_reason": "Pays in time and grows with us",
            **vals,
        }
    )
    qualification.score_ids.score = "4"
    qualification.action_submit()
    qualification.with_user(supervisor).action_approve()
    return qualification.with_env(account.env)
