"""Deadlines of documents: late reviews and answers, and the end of validity."""

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.fields import Domain

from ..trail.roles import SUPERVISOR

OVERDUE = "nka_key_accounts.mail_activity_type_document_overdue"
RENEW = "nka_key_accounts.mail_activity_type_renew_document"


def escalate(documents):
    """Notify a supervisor of each overdue review or answer, once."""
    people, notes = {}, {}
    for document in documents:
        reviewing = document.state == "submitted"
        late = document.reviewer_id if reviewing else document.author_id
        people[document.id] = _level_up(document, late).id
        notes[document.id] = document.env._(
            "%(person)s missed the deadline of %(date)s.",
            person=late.name or document.env._("No reviewer assigned"),
            date=document.deadline,
        )
    documents._raise_activities(OVERDUE, people, notes=notes, is_mailed=True)


def _level_up(document, person):
    """Return a supervisor other than the person: their superior, else the account's,
    else another one.
    """
    superior = person.sudo().employee_id.parent_id.user_id
    account = document.sudo().key_account_id.supervisor_id
    others = person._nka_holders(SUPERVISOR, document.company_id, apart_from=person)
    return ((superior | account | others) & others)[:1]


def expire(documents):
    """Expire documents past their validity, and remind authors of those close to it.

    :param documents: the model; all approved documents are searched
    """
    today = fields.Date.context_today(documents)
    valid = Domain("state", "=", "approved") & Domain("valid_until", "!=", False)
    ended = documents.search(valid & Domain("valid_until", "<", today))
    if ended:
        ended._move_to("expired")
    current = valid & Domain("valid_until", ">=", today)
    ending = documents.search(current & _is_ending(documents, today))
    if not ending:
        return
    ending -= documents.search([("previous_id", "in", ending.ids)]).previous_id
    ending._raise_activities(
        RENEW,
        {document.id: document.author_id.id for document in ending},
        {document.id: document.valid_until for document in ending},
        is_mailed=True,
    )


def _is_ending(documents, today):
    """Return the condition that the author is to be reminded of the end of validity."""
    kinds = documents.env["nka.document.type"].sudo().with_context(active_test=False)
    by_warning = kinds.search([]).grouped("warning_days")
    of_no_type = Domain("type_id", "=", False) & Domain("valid_until", "<=", today)
    return of_no_type | Domain.OR(
        Domain("type_id", "in", found.ids)
        & Domain("valid_until", "<=", today + relativedelta(days=days))
        for days, found in by_warning.items()
    )
