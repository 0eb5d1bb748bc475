from odoo import api, models
from odoo.fields import Domain

from ..proof.checked import Check
from ..proof.contents import in_batches, misnamed
from .broken import INPUTS, SEAL

#: For each state of a month: the fields with the user and the time.
STEPS = (
    ("calculated", "calculated_by_id", "calculated_date"),
    ("approved", "approved_by_id", "approved_date"),
    ("locked", "locked_by_id", "locked_date"),
)


class AuditVerification(models.Model):
    """Verify locked months: recalculate each, compare with hash and audit trail."""

    _inherit = "nka.audit.verification"

    @api.model
    def _checks(self, company):
        return [
            *super()._checks(company),
            *self._check_months(company),
            self._check_revisions(company),
            self._check_steps(company),
        ]

    @api.model
    def _not_checked(self, company):
        closes = self.env["nka.month.close"].sudo()
        first = closes.search_count(
            [("company_id", "=", company.id), ("digest", "=like", "1:%")]
        )
        return [
            *super()._not_checked(company),
            self.env._(
                "content of documents, reports, goals, balances and adjustments "
                "approved before the audit trail recorded hashes"
            ),
            self.env._(
                "rates, terms and reports behind %s months with a version 1 integrity "
                "hash",
                first,
            ),
            self.env._(
                "amounts of %s statements of months that aren't locked",
                self._count_unlocked(company),
            ),
            self.env._("whether single payslips are marked as paid"),
            self.env._(
                "%s payslips in the batches of locked months that don't belong to a "
                "statement",
                self._count_other_payslips(company),
            ),
        ]

    @api.model
    def _count_unlocked(self, company):
        """Count statements that no integrity hash covers yet."""
        statements = self.env["nka.pay.statement"].sudo()
        return statements.search_count(
            [("company_id", "=", company.id), ("state", "!=", "locked")]
        )

    @api.model
    def _count_other_payslips(self, company):
        """Count other payslips of these batches; payroll users may add some."""
        locked = Domain("company_id", "=", company.id) & Domain("state", "=", "locked")
        runs = self.env["nka.month.close"].sudo().search(locked).payslip_run_id
        slips = self.env["hr.payslip"].sudo()
        return slips.search_count(
            [("payslip_run_id", "in", runs.ids), ("nka_statement_ids", "=", False)]
        )

    @api.model
    def _check_months(self, company):
        """Return one check for each kind of data in locked months."""
        groups = (SEAL, "statements", "payslips", "credits", INPUTS)
        counts, found = dict.fromkeys(groups, 0), {group: [] for group in groups}
        closes = self.env["nka.month.close"]
        for batch in in_batches(closes, company, ("state", "=", "locked")):
            for close in batch:
                broken = close.revision_ids._broken(close)
                for group, count in self._count_sealed(close).items():
                    counts[group] += count
                    if sentences := broken.sentences(group):
                        found[group].append(self._say_broken(close, sentences))
                close.env.invalidate_all(flush=False)
        titles = self._titles_of_months()
        return [
            Check(title, counts[group], found[group], unit)
            for group, (title, unit) in titles.items()
        ]

    @api.model
    def _say_broken(self, close, sentences):
        return self.env._(
            "%(month)s differs from what was locked: %(parts)s.",
            month=close.display_name,
            parts="; ".join(sentences),
        )

    @api.model
    def _titles_of_months(self):
        """Return the title and the unit of each check of locked months."""
        return {
            SEAL: (
                self.env._(
                    "Integrity hashes of locked months, recalculated, against the "
                    "month, its revision and the audit trail"
                ),
                self.env._("Months"),
            ),
            "statements": (
                self.env._(
                    "Statements of locked months and their lines, against the "
                    "integrity hash"
                ),
                self.env._("Statements"),
            ),
            "payslips": (
                self.env._("Payslips of locked months, against the integrity hash"),
                self.env._("Payslips"),
            ),
            "credits": (
                self.env._(
                    "Sales credits of locked months, against the integrity hash"
                ),
                self.env._("Credits"),
            ),
            INPUTS: (
                self.env._(
                    "Agreements, plan versions, goals, reports, opening balances and "
                    "adjustments behind locked months, against the integrity hash"
                ),
                self.env._("Statements"),
            ),
        }

    @api.model
    def _count_sealed(self, close):
        locked = close.statement_ids.filtered(lambda row: row.state == "locked")
        credits = self.env["nka.bonus.line"].sudo()
        return {
            SEAL: 1,
            "statements": len(locked),
            "payslips": len(locked.payslip_id),
            "credits": credits.search_count(
                [
                    ("company_id", "=", close.company_id.id),
                    ("date", ">=", close.month),
                    ("date", "<=", close.month_end),
                ]
            ),
            INPUTS: len(locked),
        }

    @api.model
    def _check_revisions(self, company):
        """Check that no locked revision is missing or rewritten, even if reopened."""
        count, found = 0, []
        for batch in in_batches(self.env["nka.month.close"], company):
            for close in batch:
                count += len(close.revision_ids)
                if sentences := close.revision_ids._contradictions(close):
                    found.append(f"{close.display_name}: {'; '.join(sentences)}.")
        return Check(
            self.env._("Locked revisions of months, against the audit trail"),
            count,
            found,
            self.env._("Revisions"),
        )

    @api.model
    def _check_steps(self, company):
        """Compare who calculated, approved and locked months with the audit trail."""
        count, found = 0, []
        closes = self.env["nka.month.close"]
        for batch in in_batches(closes, company, ("state", "!=", "open")):
            count += len(batch)
            found += misnamed(batch, STEPS, kept=("locked",))
        return Check(
            self.env._(
                "Who calculated, approved and locked months, and when, against the "
                "audit trail"
            ),
            count,
            found,
            self.env._("Months"),
        )
