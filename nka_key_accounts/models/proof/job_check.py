"""Check of the scheduled jobs that number, verify and sign events."""

from datetime import timedelta

from odoo import fields

#: The jobs by external id, with the code they run.
JOBS = {
    "nka_key_accounts.ir_cron_nka_audit_sequence": "model._cron_sequence()",
    "nka_key_accounts.ir_cron_nka_audit_seal": "model._cron_seal()",
    "nka_key_accounts.ir_cron_nka_audit_verify": "model._cron_verify()",
}
#: A scheduled job that is later than this counts as not running.
LATEST_JOB = timedelta(hours=36)


def job_warnings(env):
    """Return a message per job that is missing, changed, inactive or late.

    :rtype: list[str]
    """
    ids = {xml_id: env["ir.model.data"]._xmlid_to_res_id(xml_id) for xml_id in JOBS}
    jobs = env["ir.cron"].sudo().browse(filter(None, ids.values())).exists()
    by_id = {job.id: job for job in jobs}
    found = (_warning(env, name, by_id.get(ids[name])) for name in JOBS)
    return list(filter(None, found))


def _warning(env, xml_id, job):
    if not job:
        return env._("The scheduled job %s is missing.", xml_id)
    if not job.active:
        return env._("The scheduled job “%s” is inactive.", job.name)
    if job.state != "code" or (job.code or "").strip() != JOBS[xml_id]:
        return env._(
            "The scheduled job “%s” was changed: it runs different code.", job.name
        )
    if fields.Datetime.now() - job.nextcall > LATEST_JOB:
        return env._(
            "The scheduled job “%(job)s” should have run on %(date)s.",
            job=job.name,
            date=fields.Datetime.to_string(job.nextcall),
        )
    return None
