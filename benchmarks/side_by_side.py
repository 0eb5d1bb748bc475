"""Piped into an Odoo shell: measures a salesperson's ordinary work while another user
runs something heavy.

Both are ordinary users with cursors of their own, like two requests of one server.
"""

import base64
import statistics
import threading
import time
from contextlib import contextmanager

from odoo import Command, api

from benchmarks.measure import tell

RUNS = 5
ROWS = 600
MAIL = 10_000_000
GROUPS = ("sales_team.group_sale_salesman_all_leads", "base.group_partner_manager")


def people(env):
    """Create two salespeople, each with a client, a product and a deal, committed for
    both threads.
    """
    groups = [Command.set([env.ref(name).id for name in GROUPS])]
    users = env["res.users"].create(
        [
            {"name": name, "login": f"side_{name}", "group_ids": groups}
            for name in ("heavy", "other")
        ]
    )
    client = env["res.partner"].create({"name": "Client", "is_company": True})
    product = env["product.product"].create({"name": "Film", "list_price": 100})
    deals = env["crm.lead"].create(
        [{"name": "Deal", "type": "opportunity", "user_id": user.id} for user in users]
    )
    env.cr.commit()
    return users.ids, deals.ids, client.id, product.id


class Worker:
    """The requests of one user, each in a transaction of its own."""

    def __init__(self, env, user_id, deal_id, client_id, product_id):
        self.registry, self.user_id = env.registry, user_id
        self.deal_id, self.client_id, self.product_id = deal_id, client_id, product_id

    @contextmanager
    def request(self):
        """Open a transaction that is committed at its end."""
        with self.registry.cursor() as cr:
            yield api.Environment(cr, self.user_id, {"mail_notify_force_send": False})

    def order(self, env):
        """Create and confirm an order of the client."""
        line = Command.create({"product_id": self.product_id, "price_unit": 80})
        order = env["sale.order"].create(
            {"partner_id": self.client_id, "order_line": [line]}
        )
        order.action_confirm()
        return order

    def work(self):
        """Do the work of a salesperson's minute: a page of clients, a contact, a deal,
        a note and an order.
        """
        with self.request() as env:
            env["res.partner"].web_search_read(
                [], {"name": {}, "email": {}, "phone": {}}, limit=80
            )
            env["res.partner"].create({"name": "Somebody", "phone": "1"})
        with self.request() as env:
            deal = env["crm.lead"].browse(self.deal_id)
            deal.write({"expected_revenue": deal.expected_revenue + 1})
            deal.message_post(body="Called them")
        with self.request() as env:
            self.order(env)

    # ------------------------------------------------------------ heavy work
    def search(self, _stop, begun):
        """Search clients by a condition without an index, with all columns of a list."""
        with self.request() as env:
            begun.set()
            domain = ["|", ("email", "ilike", "%a%"), ("name", "ilike", "%o%")]
            names = ["name", "email", "phone", "street", "city", "category_id"]
            env["res.partner"].search_read(domain, names)
            env["res.partner"].formatted_read_group(domain, ["city"], ["id:array_agg"])

    def load(self, _stop, begun):
        """Import six hundred leads."""
        with self.request() as env:
            begun.set()
            rows = [[f"Lead {n}", f"Contact {n}", "100"] for n in range(ROWS)]
            fields = ["name", "contact_name", "expected_revenue"]
            env["crm.lead"].load(fields, rows)

    def mail(self, _stop, begun):
        """Post a message with a file of 10 MB."""
        with self.request() as env:
            begun.set()
            datas = base64.b64encode(b"%PDF" + bytes(MAIL))
            file = env["ir.attachment"].create({"name": "film.pdf", "datas": datas})
            deal = env["crm.lead"].browse(self.deal_id)
            deal.message_post(
                body="Here",
                attachment_ids=file.ids,
                partner_ids=[self.client_id],
            )

    def hold(self, stop, begun):
        """Write a bit of everything in a transaction that stays open until the other
        has finished.
        """
        with self.request() as env:
            env["crm.lead"].browse(self.deal_id).message_post(body="Waiting")
            env["res.partner"].create({"name": "Somebody", "email": "a@b.example"})
            self.order(env)
            env.flush_all()
            begun.set()
            stop.wait()


def seconds(other):
    """Return the seconds of one run of a user's work."""
    started = time.perf_counter()
    other.work()
    return time.perf_counter() - started


@contextmanager
def going_on(heavy):
    """Run heavy work in another thread for the duration of the block, once it has
    begun.
    """
    stop, begun, failed = threading.Event(), threading.Event(), []

    def go_on():
        try:
            while not stop.is_set():
                heavy(stop, begun)
        except Exception as error:
            failed.append(error)
        finally:
            begun.set()

    thread = threading.Thread(target=go_on)
    thread.start()
    begun.wait()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    if failed:
        raise failed[0]


def beside(other, heavy):
    """Return the medians of the work alone, of the work beside something heavy, and of
    their ratio.

    They run in turn, so that other load on the machine affects both.
    """
    pairs = []
    for _ in range(RUNS):
        alone = seconds(other)
        with going_on(heavy):
            pairs.append((alone, seconds(other)))
    return (
        statistics.median(alone for alone, _beside in pairs),
        statistics.median(together for _alone, together in pairs),
        statistics.median(together / alone for alone, together in pairs),
    )


def main(env):
    """Report the time of the work alone, and beside each heavy task."""
    users, deals, client_id, product_id = people(env)
    heavy, other = (
        Worker(env, user_id, deal_id, client_id, product_id)
        for user_id, deal_id in zip(users, deals, strict=True)
    )
    other.work()
    for name in ("search", "load", "mail", "hold"):
        alone, together, delay = beside(other, getattr(heavy, name))
        tell(**{f"{name}_alone": alone, name: together, f"{name}_delay": delay})


main(env)  # noqa: F821
