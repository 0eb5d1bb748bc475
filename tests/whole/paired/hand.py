"""Actions of colleagues in plain Odoo, called as the web client calls them.

An action is a function with a :class:`Hand` as argument; ``@action`` adds the app, a
description and the roles that try it. ``outcomes.csv`` lists for which of them plain
Odoo allows it.
"""

import base64
from typing import NamedTuple

from lxml import etree

from odoo.exceptions import UserError
from odoo.service.model import call_kw

from .world import OUTSIDE, ROLES, SELLERS

STAFF = tuple(role for role in ROLES if role not in OUTSIDE)
OFFICE = (
    "salesperson",
    "all documents",
    "sales admin",
    "accountant",
    "hr",
    "odoo admin",
)
PEOPLE = (*SELLERS, "internal", "odoo admin")
BOOKS = ("sales admin", "accountant", "invoicing")
PAYERS = ("hr", "payroll", "payroll manager", "internal")
#: Roles whose lists contain protected and other records.
BATCH = (*SELLERS, "odoo admin")


class Action(NamedTuple):
    """One action of a colleague."""

    app: str
    words: str
    roles: tuple
    do: object


ACTIONS = []


def action(app, words, roles):
    """Register a function as an action that these roles try."""

    def register(function):
        ACTIONS.append(Action(app, words, roles, function))
        return function

    return register


class Hand:
    """A role that acts on the records of one side."""

    def __init__(self, env, world, side, role, open_url):
        self.env, self.world, self.side, self.role = env, world, side, role
        self.user = world.users[role]
        self.open_url = open_url

    # ------------------------------------------------------------ calls
    def call(self, records, method, *args, **kwargs):
        """Call a public method of records as a browser does."""
        model = self.env[records._name]
        return call_kw(model, method, [records.ids, *args], kwargs)

    def ask(self, model, method, *args, **kwargs):
        """Call a public method of a model."""
        return call_kw(self.env[model], method, list(args), kwargs)

    def make(self, model, **vals):
        """Create a record and return it in the role's environment."""
        return self.env[model].browse(self.ask(model, "create", vals))

    def save(self, records, **vals):
        """Save values as a form or a selection in a list does."""
        return self.call(records, "web_save", vals, {"display_name": {}})

    def open(self, records):
        """Open the form: read every field of its view."""
        model = records._name
        view = self.ask(
            model, "get_views", [(False, "form")], options={"toolbar": True}
        )
        arch = etree.fromstring(view["views"]["form"]["arch"])
        asked = specification(arch, view["models"], model)
        return self.call(records, "web_read", asked)

    def find(self, records, **domain):
        """Open the list: it has to load, even if it is empty."""
        names = {"display_name": {}, "create_uid": {"fields": {}}}
        query = [("id", "in", records.ids)]
        return self.ask(records._name, "web_search_read", query, names)

    def wizard(self, model, records, method, context=None, **vals):
        """Fill in a wizard on records and press its button."""
        self.call(records, "web_read", {"display_name": {}})
        active = {
            "active_model": records._name,
            "active_ids": records.ids,
            "active_id": records.ids[:1] and records.ids[0],
            **(context or {}),
        }
        number = call_kw(self.env[model], "create", [vals], {"context": active})
        return call_kw(self.env[model], method, [[number]], {"context": active})

    def load(self, model, names, *rows):
        """Import rows; raise the messages of a failed import as a UserError."""
        answer = self.ask(model, "load", names, [list(map(str, row)) for row in rows])
        if not answer["ids"]:
            raise UserError(" / ".join(row["message"] for row in answer["messages"]))
        return answer

    # ------------------------------------------------------------ records
    @property
    def mine(self):
        return self.side.mine[self.role]

    @property
    def deal(self):
        """Return a colleague's deal."""
        return self.side.theirs


def specification(node, models, model):
    """Return the fields that a view reads, as the web client derives them."""
    asked = {}
    for child in node:
        if not isinstance(child.tag, str):
            continue
        if child.tag != "field":
            asked.update(specification(child, models, model))
            continue
        name = child.get("name")
        field = models.get(model, {}).get("fields", {}).get(name)
        if not field:
            continue
        asked[name] = {}
        if field["type"] == "many2one":
            asked[name] = {"fields": {"display_name": {}}}
        elif field["type"] in ("one2many", "many2many"):
            below = [sub for sub in child if sub.tag in ("list", "kanban", "form")]
            if below:
                rows = specification(below[0], models, field["relation"])
                asked[name] = {"fields": rows}
    return asked


def mention(hand, record):
    words = {"body": "@mate please look", "partner_ids": hand.world.mate.partner_id.ids}
    hand.call(record, "message_post", message_type="comment", **words)


def schedule(hand, record, user):
    kind = hand.env.ref("mail.mail_activity_data_todo").id
    hand.make(
        "mail.activity",
        res_model_id=hand.env["ir.model"]._get_id(record._name),
        res_id=record.id,
        activity_type_id=kind,
        user_id=user.id,
        summary="Please",
    )


def attach(hand, record):
    hand.make(
        "ir.attachment",
        name="note.txt",
        datas=base64.b64encode(b"note").decode(),
        res_model=record._name,
        res_id=record.id,
    )


def follow(hand, record):
    hand.call(record, "message_subscribe", partner_ids=hand.user.partner_id.ids)


def read_files(hand, record):
    """List the files of a record and open them."""
    files = hand.world.env["ir.attachment"].search(
        [("res_model", "=", record._name), ("res_id", "=", record.id)]
    )
    hand.call(files, "read", ["name", "datas"])
