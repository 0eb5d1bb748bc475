"""A foreign id in a value, a default or a command reveals nothing about its record.

Neither the answer nor the error names the record. The cases come from the registry:
each model of the addon that the user can create, each field that references a record of
the addon or a deal.
"""

import json

from psycopg2 import Error as DatabaseError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..documents.common import DocumentCase
from ..pay.common import PayCase

SECRET = "Quagga"
#: Figures that occur only in records of the manager.
FIGURES = ("7654321", "6543217")


@tagged("nka_control")
class TestForeignIds(DocumentCase, PayCase):
    """The manager's records are marked; the colleague tries all of their ids."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own_account = cls._key_account(cls.other_client, cls.colleague)
        cls.own_lead = cls._new_deal(cls.other_client, cls.colleague)
        cls.client.name = f"{SECRET} Steel"
        cls.lead.write({"name": f"{SECRET} deal", "expected_revenue": 7654321})
        cls.document = cls._submitted(title=f"{SECRET} contract")
        cls.agreement = cls._accepted(target_earnings=7654321)
        cls.plan = (
            cls.env["nka.account.plan"]
            .with_user(cls.manager)
            .create(
                {
                    "key_account_id": cls.account.id,
                    "year": cls.today.year,
                    "vision": SECRET,
                    "objective_ids": [
                        Command.create(
                            {"name": SECRET, "measure": "revenue", "target": 6543217}
                        )
                    ],
                }
            )
        )
        cls.contact = cls.env["res.partner"].create(
            {"name": f"{SECRET} Anna", "parent_id": cls.client.id}
        )
        cls.env["nka.stakeholder"].with_user(cls.manager).create(
            {"key_account_id": cls.account.id, "partner_id": cls.contact.id}
        )
        cls.group = (
            cls.env["nka.account.group"]
            .with_user(cls.supervisor)
            .create(
                {
                    "name": f"{SECRET} holding",
                    "note": SECRET,
                    "key_account_ids": [Command.set(cls.account.ids)],
                }
            )
        )
        cls._new_invoice(cls.client, 7654321)
        cls.env.flush_all()
        cls.theirs = cls._theirs()

    @classmethod
    def _theirs(cls):
        """Return the id of a record that the colleague can't read, by model."""
        found = {}
        for name in sorted(cls.env.registry):
            if not name.startswith(("nka.", "crm.lead")) or cls.env[name]._abstract:
                continue
            every = cls.env[name].sudo().with_context(active_test=False).search([])
            mine = cls.env[name].with_user(cls.colleague)
            if not mine.has_access("read"):
                hidden = every
            else:
                shown = mine.with_context(active_test=False).search([])
                hidden = every.browse(set(every.ids) - set(shown.ids))
            if hidden and name in ("nka.key.account", "crm.lead", "nka.document"):
                hidden = {
                    "nka.key.account": cls.account,
                    "crm.lead": cls.lead,
                    "nka.document": cls.document,
                }[name]
            if hidden:
                found[name] = hidden[0].id
        return found

    def _fields_to_try(self):
        for name in sorted(self.env.registry):
            model = self.env[name].with_user(self.colleague)
            if not name.startswith("nka.") or model._abstract:
                continue
            if not model.has_access("create"):
                continue
            for fname, field in model._fields.items():
                if field.comodel_name in self.theirs and field.type in (
                    "many2one",
                    "many2many",
                    "one2many",
                ):
                    yield name, fname, field

    def _answer(self, model, method, *args, **kwargs):
        records = self.env(user=self.colleague.id, su=False, context={})[model]
        self.env.invalidate_all()
        with self.cr.savepoint() as save, mute_logger("odoo.sql_db"):
            try:
                value = call_kw(records, method, list(args), kwargs)
                self.env.flush_all()
                told = json.dumps(value, default=str)
            except (UserError, ValueError, TypeError, DatabaseError) as refusal:
                told = str(refusal)
            save.rollback()
        return told

    def _spec(self, model):
        spec = {}
        for fname, field in self.env[model]._fields.items():
            if field.type == "many2one" or field.type in ("one2many", "many2many"):
                spec[fname] = {"fields": {"display_name": {}}}
            elif field.type != "binary":
                spec[fname] = {}
        return spec

    def _value(self, field, number):
        if field.type == "many2one":
            return number
        return [Command.link(number)]

    def test_references_reveal_nothing(self):
        told = []
        tried = 0
        for model, fname, field in self._fields_to_try():
            number = self.theirs[field.comodel_name]
            value = self._value(field, number)
            spec = self._spec(model)
            defaults = {"context": {f"default_{fname}": value}}
            known = {"name": "x"} if "name" in self.env[model]._fields else {}
            if "key_account_id" in self.env[model]._fields:
                known["key_account_id"] = self.own_account.id
            calls = [
                ("create", ([{**known, fname: value}],), {}),
                ("create", ([known],), defaults),
                ("onchange", ([], {fname: value}, [fname], spec), {}),
                ("onchange", ([], {}, [], spec), defaults),
                ("default_get", ([fname],), defaults),
                ("web_save", ([], {**known, fname: value}, spec), {}),
            ]
            if self.env[model]._rec_name in ("name", "title"):
                calls.append(("name_create", ("x",), defaults))
            for method, args, kwargs in calls:
                tried += 1
                answer = self._answer(model, method, *args, **kwargs)
                marks = (SECRET, *FIGURES, self.manager.name)
                if any(mark in answer for mark in marks):
                    told.append(f"{model}.{fname} {method}: {answer[:400]}")
        self.assertGreater(tried, 100)
        self.assertFalse(told, "\n".join(told))

    def test_foreign_group_of_an_own_account(self):
        """Neither the group nor the table of its figures is computed for them."""
        model, value = "nka.key.account", {"account_group_id": self.group.id}
        spec = self._spec(model)
        spec["account_group_id"] = {"fields": self._spec("nka.account.group")}
        ids, asked = self.own_account.ids, ["account_group_id"]
        for method, *args in (
            ("onchange", ids, value, asked, spec),
            ("web_save", ids, value, spec),
            ("write", ids, value),
        ):
            answer = self._answer(model, method, *args)
            for mark in (SECRET, *FIGURES):
                self.assertNotIn(mark, answer, method)
        self.assertFalse(self.own_account.account_group_id)

    def test_unsaved_copies_of_foreign_records_reveal_nothing(self):
        """Opening the form of a record by its id computes nothing of it."""
        told = []
        for model, number in self.theirs.items():
            if not model.startswith("nka."):
                continue
            spec = self._spec(model)
            for method, *args in (
                ("onchange", [number], {}, [], spec),
                ("onchange", [number], {}, [*spec][:3], spec),
                ("onchange", [], {"id": number}, [], spec),
                ("web_read", [number], spec),
                ("web_save", [number], {}, spec),
                ("web_search_read", [("id", "=", number)], spec),
                ("formatted_read_group", [("id", "=", number)], ["id"], ["__count"]),
            ):
                answer = self._answer(model, method, *args)
                if any(mark in answer for mark in (SECRET, *FIGURES)):
                    told.append(f"{model} {method}: {answer[:400]}")
        self.assertFalse(told, "\n".join(told))

    def test_write_to_an_own_record(self):
        """Write a foreign id to a record of the user."""
        note = (
            self.env["nka.account.note"]
            .with_user(self.colleague)
            .create({"key_account_id": self.own_account.id, "name": "x", "body": "x"})
        )
        for values in ({"key_account_id": self.account.id},):
            answer = self._answer("nka.account.note", "write", note.ids, values)
            self.assertIn("don't have access to one of the records", answer)
        with self.refused(AccessError, "don't have access to one of the records"):
            note.write({"key_account_id": 999999})
