from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class DocumentFinding(models.Model):
    """A finding of a reviewer, and the author's answer."""

    _name = "nka.document.finding"
    _description = "Document finding"
    _inherit = ["nka.guard.mixin", "nka.read.mixin"]
    _reading_kind = "document"
    _order = "number, id"
    _rec_name = "text"

    _guarded_fields = (
        "state",
        "number",
        "raised_by_id",
        "answered_by_id",
        "answer_date",
    )
    _audit_lead_field = "document_id.lead_id"

    document_id = fields.Many2one(
        "nka.document", required=True, index=True, ondelete="cascade"
    )
    text = fields.Text("Finding", required=True)
    item = fields.Char("Checklist item")
    deadline = fields.Date("Answer by")
    number = fields.Integer("Submission", readonly=True)
    raised_by_id = fields.Many2one("res.users", "Raised by", readonly=True)
    answer = fields.Text()
    answered_by_id = fields.Many2one("res.users", "Answered by", readonly=True)
    answer_date = fields.Datetime("Answered on", readonly=True)
    state = fields.Selection(
        [("open", "Open"), ("answered", "Answered"), ("closed", "Closed")],
        default="open",
        required=True,
        readonly=True,
    )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        if self._is_unlocked(vals_list):
            return super().create(vals_list)
        self._check_reviewing(self._named_in(vals_list, "document_id"))
        vals_list = [{**vals, "answer": False} for vals in vals_list]
        findings = super().create(vals_list)
        for finding in findings:
            finding._unlocked().write(finding._prepare_raised(finding.document_id))
        return findings

    def write(self, vals):
        if self._is_unlocked(vals):
            return super().write(vals)
        if "document_id" in vals:
            raise AccessError(
                self.env._("A finding can't be moved to another document.")
            )
        if not vals.keys().isdisjoint({"text", "item", "deadline"}):
            self._check_reviewing(self.document_id)
        if "answer" in vals:
            self._check_answerable()
        result = super().write(vals)
        if "answer" in vals:
            self._keep_answer()
        return result

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        for finding in self:
            document = finding.document_id
            unsent = (
                document.state == "submitted"
                and finding.number == document.review_count
            )
            if not unsent or finding.raised_by_id != self.env.user:
                raise UserError(
                    self.env._(
                        "A finding can't be deleted once it has been sent. It "
                        "closes when the document is approved."
                    )
                )

    # ------------------------------------------------------------ checks
    @api.model
    def _check_reviewing(self, documents):
        for document in documents:
            if not document.may_review:
                raise AccessError(
                    self.env._(
                        "Only the reviewer can add findings to %s, and only while it "
                        "is awaiting review.",
                        document.display_name,
                    )
                )

    def _check_answerable(self):
        for document in self.document_id:
            document.check_access("write")
            document._check_state("returned", "draft")

    # ------------------------------------------------------------ business
    def _open(self):
        return self.filtered(lambda finding: finding.state == "open")

    def _unsent(self):
        """Return the findings of the running review that weren't sent yet."""
        return self._open().filtered(
            lambda finding: (
                finding.number == finding.document_id.review_count
                and (finding.text or "").strip()
            )
        )

    @api.model
    def _prepare_raised(self, document):
        return {"number": document.review_count, "raised_by_id": self.env.uid}

    def _raise(self, document, findings):
        """Create findings in a running review.

        :param findings: one text, or a list of texts or of dictionaries with ``text``
            and optionally ``item`` and ``deadline``
        :return: all findings of the review, including those entered on the document
        :raise UserError: if there is none, because a return has to say what is wrong
        """
        findings = [findings] if isinstance(findings, (str, dict)) else findings
        rows = [{"text": row} if isinstance(row, str) else row for row in findings]
        self.sudo()._unlocked().create(
            [
                {
                    "document_id": document.id,
                    "text": row["text"],
                    "item": row.get("item"),
                    "deadline": row.get("deadline") or self._default_deadline(document),
                    **self._prepare_raised(document),
                }
                for row in rows
                if (row.get("text") or "").strip()
            ]
        )
        unsent = document.finding_ids._unsent()
        if not unsent:
            raise UserError(
                self.env._(
                    "Enter what is wrong with %s. A return needs at least one finding.",
                    document.display_name,
                )
            )
        return unsent

    @api.model
    def _default_deadline(self, document):
        days = relativedelta(days=document.type_id.answer_days)
        return fields.Date.context_today(self) + days

    def _answer_deadline(self, document):
        """Return the earliest answer deadline of the findings just sent."""
        days = [finding.deadline for finding in self._unsent() if finding.deadline]
        return min(days, default=self._default_deadline(document))

    def _keep_answer(self):
        """Record the answer; its author counts as a maker of the document."""
        for finding in self:
            finding._unlocked().write(
                {
                    "state": "answered" if finding.answer else "open",
                    "answered_by_id": self.env.uid,
                    "answer_date": fields.Datetime.now(),
                }
            )
        self.document_id._keep_editor()

    def _close(self):
        self._unlocked().write({"state": "closed"})

    def _carry_over(self, document):
        """Copy findings that aren't closed to the next revision, to answer there."""
        for finding in self.filtered(lambda row: row.state != "closed"):
            self._unlocked().create(
                finding.copy_data(
                    {"document_id": document.id, "state": finding.state, "number": 0}
                )
            )
