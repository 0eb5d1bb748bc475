"""Gleb leaves: what he read before, and the departure that his contract's end opened.

His day totals rise in the weeks before. Boris reads as much every day, which is his
habit and doesn't stand out.
"""

from random import Random

from odoo.addons.nka_key_accounts.models.leaving import successors
from odoo.addons.nka_key_accounts.models.reading.nka_reading_day import COLUMNS

from .language import say
from .records import ago, login, named

NOTICE = (
    "We keep for 400 days how many records of key accounts each of us reads, prints, "
    "exports and sends by email in a day, so that clients' data stays with us. Your "
    "supervisors and the director see it; you see your own."
)
INFORMED = 380
#: Login -> records of an ordinary day.
HABITS = {"anna": 38, "boris": 96, "vera": 30, "gleb": 34}
#: Days before today on which Gleb read much more, and how much.
PEAK = {19: 118, 18: 96, 17: 104, 13: 71}
OPENED = 12
PURPOSE = "The director: whether Gleb works until his last day or is released earlier."
#: Share of the kinds in a day's records.
SHARES = {"account": 0.45, "contact": 0.3, "document": 0.15, "file": 0.08}


def read(env):
    """Keep the reading of a year as day totals, as the nightly job would have."""
    company = env.company
    if not company.nka_reading_kept:
        company.write(
            {
                "nka_reading_kept": True,
                "nka_reading_informed_on": ago(env, INFORMED),
                "nka_reading_notice": say(env, NOTICE),
            }
        )
    names = ", ".join(COLUMNS.values())
    places = ", ".join(["%s"] * len(COLUMNS))
    for user, usual in HABITS.items():
        chance = Random(user)
        for back in range(INFORMED - 10, 0, -1):
            day = ago(env, back)
            if day.isoweekday() > 5:
                continue
            number = round(usual * chance.uniform(0.8, 1.2))
            if user == "gleb":
                number = PEAK.get(back, number)
            counts = dict.fromkeys(COLUMNS, 0)
            counts |= {kind: round(number * part) for kind, part in SHARES.items()}
            counts["print"] = chance.randint(0, 2)
            read_count = sum(counts.values())
            env.cr.execute(
                f"""INSERT INTO nka_reading_day (user_id, company_id, day, {names},
                                read_count, taken_count, baseline, ratio)
                    VALUES (%s, %s, %s, {places}, %s, 0, %s, %s)
                        ON CONFLICT DO NOTHING""",
                [
                    login(env, user).id,
                    company.id,
                    day,
                    *counts.values(),
                    read_count,
                    usual,
                    read_count / usual,
                ],
            )


def depart(env):
    """Open the departure that the end of Gleb's contract calls for, and seal a dossier."""
    employee = named(env, "employee_gleb")
    departures = env["nka.departure"]
    departure = departures.search([("employee_id", "=", employee.id)])
    if not departure:
        departure = departures._open(employee, employee.contract_date_end, "contract")
    if departure.dossier_ids or departure.state != "open":
        return
    departure._unlocked().write({"opened_on": ago(env, OPENED)})
    successors.adopt(departure)
    successors.draft(departure)
    departure._look_back()
    departure.with_user(departure.supervisor_id).action_seal_dossier(
        reason=say(env, PURPOSE)
    )
