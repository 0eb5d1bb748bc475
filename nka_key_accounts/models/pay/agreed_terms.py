"""Terms of a pay agreement, what it is hashed from, and who can end the employment."""

from ... import paycalc
from .border import to_decimal, to_money

#: Terms the employee agrees to; read-only once proposed.
TERM_FIELDS = (
    "employee_id",
    "company_id",
    "plan_id",
    "target_earnings",
    "monthly_quota",
    "draw",
    "recovery_rate",
    "floor",
    "date_from",
    "date_to",
)

#: Derived from the terms; not editable.
RESOLVED_FIELDS = ("version_id", "rate")
#: Set by proposing and accepting.
STEP_FIELDS = (
    "digest",
    "proposed_by_id",
    "proposed_date",
    "accepted_by_id",
    "accepted_date",
)

#: For an accepted agreement, the database allows only the end date to change.
FROZEN_COLUMNS = (
    *(name for name in TERM_FIELDS if name != "date_to"),
    *RESOLVED_FIELDS,
    *STEP_FIELDS,
)

ENDED_BY = [("company", "By the company"), ("employee", "By the employee")]
#: Condition on a row of the agreements under which nobody can change who ended it: after
#: the last day, held bonus is paid or lapses by it.
ENDED_BY_KEPT = """
    before->>'ended_by' IS NOT NULL
    AND (before->>'state' = 'ended' OR (before->>'date_to')::date < CURRENT_DATE)
"""


def agreed_content(agreement, last_day):
    """Return everything the employee accepts, as plain values.

    :param agreement: nka.pay.agreement, as superuser
    :param last_day: the agreed one, or empty
    :rtype: list
    """
    amounts = [
        str(to_money(agreement[name], agreement.currency_id))
        for name in ("target_earnings", "monthly_quota", "draw", "floor")
    ]
    return [
        agreement.employee_id.id,
        agreement.company_id.id,
        str(agreement.date_from),
        str(last_day or ""),
        agreement.currency_id.name,
        amounts,
        str(to_decimal(agreement.recovery_rate, 4)),
        str(to_decimal(agreement.rate, 12)),
        agreement.version_id.digest or agreement.version_id._make_digest(),
    ]


def calculated_terms(record):
    """Return the terms of an agreement, or of an offer of one, for ``paycalc``.

    :param record: record with the fields of pay of an agreement
    :rtype: paycalc.AgreementTerms
    :raise paycalc.PayError: if the terms are invalid
    """
    record.ensure_one()
    currency = record.currency_id
    return paycalc.AgreementTerms(
        target_earnings=to_money(record.target_earnings, currency),
        monthly_quota=to_money(record.monthly_quota, currency),
        draw=to_money(record.draw, currency),
        recovery_rate=to_decimal(record.recovery_rate, 4),
        floor=to_money(record.floor, currency),
        digits=currency.decimal_places,
    )
