"""What the system recorded in twelve months beside each skill.

Facts support an assessment and are never added up to a figure of their own. Each names
what was counted, opens its records, and says why it is zero.
"""

from datetime import timedelta
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo.fields import Domain
from odoo.tools import formatLang

from ..documents.calendar_event import MINUTES
from ..facts import calendars
from ..pay.measurement import Span
from .skill_gaps import SKILL_TYPE

MONTHS = 12
#: Minutes and outcomes are late when entered more than this many days after a meeting.
MINUTES_DAYS = 2


class Fact(NamedTuple):
    """One figure beside a skill."""

    code: str
    #: Short name of the skill's external id
    skill: str
    label: str
    #: The figure, or why there is none
    text: str
    model: str = ""
    #: Ids of the records counted
    ids: tuple = ()


def read(employee, today):
    """Return the facts of one employee, in display order.

    :param employee: hr.employee with a user
    :param date today: last day of the twelve months
    :rtype: list[Fact]
    """
    employee = employee.sudo()
    reader = _Reader(
        employee, Span(employee.company_id, today - relativedelta(months=MONTHS), today)
    )
    return [
        reader.sale_value(),
        reader.reports(),
        reader.outcomes(),
        reader.commitments(),
        reader.first_pass(),
        reader.minutes(),
    ]


def skill_codes(env):
    """Return the short names of our own skills by id, for :attr:`Fact.skill`."""
    module, _dot, _name = SKILL_TYPE.partition(".")
    rows = (
        env["ir.model.data"]
        .sudo()
        .search_fetch(
            [("module", "=", module), ("model", "=", "hr.skill")], ["name", "res_id"]
        )
    )
    return {row.res_id: row.name.removeprefix("skill_") for row in rows}


