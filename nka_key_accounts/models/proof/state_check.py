"""Comparison of the status and hashes of records with the audit trail.

Uses plain SQL per model. Every status must be explained by a sequence of events;
changes made outside the addon leave none.
"""

from odoo.tools import SQL

from .scope import GROUPS, scope_of, where_in_scope


class StateCheck:
    """Compare the records of one model with their events.

    :param model: empty recordset of the model
    :param str kind: kind of the events that record the status
    :param str fname: field that stores the status
    """

    def __init__(self, model, kind="state", fname="state"):
        self.model = model.sudo().with_context(active_test=False)
        self.env = model.env
        self.kind, self.fname = kind, fname
        self.first = model._initial_value(fname) or None

    # ------------------------------------------------------------ counting
    def select_counts(self, company):
        """Return a query for the number of records, and of those compared.

        Records that need no event and have none aren't compared.
        """
        return SQL(
            """SELECT COUNT(*), COUNT(*) FILTER (WHERE %s OR EXISTS (
                          SELECT FROM nka_audit_event
                           WHERE res_model = %s AND res_id = rec.id AND kind = %s))
                 FROM %s rec WHERE %s""",
            self._leaves_an_event(),
            self.model._name,
            self.kind,
            self._table,
            self._own(company),
        )

    def select_used(self, company):
        """Return a query for a record of a company's own that must have an event."""
        return SQL(
            "SELECT rec.id FROM %s rec WHERE rec.company_id = %s AND %s LIMIT 1",
            self._table,
            company.id,
            self._leaves_an_event(),
        )

    def select_digest_count(self, company):
        """Return a query for the number of records that store a hash."""
        return SQL(
            "SELECT COUNT(*) FROM %s rec WHERE %s AND rec.digest IS NOT NULL",
            self._table,
            self._own(company),
        )

    def unrecorded(self):
        """Return the records that lack an event for their status or their hash.

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

    # ------------------------------------------------------------ queries
    @property
    def _table(self):
        return SQL.identifier(self.model._table)

    def _own(self, company):
        """Return a condition for records of a company, or without a company, that are
        in the scope of the verification.
        """
        return SQL(
            "(rec.company_id = %s OR rec.company_id IS NULL) AND %s",
            company.id,
            where_in_scope(self.model),
        )

    def select_strays(self, company):
        """Return a query for records whose status differs from their last event.

        Records without an event are included unless they are in their initial status
        and creation isn't logged for their model.
        """
        return SQL(
            """SELECT rec.id, rec.%(column)s::varchar, event.id, event.new
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
        """Return a condition for records that must have an event."""
        if self.model._audit_creation or self.model._audit_own_creation:
            return SQL("TRUE")
        return SQL("rec.%s IS DISTINCT FROM %s", self._column, self.first)

    def select_jumps(self, company):
        """Return a query for events whose old status isn't the new status of the
        previous event.

        At night, only for records with new events: the others were compared before.
        """
        return SQL(
            """SELECT res_id, res_name, seen, old FROM (
                   SELECT res_id, res_name, old, id, company_id,
                          CASE WHEN LAG(id) OVER own IS NULL
                               THEN %(first)s ELSE LAG(new) OVER own END AS seen,
                          -- A first event with equal old and new states records the
                          -- state at an update, see _record_standing; one without
                          -- an old state records the creation.
                          LAG(id) OVER own IS NULL
                          AND (old IS NULL OR old = new) AS is_beginning
                     FROM nka_audit_event
                    WHERE res_model = %(model)s AND kind = %(kind)s AND %(changed)s
                   WINDOW own AS (PARTITION BY res_id ORDER BY id)) step
                WHERE company_id = %(company)s
                  AND old IS DISTINCT FROM seen AND NOT is_beginning
                ORDER BY id""",
            first=self.first,
            model=self.model._name,
            kind=self.kind,
            company=company.id,
            changed=self._has_changed(),
        )

    def _has_changed(self):
        """Return a condition for the events of records with new events."""
        if not (scope := scope_of(self.env)):
            return SQL("TRUE")
        ids = scope.changed.get(self.model._name, [])
        return SQL("res_id IN (SELECT unnest(%s::integer[]))", ids)

    def select_gone(self, company):
        """Return a query for deleted records whose last status doesn't allow deletion.

        Records deleted together with their key account or deal are excluded.
        """
        return SQL(
            """SELECT last.res_id, last.res_name, last.new FROM (%(last)s) last
                WHERE company_id = %(company)s AND NOT last.new = ANY(%(removable)s)
                  AND NOT EXISTS (SELECT FROM %(table)s rec WHERE rec.id = last.res_id)
                  AND %(kept)s
                ORDER BY last.res_id""",
            last=self._select_last(),
            company=company.id,
            table=self._table,
            removable=[self.first or "", *self.model._removable_states],
            kept=self._parents_are_there(),
        )

    def _select_last(self):
        """Return a query for the last event of each record; at night, of each record
        in the scope that is missing.
        """
        scope = scope_of(self.env)
        names = SQL("res_id, res_name, new, key_account_ref, lead_ref, company_id")
        own = SQL("res_model = %s AND kind = %s", self.model._name, self.kind)
        if not scope:
            return SQL(
                """SELECT DISTINCT ON (res_id) %s FROM nka_audit_event
                    WHERE %s ORDER BY res_id, id DESC""",
                names,
                own,
            )
        return SQL(
            """SELECT event.* FROM (
                   SELECT unnest(%(ids)s::integer[]) AS id
                    UNION
                   SELECT generate_series(one, (
                              SELECT MAX(res_id) FROM nka_audit_event
                               WHERE res_model = %(model)s), %(size)s)
                     FROM unnest(%(groups)s) AS one) known
                 CROSS JOIN LATERAL (
                   SELECT %(names)s FROM nka_audit_event
                    WHERE %(own)s AND res_id = known.id ORDER BY id DESC LIMIT 1) event
                WHERE NOT EXISTS (SELECT FROM %(table)s rec WHERE rec.id = known.id)""",
            ids=scope.changed.get(self.model._name, []),
            model=self.model._name,
            size=GROUPS,
            groups=list(scope.groups),
            names=names,
            own=own,
            table=self._table,
        )

    def _parents_are_there(self):
        """Return a condition that account and deal of the last event exist."""
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

    def select_other_digests(self, company):
        """Return a query for records whose hash differs from their last event.

        Ignores events without a hash. If events hash the files present at that moment,
        any may match. Hashes of other kinds are told apart by their prefix.
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
    def say_stray(self, record_id, state, event_id, recorded):
        if event_id:
            return self.env._(
                "%(record)s is “%(state)s”, but the audit trail says “%(recorded)s”: "
                "it was changed outside the program.",
                record=self._name_of(record_id),
                state=self._word(state),
                recorded=self._word(recorded),
            )
        return self.env._(
            "%(record)s is “%(state)s”, but the audit trail has no event for this: the "
            "record was created or changed outside the program.",
            record=self._name_of(record_id),
            state=self._word(state),
        )

    def say_jump(self, record_id, name, seen, old):
        return self.env._(
            "%(record)s (%(id)s) moved on from “%(old)s”, but its last status in the "
            "audit trail was “%(seen)s”: it was changed outside the program in between.",
            record=name,
            id=record_id,
            old=self._word(old),
            seen=self._word(seen),
        )

    def say_gone(self, record_id, name, recorded):
        return self.env._(
            "%(record)s (%(id)s) no longer exists. Its last status in the audit trail "
            "is “%(recorded)s”, and records in this status can't be deleted: it was "
            "deleted outside the program.",
            record=name,
            id=record_id,
            recorded=self._word(recorded),
        )

    def say_other_digest(self, record_id):
        return self.env._(
            "The hash of %(record)s differs from the one in the audit trail.",
            record=self._name_of(record_id),
        )

    def _name_of(self, record_id):
        return self.model.browse(record_id).display_name

    def _word(self, state):
        """Return the label of a status, or the value itself if it isn't a status."""
        field = self.model._fields[self.fname]
        return dict(field._description_selection(self.env)).get(state, state or "–")


