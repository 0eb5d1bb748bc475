"""Negotiations that were held: what users claim, what counts, and why the rest doesn't.

1. *Is it real?* A meeting that is a negotiation with an outcome, is over and not
   archived, has hours and lasted at most a day. The evidence must be something that the
   organizer can't write alone: an email with the client's contact within three days, an
   invitation sent to them before the start, or the approval of another user (later
   rooms define it).
2. *Whose is it?* The organizer's, if a contact of their client takes part: of a key
   account they owned on that day or are the deputy of, or of what a later room adds.
   Employees, and their private addresses, never count as contacts. It counts in the
   company of its deal, or without a deal in that of the client, and in one company
   only.
3. *How much, when?* One, on the day on which it began in the company's time zone.
   Overlapping meetings of one person with one client count once.
4. *Who could have written it?* Any employee writes meetings, outcomes and attendees.
   The system writes the author, date and delivery of an email (room ``control``).

If a meeting was moved to another day after the fact, or taken over from another
organizer, the invitation no longer proves it: the evidence has to be younger than the
change.
"""

from datetime import timedelta

from odoo import fields
from odoo.tools import SQL, LazyTranslate

from . import calendars, companies, contacts

_lt = LazyTranslate(__name__)

#: An email with the contact within this time before or after a meeting proves it.
MAIL_DAYS = timedelta(days=3)
#: Longer meetings aren't negotiations. Overlapping meetings start within this time.
LONGEST = timedelta(days=1)

#: Reasons why a claimed negotiation doesn't count; the first that applies is shown.
REASONS = {
    "replaced": _lt("Moved: it counts at its new time."),
    "archived": _lt("Archived: it didn't take place."),
    "not_over": _lt("It hasn't ended yet."),
    "no_outcome": _lt("No outcome is recorded."),
    "not_held": _lt("Recorded as not held."),
    "no_hours": _lt(
        "It has no duration or lasts more than a day. Enter its start and end time."
    ),
    "no_client": _lt(
        "No contact of a key account or VIP lead attended. Add the people you met."
    ),
    "other_company": _lt("The client or the deal belongs to another company."),
    "not_theirs": _lt("Another manager owned the account on that day."),
    "taken_over": _lt(
        "It was taken over from another organizer afterwards. Submit its minutes, or "
        "have it approved with the weekly report."
    ),
    "no_evidence": _lt(
        "There is no evidence yet: no email with the contact within three days, no "
        "invitation before the start, no approved minutes and no approved weekly "
        "report that lists it."
    ),
    "overlap": _lt("It overlaps with another negotiation with the same client."),
}
#: Columns that later rooms provide for a claimed negotiation.
_COLUMNS = ("reason", "fixed_date", "is_taken_over", "moved_from_id", "series_id")
#: Reasons that an approved weekly report resolves: only the evidence is missing.
UNPROVEN = ("no_evidence", "taken_over")


def describe(env, reason):
    """Return a reason in the user's language; an empty string for None.

    :param str reason: a key of ``REASONS``, or None
    :rtype: str
    """
    return env._(REASONS[reason]) if reason else ""  # pylint: disable=translation-contains-variable


def read(env, company, users, first, last):
    """Evaluate the negotiations that users claim on days of a company: one query.

    :param company: res.company
    :param users: res.users
    :param date first: first day
    :param date last: last day
    :return: rows of event id, user id, reason or None, client id, account id
    :rtype: list[tuple]
    """
    if not users:
        return []
    start, end = calendars.bounds(company, first, last)
    whose = SQL("event.user_id = ANY(%s)", users.ids)
    return env.execute_query(
        SQL(
            """%s SELECT id, user_id, reason, client_id, account_id FROM judged
                WHERE start >= %s ORDER BY start, id""",
            judged_ctes(env, whose, start, end, company),
            start,
        )
    )


def read_events(events):
    """Evaluate these meetings, each in its own company.

    :param events: calendar.event
    :return: reason or None by id; meetings that aren't negotiations are excluded
    :rtype: dict[int, str | None]
    """
    if not events:
        return {}
    mine = events.sudo()
    whose = SQL("event.user_id = ANY(%s)", mine.user_id.ids)
    start, end = min(mine.mapped("start")), max(mine.mapped("start"))
    end += timedelta(seconds=1)
    return dict(
        events.env.execute_query(
            SQL(
                "%s SELECT id, reason FROM judged WHERE id = ANY(%s)",
                judged_ctes(events.env, whose, start, end),
                events.ids,
            )
        )
    )


