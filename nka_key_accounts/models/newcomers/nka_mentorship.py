"""Path of a mentee: steps proven by records, and the confirmation as manager."""

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import LazyTranslate

from ..trail.opening import open_records
from ..trail.roles import SUPERVISOR

_lt = LazyTranslate(__name__)

#: Who a mentorship is about; fixed once a step is proven.
PEOPLE = ("mentor_id", "mentee_id", "company_id")
#: Which records can prove a step of the path.
DAYS = ("date_from", "date_to")
#: Time between the due dates of the steps that are proposed.
PACE = relativedelta(weeks=3)


class Mentorship(models.Model):
    """Add the path: steps that close the mentee's skill gaps, and its end.

    The state follows from the steps; only the confirmation is a decision, of a
    supervisor who is neither mentor nor mentee. It gives nobody a role: that is the
    administrators' part.
    """

    _inherit = "nka.mentorship"
    _guarded_fields = ("state", "confirmed_by_id", "confirmed_on")

    step_ids = fields.One2many("nka.mentorship.step", "mentorship_id", "Path")
    state = fields.Selection(
        [
            ("open", "In progress"),
            ("done", "Path completed"),
            ("confirmed", "Confirmed as manager"),
        ],
        required=True,
        readonly=True,
        default="open",
        copy=False,
        index=True,
    )
    confirmed_by_id = fields.Many2one(
        "res.users", "Confirmed by", readonly=True, copy=False, ondelete="restrict"
    )
    confirmed_on = fields.Date("Confirmed on", readonly=True, copy=False)
    step_count = fields.Integer("Steps", compute="_compute_path")
    proven_count = fields.Integer("Proven steps", compute="_compute_path")
    path_progress = fields.Integer("Path (%)", compute="_compute_path")
    path_text = fields.Char("Path so far", compute="_compute_path")
    has_lost_proof = fields.Boolean("Lost proof", compute="_compute_path")
    may_decide = fields.Boolean(compute="_compute_may_decide")

    # ------------------------------------------------------------ compute
    @api.depends("step_ids.state", "step_ids.lost_note")
    @api.depends_context("lang")
    def _compute_path(self):
        for item in self:
            states = item.step_ids.mapped("state")
            item.step_count = len(states)
            item.proven_count = states.count("proven")
            item.has_lost_proof = any(item.step_ids.mapped("lost_note"))
            closed = len(states) - states.count("open")
            item.path_progress = round(100 * closed / len(states)) if states else 0
            item.path_text = item._describe_path()

    def _describe_path(self):
        """Return how many steps are proven; empty without steps."""
        if not self.step_count:
            return False
        waived = self.step_ids.mapped("state").count("waived")
        proven = self.env._(
            "%(proven)s of %(all)s proven",
            proven=self.proven_count,
            all=self.step_count,
        )
        if not waived:
            return proven
        return self.env._(
            "%(proven)s, waived: %(waived)s", proven=proven, waived=waived
        )

    @api.depends("mentor_id", "mentee_id")
    @api.depends_context("uid")
    def _compute_may_decide(self):
        supervises = self.env.user.has_group(SUPERVISOR)
        if supervises:
            # Read for all of them at once.
            mentees = self.sudo().mentee_id.with_env(self.sudo(False).env)
            mentees.mapped("nka_is_supervised")
        for item in self:
            item.may_decide = (
                supervises
                and self.env.user not in item._two()
                and item._is_judged_by_user()
            )

    def _two(self):
        return self.sudo().mentor_id | self.sudo().mentee_id

    def _is_judged_by_user(self):
        """Return whether the current user supervises the mentee, or nobody else does
        who could decide: the mentor may be their only supervisor.
        """
        self.ensure_one()
        mentee = self.sudo().mentee_id
        if not mentee or mentee.with_env(self.sudo(False).env).nka_is_supervised:
            return True
        users = mentee.with_context(active_test=False)
        others = users._nka_holders(SUPERVISOR, self.sudo().company_id, self._two())
        supervised = users._domain_supervised_by(others.ids)
        return not users.search_count([("id", "=", mentee.id), *supervised], limit=1)

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        if not self._is_unlocked(vals):
            if not vals.keys().isdisjoint({*PEOPLE, *DAYS}):
                self._check_terms_decider()
            if not vals.keys().isdisjoint(PEOPLE):
                self._check_people_free(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _check_unlink(self):
        self._check_terms_decider()
        for item in self.sudo():
            if item.state != "open" or item.step_ids.filtered("date_proven"):
                raise UserError(
                    self.env._(
                        "Steps of %s are proven, so the mentorship stays on record. "
                        "Enter its end date instead.",
                        item.mentee_id.name,
                    )
                )

    def _check_terms_decider(self):
        """Refuse the two, once there is a path: the mentor may be paid for what people
        and days let in.
        """
        self.filtered(lambda item: item.sudo().step_ids)._check_decider()

    def _check_people_free(self, vals):
        for item in self.sudo():
            changed = any(
                name in vals and item[name].id != vals[name] for name in PEOPLE
            )
            if changed and (
                item.state != "open" or item.step_ids.filtered("date_proven")
            ):
                raise UserError(
                    self.env._(
                        "Steps of %s are proven with this mentor. End this mentorship "
                        "and start another one.",
                        item.mentee_id.name,
                    )
                )

    # ------------------------------------------------------------ checks
    def _check_decider(self):
        """Refuse everybody but supervisors of the mentee who are neither of the two."""
        if self.env.su or not self:
            return
        self.check_access("read")
        self._check_supervisor()
        for item in self:
            if self.env.user in item._two():
                raise AccessError(
                    self.env._(
                        "You are mentor or mentee yourself, so another supervisor has "
                        "to plan and decide this. Ask %s.",
                        self.env["res.users"]._nka_name_holders(
                            SUPERVISOR, item.sudo().company_id, apart_from=item._two()
                        ),
                    )
                )
            if not item._is_judged_by_user():
                raise AccessError(
                    self.env._(
                        "Only a supervisor of %s can plan and decide this.",
                        item.sudo().mentee_id.name,
                    )
                )

    def _check_path_open(self):
        """Refuse to change the path of a mentee who was confirmed."""
        for item in self.sudo():
            if item.state == "confirmed":
                raise UserError(
                    self.env._(
                        "%s was confirmed as manager, so the path stays as it is.",
                        item.mentee_id.name,
                    )
                )

    def _check_path_done(self):
        for item in self.sudo():
            if not item.step_ids:
                raise UserError(
                    self.env._(
                        "The path of %s has no steps yet. Plan them first.",
                        item.mentee_id.name,
                    )
                )
            if left := item.step_ids.filtered(lambda step: step.state == "open"):
                raise UserError(
                    self.env._(
                        "%(person)s isn't done yet. Open steps: %(steps)s. Waive those "
                        "that aren't needed, with a reason.",
                        person=item.mentee_id.name,
                        steps=", ".join(left.mapped("kind_id.name")),
                    )
                )

    # ------------------------------------------------------------ actions
    def action_propose_path(self):
        """Add the steps that train the skills the mentee lacks, with due dates.

        :raise AccessError: for others than supervisors who aren't one of the two
        :raise UserError: if there is nothing to propose
        """
        self._check_decider()
        self._check_path_open()
        for item in self:
            item._propose_path()
        return True

    def action_find_proofs(self):
        """Look for the records that prove the steps, and tell what was found."""
        self.check_access("read")
        found = self.step_ids._follow()
        message = (
            self.env._("Steps newly proven: %s", found)
            if found
            else self.env._(
                "No new proof was found. The path says what each step still needs."
            )
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message,
                "type": "success" if found else "info",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_confirm_manager(self):
        """Confirm that these mentees work as key account managers.

        :return: the action that opens their start as manager, with what is missing
        :raise AccessError: for others than supervisors who aren't one of the two
        :raise UserError: while steps are open, or without an employee
        """
        self._check_decider()
        self._check_state("open", "done")
        self.step_ids._follow()
        self._check_path_done()
        starts = self.env["nka.manager.start"]
        for item in self:
            starts |= item._confirm_manager()
        return open_records(starts)

    # ------------------------------------------------------------ business
    def _nka_path_is_done(self):
        """Return whether the path has steps and all of them are proven or waived.

        :rtype: bool
        """
        self.ensure_one()
        states = set(self.sudo().step_ids.mapped("state"))
        return bool(states) and "open" not in states

    def _settle_path(self):
        """Move mentorships between in progress and completed, as their steps say."""
        for item in self.sudo().exists():
            state = "done" if item._nka_path_is_done() else "open"
            if item.state in ("open", "done") and item.state != state:
                item._move_to(state)

    def _employee(self):
        """Return the employee of the mentee in the company of the mentorship."""
        self.ensure_one()
        employees = self.sudo().mentee_id.employee_ids
        return employees.filtered(lambda one: one.company_id == self.company_id)[:1]

    def _begin_preparation(self):
        """Record that the mentees are being prepared, so that their list of what a new
        manager needs is worked on meanwhile.
        """
        starts = self.env["nka.manager.start"].sudo()
        for item in self:
            employee = item._employee()
            if employee and not starts.search_count(
                [
                    ("employee_id", "=", employee.id),
                    ("company_id", "=", employee.company_id.id),
                ],
                limit=1,
            ):
                starts._start_for(employee, "grown", item.date_from)

    def _confirm_manager(self):
        employee = self._employee()
        if not employee:
            raise UserError(
                self.env._(
                    "%(person)s has no employee in %(company)s. Ask HR to create it "
                    "first.",
                    person=self.sudo().mentee_id.name,
                    company=self.sudo().company_id.name,
                )
            )
        self._move_to(
            "confirmed",
            confirmed_by_id=self.env.uid,
            confirmed_on=fields.Date.context_today(self),
        )
        start = self.env["nka.manager.start"]._start_for(
            employee, "grown", self.date_from
        )
        start._confirm()
        return start

    # ------------------------------------------------------------ proposing
    def _propose_path(self):
        gaps = self._gaps()
        kinds = self._missing_kinds(gaps)
        if not kinds:
            raise UserError(self._nothing_proposed(gaps))
        day = max(fields.Date.context_today(self), self.date_from)
        last = max(self.step_ids.mapped("sequence"), default=0)
        vals_list = []
        for number, (kind, skill) in enumerate(kinds, 1):
            day += PACE
            vals_list.append(
                {
                    "mentorship_id": self.id,
                    "kind_id": kind.id,
                    "skill_id": skill.id,
                    "sequence": last + 10 * number,
                    "date_due": min(day, self.date_to) if self.date_to else day,
                }
            )
        self.env["nka.mentorship.step"].create(vals_list)
        # From now on the list of new managers says what the mentee needs.
        if employee := self._employee():
            starts = self.env["nka.manager.start"]
            starts._start_for(employee, "grown", self.date_from)

    def _gaps(self):
        """Return the skill gaps of the mentee, the largest first."""
        employee = self._employee()
        return sorted(
            employee._nka_skill_gaps(self._aimed_job(employee)) if employee else [],
            key=lambda gap: -gap.missing,
        )

    @api.model
    def _aimed_job(self, employee):
        """Return the position that the mentee is prepared for: their own if it is one
        of a key account manager, else the company's.
        """
        if employee.job_id.nka_is_profile:
            return employee.job_id
        jobs = self.env["hr.job"].sudo()
        own = jobs.search(
            [
                ("nka_is_profile", "=", True),
                ("company_id", "in", [employee.company_id.id, False]),
            ],
            # The company's own one first.
            order="company_id, id",
            limit=1,
        )
        return own or None

    def _missing_kinds(self, gaps):
        """Return kinds of steps not planned yet, each with the largest gap it closes."""
        company = self.company_id
        kinds = self.env["nka.mentorship.step.kind"].search(
            [("company_id", "in", [company.id, False])]
        )
        pairs = []
        for kind in kinds - self.step_ids.kind_id:
            skills = [gap.skill for gap in gaps if gap.skill in kind.skill_ids]
            if skills:
                pairs.append((kind, skills[0]))
        return pairs

    def _nothing_proposed(self, gaps):
        if gaps:
            return self.env._(
                "Steps for all skill gaps of %s are planned already. Add further steps "
                "yourself.",
                self.mentee_id.name,
            )
        return self.env._(
            "No skill gaps of %s are known. Assess their skills first, or add the steps "
            "yourself.",
            self.mentee_id.name,
        )
