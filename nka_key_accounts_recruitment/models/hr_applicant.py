from collections import Counter

from odoo import api, fields, models
from odoo.fields import Domain

from .nka_applicant_claim import STATES


class HrApplicant(models.Model):
    _inherit = "hr.applicant"

    nka_five_years = fields.Text(
        "Where do you see yourself in five years?",
        groups="hr_recruitment.group_hr_recruitment_user,nka_key_accounts.group_key_account_director",
    )

    # ------------------------------------------------------------ claims
    nka_claim_ids = fields.One2many(
        "nka.applicant.claim", "applicant_id", "Claims", copy=False
    )
    nka_claim_count = fields.Integer("Number of claims", compute="_compute_nka_claims")
    nka_claim_unverified = fields.Integer(
        "Claims not verified", compute="_compute_nka_claims"
    )
    nka_claim_verified = fields.Integer(
        "Claims verified", compute="_compute_nka_claims"
    )
    nka_claim_partly = fields.Integer(
        "Claims partly verified", compute="_compute_nka_claims"
    )
    nka_claim_false = fields.Integer("False claims", compute="_compute_nka_claims")
    nka_claim_unverifiable = fields.Integer(
        "Claims that can't be verified", compute="_compute_nka_claims"
    )
    nka_claim_referees = fields.Integer(
        "Claims with a referee", compute="_compute_nka_claims"
    )
    nka_claim_hint = fields.Char("Claims: note", compute="_compute_nka_claims")

    @api.depends_context("uid", "allowed_company_ids", "lang")
    @api.depends("nka_claim_ids.state")
    def _compute_nka_claims(self):
        """Count claims by status, beside the skills and never mixed with them."""
        counts, referees = self._nka_count_claims()
        for applicant in self:
            by_state = counts.get(applicant._origin.id, {})
            for state, _label in STATES:
                applicant[f"nka_claim_{state}"] = by_state.get(state, 0)
            applicant.nka_claim_referees = referees.get(applicant._origin.id, 0)
            applicant.nka_claim_count = sum(by_state.values())
            applicant.nka_claim_hint = applicant._nka_explain_claims(by_state)

    def _nka_count_claims(self):
        """Return the number of claims by applicant and status, and of those with a
        referee.

        :rtype: tuple[dict[int, dict[str, int]], dict[int, int]]
        """
        claims = self.env["nka.applicant.claim"]
        if not claims.has_access("read"):
            return {}, {}
        groups = claims._read_group(
            [("applicant_id", "in", self._origin.ids)],
            ["applicant_id", "state", "has_referee"],
            ["__count"],
        )
        counts, referees = {}, Counter()
        for applicant, state, has_referee, count in groups:
            counts.setdefault(applicant.id, Counter())[state] += count
            referees[applicant.id] += count if has_referee else 0
        return counts, referees

    def _nka_explain_claims(self, by_state):
        """Return why no claim is waiting or was false, as far as that is so."""
        if not by_state:
            return self.env._("No claims of the CV have been entered yet.")
        total, waiting = sum(by_state.values()), by_state.get("unverified", 0)
        if waiting == total:
            return self.env._("None of the claims has been checked yet.")
        if not waiting:
            return self.env._("All claims have been checked.")
        return False

    def _nka_interviewers(self):
        """Return the people who interview and recommend these applicants.

        They don't decide whether the claims of the CV are right.

        :rtype: res.users
        """
        return self.interviewer_ids | self.job_id.interviewer_ids

    def _nka_own_users(self):
        """Return the users of the applicants themselves, if they are colleagues."""
        emails = [email for email in self.mapped("email_normalized") if email]
        domain = Domain("partner_id", "in", self.partner_id.ids)
        if emails:
            domain |= Domain("partner_id.email_normalized", "in", emails)
        users = self.env["res.users"].sudo().search(domain)
        return users | self.employee_id.user_id

    def write(self, vals):
        result = super().write(vals)
        if not {"interviewer_ids", "job_id"}.isdisjoint(vals):
            self.sudo().nka_claim_ids._keep_interviewers()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_nka_claims(self):
        """Delete claims, checks and their files, which name people outside."""
        self.sudo().nka_claim_ids._unlocked().unlink()

    def action_nka_open_claims(self):
        """Open the claims of these applicants, or those in one status.

        :return: window action; the context key ``nka_claim_state`` limits the status
        """
        states = dict(self.env["nka.applicant.claim"]._fields["state"].selection)
        state = self.env.context.get("nka_claim_state")
        domain = [("applicant_id", "in", self.ids)]
        if self.env.context.get("nka_claim_referee"):
            domain.append(("has_referee", "=", True))
        if state in states:
            domain.append(("state", "=", state))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "nka_key_accounts_recruitment.nka_applicant_claim_action"
        )
        context = {"default_applicant_id": self.id} if len(self) == 1 else {}
        return {**action, "domain": domain, "context": context}

    def action_nka_compare(self):
        """Open two applicants beside each other.

        :raise UserError: unless exactly two are selected
        """
        return self.env["nka.applicant.comparison"]._open_for(self)
