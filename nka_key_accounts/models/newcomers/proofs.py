"""Records that prove a mentee's steps.

1. *Is it real?* A negotiation that counts (room ``facts``) and in which the other of the
   two took part; a document that was approved; an order that was confirmed and isn't
   cancelled; a key account with its deputy.
2. *Whose is it?* The mentee's by what the system wrote: organizer, author and submitter,
   creator of the quotation, deputy. The negotiation that a mentee attends is their
   mentor's. The company of the mentorship with its branches.
3. *How much, when?* One record proves one step of a mentee. It has to fall into the
   mentorship, by the day of the negotiation, the submission, the confirmation, and by
   the nights on which the system saw them as deputy.
4. *Who could have written it?* Mentor and mentee together could write meetings,
   attendees, quotations and contact, and so could the mentor's other mentees, who gain
   likewise. So a guest counts only if invited before the start and if they accepted
   while logged in, a document only if a supervisor outside this circle approved it and
   it isn't a revision of one that was, an order only if a third person or the client
   confirmed it while logged in or a colleague invoiced it, a deputy only with contact
   that others confirm. Clients come in by the evidence of a negotiation.
"""

from typing import NamedTuple

from odoo import fields
from odoo.tools import SQL, LazyTranslate, format_date

from ..documents.calendar_event import MINUTES
from ..facts import calendars, companies, contacts, negotiations

_lt = LazyTranslate(__name__)

OFFER = "nka_key_accounts.nka_document_type_offer"
#: Kinds of steps that a negotiation proves.
TALKS = ("shadow", "lead")
#: Kinds of steps that a document proves.
PAPERS = ("minutes", "offer", "document")

LABELS = {
    "calendar.event": _lt("Negotiation"),
    "nka.document": _lt("Document"),
    "sale.order": _lt("Order"),
    "nka.key.account": _lt("Key account held as deputy"),
}
#: Why a record doesn't prove a step, besides the reasons of negotiations.
REASONS = {
    "gone": _lt("It no longer exists, or no longer belongs to this step."),
    "not_approved": _lt("It isn't approved yet."),
    "returned": _lt("It was returned."),
    "own_approval": _lt(
        "The mentor or one of their mentees approved it. Another supervisor has to."
    ),
    "revision": _lt("It revises a document of theirs that was approved before."),
    "not_submitted": _lt("Somebody else submitted it."),
    "no_talk": _lt("The negotiation of these minutes doesn't count."),
    "not_confirmed": _lt("It isn't confirmed yet."),
    "cancelled": _lt("It was cancelled."),
    "own_confirmation": _lt(
        "The mentor or one of their mentees confirmed it. The client or another colleague "
        "has to."
    ),
    "no_login": _lt(
        "It was confirmed through its link without logging in. It counts once a colleague "
        "has invoiced it."
    ),
    "no_amount": _lt("It has no amount."),
}
#: Why a guest doesn't prove a negotiation: the mentee if the mentor led it, or the
#: reverse.
GUEST_REASONS = {
    "not_invited": _lt("%s isn't an attendee."),
    "declined": _lt("%s declined."),
    "not_accepted": _lt("%s hasn't accepted the invitation."),
    "invited_late": _lt("%s was added after it had begun."),
}
#: What is missing while there is no record at all.
NOTHING = {
    "shadow": _lt("No negotiation of the mentor with the mentee as an attendee yet."),
    "lead": _lt("No negotiation of the mentee with the mentor as an attendee yet."),
    "minutes": _lt("No minutes of the mentee yet."),
    "offer": _lt("No offer or order of the mentee yet."),
    "document": _lt("No document of this type by the mentee yet."),
    "deputy": _lt("They aren't the deputy of a key account yet."),
}
#: Reasons that come with later changes of the account and don't undo a proof.
LATER = ("not_theirs", "other_company")


class Found(NamedTuple):
    """Record that proves a step, or would if it weren't for the reason."""

    step_id: int
    model: str
    res_id: int
    day: object
    reason: str | None

    def text(self, env):
        """Return what it is and its day, in the user's language."""
        return f"{label(env, self.model)}, {format_date(env, self.day)}"


def label(env, model):
    """Return the name of a kind of proof."""
    return env._(LABELS[model])  # pylint: disable=translation-contains-variable


def reason_text(env, step, reason):
    """Return why a record doesn't prove a step; also for reasons of negotiations."""
    if reason in REASONS:
        return env._(REASONS[reason])  # pylint: disable=translation-contains-variable
    if reason in GUEST_REASONS:
        people = step.sudo()
        guest = people.mentee_id if step.kind == "shadow" else people.mentor_id
        text = env._(GUEST_REASONS[reason])  # pylint: disable=translation-contains-variable
        return text % guest.name
    return negotiations.describe(env, reason)


