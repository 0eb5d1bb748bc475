"""Figures of one account in one week, as SQL over the account row.

Weeks begin on Monday. A row of week W says what was true when W began: levels on that
day, and flows of the seven days before it. Some levels can be told for a past day as
well; the others are known only on the day itself, so they are kept week by week.
"""

from dataclasses import dataclass
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL, LazyTranslate

from ..facts import sales
from ..facts.contacts import local_day
from ..facts.nka_key_account import TRAILING_MONTHS

_lt = LazyTranslate(__name__)

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class WeekFigure:
    """A column of ``nka.account.week``, and how its changes are told.

    :param name: the column
    :param label: its name for readers
    :param kind: ``money``, ``count`` or ``score`` (the average of the accounts)
    :param better: 1 if more is better, -1 if less is
    """

    name: str
    label: object
    kind: str
    better: int


FIGURES = (
    WeekFigure("revenue", _lt("Revenue, 12 months"), "money", 1),
    WeekFigure("invoiced", _lt("Invoiced in the week"), "money", 1),
    WeekFigure("overdue", _lt("Overdue amount"), "money", -1),
    WeekFigure("pipeline", _lt("Open pipeline"), "money", 1),
    WeekFigure("won", _lt("Deals won in the week"), "money", 1),
    WeekFigure("lost", _lt("Deals lost in the week"), "money", -1),
    WeekFigure("health", _lt("Average health score"), "score", 1),
    WeekFigure("silent", _lt("Accounts with an overdue contact"), "count", -1),
    WeekFigure("documents", _lt("Documents awaiting approval"), "count", -1),
    WeekFigure("late_documents", _lt("Reviews past their deadline"), "count", -1),
    WeekFigure("commitments", _lt("Overdue commitments"), "count", -1),
    WeekFigure("overrides", _lt("Gate overrides in the week"), "count", -1),
)
BY_NAME = {figure.name: figure for figure in FIGURES}


def prepare_columns(accounts, alias, week, is_current):
    """Return the SQL of each figure of a week, over the account row ``alias``.

    :param accounts: nka.key.account, for its hooks
    :param str alias: name of the account row
    :param date week: Monday
    :param bool is_current: whether the week is the current one
    :rtype: dict[str, SQL]
    """
    first, last = week - WEEK, week - timedelta(days=1)
    year = last - relativedelta(months=TRAILING_MONTHS)
    columns = {
        "revenue": sales.revenue_sql(alias, year, last),
        "invoiced": sales.revenue_sql(alias, first - timedelta(days=1), last),
        "won": _deals(accounts, alias, "won", first, week),
        "lost": _deals(accounts, alias, "lost", first, week),
        "health": _health(alias, week),
        "documents": _reviews(accounts, alias, week, SQL("TRUE")),
        "late_documents": _reviews(
            accounts, alias, week, SQL("review.deadline < %s", week)
        ),
        "overrides": _overrides(accounts, alias, first, week),
    }
    now = {
        "overdue": accounts._sql_overdue_amount(alias),
        "pipeline": accounts._sql_pipeline_amount(alias),
        "silent": SQL(
            "(COALESCE(%s, '') = 'overdue')::int", accounts._sql_contact_reason(alias)
        ),
        "commitments": accounts._sql_overdue_commitment_count(alias),
    }
    if not is_current:
        now = dict.fromkeys(now, SQL("NULL::numeric"))
    return columns | now


def _deals(accounts, alias, status, first, after):
    return SQL(
        """(SELECT COALESCE(SUM(lead.expected_revenue), 0) FROM crm_lead lead
             WHERE lead.key_account_id = %(account)s
               AND lead.won_status = %(status)s
               AND %(day)s >= %(first)s AND %(day)s < %(after)s)""",
        account=SQL.identifier(alias, "id"),
        status=status,
        day=local_day(accounts, SQL("lead.date_closed")),
        first=first,
        after=after,
    )


def _health(alias, week):
    return SQL(
        """(SELECT past.health FROM nka_health_history past
             WHERE past.key_account_id = %s AND past.date <= %s
          ORDER BY past.date DESC LIMIT 1)""",
        SQL.identifier(alias, "id"),
        week,
    )


def _reviews(accounts, alias, week, condition):
    """Return the number of documents that were submitted and not decided by a day."""
    return SQL(
        """(SELECT COUNT(*) FROM nka_document document
              JOIN nka_document_review review ON review.document_id = document.id
             WHERE document.key_account_id = %(account)s
               AND %(submitted)s < %(week)s
               AND (review.verdict_date IS NULL OR %(decided)s >= %(week)s)
               AND %(condition)s)""",
        account=SQL.identifier(alias, "id"),
        submitted=local_day(accounts, SQL("review.submit_date")),
        decided=local_day(accounts, SQL("review.verdict_date")),
        week=week,
        condition=condition,
    )


def _overrides(accounts, alias, first, after):
    return SQL(
        """(SELECT COUNT(*) FROM nka_gate_exception given
              JOIN crm_lead lead ON lead.id = given.lead_id
             WHERE lead.key_account_id = %(account)s
               AND %(day)s >= %(first)s AND %(day)s < %(after)s)""",
        account=SQL.identifier(alias, "id"),
        day=local_day(accounts, SQL("given.create_date")),
        first=first,
        after=after,
    )
