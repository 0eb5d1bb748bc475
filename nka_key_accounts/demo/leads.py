"""Deals of the demo: origins, stages, meetings, emails and activities."""

from datetime import datetime, time, timedelta
from random import Random

from markupsafe import Markup

from odoo import Command

from .accounts import TABLE as ACCOUNTS
from .language import price, say
from .records import ago, create_missing, login, named, next_workday, table, workday

TABLE = "leads/leads.csv"
TALKS = "leads/talks.csv"
#: Days from the start of a deal to its expected closing.
CYCLE_DAYS = 130
REJECTED = "The client asked for the offer before our first visit."
#: Stages that a deal passes, in order, by the stage it reaches.
PATHS = {
    "new": [],
    "qualified": ["crm.stage_lead2"],
    "proposition": ["crm.stage_lead2", "crm.stage_lead3"],
    "won": ["crm.stage_lead2", "crm.stage_lead3"],
    "lost": ["crm.stage_lead2"],
}

SUBJECTS = ("Needs and volumes", "Offer and prices", "Contract and delivery terms")
#: Outcomes of a deal's meetings, by the stage it has reached.
OUTCOMES = {
    "new": (),
    "qualified": ("progress",),
    "proposition": ("progress", "stalled"),
    "won": ("progress", "progress", "agreed"),
    "lost": ("stalled", "refused"),
}
#: One open deal in this many has just had its meeting; the others have one planned.
JUST_HELD = 4
#: One meeting in this many didn't take place and was repeated later.
MISSED = 9
#: Nothing proves one held meeting in this many.
UNPROVEN = 8
THANKS = "Thank you for coming. We look at your points and answer."
REVIEW = "Quarterly business review"
QUARTER_DAYS = 91

#: Stages of the emails written, by the stage a deal has reached.
WRITTEN = {
    "new": ("new",),
    "qualified": ("new", "qualified"),
    "proposition": ("new", "qualified", "proposition"),
    "won": ("new", "qualified", "proposition", "won"),
    "lost": ("new", "qualified", "lost"),
}
#: One open deal in this many has an overdue activity.
OVERDUE = 5


# ---------------------------------------------------------------- creation
def enter(env):
    """Create new leads with an origin, as their owners."""
    for owner, rows in grouped(table(env, TABLE), "owner").items():
        leads = create_missing(
            env["crm.lead"].with_user(login(env, owner or "supervisor")),
            {f"lead_{row['lead']}": prepare_lead(env, row) for row in rows},
        )
        leads.sudo().env.flush_all()
    for row in table(env, TABLE):
        set_age(named(env, f"lead_{row['lead']}"), int(row["age"]))


def grouped(rows, column):
    groups = {}
    for row in rows:
        groups.setdefault(row[column], []).append(row)
    return groups


def prepare_lead(env, row):
    owner = login(env, row["owner"])
    contact = named(env, row["contact"] and f"contact_{row['contact']}")
    referrer = named(env, row["referrer"] and f"account_{row['referrer']}")
    vals = {
        "name": row["name"],
        "type": "opportunity",
        "user_id": owner.id if owner else False,
        "team_id": named(env, "team_key_accounts").id,
        "stage_id": env.ref("crm.stage_lead1").id,
        "expected_revenue": price(env, row["revenue"]),
        "origin": row["origin"],
        "referrer_id": referrer.id if referrer else False,
        "is_vip": row["vip"] == "1",
        "priority": "2" if row["vip"] == "1" else "1",
        "date_deadline": ago(env, int(row["age"]) - CYCLE_DAYS),
    }
    if contact:
        return {**vals, "partner_id": contact.id}
    return {**vals, "partner_name": row["prospect"]}


def set_age(lead, days):
    """Backdate the lead by ``days``. Users can't do so, hence the SQL."""
    entered = datetime.combine(ago(lead.env, days), time(9, 30))
    lead.env.cr.execute(
        """UPDATE crm_lead
              SET create_date = %(entered)s, date_last_stage_update = %(entered)s,
                  date_open = CASE WHEN user_id IS NULL THEN NULL ELSE %(opened)s END
            WHERE id = %(lead)s AND create_date > %(entered)s""",
        {
            "entered": entered,
            "opened": entered + timedelta(hours=2),
            "lead": lead.id,
        },
    )
    lead.invalidate_recordset(["create_date", "date_last_stage_update", "date_open"])


