"""Reviews spread over the last months, and what is late today."""

from datetime import datetime, time, timedelta

from ..records import ago, login, named, workday

#: Days a review took, in turn; the types allow two or three.
TOOK = (1, 2, 0, 1, 3, 1, 2, 5)
#: Names of the documents whose reviewer or author is late, and by how many days.
LATE = {"document_contract_coil": 4, "document_contract_serial": 2}


def load(env):
    fresh = env["nka.document.review"].search(
        [("verdict", "!=", False), ("create_date", ">=", ago(env, 1))], order="id"
    )
    if not any(review.submit_date.date() >= ago(env, 1) for review in fresh[:1]):
        return
    for number, review in enumerate(fresh):
        age(review, workday(ago(env, 10 + number * 150 // len(fresh))), number)
    be_late(env)


def age(review, decided, number):
    """Let a review lie back; the day of the trail stays the day it was written."""
    submitted = workday(decided - timedelta(days=TOOK[number % len(TOOK)]))
    allowed = review.document_id.type_id.review_days
    at = [datetime.combine(day, time(9 + number % 7)) for day in (submitted, decided)]
    if submitted == decided:
        at[1] += timedelta(hours=2)
    review._unlocked().write(
        {
            "submit_date": at[0],
            "verdict_date": at[1],
            "deadline": submitted + timedelta(days=allowed),
        }
    )


def be_late(env):
    supervisor = login(env, "supervisor2")
    for name, days in LATE.items():
        document = named(env, name)
        document.with_user(supervisor).deadline = ago(env, days)
    env["nka.document"]._cron_remind()
