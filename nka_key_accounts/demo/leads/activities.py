"""What owners have done for their open deals and what they plan, some of it overdue."""

from datetime import datetime, time
from random import Random

from ..records import ago, create_missing, login, named, next_workday, table, workday
from .creation import TABLE

#: The plan of one open deal in so many is overdue.
OVERDUE = 5


def load(env):
    kinds = by_stage(table("leads/activities.csv"))
    for row in table(TABLE):
        if row["owner"] and row["stage"] in kinds:
            lead = named(env, f"lead_{row['lead']}")
            load_lead(lead, row, kinds[row["stage"]])


def by_stage(rows):
    kinds = {}
    for row in rows:
        kinds.setdefault(row["stage"], []).append(row)
    return kinds


def load_lead(lead, row, kinds):
    """One activity done on the way and one to do, by chance of the lead's name."""
    chance = Random(row["lead"])
    activities = lead.env["mail.activity"].with_user(login(lead.env, row["owner"]))
    if row["stage"] != "new":
        past = chance.choice(kinds)
        day = workday(ago(lead.env, chance.randint(1, int(row["age"]) - 4)))
        plan = {f"activity_done_{row['lead']}": prepare(lead, past, day)}
        finish(create_missing(activities, plan), past["outcome"], day)
    overdue = chance.randrange(OVERDUE) == 0
    days = chance.randint(3, 8) if overdue else -chance.randint(0, 14)
    due = next_workday(ago(lead.env, days))
    plan = {f"activity_{row['lead']}": prepare(lead, chance.choice(kinds), due)}
    create_missing(activities, plan)


def prepare(lead, kind, day):
    activity_type = lead.env.ref(f"mail.mail_activity_data_{kind['kind']}")
    return {
        "res_model_id": lead.env["ir.model"]._get_id("crm.lead"),
        "res_id": lead.id,
        "activity_type_id": activity_type.id,
        "summary": kind["summary"],
        "user_id": lead.user_id.id,
        "date_deadline": day,
    }


def finish(activity, outcome, day):
    """Mark it done on that day: the message of it goes back to the day, too."""
    if not activity:
        return
    message = activity.env["mail.message"].browse(activity.action_feedback(outcome))
    message.sudo().date = datetime.combine(day, time(13, 0))
    activity.sudo().date_done = day
