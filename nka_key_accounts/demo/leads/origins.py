"""Supervisors decide on the claims of self-sourced leads."""

from ..records import login, named, table
from .creation import TABLE

REASON = "The client asked for the offer before our first visit."


def load(env):
    supervisor = login(env, "supervisor")
    for row in table(TABLE):
        lead = named(env, f"lead_{row['lead']}").with_user(supervisor)
        if lead.origin_state == "claimed" and row["claim"] == "confirmed":
            lead.action_confirm_origin()
        if lead.origin_state == "claimed" and row["claim"] == "rejected":
            lead.action_reject_origin(reason=REASON)
