"""Past and planned contact with clients.

1. *Is it real?* Meetings that are over and weren't called off, emails in either
   direction, and completed activities that are calls, meetings or emails. Planned
   contact is future meetings and open activities of those types.
2. *Whose is it?* The client's: its contacts are invited, or the record is on its
   account, leads or contacts. Any company and any employee counts.
3. *How much, when?* The day on which it began or was written, in the user's time zone.
4. *Who could have written it?* Any employee, without confirmation. So it is no evidence
   for pay.

The fragments are expressions over the account row called ``alias``. ``accounts`` is any
``nka.key.account``; its hooks define on which records contact is recorded and which
meetings took place.

Which internal users know a client has stricter rules:

1. *Is it real?* Meetings that took place, emails in either direction, calls and
   meetings marked as done, and confirmed orders. Later rooms add more. Invitees who
   declined weren't there.
2. *Whose is it?* The person's who did it: they or the system created the record, and
   the invitee accepted the invitation. What clients send is attributed to them.
   Employees, and their private addresses, never count as contacts of a client.
3. *How much, when?* The last twelve months, by the moment it happened; for meetings
   entered more than :data:`LATE` afterwards, by the moment they were entered.
4. *Who could have written it?* Users only for themselves: entering a colleague proves
   nothing until the colleague, the client or the system acted.

These fragments return rows of ``user_id``, ``partner_id`` (the contact, if known) and
``moment``, for the account row called ``alias``. ``kinds_sql`` says of which kind each
is; how much they weigh is decided where a relationship is measured.
"""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import SUPERUSER_ID, fields
from odoo.tools import SQL

#: Whether the email of rows ``sent`` and ``message`` is scheduled for later and wasn't
#: sent.
IS_WAITING = SQL(
    """(COALESCE(sent.notification_status, '') != 'sent'
        AND EXISTS (SELECT FROM mail_mail waiting
                     WHERE waiting.id = sent.mail_mail_id
                       AND waiting.scheduled_date > message.date))"""
)


def last_sql(accounts, alias, days=None):
    """Return the day of the last contact as an expression.

    :param accounts: nka.key.account, for its hooks
    :param str alias: name of the account row
    :param days: first and last day; earlier and later contact doesn't count
    """
    met, said = (
        _within(accounts, SQL(moment), days)
        for moment in ("event.start", "message.date")
    )
    over = SQL("event.stop <= %s AND %s", fields.Datetime.now(), met)
    dates = [
        _meeting(accounts, alias, SQL("MAX"), over),
        *(
            _message(accounts, alias, model, owners, said)
            for model, owners in accounts._contact_owners(alias).items()
        ),
    ]
    return SQL("(GREATEST(%s))", SQL(", ").join(dates))


def planned_sql(accounts, alias):
    """Return the day of the earliest planned contact; overdue activities count.

    :param accounts: nka.key.account, for its hooks
    :param str alias: name of the account row
    """
    coming = SQL("event.start > %s", fields.Datetime.now())
    return SQL(
        "LEAST(%s, %s)",
        _meeting(accounts, alias, SQL("MIN"), coming),
        _activity(accounts, alias),
    )


def last_of_person_sql(accounts, alias):
    """Return the day of the last contact with one contact person.

    :param accounts: nka.key.account, for its hooks
    :param str alias: name of a row with the contact in ``partner_id``
    """
    return SQL(
        """GREATEST(
            (SELECT %(met)s FROM calendar_event event
               JOIN calendar_event_res_partner_rel rel
                 ON rel.calendar_event_id = event.id
              WHERE rel.res_partner_id = %(person)s AND event.active
                AND event.stop <= %(now)s AND %(held)s),
            (SELECT %(said)s FROM mail_message message
              WHERE message.author_id = %(person)s
                AND message.message_type IN ('email', 'email_outgoing')),
            (SELECT %(said)s FROM mail_message message
               JOIN mail_notification sent ON sent.mail_message_id = message.id
              WHERE sent.res_partner_id = %(person)s),
            (SELECT %(said)s FROM mail_message message
               JOIN mail_activity_type kind
                 ON kind.id = message.mail_activity_type_id
              WHERE message.model = 'res.partner' AND message.res_id = %(person)s
                AND %(contact)s))""",
        person=SQL.identifier(alias, "partner_id"),
        now=fields.Datetime.now(),
        held=accounts._sql_held_meeting(),
        met=local_day(accounts, SQL("MAX(event.start)")),
        said=local_day(accounts, SQL("MAX(message.date)")),
        contact=is_contact(accounts),
    )


