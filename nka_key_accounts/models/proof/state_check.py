"""Status and digests of records, against what the trail says of them.

All of it is plain SQL by model: a record got where it is by events, one after the other, and
whoever wrote it there by another way left none.
"""

from odoo.tools import SQL


class StateCheck:
    """Compares the records of one model with their events.

    :param model: an empty recordset of it
    :param str kind: of the events that tell the status
    :param str fname: the field that keeps it
    """

    def __init__(self, model, kind="state", fname="state"):
        self.model = model.sudo().with_context(active_test=False)
        self.env = model.env
        self.kind, self.fname = kind, fname
        self.first = model._initial_value(fname) or None

    # ------------------------------------------------------------ reading
    def count(self, company):
        """How many records are looked at."""
        [(count,)] = self._rows(
            SQL("SELECT COUNT(*) FROM %s rec WHERE %s", self._table, self._own(company))
        )
        return count

    def findings(self, company):
        """Records that aren't where the trail says, each in a sentence.

        :rtype: list[str]
        """
        return [
            *(self._stray(*row) for row in self._rows(self._select_strays(company))),
            *(self._jump(*row) for row in self._rows(self._select_jumps(company))),
            *(self._gone(*row) for row in self._rows(self._select_gone(company))),
        ]

    def digest_findings(self, company):
        """Records whose digest isn't the one that the trail holds.

        :rtype: list[str]
        """
        rows = self._rows(self._select_other_digests(company))
        return [
            self.env._(
                "The digest of %(record)s isn't the one in the trail.",
                record=self._name_of(record_id),
            )
            for (record_id,) in rows
        ]

    @property
    def has_digest(self):
        field = self.model._fields.get("digest")
        return bool(field and field.store)

    # ------------------------------------------------------------ statements
    @property
    def _table(self):
        return SQL.identifier(self.model._table)

    def _own(self, company):
        """Records of a company; those of none are everybody's."""
        return SQL("(rec.company_id = %s OR rec.company_id IS NULL)", company.id)

    def _select_strays(self, company):
        """Records that the last event doesn't leave where they are.

        Without an event, only records in their first status may be there, and not even
        those where each is an event from its creation on.
        """
        unheard = SQL("rec.%s IS DISTINCT FROM %s", self._column, self.first)
        if self.model._audit_creation:
            unheard = SQL("TRUE")
        return SQL(
            """SELECT rec.id, rec.%(column)s, event.id, event.new
                 FROM %(table)s rec
                 LEFT JOIN LATERAL (
                        SELECT id, new FROM nka_audit_event
                         WHERE res_model = %(model)s AND res_id = rec.id
                           AND kind = %(kind)s
                         ORDER BY id DESC LIMIT 1) event ON TRUE
                WHERE %(own)s
                  AND CASE WHEN event.id IS NULL THEN %(unheard)s
                           ELSE event.new IS DISTINCT FROM rec.%(column)s END
                ORDER BY rec.id""",
            column=self._column,
            table=self._table,
            model=self.model._name,
            kind=self.kind,
            own=self._own(company),
            unheard=unheard,
        )

    def _select_jumps(self, company):
        """Events that begin where the one before didn't end."""
        return SQL(
            """SELECT res_id, res_name, seen, old FROM (
                   SELECT res_id, res_name, old, id,
                          CASE WHEN LAG(id) OVER own IS NULL
                               THEN %(first)s ELSE LAG(new) OVER own END AS seen,
                          LAG(id) OVER own IS NULL AS is_first
                     FROM nka_audit_event
                    WHERE res_model = %(model)s AND kind = %(kind)s
                      AND company_id = %(company)s
                   WINDOW own AS (PARTITION BY res_id ORDER BY id)) step
                WHERE old IS DISTINCT FROM seen AND NOT (is_first AND old IS NULL)
                ORDER BY id""",
            first=self.first,
            model=self.model._name,
            kind=self.kind,
            company=company.id,
        )

    def _select_gone(self, company):
        """Records that the trail left where none is deleted, and that aren't there.

        What belongs to an account or a deal goes with it.
        """
        return SQL(
            """SELECT last.res_id, last.res_name, last.new FROM (
                   SELECT DISTINCT ON (res_id)
                          res_id, res_name, new, key_account_ref, lead_ref
                     FROM nka_audit_event
                    WHERE res_model = %(model)s AND kind = %(kind)s
                      AND company_id = %(company)s
                    ORDER BY res_id, id DESC) last
                WHERE NOT last.new = ANY(%(removable)s)
                  AND NOT EXISTS (SELECT FROM %(table)s rec WHERE rec.id = last.res_id)
                  AND (last.key_account_ref = 0 OR last.key_account_ref = last.res_id
                       OR EXISTS (SELECT FROM nka_key_account account
                                   WHERE account.id = last.key_account_ref))
                  AND (last.lead_ref = 0 OR EXISTS (
                           SELECT FROM crm_lead lead WHERE lead.id = last.lead_ref))
                ORDER BY last.res_id""",
            model=self.model._name,
            kind=self.kind,
            company=company.id,
            table=self._table,
            removable=[self.first or "", *self.model._removable_states],
        )

    def _select_other_digests(self, company):
        """Records whose digest isn't that of the last event that has one, of whatever
        event where each step keeps the digest of what was there at the moment.
        """
        last = SQL("ORDER BY id DESC LIMIT 1")
        if self.model._audit_digest_varies:
            last = SQL("AND file_digest = rec.digest LIMIT 1")
        return SQL(
            """SELECT rec.id FROM %(table)s rec
                WHERE %(own)s AND rec.digest IS NOT NULL
                  AND rec.digest IS DISTINCT FROM (
                        SELECT file_digest FROM nka_audit_event
                         WHERE res_model = %(model)s AND res_id = rec.id
                           AND kind = %(kind)s AND file_digest IS NOT NULL
                           %(last)s)
                ORDER BY rec.id""",
            table=self._table,
            own=self._own(company),
            model=self.model._name,
            kind=self.kind,
            last=last,
        )

    @property
    def _column(self):
        return SQL.identifier(self.fname)

    def _rows(self, query):
        return self.env.execute_query(query)

    # ------------------------------------------------------------ words
    def _stray(self, record_id, state, event_id, recorded):
        if event_id:
            return self.env._(
                "%(record)s is “%(state)s”, but the trail says “%(recorded)s”: it was "
                "changed behind the trail.",
                record=self._name_of(record_id),
                state=self._word(state),
                recorded=self._word(recorded),
            )
        return self.env._(
            "%(record)s is “%(state)s”, but the trail has no event that says so: it was "
            "made or changed behind the trail.",
            record=self._name_of(record_id),
            state=self._word(state),
        )

    def _jump(self, record_id, name, seen, old):
        return self.env._(
            "%(record)s (%(id)s) went on from “%(old)s”, but the trail left it at "
            "“%(seen)s”: it was changed behind the trail in between.",
            record=name,
            id=record_id,
            old=self._word(old),
            seen=self._word(seen),
        )

    def _gone(self, record_id, name, recorded):
        return self.env._(
            "%(record)s (%(id)s) is gone, but the trail left it “%(recorded)s”, and what "
            "is there stays: it was deleted behind the trail.",
            record=name,
            id=record_id,
            recorded=self._word(recorded),
        )

    def _name_of(self, record_id):
        return self.model.browse(record_id).display_name

    def _word(self, state):
        """A status in words; a value that is none as it is."""
        field = self.model._fields[self.fname]
        return dict(field._description_selection(self.env)).get(state, state or "–")
