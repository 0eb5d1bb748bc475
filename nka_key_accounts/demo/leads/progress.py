"""Owners move their deals on, win and lose them."""

from datetime import datetime, time

from ..records import ago, login, named, table
from .creation import TABLE

#: Stages a deal passes on its way, in order.
PATHS = {
    "new": [],
    "qualified": ["crm.stage_lead2"],
    "proposition": ["crm.stage_lead2", "crm.stage_lead3"],
    "won": ["crm.stage_lead2", "crm.stage_lead3"],
    "lost": ["crm.stage_lead2"],
}


def load(env):
    for row in table(TABLE):
        lead = named(env, f"lead_{row['lead']}")
        if lead.stage_id == env.ref("crm.stage_lead1") and row["stage"] != "new":
            move(lead.with_user(login(env, row["owner"])), row)
            set_stage_day(lead, row)


def move(lead, row):
    for stage in PATHS[row["stage"]]:
        lead.stage_id = lead.env.ref(stage)
    if row["stage"] == "won":
        lead.action_set_won()
    if row["stage"] == "lost":
        lead.action_set_lost(lost_reason_id=lost_reason(lead.env, row).id)


def lost_reason(env, row):
    name = row["lost_reason"]
    return env.ref(name if "." in name else f"nka_key_accounts.{name}")


def set_stage_day(lead, row):
    """Let the last move lie in the past: the closing, or a third of the lead's age."""
    days = int(row["closed"] or int(row["age"]) // 3)
    moved = datetime.combine(ago(lead.env, days), time(15, 0))
    closed = {"date_closed": moved} if row["closed"] else {}
    lead.write({"date_last_stage_update": moved, **closed})
