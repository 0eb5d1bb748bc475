from contextlib import nullcontext

from odoo import api, models
from odoo.exceptions import UserError

from ..accounts.asking import refusal


class ResPartner(models.Model):
    """Update the account of leads when a contact moves to another client."""

    _name = "res.partner"
    _inherit = ["res.partner", "nka.colleague.mixin"]

    def action_archive(self):
        return self._each_apart(lambda contacts: super().action_archive())

    def _protected(self):
        """Return contacts of key accounts and candidates."""
        contacts = self.sudo().filtered(
            lambda contact: contact.commercial_partner_id._current_accounts()
        )
        return contacts.with_env(self.env)

    def write(self, vals):
        if not self._accounts_near(vals):
            return super().write(vals)
        leads = self._leads_of_clients()
        key_leads = leads._of_key_accounts()
        with self.env.cr.savepoint() if key_leads else nullcontext():
            before = key_leads._prepare_custody()
            result = super().write(vals)
            leads._find_key_account()
            key_leads._check_still_with_account(before)
        key_leads._record_custody(before)
        return result

    @api.ondelete(at_uninstall=True)
    def _check_unlink_with_key_leads(self):
        """Refuse to delete contacts that are the customer of a key account lead.

        The foreign key would clear the customer in the database, without ORM checks.
        """
        leads = self._leads_of_clients().filtered(lambda lead: lead.partner_id in self)
        for lead in leads._of_key_accounts()[:1]:
            raise UserError(
                self.env._(
                    "%(contact)s is the customer on “%(lead)s”, a key account deal. "
                    "Archive the contact instead.",
                    contact=lead.partner_id.display_name,
                    lead=lead.display_name,
                )
            )

    def _leads_of_clients(self):
        """Return all leads of the clients these contacts belong to, with one query."""
        leads = self.env["crm.lead"].sudo().with_context(active_test=False)
        clients = self.commercial_partner_id.ids
        return leads.search([("partner_id.commercial_partner_id", "in", clients)])

    def _check_merge_of_clients(self):
        """Check that only a supervisor merges contacts of key accounts.

        All users can merge duplicates of one person at a client, because that takes
        nothing away from the client.

        :raise AccessError: with a button that asks the supervisor
        """
        if self._are_one_person():
            return
        leads = self.env["crm.lead"]
        key_clients = self.sudo().commercial_partner_id.key_account_ids.filtered(
            lambda account: account.state == "key"
        )
        if key_clients and not leads._may_part():
            message = self.env._(
                "%(client)s is a key account, so only a supervisor can merge its "
                "contacts. Ask %(people)s.",
                client=key_clients[0].display_name,
                people=key_clients[0]._name_supervisors(),
            )
            client = key_clients[0].partner_id
            raise refusal(message, client, key_clients[0], decides=True)

    def _are_one_person(self):
        """Return whether these contacts can be duplicates of one person at a client.

        At most one is on the stakeholder map, so a merge loses no stakeholder data.
        """
        people = self.sudo()
        clients = people.commercial_partner_id
        if len(clients) > 1 or clients & people:
            return False
        mapped = self.env["nka.stakeholder"].sudo().with_context(active_test=False)
        return mapped.search_count([("partner_id", "in", people.ids)], limit=2) < 2
