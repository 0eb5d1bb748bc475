"""The write guard opens for a single call of the addon's own code.

Overrides and other code that runs during this call can't use the permission.
"""

from contextlib import contextmanager
from unittest import defaultTestLoader
from unittest.mock import patch

from odoo.addons.nka_key_accounts.models.outputs.nka_pay_statement import checked
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..accounts import test_handover as accounts_test_handover
from ..accounts import test_joining as accounts_test_joining
from ..accounts import test_roles as accounts_test_roles
from ..accounts.common import AccountsCase
from ..bi import test_grants as bi_test_grants
from ..close import test_corrections as close_test_corrections
from ..close import test_steps as close_test_steps
from ..close.common import CloseCase
from ..copies import test_database as copies_test_database
from ..deals import test_commitments as deals_test_commitments
from ..deals import test_discount as deals_test_discount
from ..deals import test_offer as deals_test_offer
from ..dependency import test_plans as dependency_test_plans
from ..documents import test_entry as documents_test_entry
from ..documents import test_review as documents_test_review
from ..documents.common import DocumentCase
from ..leads import test_custody as leads_test_custody
from ..leads import test_origin as leads_test_origin
from ..leaving import test_departure as leaving_test_departure
from ..leaving import test_look_back as leaving_test_look_back
from ..loyalty import test_market as loyalty_test_market
from ..loyalty import test_promises as loyalty_test_promises
from ..newcomers import test_path as newcomers_test_path
from ..newcomers import test_starts as newcomers_test_starts
from ..outputs import test_mail as outputs_test_mail
from ..pay import test_agreement as pay_test_agreement
from ..pay import test_goal_decisions as pay_test_goal_decisions
from ..pay import test_plan as pay_test_plan
from ..plans import test_account_plan as plans_test_account_plan
from ..qualification import test_credit_rating as qualification_test_credit_rating
from ..qualification import test_qualification as qualification_test_qualification
from ..reading import test_restrictions as reading_test_restrictions
from ..reading import test_unusual_reading as reading_test_unusual
from ..reports import test_work_report as reports_test_work_report
from ..secrecy import test_regime as secrecy_test_regime
from ..setup import test_setup as setup_test_setup
from ..statements import test_confined as statements_test_confined
from ..statements import test_opening as statements_test_opening
from ..talent import test_assessments as talent_test_assessments
from ..talent import test_offers as talent_test_offers
from ..trail.probe import Probe, Probed
from ..voice import test_answers as voice_test_answers
from ..voice import test_asking as voice_test_asking
from . import test_acceptance_close, test_acceptance_day


