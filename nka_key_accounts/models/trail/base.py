from psycopg2.errors import RestrictViolation

from odoo import api, models


class Base(models.AbstractModel):
    """What any model may declare about the audit trail's events of its records."""

    _inherit = "base"

    #: Kinds of events recorded by this class, with their labels. Those of all classes of
    #: a model count: an extension names its own ones only.
    _audit_kinds = {}
    #: Who reads the events: "record", whoever reads the record; "role", whoever has a
    #: role that reads the model; None, whoever reads the trail.
    _audit_readers = None
    #: Paths to the key account and to the lead an event speaks of, where a record has
    #: such fields.
    _audit_account_field = "key_account_id"
    _audit_lead_field = "lead_id"
    #: Kinds whose values are keys of a selection, and that field.
    _audit_words = {"state": "state"}

    @api.model
    def _sql_error_to_message_generic(self, exc):
        """Say in words what a trigger of ours refused, where nothing said it before."""
        # A foreign key of PostgreSQL's own has a constraint's name, a trigger has none.
        if isinstance(exc, RestrictViolation) and not exc.diag.constraint_name:
            return self.env._(
                "What is approved, locked or sealed stays as it is, and the database "
                "itself keeps it so (%s). Make a new version, or let the correction be "
                "paid in the first open month; nothing was changed.",
                exc.diag.message_primary,
            )
        return super()._sql_error_to_message_generic(exc)


def declared(model, name):
    """What the classes that make up a model declare under a name, the first one first.

    :param type model: class of the registry, or of a recordset
    :param str name: of the class attribute
    """
    return [vars(part)[name] for part in reversed(model.__mro__) if name in vars(part)]