def describe(env, step, row):
    """Return what a step still needs.

    :param step: nka.mentorship.step
    :param row: the latest record that doesn't prove it, or None
    :rtype: str
    """
    if not row:
        return env._(NOTHING[step.kind])  # pylint: disable=translation-contains-variable
    if row.model == "nka.key.account":
        return env._(
            "Deputy since %(day)s. The step takes %(days)s days, and contact with the "
            "client on %(count)s of them.",
            day=format_date(env, row.day),
            days=step.kind_id.days,
            count=step.kind_id.contact_count,
        )
    return f"{row.text(env)}: {reason_text(env, step, row.reason)}"


def read(steps):
    """Return the records that prove these steps or come near it: four queries for each
    company.

    :param steps: nka.mentorship.step as superuser
    :rtype: list[Found]
    """
    env = steps.env
    env.flush_all()
    rows = []
    for company, group in steps.grouped("company_id").items():
        for queries in (_talks, _papers, _orders, _deputies):
            query = queries(env, company, group)
            if query:
                rows += (Found(*row) for row in env.execute_query(query))
    return rows


# ---------------------------------------------------------------- parts
def _steps(steps, company):
    """Return the steps with their people and the days of the mentorship."""
    return SQL(
        """SELECT step.id, step.kind, path.mentor_id, path.mentee_id,
                  path.date_from AS since,
                  COALESCE(path.date_to, %(today)s) AS until,
                  kind.document_type_id, kind.days, kind.contact_count,
                  step.watched_account_id, step.watched_since
             FROM nka_mentorship_step step
             JOIN nka_mentorship path ON path.id = step.mentorship_id
             JOIN nka_mentorship_step_kind kind ON kind.id = step.kind_id
            WHERE step.id = ANY(%(ids)s)""",
        today=local_today(company),
        ids=steps.ids,
    )


def local_today(company):
    """Return today in the time zone of the company, whatever the caller's is."""
    zone = calendars.zone_name(company)
    return fields.Date.context_today(company.with_context(tz=zone))


def _day(company, moment):
    return SQL(
        "(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date",
        moment,
        calendars.zone_name(company),
    )


def _talks(env, company, steps):
    """Return negotiations of one of the two, with the seat of the other."""
    steps = steps.filtered(lambda step: step.kind in TALKS)
    if not steps:
        return None
    first = min(steps.mentorship_id.mapped("date_from"))
    start, end = calendars.bounds(company, first, local_today(company))
    people = steps.mentor_id | steps.mentee_id
    return SQL(
        """%(judged)s, wanted AS (%(steps)s)
           SELECT wanted.id, 'calendar.event', talk.id, talk.day,
                  COALESCE(talk.reason, %(seat_reason)s)
             FROM (SELECT judged.*, %(day)s AS day FROM judged
                    WHERE judged.start >= %(start)s) talk
             JOIN calendar_event event ON event.id = talk.id
             JOIN wanted ON wanted.kind = ANY(%(kinds)s)
              AND talk.user_id = CASE wanted.kind WHEN 'shadow' THEN wanted.mentor_id
                                      ELSE wanted.mentee_id END
              AND talk.day BETWEEN wanted.since AND wanted.until
             JOIN res_users ours
               ON ours.id = CASE wanted.kind WHEN 'shadow' THEN wanted.mentee_id
                                 ELSE wanted.mentor_id END
        LEFT JOIN calendar_attendee seat
               ON seat.event_id = event.id AND seat.partner_id = ours.partner_id
            WHERE talk.reason IS DISTINCT FROM 'not_over'
              AND (seat.id IS NOT NULL OR talk.reason IS NULL)""",
        judged=negotiations.judged_ctes(
            env, SQL("event.user_id = ANY(%s)", people.ids), start, end, company
        ),
        steps=_steps(steps, company),
        seat_reason=contacts.seat_reason_sql(),
        day=_day(company, SQL("judged.start")),
        start=start,
        kinds=list(TALKS),
    )


def _papers(env, company, steps):
    """Return documents that the mentee wrote, by the day they were submitted."""
    steps = steps.filtered(lambda step: step.kind in PAPERS)
    if not steps:
        return None
    type_id = env["ir.model.data"]._xmlid_to_res_id
    return SQL(
        """WITH wanted AS (%(steps)s)
           SELECT wanted.id, 'nka.document', paper.id, %(day)s, %(reason)s
             FROM wanted
             JOIN nka_document paper ON paper.author_id = wanted.mentee_id
              AND paper.type_id = CASE wanted.kind WHEN 'minutes' THEN %(minutes)s
                                       WHEN 'offer' THEN %(offer)s
                                       ELSE wanted.document_type_id END
              AND %(day)s BETWEEN wanted.since AND wanted.until
             JOIN res_company owner ON owner.id = paper.company_id
            WHERE paper.submit_date IS NOT NULL AND %(is_covered)s
              AND (paper.state != 'superseded' OR paper.approved_by_id IS NOT NULL)""",
        steps=_steps(steps, company),
        day=_day(company, SQL("paper.submit_date")),
        reason=_paper_reason(),
        minutes=type_id(MINUTES) or None,
        offer=type_id(OFFER) or None,
        is_covered=companies.is_covered_sql(SQL("paper.company_id"), company.id),
    )


