"""Piped into an Odoo shell: fills an audit trail of ten years, then measures nights.

A fifth as many records as events: commitments, leads, weekly reports, documents with a
file each, and qualifications of 2,000 accounts, each with the events of its steps. The
rest of the events are exports of accounts. A checkpoint for every day of ten years.
"""

import os
import time

from odoo.addons.nka_key_accounts.models.documents.ir_attachment import (
    file_digest,
    files_digest,
)
from odoo.addons.nka_key_accounts.models.proof.contents import digest_of
from odoo.tools import SQL

from benchmarks.copies import bump_sequence, insert_copies
from benchmarks.measure import tell

EVENTS = int(os.environ["EVENTS"])
ACCOUNTS, EMPLOYEES, SEALS = 2_000, 100, 3_650
#: Share of the records by model.
SHARES = {
    "nka.commitment": 0.35,
    "crm.lead": 0.3,
    "nka.work.report": 0.2,
    "nka.document": 0.1,
    "nka.qualification": 0.05,
}
#: Steps of a record: kind of the event, old and new value.
STEPS = {
    "nka.key.account": (("state", None, "candidate"), ("state", "candidate", "key")),
    "nka.commitment": (("state", None, "open"), ("state", "open", "kept")),
    "crm.lead": (
        ("origin", None, "claimed"),
        ("origin", "claimed", "rejected"),
        ("origin", "rejected", "claimed"),
    ),
    "nka.work.report": (
        ("state", "draft", "submitted"),
        ("state", "submitted", "approved"),
    ),
    "nka.document": (
        ("state", "draft", "submitted"),
        ("state", "submitted", "approved"),
    ),
    "nka.qualification": (("state", "draft", "submitted"),),
}
#: When everything happened: before the nights measured.
LONG_AGO = "2020-01-01 12:00:00"
QUIET = {"tracking_disable": True, "mail_create_nolog": True, "no_reset_password": True}


def fill_records(env, count):
    """Create the records by SQL: the first one by Odoo, the others as its copies."""
    env.cr.execute("SET LOCAL session_replication_role = replica")
    partner = env["res.partner"].create({"name": "Client", "is_company": True})
    account = env["nka.key.account"].create(
        {"partner_id": partner.id, "manager_id": env.uid}
    )
    copy(env, partner, ACCOUNTS, {"commercial_partner_id": "o.id + n"})
    copy(env, account, ACCOUNTS, {"partner_id": f"{partner.id} + n", "state": "'key'"})
    own = {"key_account_id": f"{account.id} + mod(n, {ACCOUNTS})"}
    numbers = {name: int(count * share) for name, share in SHARES.items()}
    commitment = env["nka.commitment"].create(
        {
            "text": "A term",
            "kind": "price",
            "promised_value": 1,
            "key_account_id": account.id,
            "promised_date": "2020-01-01",
        }
    )
    copy(env, commitment, numbers["nka.commitment"], own | {"state": "'kept'"})
    lead = env["crm.lead"].create({"name": "A lead", "partner_id": partner.id})
    copy(env, lead, numbers["crm.lead"], {"origin_state": "'claimed'"})
    copy_reports(env, numbers["nka.work.report"])
    copy_documents(env, account, numbers["nka.document"])
    qualification = env["nka.qualification"].create({"key_account_id": account.id})
    states = {"state": "'submitted'"}
    copy(env, qualification, numbers["nka.qualification"], own | states)
    env.invalidate_all()


def copy_reports(env, count):
    """Create weekly reports of a hundred employees."""
    employee = env["hr.employee"].create({"name": "Manager"})
    copy(env, employee, EMPLOYEES, {})
    report = env["nka.work.report"].create(
        {
            "employee_id": employee.id,
            "date_from": "1990-01-01",
            "date_to": "1990-01-07",
            "summary": "What was done. " * 20,
        }
    )
    days = f"DATE '1990-01-01' + 7 * (n / {EMPLOYEES})"
    told = {
        "employee_id": f"{employee.id} + mod(n, {EMPLOYEES})",
        "date_from": days,
        "date_to": f"{days} + 6",
        "state": "'approved'",
    }
    copy(env, report, count, told)


def copy_documents(env, account, count):
    """Create approved documents with a file of 20 kB each."""
    kind = env["nka.document.type"].search([], limit=1)
    document = env["nka.document"].create(
        {"type_id": kind.id, "title": "Contract", "key_account_id": account.id}
    )
    file = env["ir.attachment"].create(
        {
            "name": "contract.pdf",
            "raw": os.urandom(20_000),
            "res_model": document._name,
            "res_id": document.id,
        }
    )
    env.flush_all()
    digest = file_digest(file.raw)
    env.cr.execute(
        "UPDATE ir_attachment SET nka_digest = %s WHERE id = %s", [digest, file.id]
    )
    digest = files_digest([digest])
    told = {"state": "'approved'", "digest": f"'{digest}'", "review_count": "1"}
    copy(env, file, count, {"res_id": f"{document.id} + n"})
    copy(env, document, count, told)


