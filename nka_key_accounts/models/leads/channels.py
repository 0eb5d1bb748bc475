"""Origin channels of leads: what counts for pay, and the evidence for a supervisor.

A lead counts as a manager's own if they found it, or if it was referred by a client who
was theirs on the day the lead was created; no one can change that day. For a client
that became a key account later, the first day of its first assignment is used. A
referrer counts even if it was removed from the lead.
"""

from dateutil.relativedelta import relativedelta

from odoo import SUPERUSER_ID, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ..facts import calendars

#: Origins that can count for pay and therefore have to be claimed and decided on.
CLAIMED_ORIGINS = ("self_sourced", "referral")
#: Period in which another lead of the same prospect may be a duplicate.
SAME_PROSPECT = relativedelta(years=1)
#: Fields that identify a prospect without a contact.
_MARKS = ("email_domain_criterion", "phone_sanitized", "partner_name")


def check_state(leads, *states):
    """Check that the origin of each lead can be decided on from one of ``states``.

    :raise UserError: naming the lead and, if its origin is decided, who decided
    """
    labels = dict(leads._fields["origin_state"]._description_selection(leads.env))
    for lead in leads.sudo():
        # Referrals entered before origins had to be claimed.
        is_early = lead.origin == "referral" and not lead.origin_state
        if lead.origin not in CLAIMED_ORIGINS or not (lead.origin_state or is_early):
            raise UserError(
                leads.env._(
                    "The origin of “%s” doesn't need confirmation: only self-sourced "
                    "and referred leads are confirmed or rejected.",
                    lead.display_name,
                )
            )
        if not is_early and lead.origin_state not in states:
            raise UserError(
                leads.env._(
                    "The origin of “%(lead)s” is already “%(state)s” (decided by "
                    "%(person)s).",
                    lead=lead.display_name,
                    state=labels[lead.origin_state],
                    person=lead.origin_decided_by_id.name,
                )
            )


def domain(colleagues=False):
    """Return the domain of confirmed leads that count as a manager's own.

    :param bool colleagues: whether referrals by colleagues' clients count, too
    """
    counted = ["own", "colleague"] if colleagues else ["own"]
    # Origins confirmed before channels were recorded.
    early = Domain("origin_channel", "=", False) & Domain("origin", "=", "self_sourced")
    return Domain("origin_state", "=", "confirmed") & (
        Domain("origin_channel", "in", counted) | early
    )


def find(leads):
    """Return the channel of each lead, ``own`` or ``colleague``, with one query.

    :rtype: dict[crm.lead, str]
    """
    rows = leads.env["nka.assignment"].sudo()
    referrers = leads.sudo().named_referrer_id | leads.sudo().referrer_id
    if referrers:
        accounts = [("key_account_id", "in", referrers.ids)]
        rows = rows.search(accounts, order="date_from, id")
    by_account = rows.grouped("key_account_id")
    return {
        lead: _channel(lead.sudo(), by_account.get(referrer(lead), rows.browse()))
        for lead in leads
    }


def referrer(lead):
    """Return the client that referred a lead, even if it was removed from the lead.

    :rtype: nka.key.account
    """
    return lead.sudo().named_referrer_id or lead.sudo().referrer_id


def _channel(lead, assignments):
    """Return the channel of a lead.

    :param assignments: assignments of the referrer, the oldest first
    """
    if not referrer(lead):
        return "own"
    company = lead.company_id or assignments.company_id[:1] or lead.env.company
    there = lead.with_context(tz=calendars.zone_name(company))
    came = fields.Datetime.context_timestamp(there, lead.create_date).date()
    day = max(came, assignments[:1].date_from or came)
    person = lead.origin_claimed_by_id or lead.user_id
    theirs = assignments.filtered(
        lambda row: (
            row.user_id == person
            and row.date_from <= day
            and (not row.date_to or row.date_to >= day)
        )
    )
    return "own" if theirs else "colleague"


def check_named(leads):
    """Check that referrals, and no other leads, name a current key account as referrer.

    :raise ValidationError: naming the first lead that doesn't
    """
    for lead in leads.sudo():
        if lead.origin == "referral" and not lead.referrer_id:
            raise ValidationError(
                lead.env._(
                    "Enter the referrer of “%s”: the key account that recommended us.",
                    lead.display_name,
                )
            )
        if lead.referrer_id and lead.origin != "referral":
            raise ValidationError(
                lead.env._(
                    "“%s” has a referrer, so its origin must be Referral.",
                    lead.display_name,
                )
            )
        _check_status(lead)


def _check_status(lead):
    company = lead.company_id or lead.env.company
    named = lead.referrer_id
    if named and (
        named.state != "key" or named.company_id not in company.sudo().parent_ids
    ):
        raise ValidationError(no_referrer(lead.env, named.display_name))


def no_referrer(env, name):
    """Return the message that a client can't be chosen as a referrer."""
    return env._(
        "%s isn't currently a key account of this company, and only key accounts can "
        "be referrers. Choose another referrer or another origin.",
        name,
    )


def check_is_another(leads):
    """Check that no lead is referred by its own client.

    :raise ValidationError: naming the client
    """
    for lead in leads.sudo().filtered("referrer_id"):
        client = lead.partner_id.commercial_partner_id
        if lead.referrer_id.partner_id == client:
            raise ValidationError(
                lead.env._(
                    "%s can't refer itself. Choose a referrer other than the lead's "
                    "own client.",
                    client.display_name,
                )
            )


