"""Three applicants for a key account manager, and the recruiter who talks to them.

Katja wants to lead a team, Mikhail to found a business, and Sven has just applied.
"""

from odoo import Command
from odoo.addons.nka_key_accounts.demo.records import login, named

from .language import say, spoken

MODULE = "nka_key_accounts_recruitment"
FORM = f"{MODULE}.survey_key_account_manager"
LEVELS = ("weak", "fair", "good", "example")
SKILLS = (
    "business",
    "erudition",
    "stress",
    "appearance",
    "languages",
    "documents",
    "ambition",
)
#: Name, applicant, stage, levels of the seven skills, mark, answer about five years.
APPLICANTS = (
    (
        "katja",
        "Katja Lorenz",
        "hr_recruitment.stage_job3",
        (3, 2, 3, 3, 2, 4, 3),
        False,
        "Head of a small team for industry clients, with two managers whom I trained.",
    ),
    (
        "mikhail",
        "Mikhail Petrov",
        "hr_recruitment.stage_job3",
        (4, 3, 3, 4, 3, 3, 4),
        True,
        "With my own business: a small agency for packaging, with clients of my own.",
    ),
    (
        "sven",
        "Sven Aalto",
        "hr_recruitment.stage_job1",
        (2, 2, 2, 3, 4, 2, 3),
        False,
        "I can't say yet. I want to learn how large contracts come about.",
    ),
)
#: What they wrote about each skill, in the order of the applicants.
ANSWERS = {
    "business": (
        "A bakery chain. Most of its costs were energy, so we sold a service contract "
        "instead of ovens.",
        "A producer of furniture. We took over their stock of packaging, and their "
        "warehouse became half as large.",
        "A bicycle shop. It earned with repairs, not with bicycles.",
    ),
    "erudition": (
        "A history of glass. It began a conversation with the head of a glassworks.",
        "Books on negotiation in Asia, before our first talk in Shenzhen.",
        "A course on renewable energy.",
    ),
    "stress": (
        "A delivery was missing on a Saturday. I listened, called our warehouse and came "
        "back with a time. They ordered again in spring.",
        "The client shouted about a price. I asked what had happened; their own budget "
        "had been cut. We agreed on two steps.",
        "I said that I would call back on Monday, and did.",
    ),
    "appearance": (
        "I read their annual report and prepare one question about it.",
        "Good morning, Petrov. Thank you for the time; I have one proposal and ten "
        "minutes.",
        "I would introduce myself and our company.",
    ),
    "languages": (
        "English and Polish; I read French.",
        "English, and Chinese for small talk.",
        "Finnish, Swedish, English and German.",
    ),
    "documents": (
        "Minutes on the same evening. Once they settled a dispute about a discount.",
        "I use templates. Our offer was the only complete one in a tender.",
        "I make a list of what is missing.",
    ),
    "ambition": (
        "I learned Polish to win one client. The next aim is to lead people.",
        "I opened the market of two regions on my own. The next aim is a whole country.",
        "I ran a marathon.",
    ),
}


def hire_recruiter(env):
    """Create the recruiter, who is also HR and turns applicants into employees."""
    groups = (
        "base.group_user",
        "hr_recruitment.group_hr_recruitment_user",
        "hr.group_hr_user",
    )
    name = say(env, "Nina Brandt")
    load(
        env["res.users"],
        "user_recruiter",
        {
            "name": name,
            "login": "recruiter",
            "lang": spoken(env),
            "password": "recruiter",
            "email": "nina.brandt@nordwind.example",
            "group_ids": [Command.set([env.ref(group).id for group in groups])],
        },
    )
    # While the addon is installed, Odoo saves the user before it saves their groups, and
    # only internal users can be notified in Odoo.
    env.ref(f"{MODULE}.demo_user_recruiter").notification_type = "inbox"


def apply(env):
    """Enter the applicants with their skills, as the recruiter."""
    job = named(env, "job_manager")
    job.survey_id = job.survey_id or env.ref(FORM)
    recruiter = env.ref(f"{MODULE}.demo_user_recruiter")
    for name, person, stage, levels, _flag, _plan in APPLICANTS:
        load(
            env["hr.applicant"].with_user(recruiter),
            f"applicant_{name}",
            {
                "partner_name": say(env, person),
                "email_from": f"{name}@applicants.example",
                "job_id": job.id,
                "company_id": env.company.id,
                "stage_id": env.ref(stage).id,
                "user_id": recruiter.id,
                "interviewer_ids": [Command.set(login(env, "anna").ids)],
                "applicant_skill_ids": [
                    Command.create(prepare_skill(env, skill, level))
                    for skill, level in zip(SKILLS, levels, strict=True)
                ],
            },
        )


def answer(env):
    """Fill in the interview form for each, and let the recruiter read the answers."""
    form = env.ref(FORM)
    recruiter = env.ref(f"{MODULE}.demo_user_recruiter")
    for place, (name, _person, _stage, _levels, flag, plan) in enumerate(APPLICANTS):
        applicant = env.ref(f"{MODULE}.demo_applicant_{name}")
        if applicant.response_ids:
            continue
        filled = form._create_answer(
            partner=applicant.partner_id, applicant_id=applicant.id
        )
        filled._mark_in_progress()
        for skill in SKILLS:
            question = env.ref(f"{MODULE}.survey_question_{skill}")
            filled._save_lines(question, say(env, ANSWERS[skill][place]))
        five_years = env.ref(f"{MODULE}.survey_question_five_years")
        filled._save_lines(five_years, say(env, plan))
        filled._mark_done()
        if flag:
            applicant.with_user(recruiter).nka_owner_flag = True


def prepare_skill(env, skill, level):
    skill = env.ref(f"nka_key_accounts.skill_{skill}")
    reached = env.ref(f"nka_key_accounts.skill_level_{LEVELS[level - 1]}")
    return {
        "skill_type_id": skill.skill_type_id.id,
        "skill_id": skill.id,
        "skill_level_id": reached.id,
    }


def load(model, name, vals):
    """Create the record of this addon's demo with that name, if there is none yet."""
    if model.env.ref(f"{MODULE}.demo_{name}", raise_if_not_found=False):
        return
    xml_id = f"{MODULE}.demo_{name}"
    model._load_records([{"xml_id": xml_id, "values": vals, "noupdate": True}])
