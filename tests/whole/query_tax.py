"""Count the queries of tasks that don't concern key accounts; runs in an Odoo shell.

Prints the number of queries by task as one line of JSON. Everything is rolled back.
"""

import json
from functools import cache

from odoo import Command
from odoo.tests import Form

GROUPS = ("sales_team.group_sale_salesman_all_leads", "account.group_account_invoice")


def counted(work, prepare=lambda: None):
    """Return the number of queries of ``work`` before the commit, with warm caches."""
    for _warming in range(2):
        finished(work, prepare())
    prepared = prepare()
    env.flush_all()
    env.invalidate_all()
    return finished(work, prepared)


def finished(work, prepared):
    cr = env.cr
    before = cr.sql_log_count
    work(prepared)
    env.flush_all()
    cr.precommit.run()
    return cr.sql_log_count - before


def with_account(env, people):
    """Return a new client with contacts; a key account if the addon is installed."""
    client = env["res.partner"].create(
        {
            "name": "Key client",
            "is_company": True,
            "child_ids": [Command.create({"name": name}) for name in people],
        }
    )
    if "nka.key.account" in env:
        accounts = env["nka.key.account"].sudo()
        tier = env["nka.tier"].sudo().search([], limit=1)
        account = accounts.create({"partner_id": client.id, "tier_id": tier.id})
        account._unlocked().write({"state": "key", "manager_id": env.user.id})
    return client


def of_person(env):
    """Return the tasks of a salesperson who also posts invoices, by description."""
    person = env["res.partner"].create({"name": "Somebody"})
    client, other = env["res.partner"].create(
        [
            {"name": name, "is_company": True, "email": f"{name}@others.example"}
            for name in ("One", "Two")
        ]
    )
    lead = env["crm.lead"].create({"name": "Somebody", "type": "opportunity"})
    product = env["product.product"].sudo().create({"name": "Film", "list_price": 100})
    values = iter(range(1000))

    def new_invoice():
        move = env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": client.id,
                "invoice_date": "2025-01-15",
                "invoice_line_ids": [
                    Command.create({"name": "Service", "price_unit": 100})
                ],
            }
        )
        move.action_post()
        return move

    def pay(move):
        wizard = env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        wizard.create({})._create_payments()

    def change(record, fname, convert=str):
        return lambda _none: record.write({fname: convert(next(values))})

    def turn(number):
        return (client.id, other.id)[number % 2]

    stages = env["crm.stage"].search([("is_won", "=", False)], limit=2)
    people = env.user | env.ref("base.user_admin")

    def stage(number):
        return stages[number % 2].id

    def salesperson(number):
        return people[number % 2].id

    def new_order():
        lines = [Command.create({"product_id": product.id, "price_unit": 80})]
        return env["sale.order"].create({"partner_id": client.id, "order_line": lines})

    def new_file():
        content = str(next(values)).encode()
        return env["ir.attachment"].create({"name": "film.txt", "raw": content})

    def post(file):
        lead.message_post(
            body="Hello",
            partner_ids=client.ids,
            attachment_ids=file.ids if file else [],
        )

    def dialled(contact):
        """Return the unsaved form of a contact with a new phone number."""
        form = Form(contact)
        form.phone = f"+1 555 {next(values):04}"
        return form

    @cache
    def key_client():
        return with_account(env, [f"Person {number}" for number in range(12)])

    page = {"name": {}, "email": {}, "phone": {}}
    create = {"name": "Somebody", "partner_id": client.id, "type": "opportunity"}
    return {
        "read a page of contacts": (
            lambda _none: env["res.partner"].web_search_read([], page, limit=80),
        ),
        "look up a contact": (lambda _none: env["res.partner"].name_search("Two"),),
        "group contacts": (
            lambda _none: env["res.partner"].formatted_read_group([], ["city"]),
        ),
        "upload a file": (lambda _none: new_file(),),
        "send a message": (post,),
        "send a file": (post, new_file),
        "create a partner": (
            lambda _none: env["res.partner"].create({"name": "Somebody"}),
        ),
        "create a contact": (
            lambda _none: env["res.partner"].create(
                {"name": "Somebody", "parent_id": client.id}
            ),
        ),
        "write a partner": (change(client, "phone"),),
        "save a client's phone": (Form.save, lambda: dialled(client)),
        "move a contact": (change(person, "parent_id", turn),),
        "create a lead": (lambda _none: env["crm.lead"].create({"name": "Somebody"}),),
        "create a lead of a client": (lambda _none: env["crm.lead"].create(create),),
        "write a lead": (change(lead, "expected_revenue", int),),
        "give a lead to a client": (change(lead, "partner_id", turn),),
        "pay an invoice": (pay, new_invoice),
        "move a lead to another stage": (change(lead, "stage_id", stage),),
        "give a lead to somebody": (change(lead, "user_id", salesperson),),
        "create an order": (lambda _none: new_order(),),
        "confirm an order": (lambda order: order.action_confirm(), new_order),
        "write a line of an order": (
            lambda order: order.order_line.write({"price_unit": next(values) + 1}),
            new_order,
        ),
        # Has to be last, because it creates the key account.
        "save a key client's phone": (Form.save, lambda: dialled(key_client())),
    }


user = env["res.users"].create(  # noqa: F821
    {
        "name": "Somebody",
        "login": "query_tax",
        "group_ids": [Command.set([env.ref(name).id for name in GROUPS])],  # noqa: F821
    }
)
env = env(user=user)  # noqa: F821
print(json.dumps({name: counted(*work) for name, work in of_person(env).items()}))
env.cr.rollback()
