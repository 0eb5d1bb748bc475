"""Assign leads of key accounts that have no active owner."""


def assign_to_manager(leads):
    """Assign leads without an active owner to the manager of their account.

    If the manager has left, the deputy or else a supervisor gets them, with a to-do.
    """
    for lead in leads.sudo().filtered(lambda lead: not lead.user_id.active):
        account = lead.key_account_id
        person = account._user_to_tell()
        before = lead._prepare_custody()
        lead._unlocked().write({"user_id": person.id})
        lead._record_custody(before)
        if person and person != account.manager_id:
            tell_stand_in(lead, person)


def tell_stand_in(lead, person):
    """Add a to-do for the user who gets a lead in place of the account's manager."""
    account = lead.key_account_id
    names = {"client": account.display_name, "manager": account.manager_id.name or ""}
    if account.manager_id:
        note = lead.env._(
            "%(manager)s, the manager of %(client)s, has left. Answer the client and "
            "propose a handover of the account.",
            **names,
        )
    else:
        note = lead.env._(
            "%(client)s has no manager. Answer the client and assign a manager.",
            **names,
        )
    lead.activity_schedule(
        "mail.mail_activity_data_todo",
        user_id=person.id,
        summary=lead.env._("New lead of a key account without a manager"),
        note=note,
    )
