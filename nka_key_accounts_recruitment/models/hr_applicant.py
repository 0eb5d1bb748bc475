from collections import Counter

from odoo import api, fields, models
from odoo.addons.nka_key_accounts.models.trail.roles import DIRECTOR
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import LazyTranslate

from .nka_applicant_claim import STATES
from .roles import CARE, RECRUITER
from .words import speaks_of_ownership

_lt = LazyTranslate(__name__)

#: What an applicant says about their own plans. Nothing is calculated from it.
NOTE = ("nka_five_years", "nka_owner_flag")
#: Applicants aren't sorted, grouped or listed by these.
PRIVATE = (
    *NOTE,
    "nka_owner_set_by_id",
    "nka_owner_hint",
    "nka_note_kept",
    "nka_owner_decision_ids",
    "nka_shown_decision_ids",
)


class HrApplicant(models.Model):
    """Applicant for a position of a key account manager.

    What they answered about their plans asks for care: recruiters and directors read
    it, it changes no score, and it doesn't follow the person into the company.
    """

    _inherit = "hr.applicant"
    _audit_kinds = {"interview_note": _lt("Answers of an applicant")}
    _audit_readers = "record"
    _reason_actions = {
        "action_nka_keep_note": _lt("Why is the answer kept after hiring?"),
        "action_nka_drop_note": _lt("Why is the answer removed?"),
    }

    nka_is_profile = fields.Boolean(
        "For a key account manager", related="job_id.nka_is_profile"
    )
    # Odoo's own score reads fields of the position that only interviewers have.
    nka_matching_score = fields.Integer(
        "Matching score, %",
        compute="_compute_nka_matching_score",
        compute_sudo=True,
        groups=CARE,
    )
    nka_five_years = fields.Text(
        "Where do you see yourself in five years?",
        groups=CARE,
        copy=False,
        exportable=False,
        help="Answer from the interview form, or from the conversation. Only recruiters "
        "and directors read it.",
    )
    nka_owner_flag = fields.Boolean(
        "Owner of a business",
        groups=CARE,
        copy=False,
        exportable=False,
        help="The applicant sees themselves as owner of a business. This is neither an "
        "advantage nor a disadvantage; it asks for care: agree early what stays in the "
        "company.",
    )
    nka_owner_set_by_id = fields.Many2one(
        "res.users",
        "Set by",
        groups=CARE,
        copy=False,
        readonly=True,
        exportable=False,
        ondelete="set null",
    )
    nka_owner_hint = fields.Boolean(
        groups=CARE, compute="_compute_nka_owner_hint", exportable=False
    )
    nka_owner_decision_ids = fields.One2many(
        "nka.owner.decision",
        "applicant_id",
        "Decisions on the answer",
        groups=CARE,
        readonly=True,
        copy=False,
    )
    nka_shown_decision_ids = fields.One2many(
        "nka.owner.decision",
        string="Decisions",
        groups=CARE,
        compute="_compute_nka_note_kept",
    )
    nka_note_kept = fields.Boolean(
        "Kept after hiring",
        groups=CARE,
        compute="_compute_nka_note_kept",
        exportable=False,
    )

    # ------------------------------------------------------------ compute
    @api.depends("matching_score")
    def _compute_nka_matching_score(self):
        for applicant in self:
            applicant.nka_matching_score = applicant.matching_score

    @api.depends("nka_five_years", "nka_owner_flag")
    def _compute_nka_owner_hint(self):
        for applicant in self:
            applicant.nka_owner_hint = (
                not applicant.nka_owner_flag
                and speaks_of_ownership(applicant.nka_five_years)
            )

    @api.depends("nka_owner_decision_ids.state", "nka_is_profile")
    def _compute_nka_note_kept(self):
        for applicant in self:
            decisions = self.env["nka.owner.decision"]
            if applicant.nka_is_profile:
                # Other applicants cost no query.
                decisions = applicant.nka_owner_decision_ids
            applicant.nka_shown_decision_ids = decisions
            applicant.nka_note_kept = "waiting" in decisions.mapped("state")

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        applicants = super().create(vals_list)
        for applicant, vals in zip(applicants, vals_list, strict=True):
            if any(vals.get(name) for name in NOTE):
                applicant._nka_check_not_employee()
                applicant._nka_note_edited()
        return applicants

    def write(self, vals):
        self._nka_check_note_write(vals)
        if not {"employee_id", "job_id"}.isdisjoint(vals):
            self._nka_check_hiring(vals)
        result = super().write(vals)
        if not vals.keys().isdisjoint(NOTE):
            self._nka_note_edited()
        if vals.get("employee_id"):
            self.sudo()._nka_hire()
        if not {"interviewer_ids", "job_id"}.isdisjoint(vals):
            self.sudo().nka_claim_ids._keep_interviewers()
        return result

    def unlink(self):
        # Nobody is left whom a waiting decision could be about.
        decisions = self.env["nka.owner.decision"].sudo()
        waiting = decisions.search(
            [("applicant_id", "in", self.ids), ("state", "=", "waiting")]
        )
        result = super().unlink()
        waiting._empty("removed", self.env._("The application was deleted."))
        return result

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        result = super().fields_get(allfields, attributes)
        for name in PRIVATE:
            for attribute in ("searchable", "sortable", "groupable"):
                if attribute in result.get(name, ()):
                    result[name][attribute] = False
        return result

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        self._nka_check_listed(field_name)
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    @api.model
    def _read_group_groupby(self, alias, groupby_spec, query):
        self._nka_check_listed(groupby_spec)
        return super()._read_group_groupby(alias, groupby_spec, query)

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        self._nka_check_listed(aggregate_spec)
        return super()._read_group_select(aggregate_spec, query)

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        # From another record, a column that isn't of the applicant has an empty path.
        for path in filter(None, fields):
            self._nka_check_listed(path[0])
        return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)

    def _nka_note_edited(self):
        """Record who edited the answer or the flag, but neither of them."""
        person = self.env.user if self.env.user._is_internal() else False
        for applicant in self.sudo():
            if person and any(applicant[name] for name in NOTE):
                applicant.nka_owner_set_by_id = person
        self.env["nka.audit.event"]._record(self, "interview_note")

    # ------------------------------------------------------------ checks
    @api.model
    def _nka_check_listed(self, spec):
        """Refuse lists of applicants by what they said about their plans, to anybody.

        An access error, because Odoo tries it to describe the fields of a view.

        :param str spec: field to sort, group, aggregate or export by
        """
        if spec.split(":")[0].split(".")[0] in PRIVATE:
            raise AccessError(
                self.env._(
                    "What applicants say about their own plans is read on the "
                    "application only. Applicants can't be sorted, grouped or exported "
                    "by it."
                )
            )

    def _nka_check_note_write(self, vals):
        """Refuse to forge who entered an answer, and to enter one about an employee."""
        if "nka_owner_set_by_id" in vals and not self.env.su:
            raise AccessError(
                self.env._(
                    "Who entered the answer is recorded by the system. It can't be "
                    "changed."
                )
            )
        if any(vals.get(name) for name in NOTE) and "employee_id" not in vals:
            self._nka_check_not_employee()

    def _nka_check_not_employee(self):
        for applicant in self.sudo():
            if applicant.employee_id:
                raise UserError(
                    self.env._(
                        "%s is an employee already. What applicants say about their own "
                        "plans isn't entered about employees.",
                        applicant.partner_name,
                    )
                )

    def _nka_check_hiring(self, vals):
        """Refuse interviewers who link an applicant to an employee themselves, or move
        them to a position where they could.
        """
        if self.env.su or self.env.user.has_group(RECRUITER):
            return
        hires = vals.get("employee_id")
        for applicant in self:
            moves = "job_id" in vals and applicant.job_id.id != vals["job_id"]
            if (hires or moves) and applicant.nka_is_profile:
                raise AccessError(
                    self.env._(
                        "Only a recruiter can turn an applicant into an employee. Ask "
                        "one of them."
                    )
                    if hires
                    else self.env._(
                        "Only a recruiter can move an applicant for a key account "
                        "manager to another position. Ask one of them."
                    )
                )

    def _nka_check_note(self):
        """Refuse to decide about an answer that isn't there, or of an employee."""
        for applicant in self.sudo():
            if applicant.employee_id:
                raise UserError(
                    self.env._(
                        "%s is an employee already, and the answer has been removed "
                        "from the application.",
                        applicant.partner_name,
                    )
                )
            if not (applicant.nka_five_years or applicant.nka_owner_flag):
                raise UserError(
                    self.env._(
                        "There is no answer to decide about. Enter the answer first."
                    )
                )

    def _nka_check_director(self):
        if not self.env.user.has_group(DIRECTOR):
            raise AccessError(
                self.env._(
                    "Only a director can decide that the answer is kept after hiring. "
                    "Without that decision it is removed when the applicant is hired."
                )
            )
        entered = self._nka_noted_by_me()
        for applicant in self.sudo():
            if applicant in entered or applicant.nka_owner_set_by_id == self.env.user:
                raise AccessError(
                    self.env._(
                        "You entered this answer, so another director has to decide "
                        "whether it is kept."
                    )
                )

    def _nka_noted_by_me(self):
        """Return those whose answer the current user edited, whoever did so later."""
        events = self.env["nka.audit.event"].sudo()
        mine = events.search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("kind", "=", "interview_note"),
                ("user_id", "=", self.env.uid),
            ]
        )
        return self.sudo().browse(set(mine.mapped("res_id")))

    def _nka_check_recruiter(self):
        if not self.env.user.has_groups(CARE):
            raise AccessError(
                self.env._("Only a recruiter or a director can remove the answer.")
            )

    # ------------------------------------------------------------ actions
    def action_nka_keep_note(self, reason=None):
        """Decide, as a director, that the answer is kept for directors after hiring.

        :param str reason: why; without it, return the action of the wizard
        :raise AccessError: for others, and for whoever entered the answer
        :raise UserError: without an answer, or if the applicant is an employee
        """
        self.check_access("read")
        self._nka_check_director()
        self._nka_check_note()
        if not (reason or "").strip():
            return self.env["nka.reason.wizard"]._ask(self, "action_nka_keep_note")
        for applicant in self.sudo():
            applicant.nka_owner_decision_ids._withdraw()
            self.env["nka.owner.decision"]._decide(applicant, "keep", reason)
        return True

    def action_nka_drop_note(self, reason=None):
        """Remove answer and flag, as a recruiter or director, with a reason.

        :param str reason: why; without one, a dialog asks for it
        :return: the dialog, or True
        """
        self.check_access("read")
        self._nka_check_recruiter()
        self._nka_check_note()
        if not (reason or "").strip():
            return self.env["nka.reason.wizard"]._ask(self, "action_nka_drop_note")
        for applicant in self.sudo():
            applicant.nka_owner_decision_ids._withdraw()
            self.env["nka.owner.decision"]._decide(applicant, "drop", reason)
        self.sudo()._nka_empty_note()
        return True

    # ------------------------------------------------------------ business
    def _nka_take_answer(self, text):
        """Add an answer from the interview form; nothing entered before is lost.

        :param str text: the answer
        """
        # Whoever was hired meanwhile isn't an applicant any longer.
        for applicant in self.sudo().filtered(lambda one: not one.employee_id):
            before = applicant.nka_five_years or ""
            if text not in before:
                applicant.nka_five_years = "\n\n".join(filter(None, [before, text]))

    def _nka_empty_note(self):
        # The decision is on record, and whoever removes an answer didn't enter it.
        # pylint: disable-next=super-method-mismatch
        return super().write(
            {
                "nka_five_years": False,
                "nka_owner_flag": False,
                "nka_owner_set_by_id": False,
            }
        )

    def _nka_hire(self):
        """Remove the answer, unless a director decided to keep it, and begin the list
        of what is missing until the new colleague works.
        """
        for applicant in self:
            for one in applicant | applicant._nka_own_applications():
                # A decision is kept even if somebody emptied the fields after it.
                if one.nka_five_years or one.nka_owner_flag or one.nka_note_kept:
                    one._nka_settle_note(applicant.employee_id)
            if applicant.job_id.nka_is_profile:
                self.env["nka.manager.start"]._start_for(applicant.employee_id, "hired")

    def _nka_own_applications(self):
        """Return other applications of the same person: their name, and Odoo's match.

        The name has to be the same, because an agency can give its own address.
        """
        if not (self.job_id.nka_is_profile and self.partner_name):
            return self.browse()
        similar = self._get_similar_applicants_domain() & self._nka_noted()
        found = self.with_context(active_test=False).search(similar)
        own = self._nka_name_words()
        return found.filtered(lambda one: one._nka_name_words() == own)

    def _nka_name_words(self):
        return sorted((self.partner_name or "").casefold().split())

    def _nka_settle_note(self, employee):
        waiting = self.nka_owner_decision_ids.filtered(
            lambda decision: decision.state == "waiting"
        )
        if waiting:
            waiting._keep_for(employee)
        else:
            self.env["nka.owner.decision"]._drop_unasked(self)
        self._nka_empty_note()

    @api.model
    def _nka_cron_empty_answers(self):
        """Remove the answers of applications that ended longer ago than a company keeps
        them: refused, archived, or hired without becoming an employee.
        """
        main = self.env.ref("base.main_company", raise_if_not_found=False)
        for company in self.env["res.company"].sudo().search([]):
            if company.nka_answer_months:
                self._nka_over(company)._nka_let_expire()
                if company == main:
                    answers = self.env["survey.user_input"].sudo()
                    answers._nka_let_expire(self._nka_last_day(company))

    @api.model
    def _nka_over(self, company):
        """Return the applications of a company whose answers aren't kept any longer."""
        day = self._nka_last_day(company)
        # Odoo keeps the day of a refusal when the application goes on.
        over = Domain("refuse_date", "<=", day) & Domain(
            "refuse_reason_id", "!=", False
        )
        over |= Domain("date_closed", "<=", day)
        over |= Domain("active", "=", False) & Domain(
            "date_last_stage_update", "<=", day
        )
        mine = Domain("company_id", "=", company.id)
        if company == self.env.ref("base.main_company", raise_if_not_found=False):
            mine |= Domain("company_id", "=", False)
        applicants = self.sudo().with_context(active_test=False)
        return applicants.search(mine & over & self._nka_noted())

    @api.model
    def _nka_last_day(self, company):
        """Return the day up to which answers aren't kept any longer."""
        now = fields.Datetime.now()
        return fields.Datetime.subtract(now, months=company.nka_answer_months)

    @api.model
    def _nka_noted(self):
        noted = Domain("nka_five_years", "!=", False)
        noted |= Domain("nka_owner_flag", "=", True)
        return noted | Domain("nka_owner_decision_ids.state", "=", "waiting")

    def _nka_let_expire(self):
        for applicant in self:
            applicant.nka_owner_decision_ids._withdraw()
            self.env["nka.owner.decision"]._decide(
                applicant,
                "drop",
                self.env._("The application ended, and the time to keep it is over."),
            )
        self._nka_empty_note()

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
    nka_claim_partly_verified = fields.Integer(
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
    nka_expected_salary = fields.Char(
        "Expected salary", compute="_compute_nka_expected_salary", groups=RECRUITER
    )

    @api.depends_context("uid", "allowed_company_ids", "lang")
    @api.depends("nka_claim_ids.state", "nka_is_profile")
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

    @api.depends_context("lang")
    @api.depends("salary_expected", "salary_expected_extra", "company_id")
    def _compute_nka_expected_salary(self):
        """Add the currency, which Odoo leaves to the reader, and other benefits."""
        for applicant in self:
            company = applicant.company_id or self.env.company
            amount = applicant.salary_expected
            parts = [
                amount and company.currency_id.format(amount),
                applicant.salary_expected_extra,
            ]
            text = " + ".join(filter(None, parts))
            applicant.nka_expected_salary = text or self.env._("Not entered")

    def _nka_count_claims(self):
        """Return the number of claims by applicant and status, and of those with a
        referee.

        :rtype: tuple[dict[int, dict[str, int]], dict[int, int]]
        """
        claims = self.env["nka.applicant.claim"]
        # Applicants for other positions cost no query.
        mine = self.filtered("nka_is_profile")
        if not mine or not claims.has_access("read"):
            return {}, {}
        groups = claims._read_group(
            [("applicant_id", "in", mine._origin.ids)],
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