def _paper_reason():
    """Return why a document proves nothing.

    A revision that was returned takes the earlier one with it until it is approved.
    Minutes made of a meeting need one that was held.
    """
    return SQL(
        """CASE WHEN paper.state = 'returned' OR EXISTS (
                         SELECT FROM nka_document later
                          WHERE later.previous_id = paper.id
                            AND later.state = 'returned') THEN 'returned'
                WHEN paper.approved_by_id IS NULL
                  OR paper.state NOT IN ('approved', 'superseded', 'expired')
                THEN 'not_approved'
                WHEN paper.submitted_by_id IS DISTINCT FROM wanted.mentee_id
                THEN 'not_submitted'
                WHEN EXISTS (SELECT FROM nka_document earlier
                              WHERE earlier.id = paper.previous_id
                                AND earlier.author_id = paper.author_id
                                AND earlier.approved_by_id IS NOT NULL)
                THEN 'revision'
                WHEN %s THEN 'own_approval'
                WHEN EXISTS (SELECT FROM calendar_event talk
                              WHERE talk.nka_minutes_id = paper.id
                                AND (NOT talk.active OR NOT talk.is_negotiation
                                     OR COALESCE(talk.negotiation_outcome, 'not_held')
                                        = 'not_held'))
                THEN 'no_talk' END""",
        _is_circle(SQL("paper.approved_by_id")),
    )


def _is_circle(user):
    """Return whether a user is the mentor or a mentee of theirs at that time: all of
    them gain if they confirm each other's work.
    """
    return SQL(
        """(%(user)s IN (wanted.mentor_id, wanted.mentee_id) OR EXISTS (
               SELECT FROM nka_mentorship fellow
                WHERE fellow.mentor_id = wanted.mentor_id AND fellow.mentee_id = %(user)s
                  AND (fellow.date_to IS NULL OR fellow.date_to >= wanted.since)))""",
        user=user,
    )


def _orders(env, company, steps):
    """Return quotations that the mentee created for clients of key accounts.

    The day is that of the first confirmation, which users can't write.
    """
    steps = steps.filtered(lambda step: step.kind == "offer")
    if not steps:
        return None
    return SQL(
        """WITH wanted AS (%(steps)s)
           SELECT wanted.id, 'sale.order', sale.id,
                  COALESCE(confirmation.date, %(created)s),
                  CASE WHEN sale.state = 'cancel' THEN 'cancelled'
                       WHEN sale.state != 'sale' OR confirmation.id IS NULL
                       THEN 'not_confirmed'
                       WHEN confirmation.user_id IS NULL OR %(is_circle)s
                       THEN 'own_confirmation'
                       WHEN sale.amount_untaxed <= 0 THEN 'no_amount'
                       WHEN login.share AND %(is_uninvoiced)s
                        AND visitor.commercial_partner_id
                            IS DISTINCT FROM customer.commercial_partner_id
                       THEN 'no_login' END
             FROM wanted
             JOIN sale_order sale ON sale.create_uid = wanted.mentee_id
             JOIN res_partner customer ON customer.id = sale.partner_id
             JOIN nka_key_account account
               ON account.partner_id = customer.commercial_partner_id
              AND account.state IN ('candidate', 'key')
              AND %(is_account_covered)s
        LEFT JOIN nka_order_confirmation confirmation ON confirmation.order_ref = sale.id
        LEFT JOIN res_users login ON login.id = confirmation.user_id
        LEFT JOIN res_partner visitor ON visitor.id = login.partner_id
            WHERE %(is_covered)s
              AND COALESCE(confirmation.date, %(created)s)
                  BETWEEN wanted.since AND wanted.until""",
        steps=_steps(steps, company),
        created=_day(company, SQL("sale.create_date")),
        is_circle=_is_circle(SQL("confirmation.user_id")),
        is_uninvoiced=_is_uninvoiced(),
        is_covered=companies.is_covered_sql(SQL("sale.company_id"), company.id),
        is_account_covered=companies.is_covered_sql(
            SQL("account.company_id"), company.id
        ),
    )


