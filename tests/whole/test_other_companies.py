"""Payroll of one company against the pay of another, with all that RPC gives."""

from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..close.common import DECEMBER, NOVEMBER
from .other_companies import CrossCase
from .public_methods import PUBLIC

STRUCTURE = "nka_key_accounts.structure_40_10_50"


@tagged("nka_pay")
class TestReading(CrossCase):
    def test_no_record_is_read(self):
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
        """Domains that a guess would be confirmed by, by the fields a model has."""
        yield [("id", "=", record.id)]
        paths = ("employee_id.user_id", "user_id.login", "statement_id.total_amount")
        for path in paths:
            if path.split(".")[0] in record._fields:
                yield [("id", "=", record.id), (path, "!=", False)]

    def test_no_guess_is_confirmed(self):
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

    def test_no_name_sum_or_order_tells(self):
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

    def test_no_method_does_or_tells_anything(self):
        engine = {"hr.payslip": "compute_sheet action_payslip_draft refund_sheet"}
        for name, record in self.theirs.items():
            methods = PUBLIC.get(name, ("", ""))[1] + engine.get(name, "")
            for method in methods.split():
                ids = [] if self._is_of_model(record, method) else [record.ids]
                for user, context in self._callers():
                    done, text = self._answer(user, name, method, *ids, context=context)
                    self.assertTellsNothing(text, f"{name}.{method}")
                    # What only opens a list by number opens what he may read.
                    if done and not text.startswith('{"'):
                        self.fail(f"{name}.{method} by {user.login}: {text}")

    @staticmethod
    def _is_of_model(record, method):
        return getattr(getattr(type(record), method), "_api_model", False)

    def test_nothing_beside_the_records_tells(self):
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

    def test_no_page_is_printed_by_number(self):
        for report, record in (
            ("report_pay_statement", self.statement),
            ("report_month_register", self.closed),
            ("report_month_variance", self.closed),
        ):
            for user in self.locals:
                reports = self.env["ir.actions.report"].with_user(user)
                with self.refused(UserError):
                    reports._render_qweb_html(f"nka_key_accounts.{report}", record.ids)

    # What pages of one's own, which name a record by its number, say of it: nothing.
    def test_no_goal_by_its_change(self):
        for door, *args in (
            ("create", {"goal_id": self.goal.id, "reason": "Guess"}),
            ("onchange", [], {"goal_id": self.goal.id}, ["goal_id"], {"target": {}}),
        ):
            done, text = self._answer(
                self.local_supervisor, "nka.season.goal.change", door, *args
            )
            self.assertFalse(done, door)
            self.assertTellsNothing(text, door)

    def test_no_agreement_by_its_end_and_no_month_by_its_files(self):
        number = self.statement.agreement_id.id
        for model, vals in (
            ("nka.pay.agreement.end", {"agreement_id": number, "reason": "Guess"}),
            ("nka.month.close.output", {"close_id": self.closed.id}),
        ):
            with self.refused(AccessError):
                self._new(self.local_officer, model, **vals)

    def test_no_terms_by_a_draft(self):
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
            self.assertNotIn("agreement from", text)


