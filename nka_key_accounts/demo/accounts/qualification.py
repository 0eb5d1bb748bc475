"""Managers judge their candidates, a supervisor approves; one is still waiting."""

from ..records import create_missing, login, named, table


def load(env):
    for row in table("accounts/qualifications.csv"):
        account = named(env, f"account_{row['client']}")
        model = env["nka.qualification"].with_user(account.manager_id)
        vals = {f"qualification_{row['client']}": prepare_qualification(account, row)}
        made = create_missing(model, vals)
        if made:
            score(made, row["scores"])
            bring_to(made, row["state"], login(env, "supervisor2"))


def prepare_qualification(account, row):
    return {
        "key_account_id": account.id,
        "credit_rating": row["rating"] or False,
        "rating_source": row["rating"] and "Credit agency",
        "credit_limit": float(row["limit"] or 0),
        "verdict": row["verdict"] or False,
        "verdict_reason": row["reason"] or False,
    }


def score(qualification, digits):
    """One digit a criterion, in their order; fewer digits leave the rest open."""
    for line, digit in zip(qualification.score_ids.sorted(), digits, strict=False):
        line.score = digit


def bring_to(qualification, state, reviewer):
    if state in ("submitted", "approved"):
        qualification.action_submit()
    if state == "approved":
        qualification.with_user(reviewer).action_approve()
