"""Audit events by the million."""

import time
from io import StringIO

from odoo.addons.nka_key_accounts.models.trail.audit_chain import HASHED_FIELDS

CHUNK = 50_000


def fill_chain(env, company, count):
    """Commit events as the addon inserts them, without the checks of each.

    :return: seconds it takes to number them
    """
    for start in range(0, count, CHUNK):
        rows = StringIO()
        for number in range(start + 1, min(start + CHUNK, count) + 1):
            values = dict.fromkeys(HASHED_FIELDS) | {
                "company_id": company.id,
                "date": "2026-01-01 12:00:00",
                "user_id": 1,
                "user_name": "Bench",
                "kind": "state",
                "res_model": "res.partner",
                "res_id": number,
                "res_name": f"Partner {number}",
                "key_account_ref": 0,
                "lead_ref": 0,
                "new": "key",
            }
            cells = values.values()
            rows.write(
                "\t".join("\\N" if cell is None else str(cell) for cell in cells) + "\n"
            )
        rows.seek(0)
        env.cr._obj.copy_from(rows, "nka_audit_event", columns=HASHED_FIELDS)
    env.cr.commit()
    started = time.perf_counter()
    env["nka.audit.head"]._sequence(company)
    seconds = time.perf_counter() - started
    env.cr.commit()  # to see the sequence numbers
    return seconds
