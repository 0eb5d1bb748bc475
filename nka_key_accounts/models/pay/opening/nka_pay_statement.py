from odoo import models


class PayStatement(models.Model):
    """The month calculated first shows where its figures of before come from."""

    _inherit = "nka.pay.statement"

    def _prepare_sources(self, kind, vals, facts):
        opening = facts.openings.get(self.employee_id.id)
        is_first = opening and facts.statement_before(self.employee_id) is None
        if kind == "carry" and is_first:
            return {"res_model": opening._name, "res_ids": opening.ids}
        return super()._prepare_sources(kind, vals, facts)
