"""Handovers of key accounts: proposed by a manager, approved by a supervisor."""

import logging

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, LazyTranslate, format_date

from ..trail.roles import MANAGER, SUPERVISOR

_lt = LazyTranslate(__name__)

#: Agreed terms; they can be changed only in draft and after a return.
CONTENT_FIELDS = {
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
}

_logger = logging.getLogger(__name__)


class Handover(models.Model):
    """Transfer of one or more accounts from one manager to another on a date.

    The incoming manager gets all access and the outgoing one loses it at once; the
    credit split is kept for pay. Rooms declare what else belongs to an account in
    ``_owned_domains``, ``_checklist_sources`` and ``_move_work``.
    """

    _name = "nka.handover"
    _description = "Handover of key accounts"
    _inherit = ["nka.review.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _rec_names_search = ["from_user_id", "to_user_id"]
    _check_company_auto = True
    _mail_post_access = "read"
    _guarded_fields = (
        "maker_ids",
        "submitted_by_id",
        "approved_by_id",
        "approved_date",
        "return_reason",
    )
    _audit_kinds = {"handover": _lt("Handover")}
    _submitted_from = ("draft", "returned")
    _returned_to = "returned"
    _returned_from = ("submitted", "approved")
    _decided_states = ("approved", "done")
    _submitter_field = "submitted_by_id"
    _reviewer_field = "approved_by_id"
    _decision_date_field = "approved_date"
    _review_activity = "nka_key_accounts.mail_activity_type_decide_handover"
    _answer_activity = "nka_key_accounts.mail_activity_type_handover_returned"
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
            ("account", "The whole account"),
            ("credit", "Only a share of the credit"),
        ],
        default="account",
        required=True,
    )
    is_leaving = fields.Boolean(
        "All accounts of the outgoing manager",
        help="The manager is leaving: hand over all their accounts, including those "
        "they are deputy for.",
    )
    key_account_ids = fields.Many2many(
        "nka.key.account", string="Key accounts", check_company=True
    )
    key_account_count = fields.Integer(
        "Number of key accounts", compute="_compute_key_account_count"
    )
    from_user_id = fields.Many2one(
        "res.users",
        "Outgoing manager",
        required=True,
        index=True,
        tracking=True,
        check_company=True,
        context={"active_test": False},
        default=lambda self: self.env.user.has_group(MANAGER) and self.env.uid,
    )
    to_user_id = fields.Many2one(
        "res.users",
        "Incoming manager",
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
        "New deputy",
        check_company=True,
        domain="[('share', '=', False), ('id', '!=', to_user_id)]",
        help="Leave empty to keep the current deputy. If the deputy becomes the "
        "manager, the deputy position stays vacant.",
    )
    date = fields.Date(
        "Effective date",
        required=True,
        tracking=True,
        default=fields.Date.context_today,
        help="First day of the incoming manager.",
    )
    reason = fields.Text()
    credit_share = fields.Float(
        "Share of credit for earlier orders (%)",
        digits=(5, 2),
        default=lambda self: self.env.company.nka_credit_share,
        help="Share of credit the outgoing manager keeps for orders won before the "
        "handover and invoiced or paid after it, for the number of days entered.",
    )
    credit_days = fields.Integer(
        "Days of credit for earlier orders",
        default=lambda self: self.env.company.nka_credit_days,
        help="0 = no split: an order is credited to the manager of the account on the "
        "order date.",
    )
    keep_share = fields.Float(
        "Share of credit for new orders (%)",
        digits=(5, 2),
        help="Share of the account's credit that the outgoing manager keeps from the "
        "effective date. The rest goes to the incoming manager.",
    )
    line_ids = fields.One2many("nka.handover.line", "handover_id", "Checklist")
    open_line_count = fields.Integer("Open items", compute="_compute_open_line_count")
    maker_ids = fields.Many2many("res.users", readonly=True, copy=False)
    submitted_by_id = fields.Many2one(
        "res.users", "Submitted by", readonly=True, copy=False
    )
    approved_by_id = fields.Many2one(
        "res.users", "Approved by", readonly=True, copy=False
    )
    approved_date = fields.Datetime("Approved on", readonly=True, copy=False)
    return_reason = fields.Text("Reason for return", readonly=True, copy=False)

    _two_people = models.Constraint(
        "CHECK(from_user_id != to_user_id)",
        "The outgoing and incoming manager must be different people. Choose another "
        "incoming manager.",
    )
    _share_range = models.Constraint(
        "CHECK(credit_share BETWEEN 0 AND 100 AND keep_share BETWEEN 0 AND 100)",
        "Enter a share between 0 and 100 percent.",
    )
    _days_range = models.Constraint(
        "CHECK(credit_days >= 0)", "The number of days can't be negative."
    )
    # The daily job looks for approved handovers that are due.
    _due_idx = models.Index("(date) WHERE state = 'approved'")

    # ------------------------------------------------------------ compute
    @api.depends("from_user_id", "to_user_id", "date")
    def _compute_display_name(self):
        for handover in self.sudo():
            handover.display_name = self.env._(
                "%(giver)s → %(receiver)s, %(date)s",
                giver=handover.from_user_id.name or "…",
                receiver=handover.to_user_id.name or "…",
                date=format_date(self.env, handover.date),
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
                        "The manager and deputy must be different people, so that no "
                        "account depends on one person."
                    )
                )

    @api.constrains("is_leaving", "scope", "from_user_id", "new_deputy_id")
    def _check_leaving(self):
        for handover in self.filtered("is_leaving"):
            stays = handover.scope == "credit" or handover.keep_share
            if stays or handover.new_deputy_id == handover.from_user_id:
                raise ValidationError(
                    self.env._(
                        "%s is leaving, so all accounts are handed over in full: no "
                        "share of credit and no deputy role can remain.",
                        handover.from_user_id.name,
                    )
                )

    def _check_proposer(self):
        """Check that managers propose their own accounts only; supervisors any."""
        if self.env.uid == SUPERUSER_ID or self.env.user.has_group(SUPERVISOR):
            return
        for handover in self.sudo():
            if handover.from_user_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "You can hand over only your own accounts. Ask the manager of "
                        "these accounts or a supervisor to propose the handover."
                    )
                )
            handover._check_from_owner(handover.key_account_ids)

    def _check_from_owner(self, accounts):
        """Refuse accounts that the outgoing manager doesn't manage (any more)."""
        for account in accounts:
            if account.manager_id != self.from_user_id:
                raise UserError(
                    self.env._(
                        "%(account)s isn't managed by %(giver)s; its manager is "
                        "%(manager)s. Remove it from this handover.",
                        account=account.display_name,
                        giver=self.from_user_id.name,
                        manager=account.manager_id.name or "–",
                    )
                )

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
        self._check_state(*self._submitted_from)
        result = super().write(vals)
        self._collect_accounts()
        self._check_proposer()
        self._unlocked().write({"maker_ids": [(4, self.env.uid)]})
        return result

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        if any(handover.state != "draft" for handover in self):
            raise UserError(
                self.env._("A submitted handover can't be deleted. Cancel it instead.")
            )

    # ------------------------------------------------------------ actions
    def action_submit(self):
        """Submit the handover for approval and create its checklist.

        :raise UserError: if something is missing, or the accounts have another manager
        """
        self.filtered(lambda row: row.state in row._submitted_from)._collect_accounts()
        return super().action_submit()

    def action_cancel(self):
        """Cancel a handover that hasn't been executed.

        :raise AccessError: if the user can't edit it or, once it is approved, isn't a
            supervisor
        """
        self.check_access("write")
        self._check_state("draft", "submitted", "approved", "returned")
        if any(handover.state == "approved" for handover in self):
            self._check_supervisor()
        self._move_to("cancelled")
        self._close_review()
        return True

    def action_open_accounts(self):
        """Open the accounts of this handover that the user has access to."""
        self.ensure_one()
        return self.key_account_ids._action_open()

    def action_refresh_checklist(self):
        """Update the checklist; checked items and remarks are kept."""
        self.check_access("write")
        self._check_state("draft", "returned", "submitted", "approved")
        for handover in self.sudo():
            handover.line_ids._refresh(handover)
        return True

    @api.model
    def _action_new(self, **defaults):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Hand over"),
            "res_model": self._name,
            "view_mode": "form",
            "context": defaults,
        }

    # ------------------------------------------------------------ review
    def _check_complete(self):
        # After the state check: a finished handover doesn't reveal today's manager.
        self._check_proposer()
        self._check_approvable()
        self._check_date()

    def _check_approvable(self):
        for handover in self.sudo():
            handover._check_ready()

    def _makers(self):
        """Include editors, submitters and both managers: they can't approve it."""
        return (
            super()._makers()
            | self.maker_ids
            | self.submitted_by_id
            | self.from_user_id
            | self.to_user_id
        )

    def _reviewers(self):
        """Return the accounts' own supervisors if there are any."""
        named = self.key_account_ids.supervisor_id - self._makers()
        return named or super()._reviewers()

    def _submit(self):
        for handover in self.sudo():
            handover.line_ids._refresh(handover)
        return super()._submit()

    def _prepare_submission(self):
        return {**super()._prepare_submission(), "maker_ids": [(4, self.env.uid)]}

    def _approve(self):
        """Execute handovers that are due; the daily job executes the later ones."""
        result = super()._approve()
        today = fields.Date.context_today(self)
        self.filtered(lambda handover: handover.date <= today)._execute()
        return result

    def _prepare_approval(self):
        return {**super()._prepare_approval(), "return_reason": False}

    def _prepare_return(self, reason):
        return {**super()._prepare_return(reason), "return_reason": reason}

    def _check_ready(self):
        """Check everything a handover requires, whoever the current user is."""
        self.ensure_one()
        if not (self.reason or "").strip():
            raise UserError(self.env._("Enter the reason for the handover."))
        self._check_accounts(self.key_account_ids)
        self._check_receiver()
        self._check_credit()
        self._check_no_other(self.key_account_ids)

    def _check_accounts(self, accounts):
        if not accounts and not self.is_leaving:
            raise UserError(self.env._("Choose at least one key account."))
        foreign = accounts.filtered(lambda a: a.company_id != self.company_id)
        if foreign:
            raise UserError(
                self.env._(
                    "%(account)s belongs to %(company)s. Create a separate handover "
                    "for each company.",
                    account=foreign[0].display_name,
                    company=foreign[0].company_id.name,
                )
            )
        if self.scope == "account":
            self._check_from_owner(accounts)
        if not self.is_leaving:
            self._check_current(accounts)

    def _check_current(self, accounts):
        for account in accounts:
            if account.state not in ("candidate", "key"):
                raise UserError(
                    self.env._(
                        "%s isn't a current key account, so there is nothing to hand "
                        "over. Remove it from this handover.",
                        account.display_name,
                    )
                )

    def _check_date(self):
        today = fields.Date.context_today(self)
        if any(handover.date < today for handover in self):
            raise UserError(
                self.env._(
                    "A handover can't take effect in the past. Choose today or a later "
                    "date."
                )
            )

    def _check_receiver(self):
        receiver = self.to_user_id
        self.key_account_ids._check_manager_group(receiver)
        if not receiver.active or self.company_id not in receiver.company_ids:
            raise UserError(
                self.env._(
                    "%(person)s can't receive accounts of %(company)s: the user is "
                    "archived or has no access to that company. Choose another "
                    "incoming manager.",
                    person=receiver.name,
                    company=self.company_id.name,
                )
            )

    def _check_credit(self):
        """Check that managers keep at most their share, less if only credit moves."""
        running = self.env["nka.assignment"]._running_shares(self.key_account_ids)
        for account, shares in running.items():
            own = shares.get(self.from_user_id, 0.0)
            too_much = self.keep_share > own
            nothing = self.scope == "credit" and self.keep_share >= own
            if too_much or nothing:
                raise UserError(
                    self.env._(
                        "%(giver)s holds %(own)g %% of the credit for %(account)s and "
                        "can't keep %(keep)g %% after a handover. Enter a lower "
                        "percentage.",
                        giver=self.from_user_id.name,
                        own=own,
                        account=account.display_name,
                        keep=self.keep_share,
                    )
                )

    def _check_no_other(self, accounts):
        """Allow one pending handover per account: with two, the order would decide."""
        other = self.search(
            [
                ("id", "!=", self.id),
                ("state", "in", ("submitted", "approved")),
                ("key_account_ids", "in", accounts.ids),
            ],
            limit=1,
        )
        if other:
            raise UserError(
                self.env._(
                    "Another handover of these accounts is in progress: %s. Complete "
                    "or cancel it first.",
                    other.display_name,
                )
            )

    # ------------------------------------------------------------ checklist
    def _checklist_sources(self, accounts):
        """Hook: return what the two managers go through. Rooms add their records.

        :return: pairs of a kind of checklist item and its records
        :rtype: list[tuple[str, models.BaseModel]]
        """
        return [
            ("activity", self._open_activities(accounts)),
            ("contact", self._contacts(accounts)),
            ("file", self._files(accounts)),
        ]

    # ------------------------------------------------------------ records of accounts
    def _owned_domains(self, accounts):
        """Hook: return where records of accounts are found. Rooms add their models.

        :return: for each model the domain of its records that belong to ``accounts``;
            their activities, files and followers are transferred with them
        :rtype: dict[str, Domain]
        """
        clients = self._clients_given_up(accounts)
        return {
            "nka.key.account": Domain("id", "in", accounts.ids),
            "res.partner": Domain("commercial_partner_id", "in", clients.ids),
        }

    def _clients_given_up(self, accounts):
        """Return the clients of which the outgoing manager keeps no other account."""
        kept = self.env["nka.key.account"].search(
            [
                ("partner_id", "in", accounts.partner_id.ids),
                ("manager_id", "=", self.from_user_id.id),
                ("id", "not in", accounts.ids),
            ]
        )
        return accounts.partner_id - kept.partner_id

    def _domain_on_owned(self, accounts):
        """Return the domain of activities, files or followers of owned records."""
        return Domain.OR(
            Domain("res_model", "=", model)
            & Domain(
                "res_id",
                "in",
                self.env[model].with_context(active_test=False)._search(domain),
            )
            for model, domain in self._owned_domains(accounts).items()
        )

    def _open_activities(self, accounts):
        """Return the outgoing manager's activities on records of the accounts."""
        return self.env["mail.activity"].search(
            self._domain_on_owned(accounts)
            & Domain("user_id", "=", self.from_user_id.id)
        )

    def _contacts(self, accounts):
        return self.env["res.partner"].search(
            [
                ("commercial_partner_id", "in", accounts.partner_id.ids),
                ("is_company", "=", False),
                ("type", "=", "contact"),
            ]
        )

    def _files(self, accounts):
        return self.env["ir.attachment"].search(
            self._domain_on_owned(accounts) & Domain("res_field", "=", False)
        )

    def _leaving_accounts(self):
        """Return the outgoing manager's accounts in any state: with a former account,
        they could still read its history.
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

    # ------------------------------------------------------------ execution
    @api.model
    def _cron_execute_due(self):
        """Execute the approved handovers that are due, each in a savepoint.

        Handovers that can't be executed any more are returned with the reason.
        """
        today = fields.Date.context_today(self)
        due = self.search(
            [("state", "=", "approved"), ("date", "<=", today)], order="date, id"
        )
        for handover in due:
            try:
                with self.env.cr.savepoint():
                    handover._execute()
            except (UserError, AccessError) as refusal:
                _logger.info("Handover %s not carried out: %s", handover.id, refusal)
                handover._return(str(refusal))

    def _execute(self):
        """Transfer credit, ownership and work; the outgoing manager loses access.

        Everything is checked again, because days can pass between approval and date.

        :raise UserError: if an account changed its manager or lost its status meanwhile
        """
        for handover in self.sudo():
            handover._collect_accounts()
            handover._check_ready()
            first_day = max(handover.date, fields.Date.context_today(self))
            self.env["nka.assignment"]._hand_over(handover, first_day)
            if handover.scope == "account":
                handover._move_ownership(handover.key_account_ids)
                handover._move_work(handover.key_account_ids)
            handover.with_env(self.env)._move_to("done", date=first_day)

    def _move_ownership(self, accounts):
        """Set manager and deputy, and log the change in the audit trail."""
        by_deputy = accounts.grouped(lambda account: self._deputy_after(account))
        for deputy, group in by_deputy.items():
            group._unlocked().write(
                {"manager_id": self.to_user_id.id, "deputy_id": deputy.id}
            )
        if self.is_leaving:
            self._leave_deputy_posts()
        self.env["nka.audit.event"]._record(
            accounts,
            "handover",
            old=self.from_user_id,
            new=self.to_user_id,
            note=self.reason,
        )

    def _deputy_after(self, account):
        deputy = self.new_deputy_id or account.deputy_id
        return deputy.browse() if deputy == self.to_user_id else deputy

    def _leave_deputy_posts(self):
        """Make the incoming manager deputy instead, or no one on their own accounts."""
        posts = self.env["nka.key.account"].search(
            [
                ("deputy_id", "=", self.from_user_id.id),
                ("company_id", "=", self.company_id.id),
            ]
        )
        own = posts.filtered(lambda account: account.manager_id == self.to_user_id)
        own._unlocked().write({"deputy_id": False})
        (posts - own)._unlocked().write({"deputy_id": self.to_user_id.id})

    def _move_work(self, accounts):
        """Hook: transfer the records that belong to the accounts."""
        domain = self._owned_domains(accounts)["res.partner"]
        clients = self.env["res.partner"].with_context(active_test=False).search(domain)
        self._givers(clients).write({"user_id": self.to_user_id.id})
        activities = self._open_activities(accounts)
        self._quietly(activities).write({"user_id": self.to_user_id.id})
        self._move_followers(accounts)
        self._rotate_tokens(accounts)

    def _quietly(self, records):
        """Return these records with a context that sends no notifications."""
        return records.with_context(
            mail_auto_subscribe_no_notify=True,
            mail_activity_quick_update=True,
            no_mail_to_attendees=True,
            dont_notify=True,
        )

    def _givers(self, records):
        """Return the outgoing manager's records, without notifications when written."""
        own = records.filtered(lambda record: record.user_id == self.from_user_id)
        return self._quietly(own)

    def _move_followers(self, accounts):
        """Make the incoming manager follow the accounts instead of the outgoing one."""
        giver = self.from_user_id.partner_id
        self.env["mail.followers"].search(
            self._domain_on_owned(accounts) & Domain("partner_id", "=", giver.id)
        ).unlink()
        accounts.message_subscribe(partner_ids=self.to_user_id.partner_id.ids)

    def _rotate_tokens(self, accounts):
        """Revoke links to files that the outgoing manager could have kept.

        Done by SQL, because files under review are locked; a token isn't content.
        """
        files = self._files(accounts)
        if not files:
            return
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """UPDATE ir_attachment SET access_token = NULL
                    WHERE access_token IS NOT NULL AND id IN %s""",
                tuple(files.ids),
            )
        )
        files.invalidate_recordset(["access_token"])