# ---------------------------------------------------------------- stages
def decide_origins(env):
    """Decide as supervisor on the leads claimed as self-sourced."""
    supervisor = login(env, "supervisor")
    for row in table(env, TABLE):
        lead = named(env, f"lead_{row['lead']}").with_user(supervisor)
        if lead.origin_state == "claimed" and row["claim"] == "confirmed":
            lead.action_confirm_origin()
        if lead.origin_state == "claimed" and row["claim"] == "rejected":
            lead.action_reject_origin(reason=say(env, REJECTED))


def progress(env):
    """Move deals to their stage, and win or lose them, as their owners."""
    for row in table(env, TABLE):
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
    """Backdate the last move: to the closing, or by a third of the lead's age."""
    days = int(row["closed"] or int(row["age"]) // 3)
    moved = datetime.combine(ago(lead.env, days), time(15, 0))
    closed = {"date_closed": moved} if row["closed"] else {}
    lead.write({"date_last_stage_update": moved, **closed})


# ---------------------------------------------------------------- meetings
def meet(env):
    """Create negotiations of deals and reviews of accounts, held and planned."""
    meetings = env["calendar.event"]
    for row in table(env, TABLE):
        if row["owner"] and row["contact"]:
            vals = prepare_negotiations(named(env, f"lead_{row['lead']}"), row)
            create_missing(meetings.with_user(login(env, row["owner"])), vals)
            thanks = prepare_thanks(named(env, f"lead_{row['lead']}"), vals)
            create_missing(env["mail.message"], thanks)
    for row in table(env, ACCOUNTS):
        if row["state"] == "key":
            vals = prepare_reviews(env, row)
            create_missing(meetings.with_user(login(env, row["manager"])), vals)
    for row in table(env, TALKS):
        claim(env, row)


def prepare_negotiations(lead, row):
    """Return meetings between the first day and the closing, and a planned one.

    Meetings of the last days have no outcome yet.

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


def prepare_thanks(lead, talks):
    """Return emails that clients wrote after meetings. Other meetings lack proof.

    :rtype: dict[str, dict]
    """
    return {
        f"thanks_{name}": prepare_letter_after(
            lead.partner_id, talk, "crm.lead", lead.id
        )
        for name, talk in talks.items()
        if talk["negotiation_outcome"] not in (False, "not_held")
        and Random(name).randrange(UNPROVEN)
    }


def prepare_letter_after(contact, talk, model, record_id):
    return {
        "model": model,
        "res_id": record_id,
        "message_type": "email",
        "subtype_id": contact.env.ref("mail.mt_comment").id,
        "author_id": contact.id,
        "email_from": contact.email_formatted,
        "subject": talk["name"],
        "body": Markup("<p>%s</p>") % say(contact.env, THANKS),
        "date": talk["stop"] + timedelta(hours=2),
    }


def claim(env, row):
    """Create a meeting that doesn't count, or doesn't count beside another one."""
    contact = named(env, f"contact_{row['contact']}")
    chance = Random(f"{row['contact']} {row['days']}")
    talk = {
        **prepare_meeting(
            env, login(env, row["owner"]), contact, int(row["days"]), chance
        ),
        "name": f"{row['subject']}: {contact.commercial_partner_id.name}",
        "is_negotiation": True,
        "negotiation_outcome": "progress",
        "allday": bool(row["allday"]),
    }
    events = env["calendar.event"].with_user(login(env, row["owner"]))
    create_missing(events, {f"talk_{row['talk']}": talk})
    if row["mail"]:
        thanks = prepare_letter_after(contact, talk, "res.partner", contact.id)
        create_missing(env["mail.message"], {f"thanks_talk_{row['talk']}": thanks})


def prepare_negotiation(lead, number, days, chance, outcome):
    """Return a meeting about the deal; future ones are on its to-do list as well."""
    contact = lead.partner_id
    return {
        **prepare_meeting(lead.env, lead.user_id, contact, days, chance),
        **(of_lead(lead) if days < 0 else {}),
        "name": f"{say(lead.env, SUBJECTS[number])}: {contact.commercial_partner_id.name}",
        "description": lead.name,
        "opportunity_id": lead.id,
        "is_negotiation": True,
        "negotiation_outcome": outcome,
    }


def of_lead(lead):
    """Return the values that link a meeting or an activity to a lead."""
    model_id = lead.env["ir.model"]._get_id("crm.lead")
    return {"res_model_id": model_id, "res_id": lead.id}


def prepare_meeting(env, user, contact, days, chance):
    """Return a meeting of the user and the contact, ``days`` ago on a workday."""
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
    """Return quarterly reviews of the last year, and a planned one if strategic."""
    chance = Random(row["client"])
    contact = named(env, f"contact_{row['client']}_1")
    last = chance.randint(15, 75)
    days = [day for day in range(last, 365, QUARTER_DAYS) if day < int(row["since"])]
    if row["tier"] == "strategic":
        days.append(last - QUARTER_DAYS)
    return {
        f"review_{row['client']}_{number + 1}": {
            **prepare_meeting(env, login(env, row["manager"]), contact, day, chance),
            "name": f"{say(env, REVIEW)}: {contact.commercial_partner_id.name}",
        }
        for number, day in enumerate(days)
    }


# ---------------------------------------------------------------- emails
def write(env):
    """Create emails between clients and owners of the deals."""
    letters = table(env, "leads/letters.csv")
    vals = {}
    for row in table(env, TABLE):
        if row["owner"] and row["contact"]:
            lead = named(env, f"lead_{row['lead']}")
            vals.update(prepare_letters(lead, row, letters))
    create_missing(env["mail.message"], vals)


def prepare_letters(lead, row, letters):
    """Return the emails of a deal, none of them later than today.

    :rtype: dict[str, dict]
    """
    vals = {}
    for number, letter in enumerate(letters):
        days = int(row["age"]) - int(letter["after"])
        if letter["stage"] in WRITTEN[row["stage"]] and days > 0:
            name = f"mail_{row['lead']}_{number + 1}"
            vals[name] = prepare_letter(lead, letter, days)
    return vals


def prepare_letter(lead, letter, days):
    owner, contact = lead.user_id.partner_id, lead.partner_id
    author = contact if letter["from"] == "client" else owner
    words = {"lead": lead.name, "contact": contact.name, "owner": owner.name}
    sent = datetime.combine(workday(ago(lead.env, days)), time(8, 15))
    return {
        "model": "crm.lead",
        "res_id": lead.id,
        "message_type": "email" if author == contact else "email_outgoing",
        "subtype_id": lead.env.ref("mail.mt_comment").id,
        "author_id": author.id,
        "email_from": author.email_formatted,
        "subject": letter["subject"].format(**words),
        "body": Markup("<p>%s</p>") % letter["text"].format(**words),
        "date": sent + timedelta(minutes=len(lead.name)),
    }


# ---------------------------------------------------------------- activities
def plan(env):
    """Create done and planned activities of open deals."""
    kinds = grouped(table(env, "leads/activities.csv"), "stage")
    for row in table(env, TABLE):
        if row["owner"] and row["stage"] in kinds:
            lead = named(env, f"lead_{row['lead']}")
            plan_lead(lead, row, kinds[row["stage"]])


def plan_lead(lead, row, kinds):
    """Create a done and a planned activity, random with the lead's name as seed."""
    chance = Random(row["lead"])
    activities = lead.env["mail.activity"].with_user(login(lead.env, row["owner"]))
    if row["stage"] != "new":
        past = chance.choice(kinds)
        day = workday(ago(lead.env, chance.randint(1, int(row["age"]) - 4)))
        vals = {f"activity_done_{row['lead']}": prepare_activity(lead, past, day)}
        finish(create_missing(activities, vals), past["outcome"], day)
    overdue = chance.randrange(OVERDUE) == 0
    days = chance.randint(3, 8) if overdue else -chance.randint(0, 14)
    due = next_workday(ago(lead.env, days))
    vals = prepare_activity(lead, chance.choice(kinds), due)
    create_missing(activities, {f"activity_{row['lead']}": vals})


def prepare_activity(lead, kind, day):
    return {
        **of_lead(lead),
        "activity_type_id": lead.env.ref(f"mail.mail_activity_data_{kind['kind']}").id,
        "summary": kind["summary"],
        "user_id": lead.user_id.id,
        "date_deadline": day,
    }


def finish(activity, outcome, day):
    """Mark an activity as done on that day, and backdate its message."""
    if not activity:
        return
    message = activity.env["mail.message"].browse(activity.action_feedback(outcome))
    message.sudo().date = datetime.combine(day, time(13, 0))
    activity.sudo().date_done = day
