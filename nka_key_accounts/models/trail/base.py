from contextlib import contextmanager
from functools import cache

from psycopg2.errors import RestrictViolation

from odoo import api, models
from odoo.fields import Domain

from .guards import install

#: Fields that one of our addons brings to a model of Odoo's, by how its modules begin.
ADDON = "nka_key_accounts"


class Base(models.AbstractModel):
    """What any model may declare about the audit trail's events of its records, and who
    reads what we add to records of Odoo's.
    """

    _inherit = "base"

    #: Kinds of events recorded by this class, with their labels. Those of all classes of
    #: a model count: an extension names its own ones only.
    _audit_kinds = {}
    #: Who reads the events: "record", whoever reads the record; "role", the same, and of
    #: what is gone whoever has a role that reads the model; None, whoever reads the trail.
    _audit_readers = None
    #: Paths to the key account and to the lead an event speaks of, where a record has
    #: such fields.
    _audit_account_field = "key_account_id"
    _audit_lead_field = "lead_id"
    #: Kinds whose values are keys of a selection, and that field.
    _audit_words = {"state": "state"}

    def init(self):
        result = super().init()
        install(self.env.cr, self._guards())
        return result

    @api.model
    def _guards(self):
        """Hook: triggers and functions by which the database keeps what is this model's.

        A class that adds some returns those of ``super()``, too. They are made here, and
        a verification compares the database with them.

        :rtype: list[Function or Guard]
        """
        return []

    @api.model
    def _has_field_access(self, field, operation):
        """Clients in the portal and visitors of the website know nothing of our fields.

        They read partners, orders, invoices and meetings of theirs; that we think of them
        as key accounts, and who looks after them, is nothing that these records tell.
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
        """Whether the rows that a field of ours lists are of a model the person reads.

        Odoo refuses a whole record of its own where one of its lists is closed: to a
        program that reads all fields of a lead, for one. Closed lists are left out.
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
        """Refuse to search by a field the user doesn't read.

        Odoo asks where a condition becomes SQL; one with a search method of its own has
        become another condition by then.
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
        """Hook: refuse whoever knows of these records no more than that they are there.

        Asked where a whole page is made of them, for a reader by Odoo's rights.

        :raise AccessError: for them
        """

    def _traverse_related_sql(self, alias, field, query):
        """A related field is grouped and sorted by as superuser: ask before."""
        self._check_field_access(field, "read")
        return super()._traverse_related_sql(alias, field, query)

    @api.model
    def _sql_error_to_message_generic(self, exc):
        """Say in words what a trigger of ours refused, where nothing said it before."""
        # A foreign key of PostgreSQL's own has a constraint's name, a trigger has none.
        if isinstance(exc, RestrictViolation) and not exc.diag.constraint_name:
            return self.env._(
                "Approved and locked records can't be changed; the database enforces "
                "this. Create a new version, or let the first open month pay an "
                "adjustment."
            )
        return super()._sql_error_to_message_generic(exc)


def is_ours(field):
    """Whether a field is brought by our addons alone, not one of Odoo's that they extend."""
    return are_ours(field._modules)


@cache
def are_ours(modules):
    """Whether all of these modules are ours: asked for every field that is read."""
    return bool(modules) and all(name.startswith(ADDON) for name in modules)


def declared(model, name):
    """What the classes that make up a model declare under a name, the first one first.

    :param type model: class of the registry, or of a recordset
    :param str name: of the class attribute
    """
    return [vars(part)[name] for part in reversed(model.__mro__) if name in vars(part)]


@contextmanager
def as_a_whole(env):
    """Take back what happens inside when it is refused, even from a caller who goes on.

    Odoo's own savepoint would run what waits for the end of the transaction, too: a change
    in two steps would be told twice.

    :param env: environment of the transaction
    """
    env.flush_all()
    try:
        with env.cr.savepoint(flush=False):
            yield
            env.flush_all()
    except Exception:
        # what is in memory was taken back in the database
        env.transaction.clear()
        raise
