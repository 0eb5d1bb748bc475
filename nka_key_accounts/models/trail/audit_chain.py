"""The formula of the audit chain: plain functions, no database.

A formula is never changed: a new one gets the next version, and links of older
versions stay verifiable by theirs.
"""

import hashlib
import json

CHAIN_VERSION = 1

#: What the digest of version 1 covers, besides version, sequence and previous digest.
HASHED_FIELDS = (
    "company_id",
    "date",
    "user_id",
    "user_name",
    "kind",
    "res_model",
    "res_id",
    "res_name",
    "key_account_ref",
    "lead_ref",
    "old",
    "new",
    "note",
    "file_digest",
    "origin",
)

#: The same as columns of a statement, the date in the words that are hashed.
HASHED_COLUMNS = ", ".join(
    "to_char(date, 'YYYY-MM-DD HH24:MI:SS')" if name == "date" else f'"{name}"'
    for name in HASHED_FIELDS
)


def link_digest(version, seq, previous, values):
    """SHA-256 of one link over canonical JSON: sorted keys, no spaces, UTF-8.

    :param int version: version of the formula, kept as a prefix of the result
    :param int seq: position in the company's chain, from 1
    :param str previous: digest of the link before, empty for the first
    :param dict values: the hashed fields as stored (strings, integers, None)
    """
    canonical = json.dumps(
        {**values, "seq": seq, "previous": previous, "version": version},
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return f"v{version}${hashlib.sha256(canonical.encode()).hexdigest()}"