def meeting_ids_sql(alias):
    """Return the ids of meetings about the account's deals, and of meetings
    without a deal in which contacts of the client take part.
    """
    return SQL(
        """(SELECT talk.id FROM crm_lead lead
              JOIN calendar_event talk ON talk.opportunity_id = lead.id
             WHERE lead.key_account_id = %(account)s
             UNION
            SELECT talk.id FROM res_partner party
              JOIN calendar_event_res_partner_rel rel ON rel.res_partner_id = party.id
              JOIN calendar_event talk ON talk.id = rel.calendar_event_id
               AND talk.opportunity_id IS NULL
             WHERE party.commercial_partner_id = %(client)s)""",
        account=SQL.identifier(alias, "id"),
        client=SQL.identifier(alias, "partner_id"),
    )


def domain_meetings(account):
    """Return the domain of meetings with the client's contacts, past and planned."""
    return [("partner_ids.commercial_partner_id", "=", account.sudo().partner_id.id)]


def meetings_of_accounts_sql(accounts, visible):
    """Return past meetings of all accounts, for a timeline.

    Columns: account, id, day, step, subject, user, amount.

    :param accounts: nka.key.account, for its hooks
    :param SQL visible: ids of the meetings that the reader can open
    """
    return SQL(
        """SELECT account.id AS account_id, event.id AS ref, %(day)s AS date,
                  'meeting' AS step, event.name AS name, event.user_id AS user_id,
                  NULL::numeric AS amount
             FROM nka_key_account account
       CROSS JOIN LATERAL (
                  SELECT * FROM calendar_event
                   WHERE id IN %(meetings)s AND id IN %(visible)s) event
            WHERE event.active AND event.stop <= %(now)s AND %(held)s""",
        day=local_day(accounts, SQL("event.start")),
        meetings=meeting_ids_sql("account"),
        visible=visible,
        now=fields.Datetime.now(),
        held=accounts._sql_held_meeting(),
    )


def messages_of_accounts_sql(accounts, model, visible):
    """Return emails and completed calls of all accounts on records of one model.

    Columns as for ``meetings_of_accounts_sql``. Without a subject, the beginning of the
    text is the subject.

    :param accounts: nka.key.account, for its hooks
    :param str model: model of the records, one of ``_contact_owners``
    :param SQL visible: ids of its records that the reader can open
    """
    return SQL(
        r"""SELECT account.id AS account_id, message.id AS ref, %(day)s AS date,
                   CASE WHEN kind.category = 'phonecall' THEN 'call'
                        WHEN kind.category = 'meeting' THEN 'meeting'
                        WHEN author.commercial_partner_id = account.partner_id
                        THEN 'email_in' ELSE 'email_out' END AS step,
                   COALESCE(NULLIF(message.subject, ''),
                            LEFT(TRIM(REGEXP_REPLACE(REGEXP_REPLACE(
                                message.body, '<[^>]*>|&nbsp;', ' ', 'g'),
                                '\s+', ' ', 'g')), 150)) AS name,
                   (SELECT ours.id FROM res_users ours
                     WHERE ours.partner_id = author.id LIMIT 1) AS user_id,
                   NULL::numeric AS amount
              FROM nka_key_account account
        CROSS JOIN LATERAL (
                   SELECT * FROM mail_message
                    WHERE model = %(model)s AND res_id IN %(owners)s
                      AND res_id IN %(visible)s) message
         LEFT JOIN mail_activity_type kind ON kind.id = message.mail_activity_type_id
         LEFT JOIN res_partner author ON author.id = message.author_id
             WHERE %(is_talk)s""",
        day=local_day(accounts, SQL("message.date")),
        model=model,
        owners=accounts._contact_owners("account")[model],
        visible=visible,
        is_talk=_is_talk(accounts, SQL("account.partner_id")),
    )


