from odoo import api, models
from odoo.exceptions import AccessError, UserError


class ResPartnerGuard(models.Model):
    """A key client isn't archived, deleted or hung below another one in passing."""

    _inherit = "res.partner"

    def write(self, vals):
        if vals.keys().isdisjoint({"active", "parent_id", "is_company"}):
            return super().write(vals)
        if not vals.get("active", True):
            self._check_archive_of_clients()
        accounts = self._accounts_near(vals)
        result = super().write(vals)
        if accounts:
            self.sudo().key_account_ids._check_clients_stay()
        return result

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

    def _check_archive_of_clients(self):
        current = self.sudo().key_account_ids.filtered(
            lambda account: account.state in ("candidate", "key")
        )
        if current and not current._may_supervise():
            raise AccessError(
                self.env._(
                    "%s is a key account or a candidate, so a supervisor archives it. "
                    "Ask yours; nothing was changed.",
                    current[0].display_name,
                )
            )
