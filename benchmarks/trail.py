"""Piped into an Odoo shell: fills an audit chain and a review queue, then measures
them.
"""

import os
import resource
import time

from odoo.addons.nka_key_accounts.models.proof.audit_chain_walk import Walk

from benchmarks.chain import fill_chain
from benchmarks.measure import cost, tell

EVENTS, DOCUMENTS = int(os.environ["EVENTS"]), int(os.environ["DOCUMENTS"])
STATES = ("draft", "submitted", "returned", "approved")


def fill_queue(env, company, count):
    """Create documents of a hundred authors in every state, one copied many times by
    SQL.
    """
    kind = env["nka.document.type"].search([], limit=1)
    env["nka.document"].create({"type_id": kind.id, "title": "Bench"})
    env.flush_all()
    env.cr.execute(
        """INSERT INTO nka_document (name, title, type_id, company_id, author_id, state,
                                     revision, waiting_since, deadline, deal_amount,
                                     review_count)
           SELECT 'DOC/' || n, 'Contract ' || n, %(kind)s, %(company)s, %(author)s,
                  (%(states)s)[1 + n %% 4], 1, DATE '2026-01-01' + n %% 300,
                  DATE '2026-02-01' + n %% 300, n, 0
             FROM generate_series(1, %(count)s) AS n""",
        {
            "kind": kind.id,
            "company": company.id,
            "author": env.uid,
            "states": list(STATES),
            "count": count,
        },
    )
    env.cr.execute("ANALYZE nka_document")
    env.invalidate_all()


def queue(env, count):
    """Return a call that opens the queue as the web client does: groups with their
    cards.
    """
    part = {"fields": {"display_name": {}}}
    asked = {
        **{name: {} for name in ("name", "title", "deadline", "deal_amount")},
        **dict.fromkeys(("type_id", "key_account_id", "lead_id", "author_id"), part),
        **{name: {} for name in ("may_review", "is_overdue", "activity_ids")},
    }
    domain = [("state", "in", ("draft", "submitted", "returned"))]
    return lambda: env["nka.document"].web_read_group(
        domain,
        ["state"],
        ["__count", "deal_amount:sum"],
        auto_unfold=True,
        unfold_read_specification=asked,
        unfold_read_default_limit=count,
    )


def supervisor(env):
    """Create the user whose home page is the queue."""
    group = env.ref("nka_key_accounts.group_key_account_supervisor")
    values = {"name": "S", "login": "bench-super", "group_ids": [group.id]}
    return env["res.users"].with_context(no_reset_password=True).create(values)


def walk(env, company):
    """Return seconds and megabytes of a verification of the whole chain."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    broken = Walk(env, company.id).first_break()
    seconds = time.perf_counter() - started
    if broken:
        raise AssertionError(broken.message)
    return seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def append_queries(env, company):
    """Return the queries of appending 100 events as a user whose name is cached
    already.
    """
    events = env["nka.audit.event"]
    entries = [events._prepare_entry(company, "proposed") for _number in range(100)]
    events._append(entries)
    env.flush_all()
    env.invalidate_all()
    env.user.mapped("name")
    before = env.cr.sql_log_count
    events._append(entries)
    env.flush_all()
    return env.cr.sql_log_count - before


env = env  # noqa: F821
company = env["res.company"].create({"name": "Bench"})
number_seconds = fill_chain(env, company, EVENTS)
fill_queue(env, env.company, DOCUMENTS)
seconds, memory = walk(env, company)
own = env(user=supervisor(env), su=False)
pages = {count: cost(own, queue(own, count)) for count in (10, 80)}
tell(
    number_seconds=number_seconds,
    verify_seconds=seconds,
    memory=memory,
    append_queries=append_queries(env, company),
    queue_ms=pages[80].seconds * 1000,
    queue_queries=pages[80].queries,
    more=pages[80].queries - pages[10].queries,
)
