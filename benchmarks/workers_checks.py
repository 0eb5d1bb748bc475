"""Piped into an Odoo shell: what has to hold after bench_workers.py, by plain SQL.

Compares the database with what people were told, and tells every problem as a sentence.
"""

import json
import os
from collections import Counter
from pathlib import Path

from benchmarks.measure import tell

#: For each kind of act, how many of these ids or texts are in the database.
FOUND = {
    "contact": """SELECT COUNT(*) FROM unnest(%s) AS token WHERE EXISTS (
                      SELECT FROM mail_message WHERE model = 'nka.key.account'
                         AND body LIKE '%%' || token || '%%')""",
    "report": """SELECT COUNT(*) FROM nka_work_report
                  WHERE id = ANY(%s) AND state IN ('submitted', 'approved')""",
    "approval": """SELECT COUNT(*) FROM nka_work_report
                    WHERE id = ANY(%s) AND state = 'approved'""",
    "document": """SELECT COUNT(*) FROM nka_document
                    WHERE id = ANY(%s) AND state = 'submitted' AND digest IS NOT NULL""",
    "deal": "SELECT COUNT(*) FROM crm_lead WHERE name = ANY(%s)",
}
#: Acts that are counted or recorded for their user: SQL of the number by login.
COUNTED = {
    "read": """SELECT SUM(count) FROM nka_reading JOIN res_users ON res_users.id = user_id
                WHERE login = %s AND kind = 'account'""",
    "export": """SELECT COUNT(*) FROM nka_audit_event JOIN res_users u ON u.id = user_id
                  WHERE login = %s AND kind = 'export'""",
}
#: Sentences, and queries whose rows contradict them.
NEVER = {
    "a month has a second close, or isn't locked": """
        SELECT company_id, month FROM nka_month_close GROUP BY company_id, month
        HAVING COUNT(*) <> 1 OR MIN(state) <> 'locked'""",
    # A second revision is that of the payslips made in the background.
    "a month was locked twice": """
        SELECT close_id FROM nka_month_close_revision GROUP BY close_id
        HAVING COUNT(*) > 2 OR COUNT(*) FILTER (WHERE reason IS NULL) <> 1""",
    "a step of a month isn't recorded once": """
        SELECT res_id, new FROM nka_audit_event
         WHERE res_model = 'nka.month.close' AND kind = 'state' AND old <> new
           AND new IN ('approved', 'locked')
         GROUP BY res_id, new HAVING COUNT(*) <> 1""",
    "a person has two payslips of a month": """
        SELECT employee_id, date_from FROM hr_payslip WHERE state <> 'cancel'
         GROUP BY employee_id, date_from HAVING COUNT(*) > 1""",
    "a statement has no confirmed payslip": """
        SELECT statement.id FROM nka_pay_statement statement
          LEFT JOIN hr_payslip payslip ON payslip.id = payslip_id
         WHERE statement.state <> 'locked' OR payslip.state IS DISTINCT FROM 'done'""",
    "an event has no number": "SELECT id FROM nka_audit_event WHERE seq IS NULL",
    "the chain has a gap or a fork": """
        SELECT id FROM (
            SELECT id, seq, previous_digest,
                   LAG(seq, 1, 0) OVER chain AS last,
                   LAG(digest, 1, '') OVER chain AS last_digest
              FROM nka_audit_event WINDOW chain AS (PARTITION BY company_id ORDER BY seq)
        ) AS link WHERE seq <> last + 1 OR previous_digest <> last_digest""",
    "the head isn't the last event": """
        SELECT head.id FROM nka_audit_head head WHERE (head.seq, head.digest) <> COALESCE(
            (SELECT (event.seq, event.digest) FROM nka_audit_event event
              WHERE event.company_id = head.company_id ORDER BY event.seq DESC LIMIT 1),
            (0, ''))""",
    "a job has failed": "SELECT cron_name FROM ir_cron WHERE failure_count > 0",
    "a daily job is still due": """
        SELECT cron_name FROM ir_cron WHERE active AND interval_type = 'days'
           AND nextcall <= now() AT TIME ZONE 'UTC'""",
    "an import came in part": """
        SELECT name, COUNT(*) FROM crm_lead WHERE contact_name LIKE 'Contact %'
         GROUP BY name HAVING COUNT(*) <> 600""",
}


def contradicted(cr):
    """Return the sentences that rows contradict, with the first rows."""
    problems = []
    for sentence, query in NEVER.items():
        cr.execute(query)
        if rows := cr.fetchall():
            problems.append(f"{sentence}: {len(rows)}, such as {rows[:3]}")
    return problems


def lost(cr, done):
    """Return what was answered and isn't in the database."""
    problems = []
    for kind, query in FOUND.items():
        proofs = [proof for _login, proof in done.get(kind, ()) if proof is not None]
        cr.execute(query, [proofs])
        if (found := cr.fetchone()[0]) != len(proofs):
            problems.append(f"{kind}: {found} of {len(proofs)} are there")
    return problems


def miscounted(cr, done, unanswered):
    """Return whose reads or exports were counted less than they were answered.

    What wasn't answered may be counted as well.
    """
    problems = []
    for kind, query in COUNTED.items():
        told, spare = Counter(), {login: n for k, login, n in unanswered if k == kind}
        for login, number in done.get(kind, ()):
            told[login] += number if kind == "read" else 1
        for login, number in told.items():
            cr.execute(query, [login])
            found = cr.fetchone()[0] or 0
            most = number + spare.get(login, 0) * (20 if kind == "read" else 1)
            if not number <= found <= most:
                problems.append(
                    f"{kind} of {login}: {found} counted, {number} answered"
                )
    return problems


def verified(env):
    """Return what a verification of every company's audit trail finds."""
    env["nka.audit.head"]._sequence_all()
    env.cr.commit()
    trails = env["nka.audit.verification"]._verify(env["res.company"].search([]))
    return [trail.result for trail in trails if not trail.is_whole]


def main(env):
    """Tell every contradiction between the database and what people were told."""
    told = json.loads(Path(os.environ["PROOFS"]).read_text())
    found = verified(env)
    found += contradicted(env.cr)
    found += lost(env.cr, told["done"])
    found += miscounted(env.cr, told["done"], told["unanswered"])
    env.cr.execute("SELECT COUNT(*) FROM nka_audit_event")
    tell(problems=found, events=env.cr.fetchone()[0])


main(env)  # noqa: F821
