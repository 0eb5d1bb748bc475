"""Candidates scored by their managers, and what credit agencies say of the clients."""

from .records import load, login


def qualify(env):
    """Managers score their candidates, a supervisor approves; one is still waiting."""
    load(env, "qualification/nka.qualification.csv", score)


def score(qualification, row):
    """One digit a criterion, in their order; fewer digits leave the rest open."""
    lines = qualification.score_ids.sorted()
    for line, digit in zip(lines, row["_scores"], strict=False):
        line.score = digit
    if row["_state"] != "draft":
        qualification.action_submit()
    if row["_state"] == "approved":
        reviewer = login(qualification.env, "supervisor2")
        qualification.with_user(reviewer).action_approve()


def rate(env):
    """Most ratings accepted by a supervisor, some wait, one was of somebody else."""
    load(env, "qualification/nka.credit.rating.csv", review)


def review(rating, row):
    reviewed = rating.with_user(login(rating.env, "supervisor2"))
    if row["_state"] == "accepted":
        reviewed.action_accept()
    elif row["_state"] == "refused":
        reviewed.action_refuse(reason=row["_reason"])
