from odoo import api, fields, models
from odoo.tools import SQL


class KeyAccountNotes(models.Model):
    _inherit = "nka.key.account"

    note_ids = fields.One2many("nka.account.note", "key_account_id", "Knowledge")
    note_count = fields.Integer("Notes", compute="_compute_figures", aggregator="sum")

    @api.model
    def _figure_names(self):
        return [*super()._figure_names(), "note_count"]

    @api.model
    def _sql_note_count(self, alias):
        return SQL(
            """(SELECT COUNT(*) FROM nka_account_note note
                 WHERE note.key_account_id = %s AND note.active)""",
            SQL.identifier(alias, "id"),
        )
