"""Decisions on what an applicant said about a business of their own."""

from odoo import api, fields, models
from odoo.addons.nka_key_accounts.models.trail.roles import DIRECTOR
from odoo.exceptions import AccessError, UserError
from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

DECISIONS = [("keep", "Keep after hiring"), ("drop", "Remove")]
STATES = [
    ("waiting", "Until hired"),
    ("kept", "Kept"),
    ("removed", "Removed"),
    ("withdrawn", "Replaced"),
]


class OwnerDecision(models.Model):
    """Whether the answer about the next five years follows an applicant into the company.

    Without a director's decision it doesn't. What is kept is read by directors only.
    """

    _name = "nka.owner.decision"
    _description = "Decision on an applicant's answer"
    _inherit = ["nka.state.mixin"]
    _order = "date desc, id desc"
    _rec_name = "applicant_name"
    _guarded_fields = (
        "applicant_id",
        "applicant_name",
        "employee_id",
        "company_id",
        "decision",
        "reason",
        "user_id",
        "date",
        "note",
        "owner_flag",
        "state",
    )
    _audit_readers = "role"
    _audit_creation = True
    _reason_actions = {"action_remove": _lt("Why is the answer removed?")}

    applicant_id = fields.Many2one(
        "hr.applicant", "Application", index=True, ondelete="set null", readonly=True
    )
    applicant_name = fields.Char("Applicant", readonly=True)
    employee_id = fields.Many2one(
        "hr.employee", index="btree_not_null", ondelete="set null", readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="restrict", readonly=True
    )
    decision = fields.Selection(DECISIONS, required=True, readonly=True)
    reason = fields.Text(required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", "Decided by", required=True, readonly=True, ondelete="restrict"
    )
    date = fields.Datetime("Decided on", required=True, readonly=True)
    note = fields.Text(
        "Answer", groups=DIRECTOR, readonly=True, copy=False, exportable=False
    )
    owner_flag = fields.Boolean(
        "Owner of a business",
        groups=DIRECTOR,
        readonly=True,
        copy=False,
        exportable=False,
    )
    state = fields.Selection(
        STATES, "Status", default="waiting", required=True, readonly=True, index=True
    )

    # ------------------------------------------------------------ CRUD
    @api.ondelete(at_uninstall=False)
    def _check_unlink(self):
        raise UserError(
            self.env._(
                "Decisions stay on record. Remove the answer with the button; the "
                "decision remains without it."
            )
        )

    # pylint: disable-next=method-required-super
    def copy(self, default=None):
        raise UserError(
            self.env._("Decide on the application instead of copying a decision.")
        )

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        if any(path[0] in ("note", "owner_flag") for path in fields if path):
            raise UserError(
                self.env._("An answer that was kept is read here and isn't exported.")
            )
        return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)

    def _creation_note(self):
        # Never the answer: others read the trail.
        return self.reason

    # ------------------------------------------------------------ actions
    def action_remove(self, reason=None):
        """Remove, as a director, an answer that was kept.

        :param str reason: why; without it, return the action of the wizard
        """
        self.check_access("read")
        if not self.env.user.has_group(DIRECTOR):
            raise AccessError(
                self.env._("Only a director can remove an answer that was kept.")
            )
        self._check_state("waiting", "kept")
        if not (reason or "").strip():
            return self._ask_reason("action_remove")
        self._empty("removed", reason)
        return True

    # ------------------------------------------------------------ business
    @api.model
    def _decide(self, applicant, decision, reason):
        """Record a decision of the current user; the caller checked who they are.

        :param hr.applicant applicant: whose answer
        :param str decision: key of :data:`DECISIONS`
        :param str reason: why
        """
        keeps = decision == "keep"
        applicant = applicant.sudo()
        return (
            self.sudo()
            ._unlocked()
            .create(
                {
                    "applicant_id": applicant.id,
                    "applicant_name": applicant.partner_name,
                    "employee_id": applicant.employee_id.id,
                    "company_id": (applicant.company_id or self.env.company).id,
                    "decision": decision,
                    "reason": reason,
                    "user_id": self.env.uid,
                    "date": fields.Datetime.now(),
                    "note": applicant.nka_five_years if keeps else False,
                    "owner_flag": applicant.nka_owner_flag if keeps else False,
                    "state": "waiting" if keeps else "removed",
                }
            )
        )

    @api.model
    def _drop_unasked(self, applicant):
        """Record that an applicant was hired and nobody decided to keep the answer."""
        return self._decide(
            applicant,
            "drop",
            self.env._("Hired without a decision to keep the answer."),
        )

    def _keep_for(self, employee):
        """Keep what the director read when they decided, for directors only."""
        self._move_to("kept", employee_id=employee.id)

    def _withdraw(self):
        """Replace decisions that still wait by a newer one."""
        waiting = self.filtered(lambda decision: decision.state == "waiting")
        waiting._empty("withdrawn", self.env._("Replaced by a newer decision."))

    def _empty(self, state, reason):
        entry = {"note": False, "owner_flag": False}
        for decision in self.sudo():
            decision._unlocked().write(entry)
            decision._move_to(state, note=reason)
