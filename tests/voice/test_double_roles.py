"""Supervisors who look after a client themselves, and managers who sort who is asked."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import VoiceCase


@tagged("nka_voice")
class TestDoubleRoles(VoiceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["nka.stakeholder"]._follow_addresses(cls.company)
        cls.refusals = cls.env["nka.voice.refusal"]

    def _promote(self, user):
        user.group_ids += self.env.ref("nka_key_accounts.group_key_account_supervisor")

    def _hindrance(self, person):
        person.invalidate_recordset()
        return person._read_hindrances(self.today).get(person.id)

    # ------------------------------------------------------------ who was asked
    def test_hindrance_tells_nothing_of_own_clients(self):
        """“Asked in the last 90 days” would say who was asked."""
        person = self._survey().answer_ids[0].stakeholder_id
        for user in (self.manager, self.deputy):
            self._promote(user)
            self.assertFalse(person.with_user(user).voice_hindrance)
        self.assertEqual(person.with_user(self.supervisor).voice_hindrance, "rest")

    def test_opt_outs_of_own_clients(self):
        """They neither see them, nor make them to choose who is asked."""
        refusal = self.refusals.create({"partner_id": self.ben.partner_id.id})
        for user in (self.manager, self.deputy):
            self._promote(user)
            own = self.refusals.with_user(user)
            self.assertFalse(own.search([]))
            with self.refused(AccessError):
                own.browse(refusal.id).action_lift(reason="Ask them")
            for contact in (self.cleo.partner_id, self.client):
                with self.refused(AccessError):
                    own.create({"partner_id": contact.id})
            with self.refused(AccessError):
                own.with_context(default_partner_id=self.client.id).create({})
            twin = self.env["res.partner"].create(
                {"name": "Cleo at home", "email": self.cleo.partner_id.email}
            )
            with self.refused(AccessError, "own client"):
                own.create({"partner_id": twin.id})
        stranger = self._new_contact("Elsewhere", self.other_client)
        self.assertTrue(own.create({"partner_id": stranger.id}))

    def test_opt_out_is_not_moved_to_somebody_else(self):
        answer = self._survey().answer_ids[0]
        answer._refuse()
        refusal = self.refusals.search([("partner_id", "=", answer.partner_id.id)])
        row = refusal.with_user(self.supervisor)
        for vals in (
            {"partner_id": self.client.id},
            {"email": "somebody@else.example"},
            {"company_id": self.env["res.company"].create({"name": "Other"}).id},
        ):
            with self.refused((AccessError, UserError)):
                row.write(vals)
        with self.refused(AccessError):
            self.refusals.with_user(self.supervisor).create(
                {
                    "partner_id": self.client.id,
                    "email": "critic@northwind.example",
                }
            )

    # ------------------------------------------------------------ sorting out
    def test_supervisors_see_who_was_left_out(self):
        """Managers change contacts, so a survey says who couldn't be asked and why."""
        self.ben.partner_id.with_user(self.manager).email = "fake@freemail.example"
        self.cleo.partner_id.with_user(self.manager).active = False
        survey = self._survey()
        self.assertEqual(survey.state, "asked")
        reason = survey.with_user(self.supervisor).reason
        self.assertIn("Ben: Email address changed", reason)
        self.assertIn("Cleo: Contact archived", reason)
        self.assertNotIn("Dina", reason)
        with self.refused(AccessError):
            survey.with_user(self.manager).read(["reason"])

    def test_twin_does_not_silence_the_first(self):
        """A second contact with the address of a critic leaves the critic."""
        twin = self._new_contact("Ben twice")
        twin.with_user(self.manager).email = self.ben.partner_id.email
        copy = self._map(twin)
        self.assertFalse(self._hindrance(self.ben))
        self.assertEqual(self._hindrance(copy), "shared")
        copy.active = False
        self.assertFalse(self._hindrance(self.ben))

    def test_friend_does_not_take_an_address_over(self):
        """An older entry that gets a critic's address leaves the critic, for good."""
        self.ada.partner_id.with_user(self.manager).email = self.ben.partner_id.email
        self.assertFalse(self._hindrance(self.ben))
        self.assertEqual(self._hindrance(self.ada), "shared")
        self.env["nka.stakeholder"]._follow_addresses(self.company)
        self._age(self.people, 40)
        self.assertFalse(self._hindrance(self.ben))
        self.assertEqual(self._hindrance(self.ada), "shared")
        self.ben.partner_id.active = False
        self.assertFalse(self._hindrance(self.ada))

    def test_moved_to_another_client(self):
        """Managers can't take somebody off by moving them to another account."""
        other = self._key_account(self.other_client)
        with self.refused(UserError, "Archive them"):
            self.ben.with_user(self.manager).key_account_id = other

    def test_deleted_with_the_contact(self):
        with self.refused(Exception):
            self.ben.partner_id.with_user(self.manager).unlink()
            self.env.flush_all()

    def test_own_address_of_a_user(self):
        """Whoever takes a client's address as their own doesn't silence the client."""
        self.manager.with_user(self.manager).write({"email": self.ben.partner_id.email})
        self.assertEqual(self._hindrance(self.ben), "ours")

    def test_trail_of_opt_outs(self):
        """Who opted out by the link was asked."""
        self._survey().answer_ids[0]._refuse()
        events = [("res_model", "=", "nka.voice.refusal")]
        trail = self.env["nka.audit.event"]
        self.assertTrue(trail.with_user(self.supervisor).search(events))
        self._promote(self.manager)
        self.assertFalse(trail.with_user(self.manager).search(events))

    def test_deputy_who_steps_back(self):
        """Leaving the account for a minute doesn't open what was answered before."""
        answer = self._answered()
        self._promote(self.deputy)
        self.account.with_user(self.deputy).deputy_id = False
        self.env.flush_all()
        own = self.env["nka.voice.answer"].with_user(self.deputy)
        self.assertFalse(own.search([("id", "=", answer.id)]))

    def test_merged_by_the_manager(self):
        """A critic merged into a friend's contact."""
        self.manager.group_ids += self.env.ref("base.group_partner_manager")
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(self.manager)
        pair = self.ben.partner_id | self.ada.partner_id
        with self.refused((AccessError, UserError)):
            wizard.create(
                {
                    "partner_ids": [(6, 0, pair.ids)],
                    "dst_partner_id": self.ada.partner_id.id,
                }
            ).action_merge()

    # ------------------------------------------------------------ pay
    def test_no_kpi_counts_answers(self):
        def field(model, name):
            return self.env["ir.model.fields"]._get(model, name).id

        for model, day, owner in (
            ("nka.voice.answer", "date_answered", "manager_id"),
            ("nka.voice.round", "date", "manager_id"),
            ("nka.voice.refusal", "create_date", "create_uid"),
        ):
            with self.refused(ValidationError, "pay"):
                self.env["nka.kpi"].create(
                    {
                        "name": f"Liked {model}",
                        "code": "liked",
                        "measure": "custom",
                        "model_id": self.env["ir.model"]._get_id(model),
                        "date_field_id": field(model, day),
                        "owner_field_id": field(model, owner),
                        "aggregate": "count",
                    }
                )
        with self.refused(ValidationError, "voice_score"):
            self.env["nka.kpi"].create(
                {
                    "name": "Liked people",
                    "code": "liked",
                    "measure": "custom",
                    "model_id": self.env["ir.model"]._get_id("nka.key.account"),
                    "date_field_id": field("nka.key.account", "create_date"),
                    "owner_field_id": field("nka.key.account", "manager_id"),
                    "value_field_id": field("nka.key.account", "voice_score"),
                    "aggregate": "sum",
                }
            )

    # ------------------------------------------------------------ the sentence
    def test_sentence_of_any_kind(self):
        answer = self._survey().answer_ids[0]
        text = "a\x00b" + "x" * 10000
        answer.rating_apply(1, rating=answer.rating_id, feedback=text)
        self.env.flush_all()
        self.assertEqual(len(answer.feedback), 2000)
        self.assertTrue(answer.feedback.startswith("abx"))
