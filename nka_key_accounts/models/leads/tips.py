"""Leads that colleagues enter for a key account, and messages about deals of others."""

from odoo import SUPERUSER_ID

from ..accounts.asking import name_helpers, refusal, tell
from ..trail.roles import SUPERVISOR

TIP = "mail.mail_activity_data_todo"


def hand_on(leads):
    """Notify the account's manager of leads that a colleague entered for the account.

    Leads that colleagues entered for themselves are excluded. The creator can still
    read the lead.
    """
    env = leads.env
    if env.uid == SUPERUSER_ID or not env.user._is_internal():
        return
    left = leads.sudo().filtered(lambda lead: lead.user_id != env.user)
    for lead in left._of_key_accounts() if left else ():
        account = lead.key_account_id
        person = account._user_to_tell()
        if env.user in account.acting_user_ids | person or not person:
            continue
        if env.user.has_group(SUPERVISOR):
            continue
        lead.activity_schedule(
            TIP,
            user_id=person.id,
            summary=env._("New lead for your client"),
            note=env._(
                "%(person)s entered “%(lead)s” for %(client)s. Take it over, or tell "
                "them what you decided.",
                person=env.user.name,
                lead=lead.name,
                client=account.display_name,
            ),
        )


def tell_of_closed(lead, partner_ids):
    """Warn a user who mentions a colleague on a deal that the colleague can't open."""
    env = lead.env
    if env.su or not partner_ids or not lead._of_key_accounts():
        return
    people = env["res.partner"].sudo().browse(partner_ids).user_ids
    closed = people.filtered(
        lambda user: (
            user._is_internal()
            and not lead.with_user(user).sudo(False).has_access("read")
        )
    )
    if closed:
        tell(
            env,
            env._(
                "%(names)s can read your message but can't open this deal of a key "
                "account. If they need to, ask %(people)s.",
                names=", ".join(closed.mapped("name")),
                people=name_helpers(lead.sudo().key_account_id.with_env(env).sudo()),
            ),
        )


def explain(leads):
    """Return the refusal for leads of key accounts that the current user can't access.

    It names people but neither client nor deal, so that trying ids reveals nothing.

    :rtype: Exception | None
    """
    kept = leads.sudo()._of_key_accounts()[:1]
    if not kept or not leads.env.user._is_internal():
        return None
    account = kept.key_account_id.with_user(leads.env.uid).sudo()
    message = leads.env._(
        "This deal belongs to a key account. Only its account team and supervisors can "
        "work with it, so that the client has a single contact here. Ask %(people)s.",
        people=name_helpers(account),
    )
    return refusal(message, kept.sudo(False).with_env(leads.env), account)
