"""Quotations on open deals and the confirmed orders of the won ones."""

from datetime import datetime, time

from ..leads.creation import TABLE
from ..records import ago, create_missing, login, named, table

#: Days between a won deal's quotation and its closing, or a quotation's age.
QUOTED_DAYS = 14
SERVICE = "product_commissioning"


def load(env):
    bill_with_tax(env)
    for row in table(TABLE):
        if row["stage"] in ("proposition", "won"):
            quote(env, row)


def bill_with_tax(env):
    """Let the clients marked so buy at home, wherever the company itself sits."""
    domain = [
        *env["account.fiscal.position"]._check_company_domain(env.company),
        ("country_id", "=", env.company.account_fiscal_country_id.id),
    ]
    home = env["account.fiscal.position"].search(domain, limit=1)
    for row in table("sales/invoicing.csv"):
        if row["taxed"]:
            client = named(env, f"client_{row['client']}")
            client.property_account_position_id = home


def quote(env, row):
    """A quotation by the deal's owner; the client's order follows when it is won."""
    acting = login(env, row["owner"])
    lead = named(env, f"lead_{row['lead']}").with_user(acting)
    order = create_missing(
        env["sale.order"].with_user(acting),
        {f"order_{row['lead']}": prepare_order(lead, row)},
    )
    if not order:
        return
    if row["stage"] == "won":
        order.action_confirm()
        day = ago(env, int(row["closed"]))
        order.sudo().date_order = datetime.combine(day, time(14, 0))
    elif lead.priority == "2":
        order.action_quotation_sent()


def prepare_order(lead, row):
    quoted = min(int(row["age"]) - 1, int(row["closed"] or 0) + QUOTED_DAYS)
    return {
        **quotation_defaults(lead),
        "date_order": datetime.combine(ago(lead.env, quoted), time(11, 0)),
        "validity_date": ago(lead.env, quoted - 60),
        "order_line": [
            (0, 0, line) for line in prepare_lines(lead, f"product_{row['product']}")
        ],
    }


def quotation_defaults(lead):
    """What the lead's own button fills into a new quotation."""
    context = lead._prepare_opportunity_quotation_context()
    return {
        key.removeprefix("default_"): value
        for key, value in context.items()
        if key.startswith("default_") and value
    }


def prepare_lines(lead, product):
    """Some of the product and some days on site, just below the value of the lead."""
    article, service = (
        named(lead.env, name).product_variant_id for name in (product, SERVICE)
    )
    days = 2 + int(lead.expected_revenue // 40000)
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
