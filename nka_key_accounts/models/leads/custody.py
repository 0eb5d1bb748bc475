"""What is said to whoever would part a lead from its key account, and who may after all."""

from odoo import SUPERUSER_ID, fields
from odoo.tools import LazyTranslate

from ..accounts.asking import refusal

_lt = LazyTranslate(__name__)

# What a colleague is told when they take one of these steps alone.
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
    """The refusal, with what its reader can do.

    :param lead: one crm.lead as superuser, whose environment names the reader
    :param str step: what would happen, a key of ``STEPS``
    :param account: the key account it belonged to before the step
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
    """Refuse a step on leads that aren't the acting person's to correct.

    :param account: the key account that they leave
    :raise AccessError: with a button that asks the supervisor
    """
    kept = (leads - own_entries(leads))[:1]
    if kept:
        account = account or kept.sudo().key_account_id
        message = custody_message(kept.sudo(), step, account)
        raise refusal(message, kept, account, decides=True)


def own_entries(leads):
    """Those of these leads that the acting person entered, or gave their client, today,
    and that nothing depends on yet: a client chosen by mistake is theirs to correct.

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
    """Ids of leads that came to their account by the acting person today."""
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