def held_sql(env, whose, start, end):
    """Return the query for negotiations that count in any company.

    Columns: ``id, user_id, start, client_id, account_id``.

    :param SQL whose: condition on ``event``
    :param datetime start: UTC
    :param datetime end: UTC, exclusive
    """
    return SQL(
        """(%s SELECT id, user_id, start, client_id, account_id FROM judged
             WHERE reason IS NULL AND start >= %s)""",
        judged_ctes(env, whose, start, end),
        start,
    )


def judged_ctes(env, whose, start, end, company=None):
    """Return the WITH clause whose ``judged`` has one row for each claimed negotiation
    that begins within the given time.

    The day before is read as well, for overlaps.

    :param SQL whose: condition on ``event``
    :param company: count only what belongs to it and its branches; if not given, each
        negotiation counts in its own company
    """
    events = env["calendar.event"]
    terms = events._negotiation_terms()
    return SQL(
        """WITH claim AS MATERIALIZED (%(claim)s), ours AS MATERIALIZED (%(ours)s),
                guest AS MATERIALIZED (%(guest)s),
                known AS MATERIALIZED (%(known)s), party AS MATERIALIZED (%(party)s),
                met AS MATERIALIZED (%(met)s),
                asked AS MATERIALIZED (%(asked)s), judged AS (%(judged)s)""",
        claim=_claim(env, terms, whose, start, end, company),
        ours=contacts.OURS,
        guest=_GUEST,
        known=SQL(" UNION ALL ").join(events._negotiation_clients()),
        party=_party(company),
        met=_met(),
        asked=_asked(events),
        judged=_judged(terms),
    )


# ---------------------------------------------------------------- parts
def _claim(env, terms, whose, start, end, company):
    """Return the meetings that users claim as negotiations."""
    return SQL(
        """SELECT event.id, event.user_id, event.start, event.stop, event.active,
                  event.recurrence_id, event.opportunity_id AS lead_id,
                  deal.company_id AS deal_company_id,
                  (event.start AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date AS day,
                  event.allday OR event.stop - event.start > %(longest)s AS has_no_hours,
                  %(columns)s
             FROM calendar_event event
        LEFT JOIN crm_lead deal ON deal.id = event.opportunity_id
            WHERE %(whose)s AND %(claimed)s
              AND event.start >= %(start)s AND event.start < %(end)s""",
        zone=calendars.zone_name(company or env.company),
        longest=LONGEST,
        columns=SQL(", ").join(
            SQL("%s AS %s", terms[name], SQL.identifier(name)) for name in _COLUMNS
        ),
        whose=whose,
        claimed=terms["claimed"],
        start=start - LONGEST,
        end=end,
    )


#: Attendees who aren't employees.
_GUEST = SQL(
    """SELECT claim.id AS talk_id, contact.id AS contact_id,
              contact.commercial_partner_id AS client_id
         FROM claim
         JOIN calendar_event_res_partner_rel rel ON rel.calendar_event_id = claim.id
         JOIN res_partner contact ON contact.id = rel.res_partner_id
        WHERE NOT EXISTS (SELECT FROM ours WHERE ours.partner_id = contact.id)
          AND NOT EXISTS (SELECT FROM ours WHERE ours.email = contact.email_normalized)"""
)


def _party(company):
    """Return attendees' clients, and whether each counts here and for the organizer."""
    covered = SQL("TRUE")
    if company:
        covered = companies.is_covered_sql(SQL("known.company_id"), company.id)
    return SQL(
        """SELECT known.*,
                  CASE WHEN claim.deal_company_id IS NULL
                       THEN known.company_id = MIN(known.company_id)
                            FILTER (WHERE known.is_theirs)
                            OVER (PARTITION BY known.talk_id)
                            OR NOT known.is_theirs
                       ELSE %(of_deal)s END AND %(covered)s AS is_here
             FROM known JOIN claim ON claim.id = known.talk_id""",
        of_deal=companies.is_covered_sql(
            SQL("claim.deal_company_id"), SQL("known.company_id")
        ),
        covered=covered,
    )


def _met():
    """Return one row for each claim with clients: whose they are, and whether
    there is evidence from one of them.
    """
    return SQL(
        """SELECT met.talk_id, BOOL_OR(met.is_here) AS is_here,
                  BOOL_OR(met.is_here AND met.is_theirs) AS is_theirs,
                  BOOL_OR(met.is_witness) AS is_witnessed,
                  MIN(met.client_id) FILTER (WHERE met.is_here AND met.is_theirs)
                      AS client_id,
                  MIN(met.account_id) FILTER (WHERE met.is_here AND met.is_theirs)
                      AS account_id
             FROM (SELECT party.*,
                          CASE WHEN party.is_here AND party.is_theirs
                               THEN %s OR %s END AS is_witness
                     FROM party JOIN claim ON claim.id = party.talk_id) met
            GROUP BY met.talk_id""",
        _mailed(),
        _invited(),
    )