def _is_uninvoiced():
    """Return whether no colleague has invoiced the order.

    Whoever created the quotation has its link, too, and could sign it as the client.
    """
    return SQL(
        """NOT EXISTS (
               SELECT FROM sale_order_line sold
                 JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sold.id
                 JOIN account_move_line line ON line.id = rel.invoice_line_id
                  AND line.parent_state = 'posted'
                 JOIN account_move invoice ON invoice.id = line.move_id
                WHERE sold.order_id = sale.id AND NOT %s)""",
        _is_circle(SQL("invoice.create_uid")),
    )


def _deputies(env, company, steps):
    """Return the account that the system has seen the mentee hold as deputy."""
    steps = steps.filtered(lambda step: step.kind == "deputy")
    if not steps:
        return None
    today = local_today(company)
    judged, contact = _contact(env, company, steps)
    return SQL(
        """%(judged)s, wanted AS (%(steps)s)
           SELECT step_id, 'nka.key.account', account_id,
                  CASE WHEN reason IS NULL THEN %(today)s ELSE since END, reason
             FROM (SELECT wanted.id AS step_id, account.id AS account_id,
                          wanted.watched_since AS since,
                          CASE WHEN %(today)s < wanted.watched_since + wanted.days
                               THEN 'too_short'
                               WHEN wanted.contact_count > (
                                   SELECT COUNT(DISTINCT %(day)s) FROM (%(contact)s) known
                                    WHERE known.user_id = wanted.mentee_id
                                      AND %(day)s >= wanted.watched_since)
                               THEN 'no_contact' END AS reason
                     FROM wanted
                     JOIN nka_key_account account
                       ON account.id = wanted.watched_account_id
                      AND account.deputy_id = wanted.mentee_id AND account.state = 'key'
                    WHERE %(today)s <= wanted.until) held""",
        steps=_steps(steps, company),
        today=today,
        day=_day(company, SQL("known.moment")),
        judged=judged,
        contact=contact,
    )


def _contact(env, company, steps):
    """Return the WITH clause and the contact with the client of the row ``account``
    that others confirm: calls, meetings and orders can be one's own word.
    """
    first = min(step.watched_since or local_today(company) for step in steps)
    start, end = calendars.bounds(company, first, local_today(company))
    people = steps.mentor_id | steps.mentee_id
    judged = negotiations.judged_ctes(
        env, SQL("event.user_id = ANY(%s)", people.ids), start, end, company
    )
    talks = SQL(
        """SELECT ours.id AS user_id, guest.contact_id AS partner_id,
                  judged.start AS moment
             FROM judged
             JOIN guest ON guest.talk_id = judged.id
              AND guest.client_id = account.partner_id
             JOIN calendar_event event ON event.id = judged.id
             JOIN calendar_attendee seat ON seat.event_id = event.id
             JOIN res_users ours ON ours.partner_id = seat.partner_id
            WHERE judged.reason IS NULL AND %s IS NULL""",
        contacts.seat_reason_sql(),
    )
    sales = SQL(
        """SELECT sale.create_uid, sale.partner_id, confirmation.moment
             FROM res_partner party
             JOIN sale_order sale ON sale.partner_id = party.id AND sale.state = 'sale'
             JOIN nka_order_confirmation confirmation ON confirmation.order_ref = sale.id
            WHERE party.commercial_partner_id = account.partner_id
              AND sale.amount_untaxed > 0 AND confirmation.user_id IS NOT NULL
              AND NOT %s""",
        _is_circle(SQL("confirmation.user_id")),
    )
    kinds = contacts.kinds_sql(env["nka.key.account"], "account", start)
    known = (query for kind, query in kinds if kind in ("mail", "document"))
    return judged, SQL(" UNION ALL ").join([talks, sales, *known])


# ---------------------------------------------------------------- deputies
def watch(steps):
    """Record since when the system has seen mentees as deputies of key accounts.

    Nobody can write that day: it is the first on which this ran while they were.

    :param steps: nka.mentorship.step as superuser
    """
    steps = steps.filtered(lambda step: step.kind == "deputy" and step.state == "open")
    if not steps:
        return
    accounts = steps.env["nka.key.account"].search(
        [("deputy_id", "in", steps.mentee_id.ids), ("state", "=", "key")], order="id"
    )
    taken = steps._used_accounts()
    for step in steps.sorted():
        held = accounts.filtered(
            lambda account, step=step: (
                account.deputy_id == step.mentee_id
                and step.company_id in account.company_id.parent_ids
                and (step.mentee_id.id, account.id) not in taken
            )
        )
        account = step.watched_account_id & held or held[:1]
        taken.add((step.mentee_id.id, account.id))
        if account != step.watched_account_id:
            since = account and local_today(step.company_id)
            step._unlocked().write(
                {"watched_account_id": account.id, "watched_since": since or False}
            )
