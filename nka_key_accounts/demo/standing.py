"""Half a year of health scores for the demo.

Only today's score can be computed. Earlier ones are generated as a series that ends at
today's score.
"""

from .accounts import PASSED_ON
from .records import ago, named

STEP_DAYS = 12
STEPS = 13
#: Steps of the client that was handed over last year, and its lower scores before that.
LONG_STEPS = 58
BEFORE_HANDOVER = 9
#: Clients whose score fell lately, and by how many points.
FELL = {"volga": 28, "meridiana": 24}


def measure(env):
    """Compute the scores of today, and generate their history."""
    accounts = env["nka.key.account"]
    accounts._cron_refresh_health()
    if not env["nka.health.history"].search([("date", "<", ago(env, 0))], limit=1):
        draw_courses(accounts.search([("health_scores", "!=", False)]))
    accounts._cron_refresh_health()


def draw_courses(accounts):
    env = accounts.env
    fell = {named(env, f"account_{name}"): points for name, points in FELL.items()}
    env["nka.health.history"].create(
        [
            {
                "key_account_id": account.id,
                "date": ago(env, step * STEP_DAYS),
                "health": score(account, step, fell.get(account, 0)),
            }
            for account in accounts
            for step in range(1, STEPS)
        ]
        + prepare_long_course(env)
    )


def prepare_long_course(env):
    """Return earlier scores of the client whose handover has an outcome."""
    client, _giver, _receiver, days = PASSED_ON
    account = named(env, f"account_{client}")
    return [
        {
            "key_account_id": account.id,
            "date": ago(env, step * STEP_DAYS),
            "health": score(
                account, step, -BEFORE_HANDOVER if step * STEP_DAYS > days else 0
            ),
        }
        for step in range(STEPS, LONG_STEPS)
    ]


def score(account, step, points):
    wave = (account.id * 7 + step * 5) % 13 - 6
    return max(5, min(100, account.health + points + wave))
