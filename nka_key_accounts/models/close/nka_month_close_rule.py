from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

#: Items of the checklist, and whether an administrator may soften them.
CODES = [
    ("previous", "The months before are locked"),
    ("exception", "Everybody is calculated"),
    ("left_out", "Nobody is left out of an earlier month"),
    ("agreement", "Everybody has an accepted agreement"),
    ("contract", "Everybody has one contract"),
    ("slip", "Nobody has another payslip of the month"),
    ("coverage", "Reports and leave cover the month"),
    ("goals", "Goals of the season are scored"),
    ("credits", "Credits tie to invoices and payments"),
    ("shares", "Shares of every account make 100 %"),
    ("balance", "Advances follow from the month before"),
    ("dispute", "No dispute is open"),
    ("deviation", "Totals are near those of the last three months"),
    ("payslip", "Statement, payslip and net pay are equal"),
]

FIXED = ("previous", "exception", "left_out", "balance", "payslip")
SEVERITIES = [("block", "Blocks"), ("warn", "Warns")]

#: What to do where an item isn't in order.
HINTS = {
    "previous": _lt("Lock the earlier month first: this one is built on it."),
    "exception": _lt(
        "Settle what the statement says, or leave the person out with a reason; the "
        "others are closed."
    ),
    "left_out": _lt("Close these people on the page of the earlier month first."),
    "agreement": _lt("Propose an agreement; the person accepts it."),
    "contract": _lt(
        "A month is paid under one contract. Ask HR to enter its start or to mend the "
        "overlap."
    ),
    "slip": _lt("Cancel the other payslip, or leave the person out of this month."),
    "coverage": _lt("Ask for the missing reports, or accept the gap."),
    "goals": _lt("Let the supervisor freeze the season and decide about open goals."),
    "credits": _lt("Calculate again; what still differs is told line by line."),
    "shares": _lt("Let the supervisor mend the shares by a handover."),
    "balance": _lt("Calculate again: the month before has changed."),
    "dispute": _lt("Answer the disputes; correct what is right about them."),
    "deviation": _lt("Look at these people's statements before you approve."),
    "payslip": _lt("The statement says why its payslip couldn't be made."),
}


class MonthCloseRule(models.Model):
    """How much an item of the checklist weighs; for all companies."""

    _name = "nka.month.close.rule"
    _description = "Weight of a checklist item"
    _order = "sequence, id"
    _rec_name = "code"

    code = fields.Selection(CODES, "Item", required=True, readonly=True)
    sequence = fields.Integer()
    severity = fields.Selection(SEVERITIES, required=True, default="block")
    limit = fields.Float(
        "Limit (%)", help="How far off the mean of three months a total may be."
    )
    is_fixed = fields.Boolean("Can't be softened", compute="_compute_is_fixed")

    _code_unique = models.Constraint(
        "UNIQUE(code)", "This item is on the list already."
    )
    _limit_positive = models.Constraint(
        'CHECK("limit" >= 0)', "A limit is a positive percentage."
    )

    @api.depends("code")
    def _compute_is_fixed(self):
        for rule in self:
            rule.is_fixed = rule.code in FIXED

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        if vals.get("severity", "block") != "block":
            self._check_softened()
        before = {rule: rule.severity for rule in self}
        result = super().write(vals)
        self._record(before)
        return result

    def _check_softened(self):
        labels = dict(self._fields["code"]._description_selection(self.env))
        for rule in self:
            if rule.is_fixed:
                raise UserError(
                    self.env._(
                        "“%s” always blocks: without it the month wouldn't add up.",
                        labels[rule.code],
                    )
                )

    def _record(self, before):
        events = self.env["nka.audit.event"]
        events._append(
            [
                events._prepare_entry(rule, "state", old=severity, new=rule.severity)
                for rule, severity in before.items()
                if severity != rule.severity
            ]
        )
