"""Commitments, offer contributions, concessions and discounts of the demo's deals."""

from odoo import Command

from .facts import quotation_defaults
from .language import say
from .records import create_missing, load, login, named

#: Won deal whose agreed terms haven't been taken over as commitments yet.
TAKEN_OVER = "fish_labels"
INCOMPLETE = "“All” isn't enough: name them one by one, please."
DROPPED = "The plant has a stock of its own already."
#: Deal, product, quantity, discount in percent, reason, approver.
DISCOUNTED = (
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


# ---------------------------------------------------------------- commitments
def commit(env):
    """Create commitments: kept, remedied after a breach, waived, due, or to accept."""
    load(env, "deals/nka.commitment.csv", close)
    lead = named(env, f"lead_{TAKEN_OVER}")
    if lead._untaken_orders():
        lead.with_user(lead.user_id).action_take_terms()


def close(commitment, row):
    """Bring a commitment to the state of its row, by user actions."""
    if row["_state"] == "kept":
        commitment.actual_date = commitment.promised_date
        commitment.action_keep()
    if row["_state"] == "breached":
        commitment.action_breach(reason=row["_reason"])
        commitment.remedy = row["_remedy"]
        commitment.action_remedy()
    if row["_state"] == "waived":
        supervisor = login(commitment.env, "supervisor")
        commitment.with_user(supervisor).action_waive(reason=row["_reason"])


# ---------------------------------------------------------------- offers
def offer(env):
    """Create offer contributions, accepted, waiting and late, and concessions."""
    load(env, "deals/nka.offer.contribution.csv", answer)
    load(env, "deals/nka.concession.csv", decide)


def answer(contribution, row):
    """Bring a contribution to the state of its row, by user actions."""
    if row["_state"] == "asked":
        return
    asked = contribution.with_user(contribution.user_id)
    asked.answer = row["_answer"]
    asked.action_deliver()
    if row["_state"] == "accepted":
        contribution.action_accept()
    if row["_state"] == "returned":
        contribution.action_return(reason=say(contribution.env, INCOMPLETE))


def decide(concession, row):
    if row["_state"] == "agreed":
        concession.action_agree()
    if row["_state"] == "dropped":
        concession.action_drop(reason=say(concession.env, DROPPED))


def discount(env):
    """Create two quotations above the limit: one to decide on, one sent."""
    for deal, article, pieces, percent, reason, approver in DISCOUNTED:
        lead = named(env, f"lead_{deal}")
        lead = lead.with_user(lead.key_account_id.manager_id)
        vals = prepare_order(lead, named(env, f"product_{article}"), pieces, percent)
        orders = env["sale.order"].with_user(lead.env.user)
        order = create_missing(orders, {f"order_discount_{deal}": vals})
        if order:
            order.action_nka_ask_discount(reason=say(env, reason))
        if order and approver:
            request = order.sudo()._nka_requests()
            request.with_user(login(env, approver)).action_approve()
            order.action_quotation_sent()


def prepare_order(lead, product, pieces, percent):
    line = {
        "product_id": product.product_variant_id.id,
        "product_uom_qty": pieces,
        "discount": percent,
    }
    return {**quotation_defaults(lead), "order_line": [Command.create(line)]}
