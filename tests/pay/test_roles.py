"""Each role with its own login: what it can read, and what it can't even guess."""

from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from ..reports.common import ReportCase
from .common import PayCase, SeasonCase

SECRET = 777777


@tagged("nka_pay")
class TestAgreementRoles(PayCase):
    """Pay of a colleague can't be read or guessed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = cls._accepted()
        cls.secret = cls._accepted(cls.other_employee, target_earnings=SECRET)

    def _as(self, user):
        return self.env["nka.pay.agreement"].with_user(user)

    def test_read_access(self):
        both = self.own | self.secret
        for user, expected in (
            (self.manager, self.own),
            (self.colleague, self.secret),
            (self.supervisor, both),
            (self.officer, both),
        ):
            self.assertEqual(self._as(user).search([]) & both, expected)
        for user in (self.kam_admin, self.salesman, self.employee_user):
            with self.refused(AccessError):
                self._as(user).search([])

    def test_manager_cannot_guess(self):
        model = self._as(self.manager)
        guess = [("target_earnings", "=", SECRET)]
        self.assertFalse(model.search(guess))
        self.assertFalse(model.search_count(guess))
        self.assertFalse(model.name_search(self.colleague.name))
        ordered = model.search([], order="target_earnings desc")
        self.assertEqual(ordered, self.own)
        groups = model._read_group([], ["employee_id"], ["target_earnings:sum"])
        self.assertEqual([total for _e, total in groups], [200000])
        groups = model.formatted_read_group(
            [], ["employee_id.user_id"], ["target_earnings:max"]
        )
        self.assertEqual([g["target_earnings:max"] for g in groups], [200000])
        with self.refused(AccessError):
            model.browse(self.secret.id).read(["target_earnings"])
        with self.refused(UserError):
            model.browse(self.secret.id).export_data(["target_earnings"])
        with self.refused(AccessError):
            model.browse(self.secret.id).action_what_if()

    def test_no_bypass_through_other_models(self):
        plans = self.env["nka.pay.plan"].with_user(self.manager)
        with self.refused(AccessError):
            plans.search([("agreement_ids.target_earnings", "=", SECRET)])
        with self.refused(AccessError):
            self.plan.with_user(self.manager).read(["agreement_ids"])
        for model in ("hr.employee", "res.users", "res.company"):
            for name, field in self.env[model]._fields.items():
                self.assertFalse(
                    (field.comodel_name or "").startswith("nka.pay.agreement"), name
                )
        messages = self.env["mail.message"].with_user(self.manager)
        found = messages.search(
            [("model", "=", "nka.pay.agreement"), ("res_id", "=", self.secret.id)]
        )
        self.assertFalse(found)

    def test_manager_cannot_write(self):
        own = self._as(self.manager).browse(self.own.id)
        for attempt in (
            lambda: own.write({"target_earnings": 1}),
            lambda: own.unlink(),
            lambda: own.copy(),
            lambda: own.create({"employee_id": self.employee.id}),
            own.action_propose,
            own.action_withdraw,
            own.action_end,
        ):
            with self.refused(AccessError):
                attempt()

    def test_supervisor_and_admin_cannot_write(self):
        for user in (self.supervisor, self.kam_admin):
            with self.refused(AccessError):
                self._as(user).browse(self.own.id).write({"draw": 1})
            version = self.version.with_user(user)
            with self.refused(AccessError):
                version.write({"cap": 2})
            with self.refused(AccessError):
                version.create({"plan_id": self.plan.id})

    def test_managers_read_the_plan_they_are_paid_by(self):
        other = self.env["nka.pay.plan"].create({"name": "Other"})
        version = self._approved_version(date(2024, 1, 1), plan=other)
        plans = self.env["nka.pay.plan"].with_user(self.manager).search([])
        self.assertEqual(plans, self.plan)
        versions = version.with_user(self.manager)
        self.assertEqual(versions.search([]), self.version)
        self.assertFalse(versions.line_ids.search([("version_id", "=", version.id)]))
        self.assertEqual(len(self.version.with_user(self.manager).tier_ids), 1)
        self.assertTrue(self.version.with_user(self.kam_admin).read(["cap"]))

    def test_drafts_are_read_by_officers_only(self):
        later = self._accepted_then_draft()
        self.assertFalse(self._as(self.manager).search([("id", "=", later.id)]))

    def _accepted_then_draft(self):
        wizard = self.env["nka.pay.agreement.end"].with_user(self.officer)
        action = wizard.create(
            {"agreement_id": self.own.id, "reason": "x", "date_to": date(2030, 1, 31)}
        ).action_apply()
        return self.own.browse(action["res_id"])

    def test_other_company(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.env["nka.pay.plan"].create({"name": "Far", "company_id": company.id})
        plans = self.env["nka.pay.plan"].with_user(self.officer)
        self.assertFalse(plans.search([("name", "=", "Far")]))
        with self.refused(AccessError):
            plans.create({"name": "Far 2", "company_id": company.id})


@tagged("nka_pay")
class TestGoalRoles(SeasonCase):
    def test_managers_read_their_own_goals(self):
        own = self._accepted_goal()
        other = self._accepted_goal(employee_id=self.other_employee.id)
        draft = self._goal("vip_leads", 10)
        goals = self.env["nka.season.goal"]
        for user, expected in (
            (self.manager, own),
            (self.colleague, other),
            (self.supervisor, own | other | draft),
            (self.officer, own | other | draft),
        ):
            self.assertEqual(goals.with_user(user).search([]), expected)
        with self.refused(AccessError):
            goals.with_user(self.kam_admin).search([])
        season = self.season.with_user(self.manager)
        self.assertEqual(season.goal_count, 1)
        self.assertEqual(season.goal_ids, own)
        with self.refused(AccessError):
            other.with_user(self.manager).action_open_evidence()


@tagged("nka_reports")
class TestReportRoles(ReportCase):
    def test_read_access(self):
        own, other = self._report(), self._report(self.colleague)
        both = own | other
        reports = self.env["nka.work.report"]
        for user, expected in (
            (self.manager, own),
            (self.colleague, other),
            (self.supervisor, both),
            (self.officer, both),
        ):
            self.assertEqual(reports.with_user(user).search([]) & both, expected)
        for user in (self.kam_admin, self.salesman):
            with self.refused(AccessError):
                reports.with_user(user).search([])

    def test_officer_sees_the_report_without_its_text(self):
        report = self._report().with_user(self.officer)
        self.assertEqual(report.state, "draft")
        for name in ("summary", "plans", "fact_ids", "return_reason"):
            with self.refused(AccessError):
                report.read([name])
        with self.refused(AccessError):
            self.env["nka.work.report.fact"].with_user(self.officer).search([])

    def test_report_cannot_be_reassigned(self):
        report = self._report()
        with self.refused(AccessError):
            report.write({"employee_id": self.other_employee.id})


@tagged("nka_pay")
class TestPayRpc(HttpCase, PayCase):
    """The same attempts over HTTP."""

    def _call(self, login, model, method, *args, **kwargs):
        self.authenticate(login, login)
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": list(args), "kwargs": kwargs},
        )

    def test_json_rpc(self):
        agreement = self._agreement()
        agreement.action_propose()
        ids = [agreement.id]
        model = "nka.pay.agreement"
        for login in ("nka_colleague", "nka_admin"):
            with self.assertRaisesRegex(Exception, "AccessError|not allowed|access"):
                self._call(login, model, "action_accept", ids)
        for method in ("_move_to", "_finish", "_unlocked"):
            with self.assertRaisesRegex(Exception, "AccessError"):
                self._call("nka_manager", model, method, ids)
        with self.assertRaisesRegex(Exception, "AccessError"):
            self._call(
                "nka_payroll",
                model,
                "write",
                ids,
                {"state": "accepted"},
                context={"nka_key": True},
            )
        with self.assertRaisesRegex(Exception, "UserError"):
            self._call("nka_payroll", model, "action_accept", ids)
        self.assertTrue(self._call("nka_manager", model, "action_accept", ids))
        agreement.invalidate_recordset()
        self.assertEqual(agreement.state, "accepted")
        rows = self._call(
            "nka_manager", model, "web_search_read", [], {"target_earnings": {}}
        )
        self.assertEqual(rows["length"], 1)
