"""What the ledger should contain, calculated one invoice at a time: slow and obvious.

Reads records through the ORM and shares no code with the SQL it is compared to.
"""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction

from ..facts.known_orders import KnownOrders, OrderOracle, money
from ..unit import crediting

ZERO = Decimal(0)


class Course:
    """Running state of one part of a document: how much is divided, and among whom."""

    def __init__(self):
        self.owners, self.base, self.before, self.given = None, ZERO, ZERO, {}


LIQUID = ("asset_cash", "liability_credit_card")
REAL = ("in_process", "paid")


def exact(value):
    return Fraction(Decimal(repr(value)).quantize(Decimal("0.0001")))


class MoneyOracle:
    """Part of an Oracle: payments, by the entry on the other side of a reconciliation."""

    def money_of(self, partial, document):
        """Return the payment in a reconciliation in the document's currency, or None."""
        is_refund = document.move_type == "out_refund"
        other = partial.debit_move_id if is_refund else partial.credit_move_id
        entry = Entry(self, other.move_id, document, 1 if not is_refund else -1)
        if not entry.is_real() or entry.reached() <= 0:
            return None
        amount = exact(
            partial.credit_amount_currency
            if is_refund
            else partial.debit_amount_currency
        )
        digits = document.currency_id.decimal_places
        part = entry.parts().get(partial.id, Fraction(1))
        return crediting.money(crediting.half_up(amount * part, digits), digits)

    def is_money_account(self, account, payment):
        """Return whether an account is bank, cash or outstanding, or listed by the
        company.
        """
        if account.account_type in LIQUID:
            return True
        journals = self.env["account.journal"].search(
            [("type", "in", ("bank", "cash", "credit"))]
        )
        waiting = (
            journals.default_account_id
            | journals.inbound_payment_method_line_ids.payment_account_id
            | journals.outbound_payment_method_line_ids.payment_account_id
            | payment.outstanding_account_id
        )
        for name in ("debit", "credit"):
            waiting |= (
                self.env["account.chart.template"].ref(
                    f"account_journal_payment_{name}_account_id",
                    raise_if_not_found=False,
                )
                or account.browse()
            )
        return account in waiting | self.company.nka_money_account_ids


class Entry:
    """One journal entry, from the perspective of a document that it settles.

    :param sign: 1 for an incoming payment, -1 for a refund
    """

    def __init__(self, oracle, move, document, sign):
        self.oracle, self.move, self.document, self.sign = oracle, move, document, sign
        self.payment = move.origin_payment_id
        self.lines = move.line_ids.filtered("account_id")
        self.is_alike = len(self.lines.currency_id) == 1

    def is_real(self):
        return (
            self.move.state == "posted"
            and self.move.move_type == "entry"
            and (not self.payment or self.payment.state in REAL)
        )

    def value(self, line):
        return self.sign * exact(
            line.amount_currency if self.is_alike else line.balance
        )

    def is_money(self, line):
        return self.oracle.is_money_account(line.account_id, self.payment)

    def reached(self):
        return sum(self.value(line) for line in self.lines if self.is_money(line))

    def missing(self):
        """Return the lines of what the client didn't pay, without exchange differences."""
        return [
            line
            for line in self.lines
            if not self.is_money(line)
            and self.value(line) > 0
            and not self.is_exchange(line)
        ]

    def is_exchange(self, line):
        company = self.move.company_id
        accounts = (
            company.income_currency_exchange_account_id
            | company.expense_currency_exchange_account_id
        )
        is_foreign = not self.is_alike or (
            self.lines.currency_id == company.currency_id
            and self.document.currency_id != company.currency_id
        )
        return is_foreign and line.account_id in accounts

    # ------------------------------------------------------------ discounts
    def booked(self):
        """Return the amount booked as early payment discount, including its taxes."""
        company = self.move.company_id
        accounts = (
            company.account_journal_early_pay_discount_loss_account_id
            | company.account_journal_early_pay_discount_gain_account_id
        )
        return sum(
            self.value(line)
            for line in self.lines
            if not self.is_money(line)
            and (line.account_id in accounts or line.tax_repartition_line_id)
        )

    def parts(self):
        """Return which part of each reconciliation of this entry is a payment, by id."""
        missing = sum(self.value(line) for line in self.missing())
        if self.sign < 0:
            part = min(Fraction(1), self.reached() / (self.reached() + missing))
            return {partial.id: part for partial in self.lines.matched_credit_ids}
        rows = {row.id: self.row(row) for row in self.lines.matched_debit_ids}
        parts = crediting.spread(
            self.reached(), missing, list(rows.values()), self.booked()
        )
        return dict(zip(rows, parts, strict=True))

    def row(self, partial):
        """Return the amount settled by a reconciliation, and the discount granted on it
        in time.
        """
        settled = exact(
            partial.credit_amount_currency if self.is_alike else partial.amount
        )
        term = partial.debit_move_id
        if (
            term.display_type != "payment_term"
            or not term.discount_date
            or self.move.date > term.discount_date
        ):
            return settled, 0
        granted = exact(term.amount_currency) - exact(term.discount_amount_currency)
        mine = [
            row for row in term.matched_credit_ids if row.credit_move_id in self.lines
        ]
        together = sum(exact(row.debit_amount_currency) for row in mine)
        return settled, granted * settled / together if together > 0 else 0


