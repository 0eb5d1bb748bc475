"""One account changed hands today; all of a leaving manager's wait for approval."""

from datetime import timedelta

from odoo import Command

from ..records import ago, create_missing, login, named, table

#: The giver has gone through one item in so many of the checklist.
TICKED = 3


def load(env):
    for row in table("accounts/handovers.csv"):
        giver = login(env, row["giver"])
        made = create_missing(
            env["nka.handover"].with_user(giver),
            {f"handover_{row['handover']}": prepare_handover(env, row)},
        )
        if made:
            propose(made)
            decide(made, login(env, row["approved_by"]))


def prepare_handover(env, row):
    """Values of a handover; without accounts it is about all of a leaving manager."""
    accounts = [named(env, f"account_{client}") for client in row["accounts"].split()]
    return {
        "from_user_id": login(env, row["giver"]).id,
        "to_user_id": login(env, row["receiver"]).id,
        "new_deputy_id": login(env, row["deputy"]).id,
        "key_account_ids": [Command.link(account.id) for account in accounts],
        "is_leaving": row["starts"] == "leaving",
        "date": first_day(env, row),
        "credit_share": float(row["credit_share"]),
        "credit_days": int(row["credit_days"]),
        "reason": row["reason"],
    }


def first_day(env, row):
    """Today, or the day after the giver's contract ends."""
    if row["starts"] == "today":
        return ago(env, 0)
    last_day = named(env, f"employee_{row['giver']}").contract_date_end
    return last_day + timedelta(days=1)


def propose(handover):
    handover.action_submit()
    handover.line_ids[::TICKED].done = True


def decide(handover, supervisor):
    if supervisor:
        handover.with_user(supervisor).action_approve()
