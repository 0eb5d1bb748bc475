"""Content of records as plain JSON, its hash, and the comparison with the audit trail.

Events store a hash of what was submitted or approved (``file_digest``). A model that
determines pay returns that content from ``_content``. Rooms compare all records of a
company with the functions below: in batches, with a few queries each.
"""

import hashlib
import json
from datetime import date, datetime, timedelta

from odoo.fields import Domain
from odoo.tools import SQL, format_date, format_datetime

from .scope import domain_in_scope, scope_of

VERSION = "c1"
BATCH = 1000
#: Decimals of a float field whose precision is configurable in the database.
SETTING_DECIMALS = 6
#: The time stored on a record is slightly earlier than its event, in a long transaction
#: by minutes.
TOLERANCE = timedelta(minutes=15)


# ---------------------------------------------------------------- content of a record
def digest_of(content, version=VERSION):
    """Return the version-prefixed SHA-256 hash of canonical, sorted JSON.

    >>> digest_of(["a"]) == digest_of(["a"]) != digest_of(["b"])
    True

    :param content: data that can be serialized as JSON
    :param str version: prefix of the result
    :rtype: str
    """
    text = json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str
    )
    return f"{version}${hashlib.sha256(text.encode()).hexdigest()}"


def values_of(record, names):
    """Return the values of some fields as plain JSON, in this order.

    The result doesn't depend on the language. Amounts have four decimals whatever the
    currency, so that the environment doesn't matter.

    :param names: field names
    :rtype: list
    """
    return [plain_value(record._fields[name], record[name]) for name in names]


def plain_value(field, value):
    """Return the value of a field as plain JSON."""
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
    """Return a number as text with the decimals of its field.

    If the precision is configurable, six decimals are used, so that the text doesn't
    change with the setting.
    """
    if not digits:
        return repr(value)
    decimals = SETTING_DECIMALS if isinstance(digits, str) else digits[1]
    return f"{value + 0.0:.{decimals}f}"


# ---------------------------------------------------------------- comparison
def recorded(env, model, ids, states):
    """Return the last event that moved each of these records to one of ``states``.

    :param str model: technical name of the records' model
    :param ids: record ids
    :param states: states as stored in the events
    :return: ``{record id: (hash, user id, time, state)}``
    :rtype: dict
    """
    records = env[model].browse(ids)
    return _last_of(recorded_by_state(records, states), states)


def _last_of(events, states):
    """Return the last event of each record that moved it to one of ``states``."""
    last = {}
    for (res_id, state, _is_entry), event in events.items():
        if state in states:
            last[res_id] = max(event, last.get(res_id, (0,)))
    return {res_id: event[1:] for res_id, event in last.items()}


def recorded_by_state(records, states):
    """Return the last event that moved each of these records to each of ``states``.

    :param records: records of one model
    :param states: states as stored in the events
    :return: ``{(record id, state, whether the record wasn't in this state before):
        (event id, hash, user id, time, state)}``
    :rtype: dict
    """
    if not records or not states:
        return {}
    rows = records.env.execute_query(
        SQL(
            """SELECT DISTINCT ON (res_id, new, old IS DISTINCT FROM new)
                      res_id, new, old IS DISTINCT FROM new,
                      id, file_digest, user_id, date, new
                 FROM nka_audit_event
                WHERE res_model = %s AND res_id = ANY(%s) AND kind = 'state'
                  AND new = ANY(%s)
                ORDER BY res_id, new, old IS DISTINCT FROM new, id DESC""",
            records._name,
            records.ids,
            list(states),
        )
    )
    return {
        (res_id, state, is_entry): tuple(rest)
        for res_id, state, is_entry, *rest in rows
    }


def in_batches(records, company, *terms):
    """Yield the records of a company in batches, in constant memory.

    Nightly verifications get those in their scope only, all others all records.

    :param records: empty recordset of the model
    :param res.company company: company of the records
    :param terms: further terms of the domain
    """
    scope = scope_of(records.env)
    if scope and records._name in scope.absent:
        return
    env = records.sudo().with_context(active_test=False).env
    domain = Domain("company_id", "=", company.id) & Domain(list(terms))
    domain &= domain_in_scope(records)
    after, size = domain, BATCH
    while size == BATCH:
        batch = env[records._name].search(after, order="id", limit=BATCH)
        # A smaller batch is the last one, so no further query is needed.
        size, after = len(batch), domain & Domain("id", ">", batch[-1:].id)
        if batch:
            yield batch
            env.invalidate_all(flush=False)


def contradictions(records, states, events=None):
    """Find records whose content doesn't match the hash in the audit trail.

    :param records: records of one model with ``_content``; only those in ``states`` are
        compared
    :param states: states whose events store the hash
    :param dict events: what :func:`recorded_by_state` returns, if it was read already
    :return: number of records with a hash in the trail, and a message for each that
        differs
    :rtype: tuple[int, list[str]]
    """
    env = records.env
    own = records.filtered(lambda record: record.state in states)
    events = _last_of(events or recorded_by_state(own, states), states)
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


def misnamed(records, steps, kept=(), events=None):
    """Find records whose user or time of a step differs from the audit trail.

    :param steps: ``(state, field of the user, field of the time)``; a field can be None
    :param kept: states whose user and time stay when they are recorded again, such as
        by the second revision of a locked month
    :param dict events: what :func:`recorded_by_state` returns, if it was read already
    :return: a message for each difference
    :rtype: list[str]
    """
    found = []
    states = [state for state, _person, _moment in steps]
    events = events or recorded_by_state(records, states)
    for state, person, moment in steps:
        entries = [True] if state in kept else [True, False]
        for record in records:
            known = [(record.id, state, is_entry) for is_entry in entries]
            if found_events := [events[key] for key in known if key in events]:
                _event_id, _digest, user_id, when, _state = max(found_events)
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
    """Return whether a stored date or time matches that of an event."""
    if isinstance(kept, datetime):
        return abs(kept - when) <= TOLERANCE
    # A date depends on the user's time zone, so it can differ by one day.
    return isinstance(kept, date) and abs((kept - when.date()).days) <= 1