@tagged("nka_guard")
class TestHandoverProbed(AccountsCase):
    """All writes of a handover, with an override of another addon around each."""

    WOKEN = {
        ("res.partner", "write"),
        ("crm.lead", "write"),
        ("sale.order", "write"),
        ("mail.activity", "write"),
        ("calendar.event", "write"),
        ("mail.followers", "unlink"),
        ("mail.followers", "create"),
        ("nka.key.account", "write"),
        ("nka.key.account", "message_subscribe"),
        ("crm.lead", "message_subscribe"),
        ("nka.assignment", "create"),
        ("nka.assignment", "write"),
        ("nka.account.plan.action", "write"),
        ("nka.handover", "write"),
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client.user_id = cls.manager
        cls.lead = cls._new_lead(cls.client)
        cls.env["sale.order"].create(
            {"partner_id": cls.contact.id, "user_id": cls.manager.id}
        )
        cls._new_meeting(cls.contact, 3)
        for record in (cls.account, cls.lead, cls.client):
            record.message_subscribe(cls.manager.partner_id.ids)
            record.activity_schedule(
                "mail.mail_activity_data_call", user_id=cls.manager.id
            )
        plan = cls.env["nka.account.plan"].create({"key_account_id": cls.account.id})
        cls.env["nka.account.plan.action"].create(
            {"plan_id": plan.id, "name": "Call", "user_id": cls.manager.id}
            | {"date_due": cls.today + cls._days(9)}
        )

    def test_overrides_cannot_use_the_permission_of_a_step(self):
        probe = Probe(self.env)
        with probe.standing():
            self._hand_over(self.account)
        self.assertFalse(sorted(set(probe.leaks)))
        self.assertLessEqual(self.WOKEN, probe.seen)
        self.assertEqual(self.account.manager_id, self.colleague)
        self.assertEqual(self.lead.user_id, self.colleague)

    def test_override_of_a_partner_write_cannot_retire_an_account(self):
        """Regression: during this write, an override could set any guarded field."""
        done = []

        def retire(partners, vals):
            if vals.get("user_id") == self.colleague.id:
                done.append(True)
                account = partners.env["nka.key.account"].browse(self.other_account.id)
                with self.assertRaises(AccessError):
                    account.write({"state": "former"})

        with self._overridden("res.partner", retire):
            self._hand_over(self.account)
        self.assertTrue(done)
        self.assertEqual(self.other_account.state, "key")

    def test_override_of_a_lead_write_cannot_reassign_leads(self):
        lead = self._new_lead(self.other_client)

        def give_away(leads, vals):
            own = leads.with_user(self.manager)
            for given in (lead, self.lead):
                with self.assertRaises(AccessError):
                    own.browse(given.id).write({"user_id": self.employee_user.id})

        with self._overridden("crm.lead", give_away):
            self._hand_over(self.account)
        self.assertEqual(lead.user_id, self.manager)
        self.assertEqual(self.lead.user_id, self.colleague)

    @contextmanager
    def _overridden(self, model, hook):
        cls, is_inside = self.env.registry[model], []
        origin = cls.write

        def write(records, vals):
            if not is_inside:
                is_inside.append(True)
                hook(records, vals)
                is_inside.pop()
            return origin(records, vals)

        with patch.object(cls, "write", write):
            yield


@tagged("nka_guard")
class TestUnlocked(AccountsCase):
    """What the object returned by ``_unlocked()`` allows."""

    def test_other_methods_are_not_available(self):
        for name in ("action_retire", "read", "with_context", "env", "message_post"):
            with self.assertRaises(AttributeError):
                getattr(self.account._unlocked(), name)

    def test_field_assignment_is_refused(self):
        with self.assertRaises(AttributeError):
            self.account._unlocked().state = "former"

    def test_guard_closes_after_the_call(self):
        self.account._unlocked().write({"state": "former"})
        with self.assertRaises(AccessError):
            self.account.write({"state": "key"})
        self.assertFalse(self.account._is_unlocked({"state": "former"}))

    def test_guard_closes_if_the_call_fails(self):
        with self.assertRaises(ValueError), self.env.cr.savepoint():
            self.account._unlocked().write({"state": "no such state"})
        with self.assertRaises(AccessError):
            self.account.write({"state": "no such state"})

    def test_guard_closes_if_the_write_never_reaches_it(self):
        vals = {"state": "former"}
        cls = self.env.registry["nka.key.account"]
        with patch.object(cls, "write", side_effect=UserError("Not today")):
            with self.assertRaises(UserError):
                self.account._unlocked().write(vals)
        self.assertFalse(self.account._is_unlocked(vals))
        with self.assertRaises(AccessError):
            self.account.write(vals)

    def test_row_is_created_once(self):
        """Code that runs while a row is created can't create the same row again."""
        vals = {
            "key_account_id": self.other_account.id,
            "user_id": self.colleague.id,
            "date_from": self.today + self._days(30),
        }
        rows = self.env["nka.assignment"].sudo()
        refused = []

        def subscribe(records, *args, **kwargs):
            refused.append(rows._is_unlocked([vals]))
            return origin(records, *args, **kwargs)

        cls = self.env.registry["nka.assignment"]
        origin = cls._validate_fields
        with patch.object(cls, "_validate_fields", subscribe):
            rows._unlocked().create(vals)
        self.assertEqual(set(refused), {False})


@tagged("nka_guard")
class TestOtherPermissions(DocumentCase):
    """Gate overrides, losing a deal and locking files give no other permission."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract.stage_ids = cls.won
        cls.other_deal = cls._new_deal(cls.client)

    @contextmanager
    def _overridden(self, model, hook):
        cls, is_inside, ran = self.env.registry[model], [], []
        origin = cls.write

        def write(records, vals):
            if not is_inside:
                is_inside.append(True)
                odd = [
                    key
                    for key, value in records.env.context.items()
                    if type(value) is object
                ]
                self.assertFalse(odd)
                hook(records)
                ran.append(vals)
                is_inside.pop()
            return origin(records, vals)

        with patch.object(cls, "write", write):
            yield
        self.assertTrue(ran)

    def test_gate_override_applies_to_one_deal(self):
        def push(leads):
            with self.assertRaises(UserError):
                leads.browse(self.other_deal.id).write({"stage_id": self.won.id})

        with self._overridden("crm.lead", push):
            self.lead.with_user(self.supervisor_2).action_let_through(
                self.won.id, "Signed abroad"
            )
        self.assertEqual(self.lead.stage_id, self.won)
        self.assertNotEqual(self.other_deal.stage_id, self.won)

    def test_only_the_lost_deal_is_archived(self):
        def archive(leads):
            with self.assertRaises(AccessError):
                leads.browse(self.other_deal.id).write({"active": False})

        with self._overridden("crm.lead", archive):
            self.lead.with_user(self.manager).action_set_lost()
        self.assertFalse(self.lead.active)
        self.assertTrue(self.other_deal.active)

    def test_reassigning_a_deal_while_losing_it_is_logged(self):
        deal = self.lead.with_user(self.supervisor)
        deal.action_set_lost(user_id=self.colleague.id)
        self.assertTrue(self._events(self.lead, "lead_owner"))
        self.assertFalse(self._events(self.lead, "lead_archived"))

    def test_only_the_submitted_files_are_locked(self):
        frozen = self._submitted()._files()
        document = self._draft()

        def rename(files):
            with self.assertRaises(UserError):
                files.browse(frozen.id).write({"name": "forged.pdf"})
            with self.assertRaises(UserError):
                files.browse(frozen.id).write({"nka_digest": "forged"})

        with self._overridden("ir.attachment", rename):
            document.action_submit()
        self.assertNotEqual(frozen.name, "forged.pdf")
        self.assertTrue(document._files().nka_digest)


@tagged("nka_guard")
class TestCheckedStatements(CloseCase):
    def test_other_statements_are_still_verified(self):
        """The mark that a month was verified is valid only for its statements."""
        close = self._locked_close()
        statement = close.sudo().statement_ids
        noted = checked(statement, statement.browse())
        calls = []
        month = self.env.registry["nka.month.close"]
        with patch.object(month, "_check_sealed", lambda close: calls.append(close)):
            noted._check_printable()
            self.assertEqual(len(calls), 1)
            checked(statement, statement)._check_printable()
        self.assertEqual(len(calls), 1)


#: Tests that together take each step of each guarded model -> models of each test.
SCENARIOS = {
    accounts_test_handover.TestHandoverCredit: {
        "test_credit_alone": {"nka.handover.line"},
    },
    accounts_test_handover.TestLeavingManager: {
        "test_archived_manager": {
            "crm.lead",
            "nka.account.plan.action",
            "nka.handover",
            "nka.handover.line",
            "nka.key.account",
        },
    },
    accounts_test_joining.TestEarlierSalesDontCount: {
        "test_contact_with_an_order_only_is_recorded": {"nka.client.join"},
    },
    accounts_test_roles.TestSupervisorRole: {
        "test_decides_with_a_reason": {"nka.assignment", "nka.key.account"},
    },
    bi_test_grants.TestGrants: {
        "test_a_return_lets_it_be_changed": {"nka.bi.grant"},
        "test_a_withdrawn_role_reads_nothing": {"nka.bi.grant"},
    },
    close_test_corrections.TestRefund: {
        "test_officer_is_led_to_the_adjustment": {"nka.pay.correction"},
    },
    close_test_steps.TestExcluded: {
        "test_closed_later_by_two_officers": {
            "nka.month.close.check",
            "nka.month.close.exclusion",
            "nka.month.close.revision",
        },
    },
    copies_test_database.TestDatabase: {
        "test_production_system_is_confirmed_with_a_reason": {"nka.database"},
    },
    deals_test_commitments.TestCommitment: {
        "test_waived_by_an_uninvolved_supervisor": {"nka.commitment"},
    },
    deals_test_discount.TestDiscount: {
        "test_request_is_outdated_when_the_quotation_changes": {"nka.discount.request"},
    },
    deals_test_offer.TestConcession: {
        "test_balance_of_the_deal": {"nka.concession"},
    },
    deals_test_offer.TestContribution: {
        "test_returned_with_a_reason": {"nka.offer.contribution"},
        "test_requests_are_withdrawn_not_deleted": {"nka.offer.contribution"},
    },
    dependency_test_plans.TestPlans: {
        "test_done_by_the_figures": {"nka.dependency.plan"},
    },
    documents_test_entry.TestEntry: {
        "test_document_from_an_attachment": {"nka.document"},
    },
    documents_test_review.TestReview: {
        "test_new_revision_supersedes_on_approval": {"nka.document"},
        "test_return_answer_approve": {
            "nka.document",
            "nka.document.check",
            "nka.document.finding",
            "nka.document.review",
        },
        "test_validity_warning_and_expiry": {"nka.document"},
        "test_sample_is_selected_by_the_system": {"nka.document.check"},
        "test_findings_entered_beside_the_preview": {"nka.document.finding"},
    },
    leads_test_custody.TestCustody: {
        # Records of a deal are moved by SQL, so no override runs with the guard open.
        "test_supervisor_merges_and_deletes_with_events": set(),
    },
    leads_test_origin.TestOrigin: {
        "test_new_claim_after_a_rejection_needs_a_new_decision": {"crm.lead"},
    },
    leaving_test_departure.TestDeparture: {
        "test_access_ends_after_the_last_day": {"nka.departure"},
    },
    leaving_test_look_back.TestLookBack: {
        "test_sealed_with_its_hash_in_the_trail": {"nka.departure.dossier"},
    },
    loyalty_test_market.TestMarket: {
        "test_entered_and_confirmed": {"nka.pay.market"},
    },
    loyalty_test_promises.TestPromises: {
        "test_another_day_needs_consent": {"nka.promise"},
    },
    outputs_test_mail.TestMail: {
        "test_after_five_attempts_an_officer_must_resend": {"nka.pay.statement.mail"},
        "test_mailing_twice_sends_once": {"nka.pay.statement.mail"},
    },
    pay_test_agreement.TestPayAgreement: {
        "test_new_terms": {"nka.pay.agreement"},
    },
    pay_test_goal_decisions.TestDecisions: {
        "test_one_goal_must_remain": {"nka.season"},
        "test_unaccepted_goal_needs_two_people": {"nka.season.goal"},
    },
    pay_test_plan.TestPayPlanVersion: {
        "test_future_approval_can_be_withdrawn_until_an_agreement_is_accepted": {
            "nka.pay.agreement",
            "nka.pay.plan.version",
        },
        "test_new_version_is_a_copy_with_differences": {"nka.pay.plan.version"},
    },
    plans_test_account_plan.TestAccountPlan: {
        "test_returned_and_revised_with_a_reason": {"nka.account.plan"},
    },
    plans_test_account_plan.TestPlanActions: {
        "test_owner_without_a_role_sees_and_completes_their_action": {
            "nka.account.plan.action"
        },
    },
    qualification_test_credit_rating.TestCreditRating: {
        "test_declined_with_a_reason": {"nka.credit.rating"},
        "test_the_review_shows_the_previous_rating": {"nka.credit.rating"},
    },
    qualification_test_qualification.TestQualification: {
        "test_returned_with_a_question": {"nka.qualification"},
    },
    reading_test_restrictions.TestRestriction: {
        "test_it_begins_on_its_day_and_can_be_lifted": {"nka.reading.restriction"},
    },
    reading_test_unusual.TestUnusual: {
        "test_the_stop_is_told_and_can_be_lifted_for_today": {"nka.reading.alert"},
    },
    reports_test_work_report.TestReportFacts: {
        "test_recorded_activity_is_locked_after_submission": {"nka.work.report.fact"},
    },
    reports_test_work_report.TestWorkReport: {
        "test_return_with_a_question": {"nka.work.report"},
        "test_submit_and_approve": {"nka.work.report"},
    },
    secrecy_test_regime.TestRegime: {
        "test_a_new_regime_replaces_it_and_asks_again": {
            "nka.secrecy.acknowledgement",
            "nka.secrecy.regime",
        },
    },
    statements_test_confined.TestDispute: {
        "test_outcome_is_logged_and_read_only": {"nka.pay.dispute"},
    },
    statements_test_opening.TestOpeningSteps: {
        "test_return_asks_for_a_reason_and_withdraws_the_approval": {"nka.pay.opening"},
    },
    test_acceptance_close.TestAcceptance: {
        "test_reopened_by_an_administrator_until_it_is_paid": {"nka.month.close"},
        "test_what_comes_late_is_paid_once_in_the_first_open_month": {
            "nka.pay.statement",
            "nka.season.goal",
            "nka.work.report",
        },
    },
    test_acceptance_day.TestAcceptanceDay: {
        "test_7_plan_and_whitespace": {
            "nka.account.plan",
            "nka.account.plan.objective",
            "nka.assignment",
            "nka.key.account",
            "nka.whitespace.line",
        },
        "test_5_commitments": {"nka.commitment"},
        "test_4_individual_offer": {
            "nka.concession",
            "nka.discount.request",
            "nka.offer.contribution",
        },
        "test_1_qualification": {"nka.qualification"},
    },
    newcomers_test_path.TestConfirming: {
        "test_confirmed_by_a_supervisor": {
            "nka.manager.start",
            "nka.mentorship",
            "nka.mentorship.step",
        },
    },
    newcomers_test_starts.TestStarts: {
        "test_existing_managers": {"nka.manager.start.offer"},
    },
    talent_test_assessments.TestAssessments: {
        "test_confirmed_writes_the_history_of_odoo": {"nka.skill.assessment"},
    },
    talent_test_offers.TestOffers: {
        "test_answers": {"nka.job.offer"},
    },
    voice_test_answers.TestAnswers: {
        "test_released_by_the_supervisor": {"nka.voice.answer"},
    },
    voice_test_asking.TestAsking: {
        "test_changed_address": {"nka.stakeholder"},
        "test_opt_out_is_respected": {"nka.voice.refusal"},
        "test_twice_a_year": {"nka.voice.round"},
    },
    setup_test_setup.TestSetup: {
        "test_opening_the_page_prepares_no_plan": {
            "nka.setup",
            "nka.setup.item",
            "nka.setup.person",
        },
    },
    setup_test_setup.TestTakeover: {
        "test_who_nominated_cannot_confirm": {"nka.takeover.line"},
    },
    setup_test_setup.TestAgreements: {
        "test_agreement_and_balance_are_created_together": {"nka.setup.agreement"},
    },
}


class Scenario(Probed):
    """A test that has to take steps of the models in ``taken``."""

    def tearDown(self):
        seen = {model for model, _method in self.probe.seen}
        self.assertLessEqual(self.taken[self._testMethodName], seen)
        super().tearDown()


def _make_scenarios():
    """Define each test of SCENARIOS again, with a probe around every model."""
    for case, taken in SCENARIOS.items():
        others = {*defaultTestLoader.getTestCaseNames(case)} - {*taken}
        body = {"__module__": __name__, "taken": taken, **dict.fromkeys(others)}
        name = f"Probed{case.__module__.rpartition('.')[2].title()}{case.__name__}"
        name = name.replace("_", "")
        globals()[name] = tagged("nka_guard")(type(name, (Scenario, case), body))


_make_scenarios()


@tagged("nka_guard")
class TestEveryGuardedModel(AccountsCase):
    def test_has_a_scenario(self):
        guarded = {
            name
            for name, model in self.env.registry.items()
            if getattr(model, "_guarded_fields", ()) and not model._abstract
        }
        taken = [models for tests in SCENARIOS.values() for models in tests.values()]
        self.assertEqual(guarded, set().union(*taken))
