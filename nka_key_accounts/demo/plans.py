"""Account plans of last year and this year, in every state."""

from odoo import Command

from .language import price, say
from .records import ago, create_missing, login, named, table

#: Measure and name of each objective, by the column of its target.
OBJECTIVES = {
    "revenue": ("revenue", "Revenue of the year"),
    "wallet": ("wallet_share", "Our share of wallet"),
    "talks": ("negotiations", "Negotiations with the board"),
    "deals": ("won_deals", "New deals"),
}


def fill_whitespace(env):
    """Fill in what clients buy, as the nightly job does."""
    env["nka.whitespace.line"]._cron_fill()


def close_years(env):
    """Close the plans of last year, as the nightly job does."""
    env["nka.account.plan"]._cron_close_years()


def draw_up(env):
    steps = table(env, "plans/steps.csv")
    for row in table(env, "plans/plans.csv"):
        account = named(env, f"account_{row['client']}")
        own = [step for step in steps if step["plan"] == row["plan"]]
        made = create_missing(
            env["nka.account.plan"].with_user(account.manager_id),
            {f"plan_{row['plan']}": prepare_plan(account, row, own)},
        )
        if made:
            decide(made, row, own)


def prepare_plan(account, row, steps):
    env = account.env
    objectives = [
        {
            "name": say(env, name),
            "measure": measure,
            "target": target(env, column, row[column]),
        }
        for column, (measure, name) in OBJECTIVES.items()
    ]
    actions = [
        {
            "name": step["action"],
            "user_id": login(env, step["owner"]).id,
            "date_due": ago(env, int(step["due"])),
        }
        for step in steps
    ]
    return {
        "key_account_id": account.id,
        "year": ago(env, 0).year - int(row["back"]),
        "vision": f"<p>{row['vision']}</p>",
        "objective_ids": [Command.create(vals) for vals in objectives],
        "action_ids": [Command.create(vals) for vals in actions],
    }


def target(env, column, amount):
    return price(env, amount) if column == "revenue" else float(amount)


def decide(plan, row, steps):
    """Bring a plan to the state of its row, by user actions."""
    if row["state"] == "draft":
        return
    plan.action_submit()
    if row["state"] == "submitted":
        return
    plan.with_user(login(plan.env, "supervisor")).action_approve()
    done = {step["action"] for step in steps if step["done"]}
    plan.action_ids.filtered(lambda action: action.name in done).action_done()
