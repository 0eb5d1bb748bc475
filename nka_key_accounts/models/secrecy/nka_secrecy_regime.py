from odoo import SUPERUSER_ID, Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import LazyTranslate, ormcache

from ..proof.contents import digest_of, values_of
from ..trail.frozen_rows import frozen_rows
from ..trail.opening import open_action, open_page
from ..trail.roles import ADMIN, DIRECTOR, ROLES, SUPERVISOR
from .nka_secrecy_item import ITEM_FIELDS

_lt = LazyTranslate(__name__)

ACKNOWLEDGE = "nka_key_accounts.mail_activity_type_acknowledge"
#: Who sees who hasn't acknowledged a regime.
SEEN_BY = f"{ADMIN},{SUPERVISOR},{DIRECTOR}"
#: What people acknowledge; it can be changed in a draft only.
CONTENT = ("company_id", "name", "order_number", "date", "text")
#: Set by the steps.
STEPS = (
    "digest",
    "submitter_id",
    "submit_date",
    "reviewer_id",
    "date_approved",
    "date_superseded",
    "superseded_by_id",
)
#: What stays as it is from the approval on.
FROZEN = (
    *CONTENT,
    "digest",
    "submitter_id",
    "submit_date",
    "reviewer_id",
    "date_approved",
)


class SecrecyRegime(models.Model):
    """Trade secret regime of a company: the order, what it protects, and its rules.

    One regime is in force in a company. The next one replaces it, and everybody with a
    role has to acknowledge the new one.
    """

    _name = "nka.secrecy.regime"
    _description = "Secrecy regime"
    _inherit = ["nka.review.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _guarded_fields = ("maker_ids", *STEPS)
    _audit_readers = "role"
    _review_activity = "nka_key_accounts.mail_activity_type_regime"
    _reviewer_group = ADMIN
    _decided_states = ("in_force", "superseded")
    _cleared_by_return = ("digest", "submitter_id", "submit_date")

    name = fields.Char("Title", required=True)
    order_number = fields.Char(
        "Order no.",
        required=True,
        help="Number of the order by which the company introduced the regime.",
    )
    date = fields.Date(
        "Date of the order",
        required=True,
        default=lambda self: fields.Date.context_today(self),
        copy=False,
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    text = fields.Text(
        "Rules",
        required=True,
        help="What people have to do and to refrain from. They acknowledge this text.",
    )
    item_ids = fields.One2many(
        "nka.secrecy.item", "regime_id", "Protected information", copy=True
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Awaiting approval"),
            ("in_force", "In force"),
            ("superseded", "Superseded"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    digest = fields.Char("Hash of the content", readonly=True, copy=False)
    maker_ids = fields.Many2many(
        "res.users", "nka_secrecy_regime_maker_rel", readonly=True, copy=False
    )
    submitter_id = fields.Many2one(
        "res.users", "Submitted by", readonly=True, copy=False
    )
    submit_date = fields.Datetime("Submitted on", readonly=True, copy=False)
    reviewer_id = fields.Many2one("res.users", "Approved by", readonly=True, copy=False)
    date_approved = fields.Datetime("In force since", readonly=True, copy=False)
    date_superseded = fields.Datetime("Superseded on", readonly=True, copy=False)
    superseded_by_id = fields.Many2one(
        "nka.secrecy.regime",
        "Superseded by",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    acknowledgement_ids = fields.One2many(
        "nka.secrecy.acknowledgement", "regime_id", "Acknowledgements", copy=False
    )
    acknowledged_on = fields.Datetime(
        "Acknowledged by you on", compute="_compute_acknowledged_on"
    )
    is_to_acknowledge = fields.Boolean(
        "Awaits your acknowledgement", compute="_compute_acknowledged_on"
    )
    is_required = fields.Boolean(related="company_id.nka_secrecy_required")
    missing_ids = fields.Many2many(
        "res.users",
        string="Not acknowledged by",
        compute="_compute_missing",
        compute_sudo=True,
        groups=SEEN_BY,
    )
    acknowledged_count = fields.Integer(
        "Acknowledged",
        compute="_compute_missing",
        compute_sudo=True,
        groups=SEEN_BY,
    )
    missing_count = fields.Integer(
        "Missing", compute="_compute_missing", compute_sudo=True, groups=SEEN_BY
    )

    _one_in_force = models.UniqueIndex(
        "(company_id) WHERE state = 'in_force'",
        "Another secrecy regime of this company has just come into force. Reload the "
        "page.",
    )

    @api.model
    def _guards(self):
        return [
            *super()._guards(),
            *frozen_rows(
                self._table,
                ["in_force", "superseded"],
                FROZEN,
                next_states=["superseded"],
            ),
        ]

    # ------------------------------------------------------------ compute
    @api.depends("name", "order_number")
    def _compute_display_name(self):
        for regime in self:
            regime.display_name = self.env._(
                "%(name)s, order %(number)s",
                name=regime.name or "…",
                number=regime.order_number or "…",
            )

    @api.depends("acknowledgement_ids", "state")
    @api.depends_context("uid")
    def _compute_acknowledged_on(self):
        may = self._is_person()
        for regime in self:
            own = regime.sudo().acknowledgement_ids.filtered(
                lambda row: row.user_id == self.env.user
            )
            regime.acknowledged_on = own.date
            regime.is_to_acknowledge = bool(
                may
                and not own
                and regime.state == "in_force"
                and regime.company_id in self.env.user.sudo().company_ids
            )

    @api.depends("acknowledgement_ids", "state")
    def _compute_missing(self):
        for regime in self:
            done = regime.acknowledgement_ids.user_id
            asked = regime.state == "in_force"
            missing = regime._people() - done if asked else done.browse()
            regime.missing_ids = missing
            regime.missing_count = len(missing)
            regime.acknowledged_count = len(done)

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        regimes = super().create(vals_list)
        regimes._add_maker()
        return regimes

    def write(self, vals):
        if self._is_unlocked(vals) or vals.keys().isdisjoint((*CONTENT, "item_ids")):
            return super().write(vals)
        self.check_access("write")
        self._check_editable()
        result = super().write(vals)
        self._add_maker()
        return result

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        self._check_editable()

    # ------------------------------------------------------------ actions
    def action_acknowledge(self):
        """Acknowledge regimes in force as the current user, with their own login.

        :raise AccessError: for users without a role in the company, and for the
            superuser
        :raise UserError: if the regime isn't in force
        """
        self.check_access("read")
        for regime in self:
            regime._check_may_acknowledge()
        rows = self.env["nka.secrecy.acknowledgement"].sudo()
        for regime in self.filtered(lambda row: not row.acknowledged_on).sudo():
            row = rows._unlocked().create(regime._prepare_acknowledgement())
            self.env["nka.audit.event"]._record(
                row,
                "acknowledged",
                new=regime.display_name,
                digest=regime.digest,
            )
            regime.activity_unlink([ACKNOWLEDGE], user_id=self.env.uid)
        self.env.registry.clear_cache()
        return True

    def action_new_version(self):
        """Open a draft with the same content, which replaces this regime later."""
        self.ensure_one()
        self._check_author()
        draft = self.copy()
        return draft._open_form()

    def action_remind(self):
        """Ask those who haven't acknowledged the regime and weren't asked yet.

        They got their role after the regime came into force.
        """
        self._check_author()
        self.check_access("read")
        self._check_state("in_force")
        self.sudo()._ask_people()
        return True

    def action_open_acknowledgements(self):
        """Open the acknowledgements of the regime."""
        self.ensure_one()
        return open_action(
            self.env,
            "nka_secrecy_acknowledgement_action",
            domain=[("regime_id", "=", self.id)],
            context={},
        )

    @api.model
    def action_open_accesses(self):
        """Open what is recorded of the current user's own accesses."""
        return open_action(self.env, "nka_secrecy_access_action")

    @api.model
    def action_open_mine(self):
        """Open the regime in force in the current company, else the list."""
        regime = self.search(
            [("state", "=", "in_force"), ("company_id", "=", self.env.company.id)],
            limit=1,
        )
        form = {"res_id": regime.id, "view_mode": "form", "views": [(False, "form")]}
        changes = form if regime else {}
        return open_page(
            self.env,
            "nka_secrecy_regime_action_mine",
            "nka_secrecy_regime_action_open_mine",
            **changes,
        )

    def _open_form(self):
        return open_action(
            self.env,
            "nka_secrecy_regime_action",
            res_id=self.id,
            view_mode="form",
            views=[(False, "form")],
        )

    # ------------------------------------------------------------ checks
    def _check_author(self):
        self._check_group(
            ADMIN,
            self.env._(
                "Only a key account administrator can prepare a secrecy regime. Ask one "
                "of them."
            ),
        )

    def _check_may_submit(self):
        self._check_author()
        return super()._check_may_submit()

    def _check_reviewer(self):
        """Administrators and supervisors decide, other than those who wrote it."""
        if not self.env.user.has_groups(f"{ADMIN},{SUPERVISOR}"):
            raise AccessError(
                self.env._(
                    "Only a key account administrator or supervisor who didn't write the "
                    "regime can decide on it. Ask one of them."
                )
            )

    def _check_not_maker(self):
        for regime in self.sudo():
            if self.env.user in regime._makers():
                raise AccessError(
                    self.env._(
                        "You wrote or submitted %(regime)s, so somebody else has to "
                        "approve it. Ask %(people)s.",
                        regime=regime.display_name,
                        people=", ".join(regime._reviewers()[:3].mapped("name"))
                        or self.env._("an administrator to assign the role"),
                    )
                )

    def _check_editable(self):
        for regime in self:
            if regime.state != "draft":
                raise UserError(regime._say_frozen())

    def _say_frozen(self):
        return self.env._(
            "%s can't be changed or deleted any more: people acknowledge exactly this "
            "content. Create a new version of it.",
            self.display_name,
        )

    def _check_may_acknowledge(self):
        self._check_state("in_force")
        if not self._is_person() or (
            self.company_id not in self.env.user.sudo().company_ids
        ):
            raise AccessError(
                self.env._(
                    "Only people with a key account role in %s acknowledge its secrecy "
                    "regime, each with their own login.",
                    self.sudo().company_id.name,
                )
            )
        if self.sudo().digest != self.sudo()._event_digest():
            raise UserError(
                self.env._(
                    "The content of %s differs from what was approved. Ask an "
                    "administrator to verify the audit trail.",
                    self.display_name,
                )
            )

    @api.model
    def _is_person(self):
        """Return whether the current user is a person with a role."""
        user = self.env.user
        return self.env.uid != SUPERUSER_ID and user.has_groups(",".join(ROLES))

    def _missing(self):
        missing = []
        if not (self.text or "").strip():
            missing.append(self.env._("the rules"))
        if not self.item_ids:
            missing.append(self.env._("the protected information"))
        return missing

    # ------------------------------------------------------------ review
    def _makers(self):
        return super()._makers() | self.maker_ids | self.submitter_id

    def _add_maker(self):
        for regime in self:
            if self.env.user not in regime.sudo().maker_ids:
                regime.sudo()._unlocked().write(
                    {"maker_ids": [Command.link(self.env.uid)]}
                )

    def _reviewers(self):
        """Return the other administrators, then the supervisors."""
        self.ensure_one()
        users, regime = self.env["res.users"], self.sudo()
        makers = regime._makers()
        administrators = users._nka_holders(ADMIN, regime.company_id, makers)
        supervisors = users._nka_holders(SUPERVISOR, regime.company_id, makers)
        return administrators | supervisors

    def _prepare_submission(self):
        return {
            **super()._prepare_submission(),
            "submit_date": fields.Datetime.now(),
            "digest": self._event_digest(),
        }

    def _submit(self):
        """Submit regimes one by one, as each has a hash of its own."""
        if len(self) == 1:
            return super()._submit()
        for regime in self:
            regime._submit()
        return None

    def _check_approvable(self):
        for regime in self.sudo():
            if regime.digest != regime._event_digest():
                raise UserError(
                    self.env._(
                        "%s changed after it was submitted. Return it, so that it is "
                        "submitted again.",
                        regime.display_name,
                    )
                )

    def _approve(self):
        """Put regimes into force, in place of the company's former one."""
        for regime in self.sudo():
            former = self.sudo().search(
                [("state", "=", "in_force"), ("company_id", "=", regime.company_id.id)]
            )
            former._replace(regime)
            regime._move_to("in_force", **regime._prepare_approval())
            regime._close_review()
            regime._ask_people()
        self.env.registry.clear_cache()

    def _replace(self, regime):
        for former in self:
            former._move_to(
                "superseded",
                note=regime.display_name,
                date_superseded=fields.Datetime.now(),
                superseded_by_id=regime.id,
            )
            former.activity_unlink([ACKNOWLEDGE])
        self.flush_recordset()

    # ------------------------------------------------------------ people
    def _people(self):
        """Return the active users with a role in the company of the regime.

        :rtype: res.users
        """
        self.ensure_one()
        users = self.env["res.users"]
        for role in ROLES:
            users |= users._nka_holders(role, self.company_id)
        return users

    def _ask_people(self):
        """Schedule an activity for everybody who hasn't acknowledged the regime."""
        for regime in self:
            asked = regime.activity_search([ACKNOWLEDGE]).user_id
            for person in regime.missing_ids - asked:
                regime.activity_schedule(ACKNOWLEDGE, user_id=person.id)

    def _prepare_acknowledgement(self):
        return {
            "regime_id": self.id,
            "user_id": self.env.uid,
            "user_name": self.env.user.sudo().name,
            "company_id": self.company_id.id,
            "date": fields.Datetime.now(),
            "digest": self.digest,
        }

    @api.model
    def _in_force(self, companies):
        """Return the regimes in force in some companies.

        :param res.company companies: companies
        :rtype: nka.secrecy.regime
        """
        return self.sudo().search(
            [("state", "=", "in_force"), ("company_id", "in", companies.ids)]
        )

    @api.model
    @ormcache()
    def _companies_in_force(self):
        """Return the ids of the companies with a regime in force.

        Cached, as every counted read asks.

        :rtype: frozenset[int]
        """
        regimes = self.sudo().search([("state", "=", "in_force")])
        return frozenset(regimes.company_id.ids)

    # ------------------------------------------------------------ content
    def _content(self):
        return {
            regime.id: [
                values_of(regime, CONTENT),
                [
                    values_of(item, ITEM_FIELDS[1:])
                    for item in regime.item_ids.sorted(
                        lambda row: (row.sequence, row.id)
                    )
                ],
            ]
            for regime in self.sudo()
        }

    def _event_digest(self):
        return digest_of(self._content()[self.id])
