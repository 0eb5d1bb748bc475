"""Class attributes by which a model of any room declares its audit trail."""

from unittest.mock import patch

from odoo.addons.nka_key_accounts.models.trail.base import declared
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import LazyTranslate

from ..common import NkaCase

_lt = LazyTranslate("nka_key_accounts")
READERS = "record", "role"


@tagged("nka_trail")
class TestDeclared(NkaCase):
    def setUp(self):
        super().setUp()
        self.events = self.env["nka.audit.event"]

    def _declare(self, name, value, model="nka.tier"):
        """Set a class attribute, as the class of another addon would."""
        extended = self.env.registry[model]
        patcher = patch.object(extended, name, value, create=True)
        self.startPatcher(patcher)

    def _record(self, record, kind="probe", **values):
        self.events._append([self.events._prepare_entry(record, kind, **values)])
        return self._events(record, kind)

    # ------------------------------------------------------------ kinds
    def test_kinds_of_another_addon_are_readable(self):
        self._declare("_audit_kinds", {"probe": _lt("Status")})
        self.assertEqual(self.events._kind_labels()["probe"], "Status")
        russian = self.events.with_context(lang="ru_RU")
        self.env["res.lang"]._activate_lang("ru_RU")
        self.assertEqual(
            russian._kind_labels()["probe"], russian._kind_labels()["state"]
        )
        self.assertIn(("probe", "Status"), self.events._selection_kind())

    def test_an_extension_keeps_the_kinds_of_the_model(self):
        lead = self.env.registry["crm.lead"]
        self.assertGreater(len(declared(lead, "_audit_kinds")), 2)
        self.assertLessEqual(
            {"state", "lead_owner", "gate"}, self.events._kind_labels().keys()
        )

    def test_a_model_without_kinds_is_recorded_as_well(self):
        self.assertEqual(self.env["res.country"]._audit_kinds, {})
        event = self._record(self.env.ref("base.be"), "state", old="a", new="b")
        self.assertEqual((event.old_text, event.key_account_ref), ("a", 0))

    def test_labels_of_values(self):
        self._declare("_audit_words", {"probe": "state"}, "nka.key.account")
        account = self._nominate(self.client)
        event = self._record(account, old="candidate", new="key")
        self.assertEqual((event.old_text, event.new_text), ("Candidate", "Key account"))

    def test_events_of_an_uninstalled_addon_stay(self):
        entry = self.events._prepare_entry(self.tier, "state", old="a", new="b")
        self.events._append([{**entry, "res_model": "nka.visit"}])
        event = self.events.search([("res_model", "=", "nka.visit")])
        self.assertEqual((event.old_text, event.new_text), ("a", "b"))
        with self.refused(UserError, "deleted when an app was uninstalled"):
            event.action_open_record()

    # ------------------------------------------------------------ account and lead
    def test_account_and_lead_at_the_end_of_a_path(self):
        account = self._nominate(self.client)
        note = self.env["nka.account.note"].create(
            {"name": "Terms", "body": "<p>Net.</p>", "key_account_id": account.id}
        )
        self.assertEqual(self._record(note).key_account_ref, account.id)
        self._declare("_audit_account_field", "key_account_ids", "res.partner")
        self.assertEqual(self._record(self.client).key_account_ref, account.id)
        self._declare(
            "_audit_account_field", "parent_id.key_account_ids", "res.partner"
        )
        person = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.client.id}
        )
        self.assertEqual(self._record(person).key_account_ref, account.id)

    # ------------------------------------------------------------ readers
    def test_events_of_a_record_are_readable_with_the_record(self):
        tier, other = self.env["nka.tier"].create([{"name": "Own"}, {"name": "Other"}])
        self._declare("_audit_readers", "record")
        self.env["ir.rule"].create(
            {
                "name": "One tier",
                "model_id": self.env["ir.model"]._get_id("nka.tier"),
                "domain_force": [("id", "=", tier.id)],
            }
        )
        seen, hidden = self._record(tier), self._record(other)
        found = self.events.with_user(self.supervisor).search([("kind", "=", "probe")])
        self.assertEqual(found, seen)
        with self.assertRaises(AccessError):
            hidden.with_user(self.supervisor).read(["new"])
        self.assertTrue(seen.with_user(self.supervisor).read(["new"]))

    def test_events_of_a_model_are_readable_with_access_to_the_model(self):
        tier = self.env["nka.tier"].create({"name": "Own"})
        event = self._record(tier)
        self.env["ir.model.access"].search(
            [("model_id.model", "=", "nka.tier")]
        ).perm_read = False
        self.env.registry.clear_cache()
        self.assertTrue(event.with_user(self.supervisor).read(["new"]))
        self._declare("_audit_readers", "role")
        with self.assertRaises(AccessError):
            event.with_user(self.supervisor).read(["new"])

    # ------------------------------------------------------------ companies
    def test_every_class_adds_its_company_fields(self):
        statement = self.env.registry["nka.pay.statement"]
        self.assertEqual(
            {
                name
                for names in declared(statement, "_company_fields")
                for name in names
            },
            {"company_id", "close_id", "payslip_id"},
        )
