"""Two years of business: quotations and orders, invoices, credit notes, payments.

Amounts and delays are random with the client's or invoice's name as seed, so demos of
the same day are identical to the cent.
"""

from datetime import datetime, time, timedelta
from random import Random

from odoo import SUPERUSER_ID, Command

from .accounts import foreign_currency
from .language import money, price, say
from .leads import TABLE as LEADS
from .records import (
    MODULE,
    ago,
    create_missing,
    give_name,
    login,
    missing,
    named,
    table,
    tell_planner,
    workday,
)

TABLE = "facts/invoicing.csv"
#: Days between the quotation and the closing of a won deal; age of an open quotation.
QUOTED_DAYS = 14
SERVICE = "product_commissioning"

HISTORY_DAYS = 730
#: Days from an order to its invoice.
DELIVERY_DAYS = 10
FOREIGN_CLIENT = "alpenrot"
#: Clients who buy less every year, with the factor: a competitor takes over.
FALLING = {"kama": 0.55}

#: Invoice, days from the invoice to the credit note, whether it is full, reason.
CREDITED = (
    ("invoice_volga_23", 9, True, "Delivered to the wrong plant"),
    ("invoice_lukoshko_25", 16, False, "Damaged in transport"),
)

#: Minimum and maximum of days after the due date, by payment habit.
DELAYS = {"prompt": (-9, 1), "late": (9, 42), "halves": (-3, 6), "stops": (-2, 14)}
SECOND_HALF_DAYS = 40
#: Late payers never pay a tenth of one invoice in this many.
KEEPS_BACK = 7
#: Models that Odoo joins to find out what settles an invoice.
SETTLING = (
    "account.move",
    "account.move.line",
    "account.payment",
    "account.partial.reconcile",
)
#: Number of invoices created or payments posted before the statistics of PostgreSQL are
#: updated again.
BATCH = 100


# ---------------------------------------------------------------- orders
def quote(env):
    """Create quotations of open deals, and confirmed orders of won ones."""
    bill_with_tax(env)
    for row in table(env, LEADS):
        if row["stage"] in ("proposition", "won"):
            quote_deal(env, row)


def bill_with_tax(env):
    """Set the domestic fiscal position of marked clients, wherever the company is."""
    domain = [
        *env["account.fiscal.position"]._check_company_domain(env.company),
        ("country_id", "=", env.company.account_fiscal_country_id.id),
    ]
    home = env["account.fiscal.position"].search(domain, limit=1)
    for row in table(env, TABLE):
        if row["taxed"]:
            client = named(env, f"client_{row['client']}")
            client.property_account_position_id = home


def quote_deal(env, row):
    """Create a quotation as the deal's owner; confirm it if the deal is won."""
    acting = login(env, row["owner"])
    lead = named(env, f"lead_{row['lead']}").with_user(acting)
    order = create_missing(
        env["sale.order"].with_user(acting),
        {f"order_{row['lead']}": prepare_order(lead, row)},
    )
    if not order:
        return
    if row["stage"] == "won":
        confirm(order, ago(env, int(row["closed"])))
    elif lead.priority == "2":
        order.action_quotation_sent()


def confirm(order, day):
    """Confirm an order on a day. The system sets the date, users can't."""
    order.action_confirm()
    order.with_user(SUPERUSER_ID).date_order = datetime.combine(day, time(14, 0))


def prepare_order(lead, row):
    quoted = min(int(row["age"]) - 1, int(row["closed"] or 0) + QUOTED_DAYS)
    lines = prepare_order_lines(lead, f"product_{row['product']}")
    return {
        **quotation_defaults(lead),
        "date_order": datetime.combine(ago(lead.env, quoted), time(11, 0)),
        "validity_date": ago(lead.env, quoted - 60),
        "order_line": [Command.create(line) for line in lines],
    }


def quotation_defaults(lead):
    """Return the values that the lead's button fills into a new quotation."""
    context = lead._prepare_opportunity_quotation_context()
    return {
        key.removeprefix("default_"): value
        for key, value in context.items()
        if key.startswith("default_") and value
    }


