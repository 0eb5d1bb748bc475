from odoo import models
from odoo.addons.account.models.account_move import BYPASS_LOCK_CHECK

from . import companies


class ResPartner(models.Model):
    """Keep documents with their client when a contact moves to another client."""

    _inherit = "res.partner"

    def _with_own_documents(self):
        return companies.with_documents(self) | super()._with_own_documents()

    def _own_documents(self):
        return super()._own_documents() | companies.read_documents(self)

    def _past_documents(self, joins):
        return super()._past_documents(joins) | companies.read_past(joins)

    def _documents_of_clients(self):
        """Return entries of these contacts that are their clients' in accounting."""
        contacts = self.filtered(
            lambda contact: contact.commercial_partner_id != contact
        )
        domain = [
            ("partner_id", "in", contacts.ids),
            ("commercial_partner_id", "in", contacts.commercial_partner_id.ids),
        ]
        moves = self.env["account.move"].sudo().search(domain) if contacts else None
        found = moves.grouped(lambda move: move.partner_id.id) if moves else {}
        return super()._documents_of_clients() | found

    def _keep_documents(self, client, documents):
        """Restore the client of entries after Odoo moved them with their contact.

        What was sold to a client stays with that client, whichever contact was on the
        document.
        """
        kept = documents and documents.filtered(
            lambda move: move.commercial_partner_id != client
        )
        if kept:
            moves = kept.with_context(bypass_lock_check=BYPASS_LOCK_CHECK)
            moves.commercial_partner_id = client
        return super()._keep_documents(client, documents)
