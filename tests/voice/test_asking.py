"""Whom the house asks and when: neither the manager nor anybody else chooses."""

from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import VoiceCase


@tagged("nka_voice")
class TestAsking(VoiceCase):
    # ------------------------------------------------------------ planning
    def _planned(self, occasion="regular"):
        return self.rounds.search(
            [("key_account_id", "=", self.account.id), ("occasion", "=", occasion)]
        )

    def test_twice_a_year(self):
        self.rounds._plan(self.company)
        self.rounds._plan(self.company)
        survey = self._planned()
        self.assertEqual(len(survey), 1)
        self.assertEqual(survey.state, "planned")
        self.assertGreaterEqual(survey.date, self.today)

    def test_nothing_where_it_is_off(self):
        self.company.nka_voice_active = False
        self.rounds._cron_ask()
        self.assertFalse(self._planned())
        survey = self._survey()
        self.company.nka_voice_active = True
        self.rounds._cron_ask()
        self.assertTrue(survey)

    def test_off_asks_nobody(self):
        survey = self.rounds._unlocked().create(
            {
                "key_account_id": self.account.id,
                "occasion": "regular",
                "origin": "off",
                "date_from": self.today,
                "date": self.today,
            }
        )
        self.company.nka_voice_active = False
        self.rounds._cron_ask()
        self.assertEqual(survey.state, "planned")
        self.assertFalse(survey.answer_ids)

    def test_after_a_breach(self):
        item = self.env["nka.commitment"].create(
            {
                "key_account_id": self.account.id,
                "text": "Deliver in two days",
                "kind": "delivery",
                "promised_date": self._day(-5),
            }
        )
        item.with_user(self.manager).action_breach(reason="No truck")
        self.rounds._plan(self.company)
        survey = self._planned("breach")
        self.assertEqual(survey.commitment_id, item)
        self.assertGreaterEqual(survey.date, self._day(3))
        self.assertLess(survey.date, self._day(3 + 14))
        self.rounds._plan(self.company)
        self.assertEqual(len(self._planned("breach")), 1)

    def test_client_s_own_breach_asks_nobody(self):
        item = self.env["nka.commitment"].create(
            {
                "key_account_id": self.account.id,
                "text": "Pay in ten days",
                "kind": "payment",
                "promised_date": self._day(-5),
            }
        )
        item.with_user(self.manager).action_breach(reason="No money")
        self.rounds._plan(self.company)
        self.assertFalse(self._planned("breach"))

    def test_after_a_handover(self):
        handover = self.env["nka.handover"].create(
            {
                "key_account_ids": [(6, 0, self.account.ids)],
                "from_user_id": self.manager.id,
                "to_user_id": self.colleague.id,
                "date": self.today,
            }
        )
        handover._unlocked().write({"state": "done"})
        self.rounds._plan(self.company)
        survey = self._planned("handover")
        self.assertEqual(survey.handover_id, handover)
        self.assertGreaterEqual(survey.date, self._day(30))
        self.assertLess(survey.date, self._day(30 + 14))

    # ------------------------------------------------------------ whom
    def test_at_least_three_and_a_key_contact(self):
        self.company.nka_voice_count = 3
        survey = self._survey()
        self.assertEqual(survey.state, "asked")
        self.assertEqual(len(survey.answer_ids), 3)
        self.assertIn(self.ada, survey.answer_ids.stakeholder_id)
        mails = self._mails(survey.answer_ids)
        self.assertEqual(len(mails), 3)
        self.assertEqual(
            set(mails.mapped("email_to")), set(survey.answer_ids.mapped("email"))
        )
        for mail in mails:
            self.assertIn("house@ourhouse.example", mail.email_from)
            self.assertIn(self.supervisor.email_normalized, mail.reply_to)
            self.assertNotIn(self.manager.email, mail.reply_to + mail.email_from)
            self.assertTrue(mail.auto_delete)

    def test_two_are_not_asked(self):
        """With fewer than three, nobody is asked; later the survey says why."""
        (self.cleo | self.dina | self.egon).partner_id.email = False
        survey = self._survey()
        self.assertEqual(survey.state, "planned")
        self.assertFalse(survey.answer_ids)
        self.assertIn("Fewer than 3", survey.reason)
        survey._unlocked().write({"date": self._day(-46)})
        self.rounds._ask_due(self.company)
        self.assertEqual(survey.state, "skipped")
        self.assertIn("Fewer than 3", survey.reason)
        self.assertIn("Cleo: No email address", survey.reason)
        notice = self.env["mail.message"].search(
            [("subject", "=like", "Client not asked:%")]
        )
        self.assertEqual(notice.notified_partner_ids, self.supervisor.partner_id)

    def test_secret_decides(self):
        """Another secret chooses other people and days; the same one the same."""
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("database.secret", "one")
        first = self.rounds._chance("who:1:1")
        self.assertEqual(first, self.rounds._chance("who:1:1"))
        parameters.set_param("database.secret", "two")
        self.assertNotEqual(first, self.rounds._chance("who:1:1"))

    def test_typed_influence_decides_one_at_most(self):
        """The people whom the manager marks as influential take only one place."""
        self.company.nka_voice_count = 3
        (self.ada | self.ben).influence = "3"
        friends = {self.ada.id, self.ben.id}
        orders = [
            {self.cleo.id: 0.1, self.dina.id: 0.2, self.egon.id: 0.3},
            {self.ada.id: 0.1, self.cleo.id: 0.2, self.dina.id: 0.3},
        ]
        found = []
        for order in orders:
            people = self.env["nka.stakeholder"]._askable(self.account, self.today)
            chances = {person.id: order.get(person.id, 0.9) for person in people}

            def chance(subject, chances=chances):
                return chances[int(subject.rsplit(":", 1)[1])]

            survey = self.rounds.new({"key_account_id": self.account.id})
            with patch.object(type(self.rounds), "_chance", lambda _s, t: chance(t)):
                found.append(survey._choose(self.company, self.today)[survey])
        self.assertEqual(len(friends & set(found[0].ids)), 1)
        self.assertIn(self.ada, found[1])
        self.assertEqual(found[1] - self.ada, self.cleo | self.dina)

    def _hindrance(self, person):
        person.invalidate_recordset()
        return person._read_hindrances(self.today).get(person.id)

    def test_own_address(self):
        """An address of our own people isn't the client's."""
        for address in (
            self.manager.email,
            "somebody@ourhouse.example",
            self.employee_user.email,
        ):
            self.ben.partner_id.email = address
            self.env["nka.stakeholder"]._follow_addresses(self.company)
            self._age(self.ben)
            self.assertEqual(self._hindrance(self.ben), "ours")

    def test_changed_address(self):
        """Whoever redirects a contact's mail doesn't receive the question."""
        followed = self.env["nka.stakeholder"]
        followed._follow_addresses(self.company)
        self.assertFalse(self._hindrance(self.ben))
        self.ben.partner_id.with_user(self.manager).email = "fake@freemail.example"
        self.assertEqual(self._hindrance(self.ben), "changed")
        followed._follow_addresses(self.company)
        self.assertEqual(self._hindrance(self.ben), "changed")
        survey = self._survey()
        self.assertNotIn(self.ben, survey.answer_ids.stakeholder_id)
        with self.refused(AccessError):
            self.ben.with_user(self.manager).action_confirm_voice_address()
        with self.refused(AccessError):
            self.ben.with_user(self.manager).write({"voice_email_date": "2020-01-01"})
        self.ben.with_user(self.supervisor).action_confirm_voice_address()
        self.assertFalse(self._hindrance(self.ben))
        self.assertTrue(self._events(self.ben, "voice_address"))

    def test_address_filled_in_later(self):
        self.ben.partner_id.email = False
        self.env["nka.stakeholder"]._follow_addresses(self.company)
        self.assertEqual(self._hindrance(self.ben), "no_address")
        self.ben.partner_id.email = "fake@freemail.example"
        self.env["nka.stakeholder"]._follow_addresses(self.company)
        self.assertEqual(self._hindrance(self.ben), "changed")

    def test_new_friend(self):
        friend = self._map(self._new_contact("Fay"))
        friend.partner_id.email = "fay@northwind.example"
        self.env["nka.stakeholder"]._follow_addresses(self.company)
        self.assertIn(self._hindrance(friend), ("new", "changed"))

    def test_same_address(self):
        self.ben.partner_id.email = self.ada.partner_id.email
        self.env["nka.stakeholder"]._follow_addresses(self.company)
        self.assertEqual(self._hindrance(self.ben), "shared")
        self.assertFalse(self._hindrance(self.ada))

    def test_archived_by_the_manager(self):
        """Whom the manager takes off the map a short time ago is asked all the same."""
        self.ben.with_user(self.manager).active = False
        self.env["nka.stakeholder"]._follow_addresses(self.company)
        people = self.env["nka.stakeholder"]._askable(self.account, self.today)
        self.assertIn(self.ben, people)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE nka_stakeholder SET write_date = write_date - %s WHERE id = %s",
            [timedelta(days=200), self.ben.id],
        )
        self.assertEqual(self._hindrance(self.ben), "removed")

    def test_only_archived(self):
        """Managers can't make who would be asked disappear."""
        own = self.ben.with_user(self.manager)
        with self.refused(UserError, "Archive them"):
            own.unlink()
        with self.refused(UserError, "Archive them"):
            own.with_context(_force_unlink=True).unlink()
        friend = self._new_contact("Fay")
        with self.refused(UserError, "Archive them"):
            own.partner_id = friend
        own.write({"partner_id": own.partner_id.id, "note": "Likes tea"})
        self.company.nka_voice_active = False
        own.partner_id = friend
        self.company.nka_voice_active = True
        self.ben.with_user(self.supervisor).unlink()

    def test_blacklist(self):
        self.env["mail.blacklist"]._add(self.ben.partner_id.email)
        self.assertEqual(self._hindrance(self.ben), "blacklisted")

    def test_too_late(self):
        """What waited while it was switched off isn't asked afterwards."""
        survey = self._survey(date=self._day(-46))
        self.assertEqual(survey.state, "skipped")
        self.assertIn("too long ago", survey.reason)

    def test_rest(self):
        survey = self._survey()
        asked = survey.answer_ids.stakeholder_id[0]
        self.assertEqual(self._hindrance(asked), "rest")
        second = self._survey(occasion="breach")
        self.assertEqual(second.state, "skipped")
        self.assertIn("asked on", second.reason)
        third = self._survey()
        self.assertEqual(third.state, "planned")

    # ------------------------------------------------------------ opting out
    def test_opt_out_is_respected(self):
        refusals = self.env["nka.voice.refusal"].with_user(self.supervisor)
        refusal = refusals.create({"partner_id": self.ben.partner_id.id})
        self.assertEqual(self._hindrance(self.ben), "refused")
        # A new entry of the same person doesn't change that.
        twin = self._new_contact("Ben again")
        twin.email = self.ben.partner_id.email
        self.ben.partner_id.email = False
        again = self._map(twin)
        self._age(again)
        self.assertEqual(self._hindrance(again), "refused")
        with self.refused(UserError):
            refusal.unlink()
        refusal.action_lift(reason="Asked us to")
        self.assertEqual(refusal.state, "lifted")
        with self.refused(AccessError):
            refusals.with_user(self.manager).create(
                {"partner_id": self.ada.partner_id.id}
            )

    def test_whole_client_opts_out(self):
        self.env["nka.voice.refusal"].with_user(self.supervisor).create(
            {"partner_id": self.client.id}
        )
        survey = self._survey()
        self.assertFalse(survey.answer_ids)

    def test_settings(self):
        with self.refused(ValidationError, "at least 3"):
            self.company.nka_voice_count = 2
        with self.refused(ValidationError, "between 1 and 90"):
            self.company.nka_voice_release_days = 0

    def test_former_client(self):
        self.account.with_user(self.supervisor).action_retire("Gone")
        survey = self._survey()
        self.assertEqual(survey.state, "skipped")

    def test_merged_contacts(self):
        survey = self._survey()
        one, two = survey.answer_ids.partner_id[:2]
        two.email = one.email
        refusals = self.env["nka.voice.refusal"]
        refusals.create([{"partner_id": one.id}, {"partner_id": two.id}])
        wizard = self.env["base.partner.merge.automatic.wizard"]
        admin = self.env.ref("base.user_admin")
        admin.group_ids += self.supervisor.group_ids
        wizard.with_user(admin)._merge((one | two).ids, one)
        self.assertEqual(len(survey.answer_ids), 4)
        standing = refusals.search([("state", "=", "standing")])
        self.assertEqual(standing.partner_id, one)
