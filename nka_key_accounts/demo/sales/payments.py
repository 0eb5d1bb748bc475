"""How clients pay: in time, late, in two halves, or from some day on not at all."""

from datetime import timedelta
from random import Random

from odoo.tools import SQL

from ..records import (
    MODULE,
    ago,
    create_missing,
    missing,
    named,
    table,
    tell_planner,
    workday,
)
from .invoices import TABLE, open_lines

#: Days after the due date, at least and at most, by habit.
DELAYS = {"prompt": (-9, 1), "late": (9, 42), "halves": (-3, 6), "stops": (-2, 14)}
SECOND_HALF_DAYS = 40
#: Late payers keep a tenth back on one invoice in so many, for good.
KEEPS_BACK = 7
#: So many payments are posted before PostgreSQL looks at the tables again.
BATCH = 100


def load(env):
    plans = {}
    for row in table(TABLE):
        plans.update(prepare_client(env, row))
    new = sorted(missing(env, list(plans)), key=lambda name: plans[name][1]["date"])
    payments = create_missing(
        env["account.payment"].with_context(tracking_disable=True),
        {name: plans[name][1] for name in new},
    )
    for start in range(0, len(payments), BATCH):
        tell_planner(env, "account.payment", "account.move", "account.move.line")
        payments[start : start + BATCH].action_post()
    set_off([(plans[name][0], payment) for name, payment in zip(new, payments)])


def prepare_client(env, row):
    """Payments of one client until today by name, each after its invoice.

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
    """Names and records of a client's demo invoices that no credit note settled."""
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
    """Days and amounts in which a client of that habit pays an invoice.

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


def set_off(pairs):
    """Reconcile each invoice with the payment for it, all in one go.

    All of it is one transaction, so PostgreSQL knows nothing yet of what these tables
    hold, and would plan for empty ones.

    :param list[tuple] pairs: invoice and payment
    """
    if not pairs:
        return
    lines = pairs[0][0].line_ids
    lines.env.flush_all()
    for table_name in ("account_move", "account_move_line", "account_payment"):
        lines.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table_name)))
    lines._reconcile_plan(
        [open_lines(invoice | payment.move_id) for invoice, payment in pairs]
    )
