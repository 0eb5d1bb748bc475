from odoo import api, fields, models

from ..trail.frozen_rows import frozen_children


class PayTermMixin(models.AbstractModel):
    """A row of a version's terms: it changes in the draft only, and whoever changes it
    counts among those who prepared the version.
    """

    _name = "nka.pay.term.mixin"
    _inherit = ["nka.guard.mixin"]
    _description = "Term of a plan version"
    _company_fields = ("version_id",)

    #: What the database keeps as it is once the version has started.
    _frozen_columns = ()

    version_id = fields.Many2one(
        "nka.pay.plan.version", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="version_id.company_id", store=True)

    @api.model
    def _guards(self):
        if not self._frozen_columns:
            return super()._guards()
        return [
            *super()._guards(),
            *frozen_children(
                self._table,
                ["version_id", *self._frozen_columns],
                "nka_pay_plan_version",
                "version_id",
                ["approved"],
                since="date_start",
            ),
        ]

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        self._named_in(vals_list, "version_id")._check_editable()
        rows = super().create(vals_list)
        rows.version_id._add_maker()
        return rows

    def write(self, vals):
        versions = self.version_id | self.version_id.browse(vals.get("version_id"))
        self.check_access("write")
        versions._check_editable()
        result = super().write(vals)
        self.version_id._add_maker()
        return result

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        self.version_id._check_editable()
