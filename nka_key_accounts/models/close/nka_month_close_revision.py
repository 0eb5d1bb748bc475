from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import formatLang

from ..trail.roles import PAYROLL_OFFICER
from .frozen_months import keep_revisions


class MonthCloseRevision(models.Model):
    """A sealed state of a month, kept for ever."""

    _name = "nka.month.close.revision"
    _description = "Sealed revision of a month"
    _inherit = ["nka.guard.mixin"]
    _order = "close_id desc, number desc"
    _rec_name = "number"

    _guarded_fields = (
        "close_id",
        "number",
        "digest",
        "sealed",
        "reason",
        "differences",
        "sealed_by_id",
        "sealed_date",
    )
    _company_fields = ("close_id",)

    close_id = fields.Many2one(
        "nka.month.close", required=True, index=True, ondelete="restrict", readonly=True
    )
    company_id = fields.Many2one(related="close_id.company_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    number = fields.Integer("Revision", required=True, readonly=True)
    digest = fields.Char(required=True, readonly=True)
    # What the digest covers, word for word: shows later what has changed.
    # An administrator reopens months and sees totals: both are of every person's pay.
    sealed = fields.Json(readonly=True, groups=PAYROLL_OFFICER)
    reason = fields.Char(readonly=True)
    differences = fields.Json("Changed amounts", readonly=True, groups=PAYROLL_OFFICER)
    difference_html = fields.Html(
        "Difference", compute="_compute_difference_html", groups=PAYROLL_OFFICER
    )
    sealed_by_id = fields.Many2one("res.users", "Sealed by", readonly=True)
    sealed_date = fields.Datetime("Sealed on", readonly=True)

    _number_unique = models.Constraint(
        "UNIQUE(close_id, number)", "Revisions of a month are numbered."
    )

    def init(self):
        keep_revisions(self.env.cr)

    @api.depends("differences")
    @api.depends_context("lang")
    def _compute_difference_html(self):
        fields_ = self.env["nka.pay.statement"]._fields
        ids = {row[0] for rev in self for row in rev.differences or ()}
        names = {
            employee.id: employee.name
            for employee in self.env["hr.employee"].sudo().browse(ids).exists()
        }
        for revision in self:
            rows = [
                Markup("<li>%s · %s: %s → <b>%s</b></li>")
                % (
                    names.get(key, key),
                    fields_[name]._description_string(self.env)
                    if name in fields_
                    else name,
                    revision._show(before),
                    revision._show(after),
                )
                for key, name, before, after in revision.differences or ()
            ]
            revision.difference_html = (
                Markup("<ul class='mb-0'>%s</ul>") % Markup("").join(rows)
                if rows
                else False
            )

    def _show(self, amount):
        if amount is None:
            return "–"
        return formatLang(self.env, float(amount), self.currency_id.decimal_places)

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        self._refuse()
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        self._refuse()

    def _refuse(self):
        raise AccessError(
            self.env._("Sealed revisions are kept as they are. Nothing was changed.")
        )
