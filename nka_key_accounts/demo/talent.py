"""The position of the demo's key account managers, job offers for it, their skills.

One candidate accepted and is about to start; another one hasn't answered yet. Anna's
skills were assessed by both sides, Boris's assessment is overdue, and Vera's supervisor
hasn't seen the self-assessment yet.
"""

from odoo import Command

from .language import price, say, spoken, wage
from .records import ago, create_missing, login, named

SHIPPED_JOB = "nka_key_accounts.job_key_account_manager"
CLIENTS = (
    "Builders and plants that work on several sites, buy by tender and need one person "
    "who knows their schedule."
)
OFFERED = "Steel, machines and service from one contract, delivered to the site."
PROBATION = "Three months of probation; laptop and phone."
SIGNED = "Signed copy received."
#: Name, target earnings, quota, days until the start, days until the answer.
OFFERS = (
    ("Inga Lebedeva", 6000, 60000, 30, 10),
    ("Mark Danilov", 7500, 75000, 45, 12),
)


# ---------------------------------------------------------------- position
def describe_position(env):
    """Give the managers' position skills, clients and a composed description."""
    job = named(env, "job_manager")
    if job.nka_is_profile:
        return
    shipped = env.ref(SHIPPED_JOB)
    required = shipped.job_skill_ids
    job.write(
        {
            "nka_is_profile": True,
            "nka_niche_client": say(env, CLIENTS),
            "nka_niche_offer": say(env, OFFERED),
            "nka_niche_price_from": price(env, 10000),
            "nka_niche_price_to": price(env, 250000),
        }
    )
    if not job.job_skill_ids:
        job.job_skill_ids = [
            Command.create(
                {
                    "skill_type_id": row.skill_type_id.id,
                    "skill_id": row.skill_id.id,
                    "skill_level_id": row.skill_level_id.id,
                }
            )
            for row in required
        ]
    wizard = env["nka.job.description"].create({"job_id": job.id})
    wizard.action_write()
    # The company had a position of that name before.
    shipped.active = False


# ---------------------------------------------------------------- job offers
def make_offers(env):
    """Issue two job offers as payroll officer, of which one is accepted."""
    offers = env["nka.job.offer"].with_user(login(env, "payroll"))
    for number, (name, target, quota, start, until) in enumerate(OFFERS):
        offer = create_missing(
            offers,
            {
                f"job_offer_{number}": {
                    "name": say(env, name),
                    "job_id": named(env, "job_manager").id,
                    "lang": spoken(env),
                    "target_earnings": wage(env, target),
                    "monthly_quota": price(env, quota),
                    "date_start": ago(env, -start),
                    "date_until": ago(env, -until),
                    "supervisor_id": login(env, "supervisor").id,
                    "note": say(env, PROBATION),
                }
            },
        )
        if offer:
            offer.action_issue()
            if number == 0:
                offer.action_accept(say(env, SIGNED))


# ---------------------------------------------------------------- skills
#: In the order of the seven skills.
LEVELS = {
    ("anna", "self"): "good good good example good good good",
    ("anna", "supervisor"): "good good example good fair example good",
    ("boris", "supervisor"): "fair good fair good weak fair example",
    ("vera", "self"): "weak good fair good good fair good",
}
#: Days since the assessment.
ASSESSED = {
    ("anna", "self"): 18,
    ("anna", "supervisor"): 12,
    ("boris", "supervisor"): 230,
    ("vera", "self"): 4,
}
SUMMARIES = {
    "anna": "English for negotiations until summer; she mentors Vera.",
    "boris": "Minutes on the day of the meeting; cost calculation with finance.",
}
#: By the place of the skill and the level.
REASONS = {
    (
        2,
        "example",
    ): "Calmed the steel mill after the late delivery; the contract was renewed.",
    (4, "weak"): "Offers to foreign clients were written by colleagues.",
}


def assess_skills(env):
    """Assess the managers' skills as themselves and as their supervisor."""
    for (manager, kind), levels in LEVELS.items():
        assessor = login(env, manager if kind == "self" else "supervisor")
        draft = create_missing(
            env["nka.skill.assessment"].with_user(assessor),
            {
                f"assessment_{manager}_{kind}": {
                    "employee_id": named(env, f"employee_{manager}").id,
                    "kind": kind,
                    "date": ago(env, ASSESSED[manager, kind]),
                    "note": kind == "supervisor" and say(env, SUMMARIES[manager]),
                }
            },
        )
        if not draft:
            continue
        rows = zip(draft.line_ids, levels.split(), strict=False)
        for place, (line, level) in enumerate(rows):
            line.skill_level_id = env.ref(f"nka_key_accounts.skill_level_{level}")
            if kind == "supervisor" and (place, level) in REASONS:
                line.reason = say(env, REASONS[place, level])
        # An assessment long ago can't be confirmed with the button.
        draft.sudo()._confirm()
