from odoo import fields, models


class AuditVerificationLine(models.Model):
    """One thing that a verification looked at: how many there were, and what it found."""

    _name = "nka.audit.verification.line"
    _description = "Check of an audit trail verification"
    _order = "verification_id desc, id"
    _rec_name = "title"
    _log_access = False

    verification_id = fields.Many2one(
        "nka.audit.verification", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="verification_id.company_id")
    title = fields.Char("What was checked", required=True)
    count = fields.Integer("How many", help="How many were checked.")
    unit = fields.Char("Counted")
    found = fields.Integer("Contradictions")
    warned = fields.Integer("Attention required")
    message = fields.Text("What was found")
