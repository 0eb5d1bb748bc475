"""Random histories of invoices and payments, generated from a seed and run with real
records.
"""

from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from odoo import Command
from odoo.addons.nka_key_accounts.demo.records import tell_planner
from odoo.exceptions import UserError

from ..facts.known_orders import KnownOrders
from ..facts.order_history import OrderEvents
from .common import YEAR_START, LedgerCase
from .money_history import MoneyEvents
from .oracle import Oracle

#: Possible events, with numbers that select among the existing records.
KINDS = (
    "invoice",
    "invoice",
    "invoice",
    "euro_invoice",
    "order_invoice",
    "pay",
    "pay",
    "pay",
    "pay_all",
    "overpay",
    "short",
    "together",
    "prepay",
    "note",
    "full_note",
    "refund",
    "undo",
    "undo",
    "repost",
    "redate",
    "pass_on",
    "drop",
    "bad_debt",
    "draft_money",
    "set_back",
    "set_back",
    "reject",
    "discount",
    "discount",
    "bank_entry",
    "bank_entry",
    "named_entry",
    "foreign_entry",
    "name_account",
    "orders_together",
    "orders_together",
    "stranger",
    "tamper",
    "tamper",
    "raise",
    "raise",
    "part",
    "part",
    "deposit",
    "link_old",
    "branch_invoice",
    "join",
    "leave",
    "come_back",
    "succeed",
    "split",
    "alter",
    "alter",
    "alter",
    "percentage",
    "several",
    "invoice_again",
    "loose_note",
    "backdate",
)
FIRST_INVOICES = 8
MORE = 25
#: A history runs in one transaction, whose rows the planner knows only after ANALYZE.
#: Without it a long history ends in a query that runs for minutes.
EVENTS_PER_LOOK = 20
LOOKED_AT = (
    "account.move",
    "account.move.line",
    "account.payment",
    "account.partial.reconcile",
)


def history(seed, more=MORE):
    """Return events drawn from a seed: kind, a choice, days after the start, an amount.

    :param int more: events beside the first invoices and one of every kind

    Some invoices first, then every kind at least once, then whatever comes. A list
    drawn by hypothesis itself would be short and tame most of the time; a failure
    names the seed.
    """
    draw = Random(seed)
    kinds = [*KINDS, *draw.choices(KINDS, k=more)]
    draw.shuffle(kinds)
    return [
        (
            kind,
            draw.randrange(10**6),
            draw.randrange(150),
            draw.randrange(1, 10**6),
        )
        for kind in [*["invoice"] * FIRST_INVOICES, *kinds]
    ]


