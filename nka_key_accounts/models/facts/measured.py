"""Count or total records of any model per person, for custom KPIs and weekly reports.

1. *Is it real?* Records as they are. Archived ones don't count unless the domain itself
   is about ``active``; lost leads do.
2. *Whose is it?* The person's in the owner field. The company or branch is that of the
   record, else that of its parent record, else that of the owner's user; always exactly
   one.
3. *How much, when?* By the record's date, on the company's days. Orders count by the
   day recorded at their confirmation, because any salesperson can write the order date;
   deals count by the day they were first won, because any salesperson can reopen and
   win them again. Money is converted to company currency at the rate of that day.
4. *Who could have written it?* Any user who can write such records, without
   confirmation.
"""

from datetime import timedelta

from odoo.fields import Domain
from odoo.tools import SQL

from . import calendars
from .orders import CONFIRMED, LOCAL_DAY, ORDER_DAY

#: Lost deals count by the day on which they were lost, if at all.
_NOT_LOST = Domain("won_status", "!=", "lost")
#: Parts of field names that indicate money without a currency.
_MONEY_NAMES = (
    "amount",
    "balance",
    "budget",
    "cost",
    "credit",
    "debit",
    "margin",
    "price",
    "revenue",
    "salary",
    "subtotal",
    "total",
    "turnover",
    "wage",
)


def scope(records, company, first, last, *, domain, date_field, owner_field, owners):
    """Return the domain of the records that count for these owners.

    :param records: any model
    :param company: res.company
    :param domain: condition of the KPI
    :param list owners: ids of users or employees, matching the owner field
    :rtype: odoo.fields.Domain
    """
    return (
        Domain(domain)
        & domain_days(records, date_field, company, first, last)
        & Domain(owner_field, "in", list(owners))
        & domain_company(records, owner_field, company)
        & domain_active(records, domain)
    )


def is_order_day(records, fname):
    """Return whether the field is the order date; the confirmation date replaces it."""
    return (records._name, fname) == ("sale.order", "date_order")


def is_closing_day(records, fname):
    """Return whether the field is the closing date; for won deals, the first
    closing date replaces it.
    """
    return (records._name, fname) == ("crm.lead", "date_closed")


def domain_days(records, fname, company, first, last):
    """Return the condition that the date that counts is within these days."""

    def days(name):
        return Domain(calendars.domain_days(records, name, company, first, last))

    if is_closing_day(records, fname):
        is_kept = Domain("first_won_date", "!=", False) & _NOT_LOST
        is_closed = Domain(fname, "!=", False)
        return is_kept & is_closed & days("first_won_date") | ~is_kept & days(fname)
    if not is_order_day(records, fname):
        return days(fname)
    records.flush_model(["date_order", "company_id"])
    start, end = calendars.bounds(company, first, last)
    those = SQL(
        """(SELECT sale.id FROM sale_order sale LEFT JOIN %(confirmed)s
             WHERE confirmation.date BETWEEN %(first)s AND %(last)s
                OR confirmation.date IS NULL
               AND sale.date_order >= %(start)s AND sale.date_order < %(end)s
               AND %(local_day)s BETWEEN %(first)s AND %(last)s)""",
        confirmed=CONFIRMED,
        local_day=LOCAL_DAY,
        first=first,
        last=last,
        # Widened by a day: the day of an order is in the time zone of its own company.
        start=start - timedelta(days=1),
        end=end + timedelta(days=1),
    )
    return Domain.custom(
        to_sql=lambda model, alias, query: SQL(
            "%s IN %s", SQL.identifier(alias, "id"), those
        )
    )


def day_of(record, fname):
    """Return the date that assigns the record to a season."""
    kept = False
    if is_order_day(record, fname):
        kept = record.nka_order_day
    elif is_closing_day(record, fname) and record.filtered_domain(_NOT_LOST):
        kept = record[fname] and record.first_won_date
    return kept or record[fname]


def domain_active(records, domain):
    """Return the condition for unarchived records, unless ``domain`` covers it."""
    if "active" not in records._fields:
        return Domain.TRUE
    paths = {one.field_expr for one in Domain(domain).iter_conditions()}
    if "active" in paths:
        return Domain.TRUE
    alive = Domain("active", "=", True)
    if records._name == "crm.lead":
        # Odoo archives lost leads.
        alive |= Domain("active", "=", False) & Domain("won_status", "=", "lost")
    return alive


