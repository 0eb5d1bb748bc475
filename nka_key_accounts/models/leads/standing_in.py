"""Who is told that a lead of a key account came in when its manager has left."""


def tell_stand_in(lead, person):
    """Put a lead that was assigned to whoever stands in on their to-do list."""
    account = lead.key_account_id
    names = {"client": account.display_name, "manager": account.manager_id.name or ""}
    if account.manager_id:
        note = lead.env._(
            "%(manager)s, who manages %(client)s, has left: answer the client, and "
            "propose a handover of the account.",
            **names,
        )
    else:
        note = lead.env._(
            "Nobody manages %(client)s: answer the client, and name a manager.", **names
        )
    lead.activity_schedule(
        "mail.mail_activity_data_todo",
        user_id=person.id,
        summary=lead.env._("New lead of a key account without a manager"),
        note=note,
    )
