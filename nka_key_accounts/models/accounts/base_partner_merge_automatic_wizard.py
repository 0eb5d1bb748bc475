from odoo import models
from odoo.exceptions import AccessError, UserError


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Keep the history of key accounts when contacts are merged, or refuse the merge.

    Odoo moves foreign keys with plain SQL and deletes rows that a unique constraint
    keeps from moving, so everything is checked before. Purchases that an unrelated
    contact made before the merge don't count as the client's sales.
    """

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        partners = self.env["res.partner"].browse(partner_ids).exists()
        clients = partners.sudo().commercial_partner_id
        if not (partners | clients).sudo().key_account_ids:
            return super()._merge(partner_ids, dst_partner, extra_checks)
        accounts = partners.sudo().key_account_ids
        self._check_merge_of_accounts(accounts)
        merged = ", ".join(partners.mapped("display_name"))
        before = self._prepare_merge(partners)
        self._keep_apart(partners)
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        accounts.invalidate_recordset()
        self.env["nka.client.join"]._check_clients_stay(accounts)
        self._record_merge(accounts, merged)
        self._settle_merge(before, partners.exists())
        return result

    def _check_merge_of_accounts(self, accounts):
        if accounts and not accounts._may_supervise():
            raise AccessError(
                self.env._(
                    "%(client)s is or was a key account, so only a supervisor can "
                    "merge it. Ask %(people)s.",
                    client=accounts[0].display_name,
                    people=self.env["nka.assignment"]._name_uninvolved(accounts[0]),
                )
            )
        self.env["nka.assignment"]._check_uninvolved(accounts)
        for company, group in accounts.grouped("company_id").items():
            if len(group) > 1:
                raise UserError(
                    self.env._(
                        "%(clients)s each have a history as key accounts of "
                        "%(company)s, and the histories can't be merged. Retire one of "
                        "the key accounts and archive the contact instead.",
                        clients=", ".join(group.mapped("display_name")),
                        company=company.name,
                    )
                )

    def _record_merge(self, accounts, merged):
        self.env["nka.audit.event"]._record(
            accounts, "merge", old=merged, new=lambda account: account.partner_id
        )

    # ------------------------------------------------------------ joins by merge
    def _prepare_merge(self, partners):
        """Return the state of all contacts that a merge moves, before it does.

        :return: current accounts, name, ids of documents and whether there are any, by
            contact
        :rtype: dict[res.partner, tuple]
        """
        every = partners.sudo().with_context(active_test=False)
        moved = every.search([("id", "child_of", partners.ids)])
        documents = moved._own_documents()
        heavy = moved._with_own_documents()
        return {
            contact: (
                contact.commercial_partner_id._current_accounts(),
                contact.display_name,
                documents.get(contact.id, {}),
                contact in heavy,
            )
            for contact in moved
        }

    def _keep_apart(self, partners):
        """Replace join rows of merged contacts by a row for each excluded document.

        After the merge, these rows would apply to documents of other contacts.
        """
        joins = self.env["nka.client.join"].sudo()
        rows = joins.search([("partner_id", "in", partners.ids), ("date", "!=", False)])
        past = partners.sudo()._past_documents(rows)
        for row in rows:
            joins._add_documents(row.key_account_id, past.get(row.id, {}))
        rows._unlocked().unlink()

    def _settle_merge(self, before, survivor):
        """Check and log documents of other contacts that the merge moved to an account,
        and contacts with documents that it moved out of one.

        :raise AccessError: if the current user can't decide on such a move
        """
        joins = self.env["nka.client.join"]
        joins._forget_joining(survivor)
        alive = self.env["res.partner"].browse(contact.id for contact in before)
        alive = alive.exists().sudo() - survivor
        for contact, (accounts, name, documents, is_heavy) in before.items():
            moved = contact if contact in alive else survivor.sudo()
            present = moved.commercial_partner_id._current_accounts()
            gained, lost = present - accounts, accounts - present
            if is_heavy and lost:
                # Its invoices stay with the client, though their contact has left.
                joins._check_may_move(moved, lost)
                joins._add_leaving(moved, lost)
                self.env["nka.audit.event"]._record(
                    lost, "leave", old=name, new=survivor
                )
            if not is_heavy or not gained:
                continue
            joins._check_may_move(moved, gained)
            if contact in alive:
                joins._add({contact: gained}, contact._document_marks())
            for account in gained if contact not in alive else ():
                joins._add_documents(account, documents)
            self.env["nka.audit.event"]._record(gained, "join", old=name, new=survivor)