def copy(env, record, count, told):
    """Insert copies with the ids after the original's, dated long ago."""
    env.flush_all()
    table = record._table
    dates = dict.fromkeys(("create_date", "write_date"), f"TIMESTAMP '{LONG_AGO}'")
    told = {"id": "o.id + n", **dates, **told}
    insert_copies(env.cr, table, record.id, told, f"generate_series(1, {count}) AS n")
    bump_sequence(env.cr, table)
    env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))


def digests_of(env):
    """Return the hash of the content of the records that have one, by model and id."""
    found = {}
    for name in ("nka.work.report", "nka.qualification"):
        ids = env[name].search([], order="id").ids
        for start in range(0, len(ids), 1000):
            contents = env[name].browse(ids[start : start + 1000])._content()
            found |= {
                (name, res_id): digest_of(content)
                for res_id, content in contents.items()
            }
            env.invalidate_all()
    return found


def fill_events(env, count):
    """Insert the events of all steps, then exports of accounts."""
    env.cr.execute(
        "CREATE TEMP TABLE bench_digest (model text, id integer, digest text)"
    )
    rows = [(*key, digest) for key, digest in digests_of(env).items()]
    for start in range(0, len(rows), 10_000):
        values = SQL(", ").join(rows[start : start + 10_000])
        env.cr.execute(SQL("INSERT INTO bench_digest VALUES %s", values))
    for name, steps in STEPS.items():
        digest = "rec.digest" if name == "nka.document" else "bench.digest"
        for kind, old, new in steps:
            insert_events(env, name, kind, old, new, digest)
    left = count - env["nka.audit.event"].search_count([])
    insert_events(env, "nka.key.account", "export", None, "1", times=left // ACCOUNTS)


def insert_events(env, name, kind, old, new, digest="NULL", times=1, where="TRUE"):
    """Insert an event for each of the copies of a model."""
    env.cr.execute(
        SQL(
            """INSERT INTO nka_audit_event
                      (company_id, date, user_id, user_name, kind, res_model, res_id,
                       res_name, key_account_ref, lead_ref, old, new, file_digest)
               SELECT %(company)s, %(date)s, 1, 'Bench', %(kind)s, %(model)s, rec.id,
                      'Record ' || rec.id, 0, 0, %(old)s, %(new)s, %(digest)s
                 FROM %(table)s rec
                 LEFT JOIN bench_digest bench
                        ON bench.model = %(model)s AND bench.id = rec.id
                CROSS JOIN generate_series(1, %(times)s)
                WHERE rec.create_date = %(date)s AND %(where)s""",
            company=env.company.id,
            date=LONG_AGO,
            kind=kind,
            model=name,
            old=old,
            new=new,
            digest=SQL(digest),
            table=SQL.identifier(env[name]._table),
            times=times,
            where=SQL(where),
        )
    )


def number(env):
    """Number all events, and see the numbers."""
    env.cr.commit()
    env["nka.audit.head"]._sequence(env.company)
    env.cr.commit()
    env.cr.execute("ANALYZE nka_audit_event")


def sign(env, times):
    """Sign the chain as often as in ten years."""
    head = env["nka.audit.head"].search([("company_id", "=", env.company.id)])
    for _day in range(times):
        env["nka.audit.seal"]._seal(head)
    env.cr.commit()


def night(env, nightly=True):
    """Return seconds and queries of a verification with the signature after it."""
    env.invalidate_all()
    queries, started = env.cr.sql_log_count, time.perf_counter()
    found = env["nka.audit.verification"]._verify(env.company, nightly=nightly)
    sign(env, 1)
    seconds = time.perf_counter() - started
    if nightly and found.reason:
        raise AssertionError(f"everything was verified: {found.reason}")
    if not found.is_whole:
        raise AssertionError(found.result)
    return seconds, env.cr.sql_log_count - queries


def change(env, share):
    """Change a share of the records as the program does, with an event each."""
    where = f"mod(rec.id, {round(1 / share)}) = 0"
    env.cr.execute("SET LOCAL session_replication_role = replica")
    insert_events(env, "nka.commitment", "state", "kept", "breached", where=where)
    env.cr.execute(
        f"UPDATE nka_commitment rec SET state = 'breached', write_date = now()"
        f" WHERE create_date = '{LONG_AGO}' AND {where}"
    )
    left = int(EVENTS * share) - env["nka.commitment"].search_count(
        [("state", "=", "breached")]
    )
    insert_events(
        env, "nka.key.account", "export", None, "1", times=max(1, left // ACCOUNTS)
    )
    number(env)


env = env(context={**env.context, **QUIET})  # noqa: F821
fill_records(env, EVENTS // 5)
fill_events(env, EVENTS)
number(env)
sign(env, SEALS)
whole, _queries = night(env, nightly=False)
nights = [night(env) for _number in range(3)]
change(env, 0.01)
changed = night(env)
tell(
    whole_seconds=whole,
    night_seconds=min(seconds for seconds, _queries in nights),
    night_queries=min(queries for _seconds, queries in nights),
    changed_seconds=changed[0],
    changed_queries=changed[1],
)
