"""Job offers: prepared by an officer, frozen when issued, and without effect on pay."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..pay.common import PayCase

JOB = "nka_key_accounts.job_key_account_manager"


@tagged("nka_talent")
class TestOffers(PayCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.director = cls._new_user("nka_director", "group_key_account_director")
        cls.job = cls.env.ref(JOB)
        cls.offer = cls._offer()
        cls.issued = cls._offer(name="Ivan Petrov")
        cls.issued.action_issue()

    @classmethod
    def _offer(cls, user=None, **vals):
        offers = cls.env["nka.job.offer"].with_user(user or cls.officer)
        return offers.create(
            {
                "name": "Anna Smirnova",
                "job_id": cls.job.id,
                "plan_id": cls.plan.id,
                "target_earnings": 200000,
                "monthly_quota": 2000000,
                "date_start": date(2026, 12, 14),
                "supervisor_id": cls.supervisor.id,
                **vals,
            }
        )

    def _levels(self, offer):
        return {
            row["level"]: [
                float(row[name]) for name in ("fixed", "soft", "bonus", "total")
            ]
            for row in offer._shown()["levels"]
        }

    # ------------------------------------------------------------ what is shown
    def test_examples_of_pay(self):
        """40/10/50 of 200,000 with a cap of 100 % for goals and a flat bonus rate."""
        expected = {
            "80": [80000, 16000, 80000, 176000],
            "100": [80000, 20000, 100000, 200000],
            "120": [80000, 20000, 120000, 220000],
        }
        self.assertEqual(self._levels(self.offer), expected)
        self.assertEqual(self.offer.version_id, self.version)
        self.assertIn("220,000", self.offer.pay_html.replace("\xa0", " "))

    def test_same_as_the_calculator(self):
        """The agreement that follows is calculated by the same engine."""
        what_if = self.env["nka.pay.what.if"].with_user(self.officer)
        calculator = what_if.create(
            {
                "version_id": self.version.id,
                "target_earnings": 200000,
                "monthly_quota": 2000000,
                "draw": 90000,
            }
        )
        offer = self._offer(draw=90000)
        rows = {str(int(row.level)): row for row in calculator.line_ids}
        for level, parts in self._levels(offer).items():
            self.assertEqual(parts[3], rows[level].total_amount)

    def test_page(self):
        """The page has the terms in the offer's language, and no mark of secrecy."""
        report = self.env.ref("nka_key_accounts.nka_job_offer_report")
        self.assertFalse(report._is_marked())
        reports = self.env["ir.actions.report"].with_user(self.officer)
        page = str(
            reports._render_qweb_html(report.report_name, self.issued.ids)[0], "utf-8"
        )
        for text in ("Ivan Petrov", "Goal pay", "isn't a promise", "signature"):
            self.assertIn(text, page.replace("&#39;", "'"))
        self.assertNotIn("Draft", page)
        self.assertNotIn("Smirnova", page)
        draft = reports._render_qweb_html(report.report_name, self.offer.ids)[0]
        self.assertIn("Draft: not issued", str(draft, "utf-8"))
        with self.refused(AccessError):
            reports.with_user(self.supervisor)._render_qweb_html(
                report.report_name, self.offer.ids
            )

    # ------------------------------------------------------------ steps
    def test_frozen(self):
        """What was issued stays, whatever becomes of position, plan or clients."""
        kept = self.issued.content
        self.job.name = "Something else"
        self.assertEqual(self.issued._shown(), kept)
        for vals in (
            {"target_earnings": 1},
            {"name": "Somebody"},
            {"date_start": "2027-01-01"},
            {"description": "Other"},
            {"note": "More"},
        ):
            with self.refused(UserError, "because it is issued"):
                self.issued.write(vals)
        for vals in (
            {"state": "accepted"},
            {"content": {}},
            {"digest": "x"},
            {"version_id": False},
        ):
            with self.refused(AccessError):
                self.issued.write(vals)
        with self.refused(UserError, "stay on record"):
            self.issued.unlink()
        self.refused_by_database(
            "UPDATE nka_job_offer SET target_earnings = 1 WHERE id = %s", self.issued.id
        )
        self.offer.unlink()

    def test_verification(self):
        """A figure changed by SQL doesn't match the hash in the audit trail."""
        verification = self.env["nka.audit.verification"]

        def problems():
            [check] = [
                check
                for check in verification._checks(self.env.company)
                if check.title == "Issued job offers, against their hash"
            ]
            return check.findings

        self.assertFalse(problems())
        self.cr.execute("ALTER TABLE nka_job_offer DISABLE TRIGGER USER")
        self.cr.execute(
            "UPDATE nka_job_offer SET target_earnings = 1 WHERE id = %s",
            [self.issued.id],
        )
        self.cr.execute("ALTER TABLE nka_job_offer ENABLE TRIGGER USER")
        self.env.invalidate_all()
        self.assertEqual(len(problems()), 1)

    def test_answers(self):
        """Answers need words, and come after the offer."""
        with self.refused(UserError, "Issued"):
            self.offer.action_accept("Signed")
        self.assertEqual(self.issued.action_accept()["res_model"], "nka.reason.wizard")
        self.issued.action_accept("Signed copy received")
        self.assertEqual(self.issued.state, "accepted")
        self.assertEqual(self.issued.answered_by_id, self.officer)
        with self.refused(UserError):
            self.issued.action_withdraw("Changed our minds")
        declined = self._offer()
        declined.action_issue()
        declined.action_decline("Stays with the present employer")
        events = self._events(declined, "state")
        self.assertEqual(events.mapped("new"), ["issued", "declined"])
        self.assertEqual(events[0].file_digest, declined.digest)

    def test_withdrawn(self):
        self.issued.action_withdraw("The position was filled")
        self.assertEqual(self.issued.state, "withdrawn")
        again = self.issued.copy({"date_start": date(2027, 1, 11)})
        self.assertEqual(
            (again.state, again.content, again.digest, again.answer),
            ("draft", False, False, False),
        )

    def test_reminder(self):
        """The officer is reminded of the answer; a past day isn't issued."""
        with freeze_time("2026-12-01"):
            offer = self._offer(date_until=date(2026, 12, 8))
            offer.action_issue()
            self.assertEqual(offer.activity_ids.user_id, self.officer)
            self.assertFalse(offer.is_late)
            past = self._offer(date_until=date(2026, 11, 1))
            with self.refused(UserError, "Answer by"):
                past.action_issue()
        with freeze_time("2026-12-09"):
            offer.invalidate_recordset()
            self.assertTrue(offer.is_late)
            offer.action_decline("No answer")
        self.assertFalse(offer.activity_ids)

    def test_incomplete(self):
        """No plan version in force, or terms that can't be calculated."""
        offer = self._offer(date_start=date(2023, 5, 2))
        self.assertEqual(self._levels(offer), {})
        self.assertIn("to see examples of pay", offer.pay_html)
        with self.refused(UserError, "no approved version"):
            offer.action_issue()
        with self.refused(ValidationError):
            self._offer(target_earnings=-1)
        with self.refused(ValidationError, "their own supervisor"):
            self.employee.user_id = self.supervisor
            self._offer(employee_id=self.employee.id)

    # ------------------------------------------------------------ agreement
    def test_agreement(self):
        """The agreement takes over the terms; the offer itself pays nothing."""
        offer = self._offer(draw=30000, recovery_rate=0.5, floor=50000)
        offer.action_issue()
        offer.action_accept("Signed")
        with self.refused(UserError, "Choose the employee"):
            offer.action_propose_agreement()
        offer.employee_id = self.employee
        [event] = self._events(offer, "offer")
        self.assertEqual(event.new, self.employee.name)
        with self.refused(UserError, "already linked"):
            offer.employee_id = self.other_employee
        self.assertFalse(self.env["nka.pay.agreement"].search([]).filtered("state"))
        offer.action_propose_agreement()
        agreement = offer.agreement_id
        self.assertEqual(
            (
                agreement.state,
                agreement.employee_id,
                agreement.date_from,
                agreement.version_id,
                agreement.target_earnings,
                agreement.monthly_quota,
                agreement.draw,
                agreement.recovery_rate,
                agreement.floor,
            ),
            (
                "proposed",
                self.employee,
                date(2026, 12, 1),
                self.version,
                200000,
                2000000,
                30000,
                0.5,
                50000,
            ),
        )
        with self.refused(UserError, "already a pay agreement"):
            offer.action_propose_agreement()
        self.assertFalse(offer.is_different)
        agreement.action_withdraw()
        agreement.target_earnings = 150000
        self.assertTrue(offer.is_different)

    def test_newer_version(self):
        """Another plan version in force by then needs another offer."""
        self.issued.action_accept("Signed")
        self.issued.employee_id = self.employee
        self._approved_version(date(2026, 12, 1))
        with self.refused(UserError, "Make another offer"):
            self.issued.action_propose_agreement()

    # ------------------------------------------------------------ roles
    def test_readers(self):
        """Supervisors of the team and directors read issued offers, nobody else."""
        both = (self.offer + self.issued).ids
        seen = {
            self.officer: both,
            self.supervisor: self.issued.ids,
            self.director: self.issued.ids,
            self.supervisor_2: [],
        }
        for user, ids in seen.items():
            offers = self.env["nka.job.offer"].with_user(user)
            self.assertEqual(sorted(offers.search([]).ids), sorted(ids), user.login)
        for user in (
            self.manager,
            self.kam_admin,
            self.salesman,
            self.employee_user,
        ):
            offers = self.env["nka.job.offer"].with_user(user)
            with self.refused(AccessError):
                offers.search([])
            with self.refused(AccessError):
                offers.browse(self.issued.id).read(["target_earnings"])
            with self.refused(AccessError):
                offers.formatted_read_group([], ["job_id"], ["target_earnings:sum"])

    def test_team(self):
        """A supervisor reads the offers to people of their team."""
        self.env["nka.key.account"].create(
            {
                "partner_id": self.client.id,
                "manager_id": self.manager.id,
                "supervisor_id": self.supervisor_2.id,
            }
        )
        self.issued.employee_id = self.employee
        self.issued.sudo().supervisor_id = False
        offers = self.env["nka.job.offer"]
        self.assertTrue(offers.with_user(self.supervisor_2).search([]))
        self.assertFalse(offers.with_user(self.supervisor).search([]))

    def test_only_officers_act(self):
        for user in (self.supervisor, self.director, self.kam_admin, self.manager):
            with self.refused(AccessError):
                self._offer(user)
            offer = self.issued.with_user(user)
            for step in ("action_accept", "action_decline", "action_withdraw"):
                with self.refused(AccessError):
                    getattr(offer, step)("Because")
            with self.refused(AccessError):
                self.offer.with_user(user).action_issue()
            with self.refused(AccessError):
                offer.action_propose_agreement()
            with self.refused(AccessError):
                offer.write({"supervisor_id": user.id})
            with self.refused(AccessError):
                offer.copy()

    def test_own_offer(self):
        """An officer can't handle an offer to themselves."""
        self.employee.user_id = self.officer
        own = self._offer(employee_id=self.employee.id, supervisor_id=False)
        with self.refused(AccessError, "Another payroll officer"):
            own.action_issue()
        other = self._new_user("nka_officer2", "group_key_account_payroll_officer")
        own.with_user(other).action_issue()
        with self.refused(AccessError, "Another payroll officer"):
            own.action_accept("Of course")
        own.with_user(other).action_accept("Signed")
        with self.refused(AccessError, "Another payroll officer"):
            own.action_propose_agreement()

    def test_forged(self):
        """Contexts and values don't make an offer that was never issued."""
        offers = self.env["nka.job.offer"].with_user(self.officer)
        for name, value in (
            ("state", "accepted"),
            ("agreement_id", 1),
            ("content", {"levels": []}),
            ("digest", "x"),
        ):
            with self.refused(AccessError):
                self._offer(**{name: value})
            with self.refused(AccessError):
                offers.with_context(**{f"default_{name}": value}).create(
                    {
                        "name": "Nobody",
                        "job_id": self.job.id,
                        "plan_id": self.plan.id,
                        "target_earnings": 1,
                        "monthly_quota": 1,
                    }
                )

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_other_company(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._new_user(
            "nka_stranger",
            "group_key_account_payroll_officer",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        offers = self.env["nka.job.offer"].with_user(stranger)
        self.assertFalse(offers.search([]))
        with self.refused(AccessError):
            offers.browse(self.issued.id).action_accept("Signed")
        with self.refused((AccessError, UserError)):
            offers.create(
                {
                    "name": "Nobody",
                    "job_id": self.job.id,
                    "plan_id": self.plan.id,
                    "target_earnings": 1,
                    "monthly_quota": 1,
                }
            )
        with self.refused((AccessError, UserError)):
            self.offer.company_id = company

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_no_door_for_others(self):
        name = self.env.ref("nka_key_accounts.nka_job_offer_report").report_name
        spec = {"pay_html": {}, "version_id": {}, "target_earnings": {}}
        vals = {
            "plan_id": self.plan.id,
            "job_id": self.job.id,
            "target_earnings": 200000,
            "monthly_quota": 2000000,
            "date_start": "2026-12-14",
        }
        for user in (self.manager, self.kam_admin, self.supervisor_2, self.salesman):
            env = self.env(user=user.id)
            offers = env["nka.job.offer"]
            for method, args in (
                ("read", [["pay_html"]]),
                ("export_data", [["target_earnings"]]),
                ("web_read", [spec]),
                ("onchange", [vals, [], spec]),
                ("action_open_agreement", []),
                ("message_post", []),
                ("copy_data", []),
            ):
                with self.subTest(f"{user.login} {method}"), self.refused(AccessError):
                    call_kw(offers, method, [self.issued.ids, *args], {})
            with self.subTest(f"{user.login} new"):
                try:
                    found = call_kw(offers, "onchange", [[], vals, [], spec], {})
                except AccessError:
                    found = {}
                self.assertNotIn("176", str(found))
            with self.refused(AccessError):
                env["ir.actions.report"]._render_qweb_html(name, self.issued.ids)
            about = [("model", "=", "nka.job.offer"), ("res_id", "=", self.issued.id)]
            self.assertFalse(env["mail.message"].search(about))
            events = env["nka.audit.event"]
            if events.has_access("read") and user != self.kam_admin:
                about = [("res_model", "=", "nka.job.offer")]
                self.assertFalse(events.search(about))
