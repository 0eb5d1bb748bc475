from contextlib import contextmanager
from functools import cache

from psycopg2.errors import RestrictViolation

from odoo import api, models
from odoo.fields import Domain

from .guards import install

#: Prefix of the names of this addon's modules.
ADDON = "nka_key_accounts"


class Base(models.AbstractModel):
    """Extend all models with audit declarations and restrict who can read fields that
    this addon adds to Odoo's models.
    """

    _inherit = "base"

    #: Kinds of events that this class records, with their labels. The kinds of all
    #: classes of a model are merged, so an extension declares only its own.
    _audit_kinds = {}
    #: Who can read the events. "record": users who can read the record. "role": the
    #: same, and for deleted records all users whose role can read the model. None: all
    #: users who can read the audit trail.
    _audit_readers = None
    #: Paths from the record to the key account and the lead that the event refers to,
    #: for records with such fields.
    _audit_account_field = "key_account_id"
    _audit_lead_field = "lead_id"
    #: Kinds whose values are keys of a selection -> the selection field.
    _audit_words = {"state": "state"}

    def init(self):
        result = super().init()
        install(self.env.cr, self._guards())
        return result

    @api.model
    def _guards(self):
        """Hook: return the database triggers and functions that protect this model.

        Overrides must include those of ``super()``. They are created by :meth:`init`,
        and a verification compares the database with them.

        :rtype: list[Function or Guard]
        """
        return []

    @api.model
    def _has_field_access(self, field, operation):
        """Hide this addon's fields from portal users and website visitors.

        They can read their own partners, orders, invoices and meetings, but must not
        learn from them that they are a key account or who manages it.
        """
        if not super()._has_field_access(field, operation):
            return False
        if not are_ours(field._modules) or self.env.su:
            return True
        if not (self.env.user and self.env.user._is_internal()):
            return False
        return operation != "read" or self._may_list(field)

    @api.model
    def _may_list(self, field):
        """Return whether the user can read the model that the field refers to.

        Odoo refuses a whole record of a standard model if one of its x2many fields
        isn't readable, for example when an RPC client reads all fields of a lead. Such
        fields are therefore excluded.
        """
        is_list = field.type in ("one2many", "many2many")
        if not is_list or self._name.startswith("nka."):
            return True
        return self.env[field.comodel_name].has_access("read")

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not bypass_access:
            self._check_searched(domain)
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    @api.model
    def _check_searched(self, domain):
        """Refuse searches by a field that the user can't read.

        Odoo checks field access when it converts a condition to SQL. A field with its
        own search method has been replaced by another condition by then.

        :raise AccessError: when a field of the domain isn't readable
        """
        if self.env.su or not self.env.user or self.env.user._is_internal():
            return
        for condition in Domain(domain).iter_conditions():
            model = self
            for name in condition.field_expr.split("."):
                field = model._fields.get(name)
                if not field:
                    break
                model._check_field_access(field, "read")
                model = self.env.get(field.comodel_name, model)
            if isinstance(condition.value, Domain):
                model._check_searched(condition.value)

    def _check_told(self):
        """Hook: refuse users who may know only that these records exist.

        Called before a page or text is rendered from the records, for users who can
        read them according to Odoo's access rules.

        :raise AccessError: for such users
        """

    def _traverse_related_sql(self, alias, field, query):
        """Check field access, since Odoo groups and sorts as superuser here."""
        self._check_field_access(field, "read")
        return super()._traverse_related_sql(alias, field, query)

    @api.model
    def _sql_error_to_message_generic(self, exc):
        """Return a readable message for a refusal by one of this addon's triggers,
        unless another method has returned one already.
        """
        # Foreign key violations carry a constraint name, errors of our triggers don't.
        if isinstance(exc, RestrictViolation) and not exc.diag.constraint_name:
            return self.env._(
                "Approved and locked records can't be changed; the database enforces "
                "this. Create a new version, or let the first open month pay an "
                "adjustment."
            )
        return super()._sql_error_to_message_generic(exc)


def is_ours(field):
    """Return whether only this addon defines a field, rather than extending Odoo's."""
    return are_ours(field._modules)


@cache
def are_ours(modules):
    """Return whether all of these modules belong to this addon.

    Cached, because it is called for every field that is read.
    """
    return bool(modules) and all(name.startswith(ADDON) for name in modules)


def declared(model, name):
    """Return the values that the classes of a model declare under a name, base first.

    :param type model: registry class, or class of a recordset
    :param str name: name of the class attribute
    :rtype: list
    """
    return [vars(part)[name] for part in reversed(model.__mro__) if name in vars(part)]


@contextmanager
def as_a_whole(env):
    """Roll back everything done in the block if it raises, even if the caller catches
    the error and continues.

    Odoo's savepoint with ``flush`` would also run the precommit callbacks, so that a
    change made in two steps would be logged twice.

    :param env: environment of the transaction
    """
    env.flush_all()
    try:
        with env.cr.savepoint(flush=False):
            yield
            env.flush_all()
    except Exception:
        # The savepoint rolled back only the database, not cached values.
        env.transaction.clear()
        raise
