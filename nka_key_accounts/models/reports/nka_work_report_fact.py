from odoo import fields, models
from odoo.exceptions import UserError


class WorkReportFact(models.Model):
    """One figure of a report, with the records it was counted from."""

    _name = "nka.work.report.fact"
    _description = "Fact of a work report"
    _inherit = ["nka.guard.mixin"]
    _order = "sequence, id"

    _guarded_fields = ("report_id", "kind", "count", "amount", "res_model", "res_ids")

    report_id = fields.Many2one(
        "nka.work.report", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="report_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    sequence = fields.Integer()
    kind = fields.Char(required=True)
    name = fields.Char(compute="_compute_name")
    count = fields.Integer()
    amount = fields.Monetary()
    res_model = fields.Char("Model")
    res_ids = fields.Json("Records")

    def _compute_name(self):
        labels = {
            source["kind"]: source["label"]
            for source in self.env["nka.work.report"]._fact_sources()
        }
        for fact in self:
            fact.name = labels.get(fact.kind, fact.kind)

    def action_open(self):
        """The records behind the figure, as far as the reader may see them."""
        self.ensure_one()
        if not self.res_ids:
            raise UserError(self.env._("Nothing was counted here."))
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": self.res_model,
            "view_mode": "list,form",
            "domain": [("id", "in", self.res_ids)],
            "context": {"active_test": False, "create": False},
        }
