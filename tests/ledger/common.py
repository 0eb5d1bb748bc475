"""Fixtures for ledger tests: a paid key account, real invoices and real payments."""

from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from unittest.mock import patch

from odoo import Command
from odoo.addons.nka_key_accounts.models.ledger import planner
from odoo.tools import SQL

from ..pay.common import PayCase

YEAR_START = date(2025, 1, 1)


class LedgerCase(PayCase):
    """The manager has owned the first client since 2025 and is paid by payments
    received.
    """

    BASIS = "paid"
    #: The plan version's terms after leaving, where they differ from the default.
    LEAVING = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.plan = cls.env["nka.pay.plan"].create({"name": "Ledger plan"})
        cls.version = cls._approved_version(
            YEAR_START, bonus_basis=cls.BASIS, **cls.LEAVING
        )
        cls.agreement = cls._accepted(date_from=YEAR_START)
        cls.account = cls._owned_since(cls.client, YEAR_START)
        cls.tax = cls.env["account.tax"].create(
            {"name": "20 %", "amount": 20, "type_tax_use": "sale"}
        )
        cls.bank = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1
        )
        cls._let_payments_post(cls.bank)

    @classmethod
    def _let_payments_post(cls, journal):
        """Set outstanding accounts; without them payments create no journal entries."""
        account = cls.env["account.account"].create(
            {
                "name": "Outstanding",
                "code": f"OUT{journal.id}",
                "account_type": "asset_current",
                "reconcile": True,
            }
        )
        lines = (
            journal.inbound_payment_method_line_ids
            | journal.outbound_payment_method_line_ids
        )
        lines.payment_account_id = account

    @classmethod
    def _share_receivables(cls, branches):
        """Let branches use the receivable account of their company."""
        for client in cls.client | cls.other_client:
            account = client.property_account_receivable_id
            for branch in branches:
                client.with_company(branch).property_account_receivable_id = account

    @classmethod
    def _owned_since(cls, client, day, manager=None):
        account = cls._nominate(client, manager)
        account.sudo().date_start = day
        cls._qualify(account)
        account.with_user(cls.supervisor).action_confirm()
        return account

    @classmethod
    def _new_owner(cls, account, user, day, share=100):
        """Set an assignment of the account from a day on."""
        return (
            cls.env["nka.assignment"]
            ._unlocked()
            .create(
                {
                    "key_account_id": account.id,
                    "user_id": user.id,
                    "share": share,
                    "date_from": day,
                }
            )
        )

    @classmethod
    def _split_handover(cls, day, **vals):
        """Hand over to the colleague; the manager keeps 30 % of earlier orders for 20
        days.
        """
        cls.env["nka.handover"].sudo()._unlocked().create(
            {
                "key_account_ids": [Command.set(cls.account.ids)],
                "from_user_id": cls.manager.id,
                "to_user_id": cls.colleague.id,
                "date": day,
                "credit_share": 30,
                "credit_days": 20,
                "state": "done",
                **vals,
            }
        )

    # ------------------------------------------------------------ invoices
    @classmethod
    def _invoice(cls, amount, day, client=None, taxes=None, **vals):
        """Post an invoice of ``amount`` untaxed, with 20 % tax by default."""
        line = {"name": "Service", "price_unit": amount}
        line["tax_ids"] = [Command.set((cls.tax if taxes is None else taxes).ids)]
        return cls._new_invoice(
            client or cls.client,
            amount,
            date=day,
            invoice_line_ids=[Command.create(line)],
            **vals,
        )

    @classmethod
    def _pay(cls, moves, amount, day, **vals):
        """Pay invoices with the payment wizard."""
        wizard = (
            cls.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=moves.ids)
            .create(
                {
                    "amount": amount,
                    "payment_date": day,
                    "journal_id": cls.bank.id,
                    "group_payment": True,
                    **vals,
                }
            )
        )
        return wizard._create_payments()

    @classmethod
    def _money(cls, amount, day, kind="inbound", **vals):
        """Post a payment that isn't reconciled yet."""
        payment = cls.env["account.payment"].create(
            {
                "payment_type": kind,
                "partner_type": "customer",
                "partner_id": cls.client.id,
                "amount": amount,
                "date": day,
                "journal_id": cls.bank.id,
                **vals,
            }
        )
        payment.action_post()
        return payment

    @classmethod
    def _match(cls, *moves):
        """Reconcile the open receivable lines of invoices and payments."""
        lines = cls.env["account.move.line"]
        for move in moves:
            move = move.move_id if move._name == "account.payment" else move
            lines |= move.line_ids.filtered(
                lambda line: line.account_id.account_type == "asset_receivable"
            )
        lines.filtered(lambda line: not line.reconciled).reconcile()

    @classmethod
    def _credit_note(cls, invoice, day, amount=None, match=True):
        """Post a credit note of an invoice, in full or of ``amount`` untaxed."""
        wizard = (
            cls.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"date": day, "journal_id": invoice.journal_id.id})
        )
        note = cls.env["account.move"].browse(wizard.refund_moves()["res_id"])
        note.invoice_date = day
        if amount is not None:
            note.invoice_line_ids.price_unit = amount
        note.action_post()
        if match:
            cls._match(invoice, note)
        return note

    # ------------------------------------------------------------ ledger
    @classmethod
    def _build(cls, **kwargs):
        return cls.env["nka.bonus.builder"]._build(cls.company, **kwargs)

    @classmethod
    @contextmanager
    def _read_as_a_whole(cls):
        """Make builds read all invoices, as if most of them lay in the days concerned."""
        with (
            patch.object(planner, "FEW", 0),
            patch.object(planner, "WIDE_PART", 10**9),
        ):
            yield

    @classmethod
    def _age(cls):
        """Backdate all records by days, so that a build reads them again only if it has
        to.
        """
        cls.env.flush_all()
        for table, column in (
            ("account_partial_reconcile", "create_date"),
            ("nka_assignment", "write_date"),
            ("nka_handover", "write_date"),
            ("nka_pay_agreement", "write_date"),
        ):
            cls.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s = now() AT TIME ZONE 'UTC' - interval '3 days'",
                    SQL.identifier(table),
                    SQL.identifier(column),
                )
            )

    @classmethod
    def _close_month(cls, day):
        """Approve a statement of the month, which closes it for the ledger."""
        statement = (
            cls.env["nka.pay.statement"]
            .sudo()
            ._unlocked()
            .create(
                {
                    "employee_id": cls.other_employee.id,
                    "user_id": cls.colleague.id,
                    "company_id": cls.company.id,
                    "month": day.replace(day=1),
                    "state": "approved",
                }
            )
        )
        cls.env.flush_all()
        return statement

    @classmethod
    def _lines(cls, user=None):
        user = user or cls.manager
        return cls.env["nka.bonus.line"].search([("user_id", "=", user.id)], order="id")

    @classmethod
    def _credited(cls, day=None, user=None):
        """Return the credit of a person in the month of ``day``, or in all months."""
        lines = cls._lines(user)
        if day:
            lines = lines.filtered(lambda row: row.date.replace(day=1) == day)
        return sum((Decimal(str(row.amount)) for row in lines), Decimal(0))

    def assertCredits(self, expected, user=None):
        """Assert the credits by month, as text: ``{1: "900.00"}`` is January 2025."""
        found = {}
        for line in self._lines(user):
            key = line.date.month if line.date.year == 2025 else line.date
            found[key] = found.get(key, 0) + Decimal(str(line.amount))
        wanted = {month: Decimal(amount) for month, amount in expected.items()}
        self.assertEqual({key: sum_ for key, sum_ in found.items() if sum_}, wanted)


