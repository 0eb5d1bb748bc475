"""What records say, as plain JSON and its digest; and the same against the trail.

The trail keeps a digest of what was submitted or approved (``file_digest`` of the event).
A model that pays says in ``_content`` what that is, a room compares it here: all records
of a company with a few queries, in batches.
"""

import hashlib
import json
from datetime import date, datetime, timedelta

from odoo.fields import Domain
from odoo.tools import SQL, format_date, format_datetime

VERSION = "c1"
BATCH = 500
#: Decimals of a number whose precision is a setting of the database.
SETTING_DECIMALS = 6
#: A step writes its moment a little before its event, in a long step minutes before.
TOLERANCE = timedelta(minutes=15)


# ---------------------------------------------------------------- what a record says
def digest_of(content, version=VERSION):
    """Version-prefixed SHA-256 over canonical, sorted JSON.

    >>> digest_of(["a"]) == digest_of(["a"]) != digest_of(["b"])
    True
    """
    text = json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str
    )
    return f"{version}${hashlib.sha256(text.encode()).hexdigest()}"


def values_of(record, names):
    """Values of some fields as plain JSON, in this order; the same in any language.

    Amounts have four decimals whatever the currency, so that no environment matters.
    """
    return [plain_value(record._fields[name], record[name]) for name in names]


def plain_value(field, value):
    """A value of a field as plain JSON."""
    if field.type == "many2one":
        return value.id or None
    if field.type in ("one2many", "many2many"):
        return sorted(value.ids)
    if field.type == "monetary":
        return f"{value + 0.0:.4f}"
    if field.type == "float":
        return _plain_number(value, field._digits)
    if field.type in ("date", "datetime"):
        return str(value) if value else None
    if field.type in ("boolean", "integer", "json"):
        return value
    return value or None


def _plain_number(value, digits):
    """A number with the decimals of its field; with six where these are a setting, for a
    setting may be changed and the number stays the same.
    """
    if not digits:
        return repr(value)
    decimals = SETTING_DECIMALS if isinstance(digits, str) else digits[1]
    return f"{value + 0.0:.{decimals}f}"


# ---------------------------------------------------------------- against the trail
def recorded(env, model, ids, states):
    """The last event by which each of these records came into one of ``states``.

    :return: ``{record id: (digest, user id, moment, state)}``
    """
    if not ids:
        return {}
    rows = env.execute_query(
        SQL(
            """SELECT DISTINCT ON (res_id) res_id, file_digest, user_id, date, new
                 FROM nka_audit_event
                WHERE res_model = %s AND res_id = ANY(%s) AND kind = 'state'
                  AND new = ANY(%s)
                ORDER BY res_id, id DESC""",
            model,
            list(ids),
            list(states),
        )
    )
    return {res_id: tuple(rest) for res_id, *rest in rows}


def in_batches(records, company, *terms):
    """Records of a company, some at a time, in constant memory.

    :param records: empty recordset of the model
    :param terms: further terms of a domain
    """
    env = records.sudo().with_context(active_test=False).env
    domain = Domain("company_id", "=", company.id) & Domain(list(terms))
    last = 0
    while batch := env[records._name].search(
        domain & Domain("id", ">", last), order="id", limit=BATCH
    ):
        yield batch
        last = batch[-1].id
        env.invalidate_all(flush=False)


def contradictions(records, states):
    """Where records say something else than the digest that the trail keeps of them.

    :param records: of one model with ``_content``; only those in ``states`` are asked
    :return: how many have a digest in the trail, and a sentence for each that differs
    """
    env = records.env
    own = records.filtered(lambda record: record.state in states)
    events = recorded(env, own._name, own.ids, states)
    known = {
        res_id: (digest, state)
        for res_id, (digest, _user_id, _when, state) in events.items()
        if (digest or "").startswith(f"{VERSION}$")
    }
    own = own.filtered(lambda record: record.id in known)
    contents, found = own._content(), []
    for record in own:
        digest, state = known[record.id]
        if digest_of(contents[record.id]) != digest:
            found.append(
                env._(
                    "%(record)s differs from what was recorded at “%(state)s”: its "
                    "content doesn't match the hash in the audit trail.",
                    record=record.display_name,
                    state=_state_label(record, state),
                )
            )
    return len(own), found


def misnamed(records, steps):
    """Where records name another person or another moment of a step than the trail.

    :param steps: ``(state, field of the person, field of the moment)``; a field may be
        None
    :return: a sentence for each
    """
    found = []
    for state, person, moment in steps:
        events = recorded(records.env, records._name, records.ids, [state])
        for record in records:
            if record.id in events:
                _digest, user_id, when, _state = events[record.id]
                found += _other_person(record, state, person, user_id)
                found += _other_moment(record, state, moment, when)
    return found


def _state_label(record, state):
    selection = record._fields["state"]._description_selection(record.env)
    return dict(selection).get(state, state)


def _other_person(record, state, field, user_id):
    if not field or not record[field] or record[field].id == user_id:
        return []
    env = record.env
    return [
        env._(
            "%(record)s gives %(person)s for “%(state)s”, but the audit trail says "
            "%(recorded)s.",
            record=record.display_name,
            person=record[field].name,
            state=_state_label(record, state),
            recorded=env["res.users"].browse(user_id).name,
        )
    ]


def _other_moment(record, state, field, when):
    kept = field and record[field]
    if not kept or _is_near(kept, when):
        return []
    env = record.env
    shown = format_datetime if isinstance(kept, datetime) else format_date
    return [
        env._(
            "%(record)s gives %(day)s for “%(state)s”, but the audit trail says "
            "%(recorded)s.",
            record=record.display_name,
            day=shown(env, kept),
            state=_state_label(record, state),
            recorded=shown(env, when if isinstance(kept, datetime) else when.date()),
        )
    ]


def _is_near(kept, when):
    """Whether a day or a moment is that of an event."""
    if isinstance(kept, datetime):
        return abs(kept - when) <= TOLERANCE
    # A day is that of somebody's time zone.
    return isinstance(kept, date) and abs((kept - when.date()).days) <= 1
