"""Terms agreed: some kept, some broken and mended, some due, one left to accept."""

from ..records import ago, create_missing, login, named, table

#: A won deal whose terms nobody has taken over yet.
TAKEN_OVER = "fish_labels"


def load(env):
    for row in table("market/commitments.csv"):
        account = named(env, f"account_{row['client']}")
        commitments = env["nka.commitment"].with_user(account.manager_id)
        name = f"commitment_{row['commitment']}"
        made = create_missing(commitments, {name: prepare_commitment(env, row)})
        if made:
            close(env, made, row)
    take_terms(named(env, f"lead_{TAKEN_OVER}"))


def prepare_commitment(env, row):
    lead = named(env, row["lead"] and f"lead_{row['lead']}")
    return {
        "key_account_id": named(env, f"account_{row['client']}").id,
        "lead_id": lead.id if lead else False,
        "text": row["text"],
        "kind": row["kind"],
        "promised_by": row["by"],
        "promised_value": float(row["value"] or 0),
        "date_agreed": ago(env, int(row["agreed"])),
        "promised_date": ago(env, int(row["due"])),
    }


def close(env, commitment, row):
    """Bring it to the state of its row the way people do."""
    if row["state"] == "kept":
        commitment.actual_date = commitment.promised_date
        commitment.action_keep()
    if row["state"] == "breached":
        commitment.action_breach(reason=row["reason"])
        commitment.remedy = row["remedy"]
        commitment.action_remedy()
    if row["state"] == "waived":
        commitment.with_user(login(env, "supervisor")).action_waive(
            reason=row["reason"]
        )


def take_terms(lead):
    lead = lead.with_user(lead.user_id)
    if lead.sudo()._untaken_orders():
        lead.action_take_terms()
