"""Create documents from files and emails, and move files to new revisions."""

import re

from markupsafe import Markup

from odoo.tools import email_normalize
from odoo.tools.mail import append_content_to_html

from ..trail.opening import open_records

SUBJECTS = {"crm.lead": "lead_id", "nka.key.account": "key_account_id"}


def values_of_file(attachment):
    """Return title and linked record of a document, from a file's name and record.

    :rtype: dict
    """
    file = attachment.sudo()
    values = {"title": file.name}
    if file.res_id and file.res_model in SUBJECTS:
        values[SUBJECTS[file.res_model]] = file.res_id
    return values


def open_form(document):
    """Return the action that opens a document, for clients that run it themselves."""
    return open_records(document, document.display_name, views=[(False, "form")])


def carry_over(document, successor):
    """Copy the submitted files to a new revision.

    Files added since the return were never reviewed and are moved instead.
    """
    files = document._files()
    submitted = files.filtered("nka_digest")
    for file in submitted:
        file.copy({"res_model": document._name, "res_id": successor.id})
    added = files - submitted
    if document.message_main_attachment_id in added:
        document._unlocked().message_main_attachment_id = submitted[:1]
    added.res_id = successor.id


def take_in(document, attachments):
    """Add files to a new document and guess its type.

    Files without a record are moved, others are copied. Users who uploaded the files
    count as makers of the document.
    """
    document._keep_uploaders(_uploaders(attachments))
    target = {"res_model": document._name, "res_id": document.id}
    for attachment in attachments:
        if attachment.res_id:
            attachment.sudo().copy(target)
        else:
            attachment.write(target)
    if not document.type_id:
        document.type_id = _guess_type(document, attachments[:1].name)


def _uploaders(attachments):
    """Return the users who uploaded files or sent them by email; the mail gateway
    stores such files as superuser.

    :rtype: res.users
    """
    files = attachments.sudo()
    messages = files.env["mail.message"]
    letters = messages.search([("attachment_ids", "in", files.ids)])
    return files.create_uid | letters.author_id.user_ids


def _guess_type(document, file_name):
    """Return the type named by a file name, else the only one its deal still needs.

    :param str file_name: e.g. ``Contract 17-2.pdf``
    :rtype: nka.document.type
    """
    wanted = {"lead", "account", "both"}
    if document.lead_id or document.key_account_id:
        wanted.remove("account" if document.lead_id else "lead")
    types = document.env["nka.document.type"].search([("applies_to", "in", [*wanted])])
    words = _words(file_name)
    named = types.filtered(
        lambda kind: _words(kind.code) <= words or _words(kind.name) <= words
    )
    needed = types.browse(_needed_types(document).ids) & types
    return named[:1] or (needed if len(needed) == 1 else types.browse())


def _needed_types(document):
    """Return the types that the deal still lacks for its next stage."""
    deal = document.lead_id.sudo()._gated().with_env(document.env)
    types = document.env["nka.document.type"]
    return deal._missing_for(deal._next_stage()).types if deal else types


def _words(text):
    return set(re.findall(r"[^\W_]+", (text or "").lower()))


def values_of_mail(env, msg_dict):
    """Return the values of a document created from an email.

    The subject can name the document type by its code before a colon, and the client
    after it.

    :rtype: dict
    """
    subject = msg_dict.get("subject") or ""
    code, _colon, rest = subject.rpartition(":")
    code, name = code.strip(), rest.strip()
    person = sender(env, msg_dict)
    values = {"title": name or subject, "author_id": person.id or env.uid}
    types = env["nka.document.type"].sudo()
    if code and (kind := types.search([("code", "=ilike", code)], limit=1)):
        values["type_id"] = kind.id
    if name and person and (account := _account(person, name)):
        values["key_account_id"] = account.id
        if values.get("type_id") and kind.applies_to == "lead":
            # The deal isn't known yet; the author selects it with the type.
            del values["type_id"]
    return values


def sender(env, msg_dict):
    """Return the employee who sent an email; can be empty.

    :rtype: res.users
    """
    address = email_normalize(msg_dict.get("email_from") or "")
    users = env["res.users"].sudo()
    employees = [("email_normalized", "=", address), ("share", "=", False)]
    return users.search(employees, limit=1) if address else users


def _account(person, name):
    """Return an account by its client's name, if the person is manager or deputy."""
    return (
        person.env["nka.key.account"]
        .sudo()
        .search(
            [
                ("partner_id.name", "=ilike", name),
                "|",
                ("manager_id", "=", person.id),
                ("deputy_id", "=", person.id),
            ],
            limit=1,
        )
    )


def leave_out_files(env, msg_dict):
    """Remove the files of an email and add a note to its text, so that a reply isn't
    refused because of an image in its signature.
    """
    note = env._(
        "Not added because the document is locked: %s. Add them to a new revision.",
        ", ".join(file[0] for file in msg_dict["attachments"]),
    )
    msg_dict["attachments"] = []
    msg_dict["body"] = append_content_to_html(
        msg_dict.get("body") or "", Markup("<p>%s</p>") % note, plaintext=False
    )
