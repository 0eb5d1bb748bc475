from odoo import api, models


class FigureSource(models.AbstractModel):
    """Records that figures of key accounts are made of.

    The figures are no stored computes, so that these records cost nothing more than
    before; but one that was read before a change must not survive it in the cache of
    the same transaction. Forgetting it takes no query.
    """

    _name = "nka.figure.source"
    _description = "Source of key account figures"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self.env["nka.key.account"]._forget_figures()
        return records

    def write(self, vals):
        result = super().write(vals)
        self.env["nka.key.account"]._forget_figures()
        return result

    def unlink(self):
        result = super().unlink()
        self.env["nka.key.account"]._forget_figures()
        return result
