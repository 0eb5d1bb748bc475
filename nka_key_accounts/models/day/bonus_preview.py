"""What an order or a deal brings its owner once it is invoiced and paid in full.

The credit is divided as the ledger does (:mod:`..ledger.ownership`) and paid by
``paycalc`` on top of everything else credited in the half-year, so that it is the
difference it makes to the statement. What the order was already credited for keeps its
own month. Reads only, and nothing for clients that never were key accounts.
"""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from odoo import SUPERUSER_ID, fields
from odoo.tools import SQL, format_date, formatLang

from ... import paycalc
from ..ledger.ownership import divide, parts_by_basis
from ..ledger.terms import absences, basis_spans
from ..pay.border import explain_refusal, to_decimal, to_money
from ..statements import texts
from ..statements.gathered import Gathered
from ..statements.person_credits import PersonCredits

ZERO = paycalc.rnd(0)


class Sold(NamedTuple):
    """What is sold to an account, in company currency.

    :param amounts: (day of the order, amount) of each part
    :param documents: part of each posted document that is for it, by document id
    :param problem: why nothing of it can be credited, or empty
    :param deals: crm.lead whose documents the bonus can wait for
    """

    amounts: list
    documents: dict
    problem: str = ""
    deals: object = ()

    @property
    def total(self):
        return sum((amount for _day, amount in self.amounts), ZERO)


class Preview(NamedTuple):
    """Bonus of a person, the sales credit it is for, and a sentence about it."""

    user: object
    amount: Decimal
    note: str


class BonusFacts(Gathered):
    """The facts of one person's month that their bonus depends on.

    :ivar own: (document id, month, month of origin, amount) of the ledger and of what
        the next build will append
    """

    def __init__(self, employee, month, company, documents):
        self.closed = None
        self.employees = employee.sudo().with_company(company)
        self.env = self.employees.env
        self.company, self.currency = company, company.currency_id
        self.month = month
        self.years = company._nka_years()
        self.last_day = paycalc.add_months(month, 1) - timedelta(1)
        self.agreements = self._read_agreements()
        self.openings = self.env["nka.pay.opening"]._for_month(
            self.employees, month, company
        )
        self.user = self.employees.user_id
        self.own = self._read_own(documents)
        self._read_credits()
        self._read_statements()
        self._read_bound()
        # Credits that wait for documents aren't among the others yet.
        held = self.bound.held_sources()
        self.own = [row for row in self.own if row[0] not in held]

    def _read_own(self, documents):
        return self.env.execute_query(
            SQL(
                """SELECT move_ref, date_trunc('month', date)::date,
                          date_trunc('month', origin_date)::date, SUM(amount)::text
                     FROM nka_bonus_line
                    WHERE company_id = %s AND user_id = %s AND move_ref = ANY(%s)
                    GROUP BY 1, 2, 3""",
                self.company.id,
                self.user.id,
                [*documents],
            )
        )

    def _read_credits(self):
        """Read the credits, from the first half-year in which one of ``own`` is."""
        pending = self.env["nka.bonus.builder"]._pending(self.company, self.user)
        self.own = [(*row[:3], Decimal(row[3])) for row in self.own]
        self.own += [tuple(row) for _user, *row in pending]
        result = super()._read_credits()
        found = self.credits[self.user.id]
        first = min([self.month, *(row[1] for row in [*self.own, *found])])
        first = self.years.half_year(first)
        if first < self.years.half_year(self.month):
            credits = self.env["nka.bonus.line"]._credits(
                self.company, self.user, first, self.last_day
            )
            found = credits[self.user.id]
        later = [tuple(row) for _user, _move, *row in pending]
        self.credits[self.user.id] = [*found, *later]
        return result


