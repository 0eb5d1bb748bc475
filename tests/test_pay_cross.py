"""Payroll of one company against the pay of another, with all that RPC gives."""

from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_close import NOVEMBER
from .common_cross import CrossCase

STRUCTURE = "nka_key_accounts.structure_40_10_50"


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
        cls.version.sudo()._unlocked().number = 9
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
