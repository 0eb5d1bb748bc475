from odoo import models
from odoo.exceptions import AccessError, UserError


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """A client's history as a key account survives a merge, or there is no merge.

    Odoo moves foreign keys with bare SQL and deletes rows that a unique key keeps from
    moving, so everything is checked before.
    """

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        partners = self.env["res.partner"].browse(partner_ids).exists()
        accounts = partners.sudo().key_account_ids
        if not accounts:
            return super()._merge(partner_ids, dst_partner, extra_checks)
        self._check_merge_of_accounts(accounts)
        merged = ", ".join(partners.mapped("display_name"))
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        accounts.invalidate_recordset()
        accounts._check_clients_stay()
        self._record_merge(accounts, merged)
        return result

    def _check_merge_of_accounts(self, accounts):
        if not accounts._may_supervise():
            raise AccessError(
                self.env._(
                    "%s is or was a key account, so a supervisor merges it. Ask "
                    "yours; nothing was changed.",
                    accounts[0].display_name,
                )
            )
        for company, group in accounts.grouped("company_id").items():
            if len(group) > 1:
                raise UserError(
                    self.env._(
                        "%(clients)s each have a history as key accounts of "
                        "%(company)s, and two histories can't become one. Retire one "
                        "of them and archive the contact instead of merging.",
                        clients=", ".join(group.mapped("display_name")),
                        company=company.name,
                    )
                )

    def _record_merge(self, accounts, merged):
        self.env["nka.audit.event"]._record(
            accounts, "merge", old=merged, new=lambda account: account.partner_id
        )
