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
        """How many records are compared: not those that need no event and have none."""
        return self._count(
            SQL(
                """%s AND (%s OR EXISTS (
                     SELECT FROM nka_audit_event
                      WHERE res_model = %s AND res_id = rec.id AND kind = %s))""",
                self._own(company),
                self._leaves_an_event(),
                self.model._name,
                self.kind,
            )
        )

    def count_unproven(self, company):
        """How many records need no event and have none."""
        return self._count(self._own(company)) - self.count(company)

    def is_used(self, company):
        """Whether a company itself has records that can't be there without an event."""
        where = SQL("rec.company_id = %s AND %s", company.id, self._leaves_an_event())
        return bool(self._count(where))

    def _count(self, where):
        [(count,)] = self._rows(
            SQL("SELECT COUNT(*) FROM %s rec WHERE %s", self._table, where)
        )
        return count

    def count_digests(self, company):
        """How many of the records keep a digest."""
        return self._count(SQL("%s AND rec.digest IS NOT NULL", self._own(company)))

    def findings(self, company):
        """Records that aren't where the trail says, each in a sentence.

        :rtype: list[str]
        """
        findings = [
            *(self._stray(*row) for row in self._rows(self._select_strays(company))),
            *(self._jump(*row) for row in self._rows(self._select_jumps(company))),
        ]
        if self.kind == "state":
            rows = self._rows(self._select_gone(company))
            findings += [self._gone(*row) for row in rows]
        return findings

    def digest_findings(self, company):
        """Records whose digest isn't the one that the trail holds.

        :rtype: list[str]
        """
        rows = self._rows(self._select_other_digests(company))
        return [
            self.env._(
                "The hash of %(record)s differs from the one in the trail.",
                record=self._name_of(record_id),
            )
            for (record_id,) in rows
        ]

    def unrecorded(self):
        """Records that need an event, of their status or of their digest, and have none.

        :return: a recordset of the model
        """
        own = SQL(
            """SELECT FROM nka_audit_event WHERE res_model = %s AND res_id = rec.id
                                             AND kind = %s""",
            self.model._name,
            self.kind,
        )
        missing = SQL("(%s AND NOT EXISTS (%s))", self._leaves_an_event(), own)
        if self.has_digest:
            missing = SQL(
                """(%s OR rec.digest IS NOT NULL
                          AND NOT EXISTS (%s AND file_digest = rec.digest))""",
                missing,
                own,
            )
        rows = self._rows(
            SQL("SELECT rec.id FROM %s rec WHERE %s", self._table, missing)
        )
        return self.model.browse([record_id for (record_id,) in rows])

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
        return SQL(
            """SELECT rec.id, rec.%(column)s, event.id, event.new
                 FROM %(table)s rec
                 LEFT JOIN LATERAL (
                        SELECT id, new FROM nka_audit_event
                         WHERE res_model = %(model)s AND res_id = rec.id
                           AND kind = %(kind)s
                         ORDER BY id DESC LIMIT 1) event ON TRUE
                WHERE %(own)s
                  AND CASE WHEN event.id IS NULL THEN %(unrecorded)s
                           ELSE event.new IS DISTINCT FROM rec.%(column)s END
                ORDER BY rec.id""",
            column=self._column,
            table=self._table,
            model=self.model._name,
            kind=self.kind,
            own=self._own(company),
            unrecorded=self._leaves_an_event(),
        )

    def _leaves_an_event(self):
        """Condition that a record can't be there without an event."""
        if self.model._audit_creation or self.model._audit_own_creation:
            return SQL("TRUE")
        return SQL("rec.%s IS DISTINCT FROM %s", self._column, self.first)

    def _select_jumps(self, company):
        """Events that begin where the one before didn't end."""
        return SQL(
            """SELECT res_id, res_name, seen, old FROM (
                   SELECT res_id, res_name, old, id, company_id,
                          CASE WHEN LAG(id) OVER own IS NULL
                               THEN %(first)s ELSE LAG(new) OVER own END AS seen,
                          -- A first event that stays where it begins tells how a
                          -- record stood, see _record_standing; one without a
                          -- beginning, how it was made.
                          LAG(id) OVER own IS NULL
                          AND (old IS NULL OR old = new) AS is_beginning
                     FROM nka_audit_event
                    WHERE res_model = %(model)s AND kind = %(kind)s
                   WINDOW own AS (PARTITION BY res_id ORDER BY id)) step
                WHERE company_id = %(company)s
                  AND old IS DISTINCT FROM seen AND NOT is_beginning
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
                          res_id, res_name, new, key_account_ref, lead_ref, company_id
                     FROM nka_audit_event
                    WHERE res_model = %(model)s AND kind = %(kind)s
                    ORDER BY res_id, id DESC) last
                WHERE company_id = %(company)s AND NOT last.new = ANY(%(removable)s)
                  AND NOT EXISTS (SELECT FROM %(table)s rec WHERE rec.id = last.res_id)
                  AND %(kept)s
                ORDER BY last.res_id""",
            model=self.model._name,
            kind=self.kind,
            company=company.id,
            table=self._table,
            removable=[self.first or "", *self.model._removable_states],
            kept=self._parents_are_there(),
        )

    def _parents_are_there(self):
        """Condition that neither the account nor the deal of the last event is gone."""
        parents = [
            SQL(
                "(last.%(ref)s = 0 OR EXISTS (SELECT FROM %(table)s parent "
                "WHERE parent.id = last.%(ref)s))",
                ref=SQL.identifier(ref),
                table=SQL.identifier(model._table),
            )
            for name, model in self.env.registry.items()
            for ref, path in (
                ("key_account_ref", model._audit_account_field),
                ("lead_ref", model._audit_lead_field),
            )
            if path == "id" and name != self.model._name
        ]
        return SQL(" AND ").join([SQL("TRUE"), *parents])

    def _select_other_digests(self, company):
        """Records whose digest isn't that of the last event that has one, of whatever
        event where each step keeps the digest of what was there at the moment.

        Digests of other kinds are known by their prefixes.
        """
        last = SQL("ORDER BY id DESC LIMIT 1")
        if self.model._audit_digest_varies:
            last = SQL("AND file_digest = rec.digest LIMIT 1")
        prefix = SQL("'^[^$]*[$]'")
        return SQL(
            """SELECT rec.id FROM %(table)s rec
                WHERE %(own)s AND rec.digest IS NOT NULL
                  AND rec.digest IS DISTINCT FROM (
                        SELECT file_digest FROM nka_audit_event
                         WHERE res_model = %(model)s AND res_id = rec.id
                           AND kind = %(kind)s AND file_digest IS NOT NULL
                           AND substring(file_digest FROM %(prefix)s)
                               IS NOT DISTINCT FROM substring(rec.digest FROM %(prefix)s)
                           %(last)s)
                ORDER BY rec.id""",
            table=self._table,
            own=self._own(company),
            model=self.model._name,
            kind=self.kind,
            prefix=prefix,
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
                "changed outside the program.",
                record=self._name_of(record_id),
                state=self._word(state),
                recorded=self._word(recorded),
            )
        return self.env._(
            "%(record)s is “%(state)s”, but the trail has no event that says so: it was "
            "made or changed outside the program.",
            record=self._name_of(record_id),
            state=self._word(state),
        )

    def _jump(self, record_id, name, seen, old):
        return self.env._(
            "%(record)s (%(id)s) went on from “%(old)s”, but the trail left it at "
            "“%(seen)s”: it was changed outside the program in between.",
            record=name,
            id=record_id,
            old=self._word(old),
            seen=self._word(seen),
        )

    def _gone(self, record_id, name, recorded):
        return self.env._(
            "%(record)s (%(id)s) is gone, but the trail left it “%(recorded)s”, and what "
            "is there stays: it was deleted outside the program.",
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
