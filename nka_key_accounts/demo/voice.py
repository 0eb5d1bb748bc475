"""What two clients answered: one survey released, one that the supervisor has to read.

At Severny, the champion whom Anna counts on is dissatisfied: a blind spot.
"""

from .language import say
from .records import ago, give_name, missing, named

#: Client, days before today, and by contact: score, days until the answer, words.
SURVEYS = (
    (
        "severny",
        58,
        {
            1: (5, 1, "Deliveries arrive on the day, and invoices are right."),
            2: (
                1,
                2,
                "The pilot in hall three has waited three weeks for your engineer.",
            ),
            3: (3, 6, None),
            4: (None, 0, None),
        },
    ),
    (
        "lukoshko",
        9,
        {
            1: (5, 2, "Good that someone called before the opening of the new stores."),
            2: (3, 4, "Good pallets. Complaints should be answered within a day."),
            3: (None, 0, None),
        },
    ),
)
RELEASED_AFTER = 14


def answer(env):
    """Switch client feedback on, and record two surveys with their answers."""
    named(env, "account_severny").sudo().company_id.nka_voice_active = True
    for client, days, answers in SURVEYS:
        if missing(env, [f"voice_{client}"]):
            survey = _plan(env, named(env, f"account_{client}").sudo(), days)
            give_name(survey, f"voice_{client}")
            for number, said in answers.items():
                person = named(env, f"stakeholder_{client}_{number}").sudo()
                _ask(env, survey, person, days, *said)


def _plan(env, account, days):
    day = ago(env, days)
    survey = (
        env["nka.voice.round"]
        .sudo()
        ._unlocked()
        .create(
            {
                "key_account_id": account.id,
                "occasion": "regular",
                # One in each half-year.
                "origin": f"{day.year}-{1 if day.month <= 6 else 2}",
                "date_from": day,
                "date": day,
            }
        )
    )
    survey._move_to("asked")
    return survey


def _ask(env, survey, person, days, score, later, words):
    """Record a question of the past, with the answer and its release if it is due."""
    asked = env["nka.voice.answer"].sudo()._record_asked(survey, person)
    asked._unlocked().write({"date_asked": ago(env, days)})
    if score:
        feedback = words and say(env, words)
        asked.rating_id.write({"rating": score, "feedback": feedback, "consumed": True})
        asked._take(score, feedback, ago(env, days - later))
    elif days > 30:
        asked._move_to("expired")
    if score and days - later > RELEASED_AFTER:
        asked._release()
