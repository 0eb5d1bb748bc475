"""What waits for the supervisors, came back to its author or is still being written."""

from dateutil.relativedelta import relativedelta

from odoo import fields

from ..records import login, named, table
from .dossiers import approve, write

#: States that lie behind an approval.
PASSED = ("approved", "superseded", "expired")


def load(env):
    supervisor = login(env, "supervisor2")
    for row in table("documents/queue.csv"):
        lead = named(env, f"lead_{row['lead']}")
        documents = env["nka.document"].with_user(lead.user_id)
        made = write(documents, f"document_{row['document']}", row["type"], lead)
        if made and row["state"] in PASSED:
            pass_review(made, row["state"], supervisor)
        elif made and row["state"] != "draft":
            made.action_submit()
            return_with(made.with_user(supervisor), row["finding"])


def pass_review(document, state, supervisor):
    """Approve; then let a new revision or the end of its validity take its place."""
    if state == "expired":
        document.valid_until = fields.Date.today() - relativedelta(days=10)
    approve(document, supervisor)
    if state == "expired":
        document.sudo()._cron_expire()
    if state == "superseded":
        successor = document.browse(document.action_new_revision()["res_id"])
        approve(successor, supervisor)


def return_with(document, finding):
    if finding:
        document.action_return([finding])