def _asked(events):
    """Return one row for each claim: its client and its evidence."""
    return SQL(
        """SELECT claim.*, met.client_id, met.account_id, met.is_here, met.is_theirs,
                  met.is_witnessed, (%s) AS is_approved
             FROM claim LEFT JOIN met ON met.talk_id = claim.id""",
        SQL(" OR ").join(events._negotiation_approvals()),
    )


def _mailed():
    """Return whether the contact wrote an email that the organizer didn't enter,
    or was sent one.
    """
    return SQL(
        """(EXISTS (SELECT FROM mail_message message
                    WHERE message.author_id = party.contact_id
                      AND message.message_type IN ('email', 'comment')
                      AND message.create_uid IS DISTINCT FROM claim.user_id
                      AND message.date BETWEEN claim.start - %(days)s
                                           AND claim.stop + %(days)s)
        OR EXISTS (SELECT FROM mail_notification sent
                     JOIN mail_message message ON message.id = sent.mail_message_id
                    WHERE sent.res_partner_id = party.contact_id AND %(is_sent)s
                      AND message.message_type IN ('email_outgoing', 'comment', 'email')
                      AND message.date BETWEEN claim.start - %(days)s
                                           AND claim.stop + %(days)s))""",
        days=MAIL_DAYS,
        is_sent=_IS_SENT,
    )


#: An email that was sent and didn't bounce. A scheduled one doesn't count: it may never
#: be sent.
_IS_SENT = SQL(
    """sent.notification_type = 'email'
       AND sent.notification_status NOT IN ('bounce', 'exception', 'canceled')
       AND NOT %s""",
    contacts.IS_WAITING,
)


def _invited():
    """Return whether the contact was invited before the start, and didn't decline.

    The invitation is to the meeting, its series or the meeting it replaces. It doesn't
    count if the meeting was moved after its start.
    """
    return SQL(
        """(claim.fixed_date <= claim.start
       AND EXISTS (SELECT FROM mail_notification sent
                     JOIN mail_message message ON message.id = sent.mail_message_id
                     JOIN calendar_event event ON event.id = message.res_id
                    WHERE sent.res_partner_id = party.contact_id AND %(is_sent)s
                      AND message.model = 'calendar.event'
                      AND message.date <= claim.start
                      AND (event.id IN (claim.id, claim.moved_from_id, claim.series_id)
                           OR event.recurrence_id = claim.recurrence_id))
       AND NOT EXISTS (SELECT FROM calendar_attendee guest
                        WHERE guest.event_id = claim.id AND guest.state = 'declined'
                          AND guest.partner_id = party.contact_id))""",
        is_sent=_IS_SENT,
    )


def _judged(terms):
    """Return each claim with the first reason that applies; the first of
    overlapping meetings counts.
    """
    return SQL(
        """SELECT one.id, one.user_id, one.start, one.client_id, one.account_id,
                  CASE WHEN one.why IS NULL AND one.begun >= one.start THEN 'overlap'
                       ELSE one.why END AS reason
             FROM (SELECT talk.*,
                          GREATEST(MAX(talk.stop) OVER before - interval '1 microsecond',
                                   MAX(talk.start) OVER before) AS begun
                     FROM (SELECT asked.*, %s AS why FROM asked) talk
                   WINDOW before AS (PARTITION BY talk.why IS NULL, talk.user_id,
                                                  talk.client_id
                                     ORDER BY talk.start, talk.id
                                     ROWS BETWEEN UNBOUNDED PRECEDING
                                              AND 1 PRECEDING)) one""",
        _why(terms),
    )


def _why(terms):
    return SQL(
        """CASE WHEN NOT active AND %(is_moved)s THEN 'replaced'
                WHEN NOT active THEN 'archived'
                WHEN stop > %(now)s THEN 'not_over'
                WHEN reason IS NOT NULL THEN reason
                WHEN has_no_hours THEN 'no_hours'
                WHEN is_here IS NULL THEN 'no_client'
                WHEN NOT is_here THEN 'other_company'
                WHEN NOT is_theirs THEN 'not_theirs'
                WHEN is_approved THEN NULL
                WHEN is_taken_over THEN 'taken_over'
                WHEN NOT is_witnessed THEN 'no_evidence' END""",
        is_moved=terms["is_moved"],
        now=fields.Datetime.now(),
    )
