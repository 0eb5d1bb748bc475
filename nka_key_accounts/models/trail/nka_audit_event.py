import logging
import time
from functools import partial

from psycopg2 import OperationalError
from psycopg2.pool import PoolError

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.http import request
from odoo.tools import SQL, LazyTranslate

from .audit_chain import HASHED_FIELDS
from .base import declared
from .guards import guards_of
from .opening import open_action, open_records

_logger = logging.getLogger(__name__)
_lt = LazyTranslate(__name__)

#: Seconds to wait between attempts to log a refusal while no connection is available.
PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)

#: ``ALWAYS`` triggers also fire when ``session_replication_role`` is ``replica``. The
#: only change they allow sets an event's number and hashes, once.
EVENT_SQL = """
CREATE OR REPLACE FUNCTION nka_audit_refuse() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only: % on % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$ LANGUAGE plpgsql;

CREATE OR REPLACE FUNCTION nka_audit_event_kept() RETURNS trigger AS $$
DECLARE
    place CONSTANT text[] := '{seq,previous_digest,digest}';
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF num_nonnulls(NEW.seq, NEW.previous_digest, NEW.digest) = 0 THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'UPDATE' THEN
        IF num_nonnulls(OLD.seq, OLD.previous_digest, OLD.digest) = 0
           AND num_nulls(NEW.seq, NEW.previous_digest, NEW.digest) = 0
           AND to_jsonb(NEW) - place = to_jsonb(OLD) - place THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit trail is append-only: % on % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_audit_event_append_only ON nka_audit_event;
CREATE TRIGGER nka_audit_event_append_only
    BEFORE INSERT OR UPDATE OR DELETE ON nka_audit_event
    FOR EACH ROW EXECUTE FUNCTION nka_audit_event_kept();
DROP TRIGGER IF EXISTS nka_audit_event_no_truncate ON nka_audit_event;
CREATE TRIGGER nka_audit_event_no_truncate
    BEFORE TRUNCATE ON nka_audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION nka_audit_refuse();
ALTER TABLE nka_audit_event ENABLE ALWAYS TRIGGER nka_audit_event_append_only;
ALTER TABLE nka_audit_event ENABLE ALWAYS TRIGGER nka_audit_event_no_truncate;
"""


