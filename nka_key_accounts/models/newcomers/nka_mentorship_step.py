"""Steps of a mentee: planned by a supervisor, proven by records of the system."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate, format_date

from ..trail.opening import open_records
from . import proofs

_lt = LazyTranslate(__name__)

STATES = [("open", "Open"), ("proven", "Proven"), ("waived", "Waived")]
#: What was planned; changes are in the audit trail.
TERMS = ("skill_id", "date_due", "note")
#: What a step is; it stays as it was planned.
FIXED = ("mentorship_id", "kind_id")


class MentorshipStep(models.Model):
    """One step on a mentee's path.

    Nobody enters that it is proven: the system finds the record, and takes the proof
    back when the record no longer counts (see :mod:`.proofs`).
    """

    _name = "nka.mentorship.step"
    _description = "Mentorship step"
    _inherit = ["nka.state.mixin"]
    _order = "mentorship_id, sequence, date_due, id"
    _rec_name = "kind_id"
    _check_company_auto = True
    _company_fields = ("company_id", "mentorship_id")
    _guarded_fields = (
        "state",
        "proof_model",
        "proof_id",
        "proof_date",
        "date_proven",
        "lost_note",
        "waive_reason",
        "decided_by_id",
        "watched_account_id",
        "watched_since",
    )
    _audit_kinds = {"mentorship_step": _lt("Mentorship step")}
    _audit_readers = "record"
    _audit_creation = True
    _reason_actions = {
        "action_waive": _lt("Why isn't this step needed?"),
        "action_reopen": _lt("Why is this step needed after all?"),
    }

    mentorship_id = fields.Many2one(
        "nka.mentorship", required=True, index=True, ondelete="cascade"
    )
    # Stored for record rules, KPIs and weekly reports.
    mentor_id = fields.Many2one(
        related="mentorship_id.mentor_id", store=True, index=True
    )
    mentee_id = fields.Many2one(
        related="mentorship_id.mentee_id", store=True, index=True
    )
    company_id = fields.Many2one(
        related="mentorship_id.company_id", store=True, index=True
    )
    sequence = fields.Integer(default=10)
    kind_id = fields.Many2one(
        "nka.mentorship.step.kind",
        "Step",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    kind = fields.Selection(related="kind_id.evidence", store=True, readonly=True)
    skill_id = fields.Many2one(
        "hr.skill",
        "Skill trained",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('id', 'in', kind_skill_ids)]",
    )
    kind_skill_ids = fields.Many2many(related="kind_id.skill_ids")
    date_due = fields.Date("Due date", index=True)
    note = fields.Char("What exactly", help="Such as the client or the deal.")
    state = fields.Selection(
        STATES, required=True, readonly=True, default="open", copy=False, index=True
    )
    proof_model = fields.Char("Proof model", readonly=True, copy=False)
    proof_id = fields.Many2oneReference(
        "Proof ID", model_field="proof_model", readonly=True, copy=False
    )
    proof_date = fields.Date("Day of the record", readonly=True, copy=False)
    date_proven = fields.Date(
        "Proven on",
        readonly=True,
        copy=False,
        index=True,
        help="Day on which the system found the proof for the first time. It decides in "
        "which week and season the step counts for the mentor.",
    )
    lost_note = fields.Char("No longer proven", readonly=True, copy=False)
    waive_reason = fields.Text("Reason for waiving it", readonly=True, copy=False)
    decided_by_id = fields.Many2one(
        "res.users", "Waived by", readonly=True, copy=False, ondelete="restrict"
    )
    watched_account_id = fields.Many2one(
        "nka.key.account",
        "Deputy of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="base.group_system",
    )
    watched_since = fields.Date(
        "Deputy since", readonly=True, copy=False, groups="base.group_system"
    )
    proof = fields.Char(compute="_compute_proof")
    missing = fields.Char("What is missing", compute="_compute_missing")
    is_overdue = fields.Boolean("Overdue", compute="_compute_is_overdue")
    may_decide = fields.Boolean(compute="_compute_may_decide")

    _proof_unique = models.UniqueIndex(
        "(mentee_id, proof_model, proof_id) WHERE state = 'proven'",
        "This record already proves another step.",
    )

    # ------------------------------------------------------------ compute
    @api.depends("kind_id", "mentorship_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for step in self:
            step.display_name = ": ".join(
                filter(None, [step.sudo().mentee_id.name, step.sudo().kind_id.name])
            )

    @api.depends("state", "proof_model", "proof_date", "waive_reason")
    @api.depends_context("lang")
    def _compute_proof(self):
        for step in self:
            step.proof = step._describe_proof()

    def _describe_proof(self):
        """Return the record that proves the step and its day, or why it was waived."""
        if self.waive_reason:
            return self.env._("Waived: %s", self.waive_reason)
        if self.state != "proven":
            return False
        return self.env._(
            "%(record)s, %(day)s",
            record=proofs.label(self.env, self.proof_model),
            day=format_date(self.env, self.proof_date),
        )

    @api.depends("state", "kind_id")
    @api.depends_context("lang", "tz")
    def _compute_missing(self):
        waiting = self._origin.filtered(lambda step: step.state == "open")
        reasons = waiting.sudo()._read_missing()
        for step in self:
            step.missing = reasons.get(step._origin.id, False)

    @api.depends("state", "date_due")
    @api.depends_context("tz")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for step in self:
            is_late = step.date_due and step.date_due < today
            step.is_overdue = bool(step.state == "open" and is_late)

    @api.depends("mentorship_id")
    @api.depends_context("uid")
    def _compute_may_decide(self):
        for step in self:
            step.may_decide = step.mentorship_id.may_decide

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        steps = super().create(vals_list)
        steps._check_planner()
        steps.mentorship_id._check_path_open()
        steps.mentorship_id._settle_path()
        steps.mentorship_id._begin_preparation()
        return steps

    def write(self, vals):
        if self._is_unlocked(vals):
            return super().write(vals)
        if not vals.keys().isdisjoint({*TERMS, *FIXED}):
            self._check_terms_editable(vals)
        before = {step: step._terms() for step in self}
        result = super().write(vals)
        changed = self.filtered(lambda step: step._terms() != before[step])
        self.env["nka.audit.event"]._record(
            changed, "mentorship_step", old=before.get, new=lambda step: step._terms()
        )
        return result

    def unlink(self):
        self._check_removable()
        self.env["nka.audit.event"]._record(
            self, "mentorship_step", old=lambda step: step._terms()
        )
        paths = self.mentorship_id
        result = super().unlink()
        paths._settle_path()
        return result

    # pylint: disable-next=method-required-super
    def copy(self, default=None):
        raise UserError(
            self.env._("Add a new step to the path instead of copying one.")
        )

    def _creation_note(self):
        return self._terms()

    def _terms(self):
        """Return what was planned in one line."""
        step = self.sudo()
        parts = (
            step.display_name,
            step.skill_id.name,
            fields.Date.to_string(step.date_due) if step.date_due else None,
            step.note,
        )
        return ", ".join(filter(None, parts))

    # ------------------------------------------------------------ checks
    def _check_planner(self):
        """Refuse everybody but supervisors who are neither mentor nor mentee: the
        mentor may be paid by the number of steps, and the mentee is judged by them.
        """
        self.mentorship_id._check_decider()

    def _check_terms_editable(self, vals):
        self.check_access("write")
        self._check_planner()
        for step in self:
            if any(
                name in vals and (step[name].id or False) != (vals[name] or False)
                for name in FIXED
            ):
                raise UserError(
                    self.env._(
                        "A step stays what it was planned as. Remove this one and add "
                        "another step."
                    )
                )
        self._check_state("open")

    def _check_removable(self):
        self.check_access("unlink")
        self._check_planner()
        for step in self:
            if step.state != "open" or step.date_proven:
                raise UserError(
                    self.env._(
                        "“%s” was proven or waived, so it stays on record. Only open "
                        "steps can be removed.",
                        step.display_name,
                    )
                )

    # ------------------------------------------------------------ actions
    def action_open_proof(self):
        """Open the record that proves the step, with the user's own rights.

        :raise UserError: if there is none
        """
        self.ensure_one()
        self.check_access("read")
        if self.state != "proven":
            raise UserError(
                self.env._(
                    "No record proves this step yet. What is missing: %s",
                    self.missing or self.env._("no record was found yet"),
                )
            )
        return open_records(self.env[self.proof_model].browse(self.proof_id))

    def action_waive(self, reason=None):
        """Waive open steps as a supervisor who is neither mentor nor mentee.

        :param str reason: for the audit trail; a wizard asks for it if missing
        """
        self._check_planner()
        self._check_state("open")
        self.mentorship_id._check_path_open()
        if not reason:
            return self._ask_reason("action_waive")
        self._move_to(
            "waived",
            note=reason,
            waive_reason=reason,
            lost_note=False,
            decided_by_id=self.env.uid,
        )
        self.mentorship_id._settle_path()
        return True

    def action_reopen(self, reason=None):
        """Ask for waived steps after all.

        :param str reason: for the audit trail; a wizard asks for it if missing
        """
        self._check_planner()
        self._check_state("waived")
        self.mentorship_id._check_path_open()
        if not reason:
            return self._ask_reason("action_reopen")
        self._move_to("open", note=reason, waive_reason=False, decided_by_id=False)
        self.mentorship_id._settle_path()
        return True

    # ------------------------------------------------------------ proofs
    def _read_missing(self):
        """Return why each of these open steps isn't proven, by id."""
        latest = {}
        for row in proofs.read(self):
            if row.reason:
                kept = latest.get(row.step_id)
                if not kept or (row.day, row.res_id) > (kept.day, kept.res_id):
                    latest[row.step_id] = row
        return {
            step.id: proofs.describe(self.env, step, latest.get(step.id))
            for step in self
        }

    def _follow(self):
        """Prove open steps by the records found, and withdraw proofs that are gone.

        :return: the number of steps newly proven
        :rtype: int
        """
        steps = self.sudo().filtered(lambda step: step.state != "waived")
        proofs.watch(steps)
        rows = defaultdict(list)
        for row in proofs.read(steps):
            rows[row.step_id].append(row)
        for step in steps.filtered(lambda step: step.state == "proven"):
            step._check_proof(rows[step.id])
        found = steps._prove(rows)
        steps.mentorship_id._settle_path()
        return found

    def _check_proof(self, rows):
        """Take the proof back if its record doesn't count any more."""
        if self.kind == "deputy":
            return  # It was held for those days, whoever is deputy now.
        own = [row for row in rows if row[1:3] == (self.proof_model, self.proof_id)]
        reason = own[0].reason if own else "gone"
        if not reason or reason in proofs.LATER:
            return
        note = self.env._(
            "%(proof)s no longer counts: %(reason)s",
            proof=self.proof,
            reason=proofs.reason_text(self.env, self, reason),
        )
        self._move_to(
            "open",
            note=note,
            # The record stays: restored, it counts on its day, whichever step it proves.
            lost_note=note,
        )

    def _prove(self, rows):
        """Give each open step the earliest record that proves no other one."""
        used = self._used_proofs()
        found = 0
        for step in self.filtered(lambda step: step.state == "open").sorted():
            for row in sorted(rows[step.id], key=lambda row: (row.day, row.res_id)):
                key = (step.mentee_id.id, row.model, row.res_id)
                if row.reason or key in used:
                    continue
                used.add(key)
                found += 1
                step._move_to("proven", note=row.text(self.env), **step._proven(row))
                break
        return found

    def _proven(self, row):
        return {
            "proof_model": row.model,
            "proof_id": row.res_id,
            "proof_date": row.day,
            "date_proven": self._first_day(row),
            "lost_note": False,
        }

    def _first_day(self, row):
        """Return the day on which this step, or this record, first counted: neither
        counts again in a later season once its proof was lost.
        """
        lost = self.search(
            [
                ("mentee_id", "=", self.mentee_id.id),
                ("proof_model", "=", row.model),
                ("proof_id", "=", row.res_id),
                ("date_proven", "!=", False),
            ],
            order="date_proven, id",
            limit=1,
        )
        today = proofs.local_today(self.company_id)
        return self.date_proven or lost.date_proven or today

    def _used_proofs(self):
        proven = self.search(
            [("mentee_id", "in", self.mentee_id.ids), ("state", "=", "proven")]
        )
        return {(one.mentee_id.id, one.proof_model, one.proof_id) for one in proven}

    def _used_accounts(self):
        """Return the accounts that prove a step as deputy, by mentee."""
        used = self._used_proofs()
        return {(user, ref) for user, model, ref in used if model == "nka.key.account"}

    @api.model
    def _cron_follow(self):
        """Look for the proofs of all paths, nightly."""
        self.sudo().search([("state", "!=", "waived")])._follow()