def decides(leads):
    """Return whether the current user can decide on origins of leads."""
    return leads.env.uid == SUPERUSER_ID or leads._may_part()


def check_kept(leads, vals):
    """Check that only a supervisor hides or replaces a referrer that was named.

    A manager could otherwise be paid for a referral as for a self-sourced lead.

    :param leads: leads whose origin or referrer changes
    :param dict vals: the values of the write
    :raise AccessError: naming the supervisors to ask
    """
    if decides(leads):
        return
    for lead in leads.sudo():
        named = lead.named_referrer_id
        other = vals.get("referrer_id", lead.referrer_id.id)
        hides = vals.get("origin", lead.origin) == "self_sourced"
        if named and (hides or (other and other != named.id)):
            raise AccessError(
                lead.env._(
                    "“%(lead)s” was entered as a referral from %(client)s, and only a "
                    "supervisor can change that. Ask %(people)s.",
                    lead=lead.display_name,
                    client=named.display_name,
                    people=named._name_supervisors(),
                )
            )


def remember(leads, before=None):
    """Store the original referrer of leads and log changes of the referrer.

    The first referrer named stays stored, unless a supervisor makes the change.

    :param dict before: referrers by lead, before a write
    """
    before = before or {}
    forget = decides(leads)
    for lead in leads.sudo():
        named = lead.referrer_id
        if forget or not lead.named_referrer_id:
            kept = named or before.get(lead, named)
            remember_one(lead, named if forget else kept, forget)
    leads.env["nka.audit.event"]._record(
        leads.filtered(
            lambda lead: lead in before and before[lead] != lead.sudo().referrer_id
        ),
        "referrer",
        old=before.get,
        new=lambda lead: lead.sudo().referrer_id,
    )


def remember_one(lead, named, forget=False):
    """Store the original referrer of a lead.

    :param bool forget: whether an empty ``named`` clears the stored referrer
    """
    lead = lead.sudo()
    if named != lead.named_referrer_id and (named or forget):
        lead._unlocked().write({"named_referrer_id": named.id})


def describe(lead, channel):
    """Return what a supervisor should know before confirming a claimed origin.

    :param str channel: the lead's channel, as returned by :func:`find`
    :rtype: list[str]
    """
    return [*_describe_channel(lead, channel), *_describe_counted(lead)]


def _describe_channel(lead, channel):
    client = referrer(lead)
    if not client:
        return _describe_traces(lead)
    names = {
        "client": client.display_name,
        "person": (lead.origin_claimed_by_id or lead.user_id).name or "",
    }
    if channel == "own":
        text = lead.env._(
            "Referred by %(client)s, who was a client of %(person)s when the lead came "
            "in: counts as self-sourced.",
            **names,
        )
    else:
        text = lead.env._(
            "Referred by %(client)s, who wasn't a client of %(person)s when the lead "
            "came in: counts only for KPIs that include colleagues' clients.",
            **names,
        )
    return [text]


def _describe_traces(lead):
    """Return evidence of a referrer that wasn't entered."""
    return [*_describe_others(lead), *_describe_letters(lead)]


def _describe_others(lead):
    client = lead.partner_id.commercial_partner_id
    leads = lead.env["crm.lead"].with_context(active_test=False)
    of_client = [
        ("partner_id.commercial_partner_id", "=", client.id),
        ("named_referrer_id", "!=", False),
        ("id", "not in", lead._origin.ids),
    ]
    for other in leads.search(of_client, limit=1) if client else ():
        yield lead.env._(
            "“%(lead)s”, another lead of this client, has %(referrer)s as its "
            "referrer.",
            lead=other.display_name,
            referrer=other.named_referrer_id.display_name,
        )


def _describe_counted(lead):
    """Yield a note on a similar lead that already counts.

    It may be a duplicate, or another deal of the same client, which counts as well.
    """
    client = lead.partner_id.commercial_partner_id
    same = [Domain(name, "=ilike", lead[name]) for name in _MARKS if lead[name]]
    if client:
        same.append(Domain("partner_id.commercial_partner_id", "=", client.id))
    person = lead.origin_claimed_by_id or lead.user_id
    counted = (
        domain(colleagues=True)
        & Domain("is_vip", "=", True)
        & Domain("origin_claimed_by_id", "=", person.id)
        & Domain("origin_decision_date", ">=", fields.Datetime.now() - SAME_PROSPECT)
        & Domain("id", "not in", lead._origin.ids)
        & Domain.OR(same)
    )
    leads = lead.env["crm.lead"].with_context(active_test=False)
    for other in leads.search(counted, limit=1) if lead.is_vip and same else ():
        yield lead.env._(
            "“%(lead)s” of the same prospect was confirmed for %(person)s on %(day)s and "
            "counts. If both are one deal, reject this one.",
            lead=other.display_name,
            person=person.name or "",
            day=format_date(lead.env, other.origin_decision_date),
        )


def _describe_letters(lead):
    """Yield a note if contacts of another key account wrote emails about the lead."""
    letters = lead.message_ids.filtered(lambda one: one.message_type == "email")
    writers = letters.author_id.commercial_partner_id
    for account in (writers - lead.partner_id.commercial_partner_id).key_account_ids[
        :1
    ]:
        yield lead.env._("%s wrote about this lead.", account.display_name)
