"""Records of a company after years, for the benchmark of the nightly jobs.

One of each is made by Odoo; the others are its copies by SQL, spread over accounts,
people and days.
"""

from datetime import date, datetime, timedelta

from odoo import Command

from benchmarks.copies import bump_sequence, insert_copies, last_id

PER_ACCOUNT = 3
OPEN_COMMITMENTS = 4_000
CLOSED_COMMITMENTS = 50_000
MEETINGS, SENT, RECEIVED = 20_000, 50_000, 30_000
DOCUMENTS = 10_000
WEEKS = 52
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
}


def own_accounts(env, count):
    """Assign the first clients to their salespeople, by SQL; return the accounts."""
    env.cr.execute(
        """WITH account AS (
               INSERT INTO nka_key_account (partner_id, company_id, state, manager_id, supervisor_id,
                                            cadence_days, create_date)
               SELECT id, %(company)s, 'key', user_id, %(uid)s, 30, now() - interval '400 days'
                 FROM res_partner
                WHERE user_id IS NOT NULL AND is_company AND parent_id IS NULL
                ORDER BY id LIMIT %(accounts)s
               RETURNING id, company_id, manager_id
           )
           INSERT INTO nka_assignment (key_account_id, company_id, user_id, share, date_from)
           SELECT id, company_id, manager_id, 100, DATE '1900-01-01' FROM account""",
        {"company": env.company.id, "uid": env.uid, "accounts": count},
    )
    env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
    env.cr.execute("ANALYZE nka_key_account; ANALYZE nka_assignment")
    return env["nka.key.account"].search([], order="id")


