"""Paths of new managers."""

from random import Random

from odoo import Command

from .language import say
from .leads import prepare_letter_after, prepare_meeting
from .records import create_missing, load, login, named

#: Negotiation that the mentee attended: client, number of the contact, days before today.
ATTENDED = ("severny", 2, 24)
ATTENDED_NAME = "Prices of the next year"


def guide(env):
    """Plan Vera's path: she attended one of Anna's negotiations and wrote offers."""
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
