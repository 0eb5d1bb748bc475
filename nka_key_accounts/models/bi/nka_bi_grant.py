"""Who reads key account data from outside: which views, of which company, since when."""

import logging

from odoo import SUPERUSER_ID, Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import LazyTranslate

from ..trail.frozen_rows import frozen_rows
from ..trail.roles import ADMIN, DIRECTOR
from . import files, roles
from .views import VIEWS, functions

_logger = logging.getLogger(__name__)
_lt = LazyTranslate(__name__)

PARTS = tuple(view.grant_field for view in VIEWS)
PAY_PARTS = tuple(view.grant_field for view in VIEWS if view.is_pay)
#: What is decided; it can be changed in a draft only.
CONTENT = ("company_id", "target", "role", "purpose", "keep_days", *PARTS)
#: Set by the steps.
STEPS = (
    "role_number",
    "submitter_id",
    "reviewer_id",
    "date_approved",
    "date_withdrawn",
    "is_usage_granted",
    "problem",
)
FROZEN = (*CONTENT, "role_number", "submitter_id", "reviewer_id", "date_approved")


class BiGrant(models.Model):
    """Access of a program to the views of one company.

    A key account administrator prepares it. Views of pay need a director besides. The
    program reads as a role of the database, or it gets files every night.
    """

    _name = "nka.bi.grant"
    _description = "External access"
    _inherit = ["nka.review.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_name = "purpose"
    _guarded_fields = ("maker_ids", *STEPS)
    _audit_kinds = {"bi_files": _lt("Files for other programs")}
    _audit_readers = "record"
    _content_fields = CONTENT
    _review_activity = "nka_key_accounts.mail_activity_type_bi_grant"
    _reviewer_group = DIRECTOR
    _decided_states = ("in_force", "withdrawn")
    _cleared_by_return = ("submitter_id",)
    _reason_actions = {"action_withdraw": _lt("Why is the access withdrawn?")}

    purpose = fields.Char(
        required=True, help="Which program reads the data, who runs it and what for."
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        help="Only data of this company. Each further company needs its own access.",
    )
    target = fields.Selection(
        [("role", "Database role"), ("folder", "Files every night")],
        "Way",
        required=True,
        default="role",
    )
    role = fields.Char(
        "Database role",
        help="Exact name of a role of PostgreSQL that can log in and do nothing else. "
        "The database administrator creates it.",
    )
    role_number = fields.Char("Number of the role", readonly=True, copy=False)
    keep_days = fields.Integer("Days that files are kept", default=7)
    has_account = fields.Boolean("Key accounts")
    has_sale = fields.Boolean("Sales")
    has_document = fields.Boolean("Documents")
    has_credit = fields.Boolean("Sales credits")
    has_statement = fields.Boolean("Statements")
    has_goal = fields.Boolean("Goals")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Awaiting approval"),
            ("in_force", "In force"),
            ("withdrawn", "Withdrawn"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    problem = fields.Text(readonly=True, copy=False)
    is_usage_granted = fields.Boolean("Schema was opened", readonly=True, copy=False)
    maker_ids = fields.Many2many(
        "res.users", "nka_bi_grant_maker_rel", readonly=True, copy=False
    )
    submitter_id = fields.Many2one(
        "res.users", "Submitted by", readonly=True, copy=False
    )
    reviewer_id = fields.Many2one("res.users", "Approved by", readonly=True, copy=False)
    date_approved = fields.Datetime("In force since", readonly=True, copy=False)
    date_withdrawn = fields.Datetime("Withdrawn on", readonly=True, copy=False)

    _days_positive = models.Constraint(
        "CHECK(keep_days BETWEEN 1 AND 366)", "Keep files for 1 to 366 days."
    )

    @api.model
    def _guards(self):
        self.env.cr.execute("SELECT current_schema")
        [schema] = self.env.cr.fetchone()
        return [
            *super()._guards(),
            *functions(schema),
            *frozen_rows(
                self._table,
                ["in_force", "withdrawn"],
                FROZEN,
                next_states=["withdrawn"],
            ),
        ]

    def init(self):
        """Create the views anew, and grant them to the roles that had them."""
        cr = self.env.cr
        roles.drop_views(cr)
        # The functions name tables that an installation may create only later.
        cr.execute("SET LOCAL check_function_bodies = off")
        result = super().init()
        cr.execute("SET LOCAL check_function_bodies = on")
        roles.make_views(cr)
        roles.apply_grants(cr)
        return result

    # ------------------------------------------------------------ constraints
    @api.constrains("target", "role")
    def _check_role_name(self):
        for grant in self:
            if grant.target == "role" and not roles.ROLE_NAME.fullmatch(
                grant.role or ""
            ):
                raise ValidationError(
                    self.env._(
                        "Enter the name of a database role: lower-case letters, digits, "
                        "hyphens and underscores only. If the role is named otherwise, "
                        "ask the database administrator for another one."
                    )
                )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        grants = super().create(vals_list)
        grants._add_maker()
        return grants

    def write(self, vals):
        if self._is_unlocked(vals) or vals.keys().isdisjoint(CONTENT):
            return super().write(vals)
        self.check_access("write")
        self._check_editable()
        result = super().write(vals)
        self._add_maker()
        return result

    @api.ondelete(at_uninstall=False)
    def _check_unlink(self):
        self._check_editable()

    # ------------------------------------------------------------ actions
    def action_withdraw(self, reason=None):
        """Withdraw active accesses from now on: the role reads nothing any more.

        Files already written stay until their days are over.

        :param str reason: why; without it, the reason is asked for
        :raise UserError: if an access isn't active
        :raise AccessError: for users who are neither administrator nor director
        """
        self.check_access("read")
        self._check_withdrawer()
        self._check_state("in_force")
        if not reason:
            return self._ask_reason("action_withdraw")
        grants = self.sudo()
        grants._move_to("withdrawn", note=reason, date_withdrawn=fields.Datetime.now())
        grants.flush_recordset()
        grants._apply()
        return True

    # ------------------------------------------------------------ checks
    def _check_editable(self):
        for grant in self:
            if grant.state != "draft":
                raise UserError(
                    self.env._(
                        "%s can't be changed or deleted any more. Withdraw it and create "
                        "another one.",
                        grant.display_name,
                    )
                )

    def _check_withdrawer(self):
        if not self.env.user.has_groups(f"{ADMIN},{DIRECTOR}"):
            raise AccessError(
                self.env._(
                    "Only a key account administrator or director can withdraw it. Ask "
                    "one of them."
                )
            )

    def _check_may_submit(self):
        self._check_group(
            ADMIN,
            self.env._(
                "Only a key account administrator can give access from outside. Ask one "
                "of them."
            ),
        )
        return super()._check_may_submit()

    def _missing(self):
        if any(self[part] for part in PARTS):
            return []
        return [self.env._("at least one kind of data")]

    def _check_complete(self):
        result = super()._check_complete()
        self.sudo()._check_target()
        return result

    def _check_approvable(self):
        self.sudo()._check_target()

    def _check_target(self):
        """Refuse roles that could read more than the views, and missing folders."""
        for grant in self:
            refusal = grant._refusal()
            if refusal:
                raise UserError(refusal)

    def _refusal(self):
        """Return why the access can't work as it is meant, or False."""
        self.ensure_one()
        if self.target == "folder":
            return not files.folder_of(self.env, self.company_id) and self._say_folder()
        role = roles.find_role(self.env.cr, self.role)
        if not role:
            return self.env._(
                "There is no database role “%s”. Ask the database administrator to "
                "create it; it only needs to log in.",
                self.role,
            )
        if self.role_number and self.role_number != role.number:
            return self.env._(
                "The database role “%s” was created again and isn't the one that was "
                "given access. Withdraw this access and create another one.",
                self.role,
            )
        if role.is_strong:
            return self.env._(
                "The database role “%s” has too many rights: it is Odoo's own, or it can "
                "create roles or databases or read files, or it belongs to such a role. "
                "Ask the database administrator for a role that can only log in.",
                self.role,
            )
        if role.has_tables:
            return self.env._(
                "The database role “%s” can read or change tables of Odoo, so that the "
                "views would leave nothing out. Ask the database administrator to revoke "
                "that.",
                self.role,
            )
        if role.can_create:
            return self.env._(
                "The database role “%s” can create functions or tables in the schema of "
                "Odoo, so that it could read everything. Ask the database administrator "
                "to revoke that, from PUBLIC if everybody can: REVOKE CREATE ON SCHEMA "
                "public FROM PUBLIC.",
                self.role,
            )
        return False

    def _say_folder(self):
        return self.env._(
            "The configuration file of the server names no folder. Ask the administrator "
            "of the server to set %s.",
            files.OPTION,
        )

    # ------------------------------------------------------------ review
    def _makers(self):
        return super()._makers() | self.maker_ids | self.submitter_id

    def _add_maker(self):
        for grant in self:
            if self.env.user not in grant.sudo().maker_ids:
                grant.sudo()._unlocked().write(
                    {"maker_ids": [Command.link(self.env.uid)]}
                )

    def _submit(self):
        """Ask a director about pay; what isn't pay is active at once."""
        shows_pay = self.filtered(lambda grant: any(grant[part] for part in PAY_PARTS))
        for grant in (self - shows_pay).sudo():
            grant._activate(submitter_id=self.env.uid)
        return super(BiGrant, shows_pay)._submit() if shows_pay else None

    def _approve(self):
        for grant in self.sudo():
            grant._activate(reviewer_id=self.env.uid)
            grant._close_review()

    def _return(self, reason):
        """Directors decide, but write no accesses."""
        return super(BiGrant, self.sudo())._return(reason)

    def _activate(self, **vals):
        role = self.target == "role" and roles.find_role(self.env.cr, self.role)
        if role and not role.has_usage:
            roles.allow_schema(self.env.cr, self.role)
            vals["is_usage_granted"] = True
        self._move_to(
            "in_force",
            date_approved=fields.Datetime.now(),
            role_number=role and role.number,
            **vals,
        )
        self.flush_recordset()
        self._apply()

    # ------------------------------------------------------------ database
    def _apply(self):
        """Make the privileges those of the active accesses, and close the schema again
        to roles that have none any more.
        """
        changes = roles.apply_grants(self.env.cr)
        for role in set(self._opened().mapped("role")) - set(self._active_roles()):
            roles.close_schema(self.env.cr, role)
        return changes

    @api.model
    def _opened(self):
        return self.sudo().search(
            [("is_usage_granted", "=", True), ("state", "=", "withdrawn")]
        )

    @api.model
    def _active_roles(self):
        active = [("state", "=", "in_force"), ("target", "=", "role")]
        return self.sudo().search(active).mapped("role")

    @api.model
    def _remove_privileges(self):
        """Revoke what was granted, before the addon is uninstalled."""
        opened = self.sudo().search([("is_usage_granted", "=", True)])
        for role in set(opened.mapped("role")):
            roles.close_schema(self.env.cr, role)

    # ------------------------------------------------------------ nightly
    @api.model
    def _cron_serve(self):
        """Scheduled job, nightly: write the files, and check the privileges of roles."""
        grants = self.with_user(SUPERUSER_ID).search([("state", "!=", "draft")])
        folders = grants.filtered(
            lambda grant: grant.target == "folder" and grant.state != "submitted"
        )
        for company in folders.company_id:
            of_company = folders.filtered(
                lambda one, own=company: one.company_id == own
            )
            of_company._serve_company(fields.Date.today())
        # Last, because until the end of the transaction nobody else can give access.
        (grants - folders)._check_roles()

    def _check_roles(self):
        """Grant and revoke what differs, and note what is wrong with a role."""
        granted, revoked = self._apply()
        if granted or revoked:
            _logger.warning(
                "Privileges on views differed; granted: %s, revoked: %s",
                sorted(granted),
                sorted(revoked, key=str),
            )
        for grant in self.filtered(lambda grant: grant.state == "in_force"):
            grant._note_problem(grant._refusal())

    def _note_problem(self, problem):
        if (self.problem or False) != problem:
            self._unlocked().write({"problem": problem})
            if problem:
                _logger.warning("External access %s: %s", self.id, problem)

    def _serve_company(self, day):
        """Write the files of a company, and remove those of former days."""
        active = self.filtered(lambda grant: grant.state == "in_force")
        problem = False
        try:
            if not files.folder_of(self.env, self.company_id):
                problem = self._say_folder()
            else:
                active._write_files(day)
                kept = max((active or self).mapped("keep_days"))
                first_day = files.first_day_kept(day, kept)
                files.remove_old(self.env, self.company_id, first_day)
        except OSError as error:
            problem = self.env._("The files couldn't be written: %s", error.strerror)
        for grant in active:
            grant._note_problem(problem)

    def _write_files(self, day):
        """Write the files that these accesses of one company allow, if any."""
        if not self:
            return
        self.env.flush_all()
        company = self.company_id
        chosen = [view for view in VIEWS if any(self.mapped(view.grant_field))]
        manifest = files.write_files(self.env, company, chosen, day)
        counts = ", ".join(
            f"{name}: {told['rows']}" for name, told in manifest["views"].items()
        )
        self.env["nka.audit.event"]._record(self[:1], "bi_files", note=counts)
