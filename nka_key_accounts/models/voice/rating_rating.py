"""Keep ratings about key accounts out of Odoo's own lists of ratings.

Odoo lets every employee read, create and change ratings. The answers of clients are
read through ``nka.voice.answer``, whose rules decide who reads them; its ratings, with
the tokens by which they are given, belong to the server. A record rule hides them.
"""

from odoo import models

#: Fields that tell to which record a rating belongs.
PLACE_FIELDS = {"res_model_id", "res_model", "res_id"}


class RatingRating(models.Model):
    _inherit = "rating.rating"

    def write(self, vals):
        """Check again where a rating was moved to.

        Odoo checks record rules before a write only, so an employee could turn a rating
        of their own into the answer of a client.
        """
        result = super().write(vals)
        if not (self.env.su or PLACE_FIELDS.isdisjoint(vals)):
            self.check_access("write")
        return result
