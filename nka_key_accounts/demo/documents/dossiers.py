"""What the gates ask for: every deal that moves on has its documents approved."""

from ..leads.creation import TABLE
from ..records import create_missing, login, named, table
from .files import page

#: Documents of the account that a deal needs to leave its first stage.
ACCOUNT_TYPES = ("client_card", "credit_check")
#: Documents of the deal itself, by the stage it reaches.
DEAL_TYPES = {"proposition": ("offer",), "won": ("offer", "contract")}


def load(env):
    rows = [row for row in table(TABLE) if row["owner"] and row["stage"] != "new"]
    reviewer = login(env, "supervisor")
    for row in rows:
        lead = named(env, f"lead_{row['lead']}")
        documents = env["nka.document"].with_user(login(env, row["owner"]))
        account = lead.key_account_id
        for kind in ACCOUNT_TYPES if account else ():
            client = account.partner_id.get_external_id()[account.partner_id.id]
            name = f"document_{kind}_{client.rpartition('_')[2]}"
            approve(write(documents, name, kind, account), reviewer)
        for kind in DEAL_TYPES.get(row["stage"], ()):
            name = f"document_{kind}_{row['lead']}"
            approve(write(documents, name, kind, lead), reviewer)


def write(documents, name, kind, subject):
    """A draft with one file about an account or a deal, unless it is there.

    :param documents: the empty recordset, as the author
    :param str kind: end of the external id of the type
    """
    link = "lead_id" if subject._name == "crm.lead" else "key_account_id"
    kind = documents.env.ref(f"nka_key_accounts.nka_document_type_{kind}").sudo()
    title = f"{kind.name}: {subject.display_name}"
    vals = {"type_id": kind.id, "title": title, link: subject.id}
    made = create_missing(documents, {name: vals})
    if made:
        attach(made, title, kind.item_ids.mapped("name"))
    return made


def attach(document, title, lines):
    client = document.sudo().partner_id.commercial_partner_id.name
    document.env["ir.attachment"].create(
        {
            "name": f"{document.name.replace('/', '-')}.pdf",
            "raw": page(title, [client, *lines]),
            "res_model": document._name,
            "res_id": document.id,
        }
    )


def approve(document, reviewer):
    """Submit as the author; the reviewer goes through the checklist and approves."""
    if not document:
        return
    document.action_submit()
    reviewed = document.with_user(reviewer)
    reviewed.check_ids.is_done = True
    reviewed.action_approve()
