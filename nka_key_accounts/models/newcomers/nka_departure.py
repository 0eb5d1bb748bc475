from odoo import models


class Departure(models.Model):
    _inherit = "nka.departure"

    def _move_to(self, state, note=False, **vals):
        """Stop the start of a person once they have left.

        Not when the departure is opened: people read their own start, and departures
        are never shown to them.
        """
        result = super()._move_to(state, note=note, **vals)
        if state == "departed":
            starts = self.env["nka.manager.start"].sudo()
            starts.search(
                [
                    ("employee_id", "in", self.sudo().employee_id.ids),
                    ("state", "!=", "stopped"),
                ]
            )._stop(self.env._("Left the company"))
        return result
