"""Who of us knows a client: in touch within twelve months, as records show.

1. *Is it real?* Meetings that took place, mails in either direction, calls and meetings that
   were noted as done, and confirmed orders; a later room adds its own.
2. *Whose is it?* Of the person who did it: the record was made by them or by the system, and
   an invitation was accepted by whom it is for. Clients answer for what they send.
3. *How much, when?* Within twelve months before today, by the moment it happened.
4. *Who could have written it?* Each of us for themselves only: entering a colleague proves
   nothing until the colleague, the client or the system did their part.

The fragments give rows of ``user_id``, ``partner_id``, the contact where there is one, and
``moment``, for the account row called ``alias``.
"""

from dateutil.relativedelta import relativedelta

from odoo import SUPERUSER_ID, fields
from odoo.tools import SQL

from . import contacts

MONTHS = 12


def since():
    """The moment from which on contact counts."""
    return fields.Datetime.now() - relativedelta(months=MONTHS)


def rows_sql(accounts, alias):
    """All contact of our people with the client of the account row called ``alias``."""
    client = SQL.identifier(alias, "partner_id")
    sources = [
        _meetings(accounts, client),
        _mails_out(client),
        _mails_in(client),
        *_calls(accounts, alias),
        _orders(client),
        *accounts._acquaintances(alias, since()),
    ]
    return SQL(" UNION ALL ").join(sources)


def people_sql(accounts, alias, selected):
    """An aggregate over those of our people who know the client.

    :param SQL selected: of rows ``known`` and ``ours``, as ``COUNT(DISTINCT ours.id)``
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
    """Who knows the clients of accounts, since when last: one query.

    :return: last contact by user id, by account id
    :rtype: dict[int, dict[int, datetime]]
    """
    found = {}
    for account_id, user_id, _partner_id, moment in _read(accounts):
        last = found.setdefault(account_id, {})
        last[user_id] = max(moment, last.get(user_id, moment))
    return found


def read_of_persons(accounts):
    """Ids of our people by the contact they were in touch with: one query.

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


def _meetings(accounts, client):
    """Taken part in: accepted by whom it is for, in person or by the link in the mail;
    called together by themselves; or imported.
    """
    return SQL(
        """SELECT ours.id AS user_id, party.id AS partner_id, event.start AS moment
             FROM res_partner party
             JOIN calendar_event_res_partner_rel rel ON rel.res_partner_id = party.id
             JOIN calendar_event event
               ON event.id = rel.calendar_event_id AND event.active
              AND event.stop <= %(now)s AND event.start > %(since)s AND %(held)s
             JOIN calendar_attendee seat ON seat.event_id = event.id
             JOIN res_users ours ON ours.partner_id = seat.partner_id
             JOIN res_users writer ON writer.id = seat.write_uid
            WHERE party.commercial_partner_id = %(client)s
              AND (seat.state = 'accepted' AND (writer.id = ours.id OR writer.share)
                   OR COALESCE(seat.state, '') != 'declined'
                   AND (event.create_uid = %(system)s
                        OR event.create_uid = ours.id AND event.user_id = ours.id))""",
        now=fields.Datetime.now(),
        since=since(),
        held=accounts._sql_held_meeting(),
        client=client,
        system=SUPERUSER_ID,
    )


def _mails_out(client):
    """Written by one of us to somebody of the client, and sent."""
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
            WHERE party.commercial_partner_id = %(client)s""",
        since=since(),
        client=client,
        system=SUPERUSER_ID,
    )


def _mails_in(client):
    """Written by somebody of the client to one of us, as the mail server took them in."""
    return SQL(
        """SELECT ours.id, party.id, message.date
             FROM res_partner party
             JOIN mail_message message ON message.author_id = party.id
              AND message.message_type = 'email' AND message.date > %(since)s
             JOIN mail_message_res_partner_rel addressed
               ON addressed.mail_message_id = message.id
             JOIN res_users ours ON ours.partner_id = addressed.res_partner_id
             JOIN res_users maker ON maker.id = message.create_uid
              AND (maker.id IN (ours.id, %(system)s) OR maker.share)
            WHERE party.commercial_partner_id = %(client)s""",
        since=since(),
        client=client,
        system=SUPERUSER_ID,
    )


def _calls(accounts, alias):
    """Calls, meetings and mails that somebody noted as done themselves."""
    for model, owners in accounts._contact_owners(alias).items():
        yield SQL(
            """SELECT ours.id, %(person)s, message.date
                 FROM mail_message message
                 JOIN mail_activity_type kind
                   ON kind.id = message.mail_activity_type_id AND %(is_contact)s
                 JOIN res_users ours ON ours.partner_id = message.author_id
                  AND message.create_uid IN (ours.id, %(system)s)
                WHERE message.model = %(model)s AND message.res_id IN %(owners)s
                  AND message.date > %(since)s""",
            person=SQL("message.res_id") if model == "res.partner" else SQL("NULL"),
            is_contact=contacts.is_contact(accounts),
            model=model,
            owners=owners,
            since=since(),
            system=SUPERUSER_ID,
        )


def _orders(client):
    """Orders that their salesperson wrote."""
    return SQL(
        """SELECT sale.user_id, party.id, sale.date_order
             FROM res_partner party
             JOIN sale_order sale ON sale.partner_id = party.id AND sale.state = 'sale'
              AND sale.date_order > %(since)s
              AND sale.create_uid IN (sale.user_id, %(system)s)
            WHERE party.commercial_partner_id = %(client)s""",
        since=since(),
        client=client,
        system=SUPERUSER_ID,
    )
