from odoo import api, models
from odoo.exceptions import UserError

from ..trail.frozen_rows import frozen_children


class PayStatementLine(models.Model):
    _inherit = "nka.pay.statement.line"

    @api.model
    def _guards(self):
        columns = [
            "statement_id",
            "sequence",
            "kind",
            "component",
            "amount",
            "is_shown_only",
            "source_month",
            "explanation",
            "res_model",
            "res_ids",
        ]
        return [
            *super()._guards(),
            *frozen_children(
                self._table,
                columns,
                "nka_pay_statement",
                "statement_id",
                ["locked"],
            ),
        ]

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        # First, so that users without this right don't see the statement's name.
        self.check_access("create")
        default = self.env.context.get("default_statement_id")
        ids = {vals.get("statement_id", default) for vals in vals_list} - {None, False}
        self._check_unlocked_month(self.env["nka.pay.statement"].browse(ids))
        return super().create(vals_list)

    def write(self, vals):
        self.check_access("write")
        self._check_unlocked_month(self.statement_id)
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        self._check_unlocked_month(self.statement_id)

    @api.model
    def _check_unlocked_month(self, statements):
        for statement in statements.sudo():
            if statement.state == "locked":
                raise UserError(
                    self.env._(
                        "%s is locked, so its lines can't be changed. Adjustments are "
                        "paid in the first open month.",
                        statement.display_name,
                    )
                )
