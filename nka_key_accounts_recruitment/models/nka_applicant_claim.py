"""What applicants claim about themselves, and how it was checked."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import LazyTranslate

from . import client_names
from .roles import RECRUITER

_lt = LazyTranslate(__name__)

STATES = [
    ("unverified", "Not verified"),
    ("verified", "Verified"),
    ("partly_verified", "Partly verified"),
    ("false", "False"),
    ("unverifiable", "Can't be verified"),
]
#: Results of a check.
RESULTS = STATES[1:]
METHODS = [
    ("referee", "Referee contacted"),
    ("document", "Document shown"),
    ("public", "Public source"),
    ("own_records", "Our own records"),
    ("interview", "Questions in the interview"),
    ("other", "Other"),
]
#: Personal data of people outside, who never applied.
REFEREE = ("referee_name", "referee_contact")
#: What a check is about; it can't be changed while the result stands.
CONTENT = (
    "name",
    "kind",
    "client",
    "amount",
    "currency_id",
    "period",
    "niche_id",
    "referee_name",
    "referee_contact",
    "referee_consent",
)


class ApplicantClaim(models.Model):
    """Claim of a CV, such as a deal with a client, its size and who can vouch for it.

    It is decided by recruiters who neither interview the applicant nor are the
    applicant. Claims never affect Odoo's matching score.
    """

    _name = "nka.applicant.claim"
    _description = "Claim of an applicant"
    _inherit = ["nka.state.mixin"]
    _order = "applicant_id, sequence, id"
    _check_company_auto = True
    _company_fields = ("company_id", "applicant_id")
    _guarded_fields = (
        "state",
        "checked_by_id",
        "checked_on",
        "method",
        "evidence",
        "interviewer_ids",
    )
    # Events name neither applicant nor referee, and nobody reads those of a deleted one.
    _audit_readers = "record"
    # They go with the applicant, who can ask for it by law.
    _removable_states = tuple(dict(RESULTS))
    _reason_actions = {"action_reopen": _lt("Why does it have to be checked again?")}

    name = fields.Text(
        "What is claimed",
        required=True,
        help="In the words of the CV or the interview.",
    )
    applicant_id = fields.Many2one(
        "hr.applicant", required=True, index=True, ondelete="cascade"
    )
    # Stored for the record rules.
    company_id = fields.Many2one(
        related="applicant_id.company_id", store=True, index=True
    )
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [("deal", "Deal with a client"), ("other", "Other claim")],
        "Type",
        required=True,
        default="deal",
    )
    client = fields.Char(help="Company that the applicant says they sold to.")
    own_client_note = fields.Char("Our contacts", compute="_compute_own_client")
    own_client_ids = fields.Many2many(
        "res.partner", string="Clients of this name", compute="_compute_own_client"
    )
    amount = fields.Monetary("Size")
    currency_id = fields.Many2one(
        "res.currency", default=lambda self: self.env.company.currency_id
    )
    period = fields.Char("Year or period", help="Such as 2023 or 2021 to 2023.")
    niche_id = fields.Many2one("res.partner.industry")
    referee_name = fields.Char(
        "Referee",
        groups=RECRUITER,
        exportable=False,
        help="Who can confirm it, with their position. Deleted with the applicant.",
    )
    referee_contact = fields.Char(
        "Contact of the referee",
        groups=RECRUITER,
        exportable=False,
        help="Phone or email. Deleted with the applicant.",
    )
    referee_consent = fields.Boolean(
        "Referee may be contacted",
        help="The applicant agreed to it. Their present employer often doesn't know "
        "that they are applying.",
    )
    has_referee = fields.Boolean(
        "Referee named", compute="_compute_has_referee", compute_sudo=True, store=True
    )

    state = fields.Selection(
        STATES,
        "Status",
        default="unverified",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    checked_by_id = fields.Many2one(
        "res.users", "Checked by", readonly=True, copy=False, ondelete="restrict"
    )
    checked_on = fields.Date("Checked on", readonly=True, copy=False)
    method = fields.Selection(METHODS, "How", readonly=True, copy=False)
    evidence = fields.Text("What the check showed", readonly=True, copy=False)
    check_ids = fields.One2many(
        "nka.applicant.claim.check", "claim_id", "Checks", readonly=True, copy=False
    )
    # People who interviewed the applicant stay excluded after they were removed there.
    interviewer_ids = fields.Many2many(
        "res.users",
        "nka_applicant_claim_interviewer_rel",
        string="Interviewers",
        readonly=True,
        copy=False,
    )
    may_decide = fields.Boolean(compute="_compute_may_decide")
    may_edit = fields.Boolean(compute="_compute_may_edit")

    # ------------------------------------------------------------ compute
    @api.depends_context("lang")
    @api.depends("kind", "client", "period")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for claim in self:
            # The audit trail keeps this name after the applicant is deleted: no text
            # that can name people.
            parts = [claim.client or kinds.get(claim.kind), claim.period]
            claim.display_name = ", ".join(filter(None, parts))

    @api.depends("referee_name")
    def _compute_has_referee(self):
        for claim in self:
            claim.has_referee = bool((claim.referee_name or "").strip())

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("client")
    def _compute_own_client(self):
        """Look the client up among the customers that the reader can see themselves.

        Whether one is a key account, and whose, isn't said: recruiters have no role.
        """
        found = client_names.find_customers(self.env, self.mapped("client"))
        for claim in self:
            customers = found.get(client_names.simplify(claim.client))
            claim.own_client_ids = customers
            claim.own_client_note = customers and self.env._(
                "We sell to a company of this name. Colleagues in sales may know "
                "whether the claim is right."
            )

    @api.depends_context("uid")
    @api.depends("state", "interviewer_ids")
    def _compute_may_decide(self):
        is_recruiter = self.env.user.has_group(RECRUITER)
        for claim in self:
            interested = claim.sudo()._interested_users()
            claim.may_decide = is_recruiter and self.env.user not in interested

    @api.depends_context("uid")
    @api.depends("state")
    def _compute_may_edit(self):
        editable = self._origin._filtered_access("write")
        for claim in self:
            is_open = claim.state == "unverified"
            claim.may_edit = is_open and (
                not claim._origin or claim._origin in editable
            )

    # ------------------------------------------------------------ constraints
    @api.constrains("name")
    def _check_name(self):
        for claim in self:
            if not (claim.name or "").strip():
                raise ValidationError(self.env._("Enter what the applicant claims."))

    @api.constrains("amount")
    def _check_amount(self):
        for claim in self:
            if claim.amount < 0:
                raise ValidationError(self.env._("The size can't be negative."))

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        claims = super().create(vals_list)
        # A claim is entered at an applicant whom the user can see.
        claims.applicant_id.check_access("read")
        claims._keep_interviewers()
        return claims

    def write(self, vals):
        if self._is_unlocked(vals):
            return super().write(vals)
        self._check_content_kept(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _check_unlink(self):
        if self._is_unlocked():
            return
        for claim in self:
            if claim.state != "unverified" or claim.sudo().check_ids:
                raise UserError(
                    self.env._(
                        "“%s” was checked, so it stays on record with the applicant. "
                        "It is deleted together with the applicant.",
                        claim.display_name,
                    )
                )

    def unlink(self):
        # Rows deleted by a cascade of the database would leave their files behind.
        self.check_access("unlink")
        self._check_unlink()
        self.sudo().check_ids._unlocked().unlink()
        return super().unlink()

    def _export_rows(self, fields, **kwargs):
        """Refuse to export referees, also from applicants: they never agreed to it."""
        if not {path[0] for path in fields if path}.isdisjoint(REFEREE):
            raise AccessError(
                self.env._(
                    "Referees can't be exported: they are people outside who didn't "
                    "apply. Open the claim to see whom to contact."
                )
            )
        return super()._export_rows(fields, **kwargs)

    def _keep_interviewers(self):
        """Remember who interviews the applicants or is one, for as long as the claims
        exist: an applicant's email can be changed for the moment of a check.
        """
        for claim in self.sudo():
            users = claim.applicant_id._nka_interviewers()
            users |= claim.applicant_id._nka_own_users()
            users -= claim.interviewer_ids
            if users:
                links = [fields.Command.link(user.id) for user in users]
                claim._unlocked().write({"interviewer_ids": links})

    def _interested_users(self):
        """Return the users who can't decide: interviewers, and the applicant.

        :rtype: res.users
        """
        self.ensure_one()
        applicant = self.applicant_id
        return (
            self.interviewer_ids
            | applicant._nka_interviewers()
            | applicant._nka_own_users()
        )

    # ------------------------------------------------------------ checks
    def _check_content_kept(self, vals):
        if "applicant_id" in vals:
            for claim in self:
                if claim.applicant_id.id != vals["applicant_id"]:
                    raise UserError(
                        self.env._(
                            "A claim stays with the applicant who made it. Enter a new "
                            "one for the other applicant."
                        )
                    )
        if not vals.keys().isdisjoint(CONTENT):
            for claim in self:
                if claim.state != "unverified":
                    raise UserError(
                        self.env._(
                            "“%s” has a result. Check it again first, with a reason; "
                            "then the claim can be changed.",
                            claim.display_name,
                        )
                    )

    def _check_decider(self):
        """Refuse everybody but recruiters who take no part in the interviews."""
        self.check_access("read")
        self._check_group(
            RECRUITER,
            self.env._("Only recruiters decide about claims. Ask one of them."),
        )
        for claim in self.sudo():
            if self.env.user in claim._interested_users():
                raise AccessError(
                    self.env._(
                        "You interview this applicant or are the applicant yourself, so "
                        "another recruiter has to check “%s”.",
                        claim.display_name,
                    )
                )

    def _check_result(self, result, method, evidence):
        if result not in dict(RESULTS) or method not in dict(METHODS):
            raise UserError(self.env._("Choose a result and how it was checked."))
        if not (evidence or "").strip():
            raise UserError(
                self.env._(
                    "Enter what the check showed, such as who said what, and when."
                )
            )
        for claim in self.sudo():
            if method == "referee" and not claim.has_referee:
                raise UserError(
                    self.env._(
                        "No referee is named for “%s”. Enter one first, or choose "
                        "another way of checking.",
                        claim.display_name,
                    )
                )
            if method == "referee" and not claim.referee_consent:
                raise UserError(
                    self.env._(
                        "The applicant hasn't agreed that the referee of “%s” is "
                        "contacted. Ask the applicant, then set “Referee may be "
                        "contacted”.",
                        claim.display_name,
                    )
                )

    # ------------------------------------------------------------ actions
    def action_check(self):
        """Open the window in which the result of a check is entered."""
        self.ensure_one()
        self._check_decider()
        self._check_state("unverified")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Result of the check"),
            "res_model": "nka.applicant.claim.decision",
            "view_mode": "form",
            "target": "new",
            "context": {"default_claim_id": self.id},
        }

    def action_decide(self, result, method, evidence):
        """Record the result of a check, by the current user, today.

        :param str result: key of :data:`RESULTS`
        :param str method: key of :data:`METHODS`
        :param str evidence: what the check showed
        :raise AccessError: for interviewers, the applicant and all but recruiters
        :raise UserError: if a claim has a result, or the referee can't be contacted
        """
        self._decide(result, method, evidence)
        return True

    def action_reopen(self, reason=None):
        """Have these claims checked again; earlier results stay on record.

        :param str reason: why; without it, return the action of the wizard
        """
        self._check_decider()
        self._check_state(*dict(RESULTS))
        if not (reason or "").strip():
            return self._ask_reason("action_reopen")
        self._settle("unverified", False, reason)
        return True

    def _decide(self, result, method, evidence, files=None):
        self._check_decider()
        self._check_state("unverified")
        self._check_result(result, method, evidence)
        return self._settle(result, method, evidence, files)

    def _settle(self, state, method, evidence, files=None):
        """Move to a state and keep the check behind it.

        :return: the checks
        """
        claims = self.sudo()
        day = fields.Date.context_today(self)
        checks = self.env["nka.applicant.claim.check"].sudo()
        checks = checks._unlocked().create(
            [
                {
                    "claim_id": claim.id,
                    "result": state,
                    "method": method,
                    "evidence": evidence,
                    "user_id": self.env.uid,
                    "date": day,
                }
                for claim in claims
            ]
        )
        is_open = state == "unverified"
        claims._move_to(
            state,
            # Evidence can name people; the audit trail outlives them.
            note=method or False,
            method=method,
            evidence=False if is_open else evidence,
            checked_by_id=False if is_open else self.env.uid,
            checked_on=False if is_open else day,
        )
        if files:
            checks._keep_files(files)
        return checks
