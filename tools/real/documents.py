"""Signs off the won deals of key accounts: a contract each, submitted and approved.

The one module of the loader that speaks to ``nka.document``.
"""

from odoo.exceptions import UserError

MODEL = "nka.document"
TYPE = "nka_key_accounts.nka_document_type_contract"
TOLD_EVERY = 10


def load_documents(
    env, checkpoint=lambda: None, progress=lambda title, done, total: None
):
    """Give every won deal of a key account its approved contract.

    The manager of the account submits, its supervisor approves, as in the course of
    work. Deals that have their contract keep it, so a second load adds nothing. A
    refusal costs that one account only.

    :param checkpoint: called after every account
    :param progress: called with (title, done, total) after every ten accounts
    :return: ``(number of documents approved now, refusals in words)``
    """
    approved, refusals, accounts = 0, [], _accounts(env)
    for number, account in enumerate(accounts, 1):
        try:
            with env.cr.savepoint():
                approved += _sign_off(account)
        except UserError as error:
            refusals.append(
                f"{account.display_name} has won deals without contracts: {error}"
            )
        checkpoint()
        if number % TOLD_EVERY == 0 or number == len(accounts):
            progress(f"{MODEL}, accounts", number, len(accounts))
    return approved, refusals


def _accounts(env):
    return env["nka.key.account"].search(
        [
            ("company_id", "=", env.company.id),
            ("state", "=", "key"),
            ("manager_id", "!=", False),
            ("supervisor_id", "!=", False),
        ]
    )


def _sign_off(account):
    """Write, submit and approve what is missing: two people.

    :return: how many contracts were approved
    """
    deals = _deals_without(account)
    documents = account.env[MODEL].with_user(account.manager_id)
    documents = documents.create([_prepare_document(deal) for deal in deals])
    documents.env["ir.attachment"].create(
        [_prepare_file(document, deal) for document, deal in zip(documents, deals)]
    )
    documents.invalidate_recordset(["attachment_ids"])
    documents.action_submit()
    for document in documents.with_user(account.supervisor_id):
        document.check_ids.is_done = True
        document.action_approve()
    return len(documents)


def _deals_without(account):
    won = account.env["crm.lead"].search(
        [("key_account_id", "=", account.id), ("won_status", "=", "won")]
    )
    signed = account.env[MODEL].search([("lead_id", "in", won.ids)]).lead_id
    return won - signed


def _prepare_document(deal):
    return {
        "type_id": deal.env.ref(TYPE).id,
        "lead_id": deal.id,
        "title": f"Contract {deal.name}",
    }


def _prepare_file(document, deal):
    """The source has no papers: the file says what it knows of the deal."""
    lines = (
        f"Deal: {deal.name}",
        f"Client: {deal.partner_id.name}",
        f"Won on: {deal.date_closed:%Y-%m-%d}" if deal.date_closed else "Won",
        f"Value: {deal.expected_revenue:.2f}",
        "The source of this load holds no signed paper.",
    )
    return {
        "name": f"contract-{deal.id}.txt",
        "raw": "\n".join(lines).encode(),
        "res_model": MODEL,
        "res_id": document.id,
    }
