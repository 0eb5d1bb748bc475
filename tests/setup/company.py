"""A company as it is before the addon is set up: people, clients, invoices and payments.

Nobody has a role of the addon, and nothing of it has been used.
"""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command, fields
from odoo.tests import HttpCase, tagged

from ..common import without_people

#: Login -> name of the people who work in the office.
OFFICE = {
    "odoo_admin": "Ada Admin",
    "kam_admin": "Karl Keeper",
    "super_1": "Sara Super",
    "super_2": "Samuel Super",
    "officer_1": "Olga Officer",
    "officer_2": "Otto Officer",
}
SELLERS = ("Bruno Berg", "Clara Cole", "David Dale", "Emma East", "Felix Ford")
CLIENTS = 15
INVOICES = 94
#: Monthly gross wage in the contract of every salesperson.
WAGE = 4000.0


@tagged("post_install", "-at_install", "nka", "nka_tours")
class CompanyCase(HttpCase):
    """Five salespeople, fifteen clients, 94 invoices of the last twelve months."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        without_people(cls.env)
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.company = cls.env.company
        cls.today = fields.Date.context_today(cls.env.user)
        #: The last month that has ended.
        cls.month = cls.today.replace(day=1) - relativedelta(months=1)
        cls._hire_office()
        cls._hire_sellers()
        cls._find_clients()
        cls._sell()

    @classmethod
    def _new_users(cls, names, *groups):
        ids = [cls.env.ref(group).id for group in ("base.group_user", *groups)]
        return (
            cls.env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                [
                    {
                        "login": login,
                        "password": login.ljust(8, "x"),
                        "name": name,
                        "email": f"{login}@example.com",
                        "group_ids": [Command.set(ids)],
                    }
                    for login, name in names.items()
                ]
            )
        )

    @classmethod
    def _hire_office(cls):
        cls.office = cls._new_users(OFFICE)
        cls.office[0].group_ids = [Command.link(cls.env.ref("base.group_system").id)]
        boss = cls.office[2]
        cls.boss = cls.env["hr.employee"].create(
            {"name": boss.name, "user_id": boss.id}
        )

    @classmethod
    def _hire_sellers(cls):
        names = {f"seller_{at}": name for at, name in enumerate(SELLERS, 1)}
        cls.sellers = cls._new_users(names, "sales_team.group_sale_salesman")
        hired = cls.month - relativedelta(years=2)
        cls.employees = cls.env["hr.employee"].create(
            [
                {
                    "name": user.name,
                    "user_id": user.id,
                    "parent_id": cls.boss.id,
                    "date_version": hired,
                    "contract_date_start": hired,
                    "wage": WAGE,
                }
                for user in cls.sellers
            ]
        )

    @classmethod
    def _find_clients(cls):
        cls.clients = cls.env["res.partner"].create(
            [
                {"name": f"Client {at:02}", "is_company": True}
                for at in range(1, CLIENTS + 1)
            ]
        )

    @classmethod
    def _seller_of(cls, client):
        return cls.sellers[cls.clients.ids.index(client.id) % len(SELLERS)]

    @classmethod
    def _sell(cls):
        """Invoices every few days; all but the last ones are paid a month later."""
        cls.tax = cls.env["account.tax"].create(
            {"name": "20 %", "amount": 20, "type_tax_use": "sale"}
        )
        invoices = cls.env["account.move"].create(
            [cls._prepare_invoice(at) for at in range(INVOICES)]
        )
        invoices.action_post()
        cls.invoices = invoices
        domain = [("type", "=", "bank"), ("company_id", "=", cls.company.id)]
        cls.bank = cls.env["account.journal"].search(domain, limit=1)
        paid = invoices.grouped(lambda move: cls._day_paid(move.invoice_date))
        for day, moves in paid.items():
            if day <= cls.today:
                cls._pay(moves, day)

    @classmethod
    def _prepare_invoice(cls, at):
        at_client = at % CLIENTS
        client = cls.clients[at_client]
        day = cls.today - timedelta(days=int(360 * (INVOICES - at) / INVOICES))
        line = {
            "name": "Service",
            "price_unit": 500.0 * (CLIENTS - at_client) + 100 * (at % 7),
            "tax_ids": [Command.set(cls.tax.ids)],
        }
        return {
            "move_type": "out_invoice",
            "partner_id": client.id,
            "invoice_user_id": cls._seller_of(client).id,
            "invoice_date": day,
            "invoice_date_due": day + timedelta(days=30),
            "invoice_line_ids": [Command.create(line)],
        }

    @staticmethod
    def _day_paid(day):
        """Clients pay on the 20th of the following month."""
        return date(day.year, day.month, 20) + relativedelta(months=1)

    @classmethod
    def _pay(cls, moves, day):
        """Post one entry of the bank for all receipts of a day, and reconcile it."""
        due = moves.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        receipts = [
            Command.create(
                {
                    "account_id": line.account_id.id,
                    "partner_id": line.partner_id.id,
                    "credit": line.balance,
                }
            )
            for line in due
        ]
        total = {
            "account_id": cls.bank.default_account_id.id,
            "debit": sum(due.mapped("balance")),
        }
        entry = cls.env["account.move"].create(
            {
                "journal_id": cls.bank.id,
                "date": day,
                "line_ids": [*receipts, Command.create(total)],
            }
        )
        entry.action_post()
        paid = entry.line_ids.filtered("credit")
        paid._reconcile_plan(
            [one | other for one, other in zip(due, paid, strict=True)]
        )
