"""Setup for the access map: every secret is marked, and every role has a login."""

import json
from datetime import timedelta
from typing import NamedTuple

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.service.model import call_kw, get_public_method
from odoo.tools import SQL, mute_logger

from ..common import new_user
from .doors import DoorsCase
from .doors_map import ROLES, STANDARD
from .planted import AMOUNT, MARK, TEXTS, Planter

#: Odoo's models with records that not every employee can read.
HIDDEN = {
    "calendar.event",
    "crm.lead",
    "ir.attachment",
    "mail.activity",
    "mail.message",
}
#: Fields with which a row references a record by model name and id.
BY_NAME = {"res_id", "res_ids", "res_model"}
#: Tables that reference a record by model name and id, with the column of the model.
BESIDE = (
    ("mail_activity", "res_model"),
    ("mail_followers", "res_model"),
    ("mail_message", "model"),
)

#: Loggers to which Odoo reports calls with invalid arguments.
MUTED = ("odoo.sql_db", "odoo.models", "odoo.addons.base.models.ir_model")


def side_models(env):
    """Return Odoo's models that reference hidden records, by a relation or by name."""
    return {
        name
        for name in env.registry
        if not name.startswith("nka.")
        and not env[name]._abstract
        and env[name]._auto
        and any(map(_leads_to_hidden, env[name]._fields.values()))
    }


def _leads_to_hidden(field):
    if field.name in BY_NAME:
        return True
    if field.type not in ("many2one", "many2many") or not field.store:
        return False
    # The main attachment is a file of the record itself.
    if field.name == "message_main_attachment_id":
        return False
    return field.comodel_name in HIDDEN or field.comodel_name.startswith("nka.")


class Outcome(NamedTuple):
    """Result of a call: whether it succeeded, its whole text, whether a row changed."""

    done: bool
    text: str
    changed: bool = False

    @property
    def tells(self):
        return MARK in self.text or str(AMOUNT) in self.text


