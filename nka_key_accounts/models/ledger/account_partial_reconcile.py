from odoo import api, models
from odoo.exceptions import AccessError

#: What a credit is worked out from, and the day it counts on.
_KEPT = frozenset(
    {
        "debit_move_id",
        "credit_move_id",
        "amount",
        "debit_amount_currency",
        "credit_amount_currency",
        "max_date",
    }
)


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    # A month's reconciliations, for the bonus ledger: without it a full scan.
    _nka_max_date_idx = models.Index("(max_date)")

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any("max_date" in vals for vals in vals_list):
            self._refuse_change()
        partials = super().create(vals_list)
        if not self.env.su:
            partials._check_real()
        return partials

    def write(self, vals):
        """A match is made and undone, never changed; Odoo lets whoever matches write it."""
        if not self.env.su and not _KEPT.isdisjoint(vals):
            self._refuse_change()
        return super().write(vals)

    def _check_real(self):
        """Refuse a match of invoices for more than there is: whoever matches may send any
        amount, and credits follow from it.
        """
        for partial in self:
            items = partial.debit_move_id | partial.credit_move_id
            is_sale = any(
                move.is_sale_document(include_receipts=True) for move in items.move_id
            )
            if is_sale and (partial._is_uneven() or any(map(_is_overdrawn, items))):
                self._refuse_change()

    def _is_uneven(self):
        """Whether amounts in the same currency differ from each other."""
        company = self.company_id.currency_id
        debit, credit = self.debit_move_id.currency_id, self.credit_move_id.currency_id
        pairs = [
            (debit == company, company, self.amount, self.debit_amount_currency),
            (credit == company, company, self.amount, self.credit_amount_currency),
            (
                debit == credit,
                debit,
                self.debit_amount_currency,
                self.credit_amount_currency,
            ),
        ]
        return any(
            is_same and currency.compare_amounts(one, other)
            for is_same, currency, one, other in pairs
        )

    def _refuse_change(self):
        raise AccessError(
            self.env._(
                "The amounts and date of a match between an invoice and its payment "
                "can't be changed. Undo the match and match them again."
            )
        )


def _is_overdrawn(item):
    """Whether more of an item is matched than it is, by more than rounding."""
    return any(
        (left if whole > 0 else -left) < -2 * currency.rounding
        for whole, left, currency in (
            (item.balance, item.amount_residual, item.company_currency_id),
            (item.amount_currency, item.amount_residual_currency, item.currency_id),
        )
    )
