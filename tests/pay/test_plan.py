from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.addons.nka_key_accounts import paycalc
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import PayCase


@tagged("nka_pay")
class TestPayPlanVersion(PayCase):
    """Terms, the half-year rule, approval and locking of plan versions."""

    def test_the_shipped_plan_is_a_draft_of_the_officer(self):
        version = self.env.ref("nka_key_accounts.nka_pay_plan_version_default")
        shares = version.fixed_share, version.soft_share, version.bonus_share
        self.assertEqual(shares, (40, 10, 50))
        self.assertEqual(version.state, "draft")
        version.with_user(self.officer).action_submit()
        version.with_user(self.kam_admin).action_approve()
        self.assertEqual(version.state, "approved")
        self.assertEqual(version.approved_by_id, self.kam_admin)

    def test_officer_prepares_admin_approves(self):
        version = self._new_version(date(2025, 1, 1))
        version.action_submit()
        with self.refused(AccessError, "“Administrator”"):
            version.action_approve()
        version.with_user(self.kam_admin).action_approve()
        self.assertEqual(
            self._events(version, "state").mapped("new"), ["submitted", "approved"]
        )
        self.assertTrue(version.digest.startswith("v1$"))

    def test_admin_cannot_submit(self):
        version = self._new_version(date(2025, 1, 1))
        with self.refused(AccessError):
            version.with_user(self.kam_admin).action_submit()

    def test_author_cannot_approve_whatever_their_rights(self):
        both = self._new_user("nka_both", "group_key_account_admin")
        both.group_ids += self.env.ref(
            "nka_key_accounts.group_key_account_payroll_officer"
        )
        version = self._new_version(date(2025, 1, 1))
        version.line_ids[0].with_user(both).weight = 30
        version.action_submit()
        for user in (both, self.env.ref("base.user_root")):
            user.group_ids += self.env.ref("nka_key_accounts.group_key_account_admin")
        with self.refused(AccessError, "nother administrator"):
            version.with_user(both).sudo().action_approve()
        self.assertEqual(version.state, "submitted")
        superuser_made = self.plan.version_ids.create(
            {"plan_id": self.plan.id, "date_start": date(2026, 1, 1)}
        )
        superuser_made.write({"line_ids": self._goal_list()})
        superuser_made._submit()
        with self.refused(AccessError, "nother administrator"):
            superuser_made.with_user(self.env.ref("base.user_root")).action_approve()

    def test_half_year_rule_names_the_first_date(self):
        with self.refused(ValidationError, "07/01/2024"):
            self._new_version(date(2024, 6, 1))
        with self.refused(ValidationError, "first day of a month"):
            self._new_version(date(2024, 7, 2))
        self._new_version(date(2024, 7, 1))

    def test_rule_applies_before_and_after(self):
        self._approved_version(date(2025, 6, 1))
        with self.refused(ValidationError, "12/01/2025"):
            self._new_version(date(2025, 1, 1))

    def test_drafts_do_not_block_submission_does(self):
        first = self._new_version(date(2024, 7, 1))
        second = self._new_version(date(2024, 9, 1))
        first.action_submit()
        second.action_submit()
        first.with_user(self.kam_admin).action_return(reason="Later, please")
        second.with_user(self.kam_admin).action_approve()
        first.action_submit()
        with self.refused(ValidationError):
            first.with_user(self.kam_admin).action_approve()

    def test_new_version_is_a_copy_with_differences(self):
        action = self.plan.with_user(self.officer).action_new_version()
        version = self.env["nka.pay.plan.version"].browse(action["res_id"])
        version = version.with_user(self.officer)
        self.assertEqual(version.source_id, self.version)
        self.assertEqual(version.state, "draft")
        self.assertEqual(len(version.line_ids), 4)
        self.assertFalse(version.differences)
        version.write({"fixed_share": 35, "bonus_share": 55, "threshold": 0.625})
        version.tier_ids = [Command.create({"from_percent": 100, "factor": 1.5})]
        labels = {
            row["label"]: (row["before"], row["now"]) for row in version.differences
        }
        self.assertEqual(labels["Fixed pay (%)"], ("40", "35"))
        threshold = version._fields["threshold"]._description_string(self.env)
        self.assertEqual(labels[threshold], ("50 %", "62.5 %"))
        self.assertEqual(labels["Rate tier from 100 % of quota"], ("", "× 1.5"))
        self.assertIn("35", str(version.differences_html))

    @freeze_time("2026-11-23")
    def test_next_start(self):
        self.assertEqual(self.plan._next_start(), date(2026, 12, 1))
        self._approved_version(date(2026, 9, 1))
        self.assertEqual(self.plan._next_start(), date(2027, 3, 1))
        fresh = self.env["nka.pay.plan"].create({"name": "Fresh"})
        self.assertEqual(fresh._next_start(), date(2026, 11, 1))

    def test_impossible_terms_are_refused(self):
        with self.refused(ValidationError, "add up to 90"):
            self._new_version(date(2025, 1, 1), bonus_share=40)
        with self.refused(ValidationError, "above the cap"):
            self._new_version(date(2025, 1, 1), threshold=1.2)
        half = self._new_version(date(2025, 1, 1))
        half.line_ids[0].weight = 20
        with self.refused(ValidationError, "goal weights"):
            half.action_submit()
        gap = self._new_version(
            date(2025, 1, 1), tier_ids=[Command.create({"from_percent": 50})]
        )
        with self.refused(ValidationError, "no tier covers"):
            gap.action_submit()

    def test_hold_policy_needs_a_confirmation(self):
        with self.refused(ValidationError, "unlawful"):
            self._new_version(date(2025, 1, 1), holding_policy="hold_above_floor")
        self._new_version(
            date(2025, 1, 1), holding_policy="hold_above_floor", holding_confirmed=True
        )

    def test_started_version_is_locked_by_the_orm(self):
        self._accepted()
        version = self.version.with_user(self.officer)
        for attempt in (
            lambda: version.write({"bonus_basis": "invoiced"}),
            lambda: version.sudo().write({"cap": 2}),
            lambda: version.line_ids[0].write({"weight": 31}),
            lambda: version.line_ids[0].unlink(),
            lambda: version.tier_ids.write({"factor": 2}),
            lambda: version.tier_ids.create(
                {"version_id": version.id, "from_percent": 100, "factor": 2}
            ),
            lambda: version.unlink(),
            lambda: version.with_user(self.kam_admin).action_withdraw(reason="Oops"),
        ):
            with self.refused(UserError, "new version"):
                attempt()
        with self.refused(AccessError):
            version.write({"state": "draft"})

    def test_started_version_is_locked_by_the_database(self):
        self._accepted()
        ids = self.version.id
        self.refused_by_database(
            "UPDATE nka_pay_plan_version SET cap = 2 WHERE id = %s", ids
        )
        self.refused_by_database(
            "UPDATE nka_pay_plan_version SET state = 'draft' WHERE id = %s", ids
        )
        self.refused_by_database("DELETE FROM nka_pay_plan_version WHERE id = %s", ids)
        self.refused_by_database(
            "UPDATE nka_pay_plan_line SET weight = 1 WHERE version_id = %s", ids
        )
        self.refused_by_database("DELETE FROM nka_pay_tier WHERE version_id = %s", ids)
        self.refused_by_database(
            "INSERT INTO nka_pay_tier (version_id, from_percent, factor) VALUES (%s, 9, 9)",
            ids,
        )
        draft = self._new_version(date(2030, 1, 1))
        self.env.flush_all()
        self.refused_by_database(
            "UPDATE nka_pay_tier SET version_id = %s WHERE version_id = %s",
            ids,
            draft.id,
        )
        self.cr.execute(
            "UPDATE nka_pay_plan_version SET cap = 2 WHERE id = %s", [draft.id]
        )

    def test_future_approval_can_be_withdrawn_until_an_agreement_is_accepted(self):
        version = self._approved_version(date(2035, 1, 1))
        with self.refused(UserError, "Return it to draft"):
            version.with_user(self.officer).write({"cap": 2})
        agreement = self._agreement(date_from=date(2035, 1, 1))
        agreement.action_propose()
        with self.refused(UserError, "proposed to employees"):
            version.with_user(self.kam_admin).action_withdraw(reason="Too generous")
        agreement.action_withdraw()
        version.with_user(self.kam_admin).action_withdraw(reason="Too generous")
        self.assertEqual(version.state, "draft")
        version.with_user(self.officer).write({"cap": 1.2})

    def test_started_version_without_agreements_can_be_withdrawn(self):
        version = self.version.with_user(self.kam_admin)
        self.assertTrue(version.is_started)
        draft = self._agreement()
        self.assertEqual(draft.version_id, self.version)
        self.assertFalse(version.is_used)
        with self.refused(UserError, "an administrator can withdraw"):
            version.with_user(self.officer).write({"cap": 2})
        for user in (self.officer, self.supervisor, self.manager):
            with self.refused(AccessError):
                version.with_user(user).action_withdraw(reason="Wrong month")
        wizard = version.action_withdraw()
        self.assertEqual(wizard["res_model"], "nka.reason.wizard")
        self.assertEqual(version.state, "approved")
        version.action_withdraw(reason="Wrong month")
        self.assertEqual(version.state, "draft")
        self.assertFalse(version.digest or version.approved_by_id)
        event = self._events(self.version, "state")[-1]
        self.assertEqual(event.user_id, self.kam_admin)
        self.assertIn("Wrong month", event.note)
        self.assertFalse(draft.version_id, "no approved version is left")
        version.with_user(self.officer).write({"date_start": date(2025, 7, 1)})
        version.with_user(self.officer).action_submit()
        self.assertEqual(version.state, "submitted")

    def test_database_accepts_nothing_but_a_withdrawal_of_an_unused_version(self):
        ids = self.version.id
        for change in (
            "cap = 2",
            "state = 'submitted'",
            "state = 'draft', cap = 2",
            "digest = NULL",
        ):
            self.refused_by_database(
                f"UPDATE nka_pay_plan_version SET {change} WHERE id = %s", ids
            )
        self.refused_by_database("DELETE FROM nka_pay_plan_version WHERE id = %s", ids)
        self._accepted()
        with self.refused(UserError, "accepted agreements"):
            self.version.with_user(self.kam_admin).action_withdraw(reason="Oops")

    def test_guarded_fields(self):
        for vals in ({"state": "approved"}, {"approved_by_id": self.officer.id}):
            with self.refused(AccessError):
                self._new_version(date(2025, 1, 1), **vals)
            with self.refused(AccessError):
                self._new_version(date(2025, 1, 1)).write(vals)

    def test_form(self):
        with Form(self.env["nka.pay.plan.version"].with_user(self.officer)) as form:
            form.plan_id = self.plan
            self.assertTrue(form.date_start)

    def test_terms_are_passed_to_paycalc(self):
        terms = self.version._plan_terms()
        self.assertEqual(terms.mix, paycalc.PayMix(40, 10, 50))
        self.assertEqual(sum(goal.weight for goal in terms.goals), 100)
        self.assertEqual(terms.scale, paycalc.Scale())

    def test_paycalc_errors_are_translated(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        version = self._new_version(date(2025, 1, 1))
        for lang, text in (("en_US", "total 100 %"), ("ru_RU", "в сумме дают 90.00 %")):
            with self.refused(ValidationError, text):
                version.with_context(lang=lang).bonus_share = 40

    def test_query_count_of_the_version_in_force(self):
        plans = self.plan + self.env["nka.pay.plan"].create(
            [{"name": f"Plan {n}"} for n in range(10)]
        )
        self.env.flush_all()
        with self.assertQueryCount(1):
            plans._versions_on(date(2026, 1, 1))
