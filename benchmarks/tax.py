"""Piped into an Odoo shell: work unrelated to key accounts, and work on one key account
client.
"""

from datetime import date

from odoo import Command
from odoo.tests import Form

from benchmarks.measure import once, tell, turns

MANY = 20


def invoices(env, partner):
    """Create draft invoices of a client."""
    line = {"name": "Delivery", "quantity": 1, "price_unit": 100}
    values = {
        "move_type": "out_invoice",
        "partner_id": partner.id,
        "invoice_date": date.today(),
        "invoice_line_ids": [Command.create(line)],
    }
    return env["account.move"].create([values] * MANY)


def sell(env, partner):
    """Invoice a client, register a payment and reconcile it."""
    papers = invoices(env, partner)
    papers.action_post()
    wizards = env["account.payment.register"].with_context(
        active_model="account.move", active_ids=papers.ids
    )
    wizards.create({"group_payment": False})._create_payments()
    env.flush_all()


def partners(env):
    """Create companies, and change them."""
    made = env["res.partner"].create(
        [{"name": f"Company {n}", "is_company": True} for n in range(MANY)]
    )
    made.write({"phone": "+7 900 000-00-00", "street": "Main street 1"})
    env.flush_all()


def leads(env, partner):
    """Create opportunities, and change them."""
    made = env["crm.lead"].create(
        [
            {"name": f"Deal {n}", "type": "opportunity", "partner_id": partner.id}
            for n in range(MANY)
        ]
    )
    made.write({"expected_revenue": 1000})
    env.flush_all()


def key_client(env):
    """Return a client with contacts; a key account if the addon is installed."""
    people = [Command.create({"name": f"Person {n}"}) for n in range(MANY)]
    client = env["res.partner"].create(
        {"name": "Key client", "is_company": True, "child_ids": people}
    )
    if "nka.key.account" in env:
        tier = env["nka.tier"].search([], limit=1)
        vals = {"partner_id": client.id, "tier_id": tier.id}
        env["nka.key.account"].create(vals)._unlocked().write({"state": "key"})
    return client


def phones(env, client):
    """Change a client's phone on its form, as the web client does."""
    for n in range(MANY):
        with Form(client) as form:
            form.phone = f"+7 900 000-00-{n:02}"
        env.flush_all()


def main(env):
    """Measure each kind of work once in each turn, after a first time that fills the
    caches; a figure is the cost of twenty records.
    """
    partner = env["res.partner"].create({"name": "Other", "is_company": True})
    client = key_client(env)
    calls = {
        "sales": lambda: sell(env, partner),
        "partners": lambda: partners(env),
        "leads": lambda: leads(env, partner),
        "phones": lambda: phones(env, client),
    }
    for call in calls.values():
        call()
    for _turn in turns():
        for name, call in calls.items():
            found = once(env, call)
            tell(**{name: found.seconds, f"{name}_queries": found.queries})
    env.cr.rollback()


main(env)  # noqa: F821
