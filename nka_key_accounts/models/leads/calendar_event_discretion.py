from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain

from ..trail.roles import ADMIN, SUPERVISOR


class CalendarEventDiscretion(models.Model):
    """A negotiation with a key account is nobody else's business.

    Who sees the account, takes part or organises it reads it. To other colleagues it
    looks like a private meeting: they see that the people in it are busy, and when.
    """

    _inherit = "calendar.event"

    negotiation_hidden = fields.Boolean(
        compute="_compute_negotiation_hidden",
        search="_search_negotiation_hidden",
        help="A negotiation about a key account the reader doesn't see.",
    )

    # ------------------------------------------------------------ compute
    @api.depends("is_negotiation", "opportunity_id", "partner_ids", "user_id")
    @api.depends_context("uid")
    def _compute_negotiation_hidden(self):
        """Looked up in the database: in the cache, what is hidden is blank already."""
        events = self.sudo().with_context(active_test=False)
        found = Domain("id", "in", self._origin.ids)
        hidden = events.search(found & Domain("is_negotiation", "=", True))
        if hidden:
            hidden = events.search(found & self._domain_negotiation_hidden())
        for event in self:
            event.negotiation_hidden = event._origin.id in hidden._ids

    def _search_negotiation_hidden(self, operator, value):
        if operator != "in":
            return NotImplemented
        hidden = self._domain_negotiation_hidden()
        return hidden if True in value else ~hidden

    @api.model
    def _domain_negotiation_hidden(self):
        """About the reader himself, superuser mode or not: access rules look in it."""
        if self.env.uid == SUPERUSER_ID or self.env.user.has_groups(
            f"{SUPERVISOR},{ADMIN}"
        ):
            return Domain.FALSE
        accounts = self.env["nka.key.account"].sudo(False)
        seen = accounts.search([]) if accounts.has_access("read") else accounts
        unseen = accounts.sudo().search(
            [("state", "=", "key"), ("id", "not in", seen.ids)]
        )
        # "any!": the deal itself may be hidden from the reader, too.
        about = Domain("opportunity_id", "any!", [("key_account_id", "in", unseen.ids)])
        without = Domain("opportunity_id", "=", False) | Domain(
            "opportunity_id", "any!", [("key_account_id", "=", False)]
        )
        clients = Domain("commercial_partner_id", "in", unseen.partner_id.ids)
        about |= without & Domain("partner_ids", "any!", clients)
        mine = Domain("user_id", "=", self.env.uid) | Domain(
            "partner_ids", "in", self.env.user.partner_id.ids
        )
        return Domain("is_negotiation", "=", True) & about & ~mine

    # ------------------------------------------------------------ discretion
    def _check_private_event_conditions(self):
        """Calendar reads "Busy" for these, as for private meetings."""
        return super()._check_private_event_conditions() or self.negotiation_hidden

    @api.model
    def _get_default_privacy_domain(self):
        shown = Domain(super()._get_default_privacy_domain())
        return shown & ~self._domain_negotiation_hidden()

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """What was said about it is for those who may change it."""
        hidden = self.filtered("negotiation_hidden")
        rest = super(CalendarEventDiscretion, self - hidden)
        return {
            **rest._mail_get_operation_for_mail_message_operation(message_operation),
            **dict.fromkeys(hidden, "write"),
        }
