"""How the managers started: Boris and Gleb were hired, Anna and Vera grew in the company.

Vera is still being prepared by Anna, and the list says what is missing.
"""

from random import Random

from odoo import Command

from .language import say, wage
from .leads import prepare_letter_after, prepare_meeting
from .records import ago, create_missing, load, login, named

#: Manager, how they came, days since their start, whether they work as manager.
STARTS = (
    ("anna", "grown", 620, True),
    ("gleb", "hired", 430, True),
    ("boris", "hired", 300, True),
    ("vera", "grown", 50, False),
)
#: Manager, name, type, days ago, amount, text.
COSTS = (
    ("boris", "agency", "agency", 300, 60000, "Fee of the agency"),
    ("boris", "training", "training", 270, 15000, "Product training, two weeks"),
    ("gleb", "advertising", "advertising", 440, 9000, "Job advertisements"),
    ("anna", "training", "training", 560, 25000, "Negotiation training, level 1"),
    ("anna", "mentor", "mentor", 450, 32000, "Mentor's time, four hours a week"),
    ("vera", "mentor", "mentor", 10, 12000, "Mentor's time, four hours a week"),
)
#: Negotiation that the mentee attended: client, number of the contact, days before today.
ATTENDED = ("severny", 2, 24)
ATTENDED_NAME = "Prices of the next year"


def start(env):
    """Record the starts and what they cost."""
    supervisor = login(env, "supervisor")
    starts = env["nka.manager.start"]
    for manager, way, days, works in STARTS:
        employee = named(env, f"employee_{manager}")
        begun = starts._start_for(employee, way, ago(env, days))
        if works:
            begun.with_user(supervisor)._confirm()
    costs = env["nka.manager.start.cost"].with_user(supervisor)
    create_missing(
        costs,
        {
            f"start_cost_{manager}_{name}": {
                "start_id": starts._start_for(named(env, f"employee_{manager}"), "").id,
                "kind": kind,
                "date": ago(env, days),
                "amount": wage(env, amount),
                "name": say(env, text),
            }
            for manager, name, kind, days, amount, text in COSTS
        },
    )


def guide(env):
    """Plan the path of Vera, who attended one of Anna's negotiations and wrote offers."""
    load(env, "newcomers/nka.mentorship.step.csv")
    client, number, days = ATTENDED
    contact, guest = named(env, f"contact_{client}_{number}"), login(env, "vera")
    talk = prepare_meeting(env, login(env, "anna"), contact, days, Random(client))
    talk["partner_ids"] += [Command.link(guest.partner_id.id)]
    talk |= {
        "name": f"{say(env, ATTENDED_NAME)}: {contact.commercial_partner_id.name}",
        "is_negotiation": True,
        "negotiation_outcome": "progress",
    }
    new = create_missing(env["calendar.event"], {"talk_with_mentee": talk})
    seats = new.attendee_ids.filtered(lambda seat: seat.partner_id == guest.partner_id)
    seats.with_user(guest).do_accept()
    thanks = prepare_letter_after(contact, talk, "res.partner", contact.id)
    create_missing(env["mail.message"], {"thanks_talk_with_mentee": thanks})
    env["nka.mentorship.step"]._cron_follow()
