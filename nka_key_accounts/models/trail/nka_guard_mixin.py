"""Fields that only this addon's own code can write.

``readonly`` on a field affects only forms; RPC clients ignore it. This mixin refuses
such writes on the server. The addon's own code bypasses the check for one call with
:meth:`_unlocked`. What that call can write is stored in :mod:`.permits`, which clients
and contexts can't reach.
"""

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import clean_context

from .base import declared, is_ours
from .permits import find_permit, granted


class Unlocked:
    """Wrapper for one create, write or unlink past the guard by our own code.

    It isn't a recordset, so no other method can be called with the permission.
    """

    # Not a model, so there is no ``super`` to call.
    # pylint: disable=method-required-super

    __slots__ = ("_records",)

    def __init__(self, records):
        self._records = records

    def create(self, vals_list):
        rows = [vals_list] if isinstance(vals_list, dict) else vals_list
        with granted("create", self._records.browse(), rows):
            return self._records.create(vals_list)

    def write(self, vals):
        with granted("write", self._records, [vals]):
            return self._records.write(vals)

    def unlink(self):
        with granted("unlink", self._records):
            return self._records.unlink()


class GuardMixin(models.AbstractModel):
    _name = "nka.guard.mixin"
    _inherit = ["nka.company.mixin"]
    _description = "Fields that only the program can write"

    #: Fields that RPC clients can never set or change. Those of all classes of a model
    #: are merged, so an extension declares only its own.
    _guarded_fields = ()

    def _unlocked(self):
        """Return these records with permission for the next create, write or unlink.

        The permission ends within that call, so nothing it triggers (automations,
        computed fields, messages) inherits it.

        :rtype: Unlocked
        """
        return Unlocked(self)

    def _is_unlocked(self, vals=None):
        """Return whether our own code makes this call, so overrides can allow it.

        :param vals: values of a write, list of values of a create, or None for an
            unlink
        :rtype: bool
        """
        return bool(self._find_permit(vals))

    def _find_permit(self, vals=None, may_add=None):
        if vals is None:
            return find_permit("unlink", self)
        if isinstance(vals, dict):
            return find_permit("write", self, [vals], may_add)
        return find_permit("create", self.browse(), vals, may_add)

    def _use_permit(self, vals):
        """Mark the permit for these values as used and return it, if there is one.

        Other overrides may have added values to the call, but no guarded ones.
        """
        permit = self._find_permit(vals, self._may_be_added)
        if permit:
            permit.used = True
        return permit

    @api.model
    def _is_done_by_code(self, vals):
        step, rows = ("write", [vals]) if isinstance(vals, dict) else ("create", vals)
        records = self if step == "write" else self.browse()
        given = find_permit(step, records, rows, self._may_be_added, is_open=False)
        return bool(given) or super()._is_done_by_code(vals)

    @api.model
    def _may_be_added(self, fname):
        return not self._is_kept(fname)

    @api.model
    def _is_kept(self, fname):
        return fname in self._guarded() or self._is_copied(fname)

    @api.model
    def _guarded(self):
        """Return the guarded fields of all classes of this model, in order."""
        groups = declared(type(self), "_guarded_fields")
        names = dict.fromkeys(name for group in groups for name in group)
        return [name for name in names if name in self._fields]

    @api.model
    def _without_defaults(self):
        """Return these records with all ``default_*`` keys removed from the context.

        The context comes from the caller. In a permitted create, its defaults would set
        every field that the addon's own values don't contain.
        """
        return self.with_context(clean_context(self.env.context))

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        if not self._use_permit(vals_list):
            self._check_guarded_context()
            vals_list = [self._prepare_guarded_vals(vals) for vals in vals_list]
            return super().create(vals_list)
        return super(GuardMixin, self._without_defaults()).create(vals_list)

    def write(self, vals):
        permit = self._use_permit(vals)
        given = permit.rows[0] if permit else {}
        self._check_guarded_write(
            {fname: value for fname, value in vals.items() if fname not in given}
        )
        return super().write(vals)

    # ------------------------------------------------------------ checks
    @api.model
    def _initial_value(self, fname):
        """Return the initial value of a guarded field, whatever clients send.

        Uses only the field's own default, neither ``default_*`` keys nor
        ``ir.default``.
        """
        default = self._fields[fname].default
        return default(self) if default else False

    @api.model
    def _check_guarded_context(self):
        """Refuse ``default_<guarded field>`` in the context of a create."""
        for fname in self._guarded():
            sent = self.env.context.get(f"default_{fname}")
            if sent and sent != self._initial_value(fname):
                raise AccessError(self._guard_message(fname))

    @api.model
    def _prepare_guarded_vals(self, vals):
        """Return a copy of ``vals`` in which guarded fields have their initial values.

        :raise AccessError: when the caller passed another value
        """
        safe_vals = {
            fname: value for fname, value in vals.items() if not self._is_copied(fname)
        }
        for fname in self._guarded():
            initial = self._initial_value(fname)
            if vals.get(fname) and vals[fname] != initial:
                raise AccessError(self._guard_message(fname))
            if self._is_left_out(self._fields[fname]):
                safe_vals.pop(fname, None)
            else:
                safe_vals[fname] = initial
        return safe_vals

    @api.model
    def _is_left_out(self, field):
        """Return whether a field must be omitted on create instead of getting a value.

        Any value, even an empty one, would prevent a computed field from being
        computed, and fields hidden from the user can't be set.
        """
        hidden = not self._has_field_access(field, "write")
        return bool(field.compute or hidden or field.type in ("one2many", "many2many"))

    @api.model
    def _is_copied(self, fname):
        """Return whether a stored field is related, or computed by this addon.

        Odoo lets clients write to such fields. Users could then decide whose agreement,
        report or dispute it is, or change computed scores.
        """
        field = self._fields.get(fname)
        if not field or not field.store or not field.readonly:
            return False
        if field.related:
            return True
        return bool(field.compute and not field.inverse) and is_ours(field)

    def _check_guarded_write(self, vals):
        for fname in vals:
            if self._is_kept(fname):
                raise AccessError(self._guard_message(fname))

    @api.model
    def _guard_message(self, fname):
        field = self._fields[fname]._description_string(self.env)
        return self.env._(
            "“%(field)s” of %(model)s can be changed only with the buttons on the "
            "form. Use the button for the step you want.",
            field=field,
            model=self.env["ir.model"]._get(self._name).name or self._description,
        )
