"""Attempts of users of one company to reach the pay data of another by RPC."""

from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..close.common import DECEMBER, NOVEMBER
from .other_companies import CrossCase
from .public_methods import PUBLIC

STRUCTURE = "nka_key_accounts.structure_40_10_50"


@tagged("nka_pay")
class TestReading(CrossCase):
    def test_records_cannot_be_read_or_changed(self):
        self.assertGreater(len(self.theirs), 20)
        for name, record in self.theirs.items():
            for user, context in self._callers():
                for door, *args in (
                    ("read", record.ids, ["display_name"]),
                    ("web_read", record.ids, {"display_name": {}}),
                    ("export_data", record.ids, ["id"]),
                    ("copy", record.ids),
                    ("unlink", record.ids),
                    ("write", record.ids, {"company_id": self.company.id}),
                ):
                    done, text = self._answer(user, name, door, *args, context=context)
                    self.assertFalse(done, f"{name}.{door} by {user.login}")
                    self.assertTellsNothing(text, f"{name}.{door}")

    def _guesses(self, record):
        """Yield domains that could confirm a guess, for the fields of the model."""
        yield [("id", "=", record.id)]
        paths = ("employee_id.user_id", "user_id.login", "statement_id.total_amount")
        for path in paths:
            if path.split(".")[0] in record._fields:
                yield [("id", "=", record.id), (path, "!=", False)]

    def test_searches_confirm_no_guess(self):
        for name, record in self.theirs.items():
            for domain in self._guesses(record):
                for user, context in self._callers():
                    counts = [
                        self._answer(
                            user, name, "search_count", domain, context=context
                        ),
                        self._answer(user, name, "search", domain, context=context),
                    ]
                    for done, text in counts:
                        self.assertIn(text if done else "0", ("0", "[]"), name)
                        self.assertTellsNothing(text, name)

    def test_names_sums_and_sorting_reveal_nothing(self):
        for name, record in self.theirs.items():
            amount = next((f for f in ("total_amount", "amount") if f in record), "id")
            for user, context in self._callers():
                for door, *args in (
                    ("name_search", "", [], "ilike", 9999),
                    ("formatted_read_group", [], ["id"], ["__count"]),
                    ("search_read", [], [amount], 0, None, f"{amount} desc"),
                ):
                    _done, text = self._answer(user, name, door, *args, context=context)
                    self.assertTellsNothing(text, f"{name}.{door}")

    def test_public_methods_do_and_reveal_nothing(self):
        engine = {"hr.payslip": "compute_sheet action_payslip_draft refund_sheet"}
        for name, record in self.theirs.items():
            methods = PUBLIC.get(name, ("", ""))[1] + engine.get(name, "")
            for method in methods.split():
                ids = [] if self._is_of_model(record, method) else [record.ids]
                for user, context in self._callers():
                    done, text = self._answer(user, name, method, *ids, context=context)
                    self.assertTellsNothing(text, f"{name}.{method}")
                    # An action that opens a list shows only records the user can read.
                    if done and not text.startswith('{"'):
                        self.fail(f"{name}.{method} by {user.login}: {text}")

    @staticmethod
    def _is_of_model(record, method):
        return getattr(getattr(type(record), method), "_api_model", False)

    def test_messages_activities_files_and_events_reveal_nothing(self):
        agreement = self.statement.agreement_id
        agreement.message_post(body="Quagga")
        file = self.env["ir.attachment"].create(
            {
                "name": "Quagga.pdf",
                "raw": b"4321.99",
                "res_model": "nka.pay.statement",
                "res_id": self.statement.id,
            }
        )
        names = list(self.theirs)
        for user in self.locals:
            for model, column in (
                ("mail.message", "model"),
                ("mail.activity", "res_model"),
                ("ir.attachment", "res_model"),
                ("nka.audit.event", "res_model"),
            ):
                ids = [] if model != "ir.attachment" else [("id", "=", file.id)]
                domain = [(column, "in", names), *ids]
                _done, text = self._answer(
                    user, model, "search_read", domain, ["display_name"]
                )
                self.assertTellsNothing(text, model)

    def test_reports_cannot_be_rendered_by_id(self):
        for report, record in (
            ("report_pay_statement", self.statement),
            ("report_month_register", self.closed),
            ("report_month_variance", self.closed),
        ):
            for user in self.locals:
                reports = self.env["ir.actions.report"].with_user(user)
                with self.refused(UserError):
                    reports._render_qweb_html(f"nka_key_accounts.{report}", record.ids)

    # The user's own wizards reveal nothing about a foreign record given by id.
    def test_goal_change_reveals_no_goal(self):
        for door, *args in (
            ("create", {"goal_id": self.goal.id, "reason": "Guess"}),
            ("onchange", [], {"goal_id": self.goal.id}, ["goal_id"], {"target": {}}),
        ):
            done, text = self._answer(
                self.local_supervisor, "nka.season.goal.change", door, *args
            )
            self.assertFalse(done, door)
            self.assertTellsNothing(text, door)

    def test_end_of_an_agreement_and_output_of_a_month_are_refused(self):
        number = self.statement.agreement_id.id
        for model, vals in (
            ("nka.pay.agreement.end", {"agreement_id": number, "reason": "Guess"}),
            ("nka.month.close.output", {"close_id": self.closed.id}),
        ):
            with self.refused(AccessError):
                self._new(self.local_officer, model, **vals)

    def test_draft_agreement_reveals_no_terms(self):
        terms = {
            "employee_id": self.stranger.id,
            "plan_id": self.statement.agreement_id.plan_id.id,
            "target_earnings": 1000,
            "monthly_quota": 1000,
            "date_from": "2027-01-01",
        }
        shown = {name: {} for name in (*terms, "version_id", "rate", "fixed_amount")}
        _done, text = self._answer(
            self.local_officer,
            "nka.pay.agreement",
            "onchange",
            [],
            {**terms, "company_id": self.abroad.id},
            list(terms),
            {**shown, "company_id": {}},
        )
        self.assertNotIn("rate", text)
        self.assertNotIn("amount", text)
        for company in (self.company, self.abroad):
            vals = {**terms, "company_id": company.id}
            done, text = self._answer(
                self.local_officer, "nka.pay.agreement", "create", [vals]
            )
            self.assertFalse(done)
            self.assertNotIn("already has an agreement", text)


