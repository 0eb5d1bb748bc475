"""A meeting about a key deal is busy time to colleagues, and nothing more."""

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..trail.roles import ADMIN, SUPERVISOR


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        self._check_not_hidden()
        return super().write(vals)

    def unlink(self):
        self._check_not_hidden()
        return super().unlink()

    # ------------------------------------------------------------ checks
    def _check_not_hidden(self):
        """Odoo lets every employee change a meeting that isn't private."""
        if self.env.su or self._sees_every_deal():
            return
        if self.filtered(lambda event: event._is_of_hidden_deal()):
            raise AccessError(
                self.env._(
                    "The meeting is about a deal of a colleague. Ask whoever holds it "
                    "to change it; nothing was changed."
                )
            )

    def _check_private_event_conditions(self):
        """Private to Odoo, or about a deal that isn't the reader's to know of."""
        return super()._check_private_event_conditions() or self._is_of_hidden_deal()

    def _is_of_hidden_deal(self):
        """Read of the records at hand: a page of events costs no query each."""
        event = self.sudo()
        account = event.opportunity_id.key_account_id
        if account.state != "key" or self._sees_every_deal():
            return False
        insiders = (
            account.manager_id
            | account.deputy_id
            | account.mentor_user_ids
            | account.acting_user_ids
            | event.user_id
            | event.opportunity_id.user_id
        )
        return (
            self.env.user not in insiders
            and self.env.user.partner_id not in event.partner_ids
        )

    @api.model
    def _sees_every_deal(self):
        if self.env.uid == SUPERUSER_ID:
            return True
        return self.env.user.has_groups(f"{SUPERVISOR},{ADMIN}")

    @api.model
    def _get_default_privacy_domain(self):
        """Groups of events tell nothing of hidden deals either."""
        domain = super()._get_default_privacy_domain()
        if self._sees_every_deal():
            return domain
        uid = self.env.uid
        hidden = (
            self.env["crm.lead"]
            .sudo()
            ._search(
                [
                    ("key_account_id.state", "=", "key"),
                    ("user_id", "!=", uid),
                    ("key_account_id.manager_id", "!=", uid),
                    ("key_account_id.deputy_id", "!=", uid),
                    ("key_account_id.mentor_user_ids", "not in", uid),
                    ("key_account_id.acting_user_ids", "not in", uid),
                ]
            )
        )
        return Domain.AND(
            [
                domain,
                Domain("opportunity_id", "not in", hidden)
                | Domain("user_id", "=", uid)
                | Domain("partner_ids", "in", self.env.user.partner_id.ids),
            ]
        )