def local_day(records, moment):
    """Return the day of a stored UTC moment in the user's time zone.

    :param records: any records of the user's environment
    :param SQL moment: the moment
    """
    return SQL(
        "(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", moment, str(records.env.tz)
    )


def _within(accounts, moment, days):
    if not days:
        return SQL("TRUE")
    return SQL("%s BETWEEN %s AND %s", local_day(accounts, moment), *days)


def _meeting(accounts, alias, aggregate, condition):
    return SQL(
        """(SELECT %(day)s
              FROM calendar_event event
              JOIN calendar_event_res_partner_rel rel
                ON rel.calendar_event_id = event.id
              JOIN res_partner party ON party.id = rel.res_partner_id
             WHERE party.commercial_partner_id = %(client)s
               AND event.active AND %(condition)s AND %(held)s)""",
        day=local_day(accounts, SQL("%s(event.start)", aggregate)),
        client=SQL.identifier(alias, "partner_id"),
        condition=condition,
        held=accounts._sql_held_meeting(),
    )


def _message(accounts, alias, model, owners, condition):
    """Return the last day of emails in either direction and of completed activities.

    A comment counts as an email if a contact of the client was notified.
    """
    return SQL(
        """(SELECT %(day)s
              FROM mail_message message
         LEFT JOIN mail_activity_type kind
                ON kind.id = message.mail_activity_type_id
             WHERE message.model = %(model)s AND message.res_id IN %(owners)s
               AND %(condition)s AND %(is_talk)s)""",
        day=local_day(accounts, SQL("MAX(message.date)")),
        model=model,
        owners=owners,
        condition=condition,
        is_talk=_is_talk(accounts, SQL.identifier(alias, "partner_id")),
    )


def _is_talk(accounts, client):
    """Return whether rows ``message`` and ``kind`` are contact with the client."""
    return SQL(
        """(message.message_type IN ('email', 'email_outgoing')
            OR %(contact)s
            OR EXISTS (
                SELECT 1 FROM mail_notification sent
                  JOIN res_partner party ON party.id = sent.res_partner_id
                 WHERE sent.mail_message_id = message.id
                   AND party.commercial_partner_id = %(client)s))""",
        contact=is_contact(accounts),
        client=client,
    )


def is_contact(accounts):
    """Return the condition for activity types that are calls, meetings or emails."""
    return SQL(
        "(kind.category IN ('phonecall', 'meeting') OR kind.id = %s)",
        _mail_activity_id(accounts),
    )


def _mail_activity_id(accounts):
    name = "mail.mail_activity_data_email"
    return accounts.env["ir.model.data"]._xmlid_to_res_id(name) or None


def _activity(accounts, alias):
    return SQL("(SELECT MIN(activity.date_deadline) %s)", _activities(accounts, alias))


def _activities(accounts, alias):
    """Return FROM and WHERE of the planned activities of the account row."""
    owned = [
        SQL("(activity.res_model = %s AND activity.res_id IN %s)", model, owners)
        for model, owners in accounts._contact_owners(alias).items()
    ]
    return SQL(
        """FROM mail_activity activity
           JOIN mail_activity_type kind ON kind.id = activity.activity_type_id
          WHERE activity.active AND %s AND (%s)""",
        is_contact(accounts),
        SQL(" OR ").join(owned),
    )


def due_activities(account, today):
    """Return the planned contacts of an account that are due, under the user's rights.

    :param account: nka.key.account
    :param date today: last day
    :rtype: mail.activity
    """
    account.env.flush_all()
    rows = account.env.execute_query(
        SQL(
            """SELECT due.id FROM nka_key_account account
                CROSS JOIN LATERAL (SELECT activity.id %s
                                       AND activity.date_deadline <= %s) due
                WHERE account.id = ANY(%s)""",
            _activities(account, "account"),
            today,
            account.ids,
        )
    )
    ids = [activity_id for (activity_id,) in rows]
    return account.env["mail.activity"].search([("id", "in", ids)])


