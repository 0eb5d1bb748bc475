from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate, format_date

from ..trail.roles import MANAGER

_lt = LazyTranslate(__name__)


class KeyAccount(models.Model):
    """A commercial partner with key-account status in one company."""

    _name = "nka.key.account"
    _description = "Key account"
    _inherit = ["nka.state.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "tier_sequence, id"
    _rec_names_search = ["partner_id"]
    _check_company_auto = True
    _mail_post_access = "read"

    _guarded_fields = ("state", "nominated_by_id", "date_end", "end_reason")
    _reason_actions = {
        "action_decline": _lt("Decline the nomination"),
        "action_retire": _lt("Retire the key account"),
    }

    partner_id = fields.Many2one(
        "res.partner",
        "Client",
        required=True,
        check_company=True,
        index=True,
        ondelete="restrict",
        domain="[('is_company', '=', True), ('parent_id', '=', False)]",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(
        [
            ("candidate", "Candidate"),
            ("key", "Key account"),
            ("former", "Former"),
            ("declined", "Declined"),
        ],
        default="candidate",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    tier_id = fields.Many2one(
        "nka.tier",
        tracking=True,
        index=True,
        check_company=True,
        group_expand="_group_expand_tiers",
    )
    # Sorting by the tier's own order without a join per list.
    tier_sequence = fields.Integer(related="tier_id.sequence", store=True)
    color = fields.Integer(related="tier_id.color")
    manager_id = fields.Many2one(
        "res.users",
        "Key account manager",
        index=True,
        tracking=True,
        copy=False,
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    deputy_id = fields.Many2one(
        "res.users",
        index=True,
        tracking=True,
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Stands in for the manager and is known to the client.",
    )
    supervisor_id = fields.Many2one(
        "res.users",
        index=True,
        tracking=True,
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="First address for questions and reviews of this account.",
    )
    nominated_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    date_start = fields.Date(
        "Key account since",
        copy=False,
        help="First day of the status; the confirmation fills in today.",
    )
    date_end = fields.Date("Key account until", readonly=True, copy=False)
    end_reason = fields.Text(
        "Reason of the end", readonly=True, copy=False, tracking=True
    )
    cadence_days = fields.Integer(
        "Contact every (days)",
        compute="_compute_cadence_days",
        store=True,
        readonly=False,
        help="Longest silence this client should see; filled in from the tier.",
    )
    note = fields.Html("What everybody should know")
    may_supervise = fields.Boolean(
        compute="_compute_may_supervise",
        help="Whether the reader may set what only supervisors set.",
    )
    next_step = fields.Char(compute="_compute_next_step")
    assignment_ids = fields.One2many("nka.assignment", "key_account_id")

    _partner_company_unique = models.Constraint(
        "UNIQUE(partner_id, company_id)",
        "This client is a key account or candidate of the company already. "
        "Open that record instead of making a second one.",
    )

    # ------------------------------------------------------------ compute
    @api.depends("partner_id.name", "company_id")
    def _compute_display_name(self):
        for account in self:
            account.display_name = account.sudo().partner_id.name or ""

    @api.depends("tier_id")
    def _compute_cadence_days(self):
        for account in self:
            usual = account.company_id.nka_cadence_days
            account.cadence_days = account.tier_id.cadence_days or usual

    @api.depends_context("uid")
    def _compute_may_supervise(self):
        self.may_supervise = self._may_supervise()

    @api.depends("state", "manager_id", "deputy_id")
    @api.depends_context("uid", "lang", "tz")
    def _compute_next_step(self):
        today = fields.Date.context_today(self)
        for account in self:
            account.next_step = account._describe_next_step(today)

    def _describe_next_step(self, today):
        """What somebody should do about the account now, in a few words."""
        if self.state == "candidate":
            return self._describe_candidate_step()
        if self.state != "key":
            return False
        due = self.next_contact_date
        if due and due < today:
            return self.env._(
                "Get in touch, it was due on %s", format_date(self.env, due)
            )
        if not self.deputy_id:
            return self.env._("Name a deputy")
        return due and self.env._("Next contact on %s", format_date(self.env, due))

    def _describe_candidate_step(self):
        if not self.manager_id:
            return self.env._("Name the key account manager")
        return self.env._("A supervisor confirms or declines")

    def _group_expand_tiers(self, tiers, domain):
        return tiers.search([], order=tiers._order)

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_new_manager(vals)
        vals_list = [self._prepare_candidate_vals(vals) for vals in vals_list]
        accounts = super().create(vals_list)
        accounts._unlocked().write({"nominated_by_id": self.env.uid})
        accounts._record_creation()
        return accounts

    def write(self, vals):
        if not self._is_unlocked(vals):
            self._check_ownership_write(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        for account in self.sudo():
            if account.assignment_ids or account.state != "candidate":
                raise UserError(
                    self.env._(
                        "%s has a history as a key account, and history stays. "
                        "Retire or decline it instead.",
                        account.display_name,
                    )
                )

    @api.model
    def _prepare_candidate_vals(self, vals):
        """A nomination speaks of the client, whichever contact was picked."""
        partner = self.env["res.partner"].browse(vals.get("partner_id"))
        commercial = partner.sudo().commercial_partner_id
        prepared = {**vals, "partner_id": commercial.id or False}
        if "manager_id" not in vals and self.env.user.has_group(MANAGER):
            prepared["manager_id"] = self.env.uid
        return prepared

    def _record_creation(self):
        events = self.env["nka.audit.event"]
        events._append(
            [
                events._prepare_entry(account, "state", new=account.state)
                for account in self
            ]
        )
