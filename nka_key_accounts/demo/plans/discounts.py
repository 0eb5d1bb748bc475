"""Two quotations beyond the limit: one to decide on, one approved and sent."""

from ..records import create_missing, login, named
from ..sales.orders import quotation_defaults

#: Deal, article, pieces, discount, why, who approves.
ASKED = (
    (
        "cheese_hall",
        "palletiser",
        3,
        19.0,
        "The client builds a second hall next year and would order it with this one.",
        "",
    ),
    (
        "dc_robot",
        "palletiser",
        4,
        17.5,
        "Both centres in one order; the competitor is at minus twenty.",
        "supervisor",
    ),
)


def load(env):
    for deal, article, pieces, discount, reason, approver in ASKED:
        lead = named(env, f"lead_{deal}")
        lead = lead.with_user(lead.key_account_id.manager_id)
        orders = env["sale.order"].with_user(lead.env.user)
        vals = prepare_order(env, lead, article, pieces, discount)
        order = create_missing(orders, {f"order_discount_{deal}": vals})
        if order:
            order.action_nka_ask_discount(reason=reason)
        if order and approver:
            request = order.sudo()._nka_requests()
            request.with_user(login(env, approver)).action_approve()
            order.action_quotation_sent()


def prepare_order(env, lead, article, pieces, discount):
    product = named(env, f"product_{article}").product_variant_id
    return {
        **quotation_defaults(lead),
        "order_line": [
            (
                0,
                0,
                {
                    "product_id": product.id,
                    "product_uom_qty": pieces,
                    "discount": discount,
                },
            )
        ],
    }
