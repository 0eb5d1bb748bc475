"""The access map of the addon for recruitment, as in ``tests/whole/doors_map.py``."""

from ..whole import doors_map

#: In this order in every table.
ROLES = (*doors_map.ROLES, "recruiter", "interviewer", "director")

#: Public methods that applicants have besides those of every model.
VERBS = (
    *doors_map.VERBS,
    (
        "opens",
        """
        action_create_meeting action_job_add_applicants action_open_applications
        action_open_attachments action_open_employee action_print_survey
        action_send_email action_talent_pool_add_applicants
        action_talent_pool_stat_button
    """,
    ),
    (
        "steps",
        """
        action_add_to_job action_open_trail action_send_survey archive_applicant
        create_employee_from_applicant link_applicant_to_talent reset_applicant
    """,
    ),
)

EXCEPTIONS = {}

#: What each role gets by reading a planted row, in the order of ROLES.
ROWS = """
hr.applicant                          ..........aaa
nka.applicant.claim                   ..........aaa
nka.applicant.claim.check             ..........aaa
nka.applicant.claim.decision          .............
nka.applicant.comparison              .............
nka.owner.decision                    ..........a.a
"""
