"""Payment events in a random history: drafts, entries, early payment discounts."""

from datetime import timedelta

from odoo import Command


class MoneyEvents:
    """Events of a HistoryCase for payments that aren't plain posted payments."""

    def _entry_of(self, move, day, *rows, post=True):
        """Settle an open invoice by a journal entry; rows are account and part of it."""
        term = move.line_ids.filtered(lambda row: row.display_type == "payment_term")[
            :1
        ]
        left = move.amount_residual
        lines, rest = [], left
        for account, part in rows:
            amount = round(left * part, 2)
            rest = round(rest - amount, 2)
            lines.append(Command.create({"account_id": account.id, "debit": amount}))
        bank = Command.create(
            {"account_id": self.bank.default_account_id.id, "debit": rest}
        )
        own = {
            "account_id": term.account_id.id,
            "partner_id": move.partner_id.id,
            "credit": left,
        }
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": day,
                "line_ids": [*lines, bank, Command.create(own)],
            }
        )
        if post:
            entry.action_post()
        return entry

    def _own_open(self, choice):
        move = self._chosen(
            choice, state="posted", currency_id=self.company.currency_id
        )
        return move if move and move.amount_residual > 0 else move.browse()

    def _do_bank_entry(self, choice, day, amount):
        """Pay directly to the bank, partly to expenses, at times as a draft."""
        move = self._own_open(choice)
        if move:
            rows = [(self.costs, choice % 50 / 100)] if choice % 3 else []
            entry = self._entry_of(move, day, *rows, post=bool(choice % 5))
            self._match(move, entry)
            self.entries.append(entry)

    def _do_named_entry(self, choice, day, amount):
        """Pay with tax withheld, on an account the company may list as payment."""
        move = self._own_open(choice)
        if move:
            entry = self._entry_of(move, day, (self.withheld, 0.13), (self.costs, 0.05))
            self._match(move, entry)
            self.entries.append(entry)

    def _do_name_account(self, choice, day, amount):
        self.company.nka_money_account_ids = self.withheld if choice % 2 else False

    def _do_foreign_entry(self, choice, day, amount):
        """Settle an invoice in euro in company currency, with an exchange difference."""
        move = self._chosen(choice, state="posted", currency_id=self.euro)
        if not move or move.amount_residual <= 0:
            return
        term = move.line_ids.filtered(lambda row: row.display_type == "payment_term")[
            :1
        ]
        owed = round(term.amount_residual, 2)
        lost, cost = round(owed * 0.03, 2), round(owed * (choice % 3) / 30, 2)
        loss = self.company.expense_currency_exchange_account_id
        bank = self.bank.default_account_id
        rows = [(bank, owed - lost - cost), (loss, lost), (self.costs, cost)]
        lines = [
            Command.create({"account_id": account.id, "debit": round(part, 2)})
            for account, part in rows
        ]
        own = {
            "account_id": term.account_id.id,
            "partner_id": move.partner_id.id,
            "credit": owed,
            "currency_id": self.euro.id,
            "amount_currency": -term.amount_residual_currency,
        }
        entry = self.env["account.move"].create(
            {"date": day, "line_ids": [*lines, Command.create(own)]}
        )
        entry.action_post()
        self._match(move, entry)
        self.entries.append(entry)

    def _do_draft_money(self, choice, day, amount):
        """Match a payment while its entry is a draft, and at times post it."""
        move = self._own_open(choice)
        if move:
            payment = self.env["account.payment"].create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": move.partner_id.id,
                    "amount": move.amount_residual,
                    "date": day,
                    "journal_id": self.bank.id,
                    "write_off_line_vals": [],
                }
            )
            self._match(move, payment)
            self.payments.append(payment)
            if choice % 2:
                payment.move_id.action_post()

    def _do_set_back(self, choice, day, amount):
        """Reset a posted payment to draft, or post a draft."""
        found = [*self.entries, *(payment.move_id for payment in self.payments)]
        found = [move for move in found if move.exists() and move.state != "cancel"]
        if not found:
            return
        move = found[choice % len(found)]
        payment = move.origin_payment_id
        if move.state == "draft":
            move.action_post()
        elif payment and choice % 3:
            payment.action_draft()
        else:
            move.button_draft()

    def _do_reject(self, choice, day, amount):
        found = [payment for payment in self.payments if payment.exists()]
        if found:
            payment = found[choice % len(found)]
            payment.state = "rejected" if payment.state != "rejected" else "in_process"

    def _do_discount(self, choice, day, amount):
        """Pay two invoices of a client, one with an early payment discount, with one
        payment.
        """
        client = self._some_client(choice)
        moves = self.env["account.move"]
        for number, total in enumerate((amount, amount * 0.7 + 3, amount / 3 + 1)):
            vals = {}
            if number != 1:
                term = self.terms[(choice + number) % len(self.terms)]
                vals = {"invoice_payment_term_id": term.id, "invoice_date_due": False}
            if choice % 4 == 1:
                vals["currency_id"] = self.euro.id
            taxes = self.tax if choice % 3 else self.tax.browse()
            moves |= self._invoice(round(total, 2), day, client, taxes, **vals)
        self.moves.extend(moves)
        vals = {}
        if choice % 5 == 2:
            total = sum(moves.mapped("amount_residual")) * 0.9
            vals = {
                "amount": total,
                "payment_difference_handling": "reconcile",
                "writeoff_account_id": self.costs.id,
            }
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=moves.ids)
            .create(
                {
                    "payment_date": day + timedelta(days=choice % 14),
                    "journal_id": self.bank.id,
                    "group_payment": True,
                    **vals,
                }
            )
        )
        self.payments.extend(wizard._create_payments())
