from odoo import api, models
from odoo.exceptions import AccessError, UserError


class ResPartnerGuard(models.Model):
    """A key client isn't archived, deleted or hung below another one in passing."""

    _inherit = "res.partner"

    def write(self, vals):
        if vals.keys().isdisjoint({"active", "parent_id", "is_company"}):
            return super().write(vals)
        followed = self._accounts_followed(vals)
        if not vals.get("active", True):
            self._check_archive_of_clients(followed)
        accounts = self._accounts_near(vals)
        result = super().write(vals)
        if accounts:
            self.sudo().key_account_ids._check_clients_stay()
        if followed:
            self._follow_on_the_map(vals["active"])
        return result

    def _accounts_followed(self, vals):
        """Key accounts whose client or people come or go with this write: one query."""
        if "active" not in vals:
            return self.env["nka.key.account"]
        return self.sudo().commercial_partner_id.key_account_ids

    def _follow_on_the_map(self, active):
        """Who has left the client decides nothing there any more."""
        people = self.env["nka.stakeholder"].sudo()
        people.search(
            [("partner_id", "in", self.ids), ("active", "!=", active)]
        ).active = active

    def _accounts_near(self, vals):
        """Key accounts that a move of these contacts may concern: one query.

        Of the clients they belong to, and of the one they are about to belong to.
        """
        partners = self.sudo()
        if {"parent_id", "is_company"}.isdisjoint(vals):
            return partners.env["nka.key.account"]
        parents = partners.browse(vals.get("parent_id") or []) | partners.parent_id
        return (partners | parents).commercial_partner_id.key_account_ids

    @api.ondelete(at_uninstall=False)
    def _check_unlink_of_clients(self):
        """The foreign key would refuse as well; this one says what to do."""
        for account in self.sudo().key_account_ids:
            raise UserError(
                self.env._(
                    "%s has a history as a key account, and history stays. Archive "
                    "the contact instead.",
                    account.display_name,
                )
            )

    def _check_archive_of_clients(self, accounts):
        current = accounts.filtered(
            lambda account: (
                account.state in ("candidate", "key") and account.partner_id in self
            )
        )
        if current and not current._may_supervise():
            raise AccessError(
                self.env._(
                    "%s is a key account or a candidate, so a supervisor archives it. "
                    "Ask yours; nothing was changed.",
                    current[0].display_name,
                )
            )
