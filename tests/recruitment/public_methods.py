"""All public methods that the addon for recruitment adds, by model.

``tests/recruitment/test_whole.py`` fails for a method that isn't listed, for a listed
one that no longer exists, and if not exactly the listed roles can read a model.
"""

#: As in ``tests/whole/public_methods.py``; further roles: recruiter, interviewer and
#: director.
PUBLIC = {
    "hr.applicant": (
        "recruiter interviewer director",
        """
        action_nka_compare action_nka_drop_note action_nka_keep_note
        action_nka_open_claims
        """,
    ),
    "hr.job": ("user", "action_nka_compare"),
    "nka.applicant.claim": (
        "recruiter interviewer director",
        "action_check action_decide action_reopen",
    ),
    "nka.applicant.claim.decision": ("recruiter", "action_apply"),
    "nka.applicant.comparison": ("recruiter interviewer director", "action_print"),
    "nka.owner.decision": ("recruiter director", "action_remove"),
}