def domain_company(records, owner_field, company):
    """Return the condition for records of a company and its branches."""
    path = _company_path(records)
    of_owner = Domain(f"{owner_field}.company_id", "child_of", company.ids)
    if not path:
        return of_owner
    own = Domain(path, "child_of", company.ids)
    return own | Domain(path, "=", False) & of_owner


def _company_path(records):
    """Return the path to the company of records, their own or their parent record's."""
    if _has_company(records):
        return "company_id"
    for name, field in records._fields.items():
        if field.type == "many2one" and field.store and field.required:
            if _has_company(records.env[field.comodel_name]):
                return f"{name}.company_id"
    return None


def _has_company(records):
    field = records._fields.get("company_id")
    return bool(
        field
        and field.type == "many2one"
        and field.comodel_name == "res.company"
        and (field.store or field.related)
    )


def is_bare_money(records, fname):
    """Return whether a number is money without a known currency."""
    field = records._fields[fname]
    if field.type == "monetary":
        return not (_has_currency(records, field) or _has_company(records))
    if field.type != "float":
        return False
    digits = field._digits
    is_price = digits in ("Product Price", "Account", "Payroll")
    return is_price or any(word in fname for word in _MONEY_NAMES)


def _has_currency(records, field):
    """Return whether an amount's currency is stored, with it or a related record."""
    currency = records._fields.get(field.get_currency_field(records) or "")
    return bool(currency and (currency.store or currency.related))


def sum_by_owner(records, company, scoped, owner_field, value_field, date_field):
    """Count and total records by owner: one query.

    :param records: any model
    :param company: res.company that amounts are converted for
    :param Domain scoped: result of :func:`scope`
    :param str value_field: field to total, or None to count only
    :return: rows of owner id, number, total as text in company currency, ids
    :rtype: list[tuple]
    """
    query = records.with_context(active_test=False)._search(scoped)
    alias = records._table

    def column(fname):
        return records._field_to_sql(alias, fname, query)

    amount = SQL("0")
    if value_field:
        amount = column(value_field)
        field = records._fields[value_field]
        if field.type == "monetary":
            currency = _currency(records, field, column)
            day = _day_column(records, date_field, column)
            amount = SQL("%s%s", amount, _factor(currency, day, company))
    owner = column(owner_field)
    key = column("id")
    query.groupby = owner
    return records.env.execute_query(
        query.select(
            owner,
            SQL("COUNT(*)"),
            SQL("COALESCE(SUM(%s), 0)::text", amount),
            SQL("ARRAY_AGG(%s ORDER BY %s)", key, key),
        )
    )


def _day_column(records, fname, column):
    """Return the date that counts, see :func:`domain_days`."""
    if is_closing_day(records, fname):
        return SQL(
            "CASE WHEN %s = 'lost' THEN %s ELSE COALESCE(%s, %s) END",
            column("won_status"),
            column(fname),
            column("first_won_date"),
            column(fname),
        )
    if not is_order_day(records, fname):
        return column(fname)
    return SQL(
        "(SELECT %s FROM sale_order sale LEFT JOIN %s WHERE sale.id = %s)",
        ORDER_DAY,
        CONFIRMED,
        column("id"),
    )


def _currency(records, field, column):
    """Return the currency of an amount: its own if stored, else that of the company."""
    if _has_currency(records, field):
        return column(field.get_currency_field(records))
    return SQL(
        "(SELECT own.currency_id FROM res_company own WHERE own.id = %s)",
        column("company_id"),
    )


def _factor(currency, day, company):
    """Return the conversion factor: the company currency's rate over the
    amount's, by day.
    """
    own = company.sudo().currency_id.id
    return SQL(
        """ * CASE WHEN %(currency)s = %(own)s OR %(currency)s IS NULL THEN 1
                   ELSE %(to)s / %(rate)s END""",
        currency=currency,
        own=own,
        to=_rate(SQL("%s", own), day, company),
        rate=_rate(currency, day, company),
    )


def _rate(currency, day, company):
    """Return the rate in force on a day, else the first one, else 1."""
    found = SQL(
        """SELECT rate.rate::numeric FROM res_currency_rate rate
            WHERE rate.currency_id = %s
              AND (rate.company_id IS NULL OR rate.company_id = %s)""",
        currency,
        company.sudo().root_id.id,
    )
    return SQL(
        """COALESCE((%(found)s AND rate.name <= (%(day)s)::date
                      ORDER BY rate.company_id, rate.name DESC LIMIT 1),
                    (%(found)s ORDER BY rate.company_id, rate.name LIMIT 1), 1)""",
        found=found,
        day=day,
    )
