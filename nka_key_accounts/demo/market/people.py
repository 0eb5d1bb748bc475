"""The clients' people on the map: who decides, how they see us, who of us they know."""

from odoo import Command

from ..records import create_missing, login, named, table


def load(env):
    for row in table("market/stakeholders.csv"):
        contact = named(env, f"contact_{row['contact']}")
        account = named(env, f"account_{row['contact'].rpartition('_')[0]}")
        people = env["nka.stakeholder"].with_user(account.manager_id)
        name = f"stakeholder_{row['contact']}"
        create_missing(people, {name: prepare_person(env, row, account, contact)})
    draw_chart(env)


def prepare_person(env, row, account, contact):
    known = [login(env, name).id for name in row["known_to"].split()]
    return {
        "key_account_id": account.id,
        "partner_id": contact.id,
        "role": row["role"],
        "influence": row["influence"],
        "attitude": row["attitude"],
        "covered_by_ids": [Command.set(known)],
        "note": row["note"],
    }


def draw_chart(env):
    """Who reports to whom, once everybody is there."""
    for row in table("market/stakeholders.csv"):
        if row["reports_to"]:
            person = named(env, f"stakeholder_{row['contact']}")
            person.reports_to_id = named(env, f"stakeholder_{row['reports_to']}")
