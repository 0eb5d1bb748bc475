"""Content of a document when it is submitted and approved, for the audit trail.

The digest of a document covers the bytes of its files. Everything else that was
reviewed (author, file names, validity, reviewers) is logged in a separate event, with a
hash over all of it and, in plain text, the values that auditors ask for.
"""

import re

from ..proof.contents import digest_of, values_of

KIND = "content"

DOCUMENT = (
    "name",
    "title",
    "type_id",
    "company_id",
    "author_id",
    "create_uid",
    "description",
    "revision",
    "previous_id",
    "digest",
    "submitted_by_id",
    "submit_date",
    "review_count",
    "is_sampled",
    "approved_by_id",
    "approve_date",
    "valid_until",
    "uploader_ids",
)
FILE = ("name", "mimetype", "type", "url", "nka_digest", "create_uid")
REVIEW = (
    "number",
    "submitted_by_id",
    "submit_date",
    "reviewer_id",
    "verdict",
    "verdict_date",
    "digest",
)


def record(documents):
    """Log the content of documents, which is locked from now on."""
    events = documents.env["nka.audit.event"]
    documents.flush_recordset()
    events._record(
        documents.sudo(),
        KIND,
        new=lambda document: _person(document.author_id),
        note=lambda document: _names(document._files()),
        digest=lambda document: digest_of(_content(document, document._files())),
    )


def contradictions(document, event, files):
    """Compare a locked document with the audit trail.

    :param event: author, file names and hash of the last event of this kind
    :param files: files of the document, in the order they were added
    :return: a message for each contradiction
    """
    env = document.env
    author, names, kept = event
    found, name = [], document.display_name
    if _id_of(author) != document.author_id.id:
        found.append(
            env._(
                "The author of %(document)s is %(person)s, but the audit trail says "
                "%(recorded)s.",
                document=name,
                person=document.author_id.name or "–",
                recorded=author or "–",
            )
        )
    if (now := _names(files)) != names:
        found.append(
            env._(
                "The files of %(document)s are named %(names)s; in the audit trail "
                "they are named %(recorded)s.",
                document=name,
                names=_in_one_line(now),
                recorded=_in_one_line(names),
            )
        )
    if not found and digest_of(_content(document, files)) != kept:
        found.append(
            env._(
                "%s differs from what was reviewed: its content, reviews or validity "
                "don't match the hash in the audit trail.",
                name,
            )
        )
    return found


def _content(document, files):
    """Return everything that was reviewed and decided, as plain JSON."""
    document = document.sudo().with_context(active_test=False)
    return [
        values_of(document, DOCUMENT),
        [values_of(file, FILE) for file in files],
        [values_of(review, REVIEW) for review in document.review_ids.sorted("id")],
    ]


def _person(user):
    return f"{user.name} ({user.id})" if user else None


def _id_of(person):
    """Return the id of a user from a label whose name may have changed since."""
    found = re.search(r"\((\d+)\)$", person or "")
    return int(found[1]) if found else False


def _names(files):
    """Return the names of files, one per line, links with their URL."""
    lines = (
        f"{file.name} → {file.url}" if file.type == "url" else file.name
        for file in files
    )
    return "\n".join(lines) or None


def _in_one_line(names):
    return ", ".join(f"“{line}”" for line in (names or "").splitlines()) or "–"
