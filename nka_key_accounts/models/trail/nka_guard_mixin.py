"""Fields that only the product's own code may write.

``readonly`` on a field is for the screen; a client with RPC ignores it. Here the
server refuses. Our own code opens the guard with an object that no client can
send: JSON and XML-RPC carry strings, numbers, lists and dictionaries, never this
one object, and it is compared by identity.
"""

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import clean_context

_KEY = object()


class GuardMixin(models.AbstractModel):
    _name = "nka.guard.mixin"
    _inherit = ["nka.company.mixin"]
    _description = "Fields written by code only"

    #: Fields that no client may set or change, whatever his rights.
    _guarded_fields = ()

    def _unlocked(self):
        """Return these records with the guard open for the next create or write.

        The guard closes again inside that call, so nothing it triggers
        (automations, computed fields, messages) inherits the permission.
        """
        return self.with_context(nka_key=_KEY)

    @api.model
    def _is_unlocked(self):
        return self.env.context.get("nka_key") is _KEY

    def _relocked(self):
        return self.with_context(nka_key=None) if self._is_unlocked() else self

    @api.model
    def _without_defaults(self):
        """These records without anybody's ``default_*`` for what our code creates.

        The context comes from whoever called; behind an open guard it would fill in
        every field that our own values don't name.
        """
        return self.with_context(clean_context(self.env.context))

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_unlocked():
            self._check_guarded_context()
            vals_list = [self._prepare_guarded_vals(vals) for vals in vals_list]
            return super().create(vals_list)
        own = self._relocked()._without_defaults()
        return super(GuardMixin, own).create(vals_list)

    def write(self, vals):
        if not self._is_unlocked():
            self._check_guarded_write(vals)
        return super(GuardMixin, self._relocked()).write(vals)

    # ------------------------------------------------------------ checks
    @api.model
    def _initial_value(self, fname):
        """The value a guarded field has on a new record, whatever a client sent.

        The field's own default only: neither ``default_*`` keys nor ``ir.default``.
        """
        default = self._fields[fname].default
        return default(self) if default else False

    @api.model
    def _check_guarded_context(self):
        """Refuse ``default_<guarded field>`` in the context of a create."""
        for fname in self._guarded_fields:
            sent = self.env.context.get(f"default_{fname}")
            if sent and sent != self._initial_value(fname):
                raise AccessError(self._guard_message(fname))

    @api.model
    def _prepare_guarded_vals(self, vals):
        """Copy ``vals`` with every guarded field at its initial value.

        Raises AccessError when the caller asked for another one.
        """
        safe_vals = {
            fname: value for fname, value in vals.items() if not self._is_copied(fname)
        }
        for fname in self._guarded_fields:
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
        """Fields that aren't given at all on a create.

        A value given, even an empty one, would keep a field from computing, and one
        that the user may not see can't be given.
        """
        hidden = not self._has_field_access(field, "write")
        return bool(field.compute or hidden or field.type in ("one2many", "many2many"))

    @api.model
    def _is_copied(self, fname):
        """Whether a field only repeats another record's, stored for rules and search.

        Odoo lets clients write over such a copy, though it is no field of their own:
        whose agreement, report or dispute it is would be theirs to say.
        """
        field = self._fields.get(fname)
        return bool(field and field.related and field.store and field.readonly)

    def _check_guarded_write(self, vals):
        for fname in vals:
            if fname in self._guarded_fields or self._is_copied(fname):
                raise AccessError(self._guard_message(fname))

    @api.model
    def _guard_message(self, fname):
        field = self._fields[fname]._description_string(self.env)
        return self.env._(
            "“%(field)s” of %(model)s is set by the buttons of the form only. "
            "Use the button for the step you want; nothing was changed.",
            field=field,
            model=self.env["ir.model"]._get(self._name).name or self._description,
        )
