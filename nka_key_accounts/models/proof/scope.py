"""What a verification compares: everything, or what changed and a part of the rest.

A nightly verification compares the records that changed since the one before, and the
records of some groups. A record belongs to the group ``abs(id % GROUPS)``. Every group's
turn comes at least once in four weeks, so a change that leaves no trace is found by then.

The scope travels in the context, because rooms and other addons call :func:`.contents.
in_batches` from ``_checks``, whose arguments are theirs. It can't be sent by a client:
only an object of this class counts.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from odoo.fields import Domain
from odoo.tools import SQL

KEY = "nka_verified_scope"
#: Number of groups of records, by their id.
GROUPS = 27
#: ``write_date`` is when the transaction began, so it can be before the verification
#: that didn't see the change yet.
LONGEST_TRANSACTION = timedelta(days=1)
EVERYTHING = SQL("TRUE")


class Scope(NamedTuple):
    """The part of the records that a nightly verification compares.

    :param dict changed: ids of the records with an event since the verification before,
        by model
    :param datetime moment: date of that verification
    :param tuple groups: the groups of records to compare as well
    :param frozenset absent: models without such records, see :func:`with_absent`
    """

    changed: dict[str, list[int]]
    moment: datetime
    groups: tuple[int, ...]
    absent: frozenset[str] = frozenset()

    def where(self, model, alias="rec"):
        """Return a condition for the records of a model that are in the scope.

        :param model: recordset of a model with a table
        :param str alias: alias of the table
        :rtype: SQL
        """
        record_id = SQL.identifier(alias, "id")
        # Negative ids are forged, and their remainder is negative, too.
        group = SQL("abs(%s %% %s)", record_id, GROUPS)
        parts = [SQL("%s = ANY(%s)", group, list(self.groups))]
        if ids := self.changed.get(model._name):
            parts.append(SQL("%s IN (SELECT unnest(%s))", record_id, ids))
        if model._log_access:
            parts.append(
                SQL(
                    "%s >= %s",
                    SQL.identifier(alias, "write_date"),
                    self.moment - LONGEST_TRANSACTION,
                )
            )
        return SQL("(%s)", SQL(" OR ").join(parts))


def with_absent(scope, env, company):
    """Return the scope with the addon's models that have no records of the company in
    it: one query instead of one for each of them.

    :param res.company company: company of the records
    :rtype: Scope
    """
    models = [
        env[name]
        for name, model in env.registry.items()
        if name.startswith("nka.") and model._auto and not model._transient
    ]
    queries = [
        SQL(
            """SELECT %s WHERE NOT EXISTS (
                   SELECT FROM %s rec WHERE rec.company_id = %s AND %s)""",
            model._name,
            SQL.identifier(model._table),
            company.id,
            scope.where(model),
        )
        for model in models
        if "company_id" in model._fields and model._fields["company_id"].store
    ]
    rows = env.execute_query(SQL(" UNION ALL ").join(queries))
    return scope._replace(absent=frozenset(name for (name,) in rows))


def scope_of(env):
    """Return the scope of the running verification; None if it compares everything."""
    scope = env.context.get(KEY)
    return scope if isinstance(scope, Scope) else None


def where_in_scope(model, alias="rec"):
    """Return a condition for the records that the running verification compares.

    :rtype: SQL
    """
    scope = scope_of(model.env)
    return scope.where(model, alias) if scope else EVERYTHING


def domain_in_scope(model):
    """Return a domain of the records that the running verification compares."""
    scope = scope_of(model.env)
    if not scope:
        return Domain.TRUE
    return Domain.custom(
        to_sql=lambda records, alias, _query: scope.where(records, alias)
    )


def changed_since(env, company, seq):
    """Return the records that have an event after this one, or one without a number.

    :param res.company company: company of the audit trail
    :param int seq: number of the event
    :return: ids by model
    :rtype: dict[str, list[int]]
    """
    return dict(
        env.execute_query(
            SQL(
                """SELECT res_model, array_agg(DISTINCT res_id) FROM (
                       SELECT res_model, res_id FROM nka_audit_event
                        WHERE company_id = %(company)s AND seq > %(seq)s
                        UNION ALL
                       SELECT res_model, res_id FROM nka_audit_event
                        WHERE company_id = %(company)s AND seq IS NULL) event
                    WHERE res_model IS NOT NULL AND res_id IS NOT NULL
                    GROUP BY res_model""",
                company=company.id,
                seq=seq,
            )
        )
    )