MARCH, APRIL = date(2025, 3, 10), date(2025, 4, 10)
FIRST_OF_APRIL = date(2025, 4, 1)


class OrdersCase(LedgerCase):
    """The account is handed over on 1 April; both managers have the same terms."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._accepted(cls.other_employee, date_from=YEAR_START)
        # Rebates are tested elsewhere.
        cls.account.tier_id.discount_limit = 100
        cls.product = cls._new_product("Machine")
        cls.account.assignment_ids._unlocked().write(
            {"date_to": FIRST_OF_APRIL - timedelta(1)}
        )
        cls.env["nka.assignment"]._unlocked().create(
            {
                "key_account_id": cls.account.id,
                "user_id": cls.colleague.id,
                "date_from": FIRST_OF_APRIL,
            }
        )

    @classmethod
    def _new_product(cls, name, **vals):
        return cls.env["product.product"].create(
            {"name": name, "type": "service", "invoice_policy": "order", **vals}
        )

    @classmethod
    def _quotation(cls, *prices, client=None, **vals):
        lines = [
            {"product_id": cls.product.id, "price_unit": price, "tax_ids": []}
            for price in prices
        ]
        return cls.env["sale.order"].create(
            {
                "partner_id": (client or cls.client).id,
                "order_line": [Command.create(line) for line in lines],
                **vals,
            }
        )

    @classmethod
    def _order(cls, day, *prices, **vals):
        """Confirm an order on a day."""
        order = cls._quotation(*prices, **vals)
        order.action_confirm()
        order.date_order = day
        return order

    @classmethod
    def _euro_prices(cls, rate):
        """Create a price list in euro, with an exchange rate of 1 / rate each."""
        euro = cls.env.ref("base.EUR")
        euro.active = True
        cls.env["res.currency.rate"].create(
            {"currency_id": euro.id, "name": date(2025, 1, 1), "rate": rate}
        )
        return cls.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": euro.id}
        )

    @classmethod
    def _bill(cls, orders, day=APRIL, post=True, **vals):
        """Create one invoice of all these orders."""
        move = orders._create_invoices()
        move.write({"invoice_date": day, **vals})
        if post:
            move.action_post()
        return move

    def _assert_both(self, first, second):
        """Assert the credits of the manager, then of the colleague, as text by month."""
        self.assertCredits(first, self.manager)
        self.assertCredits(second, self.colleague)

    def assertNothingMissed(self):
        """Assert that a full build finds nothing the previous build missed."""
        self._build()
        self.assertEqual(self._build(is_full=True), 0)
