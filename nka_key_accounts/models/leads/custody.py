"""Refusals of steps that take a lead away from its key account, and the exceptions."""

from odoo import SUPERUSER_ID, fields
from odoo.tools import LazyTranslate

from ..accounts.asking import refusal

_lt = LazyTranslate(__name__)

# Refusals shown to colleagues who take one of these steps alone.
STEPS = {
    "archive": _lt(
        "“%(lead)s” belongs to a key account, so only a supervisor can archive it."
    ),
    "delete": _lt(
        "“%(lead)s” belongs to a key account, so only a supervisor can delete it."
    ),
    "give": _lt(
        "“%(lead)s” belongs to a key account, so only a supervisor can change or remove "
        "its salesperson."
    ),
    "leave": _lt(
        "“%(lead)s” belongs to a key account, so only a supervisor can give it another "
        "customer or company."
    ),
    "merge": _lt(
        "“%(lead)s” belongs to a key account, so only a supervisor can merge it."
    ),
}


def custody_message(lead, step, account=None):
    """Return the refusal of a step, with advice for its reader.

    :param lead: one crm.lead as superuser, in the environment of the reader
    :param str step: the refused step, a key of ``STEPS``
    :param account: the key account the lead belonged to before the step
    """
    env = lead.env
    account = account or lead.key_account_id
    person = account._reviewer(lead.user_id | account.manager_id) if account else None
    name = (person or lead._deciding_supervisor()).name or ""
    advice = env._("Ask a supervisor (%s).", name)
    if env.user == account.manager_id:
        advice = env._(
            "Ask a supervisor (%s), or propose a handover of the account. If the deal is "
            "lost, use “Lost”.",
            name,
        )
    told = env._(STEPS[step])  # pylint: disable=translation-contains-variable
    return f"{told % {'lead': lead.display_name}} {advice}"


def check(leads, step, account=None):
    """Refuse a step on leads that the current user can't correct alone.

    :param str step: a key of ``STEPS``
    :param account: the key account that the leads would leave
    :raise AccessError: with a button that asks the supervisor
    """
    kept = (leads - own_entries(leads))[:1]
    if kept:
        account = account or kept.sudo().key_account_id
        message = custody_message(kept.sudo(), step, account)
        raise refusal(message, kept, account, decides=True)


def own_entries(leads):
    """Return the leads that the current user created, or linked to their client, today.

    Leads on which something already depends are excluded. This lets users correct a
    client that they chose by mistake.

    :rtype: crm.lead
    """
    env, today = leads.env, fields.Date.context_today(leads)
    if env.uid == SUPERUSER_ID:
        return leads.browse()
    fresh = leads.sudo().filtered(
        lambda lead: (
            lead.create_uid == env.user
            and fields.Datetime.context_timestamp(lead, lead.create_date).date()
            == today
        )
    )
    others = leads.sudo() - fresh
    fresh |= others.browse(_given_client(others, today))
    return (fresh - fresh._with_course()).with_env(env) if fresh else leads.browse()


def _given_client(leads, today):
    """Return the ids of leads that the current user linked to their account today."""
    events = leads.env["nka.audit.event"].sudo()
    came = events.search_fetch(
        [
            ("res_model", "=", "crm.lead"),
            ("res_id", "in", leads.ids),
            ("kind", "=", "lead_account"),
        ],
        ["res_id", "user_id", "date"],
        order="id",
    )
    last = {event.res_id: event for event in came}
    return [
        number
        for number, event in last.items()
        if event.user_id == leads.env.user
        and fields.Datetime.context_timestamp(leads, event.date).date() == today
    ]
