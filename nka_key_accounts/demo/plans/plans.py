"""Account plans of last year and this one, in every state."""

from odoo import Command, fields

from ..records import ago, create_missing, login, named, table

MEASURES = {
    "revenue": "Revenue of the year",
    "wallet": "Our share of his wallet",
    "talks": "Negotiations with his board",
    "deals": "New deals",
}
KEYS = {
    "revenue": "revenue",
    "wallet": "wallet_share",
    "talks": "negotiations",
    "deals": "won_deals",
}


def load(env):
    steps = table("plans/steps.csv")
    for row in table("plans/plans.csv"):
        account = named(env, f"account_{row['client']}")
        plans = env["nka.account.plan"].with_user(account.manager_id)
        own = [step for step in steps if step["plan"] == row["plan"]]
        vals = prepare_plan(env, row, account, own)
        made = create_missing(plans, {f"plan_{row['plan']}": vals})
        if made:
            decide(env, made, row, own)
    env["nka.account.plan"]._cron_close_years()


def prepare_plan(env, row, account, steps):
    return {
        "key_account_id": account.id,
        "year": fields.Date.context_today(account).year - int(row["back"]),
        "vision": f"<p>{row['vision']}</p>",
        "objective_ids": [
            Command.create(
                {"name": name, "measure": KEYS[key], "target": float(row[key])}
            )
            for key, name in MEASURES.items()
        ],
        "action_ids": [
            Command.create(
                {
                    "name": step["action"],
                    "user_id": login(env, step["owner"]).id,
                    "date_due": ago(env, int(step["due"])),
                }
            )
            for step in steps
        ],
    }


def decide(env, plan, row, steps):
    """Bring it to the state of its row the way people do."""
    if row["state"] == "draft":
        return
    plan.action_submit()
    if row["state"] == "submitted":
        return
    plan.with_user(login(env, "supervisor")).action_approve()
    done = {step["action"] for step in steps if step["done"]}
    plan.action_ids.filtered(lambda step: step.name in done).action_done()
