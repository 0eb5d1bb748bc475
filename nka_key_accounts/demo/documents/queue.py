"""What waits for the supervisors, came back to its author or is still being written."""

from ..records import login, named, table
from .dossiers import approve, write


def load(env):
    supervisor = login(env, "supervisor2")
    for row in table("documents/queue.csv"):
        lead = named(env, f"lead_{row['lead']}")
        documents = env["nka.document"].with_user(lead.user_id)
        made = write(documents, f"document_{row['document']}", row["type"], lead)
        if made and row["state"] == "approved":
            approve(made, supervisor)
        elif made and row["state"] != "draft":
            made.action_submit()
            return_with(made.with_user(supervisor), row["finding"])


def return_with(document, finding):
    if finding:
        document.action_return([finding])
