from odoo import api, models
from odoo.tools import SQL

from ..proof.checked import Check
from ..proof.contents import VERSION, digest_of, in_batches


class AuditVerification(models.Model):
    """Verify the assignments of accounts: they determine who is paid for sales."""

    _inherit = "nka.audit.verification"

    @api.model
    def _checks(self, company):
        return [*super()._checks(company), self._check_assignments(company)]

    @api.model
    def _check_assignments(self, company):
        """Compare the assignments of each account with the hash of their last event."""
        count, found = 0, []
        for accounts in in_batches(self.env["nka.key.account"], company):
            compared, differing = self._compare_assignments(accounts)
            count += len(compared)
            found += map(self._say_other_assignments, differing)
        return Check(
            self.env._("Account assignments, against their hash in the audit trail"),
            count,
            found,
            self.env._("Accounts"),
        )

    @api.model
    def _compare_assignments(self, accounts):
        """Return the accounts with assignments now or in the trail, and the differing
        ones.
        """
        kept = self._recorded_assignments(accounts)
        contents = self.env["nka.assignment"]._contents(accounts)
        known = accounts.filtered(lambda row: contents[row.id] or row.id in kept)
        return known, known.filtered(
            lambda row: kept.get(row.id) != digest_of(contents[row.id])
        )

    @api.model
    def _say_other_assignments(self, account):
        return self.env._(
            "The assignments of %s differ from the audit trail: people, shares or "
            "dates were changed outside the program.",
            account.display_name,
        )

    @api.model
    def _recorded_assignments(self, accounts):
        """Return the hash of the last assignment event of each account that has one.

        :return: hashes by account id
        :rtype: dict[int, str]
        """
        return dict(
            self.env.execute_query(
                SQL(
                    """SELECT DISTINCT ON (res_id) res_id, file_digest
                         FROM nka_audit_event
                        WHERE res_model = %s AND res_id = ANY(%s)
                          AND kind IN ('assignment', 'ownership')
                          AND file_digest LIKE %s
                        ORDER BY res_id, id DESC""",
                    accounts._name,
                    accounts.ids,
                    f"{VERSION}$%",
                )
            )
        )

    @api.model
    def _record_standing(self):
        result = super()._record_standing()
        self.env.flush_all()
        for company in self.env["res.company"].sudo().search([]):
            for accounts in in_batches(self.env["nka.key.account"], company):
                self._record_standing_assignments(accounts)
        return result

    @api.model
    def _record_standing_assignments(self, accounts):
        """Log the assignments of accounts whose events have no hash of them yet."""
        assignments = self.env["nka.assignment"]
        contents = assignments._contents(accounts)
        kept = self._recorded_assignments(accounts)
        accounts = accounts.filtered(
            lambda row: contents[row.id] and row.id not in kept
        )
        running = assignments._running(accounts)
        self.env["nka.audit.event"]._record(
            accounts,
            "assignment",
            old=lambda account: assignments._describe(running, account),
            new=lambda account: assignments._describe(running, account),
            note=self._standing_note(),
            digest=lambda account: digest_of(contents[account.id]),
        )
