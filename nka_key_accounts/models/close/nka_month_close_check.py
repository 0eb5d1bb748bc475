from odoo import api, fields, models
from odoo.exceptions import UserError

from ..trail.frozen_rows import freeze_children
from .nka_month_close_rule import CODES, HINTS, SEVERITIES


class MonthCloseCheck(models.Model):
    """What an item of the checklist found in a month."""

    _name = "nka.month.close.check"
    _description = "Checked item of a month"
    _inherit = ["nka.guard.mixin"]
    _log_access = False
    _order = "close_id, sequence, id"
    _rec_name = "code"

    _guarded_fields = (
        "close_id",
        "sequence",
        "code",
        "severity",
        "count",
        "result",
        "res_model",
        "res_ids",
    )
    _company_fields = ("close_id",)

    close_id = fields.Many2one(
        "nka.month.close", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="close_id.company_id")
    sequence = fields.Integer(readonly=True)
    code = fields.Selection(CODES, "Item", required=True, readonly=True)
    severity = fields.Selection(SEVERITIES, required=True, readonly=True)
    count = fields.Integer("Found", readonly=True)
    result = fields.Selection(
        [
            ("ok", "In order"),
            ("warn", "Look at it"),
            ("block", "To be settled"),
            ("pending", "After the lock"),
        ],
        readonly=True,
    )
    hint = fields.Char("What to do", compute="_compute_hint")
    res_model = fields.Char("Model of the records", readonly=True)
    res_ids = fields.Json("Records", readonly=True)

    def init(self):
        freeze_children(
            self.env.cr,
            self._table,
            # The count of payslips is known when the last one is made.
            ["close_id", "code", "severity"],
            "nka_month_close",
            "close_id",
            ["locked"],
        )

    @api.depends("code", "result")
    @api.depends_context("lang")
    def _compute_hint(self):
        for check in self:
            hint = HINTS.get(check.code) if check.result in ("warn", "block") else False
            # pylint: disable-next=translation-contains-variable
            check.hint = hint and self.env._(hint)

    # ------------------------------------------------------------ CRUD
    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        for check in self.sudo():
            if check.close_id.state == "locked":
                raise UserError(
                    self.env._(
                        "%s is locked with its checklist. Reopen the month to go "
                        "through it anew.",
                        check.close_id.display_name,
                    )
                )

    # ------------------------------------------------------------ actions
    def action_open(self):
        """Open the records this item speaks of."""
        self.ensure_one()
        self.check_access("read")
        if self.code == "credits":
            return self._open_credits()
        if not self.res_ids:
            raise UserError(self.env._("Nothing was found here: all is in order."))
        labels = dict(self._fields["code"]._description_selection(self.env))
        return {
            "type": "ir.actions.act_window",
            "name": labels[self.code],
            "res_model": self.res_model,
            "domain": [("id", "in", self.res_ids)],
            "views": [(False, "list"), (False, "form")],
            "context": {"create": False},
        }

    def _open_credits(self):
        """The comparison is made anew: accounting doesn't stand still."""
        close = self.close_id
        check = self.env["nka.bonus.check"].create(
            {
                "company_id": close.company_id.id,
                "date_from": close.month,
                "date_to": close.month_end,
            }
        )
        return check.action_check()
