"""What every step of the demo needs: its table, its days, records by name."""

import csv
from datetime import timedelta

from odoo import fields
from odoo.tools import SQL, file_open

MODULE = "nka_key_accounts"


def table(path):
    """Rows of a CSV of the demo as dictionaries.

    :param str path: below the addon's folder ``demo``, e.g. ``leads/leads.csv``
    """
    with file_open(f"{MODULE}/demo/{path}") as source:
        return list(csv.DictReader(source))


def named(env, name):
    """The demo record of that name, or nothing when the name is empty."""
    return env.ref(f"{MODULE}.demo_{name}") if name else None


def login(env, name):
    """The demo user of that name, or nothing when the name is empty."""
    return named(env, name and f"user_{name}")


def ago(env, days):
    """The day so many days before today; negative for the future."""
    return fields.Date.context_today(env["res.users"]) - timedelta(days=days)


def workday(day):
    """The day itself, or the Friday before it."""
    return day - timedelta(days=max(day.weekday() - 4, 0))


def next_workday(day):
    """The day itself, or the Monday after it."""
    return day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)


def missing(env, names):
    """Those of ``names`` that have no record yet."""
    known = env["ir.model.data"].search(
        [("module", "=", MODULE), ("name", "in", [f"demo_{name}" for name in names])]
    )
    taken = set(known.mapped("name"))
    return [name for name in names if f"demo_{name}" not in taken]


def create_missing(model, vals_by_name):
    """Create the records whose names are new and name them.

    :param model: the empty recordset to create with, as the user who creates
    :param dict vals_by_name: values by the name after ``demo_``
    :return: the new records
    """
    names = missing(model.sudo().env, list(vals_by_name))
    if not names:
        return model
    records = model.create([vals_by_name[name] for name in names])
    model.env["ir.model.data"].sudo()._update_xmlids(
        [
            {"xml_id": f"{MODULE}.demo_{name}", "record": record, "noupdate": True}
            for name, record in zip(names, records, strict=True)
        ]
    )
    return records


def tell_planner(env, *models):
    """Let PostgreSQL learn how many rows there are by now.

    It knows nothing of the rows of a running transaction and would join the invoices
    of two years as if there were a handful: seconds for every payment.
    """
    env.flush_all()
    for model in models:
        env.cr.execute(SQL("ANALYZE %s", SQL.identifier(env[model]._table)))