class MarkedCase(DoorsCase):
    """A planted row of every model, and a user for every role."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_people()
        cls._make_standard()
        cls.env.flush_all()
        planter = Planter(cls.env, cls._known(), cls.supervisor_2)
        cls.rows = {name: planter.plant(name) for name in cls._mapped()}

    @classmethod
    def _make_people(cls):
        cls.deputy = cls._new_user("nka_deputy", "group_key_account_manager")
        cls.portal = new_user(cls.env, "nka_portal", "base.group_portal")
        posts = {"deputy_id": cls.deputy.id, "supervisor_id": cls.supervisor.id}
        cls.account.sudo()._unlocked().write(posts)
        employees = cls.env["hr.employee"].create(
            [
                {"name": "M. Anager", "user_id": cls.manager.id},
                {"name": "S. Upervisor", "user_id": cls.supervisor.id},
            ]
        )
        cls.employee, boss = employees
        cls.employee.parent_id = boss
        people = (
            cls.manager,
            cls.deputy,
            cls.colleague,
            cls.supervisor,
            cls.officer,
            cls.kam_admin,
            cls.salesman,
            cls.employee_user,
            cls.portal,
            cls.env.ref("base.public_user"),
        )
        cls.roles = dict(zip(ROLES, people, strict=True))

    @classmethod
    def _mapped(cls):
        """Return the names of the models that ROWS has to list, from the registry."""
        ours = {
            name
            for name in cls.env.registry
            if name.startswith("nka.") and not cls.env[name]._abstract
        }
        return sorted(ours | set(STANDARD) | side_models(cls.env))

    # ------------------------------------------------------------ Odoo's records
    @classmethod
    def _make_standard(cls):
        """Create Odoo records about the account through Odoo's own methods."""
        cls.lead.write({"name": f"{MARK} deal", "description": f"{MARK} of it"})
        cls.contact = cls.env["res.partner"].create(
            {"name": "Anna Berg", "parent_id": cls.client.id, "email": "a@berg.example"}
        )
        cls.meeting = cls._make_meeting()
        cls.message = cls.lead.message_post(
            body=f"{MARK} said",
            subject=f"{MARK} subject",
            partner_ids=cls.manager.partner_id.ids,
        ).sudo()
        cls.activity = cls.lead.activity_schedule(
            summary=f"{MARK} to do", note=f"{MARK} note", user_id=cls.manager.id
        ).sudo()
        cls.order = cls._make_order()
        cls.invoice = cls._new_invoice(cls.client, 10)
        cls.invoice.invoice_line_ids.name = f"{MARK} beam"
        cls.invoice.narration = f"{MARK} terms"
        cls.rating = cls.env["rating.rating"].create(
            {
                "res_model_id": cls.env["ir.model"]._get_id(cls.account._name),
                "res_id": cls.account.id,
                "feedback": f"{MARK} opinion",
                "rating": 1,
            }
        )
        cls.upload = cls._upload(cls.draft, name=f"{MARK}.pdf").sudo()

    @classmethod
    def _make_meeting(cls):
        now = fields.Datetime.now()
        people = cls.contact | cls.manager.partner_id
        meetings = cls.env["calendar.event"].with_user(cls.manager)
        return meetings.create(
            {
                "name": f"{MARK} talk",
                "description": f"{MARK} agenda",
                "location": f"{MARK} place",
                "opportunity_id": cls.lead.id,
                "start": now,
                "stop": now + timedelta(hours=1),
                "partner_ids": [Command.set(people.ids)],
            }
        ).sudo()

    @classmethod
    def _make_order(cls):
        product = cls.env["product.product"].create({"name": "Beam", "list_price": 5})
        line = {"product_id": product.id, "name": f"{MARK} beam", "price_unit": 10}
        return cls.env["sale.order"].create(
            {
                "partner_id": cls.client.id,
                "opportunity_id": cls.lead.id,
                "user_id": cls.manager.id,
                "order_line": [Command.create(line)],
            }
        )

    @classmethod
    def _known(cls):
        return {
            "res.users": cls.manager,
            "res.partner": cls.client,
            "res.company": cls.env.company,
            "res.currency": cls.env.company.currency_id,
            "hr.employee": cls.employee,
            "hr.employee.public": cls.env["hr.employee.public"].browse(cls.employee.id),
            "hr.version": cls.employee.version_id,
            "crm.lead": cls.lead,
            "calendar.event": cls.meeting,
            # The client's contact: one's own attendance isn't counted.
            "calendar.attendee": cls.meeting.attendee_ids.filtered(
                lambda attendee: attendee.partner_id == cls.contact
            ),
            "mail.message": cls.message,
            "mail.notification": cls.message.notification_ids[:1],
            "mail.activity": cls.activity,
            "rating.rating": cls.rating,
            "ir.attachment": cls.upload,
            "sale.order": cls.order,
            "sale.order.line": cls.order.order_line,
            "account.move": cls.invoice,
            "account.move.line": cls.invoice.invoice_line_ids,
            "nka.key.account": cls.account,
            "nka.document": cls.document.sudo(),
        }

    # ------------------------------------------------------------ calls
    def _ask(self, role, name, verb, *args, watched=None, **kwargs):
        """Return the outcome of a client's call of a method and roll it back.

        :param watched: planted record; the outcome says whether the call changed it
        """
        user = self.roles[role]
        # A request of a client starts with an empty cache.
        self.env.invalidate_all()
        model = self.env(user=user.id, su=False, context={})[name]
        with mute_logger(*MUTED):
            with self.cr.savepoint(flush=False) as save:
                try:
                    value = call_kw(model, verb, list(args), kwargs)
                    model.env.flush_all()
                    changed = watched and self._state(watched) != self._states[watched]
                    return Outcome(True, json.dumps(value, default=str), bool(changed))
                except Exception as refused:
                    # Whatever the error is, the caller gets its message.
                    return Outcome(False, str(refused))
                finally:
                    save.rollback()
                    self.env.transaction.clear()

    def _watch(self, record):
        self._states = {record: self._state(record)}

    def _state(self, record):
        """Return a hash of the row, and the numbers of related rows and of mails."""
        if not record._auto:
            return None
        counts = [
            SQL(
                "(SELECT COUNT(*) FROM %s WHERE %s = %s AND res_id = %s)",
                SQL.identifier(table),
                SQL.identifier(column),
                record._name,
                record.id,
            )
            for table, column in BESIDE
        ]
        self.cr.execute(
            SQL(
                "SELECT (SELECT MD5(row::text) FROM %s row WHERE id = %s), %s, "
                "(SELECT COUNT(*) FROM mail_mail)",
                SQL.identifier(record._table),
                record.id or 0,
                SQL(", ").join(counts),
            )
        )
        return self.cr.fetchone()

    # ------------------------------------------------------------ models
    @staticmethod
    def _columns(record):
        """Return the stored fields without groups, and ``display_name``."""
        return [
            name
            for name, field in record._fields.items()
            if field.store and field.column_type and not field.groups
        ] + ["display_name"]

    @staticmethod
    def _text_field(record):
        """Return a text field to search, sort and group by; marked if possible."""
        names = [
            field.name
            for field in record._fields.values()
            if field.type in TEXTS and field.store and not field.groups
        ]
        marked = [name for name in names if MARK in str(record[name])]
        return next(iter((*marked, *names, "id")))

    @staticmethod
    def _verbs(model):
        for name in dir(type(model)):
            if name.startswith("_"):
                continue
            try:
                get_public_method(model, name)
            except (UserError, AttributeError):
                continue
            yield name