@tagged("nka_pay")
class TestWritesAcrossCompanies(CrossCase):
    """Records can't be moved to another company or linked to its records."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        officer = cls.local_officer
        cls.plan = cls._own(officer, "nka.pay.plan", name="Of home")
        cls.version = cls._new_version(date(2027, 1, 1), cls.plan)
        cls.their_draft = cls._in(cls.officer, cls.version).create(
            {
                "plan_id": cls.statement.agreement_id.plan_id.id,
                "date_start": date(2027, 1, 1),
            }
        )
        cls.version.sudo()._unlocked().write({"number": 9})
        cls.home = cls._own(officer, "nka.month.close", month=NOVEMBER)
        cls.exclusion = cls._own(
            officer,
            "nka.month.close.exclusion",
            close_id=cls.home.id,
            employee_id=cls.employee.id,
            reason="On leave",
        )
        days = {"date_from": date(2025, 3, 1), "date_to": date(2025, 3, 31)}
        cls.slip = cls._own(
            officer,
            "hr.payslip",
            employee_id=cls.employee.id,
            struct_id=cls.env.ref(STRUCTURE).id,
            **days,
        )

    @classmethod
    def _own(cls, user, model, **vals):
        return cls.env[model].with_user(user).create(vals)

    def _assert_refused(
        self, record, user=None, error=AccessError, text="Switch to", **vals
    ):
        with self.refused(error, text):
            record.with_user(user or self.local_officer).write(vals)
            self.env.flush_all()

    def test_company_of_a_record_cannot_be_changed(self):
        there = {"company_id": self.abroad.id}
        days = {"date_start": date(2025, 3, 1), "date_end": date(2025, 3, 31)}
        ours = {"name": "March", "struct_id": self.env.ref(STRUCTURE).id}
        run = self._own(self.local_officer, "hr.payslip.run", **ours, **days)
        check = self._own(self.local_officer, "nka.bonus.check")
        page = self._own(
            self.local_officer, "nka.month.close", month=days["date_start"]
        )
        for record in (self.plan, page, run, self.slip, check):
            self._assert_refused(record, **there)
        days = {"date_start": date(2021, 1, 1), "date_end": date(2021, 3, 31)}
        season = self._own(self.local_supervisor, "nka.season", **days)
        self._assert_refused(season, self.local_supervisor, **there)
        kpi = {"name": "Own", "code": "own", "measure": "negotiations"}
        kpi = self._own(self.local_admin, "nka.kpi", **kpi)
        self._assert_refused(kpi, self.local_admin, **there)

    def test_user_of_both_companies_has_to_switch_first(self):
        plan = self._in(self.officer, self.plan, self.company)
        with self.refused(AccessError, "Switch to"):
            plan.company_id = self.abroad
        both = (self.company | self.abroad).ids
        plan.with_context(allowed_company_ids=both).company_id = self.abroad
        self.assertEqual(self.plan.sudo().company_id, self.abroad)

    def test_lines_and_versions_cannot_be_moved_abroad(self):
        self._assert_refused(self.version, plan_id=self.their_draft.plan_id.id, text="")
        for part in (self.version.line_ids[0], self.version.tier_ids):
            self._assert_refused(part, version_id=self.their_draft.id, text="")
            self._assert_refused(
                part, company_id=self.abroad.id, text="buttons on the form"
            )

    def test_employees_abroad_cannot_be_excluded(self):
        """Neither by an exclusion at home nor by moving one to the month abroad."""
        self._assert_refused(self.exclusion, close_id=self.page.id, text="")
        them = {"employee_id": self.stranger.id}
        self._assert_refused(self.exclusion, error=UserError, text="", **them)
        self._assert_refused(
            self.exclusion, error=UserError, text="", close_id=self.page.id, **them
        )
        with self.refused(UserError):
            vals = {"close_id": self.home.id, "reason": "Guess", **them}
            self._own(self.local_officer, self.exclusion._name, **vals)
        self.assertFalse(self.page.sudo().exclusion_ids)

    def test_plan_cannot_use_a_foreign_kpi(self):
        line = self.version.line_ids[0]
        self._assert_refused(line, kpi_id=self.kpi.id, error=UserError, text="")

    def test_payslips_cannot_use_a_foreign_structure(self):
        theirs = self.statement.payslip_id.struct_id
        self.assertEqual(theirs.company_id, self.abroad)
        with self.refused(UserError, "company"):
            vals = {"nka_structure_id": theirs.id}
            self._own(self.local_admin, "nka.settings", **vals)

    def test_payslip_cannot_join_a_foreign_batch(self):
        """Their batch would add up our amounts and be locked with our month."""
        days = {"date_start": DECEMBER, "date_end": date(2025, 12, 31)}
        batch = self._in(self.officer, self.env["hr.payslip.run"]).create(
            {"name": "December", "company_id": self.abroad.id, **days}
            | {"struct_id": self.env.ref(STRUCTURE).id}
        )
        self._assert_refused(self.slip, payslip_run_id=batch.id, text="")

    def test_shared_kpi_cannot_be_claimed_by_a_company(self):
        kpi = self._kpi("vip_leads")
        self.assertFalse(kpi.company_id)
        own = {"company_id": self.company.id}
        self._assert_refused(kpi, self.local_admin, UserError, "is used in a", **own)

    def test_payslip_needs_a_company(self):
        """Without a company, it would belong to that of the employee, even abroad."""
        self._assert_refused(
            self.slip,
            error=UserError,
            text="payslip needs a company",
            company_id=False,
        )
        vals = {"employee_id": self.stranger.id, "company_id": False}
        vals.update(date_from=NOVEMBER, date_to=date(2025, 11, 30))
        with self.refused(UserError, "payslip needs a company"):
            self._own(
                self.local_officer,
                "hr.payslip",
                struct_id=self.env.ref(STRUCTURE).id,
                **vals,
            )

    def test_records_cannot_be_created_abroad(self):
        there = {"company_id": self.abroad.id}
        for user, model, vals in (
            (self.local_officer, "nka.pay.plan", {"name": "Planted", **there}),
            (self.local_officer, "nka.month.close", {"month": "2025-10-01", **there}),
            (self.local_officer, "nka.bonus.check", there),
            (self.local_admin, "nka.settings", there),
            (
                self.local_officer,
                "hr.payslip.input",
                {"payslip_id": self.statement.payslip_id.id, "code": "X", "name": "X"},
            ),
        ):
            done, text = self._answer(user, model, "create", [vals])
            self.assertFalse(done, model)
            self.assertTellsNothing(text, model)
            context = {f"default_{name}": value for name, value in vals.items()}
            done, text = self._answer(user, model, "create", [{}], context=context)
            self.assertFalse(done, model)

    def test_payslip_at_home_uses_no_statement_abroad(self):
        self.slip.employee_id = self.stranger
        with self.refused(UserError, "no accepted pay agreement"):
            self.slip.compute_sheet()
        self.assertEqual(self.slip.sudo().nka_total_amount, 0)
