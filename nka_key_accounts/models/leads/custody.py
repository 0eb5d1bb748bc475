"""What is said to whoever would part a lead from its key account."""


def custody_message(lead, step):
    """The refusal, with what its reader can do.

    :param lead: one crm.lead as superuser, whose environment names the reader
    :param str step: what would happen, as said after "it can't"
    """
    env = lead.env
    words = {
        "lead": lead.display_name,
        "step": step,
        "person": lead._deciding_supervisor().name or "",
    }
    if env.user == lead.key_account_id.manager_id:
        return env._(
            "“%(lead)s” belongs to a key account, so it can't %(step)s by one person "
            "alone. Ask a supervisor (%(person)s), or propose a handover of the "
            "account. If the deal is lost, use “Lost”. Nothing was changed.",
            **words,
        )
    return env._(
        "“%(lead)s” belongs to a key account, so it can't %(step)s by one person "
        "alone. Ask a supervisor (%(person)s). Nothing was changed.",
        **words,
    )
