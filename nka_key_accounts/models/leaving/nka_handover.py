from odoo import api, fields, models

from ..trail.roles import ADMIN, DIRECTOR, MANAGER, SUPERVISOR

READERS = f"{MANAGER},{SUPERVISOR},{DIRECTOR},{ADMIN}"


class Handover(models.Model):
    _inherit = "nka.handover"
    _guarded_fields = ("departure_id",)

    departure_id = fields.Many2one(
        "nka.departure",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups=f"{SUPERVISOR},{ADMIN}",
        help="Drafted because the outgoing manager leaves. They see the handover once it "
        "is submitted.",
    )

    has_outcome = fields.Boolean(
        "Outcome can be read",
        compute="_compute_has_outcome",
        groups=READERS,
        help="The user can read what became of at least one of the clients.",
    )

    @api.depends_context("uid")
    def _compute_has_outcome(self):
        """Under the user's rights: the outgoing manager isn't told of the clients."""
        done = self.env["nka.handover.outcome"]._read_group(
            [("handover_id", "in", self._origin.ids)], ["handover_id"]
        )
        found = {handover.id for (handover,) in done}
        for handover in self:
            handover.has_outcome = handover._origin.id in found

    # ------------------------------------------------------------ followers
    def _message_auto_subscribe_followers(self, updated_values, default_subtype_ids):
        """Tell neither manager of a draft that was made for a departure."""
        hidden = self.sudo().filtered(
            lambda handover: handover.departure_id and handover.state == "draft"
        )
        if hidden:
            return []
        return super()._message_auto_subscribe_followers(
            updated_values, default_subtype_ids
        )

    # ------------------------------------------------------------ actions
    def action_open_outcome(self):
        """Open what became of the clients of this handover."""
        self.ensure_one()
        return self.env["nka.handover.outcome"]._action_open(
            [("handover_id", "=", self.id)], self.display_name
        )
