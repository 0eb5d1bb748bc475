"""What installation and removal do besides the data."""


def post_init_hook(env):
    """Use the interview form for the position that the first addon brings.

    A form that the company has chosen for it stays.
    """
    job = env.ref("nka_key_accounts.job_key_account_manager", raise_if_not_found=False)
    form = env.ref("nka_key_accounts_recruitment.survey_key_account_manager")
    if job and not job.survey_id:
        job.survey_id = form


def uninstall_hook(env):
    """Delete the files of checks of claims: Odoo drops only the tables."""
    files = env["ir.attachment"].with_context(active_test=False)
    files.search([("res_model", "=like", "nka.applicant.%")]).unlink()
