from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import tagged

from .common import LeadCase


class ChannelCase(LeadCase):
    """A VIP lead of the manager, a client of theirs and a colleague's client."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.foreign = cls._key_account(cls._new_client("Rhine Glass"), cls.colleague)
        cls.vip = cls.free_lead
        cls.vip.is_vip = True

    def _write(self, lead=None, user=None, **vals):
        self._rpc(user or self.manager, lead or self.vip, "write", vals)

    def _recommend(self, account, lead=None, user=None):
        self._write(lead, user, origin="referral", referrer_id=account.id)

    def _confirm(self, lead=None):
        self._rpc(self.supervisor, lead or self.vip, "action_confirm_origin")

    def _counted(self, user=None, colleagues=False):
        """Return the leads that count for a user, as KPIs and reports read them."""
        leads = self.env["crm.lead"]
        return leads.search(
            Domain("is_vip", "=", True)
            & Domain("origin_claimed_by_id", "=", (user or self.manager).id)
            & leads._domain_own_channel(colleagues)
        )


@tagged("nka_leads")
class TestOwnChannel(ChannelCase):
    """Leads referred by the manager's own clients count as self-sourced."""

    def test_referred_by_the_managers_client(self):
        self._recommend(self.account)
        self.assertEqual(self.vip.origin_state, "claimed")
        self.assertFalse(self._counted())
        self._confirm()
        self.assertEqual(self.vip.origin_channel, "own")
        self.assertEqual(self._counted(), self.vip)

    def test_found_by_the_manager(self):
        self._write(origin="self_sourced")
        self._confirm()
        self.assertEqual(self.vip.origin_channel, "own")
        self.assertEqual(self._counted(), self.vip)

    def test_referred_by_a_colleagues_client(self):
        self._recommend(self.foreign)
        self._confirm()
        self.assertEqual(self.vip.origin_channel, "colleague")
        self.assertFalse(self._counted())
        self.assertEqual(self._counted(colleagues=True), self.vip)

    def test_manager_of_the_referrer_when_the_lead_was_created(self):
        self.env.cr.execute("UPDATE nka_assignment SET date_from = date_from - 30")
        self.env.cr.execute(
            "UPDATE crm_lead SET create_date = create_date - interval '9 days'"
        )
        self.env.invalidate_all()
        handover = (
            self.env["nka.handover"]
            .with_user(self.manager)
            .create(
                {
                    "key_account_ids": [(6, 0, self.account.ids)],
                    "from_user_id": self.manager.id,
                    "to_user_id": self.colleague.id,
                    "date": self.today,
                    "reason": "Territories were redrawn",
                }
            )
        )
        handover.action_submit()
        handover.with_user(self.supervisor).action_approve()
        self._recommend(self.account)
        self._confirm()
        self.assertEqual(self.vip.origin_channel, "own")
        late = self._new_lead(self.other_client, self.manager, is_vip=True)
        self._recommend(self.account, late)
        self._confirm(late)
        self.assertEqual(late.origin_channel, "colleague")

    def test_channel_is_decided_once(self):
        self._recommend(self.account)
        self._confirm()
        self.account._unlocked().write({"manager_id": self.colleague.id})
        self.assertEqual(self._counted(), self.vip)
        with self.assertRaises(UserError):
            self._write(referrer_id=self.foreign.id)
        for user in (self.manager, self.supervisor):
            with self.assertRaises(AccessError):
                self._write(user=user, origin_channel="own")

    def test_rejected_origins_dont_count(self):
        self._recommend(self.account)
        self._confirm()
        self.vip.with_user(self.supervisor).action_reject_origin(reason="Not so")
        self.assertFalse(self.vip.origin_channel)
        self.assertFalse(self._counted())

    def test_leads_that_arent_vip_dont_count(self):
        self.vip.is_vip = False
        self._recommend(self.account)
        self._confirm()
        self.assertFalse(self._counted())

    def test_confirmed_before_the_field_existed(self):
        self._write(origin="self_sourced")
        self._confirm()
        self.vip._unlocked().write({"origin_channel": False})
        self.assertEqual(self._counted(), self.vip)

    def test_referred_before_it_was_claimed(self):
        self._recommend(self.account)
        self.vip._unlocked().write(
            {"origin_state": False, "origin_claimed_by_id": False}
        )
        self._confirm()
        self.assertEqual(self.vip.origin_claimed_by_id, self.manager)
        self.assertEqual(self._counted(), self.vip)

    def test_only_a_supervisor_confirms(self):
        self._recommend(self.account)
        for user in (self.manager, self.colleague, self.kam_admin):
            with self.assertRaises(AccessError):
                self._rpc(user, self.vip, "action_confirm_origin")