def prepare_order_lines(lead, product):
    """Return lines for the product and days on site, just below the lead's value."""
    article, service = (
        named(lead.env, name).product_variant_id for name in (product, SERVICE)
    )
    days = 2 + int(lead.expected_revenue // price(lead.env, 40000))
    rest = lead.expected_revenue - days * service.list_price
    quantity = max(round(rest / article.list_price), 1)
    return [
        {
            "product_id": article.id,
            "product_uom_qty": quantity,
            "price_unit": rest // quantity,
        },
        {"product_id": service.id, "product_uom_qty": days},
    ]


# ---------------------------------------------------------------- invoices
def deliver(env):
    """Create the invoices of regular deliveries."""
    bill_with_tax(env)
    post_missing(env, prepare_deliveries(env))


def invoice(env):
    """Create the invoices of orders."""
    post_missing(env, prepare_order_invoices(env))


def post_missing(env, vals):
    """Create and post the invoices whose names are new, oldest first."""
    by_day = sorted(vals.items(), key=lambda item: item[1]["invoice_date"])
    moves = env["account.move"].with_context(tracking_disable=True)
    invoices = moves.browse()
    for start in range(0, len(by_day), BATCH):
        invoices |= create_missing(moves, dict(by_day[start : start + BATCH]))
        tell_planner(env, *SETTLING)
    invoices.action_post()


def prepare_deliveries(env):
    """Return the invoices for the deliveries of all clients, by name.

    :rtype: dict[str, dict]
    """
    vals = {}
    for row in table(env, TABLE):
        chance = Random(row["client"])
        for number, days in enumerate(delivery_days(row, chance)):
            name = f"invoice_{row['client']}_{number + 1}"
            vals[name] = prepare_delivery(env, row, days, chance)
    return vals


def delivery_days(row, chance):
    """Return how many days ago each delivery was invoiced, oldest first."""
    every = int(row["every"])
    last = chance.randint(2, every - 1)
    return list(range(last, HISTORY_DAYS, every))[::-1]


def prepare_delivery(env, row, days, chance):
    """Return an invoice dated ``days`` ago. Sales grow by a tenth a year, except to
    clients who buy less.
    """
    client = named(env, f"client_{row['client']}")
    yearly = FALLING.get(row["client"], 1.1)
    growth = yearly ** ((HISTORY_DAYS / 2 - days) / 365)
    amount = price(env, row["amount"]) * growth * chance.uniform(0.7, 1.3)
    lines = prepare_invoice_lines(env, row, amount, chance)
    vals = {
        "move_type": "out_invoice",
        "partner_id": client.id,
        "invoice_user_id": client.user_id.id,
        "invoice_date": workday(ago(env, days)),
        "invoice_line_ids": [Command.create(line) for line in lines],
    }
    if row["client"] == FOREIGN_CLIENT:
        vals["currency_id"] = foreign_currency(env).id
    return vals


def prepare_invoice_lines(env, row, amount, chance):
    """Yield lines with whole units of each of the client's products, of about the
    amount in total.

    :rtype: Iterator[dict]
    """
    names = row["products"].split()
    factor = money(env).abroad if row["client"] == FOREIGN_CLIENT else 1
    for name in names:
        product = named(env, f"product_{name}").product_variant_id
        discount = chance.choice((1, 1, 0.95, 0.9))
        unit = round(product.list_price * discount * factor, 2)
        yield {
            "product_id": product.id,
            "quantity": max(round(amount * factor / len(names) / unit), 1),
            "price_unit": unit,
        }


def prepare_order_invoices(env):
    """Return an invoice for each confirmed order, linked to its lines."""
    vals = {}
    for row in table(env, LEADS):
        if row["stage"] == "won":
            order = named(env, f"order_{row['lead']}")
            day = workday(ago(env, int(row["closed"]) - DELIVERY_DAYS))
            vals[f"invoice_order_{row['lead']}"] = prepare_order_invoice(order, day)
    return vals


def prepare_order_invoice(orders, day):
    """Return one invoice for all of these orders of a client."""
    return {
        **orders[0]._prepare_invoice(),
        "invoice_date": day,
        "invoice_line_ids": [
            Command.create(line._prepare_invoice_line(quantity=line.product_uom_qty))
            for line in orders.order_line
        ],
    }


# ---------------------------------------------------------------- credit notes
def credit(env):
    """Create two credit notes: for a delivery to the wrong plant, and damaged goods."""
    for name, after, whole, reason in CREDITED:
        note_name = name.replace("invoice", "credit_note")
        if missing(env, [note_name]):
            note = credit_invoice(named(env, name), after, whole, say(env, reason))
            give_name(note, note_name)


def credit_invoice(invoice, after, whole, reason):
    """Post a credit note for an invoice; Odoo reconciles the two.

    :param int after: days from the invoice to the credit note
    :param bool whole: whether it is for all of the invoice, or a quarter of its first
        line
    """
    age = (ago(invoice.env, 0) - invoice.invoice_date).days
    day = workday(ago(invoice.env, max(age - after, 0)))
    note = invoice._reverse_moves(
        [{"invoice_date": day, "date": day, "ref": f"{invoice.name}: {reason}"}]
    )
    if not whole:
        keep_quarter(note)
    note.action_post()
    return note


def keep_quarter(note):
    first, *others = note.invoice_line_ids
    quantity = max(first.quantity // 4, 1)
    note.invoice_line_ids = [
        Command.update(first.id, {"quantity": quantity}),
        *(Command.delete(line.id) for line in others),
    ]


# ---------------------------------------------------------------- payments
def pay(env):
    """Create payments: on time, late, in two halves, or none from some day on."""
    plans = {}
    for row in table(env, TABLE):
        plans.update(prepare_client(env, row))
    new = sorted(missing(env, list(plans)), key=lambda name: plans[name][1]["date"])
    payments = create_missing(
        env["account.payment"].with_context(tracking_disable=True),
        {name: plans[name][1] for name in new},
    )
    for start in range(0, len(payments), BATCH):
        tell_planner(env, *SETTLING)
        payments[start : start + BATCH].action_post()
    set_off(env, [plans[name][0] for name in new], payments)


def prepare_client(env, row):
    """Return the payments of a client until today, by name.

    A payment is later than its invoice.

    :rtype: dict[str, tuple[account.move, dict]]
    """
    silent = ago(env, int(row["silent_since"] or 0))
    plans = {}
    for name, invoice in client_invoices(env, row["client"]):
        chance = Random(name)
        for number, (day, amount) in enumerate(parts(invoice, row["pays"], chance)):
            if invoice.invoice_date < day <= silent:
                vals = prepare_payment(invoice, day, amount)
                plans[f"payment_{number + 1}_{name}"] = (invoice, vals)
    return plans


def client_invoices(env, client):
    """Return names and records of a client's demo invoices that weren't reversed."""
    named_moves = env["ir.model.data"].search(
        [("module", "=", MODULE), ("name", "=like", "demo_invoice_%")]
    )
    names = {row.res_id: row.name.removeprefix("demo_") for row in named_moves}
    invoices = env["account.move"].search(
        [
            ("id", "in", list(names)),
            ("commercial_partner_id", "=", named(env, f"client_{client}").id),
            ("payment_state", "!=", "reversed"),
        ]
    )
    return [(names[invoice.id], invoice) for invoice in invoices]


def parts(invoice, habit, chance):
    """Return the days and amounts in which a client with that habit pays an invoice.

    :rtype: list[tuple[date, float]]
    """
    delay = timedelta(days=chance.randint(*DELAYS[habit]))
    day = workday(invoice.invoice_date_due + delay)
    amount = invoice.amount_residual
    if habit == "halves":
        half = invoice.currency_id.round(amount / 2)
        later = workday(day + timedelta(days=SECOND_HALF_DAYS))
        return [(day, half), (later, amount - half)]
    if habit == "late" and chance.randrange(KEEPS_BACK) == 0:
        return [(day, invoice.currency_id.round(amount * 0.9))]
    return [(day, amount)]


def prepare_payment(invoice, day, amount):
    return {
        "payment_type": "inbound",
        "partner_type": "customer",
        "partner_id": invoice.commercial_partner_id.id,
        "currency_id": invoice.currency_id.id,
        "amount": amount,
        "date": day,
        "memo": invoice.name,
    }


def set_off(env, invoices, payments):
    """Reconcile each invoice with its payment, all in one call."""
    tell_planner(env, *SETTLING)
    env["account.move.line"]._reconcile_plan(
        [
            open_lines(invoice | payment.move_id)
            for invoice, payment in zip(invoices, payments, strict=True)
        ]
    )


def open_lines(moves):
    """Return the receivable items of invoices, credit notes or payments."""
    return moves.line_ids.filtered(
        lambda line: line.account_id.account_type == "asset_receivable"
    )
