"""One invoice, one payment and their reconciliation, created by Odoo itself: the
originals of all copies.
"""

from dataclasses import dataclass
from datetime import date

from odoo import Command

UNIT = 10.0


@dataclass(frozen=True)
class Originals:
    """Ids of the rows to copy."""

    invoice: int
    term_line: int
    income_line: int
    tax_line: int | None
    tax: int | None
    payment: int
    payment_move: int
    money_line: int
    counterpart_line: int
    partial: int
    full: int


def make_originals(env):
    """Post an invoice of 10.00 net, pay it in full, and return the resulting rows."""
    tax = env.company.account_sale_tax_id
    invoice = _invoice(env, tax)
    payment = _payment(env, invoice)
    term = invoice.line_ids.filtered(lambda line: line.display_type == "payment_term")
    counterpart = payment.move_id.line_ids.filtered(lambda line: line.reconciled)
    return Originals(
        invoice=invoice.id,
        term_line=term.id,
        income_line=invoice.invoice_line_ids.id,
        tax_line=invoice.line_ids.filtered("tax_line_id").id or None,
        tax=tax.id or None,
        payment=payment.id,
        payment_move=payment.move_id.id,
        money_line=(payment.move_id.line_ids - counterpart).id,
        counterpart_line=counterpart.id,
        partial=term.matched_credit_ids.id,
        full=term.full_reconcile_id.id,
    )


def _invoice(env, tax):
    partner = env["res.partner"].create({"name": "Original", "is_company": True})
    line = {"name": "Delivery", "quantity": 1, "price_unit": UNIT, "tax_ids": tax.ids}
    invoice = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": date.today(),
            "invoice_line_ids": [Command.create(line)],
        }
    )
    invoice.action_post()
    return invoice


def _payment(env, invoice):
    method = _bank(env).inbound_payment_method_line_ids[:1]
    # Without an outstanding account Odoo creates no entry for a payment, and there
    # would be nothing to reconcile.
    method.payment_account_id = method.payment_account_id or _outstanding(env)
    register = env["account.payment.register"].with_context(
        active_model="account.move", active_ids=invoice.ids
    )
    values = {"journal_id": _bank(env).id, "payment_method_line_id": method.id}
    return register.create(values)._create_payments()


def _bank(env):
    owned = [("type", "=", "bank"), ("company_id", "=", env.company.id)]
    return env["account.journal"].search(owned, limit=1)


def _outstanding(env):
    return env["account.account"].create(
        {
            "name": "Outstanding receipts of the benchmark",
            "code": "199099",
            "account_type": "asset_current",
            "reconcile": True,
        }
    )
