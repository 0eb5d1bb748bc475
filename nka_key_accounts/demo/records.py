"""Functions for all demo steps: tables, days, records by name."""

import csv
from datetime import timedelta
from pathlib import Path

from odoo import Command, fields
from odoo.tools import SQL, file_open
from odoo.tools.date_utils import parse_date

from . import language

MODULE = "nka_key_accounts"
#: Amounts of pay; all others are sales.
PAY = {("nka.pay.agreement", "target_earnings"), ("nka.pay.agreement", "draw")}


# ---------------------------------------------------------------- tables
def table(env, path):
    """Return the rows of a demo CSV file as dictionaries, in the demo's language.

    :param str path: below the addon's folder ``demo``, such as ``leads/leads.csv``
    """
    with file_open(f"{MODULE}/demo/{path}") as source:
        return [language.say_row(env, row) for row in csv.DictReader(source)]


def load(env, path, then=None):
    """Create the records of an import table that don't exist yet, row by row.

    :param str path: as in :func:`table`; the file is named after its model, and what
        the rows are about if there are several
    :param then: function called with each new record and its row
    """
    for row in table(env, path):
        model = env[Path(path).stem.partition("-")[0]]
        if row.get("_user"):
            model = model.with_user(login(env, row["_user"]))
        name = row["id"].removeprefix("demo_")
        record = create_missing(model, {name: prepare_row(model, row)})
        if record and then:
            then(record, row)


def prepare_row(model, row):
    """Return the values of the record's own columns; empty cells have no value.

    An empty list of records is a value, because it can differ from the field's default.
    """
    return dict(
        prepare_cell(model, column, cell)
        for column, cell in row.items()
        if column != "id" and column[0] != "_" and (cell or column.endswith("_ids/id"))
    )


def prepare_cell(model, column, cell):
    """Return a field and its value as Odoo's import reads it; dates are relative.

    Numbers with a dollar sign are amounts, like those of monetary fields.
    """
    fname, _, is_reference = column.partition("/")
    field = model._fields[fname]
    if is_reference:
        names = filter(None, cell.split(","))
        targets = [name if "." in name else f"{MODULE}.{name}" for name in names]
        ids = [model.env.ref(target).id for target in targets]
        return fname, ids[0] if field.type == "many2one" else [Command.set(ids)]
    if field.type == "date":
        return fname, parse_date(cell, model.env)
    if (model._name, fname) in PAY:
        return fname, language.wage(model.env, cell)
    if field.type == "monetary" or cell.startswith("$"):
        return fname, language.price(model.env, cell.removeprefix("$"))
    return fname, field.convert_to_cache(cell, model)


# ---------------------------------------------------------------- records by name
def named(env, name):
    """Return the demo record with that name, or None if the name is empty."""
    return env.ref(xml_id(name)) if name else None


def login(env, name):
    """Return the demo user with that name, or None if the name is empty."""
    return named(env, name and f"user_{name}")


def missing(env, names):
    """Return those of ``names`` that have no record yet."""
    known = env["ir.model.data"].search(
        [("module", "=", MODULE), ("name", "in", [f"demo_{name}" for name in names])]
    )
    taken = set(known.mapped("name"))
    return [name for name in names if f"demo_{name}" not in taken]


def create_missing(model, vals_by_name):
    """Create the records whose names are new, with external ids.

    :param model: the empty recordset to create with, as the user who creates
    :param dict vals_by_name: values by the name after ``demo_``
    :return: the new records
    """
    return model._load_records(
        [
            {"xml_id": xml_id(name), "values": vals_by_name[name], "noupdate": True}
            for name in missing(model.sudo().env, list(vals_by_name))
        ]
    )


def give_name(record, name):
    """Give a record that was created by an action this name."""
    data = {"xml_id": xml_id(name), "record": record, "noupdate": True}
    record.env["ir.model.data"].sudo()._update_xmlids([data])


def xml_id(name):
    return f"{MODULE}.demo_{name}"


# ---------------------------------------------------------------- days
def ago(env, days):
    """Return the day ``days`` before today; negative for the future."""
    return fields.Date.context_today(env["res.users"]) - timedelta(days=days)


def workday(day):
    """Return the day itself, or the Friday before a weekend."""
    return day - timedelta(days=max(day.weekday() - 4, 0))


def next_workday(day):
    """Return the day itself, or the Monday after a weekend."""
    return day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)


# ---------------------------------------------------------------- speed
def tell_planner(env, *models):
    """Update the statistics of PostgreSQL on the tables of these models.

    Automatic statistics don't include rows of the running transaction, so PostgreSQL
    would join the invoices of two years as if there were a few: that takes seconds per
    payment, and minutes for all invoices at once.
    """
    env.flush_all()
    for model in models:
        env.cr.execute(SQL("ANALYZE %s", SQL.identifier(env[model]._table)))
