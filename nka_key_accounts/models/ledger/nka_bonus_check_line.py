from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from ..trail.opening import open_list
from .nka_bonus_check import ADVICE, REASONS


class BonusCheckLine(models.TransientModel):
    """A part of a payment, invoice or other entry, and what became of it.

    The untaxed amount of a part is what is due to its person plus what nobody gets.
    """

    _name = "nka.bonus.check.line"
    _description = "Compared payment or document"
    _order = "date, id"
    _rec_name = "name"

    check_id = fields.Many2one(
        "nka.bonus.check", required=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="check_id.company_id.currency_id")
    basis = fields.Selection(
        [("paid", "Payments received"), ("invoiced", "Invoices")], readonly=True
    )
    date = fields.Date(readonly=True)
    key_account_id = fields.Many2one("nka.key.account", "Client", readonly=True)
    name = fields.Char("Invoice", readonly=True)
    counterpart = fields.Char("Settled by", readonly=True)
    user_id = fields.Many2one("res.users", "Person", readonly=True)
    order_date = fields.Date("Order date", readonly=True)
    settled = fields.Monetary(
        "Total including tax",
        readonly=True,
        help="Amount including tax, in company currency.",
    )
    untaxed = fields.Monetary(
        readonly=True,
        help="Untaxed part of this amount: amount × untaxed amount ÷ invoice total. It "
        "is credited to someone or not credited at all.",
    )
    due = fields.Monetary("Expected credit", readonly=True)
    credited = fields.Monetary("In the ledger", readonly=True)
    rest = fields.Monetary("Not credited", readonly=True)
    whole = fields.Monetary(
        "Whole untaxed amount",
        readonly=True,
        help="Untaxed amount of the whole payment or invoice.",
    )
    is_different = fields.Boolean("Has difference", readonly=True)
    reason = fields.Selection(REASONS, readonly=True)
    note = fields.Text("How to resolve", compute="_compute_note")
    # References without foreign keys: what they name may leave accounting.
    source_ref = fields.Integer("Source ID", readonly=True)
    move_ref = fields.Integer("Invoice ID", readonly=True)
    entry_ref = fields.Integer("Entry ID", readonly=True)
    order_ref = fields.Integer("Order ID", readonly=True)

    # ------------------------------------------------------------ compute
    @api.depends("reason", "untaxed", "whole")
    @api.depends_context("lang")
    def _compute_note(self):
        losses = self._losses()
        for line in self:
            texts = [line._part_text()]
            texts += losses.get((line.check_id, line.basis, line.source_ref), ())
            # pylint: disable-next=translation-contains-variable
            texts += [self.env._(ADVICE[line.reason])] if line.reason in ADVICE else ()
            line.note = " ".join(text for text in texts if text)

    def _losses(self):
        """What is lost of the sources that are credited in part, with its reasons."""
        partly = self.filtered(lambda row: row.reason == "partly")
        lost = partly and self.search(
            [
                ("check_id", "in", partly.check_id.ids),
                ("source_ref", "in", partly.mapped("source_ref")),
                ("rest", "!=", 0),
            ]
        )
        labels = dict(self._fields["reason"]._description_selection(self.env))
        found = {}
        for line in lost:
            key = line.check_id, line.basis, line.source_ref
            text = f"{line._money(line.rest)}: {labels[line.reason]}."
            found.setdefault(key, []).append(text)
        return {
            key: found.get(key, ())
            for line in partly
            for key in [(line.check_id, line.basis, line.source_ref)]
        }

    def _part_text(self):
        """How much of a whole this is, where it isn't all of it."""
        if not self.untaxed or self.currency_id.is_zero(self.untaxed - self.whole):
            return ""
        return self.env._(
            "%(part)s of %(whole)s.",
            part=self._money(self.untaxed),
            whole=self._money(self.whole),
        )

    def _money(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id)

    # ------------------------------------------------------------ actions
    def action_open_invoice(self):
        """Open the invoice, credit note or entry that was settled.

        :raise UserError: when there is none, or it isn't the reader's to see
        """
        return self._open("account.move", self.move_ref)

    def action_open_payment(self):
        """Open the payment, or the entry of the bank or of the journal.

        :raise UserError: when there is none, or it isn't the reader's to see
        """
        self.ensure_one()
        self.check_access("read")
        entry = self.env["account.move"].sudo().browse(self._entry_id()).exists()
        payment = entry.origin_payment_id
        return self._open((payment or entry)._name, (payment or entry).id)

    def action_open_order(self):
        """Open the order that decided whose it is.

        :raise UserError: when there is none, or it isn't the reader's to see
        """
        return self._open("sale.order", self.order_ref)

    def action_open_credits(self):
        """Open the lines of the ledger for this payment or invoice."""
        self.ensure_one()
        self.check_access("read")
        return open_list(
            self.env,
            "nka.bonus.line",
            [
                ("company_id", "=", self.check_id.company_id.id),
                ("basis", "=", self.basis),
                ("source_ref", "=", self.source_ref),
                ("move_ref", "=", self.move_ref),
            ],
            self.env._("Sales credits"),
            context={"create": False},
        )

    def _entry_id(self):
        """The entry that settled the invoice: of the reconciliation where none is kept."""
        if self.entry_ref or self.basis != "paid":
            return self.entry_ref
        partial = self.env["account.partial.reconcile"].sudo().browse(self.source_ref)
        sides = partial.exists().debit_move_id | partial.exists().credit_move_id
        return sides.move_id.filtered(lambda move: move.id != self.move_ref)[:1].id

    def _open(self, model, record_id):
        self.ensure_one()
        self.check_access("read")
        record = self.env[model].browse(record_id or 0).exists()
        if not record:
            raise UserError(
                self.env._(
                    "This row has no such record, or the record no longer exists in "
                    "accounting. Compare again to see the current rows."
                )
            )
        if not record.has_access("read"):
            raise UserError(
                self.env._(
                    "You don't have access to %s. Only the client's account team and "
                    "accounting can open it. This row shows what your role can see.",
                    record.sudo().display_name,
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": record.display_name,
            "res_model": model,
            "res_id": record.id,
            "views": [(False, "form")],
        }
