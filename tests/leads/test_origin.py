from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import LeadCase


class OriginCase(LeadCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.claim = cls.free_lead
        cls.claim.with_user(cls.manager).write(
            {"origin": "self_sourced", "is_vip": True}
        )


@tagged("nka_leads")
class TestOrigin(OriginCase):
    """A self-sourced claim is decided by a supervisor not involved in the lead."""

    def test_self_sourced_is_claimed(self):
        self.assertEqual(self.claim.origin_state, "claimed")
        self.assertEqual(self.claim.origin_claimed_by_id, self.manager)
        [event] = self._events(self.claim, "origin")
        self.assertEqual((event.old, event.new), (False, "claimed"))
        self.assertEqual(event.user_id, self.manager)

    def test_claimed_at_creation(self):
        lead_id = self._rpc(
            self.manager,
            self.env["crm.lead"],
            "create",
            {"name": "Found at a fair", "origin": "self_sourced"},
        )
        lead = self.env["crm.lead"].browse(lead_id)
        self.assertEqual(lead.origin_state, "claimed")
        self.assertEqual(lead.origin_claimed_by_id, self.manager)

    def test_other_origins_need_no_decision(self):
        for origin in ("marketing", "inherited"):
            lead = self._new_lead(self.other_client, origin=origin)
            self.assertFalse(lead.origin_state)

    def test_confirm(self):
        self._rpc(self.supervisor, self.claim, "action_confirm_origin")
        self.assertEqual(self.claim.origin_state, "confirmed")
        self.assertEqual(self.claim.origin_decided_by_id, self.supervisor)
        self.assertTrue(self.claim.origin_decision_date)
        event = self._events(self.claim, "origin")[-1]
        self.assertEqual((event.old, event.new), ("claimed", "confirmed"))
        self.assertEqual(event.user_id, self.supervisor)

    def test_confirm_several(self):
        second = self._new_lead(self.client, self.colleague)
        second.with_user(self.colleague).origin = "self_sourced"
        self._rpc(self.supervisor, self.claim | second, "action_confirm_origin")
        self.assertEqual(
            (self.claim | second).mapped("origin_state"), ["confirmed"] * 2
        )

    def test_reject_needs_a_reason(self):
        question = self._rpc(self.supervisor, self.claim, "action_reject_origin")
        self.assertEqual(question["res_model"], "nka.reason.wizard")
        self.assertEqual(self.claim.origin_state, "claimed")
        wizard = (
            self.env["nka.reason.wizard"]
            .with_user(self.supervisor)
            .with_context(**question["context"])
            .create({"reason": "It came by the web form"})
        )
        wizard.action_apply()
        self.assertEqual(self.claim.origin_state, "rejected")
        self.assertEqual(self.claim.origin_note, "It came by the web form")
        event = self._events(self.claim, "origin")[-1]
        self.assertEqual(
            (event.new, event.note), ("rejected", "It came by the web form")
        )
        told = self.claim.message_ids.filtered(lambda m: "rejected" in (m.body or ""))
        self.assertIn(self.manager.partner_id, told.partner_ids)

    def test_only_a_supervisor_decides(self):
        for user in (self.manager, self.colleague, self.salesman, self.kam_admin):
            for step in ("action_confirm_origin", "action_reject_origin"):
                with self.assertRaisesRegex(AccessError, "supervisor"):
                    self._rpc(user, self.claim, step)
        with self.assertRaisesRegex(AccessError, "supervisor"):
            self.claim.sudo().action_confirm_origin()
        self.assertEqual(self.claim.origin_state, "claimed")

    def _assert_barred(self, lead):
        for step in ("action_confirm_origin", "action_reject_origin"):
            with self.assertRaisesRegex(AccessError, "another supervisor"):
                self._rpc(self.supervisor, lead, step)
        self._rpc(self.supervisor_2, lead, "action_confirm_origin")
        self.assertEqual(lead.origin_state, "confirmed")

    def test_owner_cannot_decide(self):
        self._assert_barred(
            self._new_lead(self.other_client, self.supervisor, origin="self_sourced")
        )

    def test_creator_cannot_decide(self):
        lead_id = self._rpc(
            self.supervisor,
            self.env["crm.lead"],
            "create",
            {
                "name": "Mine",
                "user_id": self.manager.id,
                "origin": "self_sourced",
            },
        )
        self._assert_barred(self.env["crm.lead"].browse(lead_id))

    def test_claimer_cannot_decide(self):
        lead = self._new_lead(self.other_client, self.manager)
        lead.with_user(self.supervisor).origin = "self_sourced"
        self._assert_barred(lead)

    def test_account_manager_cannot_decide(self):
        group = self.env.ref("nka_key_accounts.group_key_account_supervisor")
        self.manager.group_ids |= group
        lead = self._new_lead(self.client, self.colleague, origin="self_sourced")
        with self.assertRaisesRegex(AccessError, "another supervisor"):
            self._rpc(self.manager, lead, "action_confirm_origin")

    def test_decided_once(self):
        self.claim.with_user(self.supervisor).action_confirm_origin()
        with self.assertRaisesRegex(UserError, "is already"):
            self.claim.with_user(self.supervisor_2).action_confirm_origin()

    def test_nothing_to_decide(self):
        lead = self._new_lead(self.other_client, self.manager, origin="marketing")
        with self.assertRaisesRegex(UserError, "doesn't need confirmation"):
            lead.with_user(self.supervisor).action_confirm_origin()

    def test_confirmed_origin_is_locked(self):
        self.claim.with_user(self.supervisor).action_confirm_origin()
        for user in (self.manager, self.supervisor):
            for vals in (
                {"origin": "marketing"},
                {"origin": "referral", "referrer_id": self.account.id},
                {"is_vip": False},
            ):
                with self.assertRaisesRegex(UserError, "reject the origin first"):
                    self._rpc(user, self.claim, "write", vals)
        self._rpc(self.manager, self.claim, "write", {"origin": "self_sourced"})
        self.assertEqual(self.claim.origin_state, "confirmed")

    def test_confirmation_is_withdrawn_with_a_reason(self):
        self.claim.with_user(self.supervisor).action_confirm_origin()
        self.claim.with_user(self.supervisor_2).action_reject_origin(reason="Error")
        self._rpc(self.manager, self.claim, "write", {"origin": "marketing"})
        self.assertFalse(self.claim.origin_state)
        self.assertFalse(self.claim.origin_note)

    def test_new_claim_after_a_rejection_needs_a_new_decision(self):
        self.claim.with_user(self.supervisor).action_reject_origin(reason="No proof")
        self._rpc(self.manager, self.claim, "write", {"origin": "self_sourced"})
        self.assertEqual(self.claim.origin_state, "rejected")
        self._rpc(self.manager, self.claim, "write", {"origin": "marketing"})
        self._rpc(self.manager, self.claim, "write", {"origin": "self_sourced"})
        self.assertEqual(self.claim.origin_state, "claimed")
        self.assertFalse(self.claim.origin_decided_by_id)

    def test_copy_has_no_origin(self):
        self.claim.with_user(self.supervisor).action_confirm_origin()
        copy = self.claim.with_user(self.manager).copy()
        self.assertFalse(copy.origin)
        self.assertFalse(copy.origin_state)
        self.assertFalse(copy.is_vip)


@tagged("nka_leads")
class TestForgedOrigin(OriginCase):
    """Only the buttons set the status of an origin."""

    GUARDED = {
        "origin_state": "confirmed",
        "origin_decision_date": "2026-01-01 00:00:00",
        "origin_note": "All well",
    }

    def _guarded(self):
        people = dict.fromkeys(
            ("origin_claimed_by_id", "origin_decided_by_id"), self.supervisor.id
        )
        return {**self.GUARDED, **people}

    def test_write(self):
        for user in (self.manager, self.supervisor):
            for fname, value in self._guarded().items():
                for method in ("write", "web_save"):
                    args = [{fname: value}]
                    kwargs = {"specification": {}} if method == "web_save" else {}
                    with self.assertRaises(AccessError):
                        self._rpc(user, self.claim, method, *args, **kwargs)
        self.assertEqual(self.claim.origin_state, "claimed")

    def test_write_with_a_forged_key(self):
        for context in ({"nka_key": True}, {"nka_key": "object"}):
            with self.assertRaises(AccessError):
                self._rpc(
                    self.manager,
                    self.claim,
                    "write",
                    {"origin_state": "confirmed"},
                    context=context,
                )

    def test_create(self):
        leads = self.env["crm.lead"]
        for fname, value in self._guarded().items():
            with self.assertRaises(AccessError):
                self._rpc(self.manager, leads, "create", {"name": "X", fname: value})

    def test_default_in_the_context(self):
        leads = self.env["crm.lead"]
        for fname, value in self._guarded().items():
            with self.assertRaises(AccessError):
                self._rpc(
                    self.manager,
                    leads,
                    "create",
                    {"name": "X", "origin": "self_sourced"},
                    context={f"default_{fname}": value},
                )

    def test_stored_default(self):
        with self.assertRaises(AccessError):
            self._rpc(
                self.manager,
                self.env["ir.default"],
                "set",
                "crm.lead",
                "origin_state",
                "confirmed",
                True,
            )

    def test_import(self):
        result = self._rpc(
            self.manager,
            self.env["crm.lead"],
            "load",
            ["name", "origin", "origin_state"],
            [["Imported", "self_sourced", "confirmed"]],
        )
        self.assertFalse(result["ids"])
        self.assertIn("only with the buttons", str(result["messages"]))
        result = self._rpc(
            self.manager,
            self.env["crm.lead"],
            "load",
            ["name", "origin"],
            [["Imported", "self_sourced"]],
        )
        lead = self.env["crm.lead"].browse(result["ids"])
        self.assertEqual(lead.origin_state, "claimed")

    def test_commands_from_the_partner(self):
        for command in (
            Command.create({"name": "X", "origin_state": "confirmed"}),
            Command.update(self.claim.id, {"origin_state": "confirmed"}),
        ):
            with self.assertRaises(AccessError):
                self._rpc(
                    self.manager,
                    self.other_client,
                    "write",
                    {"opportunity_ids": [command]},
                )

    def test_losing_writes_no_other_value(self):
        with self.assertRaises(AccessError):
            self._rpc(
                self.manager, self.claim, "action_set_lost", origin_state="confirmed"
            )

    def test_merging_keeps_no_confirmation(self):
        """After a merge, a confirmed origin is claimed again, to be decided anew."""
        self.claim.with_user(self.supervisor).action_confirm_origin()
        target = self._new_lead(self.other_client, self.manager, probability=90)
        both = self.claim | target
        merged_id = self._rpc(
            self.manager, both, "merge_opportunity", auto_unlink=False
        )[0]
        self.assertEqual(merged_id, target.id)
        self.assertEqual(target.origin, "self_sourced")
        self.assertTrue(target.is_vip)
        self.assertEqual(target.origin_state, "claimed")
        self.assertEqual(target.origin_claimed_by_id, self.manager)


@tagged("nka_leads")
class TestReferral(LeadCase):
    """A referral names the key account that recommended us and is counted there."""

    def _write(self, **vals):
        self._rpc(self.manager, self.free_lead, "write", vals)

    def test_referral_needs_a_referrer(self):
        with self.assertRaisesRegex(ValidationError, "Enter the referrer of"):
            self._write(origin="referral")

    def test_referrer_needs_the_origin_referral(self):
        with self.assertRaisesRegex(ValidationError, "must be Referral"):
            self._write(origin="marketing", referrer_id=self.account.id)

    def test_referral(self):
        self._write(origin="referral", referrer_id=self.account.id)
        self.assertEqual(self.free_lead.origin_state, "claimed")
        self._write(origin="inherited")
        self.assertFalse(self.free_lead.referrer_id)

    def test_only_current_key_accounts_refer(self):
        third = self._new_client("Third")
        candidate = self._nominate(third)
        with self.assertRaisesRegex(ValidationError, "isn't currently a key account"):
            self._write(origin="referral", referrer_id=candidate.id)
        former = self._key_account(self._new_client("Former"))
        former.with_user(self.supervisor).action_retire(reason="Over")
        with self.assertRaisesRegex(ValidationError, "isn't currently a key account"):
            self._write(origin="referral", referrer_id=former.id)

    def test_referrer_must_be_of_the_same_company(self):
        company = self.env["res.company"].create({"name": "Second company"})
        lead = self._new_lead(self.other_client, company_id=company.id)
        with self.assertRaisesRegex(ValidationError, "isn't currently a key account"):
            lead.write({"origin": "referral", "referrer_id": self.account.id})

    def test_a_client_cant_refer_itself(self):
        with self.assertRaisesRegex(ValidationError, "can't refer itself"):
            self._rpc(
                self.manager,
                self.lead,
                "write",
                {"origin": "referral", "referrer_id": self.account.id},
            )
        self._write(origin="referral", referrer_id=self.account.id)
        with self.assertRaisesRegex(ValidationError, "can't refer itself"):
            self._write(partner_id=self.contact.id)

    def test_referral_is_kept_when_the_referrer_is_retired(self):
        self._write(origin="referral", referrer_id=self.account.id)
        self.account.with_user(self.supervisor).action_retire(reason="Over")
        self._write(name="Still open", partner_id=self._new_client("Third").id)
        self.assertEqual(self.free_lead.referrer_id, self.account)

    def test_referrer_of_a_colleague_is_entered_by_client(self):
        """Colleagues can't read the account, but can enter the client."""
        lead = self._new_lead(self.other_client, self.colleague)
        with Form(lead.with_user(self.colleague)) as form:
            form.origin = "referral"
            form.referrer_partner_id = self.client
        self.assertEqual(lead.referrer_id, self.account)
        self.assertEqual(
            lead.with_user(self.colleague).referrer_partner_id, self.client
        )

    def test_referrer_of_a_new_lead_is_entered_by_client(self):
        with Form(self.env["crm.lead"].with_user(self.colleague)) as form:
            form.name = "Cranes"
            form.partner_id = self.other_client
            form.origin = "referral"
            form.referrer_partner_id = self.client
        self.assertEqual(form.record.sudo().referrer_id, self.account)
        with self.assertRaisesRegex(UserError, "isn't currently a key account"):
            self.env["crm.lead"].with_user(self.colleague).create(
                {
                    "name": "Cranes",
                    "origin": "referral",
                    "referrer_partner_id": self._new_client("Third").id,
                }
            )

    def test_client_without_status_is_refused_as_referrer(self):
        third = self._new_client("Third")
        with self.assertRaisesRegex(UserError, "isn't currently a key account"):
            self._write(origin="referral", referrer_partner_id=third.id)

    def test_referrer_shows_its_referrals(self):
        self._write(
            origin="referral", referrer_id=self.account.id, expected_revenue=5000
        )
        self.assertEqual(self.account.referred_lead_count, 1)
        self.assertEqual(self.account.referred_won_amount, 0)
        self.free_lead.with_user(self.manager).action_set_won()
        self.env.invalidate_all()
        self.assertEqual(self.account.referred_won_amount, 5000)
        action = self._rpc(self.manager, self.account, "action_open_referrals")
        found = self.env["crm.lead"].search(action["domain"])
        self.assertEqual(found, self.free_lead)