class Records:
    """Adds records to the key accounts of a database; the caller commits."""

    def __init__(self, env):
        self.env, self.cr = env(context=env.context | QUIET), env.cr
        self.accounts = env["nka.key.account"].search([], order="id")
        self.count = len(self.accounts)

    def fill(self):
        """Add all of them."""
        self._number_accounts()
        self._people()
        self._commitments()
        self._meetings()
        self._mails()
        self._documents()
        self._reports()
        self.cr.execute("ANALYZE")
        self.env.invalidate_all()

    def _number_accounts(self):
        """Number the accounts and their contacts from 0, so that copies can be spread."""
        self.cr.execute(
            """CREATE TEMP TABLE bench_account AS
               SELECT row_number() OVER (ORDER BY account.id) - 1 AS number, account.id,
                      account.partner_id, account.manager_id, login.partner_id AS seller
                 FROM nka_key_account account
                 JOIN res_users login ON login.id = account.manager_id;
               CREATE UNIQUE INDEX ON bench_account (number)"""
        )

    def _copy(self, record, told, count):
        """Insert copies of a record, number ``s.i``, the account's row being ``a``."""
        self.env.flush_all()
        source = f"""generate_series(1, {count}) AS s(i)
                     JOIN bench_account a ON a.number = mod(s.i, {self.count})"""
        start = last_id(self.cr, record._table)
        told = {"id": f"{start} + s.i", **told}
        insert_copies(self.cr, record._table, record.id, told, source)
        bump_sequence(self.cr, record._table)
        return start

    def _days_ago(self, span, first=1):
        # Records of one account are on different days.
        return (
            f"CURRENT_DATE - {first} - mod(s.i * 7 + s.i / {self.count} * 37, {span})"
        )

    def _people(self):
        """Add three contacts to each account, all of them stakeholders."""
        account = self.accounts[0]
        partner = self.env["res.partner"].create(
            {
                "name": "Contact",
                "parent_id": account.partner_id.id,
                "email": "c@client.example",
            }
        )
        stakeholder = self.env["nka.stakeholder"].create(
            {"key_account_id": account.id, "partner_id": partner.id}
        )
        count = PER_ACCOUNT * self.count
        email = "'c' || s.i || '@client.example'"
        told = {
            "parent_id": "a.partner_id",
            "commercial_partner_id": "a.partner_id",
            "name": "'Contact ' || s.i",
            "email": email,
            "email_normalized": email,
        }
        self.contacts = self._copy(partner, told, count)
        told = {"key_account_id": "a.id", "partner_id": f"{self.contacts} + s.i"}
        told["role"] = "CASE WHEN mod(s.i, 3) = 0 THEN 'decision_maker' ELSE 'user' END"
        self._copy(stakeholder, told, count)

    def _contact(self):
        """Return SQL for a contact of the account with the number ``mod(s.i, count)``."""
        turn = f"mod(s.i / {self.count}, {PER_ACCOUNT}) * {self.count}"
        return f"{self.contacts} + {turn} + mod(s.i - 1, {self.count}) + 1"

    def _commitments(self):
        """Add closed commitments of years, and open ones that accounting measures."""
        original = self.env["nka.commitment"].create(
            {
                "text": "A term",
                "kind": "payment",
                "promised_value": 100,
                "key_account_id": self.accounts[0].id,
                "date_agreed": date.today() - timedelta(days=200),
            }
        )
        told = {
            "key_account_id": "a.id",
            "partner_id": "a.partner_id",
            "manager_id": "a.manager_id",
            "kind": "(ARRAY['payment','volume','service'])[1 + mod(s.i, 3)]",
        }
        waiting = {**told, "promised_date": "CURRENT_DATE + 30 + mod(s.i, 300)"}
        self._copy(original, waiting, OPEN_COMMITMENTS)
        closed = "CASE WHEN mod(s.i, 9) = 0 THEN 'breached' ELSE 'kept' END"
        day = self._days_ago(700)
        told |= {"state": closed, "promised_date": day, "closed_date": day}
        self._copy(original, told, CLOSED_COMMITMENTS)

    def _meetings(self):
        """Add meetings of the managers with contacts of their accounts."""
        begin = datetime.now().replace(microsecond=0) - timedelta(days=9)
        event = self.env["calendar.event"].create(
            {
                "name": "Talk",
                "start": begin,
                "stop": begin + timedelta(hours=1),
                "partner_ids": [Command.link(self.env.user.partner_id.id)],
            }
        )
        day = self._days_ago(700)
        start = self._copy(
            event,
            {
                "user_id": "a.manager_id",
                "create_uid": "a.manager_id",
                "start": f"{day} + interval '9 hours'",
                "stop": f"{day} + interval '10 hours'",
                "create_date": f"{day} + interval '8 hours'",
                "access_token": "NULL",
            },
            MEETINGS,
        )
        seat = event.attendee_ids
        guest = {
            "event_id": f"{start} + s.i",
            "state": "'accepted'",
            "access_token": "NULL",
        }
        host = {**guest, "partner_id": "a.seller", "write_uid": "a.manager_id"}
        self._copy(seat, host, MEETINGS)
        self._copy(seat, {**guest, "partner_id": self._contact()}, MEETINGS)
        for partner in ("a.seller", self._contact()):
            self.cr.execute(
                f"""INSERT INTO calendar_event_res_partner_rel
                           (calendar_event_id, res_partner_id)
                    SELECT {start} + s.i, {partner}
                      FROM generate_series(1, {MEETINGS}) AS s(i)
                      JOIN bench_account a ON a.number = mod(s.i, {self.count})"""
            )

    def _mails(self):
        """Add emails to contacts and from them."""
        account = self.accounts[0]
        message = account.message_post(body="Letter", message_type="comment")
        day = f"{self._days_ago(700)} + interval '11 hours'"
        common = {"res_id": "a.id", "date": day, "message_id": "'bench-' || s.i"}
        sent = {"author_id": "a.seller", "create_uid": "a.manager_id"}
        start = self._copy(message, {**common, **sent}, SENT)
        self.cr.execute(
            f"""INSERT INTO mail_notification (mail_message_id, res_partner_id,
                       notification_type, notification_status, is_read)
                SELECT {start} + s.i, {self._contact()}, 'email', 'sent', TRUE
                  FROM generate_series(1, {SENT}) AS s(i)"""
        )
        got = {
            "author_id": self._contact(),
            "message_type": "'email'",
            "create_uid": "1",
        }
        start = self._copy(message, {**common, **got}, RECEIVED)
        self.cr.execute(
            f"""INSERT INTO mail_message_res_partner_rel (mail_message_id, res_partner_id)
                SELECT {start} + s.i, a.seller FROM generate_series(1, {RECEIVED}) AS s(i)
                  JOIN bench_account a ON a.number = mod(s.i, {self.count})"""
        )

    def _documents(self):
        """Add approved documents that stay valid, and some in review."""
        kind = self.env["nka.document.type"].search([], limit=1)
        document = self.env["nka.document"].create(
            {
                "type_id": kind.id,
                "title": "Contract",
                "key_account_id": self.accounts[0].id,
            }
        )
        review = "mod(s.i, 20) = 0"
        self._copy(
            document,
            {
                "name": "'DOC/B/' || s.i",
                "key_account_id": "a.id",
                "author_id": "a.manager_id",
                "state": f"CASE WHEN {review} THEN 'submitted' ELSE 'approved' END",
                "deadline": f"CASE WHEN {review} THEN CURRENT_DATE + 9 END",
                "valid_until": f"CASE WHEN NOT {review} THEN CURRENT_DATE + 400 END",
                "approve_date": f"{self._days_ago(300)} + interval '1 hour'",
            },
            DOCUMENTS,
        )

    def _reports(self):
        """Add approved weekly reports of everyone who has accounts."""
        users = self.accounts.manager_id
        employees = self.env["hr.employee"].create(
            [{"name": user.name, "user_id": user.id} for user in users]
        )
        self.env.flush_all()
        monday = date.today() - timedelta(days=date.today().weekday())
        self.cr.execute(
            """INSERT INTO nka_work_report (employee_id, user_id, company_id, state,
                      date_from, date_to, create_date)
               SELECT employee.id, employee.user_id, employee.company_id, 'approved', day,
                      day + 6, day
                 FROM hr_employee employee
                 JOIN unnest(%s) person ON person = employee.id,
                      generate_series(1, %s) week,
                      LATERAL (SELECT %s::date - 7 * week AS day) d""",
            [employees.ids, WEEKS, monday],
        )