# ---------------------------------------------------------------- contact by internal user
MONTHS = 12
#: Meetings entered later than this after their start count when they were entered.
LATE = timedelta(days=7)
#: Contacts and email addresses of employees.
OURS = SQL(
    """SELECT own.id AS partner_id, own.email_normalized AS email
         FROM res_users login JOIN res_partner own ON own.id = login.partner_id
        WHERE NOT login.share
        UNION SELECT NULL, LOWER(login.login) FROM res_users login WHERE NOT login.share
        UNION SELECT staff.work_contact_id, LOWER(staff.work_email) FROM hr_employee staff
        UNION SELECT NULL, LOWER(staff.private_email) FROM hr_employee staff"""
)
#: Whether a row ``party`` is no employee.
_IS_THEIRS = SQL(
    """(party.id NOT IN (SELECT own.partner_id FROM (%(ours)s) own
                          WHERE own.partner_id IS NOT NULL)
        AND COALESCE(party.email_normalized, '') NOT IN (
                        SELECT own.email FROM (%(ours)s) own
                         WHERE own.email IS NOT NULL AND own.email != ''))""",
    ours=OURS,
)

#: Whether the row ``seat`` proves that the user ``ours`` took part in ``event``.
_IS_EVIDENCE = SQL(
    """(seat.state = 'accepted' AND seat.write_uid = ours.id
        OR COALESCE(seat.state, '') != 'declined'
        AND (event.create_uid = %(system)s
             OR event.create_uid = ours.id AND event.user_id = ours.id))""",
    system=SUPERUSER_ID,
)


def seat_reason_sql():
    """Return why the row ``seat`` doesn't prove that the user ``ours`` was a guest of
    ``event``, or NULL if it does.

    They must have been invited before it began: a guest who is added afterwards could
    accept any meeting of the past. Imported meetings were entered later.
    """
    return SQL(
        """CASE WHEN seat.id IS NULL THEN 'not_invited'
                WHEN seat.state = 'declined' THEN 'declined'
                WHEN NOT %s THEN 'not_accepted'
                WHEN seat.create_date > event.start AND event.create_uid != %s
                THEN 'invited_late' END""",
        _IS_EVIDENCE,
        SUPERUSER_ID,
    )


def since():
    """Return the moment since which contact counts."""
    return fields.Datetime.now() - relativedelta(months=MONTHS)


def rows_sql(accounts, alias):
    """Return all contact of internal users with the client of the account ``alias``."""
    sources = [query for _kind, query in kinds_sql(accounts, alias, since())]
    return SQL(" UNION ALL ").join(sources)


def kinds_sql(accounts, alias, start):
    """Return the same contact by kind, since any moment.

    :param accounts: nka.key.account, for its hooks
    :param str alias: name of the account row
    :param datetime start: earlier contact doesn't count
    :return: pairs of a kind (meeting, mail, call, order, document) and its query
    :rtype: list[tuple[str, SQL]]
    """
    client = SQL.identifier(alias, "partner_id")
    return [
        ("meeting", _meetings(accounts, client, start)),
        ("mail", _mails_out(client, start)),
        ("mail", _mails_in(client, start)),
        *_done(accounts, alias, start),
        ("order", _orders(client, start)),
        *(("document", query) for query in accounts._acquaintances(alias, start)),
    ]


def people_sql(accounts, alias, selected):
    """Return an aggregate over the internal users who know the client.

    :param SQL selected: aggregate over rows ``known`` and ``ours``, such as
        ``COUNT(DISTINCT ours.id)``
    """
    return SQL(
        """(SELECT %s FROM (%s) known
              JOIN res_users ours ON ours.id = known.user_id AND ours.active
               AND NOT ours.share AND ours.id != %s)""",
        selected,
        rows_sql(accounts, alias),
        SUPERUSER_ID,
    )


def read(accounts):
    """Return who knows the clients of accounts, with the last contact: one query.

    :param accounts: nka.key.account
    :return: moment of the last contact by user id, by account id
    :rtype: dict[int, dict[int, datetime]]
    """
    found = {}
    for account_id, user_id, _partner_id, moment in _read(accounts):
        last = found.setdefault(account_id, {})
        last[user_id] = max(moment, last.get(user_id, moment))
    return found