class Previews:
    """Previews of several orders or deals for the current user.

    Facts of a company and of a person are read once.

    :param env: environment of the reader
    """

    def __init__(self, env):
        self.env, self.sudo = env, env(su=True)
        self._companies, self._supervised = {}, {}

    def of(self, account, sold):
        """Return the preview that the user can see, or None.

        :param account: nka.key.account
        :param Sold sold: what is sold to it
        :rtype: Preview
        """
        account = account.with_env(self.sudo)
        shares = self._shares(account, sold)
        user = self._shown_user(account, shares)
        if not user:
            return None
        if sold.problem:
            return Preview(user, ZERO, sold.problem)
        return self._of_person(account, user, sold, shares.get(user.id, ZERO))

    def _shown_user(self, account, shares):
        """Return whose bonus the user can see: their own, or that of the main owner
        they supervise.
        """
        reader, manager = self.env.user, account.manager_id
        if reader.id in shares or reader == manager:
            return reader.with_env(self.sudo)
        owners = {user_id: abs(part) for user_id, part in shares.items() if user_id}
        main = manager
        if owners and manager.id not in owners:
            main = manager.browse(max(owners, key=owners.get))
        return main if self._is_supervised(main, account.company_id) else None

    def _is_supervised(self, user, company):
        if self.env.uid == SUPERUSER_ID:
            return True
        # Deals and orders can be shared with companies in which others supervise.
        if company.id not in self.env.user.company_ids.ids:
            return False
        if user.id not in self._supervised:
            own = user.with_env(self.env).sudo(False)
            self._supervised[user.id] = own.nka_is_supervised
        return self._supervised[user.id]

    # ------------------------------------------------------------ credit
    def _company(self, company):
        """Return the parties of a company: owners, splits, absences and bases."""
        if company.id not in self._companies:
            builder = self.sudo["nka.bonus.builder"]
            terms = builder._credit_terms(company)
            self._companies[company.id] = (
                builder._owners(company),
                builder._splits(company),
                absences(terms),
                basis_spans(terms),
            )
        return self._companies[company.id]

    def _shares(self, account, sold):
        """Return each owner's credit if everything is paid today, by user id."""
        company = account.company_id
        today = fields.Date.context_today(account)
        owners, splits, left, spans = self._company(company)
        parts = parts_by_basis(
            owners.get(account.id, ()), splits.get(account.id, ()), left
        )
        bases = {
            span.user_id: span.basis
            for span in spans
            if span.date_from <= today <= span.date_to
        }
        shares = {}
        for day, amount in sold.amounts or [(today, ZERO)]:
            due = [
                part
                for part in parts
                if part.order_from <= day <= part.order_to
                and part.event_from <= today <= part.event_to
                and part.invoice_from <= today <= part.invoice_to
            ]
            if any(part.basis for part in due):
                due = _of_own_basis(due, bases)
            for user_id, part in divide(
                amount, due, company.currency_id.decimal_places
            ).items():
                shares[user_id] = shares.get(user_id, ZERO) + part
        return shares

    # ------------------------------------------------------------ bonus
    def _of_person(self, account, user, sold, credit):
        company = account.company_id
        today = fields.Date.context_today(account)
        forecasts = self.sudo["nka.pay.forecast"]
        month = max(paycalc.month_start(today), self._first_open_month(company))
        agreement = forecasts._agreement(user, company, month)
        agreement = agreement or forecasts._counting_agreement(user, company, today)
        if not agreement or agreement.employee_id.user_id != user:
            return Preview(user, ZERO, self._say_no_agreement(user))
        if not credit:
            return Preview(user, ZERO, self._say_no_credit(account, user, sold))
        facts = BonusFacts(agreement.employee_id, month, company, sold.documents)
        try:
            return self._marginal(facts, user, sold, credit)
        except paycalc.PayError as error:
            return Preview(user, ZERO, explain_refusal(self.env, error))

    def _first_open_month(self, company):
        first = self.sudo["nka.bonus.builder"]._first_open_day(company)
        return paycalc.month_start(first)

    def _marginal(self, facts, user, sold, credit):
        """Return what the credit adds to the bonus of the half-year.

        What was credited for it in an earlier half-year keeps the rate of its month.
        """
        employee, digits = facts.employees, facts.currency.decimal_places
        credits = PersonCredits(facts, employee)
        agreement = facts.terms_in(employee, facts.month)
        own = agreement._agreement_terms()
        months = facts.quota_months(employee, facts.month, own.monthly_quota)
        terms = own.bonus_terms(agreement._plan_terms(), months)
        counted, earlier = self._counted(facts, credits, sold)
        others = credits.before + credits.of_month - counted
        now = credit - sum((amount for _month, amount in earlier), ZERO)
        result = paycalc.month_bonus(others, now, terms, digits)
        amount = result.amount - sum(
            (credits._clawback(month, part, ZERO).amount for month, part in earlier),
            ZERO,
        )
        note = self._say(facts, user, credit, others, terms)
        if not amount:
            note = texts.reason(self.env, result.reason) or note
        if held := self._say_held(facts, agreement, amount, sold.deals):
            note = f"{note} {held}"
        return Preview(user, paycalc.rnd(amount, digits), note)

    def _counted(self, facts, credits, sold):
        """Return what is credited for the documents in this half-year, and (month,
        amount) of what is credited in earlier ones.
        """
        digits, counted, earlier = facts.currency.decimal_places, ZERO, {}
        start = facts.years.half_year(facts.month)
        for move_id, month, origin, amount in facts.own:
            part = sold.documents.get(move_id)
            if not part:
                continue
            amount = paycalc.rnd(amount * part.numerator / part.denominator, digits)
            if month >= start and not credits.is_earlier(month, origin):
                counted += amount
            else:
                earlier[origin] = earlier.get(origin, ZERO) + amount
        return counted, [(month, part) for month, part in earlier.items() if part]

    # ------------------------------------------------------------ texts
    def _say_no_agreement(self, user):
        return self.env._(
            "%s has no accepted pay agreement that covers today, so nothing is "
            "credited.",
            user.name,
        )

    def _say_no_credit(self, account, user, sold):
        if not sold.total:
            return self.env._("The amount without tax is zero.")
        return self.env._(
            "Nothing of it is credited to %(person)s: on %(day)s, they had no share in "
            "%(client)s.",
            person=user.name,
            day=format_date(self.env, sold.amounts[0][0]),
            client=account.partner_id.name,
        )

    def _say_held(self, facts, agreement, amount, deals):
        """Return what of the bonus would be held, and until when; empty if nothing."""
        version, notes = agreement.version_id, []
        types = version.release_document_type_ids.with_env(self.env).sudo()
        if types and deals:
            approved = deals.sudo()._approved_types(types)
            types = types.browse().union(*(types - has for has in approved.values()))
        if types:
            notes.append(
                self.env._(
                    "It counts once the deal has approved documents: %s.",
                    ", ".join(types.mapped("name")),
                )
            )
        is_holding = facts.loyalty_state(facts.employees) == paycalc.HOLDING
        if version.loyalty_share and is_holding:
            terms = paycalc.Loyalty(to_decimal(version.loyalty_share), paycalc.HOLDING)
            held = paycalc.loyalty_pay(amount, terms, facts.currency.decimal_places)
            notes.append(
                self.env._(
                    "%(amount)s of it is held as a loyalty share until %(day)s.",
                    amount=formatLang(
                        self.env, float(held.change), currency_obj=facts.currency
                    ),
                    day=format_date(self.env, facts.vesting_day(facts.employees)),
                )
            )
        return " ".join(notes)

    def _say(self, facts, user, credit, others, terms):
        def shown(amount):
            return formatLang(self.env, float(amount), currency_obj=facts.currency)

        quota = terms.half_year_quota
        return self.env._(
            "%(person)s: sales credit of %(credit)s on top of %(others)s this "
            "half-year (%(before)s %% → %(after)s %% of its quota). Bonus before the "
            "draw if it is invoiced and paid in full.",
            person=user.name,
            credit=shown(credit),
            others=shown(others),
            before=formatLang(self.env, float(100 * others / quota), 0),
            after=formatLang(self.env, float(100 * (others + credit) / quota), 0),
        )


