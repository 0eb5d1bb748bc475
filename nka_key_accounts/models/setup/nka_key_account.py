from odoo import api, models


class KeyAccount(models.Model):
    _inherit = "nka.key.account"

    @api.model
    def _prepare_candidate_vals(self, vals):
        """Let accounts nominated before the first closed month be owned from the date of
        the setup page.
        """
        prepared = super()._prepare_candidate_vals(vals)
        if "date_start" in prepared:
            return prepared
        company = self.env["res.company"].browse(prepared.get("company_id"))
        setup = self.env["nka.setup"]._before_first_lock(company or self.env.company)
        return {**prepared, "date_start": setup.ownership_date}

    def action_confirm(self):
        """Approve takeover qualifications that still wait, then confirm the accounts.

        The same supervisor decides about both, and has their figures on the account.
        """
        self._check_supervisor()
        waiting = self._submitted_takeovers()
        if waiting:
            waiting.action_approve()
            self.invalidate_recordset(["qualification_id"])
        return super().action_confirm()

    def _submitted_takeovers(self):
        """Return the takeover qualifications of candidates that wait for a supervisor.

        :rtype: nka.qualification
        """
        candidates = self.filtered(lambda account: account.state == "candidate")
        qualifications = self.env["nka.qualification"].sudo()
        found = qualifications.search(
            [
                ("key_account_id", "in", candidates.ids),
                ("state", "=", "submitted"),
                ("is_takeover", "=", True),
            ]
        )
        return found.with_env(self.env)

    def _describe_candidate_step(self):
        if self.manager_id and self._submitted_takeovers():
            return self.env._("Taken over; a supervisor confirms")
        return super()._describe_candidate_step()