def read_of_persons(accounts):
    """Return ids of internal users by the contact they were in touch with: one query.

    :param accounts: nka.key.account
    :rtype: dict[int, set[int]]
    """
    found = {}
    for _account_id, user_id, partner_id, _moment in _read(accounts):
        if partner_id:
            found.setdefault(partner_id, set()).add(user_id)
    return found


def _read(accounts):
    if not accounts.ids:
        return []
    accounts.env.flush_all()
    return accounts.env.execute_query(
        SQL(
            """SELECT account.id, known.user_id, known.partner_id, MAX(known.moment)
                 FROM nka_key_account account
           CROSS JOIN LATERAL (%s) known
                 JOIN res_users ours ON ours.id = known.user_id AND ours.active
                  AND NOT ours.share AND ours.id != %s
                WHERE account.id = ANY(%s)
                GROUP BY 1, 2, 3""",
            rows_sql(accounts, "account"),
            SUPERUSER_ID,
            accounts.ids,
        )
    )


def _meetings(accounts, client, start):
    """Return meetings in which internal users took part: accepted while logged in,
    organized by themselves, or imported.

    Accepting by the link in the email proves nothing, because the organizer can open
    it, too. Meetings entered long afterwards all count at the moment of entry: a year
    of them can't be made up in an evening.
    """
    entered = accounts.env["calendar.event"]._negotiation_terms()["fixed_date"]
    return SQL(
        """SELECT ours.id AS user_id, party.id AS partner_id,
                  CASE WHEN %(entered)s > event.start + %(late)s THEN %(entered)s
                       ELSE event.start END AS moment
             FROM res_partner party
             JOIN calendar_event_res_partner_rel rel ON rel.res_partner_id = party.id
             JOIN calendar_event event
               ON event.id = rel.calendar_event_id AND event.active
              AND event.stop <= %(now)s AND event.start > %(since)s AND %(held)s
             JOIN calendar_attendee seat ON seat.event_id = event.id
             JOIN res_users ours ON ours.partner_id = seat.partner_id
            WHERE party.commercial_partner_id = %(client)s AND %(is_theirs)s
              AND %(is_evidence)s
              AND NOT EXISTS (SELECT FROM calendar_attendee guest
                               WHERE guest.event_id = event.id
                                 AND guest.partner_id = party.id
                                 AND guest.state = 'declined')""",
        now=fields.Datetime.now(),
        entered=entered,
        late=LATE,
        is_theirs=_IS_THEIRS,
        since=start,
        held=accounts._sql_held_meeting(),
        client=client,
        is_evidence=_IS_EVIDENCE,
    )


def first_meeting_together_sql(accounts, contact, users, since_day):
    """Return the day of the first meeting that took place with a contact and all of
    these users, since a day.

    The same evidence counts as for a single user: each of them accepted while logged
    in, organized it, or the meeting was imported.

    :param accounts: nka.key.account, for its hooks
    :param SQL contact: id of the contact
    :param users: ids of the users, as expressions
    :param SQL since_day: first day that counts
    """
    seats = SQL(" AND ").join(
        SQL(
            """EXISTS (SELECT FROM calendar_attendee seat
                         JOIN res_users ours ON ours.partner_id = seat.partner_id
                        WHERE seat.event_id = event.id AND ours.id = %s AND %s)""",
            user,
            _IS_EVIDENCE,
        )
        for user in users
    )
    return SQL(
        """(SELECT MIN(%(day)s)
              FROM calendar_event event
              JOIN calendar_event_res_partner_rel rel
                ON rel.calendar_event_id = event.id
             WHERE rel.res_partner_id = %(contact)s AND event.active
               AND event.stop <= %(now)s AND %(held)s
               AND %(day)s >= %(since)s AND %(seats)s)""",
        day=local_day(accounts, SQL("event.start")),
        contact=contact,
        now=fields.Datetime.now(),
        held=accounts._sql_held_meeting(),
        since=since_day,
        seats=seats,
    )


