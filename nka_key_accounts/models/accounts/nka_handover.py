"""Accounts change hands: proposed by a manager, approved by a supervisor."""

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import LazyTranslate

from ..trail.roles import MANAGER, SUPERVISOR

_lt = LazyTranslate(__name__)

#: What was agreed; frozen while somebody decides on it and ever after.
CONTENT_FIELDS = frozenset(
    (
        "company_id",
        "scope",
        "is_leaving",
        "key_account_ids",
        "from_user_id",
        "to_user_id",
        "new_deputy_id",
        "date",
        "reason",
        "credit_share",
        "credit_days",
        "keep_share",
    )
)


class Handover(models.Model):
    """One or many accounts pass from one manager to another on a day.

    When it is carried out the receiving manager gets everything and the leaving one
    loses access the same minute; the split of credit is kept for pay.
    """

    _name = "nka.handover"
    _description = "Handover of key accounts"
    _inherit = ["nka.state.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _rec_names_search = ["from_user_id", "to_user_id"]
    _check_company_auto = True
    _mail_post_access = "read"

    _guarded_fields = (
        "state",
        "maker_ids",
        "submitted_by_id",
        "approved_by_id",
        "approved_date",
        "return_reason",
    )
    _reason_actions = {"action_return": _lt("Return the handover")}

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Submitted"),
            ("approved", "Approved"),
            ("done", "Done"),
            ("returned", "Returned"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    scope = fields.Selection(
        [
            ("account", "The account with all that belongs to it"),
            ("credit", "Only a share of the credit"),
        ],
        "What changes hands",
        default="account",
        required=True,
    )
    is_leaving = fields.Boolean(
        "All accounts of the person",
        help="The manager leaves: every account of his goes along, and so do the "
        "accounts he deputises for.",
    )
    key_account_ids = fields.Many2many(
        "nka.key.account", string="Key accounts", check_company=True
    )
    key_account_count = fields.Integer(compute="_compute_key_account_count")
    from_user_id = fields.Many2one(
        "res.users",
        "From",
        required=True,
        index=True,
        tracking=True,
        check_company=True,
        context={"active_test": False},
        default=lambda self: self._default_from_user_id(),
    )
    to_user_id = fields.Many2one(
        "res.users",
        "To",
        required=True,
        index=True,
        tracking=True,
        check_company=True,
        domain=lambda self: [
            ("share", "=", False),
            ("all_group_ids", "in", self.env.ref(MANAGER).ids),
        ],
    )
    new_deputy_id = fields.Many2one(
        "res.users",
        "Deputy from then on",
        check_company=True,
        domain="[('share', '=', False), ('id', '!=', to_user_id)]",
        help="Empty: the deputy stays; a deputy who takes the account over leaves "
        "the post open.",
    )
    date = fields.Date(
        "Effective from",
        required=True,
        tracking=True,
        default=fields.Date.context_today,
        help="First day of the new owner.",
    )
    reason = fields.Text()
    credit_share = fields.Float(
        "Share for earlier orders (%)",
        digits=(5, 2),
        default=lambda self: self.env.company.nka_credit_share,
        help="What the leaving manager keeps of orders won before the handover and "
        "billed or paid after it, for as many days as given.",
    )
    credit_days = fields.Integer(
        "For how many days",
        default=lambda self: self.env.company.nka_credit_days,
        help="0: no split. An order then counts for whoever owned the account on its "
        "day.",
    )
    keep_share = fields.Float(
        "Share kept of new orders (%)",
        digits=(5, 2),
        help="Percent of the account's credit the giving manager keeps from the "
        "effective day on; the rest of his share goes to the receiver.",
    )
    line_ids = fields.One2many("nka.handover.line", "handover_id", "Checklist")
    open_line_count = fields.Integer("Open items", compute="_compute_open_line_count")
    maker_ids = fields.Many2many("res.users", readonly=True, copy=False)
    submitted_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    approved_date = fields.Datetime(readonly=True, copy=False)
    return_reason = fields.Text("Why it was returned", readonly=True, copy=False)

    _two_people = models.Constraint(
        "CHECK(from_user_id != to_user_id)",
        "A handover needs two people: choose another receiver.",
    )
    _share_range = models.Constraint(
        "CHECK(credit_share BETWEEN 0 AND 100 AND keep_share BETWEEN 0 AND 100)",
        "A share lies between 0 and 100 percent.",
    )
    _days_range = models.Constraint(
        "CHECK(credit_days >= 0)", "The days of the split can't be negative."
    )
    # The daily job looks for approved handovers that are due.
    _due_idx = models.Index("(date) WHERE state = 'approved'")

    # ------------------------------------------------------------ defaults
    @api.model
    def _default_from_user_id(self):
        return self.env.user if self.env.user.has_group(MANAGER) else False

    # ------------------------------------------------------------ compute
    @api.depends("from_user_id", "to_user_id", "date")
    def _compute_display_name(self):
        for handover in self.sudo():
            handover.display_name = self.env._(
                "%(giver)s → %(receiver)s, %(date)s",
                giver=handover.from_user_id.name or "…",
                receiver=handover.to_user_id.name or "…",
                date=handover.date or "",
            )

    @api.depends("key_account_ids")
    def _compute_key_account_count(self):
        for handover in self:
            handover.key_account_count = len(handover.sudo().key_account_ids)

    @api.depends("line_ids.done")
    def _compute_open_line_count(self):
        for handover in self:
            lines = handover.sudo().line_ids
            handover.open_line_count = len(lines.filtered(lambda line: not line.done))

    # ------------------------------------------------------------ onchange
    @api.onchange("is_leaving", "from_user_id")
    def _onchange_is_leaving(self):
        if self.is_leaving:
            self.key_account_ids = self._leaving_accounts()

    # ------------------------------------------------------------ checks
    @api.constrains("to_user_id", "new_deputy_id")
    def _check_deputy(self):
        for handover in self:
            if handover.new_deputy_id and handover.new_deputy_id == handover.to_user_id:
                raise ValidationError(
                    self.env._(
                        "Manager and deputy must be two people: nobody is the only "
                        "one who knows an account."
                    )
                )

    @api.constrains("is_leaving", "scope", "from_user_id", "new_deputy_id")
    def _check_leaving(self):
        for handover in self.filtered("is_leaving"):
            stays = handover.scope == "credit" or handover.keep_share
            if stays or handover.new_deputy_id == handover.from_user_id:
                raise ValidationError(
                    self.env._(
                        "%s leaves all accounts, so the whole of them goes along and "
                        "no share or deputy's post stays behind.",
                        handover.from_user_id.name,
                    )
                )

    def _check_proposer(self):
        """A manager proposes what is his own; supervisors propose anything."""
        if self.env.uid == SUPERUSER_ID or self.env.user.has_group(SUPERVISOR):
            return
        for handover in self.sudo():
            if handover.from_user_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "You can hand over your own accounts only. Ask the manager "
                        "of these accounts or a supervisor to propose it."
                    )
                )
            handover._check_from_owner(handover.key_account_ids)

    def _check_from_owner(self, accounts):
        """Refuse accounts that don't belong to the giving manager (any more)."""
        for account in accounts:
            if account.manager_id != self.from_user_id:
                raise UserError(
                    self.env._(
                        "%(account)s isn't in the hands of %(giver)s; its manager is "
                        "%(manager)s. Take it off this handover; nothing was changed.",
                        account=account.display_name,
                        giver=self.from_user_id.name,
                        manager=account.manager_id.name or self.env._("nobody"),
                    )
                )

    def _check_open_for_edit(self):
        """What was agreed is changed in a draft or after a return only."""
        self._check_state("draft", "returned")

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        handovers = super().create(vals_list)
        handovers._collect_accounts()
        handovers._check_proposer()
        handovers._unlocked().write({"maker_ids": [(4, self.env.uid)]})
        return handovers

    def write(self, vals):
        if self._is_unlocked(vals) or CONTENT_FIELDS.isdisjoint(vals):
            return super().write(vals)
        self._check_open_for_edit()
        result = super().write(vals)
        self._collect_accounts()
        self._check_proposer()
        self._unlocked().write({"maker_ids": [(4, self.env.uid)]})
        return result

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        if any(handover.state != "draft" for handover in self):
            raise UserError(
                self.env._("A handover that was submitted stays. Cancel it instead.")
            )

    # ------------------------------------------------------------ business
    def _leaving_accounts(self):
        """All accounts of the giving manager in the company, whatever their state:
        a former account he keeps would leave its history open to him.
        """
        return self.env["nka.key.account"].search(
            [
                ("manager_id", "=", self.from_user_id.id),
                ("company_id", "=", self.company_id.id),
            ]
        )

    def _collect_accounts(self):
        for handover in self.sudo().filtered("is_leaving"):
            accounts = handover._leaving_accounts()
            if accounts != handover.key_account_ids:
                handover._unlocked().write({"key_account_ids": [(6, 0, accounts.ids)]})

    def _makers(self):
        """Who wrote or submitted it, gives or receives can't approve it."""
        return (
            super()._makers()
            | self.maker_ids
            | self.submitted_by_id
            | self.from_user_id
            | self.to_user_id
        )
