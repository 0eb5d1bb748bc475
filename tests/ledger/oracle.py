"""What the ledger should hold, worked out one invoice at a time: slow and obvious.

Reads records through the ORM and shares no line with the statements it is compared to.
"""

from datetime import date
from decimal import Decimal

from odoo.addons.nka_key_accounts import paycalc

from ..unit import crediting

ZERO = Decimal(0)


def money(value, digits=2):
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits))


class Oracle:
    """Credits of a company: ``{(basis, source id, user id): (day, amount)}``."""

    def __init__(self, env, company):
        self.env, self.company = env, company
        self.digits = company.currency_id.decimal_places
        self.credits = {}

    def work_out(self):
        types = ("out_invoice", "out_refund", "out_receipt")
        moves = self.env["account.move"].search(
            [
                ("company_id", "=", self.company.id),
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

    def order_day(self, move):
        for document in (move, self.source_of(move)):
            orders = document and document.invoice_line_ids.sale_line_ids.order_id
            if orders:
                return min(orders.mapped("date_order")).date()
        return self.basis_day(move)

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
        untaxed = money(move.amount_untaxed_signed)
        total = money(move.amount_total)
        if not total:
            return
        so_far, before, stretch, base, given = ZERO, ZERO, None, ZERO, {}
        for day, partial_id, arrived in self.payments_of(move):
            so_far += arrived
            to_date = crediting.paid_to_date(untaxed, total, so_far, self.digits)
            owners = self.owners("paid", move, day)
            if owners != stretch:
                stretch, base, given = owners, before, {}
            self.divide("paid", move, partial_id, day, to_date - base, owners, given)
            before = to_date

    # ------------------------------------------------------------ invoiced
    def work_out_invoiced(self, move):
        source = self.source_of(move)
        linked = (
            source
            and source.amount_untaxed > 0
            and source.currency_id == move.currency_id
        )
        if not linked:
            amount = money(move.amount_untaxed_signed)
            owners = self.owners("invoiced", move, self.basis_day(move))
            day = move.invoice_date
            given = {}
            self.divide("invoiced", move, move.id, day, amount, owners, given)
            self.take_back(move, amount, owners, given)

    def take_back(self, source, given_amount, owners, given):
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
        so_far = ZERO
        for note in notes:
            so_far += money(note.amount_untaxed)
            taken = crediting.taken_to_date(
                given_amount, money(source.amount_untaxed), so_far, self.digits
            )
            self.divide(
                "invoiced",
                source,
                note.id,
                note.invoice_date,
                given_amount - taken,
                owners,
                given,
            )

    # ------------------------------------------------------------ people
    def owners(self, basis, move, event_day):
        """((user id, percent), …): the largest share first, then by id, nobody last."""
        account = self.account_of(move)
        shares = crediting.beneficiaries(
            self.order_day(move),
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
        """What each owner of an account is paid by."""
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

    def divide(self, basis, move, source_id, day, to_date, owners, given):
        if not owners:
            return
        parts = crediting.divide_to_date(to_date, owners, given, self.digits)
        for user_id, amount in parts.items():
            given[user_id] = given.get(user_id, ZERO) + amount
            if amount and self.counts(basis, move, user_id, day):
                self.credits[basis, source_id, user_id] = (day, amount)

    def counts(self, basis, move, user_id, day):
        """Whether a person is paid by this at all: from their first agreement on, on the
        basis in force on the day of the invoice. Who it is after the last one is known
        from :meth:`owners` already.
        """
        agreements = self.agreements_of(user_id)
        if not agreements or day < agreements[0].first:
            return False
        started = [row for row in agreements if row.first <= self.basis_day(move)]
        return (started or agreements[:1])[-1].basis == basis
