"""What the ledger should hold, worked out one invoice at a time: slow and obvious.

Reads records through the ORM and shares no line with the statements it is compared to.
"""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from odoo.addons.nka_key_accounts import paycalc

from ..unit import crediting

ZERO = Decimal(0)


class Course:
    """How far one part of a document is divided, and among whom."""

    def __init__(self):
        self.owners, self.base, self.before, self.given = None, ZERO, ZERO, {}


class KnownOrders:
    """What lines were for when their documents were posted, and when that was ordered.

    Without any knowledge it is what the records say now; a history tells what it
    did, so that nothing anybody writes afterwards counts.
    """

    def __init__(self):
        self.forget()

    def forget(self):
        self.by_line, self.by_order = {}, {}

    def confirm(self, order, day):
        """An order was confirmed, or the system or a supervisor moved its day."""
        self.by_order[order.id] = order.partner_id, order.company_id.id, day

    def post(self, move):
        """A document was posted: what its lines are for now counts."""
        for line in move.line_ids:
            orders = line.sale_line_ids.order_id
            before = self.by_line.get(line.id, ())
            self.by_line[line.id] = [
                order.id
                for order in orders
                if order.state == "sale" or order.id in before
            ]

    def of_line(self, line):
        """(client, company id, day) of the orders of a line."""
        if line.id in self.by_line:
            known = self.by_line[line.id]
            return [
                self.by_order[number] for number in known if number in self.by_order
            ]
        return [
            (order.partner_id, order.company_id.id, order.date_order.date())
            for order in line.sale_line_ids.order_id
            if order.state == "sale"
        ]


def money(value, digits=2):
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits))


class Oracle:
    """Credits of a company: ``{(basis, source id, user id): (day, amount)}``."""

    def __init__(self, env, company, orders=None):
        """
        :param orders: what is known of orders beside what records say now, see
            :class:`KnownOrders`
        """
        self.env, self.company = env, company
        self.digits = company.currency_id.decimal_places
        self.orders = orders or KnownOrders()
        self.companies = company.search([("id", "child_of", company.id)])
        self.credits = {}

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
        partner = (self.source_of(move) or move).commercial_partner_id
        return self.env["nka.key.account"].search(
            [("partner_id", "=", partner.id), ("company_id", "=", self.company.id)]
        )

    def slices_of(self, move):
        """(day, amount) of each day a document's lines were ordered on, in the order of
        the lines: each line by its own order, one without by the document's date.

        A credit note takes back from all parts of its source alike.
        """
        source = self.source_of(move)
        if source and money(source.amount_untaxed_signed):
            part = Fraction(money(move.amount_untaxed_signed)) / Fraction(
                money(source.amount_untaxed_signed)
            )
            return [(day, amount * part) for day, amount in self.slices_of(source)]
        amounts, last = defaultdict(Fraction), {}
        lines = move.line_ids.filtered(lambda line: line.display_type == "product")
        for line in lines.sorted(lambda line: (line.sequence, line.id)):
            day = self.line_day(line) or self.basis_day(move)
            amounts[day] -= Fraction(money(line.balance))
            last[day] = line.sequence, line.id
        days = sorted((day for day in amounts if amounts[day]), key=last.get)
        if not days:
            days = [min(amounts, default=self.basis_day(move))]
        rest = Fraction(money(move.amount_untaxed_signed))
        slices = [(day, amounts[day]) for day in days[:-1]]
        return [*slices, (days[-1], rest - sum(amount for _day, amount in slices))]

    def line_day(self, line):
        """The first day of the line's orders that are of the invoice's own client."""
        days = [
            day
            for client, company_id, day in self.orders.of_line(line)
            if client.commercial_partner_id == line.move_id.commercial_partner_id
            and company_id in self.companies.ids
        ]
        return min(days, default=None)

    def basis_day(self, move):
        document = self.source_of(move) or move
        return document.invoice_date or document.date

    # ------------------------------------------------------------ paid
    def payments_of(self, move):
        """(day, partial id, money in the currency of the invoice), in order."""
        is_refund = move.move_type == "out_refund"
        found = []
        for line in move.line_ids:
            if line.display_type != "payment_term":
                continue
            partials = line.matched_debit_ids if is_refund else line.matched_credit_ids
            for partial in partials:
                other = partial.debit_move_id if is_refund else partial.credit_move_id
                amount = money(
                    partial.credit_amount_currency
                    if is_refund
                    else partial.debit_amount_currency
                )
                part = self.money_part(other)
                if part is not None:
                    arrived = paycalc.rnd(amount * min(Decimal(1), part))
                    found.append((partial.max_date, partial.id, arrived))
        return sorted(found)

    def money_part(self, line):
        if line.payment_id:
            whole = abs(money(line.amount_currency))
            return money(line.payment_id.amount) / whole if whole else Decimal(1)
        if line.statement_line_id:
            return Decimal(1)
        return None

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
        """Give each owner what is new in each slice, together one credit each."""
        new = defaultdict(Decimal)
        for (order_day, _amount), to_date, state in zip(
            slices, parts, course, strict=True
        ):
            owners = self.owners(move, order_day, owner_day)
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
    def owners(self, move, day, event_day):
        """((user id, percent), …): the largest share first, then by id.

        :param day: of the order
        """
        shares = defaultdict(Decimal)
        for row in self.account_of(move).assignment_ids:
            if row.date_from <= day and (not row.date_to or day <= row.date_to):
                shares[row.user_id.id] += money(row.share)
        handovers = self.env["nka.handover"].search(
            [("state", "=", "done"), ("credit_days", ">", 0)], order="date, id"
        )
        for handover in handovers:
            if self.account_of(move) not in handover.key_account_ids:
                continue
            giver, receiver = handover.from_user_id.id, handover.to_user_id.id
            if day < handover.date <= event_day and giver in shares:
                given = shares.pop(giver)
                end = handover.date + timedelta(days=handover.credit_days)
                kept = (
                    given * money(handover.credit_share) / 100 if event_day < end else 0
                )
                if kept:
                    shares[giver] += kept
                if given - kept:
                    shares[receiver] += given - kept
        return tuple(sorted(shares.items(), key=lambda item: (-item[1], item[0])))

    def divide(self, to_date, owners, given):
        if not owners:
            return {}
        parts = crediting.divide_to_date(to_date, owners, given, self.digits)
        for user_id, amount in parts.items():
            given[user_id] = given.get(user_id, ZERO) + amount
        return parts

    def counts(self, basis, move, user_id, day):
        agreements = self.env["nka.pay.agreement"].search(
            [
                ("user_id", "=", user_id),
                ("company_id", "=", self.company.id),
                ("state", "in", ("accepted", "ended")),
            ],
            order="date_from",
        )
        if not any(
            row.date_from <= day <= (row.date_to or date.max) for row in agreements
        ):
            return False
        own_day = self.basis_day(move)
        started = [row for row in agreements if row.date_from <= own_day]
        chosen = started[-1] if started else agreements[0]
        return chosen.version_id.bonus_basis == basis
