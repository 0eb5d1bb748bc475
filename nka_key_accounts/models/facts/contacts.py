"""When somebody was in touch with a client, and when it is planned next.

1. *Is it real?* Meetings that are over and weren't called off, mails in either direction,
   and done activities that are calls, meetings or mails. Planned are meetings to come and
   open activities of those kinds.
2. *Whose is it?* Of the client whose people are invited, or on whose account, leads or
   contacts it is; of every company and every one of us.
3. *How much, when?* The day on which it began or was written, in the reader's time zone.
4. *Who could have written it?* Any employee; nobody confirms it. Hence it proves no pay.

The fragments are expressions over the account row called ``alias``; ``accounts`` are any
``nka.key.account``, whose hooks say on which records contacts lie and what was held.
"""

from odoo import fields
from odoo.tools import SQL


def last_sql(accounts, alias):
    """Day of the last contact."""
    over = SQL("event.stop <= %s", fields.Datetime.now())
    dates = [
        _meeting(accounts, alias, SQL("MAX"), over),
        *(
            _message(accounts, alias, model, owners)
            for model, owners in accounts._contact_owners(alias).items()
        ),
    ]
    return SQL("(GREATEST(%s))", SQL(", ").join(dates))


def planned_sql(accounts, alias):
    """Day of the earliest planned contact; an activity that is overdue is still planned."""
    coming = SQL("event.start > %s", fields.Datetime.now())
    return SQL(
        "LEAST(%s, %s)",
        _meeting(accounts, alias, SQL("MIN"), coming),
        _activity(accounts, alias),
    )


def last_of_person_sql(accounts, alias):
    """Day of the last contact with the contact of the row called ``alias``."""
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
        met=_local_day(accounts, SQL("MAX(event.start)")),
        said=_local_day(accounts, SQL("MAX(message.date)")),
        contact=is_contact(accounts),
    )


def meeting_ids_sql(alias):
    """Ids of the meetings about the account's deals, and of those about none of which
    somebody of the client takes part.
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
    """Domain of the meetings with the client's people, past and planned."""
    return [("partner_ids.commercial_partner_id", "=", account.sudo().partner_id.id)]


def _local_day(accounts, moment):
    """The day of a stored moment (UTC) where the reader lives."""
    return SQL(
        "(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", moment, str(accounts.env.tz)
    )


def _meeting(accounts, alias, aggregate, condition):
    return SQL(
        """(SELECT %(day)s
              FROM calendar_event event
              JOIN calendar_event_res_partner_rel rel
                ON rel.calendar_event_id = event.id
              JOIN res_partner party ON party.id = rel.res_partner_id
             WHERE party.commercial_partner_id = %(client)s
               AND event.active AND %(condition)s AND %(held)s)""",
        day=_local_day(accounts, SQL("%s(event.start)", aggregate)),
        client=SQL.identifier(alias, "partner_id"),
        condition=condition,
        held=accounts._sql_held_meeting(),
    )


def _message(accounts, alias, model, owners):
    """Mails in either direction and contact activities that were done.

    A comment is a mail when it went to somebody of the client.
    """
    return SQL(
        """(SELECT %(day)s
              FROM mail_message message
         LEFT JOIN mail_activity_type kind
                ON kind.id = message.mail_activity_type_id
             WHERE message.model = %(model)s AND message.res_id IN %(owners)s
               AND (message.message_type IN ('email', 'email_outgoing')
                    OR %(contact)s
                    OR EXISTS (
                        SELECT 1 FROM mail_notification sent
                          JOIN res_partner party ON party.id = sent.res_partner_id
                         WHERE sent.mail_message_id = message.id
                           AND party.commercial_partner_id = %(client)s)))""",
        day=_local_day(accounts, SQL("MAX(message.date)")),
        model=model,
        owners=owners,
        contact=is_contact(accounts),
        client=SQL.identifier(alias, "partner_id"),
    )


def is_contact(accounts):
    """Calls, meetings and mails; a to-do for the office is no contact."""
    mail_id = accounts.env["ir.model.data"]._xmlid_to_res_id(
        "mail.mail_activity_data_email"
    )
    return SQL(
        "(kind.category IN ('phonecall', 'meeting') OR kind.id = %s)", mail_id or None
    )


def _activity(accounts, alias):
    owned = [
        SQL("(activity.res_model = %s AND activity.res_id IN %s)", model, owners)
        for model, owners in accounts._contact_owners(alias).items()
    ]
    return SQL(
        """(SELECT MIN(activity.date_deadline)
              FROM mail_activity activity
              JOIN mail_activity_type kind ON kind.id = activity.activity_type_id
             WHERE activity.active AND %s AND (%s))""",
        is_contact(accounts),
        SQL(" OR ").join(owned),
    )
