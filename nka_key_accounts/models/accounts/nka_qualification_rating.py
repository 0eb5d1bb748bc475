"""The outside rating of a qualification: the one in force, unless somebody enters another."""

from odoo import fields, models

RATING_FIELDS = {"credit_rating", "rating_source", "credit_limit"}


class QualificationRating(models.Model):
    _inherit = "nka.qualification"

    rating_id = fields.Many2one(
        "nka.credit.rating",
        "Taken from",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The outside rating it was filled in from; empty when entered by hand.",
    )

    def write(self, vals):
        """What somebody enters by hand isn't the outside rating's any more."""
        by_hand = not self._is_unlocked(vals) and not RATING_FIELDS.isdisjoint(vals)
        result = super().write(vals)
        if by_hand:
            self.filtered("rating_id")._unlocked().write({"rating_id": False})
        return result

    def _take_facts(self):
        result = super()._take_facts()
        self._take_ratings()
        return result

    def _take_ratings(self):
        """Fill in the rating in force; one entered by hand stays."""
        current = self.env["nka.credit.rating"]._current(self.key_account_id)
        for qualification in self.sudo():
            rating = current.get(qualification.key_account_id)
            by_hand = qualification.credit_rating and not qualification.rating_id
            if rating and rating != qualification.rating_id and not by_hand:
                qualification._unlocked().write(qualification._prepare_rating(rating))

    def _prepare_rating(self, rating):
        source = ", ".join(
            filter(None, [rating.source, rating.grade, str(rating.date)])
        )
        by_hand = self.credit_limit if not self.rating_id else 0
        return {
            "rating_id": rating.id,
            "credit_rating": rating.rating,
            "rating_source": source,
            "credit_limit": by_hand or rating.credit_limit,
        }
