"""Payments of last month that aren't credited, or not in full: each reason once.

They appear in the credit reconciliation and show a payroll officer what such a month
looks like. No one breaks a rule: banks keep charges, clients take a discount, a payment
is reset to draft.
"""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command

from .facts import (
    SETTLING,
    confirm,
    open_lines,
    prepare_order_invoice,
    prepare_payment,
    quotation_defaults,
)
from .language import price, say
from .records import (
    ago,
    create_missing,
    give_name,
    missing,
    named,
    table,
    tell_planner,
    workday,
)

TABLE = "ledger/papers.csv"
#: Days from an invoice to its payment.
PAID_AFTER = 6
EARLY = "account.account_payment_term_30days_early_discount"
#: Deal with two orders before it was won, invoiced together: quantity, and days ago.
#: The client had no manager at the time of the first order.
TRIED, TRIAL_ORDERS = "fish_labels", ((60, 57), (90, 50))
PREPAID = ("meridiana", 9200)
#: Share that a client withheld as tax, and amount that a bank kept as its charge.
WITHHELD, CHARGED = 0.02, 45


def show_reasons(env):
    tell_planner(env, *SETTLING)
    for row in table(env, TABLE):
        if missing(env, [f"paper_{row['paper']}"]):
            enter_paper(env, row)
    tell_planner(env, *SETTLING)
    pay_early(env)
    keep_charge(env)
    withhold_tax(env)
    open_balance(env)
    set_back(env)
    prepay(env)
    invoice_together(env)
    tell_planner(env, *SETTLING)


def last_month(env, day):
    """Return a workday of last month, on or before the given day of the month."""
    first = ago(env, 0) + relativedelta(months=-1, day=1)
    return max(workday(first + timedelta(days=day - 1)), first)


# ---------------------------------------------------------------- invoices
def enter_paper(env, row):
    """Create an invoice of last month, apart from the regular deliveries."""
    client = named(env, f"client_{row['client']}")
    product = named(env, f"product_{row['product']}").product_variant_id
    line = {
        "product_id": product.id,
        "quantity": int(row["pieces"]),
        "price_unit": product.list_price,
    }
    vals = {
        "move_type": "out_invoice",
        "partner_id": client.id,
        "invoice_user_id": client.user_id.id,
        "invoice_date": last_month(env, int(row["day"])),
        "invoice_line_ids": [Command.create(line)],
    }
    if row["early"]:
        vals["invoice_payment_term_id"] = env.ref(EARLY).id
    moves = env["account.move"].with_context(tracking_disable=True)
    create_missing(moves, {f"paper_{row['paper']}": vals}).action_post()


def paper(env, name):
    return named(env, f"paper_{name}")


def settle(env, name, moves, **vals):
    """Register the payment of invoices as Odoo proposes it, unless it exists."""
    if not missing(env, [name]):
        return
    wizard = env["account.payment.register"].with_context(
        active_model="account.move", active_ids=moves.ids, tracking_disable=True
    )
    day = moves[0].invoice_date + timedelta(days=PAID_AFTER)
    paid = {"payment_date": workday(day), "group_payment": True, **vals}
    give_name(wizard.create(paid)._create_payments(), name)


def pay(env, name, client, amount, day):
    """Create a payment of a client that isn't matched with anything."""
    vals = {
        "payment_type": "inbound",
        "partner_type": "customer",
        "partner_id": client.id,
        "amount": amount,
        "date": day,
    }
    payments = env["account.payment"].with_context(tracking_disable=True)
    payment = create_missing(payments, {name: vals})
    payment.action_post()
    return payment


def account(env, name, label, kind, code):
    """Return an account used by these examples only; create it if missing."""
    accounts = env["account.account"]
    free = accounts._search_new_account_code(code)
    vals = {"name": say(env, label), "code": free, "account_type": kind}
    create_missing(accounts, {f"account_of_{name}": vals})
    return named(env, f"account_of_{name}")


# ---------------------------------------------------------------- reasons
def pay_early(env):
    """Pay two invoices by one payment; one of them has an early payment discount."""
    settle(env, "payment_early", paper(env, "early") | paper(env, "plain"))


def keep_charge(env):
    """Pay an invoice less the bank's charge, which is written off and not received."""
    move = paper(env, "charged")
    charges = account(env, "charges", "Charges kept by banks", "expense", "629900")
    settle(
        env,
        "payment_charged",
        move,
        amount=move.amount_total - price(env, CHARGED),
        payment_difference_handling="reconcile",
        writeoff_account_id=charges.id,
    )