@tagged("nka_leads")
class TestSameProspect(ChannelCase):
    """The supervisor who confirms a lead sees whether a similar one already counts."""

    def setUp(self):
        super().setUp()
        self.vip.email_from = "info@prospect.example"
        self.vip.phone = "+49 30 901820"
        self._write(origin="self_sourced")
        self._confirm()

    def _hint(self, partner=None, user=None, **vals):
        lead = self.vip.with_user(user or self.manager).create(
            {
                "name": "The same again",
                "partner_id": partner.id if partner else False,
                "user_id": (user or self.manager).id,
                "is_vip": True,
                "origin": "self_sourced",
                **vals,
            }
        )
        return lead.with_user(self.supervisor).origin_hint or ""

    def test_same_client_with_any_contact(self):
        person = self.env["res.partner"].create(
            {"name": "Their buyer", "parent_id": self.other_client.id}
        )
        for partner in (self.other_client, person):
            self.assertIn("If both are one deal, reject", self._hint(partner))

    def test_same_email_domain_phone_or_name_without_a_client(self):
        for vals in (
            {"email_from": "buyer@prospect.example"},
            {"phone": self.vip.phone},
            {"partner_name": self.vip.partner_name.upper()},
        ):
            with self.subTest(vals):
                self.assertIn(self.vip.display_name, self._hint(**vals))
        self.assertFalse(self._hint(email_from="buyer@another.example"))
        self.assertFalse(self._hint())

    def test_lost_and_reassigned_leads_still_count(self):
        self.vip.with_user(self.manager).action_set_lost()
        self.vip.with_user(self.supervisor).user_id = self.colleague
        self.assertIn("reject this one", self._hint(self.other_client))

    def test_no_hint_for_other_managers_or_old_leads(self):
        self.assertFalse(self._hint(self.other_client, self.colleague))
        self.cr.execute(
            """UPDATE crm_lead
                  SET origin_decision_date = origin_decision_date - interval '13 months'
                WHERE id = %s""",
            [self.vip.id],
        )
        self.env.invalidate_all()
        self.assertFalse(self._hint(self.other_client))

    def test_rejected_leads_dont_count(self):
        self.vip.with_user(self.supervisor).action_reject_origin(reason="Not so")
        self.assertFalse(self._hint(self.other_client))


@tagged("nka_leads")
class TestHiddenReferrer(ChannelCase):
    """Omitting a referrer never increases pay."""

    def test_referrer_cant_be_replaced(self):
        self._recommend(self.foreign)
        for vals in (
            {"origin": "self_sourced"},
            {"origin": "self_sourced", "referrer_id": False},
            {"referrer_id": self.account.id},
            {"referrer_partner_id": self.client.id},
        ):
            with self.assertRaisesRegex(AccessError, "as a referral from Rhine Glass"):
                with self.cr.savepoint():
                    self._write(**vals)
            self.env.invalidate_all()

    def test_referrer_cant_be_removed_in_two_steps(self):
        self._recommend(self.foreign)
        self._write(origin="marketing")
        self.assertFalse(self.vip.referrer_id)
        self.assertEqual(self.vip.named_referrer_id, self.foreign)
        with self.assertRaisesRegex(AccessError, "as a referral from"):
            self._write(origin="self_sourced")

    def test_refusal_names_a_supervisor(self):
        self._recommend(self.foreign)
        with self.assertRaises(AccessError) as caught:
            self._write(origin="self_sourced")
        self.assertIn(self.supervisor.name, str(caught.exception))

    def test_changes_leave_events(self):
        self._recommend(self.foreign)
        self._write(origin="inherited")
        named, gone = self._events(self.vip, "referrer")
        self.assertEqual((named.new, gone.old), ("Rhine Glass", "Rhine Glass"))
        self.assertEqual(gone.user_id, self.manager)

    def test_a_supervisor_can_correct_it(self):
        self._recommend(self.foreign)
        self._write(user=self.supervisor, origin="self_sourced")
        self.assertFalse(self.vip.named_referrer_id)
        self._rpc(self.supervisor_2, self.vip, "action_confirm_origin")
        self.assertEqual(self.vip.origin_channel, "own")

    def test_merged_into_a_lead_without_a_referrer(self):
        self._recommend(self.foreign)
        other = self._new_lead(self.other_client, self.manager, probability=90)
        self._write(other, origin="self_sourced", is_vip=True)
        both = self.vip | other
        merged_id = self._rpc(self.manager, both, "merge_opportunity")[0]
        merged = self.env["crm.lead"].browse(merged_id)
        self.assertEqual(merged.named_referrer_id, self.foreign)
        self._confirm(merged)
        self.assertEqual(merged.origin_channel, "colleague")
        self.assertFalse(self._counted())

    def test_forged_values(self):
        leads = self.env["crm.lead"]
        for vals in (
            {"origin_channel": "own"},
            {"named_referrer_id": self.account.id},
        ):
            with self.assertRaises(AccessError):
                self._rpc(self.manager, leads, "create", {"name": "X", **vals})
            with self.assertRaises(AccessError):
                self._write(**vals)

    def test_hint_for_the_supervisor(self):
        self._recommend(self.foreign)
        hint = self.vip.with_user(self.supervisor).origin_hint
        self.assertIn("Referred by Rhine Glass, who wasn't a client of", hint)
        own = self._new_lead(self.other_client, self.manager)
        self._recommend(self.account, own)
        self.assertIn(
            "counts as self-sourced", own.with_user(self.supervisor).origin_hint
        )

    def test_hint_about_a_referrer_that_wasnt_entered(self):
        self._recommend(self.foreign)
        twin = self._new_lead(self.other_client, self.manager)
        self._write(twin, origin="self_sourced")
        hint = twin.with_user(self.supervisor).origin_hint
        self.assertIn("has Rhine Glass as its referrer", hint)
        twin.message_post(
            body="Please call them",
            message_type="email",
            author_id=self.foreign.partner_id.id,
        )
        twin.invalidate_recordset()
        hint = twin.with_user(self.supervisor).origin_hint
        self.assertIn("Rhine Glass wrote about this lead", hint)

    def test_the_manager_cant_read_the_hint(self):
        self._recommend(self.foreign)
        with self.assertRaises(AccessError):
            self._rpc(self.manager, self.vip, "read", ["origin_hint"])
