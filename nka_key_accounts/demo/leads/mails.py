"""Letters between the clients' people and the owners of the deals."""

from datetime import datetime, time, timedelta

from markupsafe import Markup

from ..records import ago, create_missing, named, table, workday
from .creation import TABLE

#: Letters written on the way to a stage.
WRITTEN = {
    "new": ("new",),
    "qualified": ("new", "qualified"),
    "proposition": ("new", "qualified", "proposition"),
    "won": ("new", "qualified", "proposition", "won"),
    "lost": ("new", "qualified", "lost"),
}


def load(env):
    letters = table("leads/letters.csv")
    vals = {}
    for row in table(TABLE):
        if row["owner"] and row["contact"]:
            vals.update(
                prepare_letters(named(env, f"lead_{row['lead']}"), row, letters)
            )
    create_missing(env["mail.message"], vals)


def prepare_letters(lead, row, letters):
    """The letters a deal has seen, none of them later than today.

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