class StateChecks:
    """The checks of all models, with one query for all of them.

    :param env: environment used for queries
    :param list[StateCheck] checks: a check for each model and field
    """

    def __init__(self, env, checks):
        self.env = env
        self.checks = checks
        self.with_digest = [check for check in checks if check.has_digest]

    # ------------------------------------------------------------ counting
    def count(self, company):
        """Return the number of records compared."""
        rows = self._rows(self.checks, StateCheck.select_counts, company)
        return sum(compared for _check, _count, compared in rows)

    def count_unproven(self, company):
        """Return the number of records that need no event and have none."""
        rows = self._rows(self.checks, StateCheck.select_counts, company)
        return sum(count - compared for _check, count, compared in rows)

    def count_digests(self, company):
        """Return the number of records that store a hash."""
        rows = self._rows(self.with_digest, StateCheck.select_digest_count, company)
        return sum(count for _check, count in rows)

    def is_used(self, company):
        """Return whether a company has records of its own that must have an event."""
        return bool(self._rows(self.checks, StateCheck.select_used, company))

    # ------------------------------------------------------------ finding
    def findings(self, company):
        """Return a message per record whose status differs from the audit trail.

        :rtype: list[str]
        """
        of_state = [check for check in self.checks if check.kind == "state"]
        return [
            *self._say(self.checks, StateCheck.select_strays, "say_stray", company),
            *self._say(self.checks, StateCheck.select_jumps, "say_jump", company),
            *self._say(of_state, StateCheck.select_gone, "say_gone", company),
        ]

    def digest_findings(self, company):
        """Return a message per record whose hash differs from the audit trail.

        :rtype: list[str]
        """
        select = StateCheck.select_other_digests
        return [*self._say(self.with_digest, select, "say_other_digest", company)]

    def _say(self, checks, select, say, company):
        for check, *row in self._rows(checks, select, company):
            yield getattr(check, say)(*row)

    def _rows(self, checks, select, company):
        """Return the rows of one query of all checks, each behind its check.

        :param select: method of :class:`StateCheck` that returns the query of one check
        """
        queries = [
            SQL(
                "(SELECT %s AS place, one.* FROM (%s) one)",
                place,
                select(check, company),
            )
            for place, check in enumerate(checks)
        ]
        if not queries:
            return []
        rows = self.env.execute_query(SQL(" UNION ALL ").join(queries))
        return [(checks[place], *row) for place, *row in rows]
