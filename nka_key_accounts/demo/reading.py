"""What people read in the last weeks: steady habits, and one manager with a peak.

Gleb reads several times as much as usual on the last three workdays. The first two have
an explanation; nobody has looked into the last one yet.
"""

from datetime import timedelta
from random import Random

from odoo.tools import SQL

from .language import say
from .records import ago, login

NOTICE = (
    "For each day we count how many records of key accounts each of us reads, prints, "
    "exports and sends by email, not which ones. We do this to notice when clients' data "
    "is taken away. The numbers are kept for 400 days. You see your own; your supervisors "
    "and the director see them as well. They never affect pay."
)
FINDING = "Gleb prepared a tender and needed the terms of all clients of the group."
WEEKS, INFORMED = 14, 120
#: Records that people usually read in a workday: accounts, contacts, documents, prints,
#: files, exported records, emails sent with files.
HABITS = {
    "anna": (26, 18, 6, 1, 3, 0, 2),
    "boris": (21, 12, 5, 1, 2, 0, 1),
    "vera": (17, 15, 4, 0, 2, 0, 2),
    "gleb": (12, 9, 3, 0, 1, 0, 1),
    "supervisor": (34, 10, 22, 2, 6, 4, 1),
    "supervisor2": (22, 7, 14, 1, 4, 2, 0),
}
KINDS = ("account", "contact", "document", "print", "file", "export", "mail")
#: Days with a peak, by workdays before today: times the habit.
PEAK, PEAKS = "gleb", {3: 5, 2: 4.5, 1: 5.5}


def show(env):
    """Switch day totals on, add up the past weeks and tell the supervisor of the peak."""
    days = env["nka.reading.day"].sudo()
    if days.search_count([], limit=1):
        return
    env.company.write(
        {
            "nka_reading_kept": True,
            "nka_reading_informed_on": ago(env, INFORMED),
            "nka_reading_notice": say(env, NOTICE),
        }
    )
    env.flush_all()
    last = days._over_before(env.company)
    workdays = [
        day
        for back in range(7 * WEEKS, 0, -1)
        if (day := last - timedelta(days=back)).weekday() < 5
    ]
    for number, day in enumerate(workdays):
        _read(env, day, PEAKS.get(len(workdays) - number, 1))
        days._keep()
    days.env.invalidate_all()
    peaks = days.search(
        [("user_id", "=", login(env, PEAK).id)], order="day desc", limit=len(PEAKS)
    )
    for row in peaks.sorted("day"):
        _tell(env, row, is_reviewed=row != peaks[0])


def _read(env, day, times):
    """Enter the reads of a day as they would have been counted."""
    rows = []
    for name, habit in HABITS.items():
        chance = Random(f"{name}{day.toordinal() % 1000}")
        # Mondays bring more; now and then somebody is away.
        factor = chance.uniform(0.7, 1.3) * (1.3 if day.weekday() == 0 else 1)
        factor *= times if name == PEAK else chance.random() > 0.06
        rows += [
            (login(env, name).id, day, day, kind, round(number * factor))
            for kind, number in zip(KINDS, habit, strict=True)
            if round(number * factor)
        ]
    env.cr.execute(
        SQL(
            "INSERT INTO nka_reading (user_id, date, day, kind, count) VALUES %s",
            SQL(", ").join(rows),
        )
    )


def _tell(env, row, is_reviewed):
    alert = env["nka.reading.alert"]._tell(
        {
            "user_id": row.user_id.id,
            "company_id": row.company_id.id,
            "day": row.day,
            "level": "told",
            "read_count": row.read_count,
            "taken_count": row.taken_count,
            "baseline": row.baseline,
            "taken_baseline": 1,
            "is_against_peers": False,
        }
    )
    if is_reviewed:
        told = alert.supervisor_ids[:1]
        alert.with_user(told).action_review(reason=say(env, FINDING))
