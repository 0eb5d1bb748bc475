"""Reads of documents and their files are counted; only supervisors can export them."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..control.common import ExportMixin, ReadingMixin
from .common import DocumentCase


@tagged("nka_control")
class TestReading(ReadingMixin, DocumentCase):
    def test_reading_files_is_counted(self):
        draft = self._draft()
        files = [draft._files().id]
        before = self._read_by(self.manager)
        self._call(self.manager, "ir.attachment", "read", files, ["raw"])
        self.assertEqual(self._read_by(self.manager), before + 1)
        loose = self.env["ir.attachment"].with_user(self.manager)
        loose = loose.create({"name": "x", "raw": b"x"})
        self._call(self.manager, "ir.attachment", "read", loose.ids, ["name"])
        self.assertEqual(self._read_by(self.manager), before + 1)


@tagged("nka_control")
class TestExport(ExportMixin, DocumentCase):
    def test_manager_cannot_export_key_account_records(self):
        for records in (self.account, self.lead, self.client, self._draft()):
            with (
                self.subTest(records._name),
                self.assertRaisesRegex(UserError, "Only a supervisor can export"),
            ):
                self._call(
                    self.manager, records._name, "export_data", records.ids, ["id"]
                )
        other = self.other_client
        self._call(self.manager, "res.partner", "export_data", other.ids, ["name"])

    def test_related_models_cannot_be_exported(self):
        """Files, notes, stakeholders and terms, and other models through a column that
        leads there.
        """
        self._draft()
        contact = self.env["res.partner"].create(
            {"name": "Anna", "parent_id": self.client.id}
        )
        account = {"key_account_id": self.account.id}
        made = self.env["nka.stakeholder"].create({**account, "partner_id": contact.id})
        event = self.env["calendar.event"].with_user(self.manager)
        event = event.create({"name": "Talk", "partner_ids": [(4, contact.id)]})
        category = self.env["res.partner.category"].create({"name": "Steel"})
        self.client.category_id = category
        for records, column in (
            (self._draft()._files(), "datas"),
            (made, "partner_id/name"),
            (self.account.assignment_ids, "id"),
            (event, "partner_ids/name"),
            (event, "partner_ids"),
            (category, "partner_ids/email"),
        ):
            with (
                self.subTest(records._name, column=column),
                self.assertRaisesRegex(UserError, "Only a supervisor can export"),
            ):
                self._call(
                    self.manager, records._name, "export_data", records.ids, [column]
                )
        self._call(self.manager, category._name, "export_data", category.ids, ["name"])
        self._call(
            self.supervisor, event._name, "export_data", event.ids, ["partner_ids/name"]
        )
        self.assertIn("Contact", self._events(self.supervisor, "export").new)
