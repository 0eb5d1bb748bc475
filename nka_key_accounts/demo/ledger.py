"""What *Credits and accounting* tells: money of the last month that credits nobody, or
not in full, each reason once.

Nobody acts against the rules here. Banks keep charges, clients take a discount, a payment
goes back to draft: a payroll officer sees in the demo what such a month looks like.
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
#: Days from an invoice to the money for it.
PAID_AFTER = 6
EARLY = "account.account_payment_term_30days_early_discount"
#: A deal with two orders before it was won, invoiced together: pieces, and days ago. When
#: the first one came, nobody looked after the client.
TRIED, TRIAL_ORDERS = "fish_labels", ((60, 57), (90, 50))
PREPAID = ("meridiana", 9200)
#: What a client kept back as tax, and a bank as its charge, of the money.
WITHHELD, CHARGED = 0.02, 45


def show_reasons(env):
    tell_planner(env, *SETTLING)
    for row in table(TABLE):
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
    """A workday of the last month, not later than the day of that number."""
    first = ago(env, 0) + relativedelta(months=-1, day=1)
    return max(workday(first + timedelta(days=day - 1)), first)


# ---------------------------------------------------------------- papers
def enter_paper(env, row):
    """An invoice of the last month that isn't one of the regular deliveries."""
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
    """Pay invoices at once, as the button of Odoo proposes, unless it was done."""
    if not missing(env, [name]):
        return
    wizard = env["account.payment.register"].with_context(
        active_model="account.move", active_ids=moves.ids, tracking_disable=True
    )
    day = moves[0].invoice_date + timedelta(days=PAID_AFTER)
    paid = {"payment_date": workday(day), "group_payment": True, **vals}
    give_name(wizard.create(paid)._create_payments(), name)


def pay(env, name, client, amount, day):
    """Money of a client that nobody has matched with anything yet."""
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
    """An account of the books that only these papers need."""
    accounts = env["account.account"]
    free = accounts._search_new_account_code(code)
    vals = {"name": label, "code": free, "account_type": kind}
    create_missing(accounts, {f"account_of_{name}": vals})
    return named(env, f"account_of_{name}")


# ---------------------------------------------------------------- reasons
def pay_early(env):
    """Two invoices paid by one payment; a discount belongs to one of them."""
    settle(env, "payment_early", paper(env, "early") | paper(env, "plain"))


def keep_charge(env):
    """The client's bank kept its charge: written off, and no money came for it."""
    move = paper(env, "charged")
    charges = account(env, "charges", "Charges kept by banks", "expense", "629900")
    settle(
        env,
        "payment_charged",
        move,
        amount=move.amount_total - CHARGED,
        payment_difference_handling="reconcile",
        writeoff_account_id=charges.id,
    )


def withhold_tax(env):
    """The client withheld tax: an entry, and the account counts as money here."""
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
    """Settle an invoice by an entry, unless it was done.

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
    entry = enter(env, name, f"{move.name}: paid less tax", day, lines)
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
    """What a client owed when the books began here is an entry, and no invoice."""
    client = named(env, "client_volga")
    amount = 7480.0
    owed = client.with_company(env.company).property_account_receivable_id
    equity = env["account.account"].search(
        [
            *env["account.account"]._check_company_domain(env.company),
            ("account_type", "=", "equity"),
        ],
        limit=1,
    )
    of_client = {"partner_id": client.id, "name": "Balance of the books before"}
    entry = enter(
        env,
        "entry_opening",
        "Opening balance",
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
    """Matched, and then set back to draft: somebody corrects its memo."""
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
    """Money that nobody has matched yet."""
    client, amount = PREPAID
    client = named(env, f"client_{client}")
    pay(env, "payment_unmatched", client, amount, last_month(env, 22))


def invoice_together(env):
    """Two orders on one invoice: each line goes by its own order's day, and the first
    came before anybody owned the account.
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
    """An order of this month that belongs to no deal: its supervisor is told."""
    client = named(env, "client_kama")
    acting = client.user_id
    product = named(env, "product_drives").product_variant_id
    line = {"product_id": product.id, "product_uom_qty": 2}
    orders = env["sale.order"].with_user(acting)
    vals = {"partner_id": client.id, "order_line": [Command.create(line)]}
    create_missing(orders, {"order_without_deal": vals}).action_confirm()
