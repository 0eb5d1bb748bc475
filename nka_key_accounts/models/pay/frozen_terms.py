"""What the database itself keeps of agreements that were accepted and of frozen goals."""

#: What the employee agrees to; fixed from the proposal on.
TERM_FIELDS = (
    "employee_id",
    "company_id",
    "plan_id",
    "target_earnings",
    "monthly_quota",
    "draw",
    "recovery_rate",
    "floor",
    "date_from",
    "date_to",
)

#: What follows from the terms; nobody sets it by hand.
RESOLVED_FIELDS = ("version_id", "rate")
#: What proposing and accepting leave on an agreement.
STEP_FIELDS = (
    "digest",
    "proposed_by_id",
    "proposed_date",
    "accepted_by_id",
    "accepted_date",
)

#: The database lets an accepted agreement get its end, nothing else.
AGREEMENT = (
    *(name for name in TERM_FIELDS if name != "date_to"),
    *RESOLVED_FIELDS,
    *STEP_FIELDS,
)

#: What a goal asks for.
GOAL_TERMS = ("season_id", "employee_id", "kpi_id", "target", "zero_value")

#: What measuring a goal finds out.
GOAL_RESULTS = ("actual", "is_measured", "attainment", "score", "proportion")
#: What the database keeps of a frozen goal: what pay was calculated from.
GOAL = (
    *GOAL_TERMS,
    "company_id",
    "weight",
    *GOAL_RESULTS,
    "decision",
    "decision_reason",
    "evidence",
)