def _of_own_basis(parts, bases):
    """Return the parts of one basis: that of the person with the largest one."""
    people = sorted(
        (part for part in parts if part.basis == bases.get(part.user_id, part.basis)),
        key=lambda part: -part.percent,
    )
    basis = people[0].basis if people else parts[0].basis
    return [part for part in parts if part.basis == basis]


# ---------------------------------------------------------------- amounts
def sold_by_orders(orders, company, today):
    """Return what some orders of one account sell.

    Invoiced lines count with their amounts, the rest as if it were invoiced today.

    :param orders: sale.order
    :param company: res.company
    :param date today: day of the exchange rate, and of quotations
    :rtype: Sold
    """
    amounts, documents = [], {}
    for order in orders.sudo():
        total, found = _order_total(order, company, today)
        amounts += _by_day(order, total, today)
        for move_id, part in found.items():
            documents[move_id] = documents.get(move_id, 0) + part
    return Sold(amounts, documents)


def _order_total(order, company, today):
    """Return an order's amount in company currency, and its part of its documents."""
    lines = order.order_line.invoice_lines.filtered(
        lambda line: line.parent_state == "posted" and line.display_type == "product"
    )
    invoiced = defaultdict(lambda: ZERO)
    for line in lines:
        invoiced[line.move_id] -= to_money(line.balance, company.currency_id)
    documents = {
        move.id: Fraction(amount)
        / Fraction(to_money(move.amount_untaxed_signed, company.currency_id))
        for move, amount in invoiced.items()
        if move.amount_untaxed_signed
    }
    total = sum(invoiced.values(), ZERO)
    if order.state != "cancel":
        total += _open_amount(order, lines, company, today)
    return total, documents


def _open_amount(order, lines, company, today):
    """Return what isn't invoiced yet; converted line by line, as invoices are."""
    rate = order.env["res.currency"]._get_conversion_rate(
        company.currency_id, order.currency_id, order.company_id or company, today
    )

    def converted(amount):
        return to_money(company.currency_id.round(amount / rate), company.currency_id)

    if not lines:
        subtotals = order.order_line.mapped("price_subtotal")
        return sum(map(converted, subtotals), ZERO)
    done = -sum(
        line.amount_currency
        if line.currency_id == order.currency_id
        else line.balance * rate
        for line in lines
    )
    left = order.currency_id.round(order.amount_untaxed - done)
    return converted(max(left, 0.0))


def _by_day(order, total, today):
    """Return (day, amount): increases count on the day they were made."""
    day = order.nka_order_day or today
    kept = order.env["nka.order.confirmation"].search(
        [("order_ref", "=", order._origin.id), ("is_raised", "=", True)]
    )
    parts = defaultdict(Fraction)
    for entries in (kept.lines or {}).values():
        for amount, added in entries:
            parts[date.fromisoformat(added) if added else day] += Fraction(str(amount))
    whole = sum(parts.values())
    if len(parts) < 2 or not whole:
        return [(day, total)]
    digits, rows, left = order.company_id.currency_id.decimal_places, [], total
    for part_day, part in sorted(parts.items())[:-1]:
        share = part / whole
        amount = paycalc.rnd(total * share.numerator / share.denominator, digits)
        rows.append((part_day, amount))
        left -= amount
    return [*rows, (max(parts), left)]