def withhold_tax(env):
    """Pay an invoice less withheld tax, by a journal entry.

    The tax account is set up to count as money.
    """
    tax = account(env, "tax", "Tax withheld by clients", "asset_current", "118900")
    env.company.nka_money_account_ids |= tax
    move = paper(env, "withheld")
    bank = env["account.journal"].search(
        [
            *env["account.journal"]._check_company_domain(env.company),
            ("type", "=", "bank"),
        ],
        limit=1,
    )
    kept = move.currency_id.round(move.amount_total * WITHHELD)
    book(
        env,
        "entry_withheld",
        move,
        workday(move.invoice_date + timedelta(days=PAID_AFTER)),
        {bank.default_account_id: move.amount_total - kept, tax: kept},
    )


def book(env, name, move, day, debits):
    """Settle an invoice by a journal entry, unless it exists.

    :param dict debits: amounts by account
    """
    owed = open_lines(move)
    client = {"partner_id": move.commercial_partner_id.id}
    lines = [
        *(
            {**client, "account_id": on.id, "debit": amount}
            for on, amount in debits.items()
        ),
        {**client, "account_id": owed.account_id.id, "credit": move.amount_total},
    ]
    entry = enter(env, name, f"{move.name}: {say(env, 'paid less tax')}", day, lines)
    if entry:
        (owed | open_lines(entry)).reconcile()


def enter(env, name, text, day, lines):
    vals = {
        "move_type": "entry",
        "ref": text,
        "date": day,
        "line_ids": [Command.create(line) for line in lines],
    }
    entry = create_missing(env["account.move"], {name: vals})
    entry.action_post()
    return entry


def open_balance(env):
    """Enter a client's opening balance, which has no invoice, and its payment."""
    client = named(env, "client_volga")
    amount = price(env, 7480)
    owed = client.with_company(env.company).property_account_receivable_id
    equity = env["account.account"].search(
        [
            *env["account.account"]._check_company_domain(env.company),
            ("account_type", "=", "equity"),
        ],
        limit=1,
    )
    of_client = {
        "partner_id": client.id,
        "name": say(env, "Balance of the books before"),
    }
    entry = enter(
        env,
        "entry_opening",
        say(env, "Opening balance"),
        last_month(env, 1) - relativedelta(months=6),
        [
            {**of_client, "account_id": owed.id, "debit": amount},
            {**of_client, "account_id": equity.id, "credit": amount},
        ],
    )
    money = pay(env, "payment_opening", client, amount, last_month(env, 14))
    if entry and money:
        open_lines(entry | money.move_id).reconcile()


def set_back(env):
    """Reset a matched payment to draft, as if to correct its memo."""
    move = paper(env, "drafted")
    if missing(env, ["payment_drafted"]):
        day = workday(move.invoice_date + timedelta(days=PAID_AFTER))
        payment = env["account.payment"].create(
            prepare_payment(move, day, move.amount_total)
        )
        give_name(payment, "payment_drafted")
        payment.action_post()
        open_lines(move | payment.move_id).reconcile()
        payment.action_draft()


def prepay(env):
    """Create a payment that isn't matched yet."""
    client, amount = PREPAID
    client = named(env, f"client_{client}")
    pay(env, "payment_unmatched", client, price(env, amount), last_month(env, 22))


def invoice_together(env):
    """Invoice two orders together.

    Each line is credited by the date of its own order; the first order is older than
    the first assignment of the account.
    """
    lead = named(env, f"lead_{TRIED}")
    orders = env["sale.order"].with_user(lead.user_id)
    made = create_missing(
        orders,
        {
            f"order_trial_{number}": prepare_trial(lead, pieces)
            for number, (pieces, _days) in enumerate(TRIAL_ORDERS, start=1)
        },
    )
    for order, (_pieces, days) in zip(made, TRIAL_ORDERS, strict=False):
        confirm(order, ago(env, days))
    if made:
        vals = prepare_order_invoice(made.sudo(), last_month(env, 16))
        vals["invoice_origin"] = ", ".join(made.mapped("name"))
        moves = env["account.move"].with_context(tracking_disable=True)
        create_missing(moves, {"paper_together": vals}).action_post()
    settle(env, "payment_together", paper(env, "together"))


def prepare_trial(lead, pieces):
    product = named(lead.env, "product_labels").product_variant_id
    line = {"product_id": product.id, "product_uom_qty": pieces}
    return {**quotation_defaults(lead), "order_line": [Command.create(line)]}


def order_without_deal(env):
    """Confirm an order of this month without a deal. Its supervisor is notified."""
    client = named(env, "client_kama")
    acting = client.user_id
    product = named(env, "product_drives").product_variant_id
    line = {"product_id": product.id, "product_uom_qty": 2}
    orders = env["sale.order"].with_user(acting)
    vals = {"partner_id": client.id, "order_line": [Command.create(line)]}
    create_missing(orders, {"order_without_deal": vals}).action_confirm()