class _Reader:
    """Reads the facts of one person from the rooms that define them."""

    def __init__(self, employee, span):
        self.employee = employee
        self.user = employee.user_id
        self.span = span
        self.env = employee.env(context={**employee.env.context, "active_test": False})

    # ------------------------------------------------------------ business
    def sale_value(self):
        """Average sale value by the definition of the KPI, and a year before."""
        before = Span(
            self.span.company,
            self.span.date_from - relativedelta(months=MONTHS),
            self.span.date_from - relativedelta(days=1),
        )
        now = self._average(self.span)
        then = self._average(before)
        return self._fact(
            "sale_value",
            "business",
            self.env._("Average sale value"),
            self._say_growth(now.actual, then.actual),
            now.model or "account.move",
            now.ids,
        )

    def _average(self, span):
        kpi = self.env["nka.kpi"].sudo()
        kpi.env.flush_all()
        return kpi._measure_average_check(self.user, span, True)[self.user.id]

    def _say_growth(self, now, then):
        if now is None:
            return self.env._("No sales to their accounts were invoiced in 12 months.")
        amount = self._money(now)
        if not then:
            return self.env._(
                "%s; no sales in the 12 months before to compare with.", amount
            )
        return self.env._(
            "%(amount)s (%(change)s %% against the 12 months before: %(before)s)",
            amount=amount,
            change=f"{100 * (now - then) / then:+.0f}",
            before=self._money(then),
        )

    def _money(self, amount):
        currency = self.span.company.currency_id
        return formatLang(self.env, float(amount), 0, currency_obj=currency)

    # ------------------------------------------------------------ punctuality
    def reports(self):
        """Weekly reports first submitted within their week, of those that have ended."""
        reports = self.env["nka.work.report"].search_fetch(
            [
                ("employee_id", "=", self.employee.id),
                ("date_to", ">=", self.span.date_from),
                ("date_to", "<", self.span.date_to),
            ],
            ["date_to"],
        )
        submitted = dict(
            self.env["nka.audit.event"]._read_group(
                [
                    ("res_model", "=", "nka.work.report"),
                    ("res_id", "in", reports.ids),
                    ("kind", "=", "state"),
                    ("new", "=", "submitted"),
                ],
                ["res_id"],
                ["date:min"],
            )
        )
        punctual = reports.filtered(
            lambda report: (
                report.id in submitted
                and self._day(submitted[report.id]) <= report.date_to
            )
        )
        return self._of(
            "reports",
            "stress",
            self.env._("Weekly reports submitted within the week"),
            punctual,
            reports,
            self.env._("No weekly report was due in 12 months."),
        )

    def outcomes(self):
        """Negotiations with an outcome, of those that took place some days ago."""
        held = self._negotiations()
        entered = held.filtered("negotiation_outcome")
        return self._of(
            "outcomes",
            "stress",
            self.env._("Negotiations with an outcome entered"),
            entered,
            held,
            self.env._("No negotiation was planned in 12 months."),
        )

    def _negotiations(self, domain=Domain.TRUE):
        last = self.span.date_to - timedelta(days=MINUTES_DAYS)
        days = calendars.domain_days(
            self.env["calendar.event"],
            "start",
            self.span.company,
            self.span.date_from,
            last,
        )
        return self.env["calendar.event"].search_fetch(
            Domain("is_negotiation", "=", True)
            & Domain("user_id", "=", self.user.id)
            & Domain("active", "=", True)
            & Domain(days)
            & domain,
            ["start", "stop", "negotiation_outcome", "nka_minutes_id"],
        )

    def commitments(self):
        """Commitments of our side that were kept, of those closed."""
        closed = self.env["nka.commitment"].search_fetch(
            [
                ("manager_id", "=", self.user.id),
                ("company_id", "child_of", self.span.company.id),
                ("promised_by", "=", "us"),
                ("state", "in", ("kept", "breached")),
                ("closed_date", ">=", self.span.date_from),
                ("closed_date", "<=", self.span.date_to),
            ],
            ["state"],
        )
        return self._of(
            "commitments",
            "stress",
            self.env._("Commitments to clients kept"),
            closed.filtered(lambda row: row.state == "kept"),
            closed,
            self.env._("No commitment to a client was closed in 12 months."),
        )

    # ------------------------------------------------------------ documents
    def first_pass(self):
        """Documents approved at their first submission, of those decided."""
        reviews = self.env["nka.document.review"].search_fetch(
            Domain("document_id.author_id", "=", self.user.id)
            & Domain("company_id", "child_of", self.span.company.id)
            & Domain("number", "=", 1)
            & Domain("verdict", "!=", False)
            & Domain(self.span.domain(self.env["nka.document.review"], "submit_date")),
            ["document_id", "verdict"],
        )
        passed = reviews.filtered(lambda row: row.verdict == "approved")
        return self._of(
            "first_pass",
            "documents",
            self.env._("Documents approved at first submission"),
            passed.document_id,
            reviews.document_id,
            self.env._("No document of theirs was decided in 12 months."),
        )

    def minutes(self):
        """Negotiations of key accounts whose minutes were submitted some days later."""
        held = self._negotiations(
            Domain("negotiation_outcome", "not in", (False, "not_held"))
            & Domain("opportunity_id.key_account_id", "!=", False)
        )
        reviews = self.env["nka.document.review"].search_fetch(
            [
                ("document_id", "in", held.nka_minutes_id.ids),
                ("document_id.type_id", "=", self._minutes_id()),
                ("number", "=", 1),
            ],
            ["document_id", "submit_date"],
        )
        submitted = {row.document_id: row.submit_date for row in reviews}
        late = timedelta(days=MINUTES_DAYS)
        timely = held.filtered(
            lambda event: (
                event.nka_minutes_id in submitted
                and self._day(submitted[event.nka_minutes_id])
                <= self._day(event.stop) + late
            )
        )
        return self._of(
            "minutes",
            "documents",
            self.env._("Minutes submitted within %s days", MINUTES_DAYS),
            timely,
            held,
            self.env._("No negotiation with a key account was held in 12 months."),
        )

    def _minutes_id(self):
        return self.env["ir.model.data"]._xmlid_to_res_id(MINUTES)

    # ------------------------------------------------------------ figures
    def _day(self, moment):
        return calendars.local_day(self.span.company, moment)

    def _of(self, code, skill, label, part, whole, nothing):
        """Return the fact “part of whole”, or why there is nothing to count."""
        text = nothing
        if whole:
            text = self.env._(
                "%(part)s out of %(whole)s", part=len(part), whole=len(whole)
            )
        return self._fact(code, skill, label, text, whole._name, whole.ids)

    def _fact(self, code, skill, label, text, model, ids):
        return Fact(code, skill, label, text, model, tuple(ids))
