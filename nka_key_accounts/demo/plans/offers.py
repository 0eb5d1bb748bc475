"""Offers of many hands: inputs accepted, waiting and late; what is given for what."""

from ..records import ago, create_missing, login, named, table


def load(env):
    for row in table("plans/contributions.csv"):
        lead = named(env, f"lead_{row['lead']}")
        items = env["nka.offer.contribution"].with_user(lead.key_account_id.manager_id)
        name = f"contribution_{row['contribution']}"
        made = create_missing(items, {name: prepare_contribution(env, row, lead)})
        if made:
            answer(made, row)
    for row in table("plans/concessions.csv"):
        lead = named(env, f"lead_{row['lead']}")
        items = env["nka.concession"].with_user(lead.key_account_id.manager_id)
        name = f"concession_{row['concession']}"
        made = create_missing(items, {name: prepare_concession(row, lead)})
        if made:
            decide(made, row)


def prepare_contribution(env, row, lead):
    return {
        "name": row["name"],
        "lead_id": lead.id,
        "function": row["function"],
        "user_id": login(env, row["person"]).id,
        "date_due": ago(env, int(row["due"])),
        "request": row["request"],
    }


def answer(item, row):
    """Bring it to the state of its row the way people do."""
    if row["state"] == "asked":
        return
    mine = item.with_user(item.user_id)
    mine.answer = row["answer"]
    mine.action_deliver()
    if row["state"] == "accepted":
        item.action_accept()
    if row["state"] == "returned":
        item.action_return(reason="“All” isn't enough: name them one by one, please.")


def prepare_concession(row, lead):
    return {
        "name": row["name"],
        "lead_id": lead.id,
        "cost": float(row["cost"]),
        "gain": row["gain"],
        "gain_value": float(row["gain_value"]),
        "client_benefit": row["benefit"],
        "client_value": float(row["worth"]),
    }


def decide(item, row):
    if row["state"] == "agreed":
        item.action_agree()
    if row["state"] == "dropped":
        item.action_drop(reason="The plant has a stock of its own already.")
