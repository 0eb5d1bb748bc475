"""What the company owes its managers, and the director's pages about them.

Anna's promises are kept, and one is confirmed; Boris waits for an assistant and says
that the equipment isn't complete; Gleb, who leaves, was promised a review of terms that
never took place.
"""

from .language import say, wage
from .records import ago, create_missing, login, named

NOTICE = (
    "Directors see one page for each key account manager: tenure, totals of pay, promises, "
    "accounts, revenue and reports, how much revenue depends on them, and mentees. It helps "
    "us keep our people; nothing on it affects pay. You read your own page under Pay."
)
INFORMED_DAYS = 120
#: Manager, name, type, owner, title, details, days since it was made, days until due.
PROMISES = (
    (
        "anna",
        "training",
        "training",
        "marketing",
        "Negotiation training, level 2",
        "Three days in spring, at the company's cost.",
        150,
        -40,
    ),
    (
        "anna",
        "terms",
        "terms",
        "supervisor",
        "Review of terms after the year's close",
        "Target earnings and quota, with the figures of the year.",
        60,
        45,
    ),
    (
        "boris",
        "assistant",
        "assistant",
        "supervisor",
        "Assistant for tenders, half a day a week",
        "",
        130,
        -25,
    ),
    (
        "boris",
        "equipment",
        "equipment",
        "kam_admin",
        "Laptop and phone for work at clients",
        "",
        90,
        -30,
    ),
    (
        "vera",
        "mentor",
        "training",
        "supervisor2",
        "Two visits to clients with Anna each month",
        "",
        50,
        20,
    ),
    (
        "gleb",
        "terms",
        "terms",
        "supervisor",
        "Review of terms after two years",
        "Promised when the second year began.",
        200,
        -70,
    ),
)
#: Reported as kept: how, and the manager's objection.
KEPT = {
    "anna_training": ("Course of three days, certificate in the messages.", ""),
    "boris_equipment": ("Laptop handed over.", "The phone is still missing."),
}
MARKET_PAY = "8200"
MARKET = {
    "name": "Key account manager, business clients",
    "source": "Pay survey of the industry association, this year's edition, p. 31.",
}
MARKET_DAYS = 80


def promise(env):
    """Make the promises, report some as kept and let the managers answer."""
    for manager, name, kind, owner, title, note, made, due in PROMISES:
        key = f"{manager}_{name}"
        promises = env["nka.promise"].with_user(login(env, "supervisor"))
        new = create_missing(
            promises,
            {
                f"promise_{key}": {
                    "name": say(env, title),
                    "kind": kind,
                    "employee_id": named(env, f"employee_{manager}").id,
                    "owner_id": login(env, owner).id,
                    "date_due": ago(env, -due),
                    "note": note and say(env, note),
                }
            },
        )
        new.sudo()._unlocked().write({"date_made": ago(env, made)})
        if new and key in KEPT:
            evidence, objection = KEPT[key]
            new.with_user(login(env, owner)).action_keep(say(env, evidence))
            answering = new.with_user(login(env, manager))
            if objection:
                answering.action_dispute(say(env, objection))
            else:
                answering.action_confirm()


def show_pages(env):
    """Inform the staff, so that directors see the pages, and confirm a market figure."""
    env.company.write(
        {
            "nka_pages_informed_on": ago(env, INFORMED_DAYS),
            "nka_pages_notice": say(env, NOTICE),
            "nka_pages_kept": True,
        }
    )
    figures = env["nka.pay.market"].with_user(login(env, "payroll"))
    figure = create_missing(
        figures,
        {
            "pay_market_manager": {
                **{fname: say(env, text) for fname, text in MARKET.items()},
                "amount": wage(env, MARKET_PAY),
                "date": ago(env, MARKET_DAYS),
            }
        },
    )
    if figure:
        figure.action_submit()
        figure.with_user(login(env, "kam_admin")).action_approve()
