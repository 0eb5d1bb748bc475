from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import LazyTranslate

from ..trail.frozen_rows import frozen_rows
from ..trail.roles import PAYROLL_OFFICER, SUPERVISOR

_lt = LazyTranslate(__name__)

#: What was objected to; stays as it was raised.
RAISED_FIELDS = ("statement_id", "text", "line_label", "line_kind", "line_amount")
ANSWER_FIELDS = ("answer", "outcome")


class PayDispute(models.Model):
    """A person's objection to a line of their statement, and what became of it."""

    _name = "nka.pay.dispute"
    _description = "Dispute of a statement line"
    _inherit = ["nka.state.mixin"]
    _order = "id desc"
    _rec_name = "statement_id"

    _guarded_fields = ("state", "answered_by_id", "answered_date")
    _audit_kinds = {"dispute": _lt("Pay dispute")}
    _audit_readers = "record"
    _company_fields = ("statement_id",)

    statement_id = fields.Many2one(
        "nka.pay.statement", required=True, index=True, ondelete="restrict"
    )
    line_label = fields.Char(
        "Line", help="The disputed line; empty if the whole statement is disputed."
    )
    line_kind = fields.Char("Type of line")
    line_amount = fields.Monetary("Disputed amount", readonly=True)
    user_id = fields.Many2one(related="statement_id.user_id", store=True)
    company_id = fields.Many2one(related="statement_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    text = fields.Text("What is wrong", required=True)
    answer = fields.Text()
    outcome = fields.Selection(
        [
            ("accepted", "Accepted: will be adjusted"),
            ("rejected", "Rejected: no change"),
        ]
    )
    state = fields.Selection(
        [("open", "Open"), ("answered", "Answered")],
        default="open",
        required=True,
        readonly=True,
        index=True,
    )
    answered_by_id = fields.Many2one("res.users", "Answered by", readonly=True)
    answered_date = fields.Datetime("Answered on", readonly=True)

    @api.model
    def _guards(self):
        """Keep answered disputes as they are in the database as well."""
        columns = (*RAISED_FIELDS, *ANSWER_FIELDS, "answered_by_id", "answered_date")
        return [*super()._guards(), *frozen_rows(self._table, ["answered"], columns)]

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        disputes = super().create(vals_list)
        disputes._check_own()
        disputes._check_unanswered()
        for dispute in disputes:
            dispute.sudo()._unlocked().write(dispute._prepare_line())
        events = self.env["nka.audit.event"]
        events._append(
            [
                events._prepare_entry(row, "dispute", new=row.line_label, note=row.text)
                for row in disputes
            ]
        )
        return disputes

    def write(self, vals):
        if not self._is_unlocked(vals) and not vals.keys().isdisjoint(RAISED_FIELDS):
            raise UserError(
                self.env._(
                    "You can't change a dispute after raising it. Raise a new one."
                )
            )
        if not vals.keys().isdisjoint(ANSWER_FIELDS):
            self._check_answerer()
            self._check_state("open")
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        raise UserError(
            self.env._("Disputes can't be deleted. Answer the dispute instead.")
        )

    # ------------------------------------------------------------ checks
    def _check_own(self):
        """Everybody disputes their own pay, once there is a calculation to dispute."""
        for dispute in self.sudo():
            if dispute.statement_id.user_id != self.env.user:
                raise AccessError(
                    self.env._("You can dispute only your own statements.")
                )
            if dispute.statement_id.state == "open":
                raise UserError(
                    self.env._(
                        "This month isn't calculated yet, so there is nothing "
                        "to dispute."
                    )
                )

    def _check_unanswered(self):
        """Whoever objects doesn't write their own answer."""
        if any(dispute.answer or dispute.outcome for dispute in self):
            raise AccessError(
                self.env._(
                    "You can't enter the answer or outcome of your own dispute. "
                    "Describe the problem; a payroll officer or supervisor will "
                    "answer."
                )
            )

    def _prepare_line(self):
        """The disputed line as it stands on the statement, whatever was sent.

        :raise UserError: when the statement has no such line
        """
        if not (self.line_label or self.line_kind):
            return {"line_amount": 0}
        lines = self.statement_id.line_ids.filtered(
            lambda line: (
                (self.line_kind or line.kind) == line.kind
                and (self.line_label or line.label) == line.label
            )
        )
        line = lines.filtered(lambda row: row.amount == self.line_amount) or lines
        if not line:
            raise UserError(
                self.env._(
                    "This line is no longer on the statement. Open the statement and "
                    "dispute its current line."
                )
            )
        return {
            "line_label": line[0].label,
            "line_kind": line[0].kind,
            "line_amount": line[0].amount,
        }

    def _check_answerer(self):
        is_officer = self.env.user.has_group(PAYROLL_OFFICER)
        for dispute in self.sudo():
            if dispute.user_id == self.env.user:
                raise AccessError(
                    self.env._(
                        "You can't answer your own dispute. A payroll officer or your "
                        "supervisor has to answer it."
                    )
                )
            if not is_officer and self.env.user not in dispute._supervisors():
                raise AccessError(
                    self.env._(
                        "Only a payroll officer or the person's supervisor can answer "
                        "a dispute."
                    )
                )

    def _supervisors(self):
        """Supervisors who read the statement, while they have the role."""
        return self.statement_id.supervisor_ids.filtered(
            lambda user: user.has_group(SUPERVISOR)
        )

    # ------------------------------------------------------------ actions
    def action_answer(self):
        """Close disputes that have an answer and an outcome.

        :raise AccessError: for anybody but an officer or the person's supervisor, or
            for one's own
        :raise UserError: without an answer or an outcome
        """
        self._check_answerer()
        self._check_state("open")
        for dispute in self:
            if not (dispute.answer and dispute.outcome):
                raise UserError(
                    self.env._("Enter an answer and choose an outcome first.")
                )
            dispute.sudo()._move_to(
                "answered",
                note=f"{dispute.outcome}: {dispute.answer}",
                answered_by_id=self.env.uid,
                answered_date=fields.Datetime.now(),
            )
            dispute._tell_answer()
        return True

    def _tell_answer(self):
        """Whoever objected reads the answer where they get other notifications of Odoo."""
        self.env["mail.thread"].sudo().message_notify(
            partner_ids=self.sudo().user_id.partner_id.ids,
            subject=self.env._(
                "Answer to your dispute: %s", self.statement_id.display_name
            ),
            body=self.answer,
            model=self._name,
            res_id=self.id,
        )
