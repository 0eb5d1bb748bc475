from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import LazyTranslate

from ..trail.frozen_rows import frozen

_lt = LazyTranslate(__name__)

KEPT = ("regime_id", "user_id", "user_name", "company_id", "date", "digest")


class SecrecyAcknowledgement(models.Model):
    """A person's acknowledgement of a secrecy regime, given with their own login.

    Rows are only inserted: a new regime needs a new acknowledgement.
    """

    _name = "nka.secrecy.acknowledgement"
    _description = "Acknowledgement of a secrecy regime"
    _inherit = ["nka.guard.mixin"]
    _order = "date desc, id desc"
    _rec_name = "user_id"
    _guarded_fields = KEPT
    _audit_kinds = {"acknowledged": _lt("Regime acknowledged")}
    _audit_readers = "record"

    regime_id = fields.Many2one(
        "nka.secrecy.regime",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    user_id = fields.Many2one(
        "res.users",
        "Person",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    user_name = fields.Char("Name at that time", required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    date = fields.Datetime("Acknowledged on", required=True, readonly=True)
    digest = fields.Char("Hash of the regime", required=True, readonly=True)

    _person_unique = models.UniqueIndex(
        "(regime_id, user_id)", "This person has acknowledged the regime already."
    )

    @api.model
    def _guards(self):
        return [*super()._guards(), *frozen(self._table, "TRUE")]

    # ------------------------------------------------------------ compute
    @api.depends("user_id", "regime_id")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.user_name or '…'}: {row.regime_id.name or '…'}"

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_unlocked(vals_list):
            self._refuse_change()
        return super().create(vals_list)

    def write(self, vals):
        if vals:
            self._refuse_change()
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        self._refuse_change()

    @api.model
    def _refuse_change(self):
        raise AccessError(
            self.env._(
                "A secrecy regime is acknowledged by each person with their own login, on "
                "the page of the regime. Acknowledgements can't be entered, changed or "
                "deleted."
            )
        )
