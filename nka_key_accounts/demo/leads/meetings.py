"""Negotiations behind the deals and reviews of the accounts, held and planned."""

from datetime import datetime, time, timedelta
from random import Random

from odoo import Command

from ..accounts.nomination import TABLE as ACCOUNTS
from ..records import ago, create_missing, login, named, next_workday, table, workday
from .creation import TABLE

SUBJECTS = ("Needs and volumes", "Offer and prices", "Contract and delivery terms")
#: Outcomes of the talks behind a deal that has reached the stage.
OUTCOMES = {
    "new": (),
    "qualified": ("progress",),
    "proposition": ("progress", "stalled"),
    "won": ("progress", "progress", "agreed"),
    "lost": ("stalled", "refused"),
}
#: All open deals but one in so many have a talk planned; that one had it just now.
JUST_HELD = 4
#: One talk in so many didn't take place and was repeated later.
MISSED = 9
REVIEW = "Quarterly business review"
QUARTER_DAYS = 91


def load(env):
    for row in table(TABLE):
        if row["owner"] and row["contact"]:
            owner = login(env, row["owner"])
            lead = named(env, f"lead_{row['lead']}")
            meetings = env["calendar.event"].with_user(owner)
            create_missing(meetings, prepare_negotiations(lead, row))
    for row in table(ACCOUNTS):
        if row["state"] == "key":
            meetings = env["calendar.event"].with_user(login(env, row["manager"]))
            create_missing(meetings, prepare_reviews(env, row))


def prepare_negotiations(lead, row):
    """Talks held between the first day and the closing, and one to come.

    A talk of the last days has no outcome yet.

    :rtype: dict[str, dict]
    """
    chance = Random(row["lead"])
    outcomes = OUTCOMES[row["stage"]]
    age, end = int(row["age"]), int(row["closed"] or 0)
    step = (age - end) // (len(outcomes) + 1)
    vals = {}
    for number, outcome in enumerate(outcomes):
        days = age - step * (number + 1)
        if chance.randrange(MISSED) == 0:
            vals[f"meeting_{row['lead']}_missed_{number + 1}"] = prepare_negotiation(
                lead, number, days + step // 2, chance, "not_held"
            )
        vals[f"meeting_{row['lead']}_{number + 1}"] = prepare_negotiation(
            lead, number, max(days, 1), chance, outcome
        )
    if row["stage"] in ("qualified", "proposition"):
        planned = chance.randrange(JUST_HELD)
        days = -chance.randint(1, 20) if planned else chance.randint(1, 3)
        vals[f"meeting_{row['lead']}_next"] = prepare_negotiation(
            lead, len(outcomes), days, chance, False
        )
    return vals


def prepare_negotiation(lead, number, days, chance, outcome):
    """A talk about the deal; a coming one is on its to-do list, too."""
    contact = lead.partner_id
    todo = {
        "res_model_id": lead.env["ir.model"]._get_id("crm.lead"),
        "res_id": lead.id,
    }
    return {
        **prepare_meeting(lead.env, lead.user_id, contact, days, chance),
        **(todo if days < 0 else {}),
        "name": f"{SUBJECTS[number]}: {contact.commercial_partner_id.name}",
        "description": lead.name,
        "opportunity_id": lead.id,
        "is_negotiation": True,
        "negotiation_outcome": outcome,
    }


def prepare_meeting(env, user, contact, days, chance):
    """An hour or two between the user and the contact, ``days`` ago on a workday."""
    day = workday(ago(env, days)) if days > 0 else next_workday(ago(env, days))
    start = datetime.combine(day, time(chance.randint(7, 13), chance.choice((0, 30))))
    return {
        "user_id": user.id,
        "partner_ids": [Command.set((user.partner_id | contact).ids)],
        "location": contact.commercial_partner_id.city,
        "start": start,
        "stop": start + timedelta(minutes=chance.choice((60, 90, 120))),
    }


def prepare_reviews(env, row):
    """A review every quarter of the last year, and the one to come for the largest."""
    chance = Random(row["client"])
    contact = named(env, f"contact_{row['client']}_1")
    last = chance.randint(15, 75)
    days = [day for day in range(last, 365, QUARTER_DAYS) if day < int(row["since"])]
    if row["tier"] == "strategic":
        days.append(last - QUARTER_DAYS)
    return {
        f"review_{row['client']}_{number + 1}": {
            **prepare_meeting(env, login(env, row["manager"]), contact, day, chance),
            "name": f"{REVIEW}: {contact.commercial_partner_id.name}",
        }
        for number, day in enumerate(days)
    }
