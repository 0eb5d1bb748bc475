"""Two years of invoices: those of the orders and the regular deliveries.

Amounts vary by a generator seeded with the client's name, so every demo of a day is
the same to the cent.
"""

from random import Random

from odoo import Command

from ..accounts.company import foreign_currency
from ..leads.creation import TABLE as LEADS
from ..records import ago, create_missing, named, table, tell_planner, workday

TABLE = "sales/invoicing.csv"
HISTORY_DAYS = 730
#: Invoice of an order: so many days after it.
DELIVERY_DAYS = 10
FOREIGN_CLIENT = "alpenrot"
#: Clients who buy less from year to year, by which factor: a competitor takes over.
FALLING = {"kama": 0.55}


def load(env):
    plans = {**prepare_deliveries(env), **prepare_order_invoices(env)}
    oldest_first = sorted(plans.items(), key=lambda plan: plan[1]["invoice_date"])
    moves = env["account.move"].with_context(tracking_disable=True)
    invoices = create_missing(moves, dict(oldest_first))
    tell_planner(env, "account.move", "account.move.line")
    invoices.action_post()


def prepare_deliveries(env):
    """Invoices by name for the deliveries of every client.

    :rtype: dict[str, dict]
    """
    vals = {}
    for row in table(TABLE):
        chance = Random(row["client"])
        days = delivery_days(row, chance)
        for number, day in enumerate(days):
            name = f"invoice_{row['client']}_{number + 1}"
            vals[name] = prepare_delivery(env, row, day, chance)
    return vals


def delivery_days(row, chance):
    """How many days ago each delivery was invoiced, oldest first."""
    every = int(row["every"])
    last = chance.randint(2, every - 1)
    return list(range(last, HISTORY_DAYS, every))[::-1]


def prepare_delivery(env, row, days, chance):
    """An invoice of so many days ago; business grows by a tenth a year
    with all but a few."""
    client = named(env, f"client_{row['client']}")
    yearly = FALLING.get(row["client"], 1.1)
    growth = yearly ** ((HISTORY_DAYS / 2 - days) / 365)
    amount = float(row["amount"]) * growth * chance.uniform(0.7, 1.3)
    vals = {
        "move_type": "out_invoice",
        "partner_id": client.id,
        "invoice_user_id": client.user_id.id,
        "invoice_date": workday(ago(env, days)),
        "invoice_line_ids": [
            Command.create(line) for line in prepare_lines(env, row, amount, chance)
        ],
    }
    if row["client"] == FOREIGN_CLIENT:
        vals["currency_id"] = foreign_currency(env).id
    return vals


def prepare_lines(env, row, amount, chance):
    """Whole units of each of the client's products, about the amount in all.

    :rtype: Iterator[dict]
    """
    names = row["products"].split()
    for name in names:
        product = named(env, f"product_{name}").product_variant_id
        discount = chance.choice((1, 1, 0.95, 0.9))
        price = round(product.list_price * discount, 2)
        yield {
            "product_id": product.id,
            "quantity": max(round(amount / len(names) / price), 1),
            "price_unit": price,
        }


def prepare_order_invoices(env):
    """One invoice for all of each confirmed order, linked to its lines."""
    vals = {}
    for row in table(LEADS):
        if row["stage"] == "won":
            order = named(env, f"order_{row['lead']}")
            day = workday(ago(env, int(row["closed"]) - DELIVERY_DAYS))
            vals[f"invoice_order_{row['lead']}"] = prepare_order_invoice(order, day)
    return vals


def prepare_order_invoice(order, day):
    return {
        **order._prepare_invoice(),
        "invoice_date": day,
        "invoice_line_ids": [
            Command.create(line._prepare_invoice_line(quantity=line.product_uom_qty))
            for line in order.order_line
        ],
    }


def open_lines(moves):
    """The receivable items of invoices, credit notes or payments' entries."""
    return moves.line_ids.filtered(
        lambda line: line.account_id.account_type == "asset_receivable"
    )