class AuditEvent(models.Model):
    """Audit event: who did what to which record and when. Append-only and hash-chained.

    Events are inserted without a number, so that concurrent transactions don't wait for
    each other. Right after the commit, ``nka.audit.head`` assigns the number and the
    hashes. Events that still wait for them are protected like all others.

    Models declare in class attributes which events are recorded and who can read them,
    see :class:`.base.Base`. Verification covers all events regardless of the user.
    """

    _name = "nka.audit.event"
    _inherit = ["nka.append.only.mixin"]
    _description = "Audit event"
    _log_access = False
    _order = "id desc"
    _rec_name = "res_name"
    _rec_names_search = ["res_name", "user_name", "note"]
    _audit_kinds = {"refusal": _lt("Refused attempt")}

    company_id = fields.Many2one(
        "res.company", required=True, ondelete="restrict", readonly=True
    )
    seq = fields.Integer("Event no.", readonly=True)
    date = fields.Datetime(required=True, readonly=True, index=True)
    user_id = fields.Many2one(
        "res.users", "Person", required=True, ondelete="restrict", readonly=True
    )
    user_name = fields.Char("Name at that time", readonly=True)
    kind = fields.Selection(
        "_selection_kind", "What happened", required=True, readonly=True, index=True
    )
    res_model = fields.Char("Model", readonly=True)
    res_id = fields.Many2oneReference("Record ID", model_field="res_model")
    res_name = fields.Char("Record", readonly=True)
    # No foreign keys: events remain when the records they refer to are deleted.
    key_account_ref = fields.Integer("Key account ID", readonly=True)
    lead_ref = fields.Integer("Lead ID", readonly=True)
    old = fields.Char("Old value", readonly=True)
    new = fields.Char("New value", readonly=True)
    note = fields.Text("Details", readonly=True)
    file_digest = fields.Char("File hash", readonly=True)
    origin = fields.Char("Request source", readonly=True)
    # The hash covers the selection keys above; these fields show the translated labels.
    old_text = fields.Char("Value before", compute="_compute_texts")
    new_text = fields.Char("Value after", compute="_compute_texts")
    is_waiting = fields.Boolean(
        "Not numbered yet",
        compute="_compute_is_waiting",
        search="_search_is_waiting",
    )
    previous_digest = fields.Char("Previous hash", readonly=True)
    digest = fields.Char("Hash", readonly=True)

    _chain_unique = models.Constraint(
        "UNIQUE(company_id, seq)", "The number of an audit event must be unique."
    )
    # Used after every commit that appended events, to find those without a number.
    _waiting_idx = models.Index("(company_id, id) WHERE seq IS NULL")
    # Used to open the events of a record, newest first.
    _record_idx = models.Index("(res_model, res_id, id)")
    _account_idx = models.Index("(key_account_ref, id) WHERE key_account_ref > 0")
    _lead_idx = models.Index("(lead_ref, id) WHERE lead_ref > 0")

    @api.model
    def _guards(self):
        return [*super()._guards(), *guards_of(EVENT_SQL)]

    def init(self):
        result = super().init()
        self.env["nka.audit.head"]._begin_missing()
        return result

    # ------------------------------------------------------------ compute
    @api.depends("seq")
    def _compute_is_waiting(self):
        for event in self:
            event.is_waiting = not event.seq

    @api.model
    def _search_is_waiting(self, operator, value):
        if operator != "in":
            return NotImplemented
        domains = {True: Domain("seq", "=", False), False: Domain("seq", "!=", False)}
        return Domain.OR(domains[bool(item)] for item in value)

    @api.depends_context("lang")
    @api.depends("kind", "res_model", "old", "new")
    def _compute_texts(self):
        for event in self:
            words = event._words_of_values()
            event.old_text = words.get(event.old, event.old)
            event.new_text = words.get(event.new, event.new)

    def _words_of_values(self):
        """Return the labels of the selection that the event's values belong to.

        :return: label by key; empty if the values aren't selection keys
        :rtype: dict[str, str]
        """
        model = self.env.get(self.res_model) if self.res_model else None
        name = model is not None and model._audit_words.get(self.kind)
        if not name or name not in model._fields:
            return {}
        return dict(model._fields[name]._description_selection(self.env))

    # ------------------------------------------------------------ selection
    @api.model
    def _selection_kind(self):
        return list(self._kind_labels().items())

    @api.model
    def _kind_labels(self):
        """Return the labels of all event kinds declared by the models.

        :rtype: dict[str, str]
        """
        labels = {}
        for model in self.env.registry.values():
            for kinds in declared(model, "_audit_kinds"):
                labels |= kinds
        return {kind: self.env._(label) for kind, label in labels.items()}  # pylint: disable=translation-contains-variable

    # ------------------------------------------------------------ access
    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        if not (self.env.su or kwargs.get("bypass_access")):
            domain = Domain(domain) & self._domain_readable()
        return super()._search(domain, offset, limit, order, **kwargs)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        forbidden = self.browse() if self.env.su else self._confined()
        if result is not None or not forbidden:
            return result
        rules = self.env["ir.rule"]
        return forbidden, partial(rules._make_access_error, operation, forbidden)

    @api.model
    def _models_read_by(self, readers):
        """Return the names of the models whose ``_audit_readers`` has this value.

        :param str readers: ``record`` or ``role``
        :rtype: list[str]
        """
        models_ = self.env.registry.items()
        return [name for name, model in models_ if model._audit_readers == readers]

    @api.model
    def _closed_models(self):
        """Return the models whose events the user's role can't read.

        Drafts of these models can be deleted, so access to the record can't always be
        checked.
        """
        names = self._models_read_by("role")
        return [name for name in names if not self.env[name].has_access("read")]

    @api.model
    def _domain_readable(self):
        """Return a domain of the events that the user can read.

        It covers events open to the user's role and events of restricted records that
        the user can read. Events of a deleted record are readable for users whose role
        can read the model.
        """
        by_role = self._models_read_by("role")
        confined = [*self._models_read_by("record"), *by_role]
        domain = Domain("res_model", "not in", confined)
        domain |= Domain("res_model", "=", False)
        for name in confined:
            records = self.env[name].with_context(active_test=False)
            if records.has_access("read"):
                known = Domain("res_id", "in", records._search([], order="id"))
                if name in by_role:
                    every = records.sudo()._search([], order="id")
                    known |= Domain("res_id", "not in", every)
                domain |= Domain("res_model", "=", name) & known
        return domain

    def _confined(self):
        """Return those of these events whose record or model the user can't read."""
        closed, by_role = self._closed_models(), self._models_read_by("role")
        confined = [*self._models_read_by("record"), *by_role]
        hidden = self.sudo().filtered(lambda event: event.res_model in closed)
        events = self.sudo().filtered(lambda event: event.res_model in confined)
        for name, group in (events - hidden).grouped("res_model").items():
            ids = set(group.mapped("res_id"))
            records = self.env[name].browse(ids).exists()
            known = set(records._filtered_access("read").ids)
            if name in by_role:
                known |= ids - set(records.ids)
            hidden |= group.filtered(lambda row, ids=known: row.res_id not in ids)
        return hidden.with_env(self.env)

    # ------------------------------------------------------------ CRUD
    @api.model
    def _refuse_change(self):
        raise AccessError(
            self.env._(
                "Only the system writes to the audit trail, and events can't be "
                "changed or deleted."
            )
        )

    # ------------------------------------------------------------ preparing
    @api.model
    def _prepare_entry(self, record, kind, old=None, new=None, note=None, digest=None):
        """Return the values of one event about ``record``, without writing anything.

        :param record: the single record that the event is about
        :param str kind: what happened, e.g. ``state``, ``assignment``, ``export``
        :param old: value before, as text
        :param new: value after, as text
        :param note: reason or comment entered by the user
        :param str digest: SHA-256 hash of the record's files, if it has any
        :rtype: dict
        :raise UserError: for a note of spaces only, which required fields accept
        """
        if note and not str(note).strip():
            raise UserError(
                self.env._("The reason is blank. Enter it, so that others can read it.")
            )
        record = record.sudo()
        company = record.company_id if "company_id" in record._fields else False
        return {
            "company_id": (company or self.env.company).id,
            "kind": kind,
            "res_model": record._name,
            "res_id": record.id,
            "res_name": record.display_name,
            "key_account_ref": self._id_at(record, record._audit_account_field),
            "lead_ref": self._id_at(record, record._audit_lead_field),
            "old": self._as_text(old),
            "new": self._as_text(new),
            "note": note or None,
            "file_digest": digest or None,
        }

    @api.model
    def _record(self, records, kind, **values):
        """Append one event for each of these records.

        :param records: records of one model
        :param str kind: what happened, see :meth:`_prepare_entry`
        :param values: arguments of :meth:`_prepare_entry`; pass a function of the
            record for values that differ by record
        """
        self._append(
            [
                self._prepare_entry(
                    record,
                    kind,
                    **{
                        name: value(record) if callable(value) else value
                        for name, value in values.items()
                    },
                )
                for record in records
            ]
        )

    @api.model
    def _id_at(self, record, path):
        """Return the id at the end of a path; 0 if empty or without such a field.

        :param str path: field names joined by dots, ``id`` for the record itself
        :rtype: int
        """
        names = path.split(".")
        if names[0] not in record._fields:
            return 0
        for name in names:
            record = record[name]
        return record if isinstance(record, int) else record.id or 0

    @api.model
    def _as_text(self, value):
        if value is None or value is False:
            return None
        if isinstance(value, models.BaseModel):
            return value.display_name or None
        return str(value)

    # ------------------------------------------------------------ appending
    @api.model
    def _append(self, entries):
        """Append events with one query; they get their numbers after the commit.

        The query locks no row that other transactions write.

        :param list[dict] entries: values returned by :meth:`_prepare_entry`
        """
        if not entries:
            return
        circumstances = self._prepare_circumstances()
        self._insert([{**circumstances, **entry} for entry in entries])
        self._sequence_after_commit({entry["company_id"] for entry in entries})

    @api.model
    def _sequence_after_commit(self, company_ids):
        """Number the new events of these companies once, after the commit."""
        postcommit = self.env.cr.postcommit
        noted = postcommit.data.get("nka_audit_companies")
        if noted is None:
            noted = postcommit.data["nka_audit_companies"] = set()
            heads = self.env["nka.audit.head"]
            postcommit.add(partial(heads._sequence_committed, noted))
        noted |= company_ids

    @api.model
    def _append_refusal(self, record, kind, **values):
        """Log a refusal in a separate transaction, so that it survives the rollback.

        The event is written after the current transaction ends, with commit or
        rollback.

        :param values: arguments of :meth:`_prepare_entry`
        """
        entry = self._prepare_entry(record, kind, **values)
        entry |= self._prepare_circumstances()
        cr = self.env.cr
        keep = partial(self._append_once, entry, [])
        cr.postrollback.add(keep)
        cr.postcommit.add(keep)

    def _append_once(self, entry, done):
        """Append the event in a transaction of its own, at most once.

        Many refusals at the same time can exhaust the connection pool. The method then
        retries for a few seconds, because only an event stored in the database survives
        a restart of the process. It logs errors instead of raising them: the action has
        been refused already.
        """
        if done:
            return
        done.append(True)
        for pause in (*PAUSES, None):
            try:
                self._append_apart(entry)
                return
            except (OperationalError, PoolError) as error:
                if pause is None:
                    self._log_lost(entry, error)
                else:
                    time.sleep(pause)
            except Exception as error:
                self._log_lost(entry, error)
                return

    @api.model
    def _log_lost(self, entry, error):
        _logger.error(
            "A refused attempt isn't in the audit trail: %s", entry, exc_info=error
        )

    def _append_apart(self, entry):
        with self.env.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            record = env[entry["res_model"]].browse(entry["res_id"])
            person = env["res.users"].browse(entry["user_id"])
            if not (record.exists() and person.exists()):
                return
            env[self._name]._insert([entry])
        # Called here, as the cursor's postcommit hook would hold a second connection.
        self.env["nka.audit.head"]._sequence_committed({entry["company_id"]})

    @api.model
    def _prepare_circumstances(self):
        """Return time, user and request origin, as the server knows them.

        Nothing is taken from values sent by the client.
        """
        return {
            "date": str(fields.Datetime.now()),
            "user_id": self.env.uid,
            "user_name": self.env.user.sudo().name,
            "origin": self._request_origin(),
        }

    @api.model
    def _request_origin(self):
        """Return the address of the request, plus the session login if it differs.

        When an administrator switches to the superuser, the session keeps their login,
        so the audit trail still identifies them.
        """
        if not request:
            return "server"
        address = request.httprequest.remote_addr
        login = request.session.get("login")
        if login and login != self.env.user.sudo().login:
            return f"{address} ({login})"
        return address

    @api.model
    def _insert(self, entries):
        self.env.cr.execute(
            SQL(
                "INSERT INTO nka_audit_event (%s) VALUES %s",
                SQL(", ").join(map(SQL.identifier, HASHED_FIELDS)),
                SQL(", ").join(
                    tuple(entry[name] for name in HASHED_FIELDS) for entry in entries
                ),
            )
        )

    # ------------------------------------------------------------ actions
    def action_open_record(self):
        """Open the record that the event refers to, if it still exists.

        :raise UserError: if its model was uninstalled with another addon
        """
        self.ensure_one()
        if self.res_model not in self.env:
            raise UserError(
                self.env._(
                    "“%s” was deleted when an app was uninstalled. The audit trail keeps "
                    "its events.",
                    self.res_name,
                )
            )
        record = self.env[self.res_model].browse(self.res_id)
        return open_records(record, self.res_name, views=[(False, "form")])

    @api.model
    def _action_of(self, records):
        """Return an action that opens the events of some records of one model."""
        domain = [("res_model", "=", records._name), ("res_id", "in", records.ids)]
        if records._audit_account_field == "id":
            domain = [("key_account_ref", "in", records.ids)]
        elif records._audit_lead_field == "id":
            domain = [("lead_ref", "in", records.ids)]
        return open_action(
            self.env, "nka_audit_event_action", domain=domain, context={}
        )
