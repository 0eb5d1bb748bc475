"""Hash formula of the audit chain: plain functions without database access.

A formula is never changed. A new one gets the next version number, and events of
older versions stay verifiable with the formula of their version.
"""

import hashlib
import json

CHAIN_VERSION = 1

#: Fields covered by the hash of version 1, besides version, number and previous hash.
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

#: The same fields as SQL columns; the date is formatted as it is hashed.
HASHED_COLUMNS = ", ".join(
    "to_char(date, 'YYYY-MM-DD HH24:MI:SS')" if name == "date" else f'"{name}"'
    for name in HASHED_FIELDS
)


def link_digest(version, seq, previous, values):
    """Return the SHA-256 hash of one event over canonical JSON.

    The JSON has sorted keys, no spaces and UTF-8 encoding.

    :param int version: version of the formula, stored as a prefix of the result
    :param int seq: position in the company's chain, from 1
    :param str previous: hash of the event before, empty for the first one
    :param dict values: the hashed fields as stored (strings, integers, None)
    :return: ``v<version>$<hexadecimal hash>``
    :rtype: str
    """
    canonical = json.dumps(
        {**values, "seq": seq, "previous": previous, "version": version},
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return f"v{version}${hashlib.sha256(canonical.encode()).hexdigest()}"
