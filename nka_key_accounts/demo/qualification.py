"""Qualifications of candidates, and external ratings of clients."""

from .records import load, login


def qualify(env):
    """Score candidates as their managers, approve as supervisor; one is waiting."""
    load(env, "qualification/nka.qualification.csv", score)


def score(qualification, row):
    """Enter one digit per criterion, in order; missing digits leave scores open."""
    lines = qualification.score_ids.sorted()
    for line, digit in zip(lines, row["_scores"], strict=False):
        line.score = digit
    if row["_state"] != "draft":
        qualification.action_submit()
    if row["_state"] == "approved":
        reviewer = login(qualification.env, "supervisor2")
        qualification.with_user(reviewer).action_approve()


def rate(env):
    """Create external ratings: most accepted, some to review, one rejected."""
    load(env, "qualification/nka.credit.rating.csv", review)


def review(rating, row):
    reviewed = rating.with_user(login(rating.env, "supervisor2"))
    if row["_state"] == "accepted":
        reviewed.action_accept()
    elif row["_state"] == "refused":
        reviewed.action_refuse(reason=row["_reason"])
