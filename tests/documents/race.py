"""Run as a program on a throw-away database: sessions that write to the audit trail and
decide on one document concurrently.
"""

import sys
from threading import Barrier, Thread

from psycopg2.errors import SerializationFailure

WRITERS = 8
ROUNDS = 5
PATIENCE = 200


def prepare():
    """Commit a document that awaits approval; return what the sessions need.

    :return: id of the document, of two supervisors, of its manager and company
    """
    from tests.documents.common import DocumentCase

    DocumentCase.setUpClass()
    try:
        document = DocumentCase._submitted()
        DocumentCase.env.flush_all()
        DocumentCase.cr._cnx.commit()
        supervisors = (DocumentCase.supervisor.id, DocumentCase.supervisor_2.id)
        people = supervisors, DocumentCase.manager.id
        return document.id, *people, DocumentCase.env.company.id
    finally:
        DocumentCase.doClassCleanups()


def session(registry, barrier, user_id, work, told):
    """Run the work in a transaction and, like a request, retry after a serialization
    failure.
    """
    from odoo import api
    from odoo.exceptions import UserError

    for attempt in range(PATIENCE):
        with registry.cursor() as cursor:
            env = api.Environment(cursor, user_id, {})
            cursor.execute(
                "SELECT 1"
            )  # takes the snapshot before another session writes
            if not attempt:
                barrier.wait(60)
            try:
                work(env)
                env.flush_all()
                cursor.commit()
                told.append("done")
            except SerializationFailure:
                cursor.rollback()
                continue
            except UserError as refused:
                cursor.rollback()
                told.append(str(refused))
            return


def at_once(registry, works):
    """Run (user id, work) pairs in one thread each; return their results."""
    barrier, told = Barrier(len(works)), []
    threads = [
        Thread(target=session, args=(registry, barrier, user_id, work, told))
        for user_id, work in works
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def write_events(document_id):
    """Append two audit events."""

    def work(env):
        events = env["nka.audit.event"]
        document = env["nka.document"].browse(document_id)
        events._append([events._prepare_entry(document, "proposed")] * 2)

    return work


def approve(document_id):
    """Approve a document."""
    return lambda env: env["nka.document"].browse(document_id).action_approve()


def export(document_id):
    """Call an action that is refused and rolled back."""
    return lambda env: env["nka.document"].browse(document_id).export_data(["title"])


def refusals(registry, user_id):
    """Return the notes of a user's refused exports that the trail kept despite the
    rollback.
    """
    with registry.cursor() as cursor:
        cursor.execute(
            "SELECT note FROM nka_audit_event WHERE kind = 'export' AND user_id = %s",
            [user_id],
        )
        return [note for (note,) in cursor.fetchall()]


def chain(registry, company_id):
    """Return the number of events of a company and the first broken link of its chain."""
    from odoo import SUPERUSER_ID, api
    from odoo.addons.nka_key_accounts.models.proof.audit_chain_walk import Walk

    with registry.cursor() as cursor:
        walk = Walk(api.Environment(cursor, SUPERUSER_ID, {}), company_id)
        broken = walk.first_break()
        return walk.count, broken


def main(config_file, name):
    """Return 0 if the chain is unforked and contains the refused export, and exactly
    one of the two supervisors decided.
    """
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(
        ["--config", config_file, "--database", name, "--log-level", "critical"]
    )
    registry = Registry(name)
    document_id, supervisors, manager_id, company_id = prepare()
    before, _broken = chain(registry, company_id)
    wrote = []
    for _round in range(ROUNDS):
        wrote += at_once(registry, [(1, write_events(document_id))] * WRITERS)
    decided = at_once(registry, [(uid, approve(document_id)) for uid in supervisors])
    told = at_once(registry, [(manager_id, export(document_id))])
    kept = refusals(registry, manager_id)
    after, broken = chain(registry, company_id)
    print(f"export {told}, kept {kept}")
    print(f"wrote {wrote}, decided {decided}, chain {before} to {after}: {broken}")
    expected = WRITERS * ROUNDS * 2
    is_whole = broken is None and after >= before + expected + 1
    refused = [words for words in decided if "already approved by nka_super" in words]
    is_decided_once = len(decided) == 2 and "done" in decided and len(refused) == 1
    is_refusal_kept = "Only a supervisor can" in told[0] and kept == ["Refused"]
    is_written = wrote == ["done"] * (WRITERS * ROUNDS)
    good = is_written and is_whole and is_decided_once and is_refusal_kept
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
