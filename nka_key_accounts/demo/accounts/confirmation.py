"""The supervisor decides on the candidates and lets one account go again."""

from ..records import login, named, table
from .nomination import TABLE


def load(env):
    supervisor = login(env, "supervisor")
    for row in table(TABLE):
        account = named(env, f"account_{row['client']}").with_user(supervisor)
        if account.state == "candidate":
            decide(account, row["state"], row["reason"])


def decide(account, state, reason):
    """Bring a candidate to the state its row says, step by step."""
    if state in ("key", "former"):
        account.action_confirm()
    if state == "former":
        account.action_retire(reason=reason)
    if state == "declined":
        account.action_decline(reason=reason)
