"""Products, opportunities and the invoices of the won ones."""

from dataclasses import dataclass
from datetime import datetime, time

from odoo.fields import Command
from odoo.tools import SQL

from .clients import client_name
from .records import LOST
from .staff import user_name

# midnight would be the day before in half of the world
NOON = time(12)
LEAD_BATCH = 500
INVOICE_BATCH = 250


@dataclass(frozen=True)
class Ground:
    """What deals refer to; record ids by external name, by agent key, by stage."""

    partners: dict[str, int]
    users: dict[str, int]
    teams: dict[str, int | None]
    stages: dict[str, int]


class DealLoader:
    """Loads the deals of one folder.

    :param ExternalIds external_ids: where records are made and found
    :param SalesFolder folder: what was read
    :param Ground ground: clients, people and stages, loaded before
    """

    def __init__(self, external_ids, folder, ground):
        self.external_ids = external_ids
        self.env = external_ids.env
        self.folder = folder
        self.ground = ground
        self.products = {}

    def load(self):
        """Load products, then opportunities, then invoices."""
        self.products = self._load_products()
        self._load_opportunities()
        self._load_invoices()

    # ------------------------------------------------------------
    # PRODUCTS
    # ------------------------------------------------------------

    def _load_products(self):
        series = {
            product.series: f"series_{product.series.lower()}"
            for product in self.folder.products.values()
            if product.series
        }
        values = {name: {"name": title} for title, name in series.items()}
        categories = self.external_ids.load("product.category", values)
        return self.external_ids.load(
            "product.product",
            {
                f"product_{product.key}": self._prepare_product(
                    product, categories.get(series.get(product.series))
                )
                for product in self.folder.products.values()
            },
        )

    @staticmethod
    def _prepare_product(product, category_id):
        values = {
            "name": product.name,
            "type": "service",
            "list_price": float(product.list_price or 0),
            "taxes_id": [Command.clear()],
            "supplier_taxes_id": [Command.clear()],
        }
        return {**values, "categ_id": category_id} if category_id else values

    # ------------------------------------------------------------
    # OPPORTUNITIES
    # ------------------------------------------------------------

    def _load_opportunities(self):
        values = {
            f"deal_{deal.key}": self._prepare_lead(deal)
            for deal in self.folder.opportunities.values()
        }
        self.external_ids.load("crm.lead", values, LEAD_BATCH, finish=self._backdate)

    def _prepare_lead(self, deal):
        product = self.folder.products.get(deal.product_key)
        client = self.folder.clients.get(deal.client_key)
        return {
            "type": "opportunity",
            "name": f"{product.name if product else 'Deal'} ({deal.key})",
            "partner_id": self.ground.partners.get(client_name(deal.client_key), False),
            # Odoo would write the parent's name on a subsidiary's deal
            "partner_name": client.name if client else False,
            "company_id": self.env.company.id,
            "user_id": self.ground.users.get(user_name(deal.agent_key), False),
            "team_id": self.ground.teams.get(deal.agent_key) or False,
            "expected_revenue": self._expected_revenue(deal, product),
            "stage_id": self.ground.stages[deal.stage],
            "date_open": _noon(deal.engaged),
            "date_closed": _noon(deal.closed),
            "date_deadline": deal.closed or False,
            **self._prepare_outcome(deal),
        }

    @staticmethod
    def _expected_revenue(deal, product):
        """What a won deal brought, or any other would bring at list price."""
        if deal.is_won:
            return float(deal.value or 0)
        return float(product.list_price or 0) if product else 0.0

    @staticmethod
    def _prepare_outcome(deal):
        if deal.is_won:
            return {"probability": 100, "automated_probability": 100}
        if deal.stage == LOST:
            return {"active": False, "probability": 0, "automated_probability": 0}
        return {}

    def _backdate(self, leads):
        """Let a deal begin on the day it was engaged.

        Days to close count from ``create_date``, which the ORM keeps to itself. A
        prospect was engaged on no day, so it begins with the load.
        """
        leads.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE crm_lead SET create_date = date_open "
                "WHERE id IN %s AND date_open IS NOT NULL",
                tuple(leads.ids),
            )
        )
        leads.invalidate_recordset(["create_date"])
        leads.modified(["create_date"])

    # ------------------------------------------------------------
    # INVOICES
    # ------------------------------------------------------------

    def _load_invoices(self):
        values = {
            f"invoice_{deal.key}": self._prepare_invoice(deal)
            for deal in self.folder.billable
        }
        self.external_ids.load(
            "account.move",
            values,
            INVOICE_BATCH,
            finish=lambda moves: moves.action_post(),
        )

    def _prepare_invoice(self, deal):
        return {
            "move_type": "out_invoice",
            "company_id": self.env.company.id,
            "partner_id": self.ground.partners[client_name(deal.client_key)],
            "invoice_user_id": self.ground.users.get(user_name(deal.agent_key), False),
            "team_id": self.ground.teams.get(deal.agent_key) or False,
            "invoice_date": deal.closed,
            "invoice_date_due": deal.closed,
            "invoice_origin": deal.key,
            "invoice_line_ids": [Command.create(self._prepare_line(deal))],
        }

    def _prepare_line(self, deal):
        product_id = self.products.get(f"product_{deal.product_key}", False)
        return {
            "product_id": product_id,
            **({} if product_id else {"name": deal.key}),
            "quantity": 1,
            "price_unit": float(deal.value),
            # the source knows no taxes: total = close value
            "tax_ids": [Command.clear()],
        }


def _noon(day):
    return datetime.combine(day, NOON) if day else False
