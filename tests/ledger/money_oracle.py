"""What of a reconciliation is money, read record by record and worked out by the words of
docs/pay.md: what the ledger's SQL is held against.
"""

from decimal import Decimal
from fractions import Fraction

from ..unit import crediting

LIQUID = ("asset_cash", "liability_credit_card")
REAL = ("in_process", "paid")


def exact(value):
    return Fraction(Decimal(repr(value)).quantize(Decimal("0.0001")))


class MoneyOracle:
    """Part of an Oracle: money by the entry on the other side of a reconciliation."""

    def money_of(self, partial, document):
        """Money in a reconciliation, in the document's currency; None without any."""
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
        """Bank, cash, where payments wait for the bank, or named by the company."""
        if account.account_type in LIQUID:
            return True
        journals = self.env["account.journal"].search(
            [("type", "in", ("bank", "cash", "credit"))]
        )
        waiting = (
            journals.default_account_id
            | journals.suspense_account_id
            | journals.inbound_payment_method_line_ids.payment_account_id
            | journals.outbound_payment_method_line_ids.payment_account_id
            | self.company.account_journal_suspense_account_id
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
    """One entry, seen from a document that it settles.

    :param sign: 1 where money comes in, -1 where it is paid back
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
        """Lines that took what the client didn't pay; exchange differences did not."""
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
        """What was booked as early payment discount, with its taxes."""
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
        """What part of each reconciliation of this entry is money, by its id."""
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
        """Settled by a reconciliation, and the discount granted on it in time."""
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
