"""Setup for tests of access to another company's pay data: attackers and records."""

import json
from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.service.model import call_kw

from ..close.common import DECEMBER, NOVEMBER, CompaniesCase

FAMILIES = (
    "nka.pay.",
    "nka.bonus.",
    "nka.season",
    "nka.month.",
    "nka.work.report",
    "nka.kpi",
    "nka.payslip",
    "hr.payslip",
)
#: Paths from a record to its company; the first that the model has is used.
WAYS = ("company_id", "statement_id", "close_id", "slip_id", "check_id", "version_id")
#: Must not reach users of the home company: login, texts and amounts from abroad.
MARKS = ("nka_abroad", "Quagga", "4321.99", "5000.05", "2000.02")


class CrossCase(CompaniesCase):
    """Abroad, November is locked and December is open; the attackers work at home."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.local_officer, cls.local_supervisor, cls.local_admin = (
            cls._new_user(f"home_{role}", f"group_key_account_{role}")
            for role in ("payroll_officer", "supervisor", "admin")
        )
        cls.locals = cls.local_officer | cls.local_supervisor | cls.local_admin
        pages = cls._in(cls.officer, cls.env["nka.month.close"])
        cls.closed = pages.create({"month": NOVEMBER})
        cls._lock_abroad(cls.closed)
        cls.page = pages.create({"month": DECEMBER})
        cls.stranger = cls.closed.sudo().statement_ids.employee_id
        cls.statement = cls.closed.sudo().statement_ids
        cls._make_quagga()
        cls.env.flush_all()
        cls.theirs = cls._theirs()

    @classmethod
    def _lock_abroad(cls, close):
        cls._in(cls.officer, close).action_calculate()
        for step in ("action_approve", "action_lock"):
            getattr(cls._in(cls.second, close), step)()

    @classmethod
    def _make_quagga(cls):
        """Create a goal, KPI, report, adjustment, statement mail and dispute abroad."""
        made = cls.env["nka.season"].create(
            {
                "company_id": cls.abroad.id,
                "date_start": date(2020, 1, 1),
                "date_end": date(2020, 3, 31),
            }
        )
        cls.season = made
        person = {"employee_id": cls.stranger.id}
        about = {"statement_id": cls.statement.id}
        cls.kpi = cls._quagga(
            "nka.kpi", name="Quagga", code="quagga", company_id=cls.abroad.id
        )
        cls.goal = cls._quagga(
            "nka.season.goal",
            season_id=made.id,
            kpi_id=cls.kpi.id,
            target=4321.99,
            weight=30,
            **person,
        )
        cls._quagga(
            "nka.work.report",
            company_id=cls.abroad.id,
            date_from=date(2025, 12, 1),
            date_to=date(2025, 12, 7),
            state="submitted",
            summary="Quagga",
            **person,
        )
        cls._quagga(
            "nka.pay.correction",
            component="fixed",
            amount=4321.99,
            reason="Quagga",
            **about,
        )
        cls._quagga("nka.pay.statement.mail", **about)
        cls.env["nka.pay.dispute"].with_user(cls.foreigner).with_company(
            cls.abroad
        ).create({"text": "Quagga", **about})

    @classmethod
    def _quagga(cls, model, **vals):
        records = cls.env[model].sudo()
        if model == "nka.kpi":
            vals["measure"] = "vip_leads"
        else:
            records = records._unlocked()
        return records.create(vals)

    @classmethod
    def _theirs(cls):
        """Return a record abroad of every pay model that has one, by model name."""
        found = {}
        for name in sorted(cls.env.registry):
            records = cls.env[name].sudo().with_context(active_test=False)
            way = next((way for way in WAYS if way in records._fields), None)
            if name.startswith(FAMILIES) and way and not records._abstract:
                path = way if way == "company_id" else f"{way}.company_id"
                found[name] = records.search([(path, "=", cls.abroad.id)], limit=1)
        return {name: record for name, record in found.items() if record}

    def _callers(self):
        """Yield the attackers, each with a context that claims their companies."""
        for user in self.locals:
            yield user, {}
        yield self.local_officer, {"allowed_company_ids": self.abroad.ids}
        yield self.officer, {"allowed_company_ids": self.company.ids}

    def _answer(self, user, model, method, *args, context=None, **kwargs):
        """Return whether a client's call succeeded and its whole text; roll it back."""
        records = self.env(user=user.id, su=False, context={})[model]
        kwargs["context"] = context or {}
        self.env.invalidate_all()
        with self.cr.savepoint() as save:
            try:
                value = call_kw(records, method, list(args), kwargs)
                self.env.flush_all()
                return True, json.dumps(value, default=str)
            except (UserError, ValueError, IntegrityError) as refusal:
                return False, str(refusal)
            finally:
                save.rollback()
                self.env.invalidate_all()

    def assertTellsNothing(self, text, what):
        self.assertFalse([mark for mark in MARKS if mark in text], f"{what}: {text}")

    def _new(self, user, model, **vals):
        return self.env[model].with_user(user).create(vals)
