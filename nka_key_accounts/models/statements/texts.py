"""Formulas, reasons and labels of ``paycalc`` in the user's language."""

from odoo import fields
from odoo.tools import LazyTranslate, format_date, formatLang

from ... import paycalc
from ..facts import calendars

_lt = LazyTranslate(__name__)

#: Formulas of ``paycalc``, and of lines about time off and held credits.
FORMULAS = {
    **paycalc.FORMULAS,
    "leave.deduct": _lt(
        "unpaid leave, not paid: {unpaid_days} of {scheduled_days} workdays"
    ),
    "leave.leave_to_payroll": _lt(
        "unpaid leave, paid here and left to the company's salary rules: "
        "{unpaid_days} of {scheduled_days} workdays"
    ),
    "leave.uncounted": "{note}",
    "credits.held": _lt(
        "{held_credits} of credits, held until these documents are approved: {note}"
    ),
    "credits.released": _lt(
        "{released_credits} of credits of {note}, held in earlier months; the documents "
        "are approved now, so they count in this month"
    ),
    "credits.reversed": _lt(
        "{released_credits} of credits of {note}, held in earlier months and reversed "
        "now, so nothing of them waits any longer"
    ),
    "loyalty.holding_until": _lt(
        "{loyalty_share} % of the {earned} earned is held until {day}, when twelve "
        "months of employment are complete: {change}; held in total: {held}"
    ),
    "loyalty.vested_on": _lt(
        "held before, and vested because twelve months of employment were complete on "
        "{day} = {amount}"
    ),
    "loyalty.vested_at_end": _lt(
        "held before, and vested because the employment ended on {day}, not by the "
        "employee's decision = {amount}"
    ),
    "loyalty.lapsed_on": _lt(
        "lapsed, because the employee left on {day}, before twelve months of "
        "employment: {loyalty_lapsed}"
    ),
}

#: Reasons of ``paycalc``, and of statement lines.
REASONS = {
    **paycalc.REASONS,
    **{f"leave.{code}": text for code, text in calendars.REASONS.items()},
    "no_advance": _lt("No draw is due and none is recovered."),
    "taken_back": _lt("Clawbacks offset the credits."),
    "credits_held": _lt(
        "All credits of the month are held until the documents of their deals are "
        "approved."
    ),
}
#: Names of inputs that aren't from ``paycalc``.
LABELS = {
    "held_credits": _lt("Credits held"),
    "released_credits": _lt("Credits released"),
}
#: Reasons that are shown with the date of the first order concerned.
BY_ORDER = ("no_owner", "other_owner", "order_after")
#: Maximum number of a month's reasons in a sentence; the list has all of them.
TOLD = 4


def _translated(env, text):
    return env._(text)  # pylint: disable=translation-contains-variable


def formula(env, code, values):
    """Return the calculation with its numbers; empty for an unknown code.

    :param env: environment, for the language
    :param str code: code of the result
    :param dict values: numbers as text
    :rtype: str
    """
    if code not in FORMULAS:
        return ""
    return _translated(env, FORMULAS[code]).format(**values)


def reason(env, code):
    """Return why an amount is zero; empty if it isn't.

    :param env: environment, for the language
    :param str code: code of the reason
    :rtype: str
    """
    return _translated(env, REASONS[code]) if code in REASONS else ""


def label(env, name):
    """Return the name of an input.

    :param env: environment, for the language
    :param str name: name in ``paycalc``
    :rtype: str
    """
    known = paycalc.LABELS.get(name)
    text = known.text if known else LABELS.get(name)
    return _translated(env, text) if text else name


def uncredited(env, rows, currency):
    """Return what clients paid that a person isn't credited for, with the reasons.

    :param env: environment, for the language
    :param rows: (account id, reason, amount, first order date), highest amounts first
    :param currency: res.currency
    :rtype: str
    """
    if not rows:
        return ""
    total = formatLang(env, sum(float(row[2]) for row in rows), currency_obj=currency)
    parts = [_uncredited_part(env, row, currency) for row in rows[:TOLD]]
    return env._(
        "%(total)s was received but isn't credited: %(parts)s",
        total=total,
        parts="; ".join(parts) + ("; …" if rows[TOLD:] else "."),
    )


def _uncredited_part(env, row, currency):
    account_id, code, money, day = row
    account = env["nka.key.account"].sudo().browse(account_id).exists()
    reasons = env["nka.bonus.check.line"]._fields["reason"]._description_selection(env)
    text = env._(
        "%(client)s: %(money)s (%(reason)s)",
        money=formatLang(env, float(money), currency_obj=currency),
        client=account.partner_id.name or "–",
        reason=dict(reasons)[code],
    )
    if code in BY_ORDER and day:
        return env._(
            "%(text)s, ordered on %(day)s",
            text=text,
            day=format_date(env, fields.Date.to_date(day)),
        )
    return text


def bound(env, documents):
    """Return what credits of one invoice are held for.

    :param env: environment, for the language
    :param dict documents: from ``deal_documents.Missing.plain``
    :rtype: str
    """
    types = env["nka.document.type"].sudo().browse(documents["types"]).exists()
    names = ", ".join(types.mapped("name"))
    if not documents["is_linked"]:
        return env._(
            "%(invoice)s: %(documents)s (its order isn't linked to a deal of the client)",
            invoice=documents["invoice"],
            documents=names,
        )
    return f"{documents['invoice']}: {names}"


def shown_shares(statement):
    """Return agreed and actual shares as text in the user's format.

    :param statement: nka.pay.statement
    :rtype: list[dict]
    """
    env, digits = statement.env, statement.currency_id.decimal_places
    component = env["nka.pay.statement.line"]._fields["component"]
    names = dict(component._description_selection(env))
    # Draw and its recovery belong to this component, but not to the line of the bonus.
    if statement.carry_amount:
        names["bonus"] = env._("Bonus and draw")

    def show(value, places):
        return value and formatLang(env, float(value), places)

    return [
        {
            "name": names[share["component"]],
            "target_percent": show(share["target_percent"], 2),
            "target_amount": show(share["target_amount"], digits),
            "amount": show(share["amount"], digits),
            "percent": show(share["percent"], 2),
        }
        for share in statement.shares or ()
    ]
