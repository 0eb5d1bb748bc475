from odoo import api, models

from .confined import check_reader, is_confined


class MailRenderMixin(models.AbstractModel):
    """A text is filled in from records that the acting person reads."""

    _inherit = "mail.render.mixin"

    @api.model
    def _render_template(self, template_src, model, res_ids, *args, **kwargs):
        if is_confined(model):
            check_reader(self.env[model].browse(number for number in res_ids if number))
        return super()._render_template(template_src, model, res_ids, *args, **kwargs)
