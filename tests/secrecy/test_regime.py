"""The regime itself: who writes, approves and acknowledges it."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import SecrecyCase


@tagged("nka_secrecy")
class TestRegime(SecrecyCase):
    def test_another_person_puts_it_in_force(self):
        regime = self.regime.with_user(self.kam_admin)
        with self.refused(UserError, "available only"):
            regime.action_approve()
        regime.action_submit()
        self.assertEqual(regime.state, "submitted")
        self.assertTrue(regime.digest.startswith("c1$"))
        asked = self.regime.activity_ids.user_id
        self.assertIn(asked, self.kam_admin_2 | self.supervisor | self.supervisor_2)
        with self.refused(AccessError, "somebody else has to approve"):
            regime.action_approve()
        for user in (self.manager, self.officer, self.director):
            with self.refused(AccessError):
                regime.with_user(user).action_approve()
        self.regime.with_user(self.supervisor).action_approve()
        self.assertEqual(regime.state, "in_force")
        self.assertEqual(regime.reviewer_id, self.supervisor)
        events = self._events(self.regime, "state")
        self.assertEqual(events.mapped("new"), ["submitted", "in_force"])
        self.assertEqual(set(events.mapped("file_digest")), {regime.digest})

    def test_whoever_edited_it_cannot_approve_it(self):
        self.regime.with_user(self.kam_admin_2).item_ids[0].name = "All prices"
        self.regime.with_user(self.kam_admin).action_submit()
        with self.refused(AccessError, "Ask "):
            self.regime.with_user(self.kam_admin_2).action_approve()

    def test_the_content_stays(self):
        self._put_in_force()
        regime = self.regime.with_user(self.kam_admin)
        for vals in (
            {"text": "Anything goes"},
            {"item_ids": [Command.delete(regime.item_ids[0].id)]},
            {"item_ids": [Command.create({"name": "Weather"})]},
        ):
            with self.refused(UserError, "Create a new version"):
                regime.write(vals)
        with self.refused(UserError, "Create a new version"):
            regime.item_ids[0].write({"name": "Nothing"})
        with self.refused(UserError, "Create a new version"):
            regime.unlink()
        with self.refused(AccessError, "buttons"):
            regime.write({"state": "draft"})
        for query in (
            "UPDATE nka_secrecy_regime SET text = 'x' WHERE id = %s",
            "DELETE FROM nka_secrecy_regime WHERE id = %s",
            "UPDATE nka_secrecy_item SET name = 'x' WHERE regime_id = %s",
            "DELETE FROM nka_secrecy_item WHERE regime_id = %s",
        ):
            self.refused_by_database(query, self.regime.id)

    def test_an_incomplete_one_is_not_submitted(self):
        regime = self._new_regime(text=" ", item_ids=[])
        with self.refused(UserError, "the rules, the protected information"):
            regime.with_user(self.kam_admin).action_submit()

    def test_a_return_asks_the_author(self):
        self.regime.with_user(self.kam_admin).action_submit()
        regime = self.regime.with_user(self.kam_admin_2)
        self.assertEqual(regime.action_return()["res_model"], "nka.reason.wizard")
        regime.action_return(reason="Name the storage")
        self.assertEqual((regime.state, regime.digest), ("draft", False))
        regime.with_user(self.kam_admin).text = "Now complete"
        regime.with_user(self.kam_admin).action_submit()
        regime.action_approve()

    def test_each_person_acknowledges_with_their_own_login(self):
        self._put_in_force()
        people = self.regime.missing_ids
        self.assertLessEqual(
            self.manager | self.supervisor | self.officer | self.director, people
        )
        asked = self.regime.activity_ids.user_id
        self.assertEqual(asked, people)
        self._acknowledge(self.manager)
        self._acknowledge(self.manager)
        [row] = self.regime.acknowledgement_ids
        self.assertEqual(row.user_id, self.manager)
        self.assertEqual(row.digest, self.regime.digest)
        event = self._events(row, "acknowledged")
        self.assertEqual((event.user_id, event.file_digest), (self.manager, row.digest))
        self.assertNotIn(self.manager, self.regime.missing_ids)
        self.assertNotIn(self.manager, self.regime.activity_ids.user_id)
        for user in (self.salesman, self.employee_user):
            with self.refused(AccessError):
                self._acknowledge(user)
        with self.refused(AccessError, "each with their own login"):
            self.regime.action_acknowledge()

    def test_nobody_enters_changes_or_deletes_acknowledgements(self):
        self._put_in_force()
        self._acknowledge(self.manager)
        row = self.regime.acknowledgement_ids
        vals = {
            "regime_id": self.regime.id,
            "user_id": self.colleague.id,
            "user_name": "x",
            "company_id": self.company.id,
            "date": "2026-11-01 10:00:00",
            "digest": self.regime.digest,
        }
        for user in (self.manager, self.kam_admin, self.env.user):
            rows = row.with_user(user)
            for act in (
                lambda rows=rows: rows.create(vals),
                lambda rows=rows: rows.write({"user_id": self.colleague.id}),
                lambda rows=rows: rows.unlink(),
            ):
                with self.refused(AccessError):
                    act()
        with self.refused(UserError):
            self.regime.with_user(self.kam_admin).write(
                {"acknowledgement_ids": [Command.create(vals)]}
            )
        for query in (
            "UPDATE nka_secrecy_acknowledgement SET digest = 'x' WHERE id = %s",
            "DELETE FROM nka_secrecy_acknowledgement WHERE id = %s",
        ):
            self.refused_by_database(query, row.id)

    def test_a_new_regime_replaces_it_and_asks_again(self):
        self._put_in_force()
        self._acknowledge(self.manager)
        action = self.regime.with_user(self.kam_admin).action_new_version()
        later = self.regime.browse(action["res_id"])
        self.assertEqual(len(later.item_ids), 2)
        self.assertFalse(later.acknowledgement_ids)
        later.with_user(self.kam_admin).order_number = "13-K"
        self._put_in_force(later)
        self.assertEqual(self.regime.state, "superseded")
        self.assertEqual(self.regime.superseded_by_id, later)
        self.assertFalse(self.regime.activity_ids)
        self.assertIn(self.manager, later.missing_ids)
        self.assertIn(self.manager, later.activity_ids.user_id)
        with self.refused(UserError, "Superseded"):
            self._acknowledge(self.colleague)

    def test_drafts_are_read_by_administrators_and_supervisors(self):
        for user in (self.manager, self.officer, self.director):
            self.assertFalse(self.regime.with_user(user).search([]))
            self.assertFalse(self.regime.item_ids.with_user(user).search([]))
        self.assertTrue(self.regime.with_user(self.supervisor).search([]))
        for user in (self.manager, self.supervisor, self.director):
            with self.refused(AccessError):
                self._new_regime(user=user)
        self._put_in_force()
        self.assertTrue(self.regime.with_user(self.manager).search([]))
        self._acknowledge(self.manager, self.colleague)
        rows = self.env["nka.secrecy.acknowledgement"]
        for user, count in ((self.manager, 1), (self.director, 2), (self.kam_admin, 2)):
            self.assertEqual(rows.with_user(user).search_count([]), count)

    def test_other_companies_neither_see_nor_acknowledge_it(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._new_user(
            "nka_far",
            "group_key_account_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self._put_in_force()
        self.assertFalse(self.regime.with_user(stranger).search([]))
        with self.refused(AccessError):
            self._acknowledge(stranger)
        self.assertNotIn(stranger, self.regime.missing_ids)
        stranger.with_user(stranger)._nka_check_acknowledged()

    def test_a_verification_finds_what_was_changed_outside(self):
        self._put_in_force()
        self._acknowledge(self.manager)
        verify = self.env["nka.audit.verification"]
        self.env.flush_all()
        for check in (verify._check_regimes, verify._check_acknowledgements):
            self.assertFalse(check(self.company).findings)
            self.assertEqual(check(self.company).count, 1)
        self.env.flush_all()
        self.cr.execute("SET LOCAL session_replication_role = replica")
        self.cr.execute("ALTER TABLE nka_secrecy_regime DISABLE TRIGGER ALL")
        self.cr.execute("ALTER TABLE nka_secrecy_acknowledgement DISABLE TRIGGER ALL")
        self.cr.execute("UPDATE nka_secrecy_regime SET text = 'Other'")
        self.env.invalidate_all()
        [found] = verify._check_regimes(self.company).findings
        self.assertIn("doesn't match the hash", found)
        self.cr.execute(
            "UPDATE nka_secrecy_acknowledgement SET user_id = %s", [self.colleague.id]
        )
        [found] = verify._check_acknowledgements(self.company).findings
        self.assertIn("differs", found)
        self.cr.execute("DELETE FROM nka_secrecy_acknowledgement")
        [found] = verify._check_acknowledgements(self.company).findings
        self.assertIn("was deleted", found)
