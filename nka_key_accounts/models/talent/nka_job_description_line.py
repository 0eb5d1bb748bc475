from odoo import fields, models


class JobDescriptionLine(models.TransientModel):
    """Description in one language: the present text and the composed one."""

    _name = "nka.job.description.line"
    _description = "Composed description"
    _order = "id"

    wizard_id = fields.Many2one("nka.job.description", ondelete="cascade")
    fname = fields.Selection(
        [
            ("nka_description", "Description of the position"),
            ("description", "Job summary"),
        ],
        "Text",
        required=True,
        readonly=True,
    )
    lang = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(),
        "Language",
        required=True,
        readonly=True,
    )
    current = fields.Html("Present text", readonly=True)
    composed = fields.Html("Composed text")
    is_edited = fields.Boolean("Edited by hand", readonly=True)
    is_written = fields.Boolean("Replace")