class Oracle(OrderOracle, MoneyOracle):
    """Credits of a company: ``{(basis, source id, user id): (day, amount)}``."""

    def __init__(self, env, company, orders=None):
        """:param orders: what is known of orders beyond the present records, see
        :class:`KnownOrders`
        """
        self.env, self.company = env, company
        self.digits = company.currency_id.decimal_places
        self.orders = orders or KnownOrders()
        self.companies = company.search([("id", "child_of", company.id)])
        self.credits = {}
        self.documents, self.courses = None, {}

    def work_out(self):
        types = ("out_invoice", "out_refund", "out_receipt")
        moves = self.env["account.move"].search(
            [
                ("company_id", "in", self.companies.ids),
                ("move_type", "in", types),
                ("state", "=", "posted"),
            ],
            order="id",
        )
        for move in moves:
            if self.account_of(move):
                self.work_out_paid(move)
                self.work_out_invoiced(move)
        return self.credits

    # ------------------------------------------------------------ invoices
    def source_of(self, move):
        source = move.reversed_entry_id
        is_sale = source.move_type in ("out_invoice", "out_receipt")
        return source if move.move_type == "out_refund" and is_sale else None

    def account_of(self, move):
        document = self.source_of(move) or move
        partner = document.commercial_partner_id
        if self.orders.is_of_before(document, self.basis_day(move)):
            # What a contact bought before it joined isn't a sale to the client.
            return self.env["nka.key.account"]
        return self.env["nka.key.account"].search(
            [("partner_id", "=", partner.id), ("company_id", "=", self.company.id)]
        )

    def slices_of(self, move):
        """Return (day, amount) of each day on which a document's lines were ordered, in
        line order.

        Each line counts on the day of its own order, a line without one on the document
        date. A credit note reduces all parts of its source proportionally.
        """
        source = self.source_of(move)
        if source and money(source.amount_untaxed_signed):
            part = Fraction(money(move.amount_untaxed_signed)) / Fraction(
                money(source.amount_untaxed_signed)
            )
            return [(day, amount * part) for day, amount in self.slices_of(source)]
        amounts, last = defaultdict(Fraction), {}
        parts = self.parts_of_move(move)
        for line in self.product_lines(move):
            if not self.orders_of(line):
                place = line.sequence, line.id
                parts.append(
                    (self.basis_day(move), -Fraction(money(line.balance)), place)
                )
        for day, amount, place in parts:
            amounts[day] += amount
            last[day] = max(last.get(day, place), place)
        days = [day for day in amounts if amounts[day]]
        together = sum(amounts[day] for day in days)
        if len({amounts[day] > 0 for day in days}) > 1:
            days = [day for day in days if amounts[day] * together > 0]
            gains = sum(amounts[day] for day in days)
            amounts = {day: amounts[day] * together / gains for day in days}
        days.sort(key=lambda day: (last[day], day))
        if not days:
            days = [min(last, default=self.basis_day(move))]
            amounts = dict.fromkeys(days, Fraction(0))
        rest = Fraction(money(move.amount_untaxed_signed))
        slices = [(day, amounts[day]) for day in days[:-1]]
        return [*slices, (days[-1], rest - sum(amount for _day, amount in slices))]

    def basis_day(self, move):
        document = self.source_of(move) or move
        return document.invoice_date or document.date

    # ------------------------------------------------------------ paid
    def payments_of(self, move):
        """Return (day, partial id, payment in the invoice currency), in order."""
        is_refund = move.move_type == "out_refund"
        found = []
        for line in move.line_ids:
            if line.display_type != "payment_term":
                continue
            partials = line.matched_debit_ids if is_refund else line.matched_credit_ids
            for partial in partials:
                arrived = self.money_of(partial, move)
                if arrived is not None:
                    found.append((partial.max_date, partial.id, arrived))
        return sorted(found)

    def work_out_paid(self, move):
        total = money(move.amount_total)
        if not total:
            return
        untaxed = money(move.amount_untaxed_signed)
        slices = self.slices_of(move)
        so_far, course = ZERO, [Course() for _slice in slices]
        for day, partial_id, arrived in self.payments_of(move):
            so_far += arrived
            whole = crediting.paid_to_date(untaxed, total, so_far, self.digits)
            parts = crediting.slices_to_date(
                [amount for _day, amount in slices],
                crediting.arrived_part(total, so_far),
                whole,
                self.digits,
            )
            self.divide_slices(
                "paid", move, partial_id, day, slices, parts, course, owner_day=day
            )

    def divide_slices(
        self, basis, move, source_id, day, slices, parts, course, owner_day
    ):
        """Give each owner the increase in each slice, added up to one credit each."""
        new = defaultdict(Decimal)
        for (order_day, _amount), to_date, state in zip(
            slices, parts, course, strict=True
        ):
            owners = self.owners(basis, move, order_day, owner_day)
            if owners != state.owners:
                state.owners, state.base, state.given = owners, state.before, {}
            for user_id, amount in self.divide(
                to_date - state.base, owners, state.given
            ).items():
                new[user_id] += amount
            state.before = to_date
        for user_id, amount in new.items():
            if amount and self.counts(basis, move, user_id, day):
                self.credits[basis, source_id, user_id] = (day, amount)

    # ------------------------------------------------------------ invoiced
    def work_out_invoiced(self, move):
        source = self.source_of(move)
        linked = (
            source
            and source.amount_untaxed > 0
            and source.currency_id == move.currency_id
        )
        if linked:
            return
        slices = self.slices_of(move)
        course = [Course() for _slice in slices]
        given = crediting.slices_to_date(
            [amount for _day, amount in slices],
            1,
            money(move.amount_untaxed_signed),
            self.digits,
        )
        owner_day = self.basis_day(move)
        self.divide_slices(
            "invoiced",
            move,
            move.id,
            move.invoice_date,
            slices,
            given,
            course,
            owner_day,
        )
        self.take_back(move, slices, given, course, owner_day)

    def take_back(self, source, slices, given, course, owner_day):
        notes = self.env["account.move"].search(
            [
                ("reversed_entry_id", "=", source.id),
                ("state", "=", "posted"),
                ("move_type", "=", "out_refund"),
                ("currency_id", "=", source.currency_id.id),
            ],
            order="invoice_date, id",
        )
        if source.move_type == "out_refund" or source.amount_untaxed <= 0:
            return
        so_far, whole = ZERO, money(source.amount_untaxed_signed)
        for note in notes:
            so_far += money(note.amount_untaxed)
            invoice = money(source.amount_untaxed)
            taken = [
                crediting.taken_to_date(amount, invoice, so_far, self.digits)
                for amount in given[:-1]
            ]
            all_taken = crediting.taken_to_date(whole, invoice, so_far, self.digits)
            left = [amount - back for amount, back in zip(given, taken, strict=False)]
            left.append(whole - all_taken - sum(left))
            self.divide_slices(
                "invoiced",
                source,
                note.id,
                note.invoice_date,
                slices,
                left,
                course,
                owner_day,
            )

    # ------------------------------------------------------------ people
    def owners(self, basis, move, order_day, event_day):
        """Return ((user id, percent), …): largest share first, then by id, no one last."""
        account = self.account_of(move)
        shares = crediting.beneficiaries(
            order_day,
            event_day,
            [
                (
                    row.user_id.id,
                    money(row.share),
                    row.date_from,
                    row.date_to or date.max,
                )
                for row in account.assignment_ids
            ],
            self.handovers_of(account),
            self.agreements(account),
            basis,
            self.basis_day(move),
        )
        return tuple(
            sorted(
                shares.items(),
                key=lambda item: (item[0] == crediting.NOBODY, -item[1], item[0]),
            )
        )

    def handovers_of(self, account):
        handovers = self.env["nka.handover"].search(
            [("state", "=", "done"), ("credit_days", ">", 0)], order="date, id"
        )
        return [
            crediting.Handover(
                row.from_user_id.id,
                row.to_user_id.id,
                row.date,
                money(row.credit_share),
                row.credit_days,
            )
            for row in handovers
            if account in row.key_account_ids
        ]

    def agreements(self, account):
        """Return the basis by which each owner of an account is paid."""
        users = account.assignment_ids.user_id
        return {user.id: self.agreements_of(user.id) for user in users}

    def agreements_of(self, user_id):
        rows = self.env["nka.pay.agreement"].search(
            [
                ("user_id", "=", user_id),
                ("company_id", "=", self.company.id),
                ("state", "in", ("accepted", "ended")),
            ],
            order="date_from",
        )
        return [
            crediting.Agreement(
                row.date_from,
                row.date_to or date.max,
                row.version_id.after_leaving,
                row.version_id.leaver_months,
                row.version_id.bonus_basis,
            )
            for row in rows
        ]

    def divide(self, to_date, owners, given):
        if not owners:
            return {}
        parts = crediting.divide_to_date(to_date, owners, given, self.digits)
        for user_id, amount in parts.items():
            given[user_id] = given.get(user_id, ZERO) + amount
        return parts

    def counts(self, basis, move, user_id, day):
        """Return whether a person is paid on this basis: from their first agreement on,
        on the basis in force on the invoice date. :meth:`owners` decides who follows
        after the last.
        """
        agreements = self.agreements_of(user_id)
        if not agreements or day < agreements[0].first:
            return False
        return crediting.basis_on(agreements, self.basis_day(move)) == basis