def _mails_out(client, start):
    """Return emails that an internal user wrote to a contact of the client and
    that were sent.
    """
    return SQL(
        """SELECT ours.id, party.id, message.date
             FROM res_partner party
             JOIN mail_notification sent ON sent.res_partner_id = party.id
              AND COALESCE(sent.notification_status, '')
                  NOT IN ('exception', 'bounce', 'canceled')
             JOIN mail_message message ON message.id = sent.mail_message_id
              AND message.message_type IN ('comment', 'email_outgoing')
              AND message.date > %(since)s
             JOIN res_users ours ON ours.partner_id = message.author_id
              AND message.create_uid IN (ours.id, %(system)s)
            WHERE party.commercial_partner_id = %(client)s AND NOT %(is_waiting)s
              AND %(is_theirs)s""",
        is_waiting=IS_WAITING,
        is_theirs=_IS_THEIRS,
        since=start,
        client=client,
        system=SUPERUSER_ID,
    )


def _mails_in(client, start):
    """Return emails from the client to internal users, as received by the server.

    Users can enter an email of a client themselves, such as of a candidate.
    """
    return SQL(
        """SELECT ours.id, party.id, message.date
             FROM res_partner party
             JOIN mail_message message ON message.author_id = party.id
              AND message.message_type = 'email' AND message.date > %(since)s
             JOIN mail_message_res_partner_rel addressed
               ON addressed.mail_message_id = message.id
             JOIN res_users ours ON ours.partner_id = addressed.res_partner_id
             JOIN res_users maker ON maker.id = message.create_uid
              AND (maker.id = %(system)s OR maker.share)
            WHERE party.commercial_partner_id = %(client)s AND %(is_theirs)s""",
        since=start,
        client=client,
        is_theirs=_IS_THEIRS,
        system=SUPERUSER_ID,
    )


def _done(accounts, alias, start):
    """Yield calls, meetings and emails that users marked as done themselves.

    An email that was noted weighs no more than one that was sent.
    """
    mail_id = _mail_activity_id(accounts)
    for kind, condition in (
        ("call", SQL("kind.category IN ('phonecall', 'meeting')")),
        (
            "mail",
            SQL(
                """kind.id = %s AND COALESCE(kind.category, '')
                   NOT IN ('phonecall', 'meeting')""",
                mail_id,
            ),
        ),
    ):
        for query in _done_of_kind(accounts, alias, start, condition):
            yield kind, query


def _done_of_kind(accounts, alias, start, condition):
    for model, owners in accounts._contact_owners(alias).items():
        yield SQL(
            """SELECT ours.id, %(person)s, message.date
                 FROM mail_message message
                 JOIN mail_activity_type kind
                   ON kind.id = message.mail_activity_type_id AND %(condition)s
                 JOIN res_users ours ON ours.partner_id = message.author_id
                  AND message.create_uid IN (ours.id, %(system)s)
                WHERE message.model = %(model)s AND message.res_id IN %(owners)s
                  AND message.date > %(since)s""",
            person=SQL("message.res_id") if model == "res.partner" else SQL("NULL"),
            condition=condition,
            model=model,
            owners=owners,
            since=start,
            system=SUPERUSER_ID,
        )


def _orders(client, start):
    """Return orders that their salesperson entered.

    It is the salesperson at the confirmation: later changes are someone's claim. The
    order date is a day of the company, so the moment of confirmation is more precise,
    unless the date was corrected.
    """
    return SQL(
        """SELECT COALESCE(confirmation.seller_id, sale.user_id), party.id,
                  %(moment)s AS moment
             FROM res_partner party
             JOIN sale_order sale ON sale.partner_id = party.id AND sale.state = 'sale'
        LEFT JOIN nka_order_confirmation confirmation
               ON confirmation.order_ref = sale.id
            WHERE party.commercial_partner_id = %(client)s
              AND sale.create_uid IN
                  (COALESCE(confirmation.seller_id, sale.user_id), %(system)s)
              AND %(moment)s > %(since)s""",
        moment=_ORDERED,
        since=start,
        client=client,
        system=SUPERUSER_ID,
    )


#: Moment of an order; noon of a corrected date.
_ORDERED = SQL(
    """CASE WHEN confirmation.id IS NULL THEN sale.date_order
            WHEN ABS(confirmation.date - confirmation.moment::date) <= 1
            THEN confirmation.moment
            ELSE confirmation.date + interval '12 hours' END"""
)