@tagged("nka_pay")
class TestGivingAway(CrossCase):
    """Nothing gets abroad by a write, and nothing there is tied to what is here."""

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

    def _refuse(self, record, user=None, error=AccessError, text="Switch to", **vals):
        with self.refused(error, text):
            record.with_user(user or self.local_officer).write(vals)
            self.env.flush_all()

    def test_no_company_is_given_away(self):
        there = {"company_id": self.abroad.id}
        days = {"date_start": date(2025, 3, 1), "date_end": date(2025, 3, 31)}
        ours = {"name": "March", "struct_id": self.env.ref(STRUCTURE).id}
        run = self._own(self.local_officer, "hr.payslip.run", **ours, **days)
        check = self._own(self.local_officer, "nka.bonus.check")
        page = self._own(
            self.local_officer, "nka.month.close", month=days["date_start"]
        )
        for record in (self.plan, page, run, self.slip, check):
            self._refuse(record, **there)
        days = {"date_start": date(2021, 1, 1), "date_end": date(2021, 3, 31)}
        season = self._own(self.local_supervisor, "nka.season", **days)
        self._refuse(season, self.local_supervisor, **there)
        kpi = {"name": "Own", "code": "own", "measure": "negotiations"}
        kpi = self._own(self.local_admin, "nka.kpi", **kpi)
        self._refuse(kpi, self.local_admin, **there)

    def test_whoever_works_in_both_switches_first(self):
        plan = self._in(self.officer, self.plan, self.company)
        with self.refused(AccessError, "Switch to"):
            plan.company_id = self.abroad
        both = (self.company | self.abroad).ids
        plan.with_context(allowed_company_ids=both).company_id = self.abroad
        self.assertEqual(self.plan.sudo().company_id, self.abroad)

    def test_no_part_moves_to_a_whole_abroad(self):
        self._refuse(self.version, plan_id=self.their_draft.plan_id.id, text="")
        for part in (self.version.line_ids[0], self.version.tier_ids):
            self._refuse(part, version_id=self.their_draft.id, text="")
            self._refuse(part, company_id=self.abroad.id, text="buttons of the form")

    def test_nobody_abroad_is_left_out_of_his_month(self):
        """By an exclusion of home that is about him, and then moves to his page."""
        self._refuse(self.exclusion, close_id=self.page.id, text="")
        them = {"employee_id": self.stranger.id}
        self._refuse(self.exclusion, error=UserError, text="", **them)
        self._refuse(
            self.exclusion, error=UserError, text="", close_id=self.page.id, **them
        )
        with self.refused(UserError):
            vals = {"close_id": self.home.id, "reason": "Guess", **them}
            self._own(self.local_officer, self.exclusion._name, **vals)
        self.assertFalse(self.page.sudo().exclusion_ids)

    def test_no_measure_of_theirs_in_a_plan_of_ours(self):
        line = self.version.line_ids[0]
        self._refuse(line, kpi_id=self.kpi.id, error=UserError, text="")

    def test_no_structure_of_theirs_for_our_payslips(self):
        theirs = self.statement.payslip_id.struct_id
        self.assertEqual(theirs.company_id, self.abroad)
        with self.refused(UserError, "company"):
            vals = {"nka_structure_id": theirs.id}
            self._own(self.local_admin, "nka.settings", **vals)

    def test_no_payslip_of_ours_in_their_batch(self):
        """Their batch would sum up our amounts, and be frozen with our month."""
        days = {"date_start": DECEMBER, "date_end": date(2025, 12, 31)}
        batch = self._in(self.officer, self.env["hr.payslip.run"]).create(
            {"name": "December", "company_id": self.abroad.id, **days}
            | {"struct_id": self.env.ref(STRUCTURE).id}
        )
        self._refuse(self.slip, payslip_run_id=batch.id, text="")

    def test_nobody_takes_a_shared_measure_for_himself(self):
        kpi = self._kpi("vip_leads")
        self.assertFalse(kpi.company_id)
        own = {"company_id": self.company.id}
        self._refuse(kpi, self.local_admin, UserError, "goal list", **own)

    def test_a_payslip_is_one_companys(self):
        """Without one it would be that of its person, wherever he is paid."""
        self._refuse(self.slip, error=UserError, text="one company", company_id=False)
        vals = {"employee_id": self.stranger.id, "company_id": False}
        vals.update(date_from=NOVEMBER, date_to=date(2025, 11, 30))
        with self.refused(UserError, "one company"):
            self._own(
                self.local_officer,
                "hr.payslip",
                struct_id=self.env.ref(STRUCTURE).id,
                **vals,
            )

    def test_nothing_is_made_abroad(self):
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

    def test_a_payslip_of_home_reaches_no_statement_abroad(self):
        self.slip.employee_id = self.stranger
        with self.refused(UserError, "no accepted pay agreement"):
            self.slip.compute_sheet()
        self.assertEqual(self.slip.sudo().nka_total_amount, 0)