class HistoryCase(OrderEvents, MoneyEvents, LedgerCase):
    """Three clients: one handed over with a split, one shared, one without a key
    account.
    """

    OTHER_BASIS = "paid"
    #: Short enough for a history to extend beyond it.
    LEAVING = {"leaver_months": 1}
    OTHER_LEAVING = {"after_leaving": "successor"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shared = cls._owned_since(cls.other_client, YEAR_START)
        cls.plain_client = cls._new_client("Nobody's key account")
        cls._accept_colleague()
        cls._share_from_march()
        cls._hand_over_in_april()
        cls.euro = cls.env.ref("base.EUR")
        cls.euro.active = True
        cls.env["res.currency.rate"].create(
            [
                {"currency_id": cls.euro.id, "name": date(2025, 1, 1), "rate": 0.5},
                {"currency_id": cls.euro.id, "name": date(2025, 3, 1), "rate": 0.437},
            ]
        )
        cls.costs = cls.env["account.account"].search(
            [("account_type", "=", "expense")], limit=1
        )
        cls.withheld = cls.env["account.account"].create(
            {"name": "Withheld", "code": "WITHH", "account_type": "asset_current"}
        )
        cls.terms = cls.env["account.payment.term"].create(
            [cls._discount_term(*row) for row in ((10, "included"), (3, "mixed"))]
        )
        cls.product = cls.env["product.product"].create(
            {"name": "Machine", "invoice_policy": "order", "type": "service"}
        )
        cls._prepare_orders()
        cls.env.flush_all()

    @staticmethod
    def _discount_term(percent, computation):
        line = {"value": "percent", "value_amount": 100, "nb_days": 30}
        return {
            "name": f"{percent} % in 10 days",
            "early_discount": True,
            "discount_percentage": percent,
            "discount_days": 10,
            "early_pay_discount_computation": computation,
            "line_ids": [Command.create(line)],
        }

    @classmethod
    def _prepare_orders(cls):
        """Add a branch, a product without list price, and the record of what was
        posted.
        """
        cls.branch = cls.env["res.company"].create(
            {"name": "North branch", "parent_id": cls.company.id}
        )
        # Users created later work in the companies of this environment.
        cls.env["res.users"].search([]).company_ids |= cls.branch
        cls.env = cls.env(
            context={
                **cls.env.context,
                "allowed_company_ids": [cls.company.id, cls.branch.id],
            }
        )
        cls._share_receivables(cls.branch)
        cls.account.tier_id.discount_limit = 100
        cls.machine = cls.env["product.product"].create(
            {
                "name": "Press",
                "invoice_policy": "order",
                "type": "service",
                "list_price": 0,
            }
        )
        cls.included = cls.env["account.tax"].create(
            {
                "name": "7 % within",
                "amount": 7,
                "type_tax_use": "sale",
                "price_include_override": "tax_included",
            }
        )
        cls.euro_prices = cls.env["product.pricelist"].create(
            {"name": "In euros", "currency_id": cls.env.ref("base.EUR").id}
        )
        cls.known = KnownOrders()
        cls.env.registry.clear_cache()
        moves = cls.env.registry["account.move"]
        post = moves._post

        def posted(records, soft=True):
            result = post(records, soft)
            for move in records:
                cls.known.post(move)
            return result

        cls.classPatch(moves, "_post", posted)

    @classmethod
    def _accept_colleague(cls):
        plan = cls.env["nka.pay.plan"].create({"name": "The colleague's plan"})
        cls._approved_version(
            YEAR_START, plan, bonus_basis=cls.OTHER_BASIS, **cls.OTHER_LEAVING
        )
        cls._accepted(cls.other_employee, plan_id=plan.id, date_from=YEAR_START)

    @classmethod
    def _rows(cls, account, *rows):
        """Replace an account's assignments by rows of (user, share, from, to)."""
        account.assignment_ids._unlocked().write({"date_to": rows[0][2] - timedelta(1)})
        cls.env["nka.assignment"]._unlocked().create(
            [
                {
                    "key_account_id": account.id,
                    "user_id": user.id,
                    "share": share,
                    "date_from": first,
                    "date_to": last,
                }
                for user, share, first, last in rows
            ]
        )

    @classmethod
    def _share_from_march(cls):
        cls._rows(
            cls.shared,
            (cls.manager, 66.67, date(2025, 3, 1), False),
            (cls.colleague, 33.33, date(2025, 3, 1), False),
        )

    @classmethod
    def _hand_over_in_april(cls):
        day = date(2025, 4, 1)
        cls._rows(cls.account, (cls.colleague, 100, day, False))
        cls._split_handover(day)

    @contextmanager
    def _undone(self):
        """Roll back everything done inside."""
        with self.cr.savepoint() as savepoint:
            self.moves, self.payments = [], []
            self.entries, self.orders = [], []
            self.known.forget()
            yield
            self.env.flush_all()
            savepoint.rollback()
        self.env.invalidate_all()

    # ------------------------------------------------------------ events
    def _play(self, events):
        """Run a history, or continue it; events that accounting refuses are skipped."""
        for number, (kind, choice, days, cents) in enumerate(events):
            day = date(2025, 1, 10) + timedelta(days=days)
            if not number % EVENTS_PER_LOOK:
                tell_planner(self.env, *LOOKED_AT)
            try:
                with self.cr.savepoint():
                    getattr(self, f"_do_{kind}")(choice, day, cents / 100)
                    self.env.flush_all()
            except UserError:
                self.env.invalidate_all()

    def _chosen(self, choice, *types, **wanted):
        found = [
            move
            for move in self.moves
            if move.exists()
            and move.move_type in (types or ("out_invoice",))
            and all(move[name] == value for name, value in wanted.items())
        ]
        return found[choice % len(found)] if found else self.env["account.move"]

    def _some_client(self, choice):
        clients = (self.client, self.client, self.other_client, self.plain_client)
        return clients[choice % len(clients)]

    def _do_invoice(self, choice, day, amount, **vals):
        taxes = self.tax if choice % 3 else self.tax.browse()
        client = self._some_client(choice)
        self.moves.append(self._invoice(amount, day, client, taxes, **vals))

    def _do_euro_invoice(self, choice, day, amount):
        self._do_invoice(choice, day, amount, currency_id=self.euro.id)

    def _do_order_invoice(self, choice, day, amount):
        order = self.env["sale.order"].create(
            {
                "partner_id": self._some_client(choice).id,
                "order_line": [
                    Command.create(
                        {"product_id": self.product.id, "price_unit": amount}
                    )
                ],
            }
        )
        order.action_confirm()
        order.date_order = day - timedelta(days=choice % 60)
        self._remember(order)
        move = order._create_invoices()
        move.invoice_date = day
        move.action_post()
        self.moves.append(move)

    def _do_pay(self, choice, day, amount):
        move = self._chosen(choice, state="posted")
        if move and move.amount_residual:
            part = min(amount, move.amount_residual)
            self._settle(move, part, day)

    def _do_pay_all(self, choice, day, amount):
        move = self._chosen(choice, state="posted")
        if move:
            self._settle(move, move.amount_residual, day)

    def _do_overpay(self, choice, day, amount):
        move = self._chosen(choice, state="posted")
        if move:
            self._settle(move, move.amount_residual + amount, day)

    def _settle(self, move, amount, day, **vals):
        payment = self._money(
            amount, day, partner_id=move.partner_id.id, currency_id=move.currency_id.id
        )
        self.payments.append(payment)
        self._match(move, payment)

    def _do_short(self, choice, day, amount):
        move = self._chosen(choice, state="posted")
        if move and move.amount_residual:
            self._pay(
                move,
                round(move.amount_residual * (choice % 90 + 5) / 100, 2),
                day,
                payment_difference_handling="reconcile",
                writeoff_account_id=self.costs.id,
                currency_id=move.currency_id.id,
            )

    def _do_together(self, choice, day, amount):
        first = self._chosen(choice, state="posted")
        second = self._chosen(choice // 7, state="posted")
        moves = (first | second).filtered("amount_residual")
        if len(moves.partner_id) == 1 and len(moves.currency_id) == 1:
            self._pay(moves, sum(moves.mapped("amount_residual")) * 0.7, day)

    def _do_prepay(self, choice, day, amount):
        payment = self._money(amount, day - timedelta(days=20))
        self.payments.append(payment)
        move = self._chosen(choice, state="posted", partner_id=self.client)
        self._match(move, payment)

    def _do_note(self, choice, day, amount):
        move = self._chosen(choice, state="posted")
        if move:
            part = round(move.amount_untaxed * (choice % 80 + 10) / 100, 2)
            match = bool(choice % 2)
            self.moves.append(self._credit_note(move, day, part, match=match))

    def _do_full_note(self, choice, day, amount):
        move = self._chosen(choice, state="posted")
        if move:
            self.moves.append(self._credit_note(move, day))

    def _do_refund(self, choice, day, amount):
        note = self._chosen(choice, "out_refund", state="posted")
        if note and note.amount_residual:
            payment = self._money(
                min(amount, note.amount_residual),
                day,
                kind="outbound",
                partner_id=note.partner_id.id,
                currency_id=note.currency_id.id,
            )
            self._match(note, payment)

    def _do_undo(self, choice, day, amount):
        if self.payments:
            payment = self.payments[choice % len(self.payments)]
            payment.move_id.line_ids.remove_move_reconcile()
            if choice % 2:
                move = self._chosen(choice // 3, state="posted")
                if move.partner_id == payment.partner_id:
                    self._match(move, payment)

    def _do_repost(self, choice, day, amount):
        move = self._chosen(choice, "out_invoice", "out_refund", state="posted")
        if move:
            move.button_draft()
            if choice % 2:
                move.invoice_line_ids[0].price_unit = amount
            if choice % 5:
                move.action_post()

    def _do_redate(self, choice, day, amount):
        move = self._chosen(choice, state="posted")
        if move:
            move.button_draft()
            move.invoice_date = day
            move.action_post()

    def _do_pass_on(self, choice, day, amount):
        """Move an invoice to another client, at times to one without an account."""
        move = self._chosen(choice, state="posted")
        if move:
            move.button_draft()
            move.partner_id = self._some_client(choice // 7)
            move.action_post()

    def _do_drop(self, choice, day, amount):
        move = self._chosen(choice, "out_invoice", "out_refund", state="posted")
        if move:
            move.button_draft()
            move.with_context(force_delete=True).unlink()

    def _do_bad_debt(self, choice, day, amount):
        move = self._chosen(
            choice, state="posted", currency_id=self.company.currency_id
        )
        if move and move.amount_residual:
            receivable = move.line_ids.filtered(
                lambda line: line.display_type == "payment_term"
            )[0].account_id
            entry = self.env["account.move"].create(
                {
                    "move_type": "entry",
                    "date": day,
                    "line_ids": [
                        Command.create(
                            {"account_id": self.costs.id, "debit": move.amount_residual}
                        ),
                        Command.create(
                            {
                                "account_id": receivable.id,
                                "partner_id": move.partner_id.id,
                                "credit": move.amount_residual,
                            }
                        ),
                    ],
                }
            )
            entry.action_post()
            self._match(move, entry)

    def _do_branch_invoice(self, choice, day, amount):
        """Invoice a client from a branch, at times for an order of the branch."""
        client = self._some_client(choice)
        moves = self.env["account.move"].with_company(self.branch)
        line = {"name": "Service", "price_unit": amount, "tax_ids": []}
        move = moves.create(
            {
                "move_type": "out_invoice",
                "partner_id": client.id,
                "invoice_date": day,
                "invoice_line_ids": [Command.create(line)],
            }
        )
        move.action_post()
        self.moves.append(move.with_env(self.env))

    def _do_join(self, choice, day, amount):
        """Make a stranger a contact of a client; some of its purchases are older."""
        client = (self.client, self.other_client)[choice % 2]
        stranger = self._new_client(f"Stranger {choice}")
        for number in range(3):
            moved = day + timedelta(days=20 * (number - 1))
            self.moves.append(self._invoice(amount + number, moved, stranger))
        moves = self.env["account.move"].search([("partner_id", "=", stranger.id)])
        stranger.with_user(self.supervisor_2).sudo().write(
            {"is_company": False, "parent_id": client.id}
        )
        joins = self.env["nka.client.join"].search([("partner_id", "=", stranger.id)])
        joins._unlocked().write({"date": day})
        self.known.join(stranger, day, moves)
        for number in range(3):
            moved = day + timedelta(days=number - 1)
            self.moves.append(self._invoice(amount / 3 + number, moved, stranger))
        if choice % 3:
            self._settle(self.moves[-1 - choice % 6], amount, day + timedelta(days=9))

    def _do_leave(self, choice, day, amount):
        """End an agreement, some weeks after most of the sales."""
        day += timedelta(days=40)
        running = self.env["nka.pay.agreement"].search(
            [("state", "=", "accepted"), ("date_to", "=", False)]
        )
        agreement = running[choice % len(running)] if running else running
        if agreement and agreement.date_from <= day:
            agreement.sudo()._finish(day, "leaves")

    def _do_come_back(self, choice, day, amount):
        """Give a leaver a new agreement from the first of a month, at times after a
        gap.
        """
        employee = (self.employee, self.other_employee)[choice % 2]
        last = self.env["nka.pay.agreement"].search(
            [("employee_id", "=", employee.id)], order="date_from desc", limit=1
        )
        first = (day.replace(day=1) + timedelta(31)).replace(day=1)
        if last.date_to and last.date_to < first:
            self._accepted(employee, plan_id=last.plan_id.id, date_from=first)

    def _do_succeed(self, choice, day, amount, **split):
        """Assign an account to the other manager, whether its owner has left or not."""
        account = (self.account, self.shared)[choice % 2]
        rows = account.assignment_ids.filtered(lambda row: not row.date_to)
        if len(rows) == 1 and rows.date_from < day:
            giver = rows.user_id
            receiver = (self.manager | self.colleague) - giver
            rows._unlocked().write({"date_to": day - timedelta(1)})
            self._new_owner(account, receiver, day)
            if split:
                accounts = [Command.set(account.ids)]
                self._split_handover(
                    day,
                    key_account_ids=accounts,
                    from_user_id=giver.id,
                    to_user_id=receiver.id,
                    **split,
                )

    def _do_split(self, choice, day, amount):
        share, days = choice % 101, choice // 101 % 60 + 1
        self._do_succeed(choice, day, amount, credit_share=share, credit_days=days)

    # ------------------------------------------------------------ comparing
    def _ledger(self):
        """Return the total and the lines of every source and person."""
        sums = {}
        for line in self.env["nka.bonus.line"].search([]):
            key = line.basis, line.source_ref, line.user_id.id
            sums[key] = sums.get(key, 0) + Decimal(str(line.amount)).quantize(
                Decimal("0.01")
            )
        return {key: amount for key, amount in sums.items() if amount}

    def _days(self):  # pylint: disable=arguments-differ
        sums = {}
        for line in self.env["nka.bonus.line"].search([]):
            key = line.basis, line.source_ref, line.user_id.id, line.date
            sums[key] = round(sums.get(key, 0) + line.amount, 2)
        return {key: amount for key, amount in sums.items() if amount}

    def assertLedgerIsRight(self, days=True):
        wanted = Oracle(self.env, self.company, self.known).work_out()
        self.assertEqual(
            self._ledger(), {key: amount for key, (_day, amount) in wanted.items()}
        )
        if days:
            self.assertEqual(
                self._days(),
                {(*key, day): float(a) for key, (day, a) in wanted.items()},
            )

    def assertNothingLeft(self):
        self.assertEqual(self._build(), 0)
        self.assertEqual(self._build(is_full=True), 0)
