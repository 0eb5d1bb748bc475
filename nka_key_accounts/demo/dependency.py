"""Who else knows the clients: a pair that shares its clients, and one client that doesn't.

Anna and Boris visit each other's largest client, too. Volga depends on Anna alone, since
Gleb doesn't go there any more, and a supervisor has asked for an introduction of Vera.
Gleb, who leaves, has introduced Vera to the decision maker at Meridiana.
"""

from random import Random

from odoo import Command

from .language import say
from .leads import prepare_meeting
from .records import ago, create_missing, login, named

VISIT = "Visit together"
#: Client, colleague, number of the contact, days before today.
VISITS = (
    ("severny", "boris", 1, (96, 187, 278)),
    ("severny", "boris", 2, (96, 230)),
    ("lukoshko", "anna", 1, (110, 201, 292)),
    ("lukoshko", "anna", 2, (150,)),
    # The year before.
    ("severny", "anna", 1, (460, 560, 650)),
    ("lukoshko", "boris", 1, (470, 550, 640)),
    ("volga", "anna", 1, (455, 545, 635)),
    ("volga", "gleb", 2, (480, 570)),
)
#: Client, leaver, successor, number of the contact, days before today.
INTRODUCED = ("meridiana", "gleb", "vera", 1, 6)
HOW = "A visit to the plant together; then the colleague prepares the yearly review."
DUE_DAYS = 60


def visit(env):
    """Create the visits of colleagues, by themselves."""
    for client, user, number, days in VISITS:
        contact = named(env, f"contact_{client}_{number}")
        chance = Random(f"{client}{user}")
        vals = {
            f"visit_{client}_{number}_{ago_days}": {
                **prepare_meeting(env, login(env, user), contact, ago_days, chance),
                "name": f"{say(env, VISIT)}: {contact.commercial_partner_id.name}",
            }
            for ago_days in days
        }
        create_missing(env["calendar.event"].with_user(login(env, user)), vals)
    _introduce(env)
    _enter_in_time(env)


def _introduce(env):
    """Create the meeting at which the leaver introduces the successor."""
    client, leaver, successor, number, days = INTRODUCED
    contact = named(env, f"contact_{client}_{number}")
    guest = login(env, successor)
    meeting = prepare_meeting(env, login(env, leaver), contact, days, Random(client))
    meeting["partner_ids"] += [Command.link(guest.partner_id.id)]
    meeting["name"] = f"{say(env, VISIT)}: {contact.commercial_partner_id.name}"
    new = create_missing(
        env["calendar.event"].with_user(login(env, leaver)),
        {f"introduced_{client}": meeting},
    )
    seats = new.attendee_ids.filtered(lambda seat: seat.partner_id == guest.partner_id)
    seats.with_user(guest).state = "accepted"


def _enter_in_time(env):
    """Date the entry of past meetings before them: nobody made them up afterwards."""
    env.flush_all()
    env.cr.execute(
        """UPDATE calendar_event event SET nka_fixed_date = event.start - interval '2 days'
             FROM ir_model_data name
            WHERE name.module = 'nka_key_accounts' AND name.model = 'calendar.event'
              AND name.res_id = event.id AND event.nka_fixed_date > event.start"""
    )
    env["calendar.event"].invalidate_model(["nka_fixed_date"])


def measure(env):
    """Measure who holds which client, and plan an introduction at one of them."""
    env["nka.dependency"]._cron_measure()
    account = named(env, "account_volga")
    plans = env["nka.dependency.plan"].with_user(account.sudo().supervisor_id)
    create_missing(
        plans,
        {
            "introduction_volga": {
                "key_account_id": account.id,
                "user_id": login(env, "vera").id,
                "stakeholder_id": named(env, "stakeholder_volga_1").id,
                "date_due": ago(env, -DUE_DAYS),
                "note": say(env, HOW),
            }
        },
    )
