"""Accounts change hands: proposed by a manager, approved by a supervisor."""

import logging

from odoo import SUPERUSER_ID, Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, LazyTranslate

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

_logger = logging.getLogger(__name__)


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
    _audit_kinds = {"handover": _lt("Handover")}
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

    # ============================================================ checklist
    # What belongs to an account, listed for the two managers by the system.

    # ------------------------------------------------------------ checklist: hooks
    def _owned_domains(self, accounts):
        """Hook: where things of these accounts live.

        :return: for each model the domain of its records that belong to ``accounts``;
            activities, files and followers of all of them go along
        :rtype: dict[str, Domain]
        """
        clients = self._clients_given_up(accounts)
        of_client = Domain("commercial_partner_id", "in", clients.ids)
        return {
            "nka.key.account": Domain("id", "in", accounts.ids),
            "crm.lead": Domain("key_account_id", "in", accounts.ids),
            "nka.qualification": Domain("key_account_id", "in", accounts.ids),
            "res.partner": of_client,
            "sale.order": Domain(
                "partner_id.commercial_partner_id", "in", accounts.partner_id.ids
            )
            & Domain("company_id", "=", self.company_id.id),
        }

    def _checklist_sources(self, accounts):
        """Hook: kinds of checklist items in their order on the screen.

        :return: pairs of a kind and its records
        :rtype: list[tuple[str, models.BaseModel]]
        """
        return [
            ("lead", self._open_leads(accounts)),
            ("order", self._open_orders(accounts)),
            ("activity", self._open_activities(accounts)),
            ("meeting", self._planned_meetings(accounts)),
            ("contact", self._contacts(accounts)),
            ("file", self._files(accounts)),
        ]

    def _account_by_record(self, accounts, records):
        """Hook: the account each record belongs to.

        :rtype: dict[int, nka.key.account]
        """
        by_client = {account.partner_id: account for account in accounts}
        find = {
            "crm.lead": lambda lead: lead.key_account_id,
            "nka.qualification": lambda item: item.key_account_id,
            "res.partner": lambda partner: by_client.get(partner.commercial_partner_id),
            "sale.order": lambda order: by_client.get(
                order.partner_id.commercial_partner_id
            ),
            "calendar.event": lambda event: self._account_of_meeting(event, by_client),
            "nka.key.account": lambda account: account,
        }.get(records._name)
        if find:
            return {record.id: find(record) for record in records}
        return self._account_by_owner(accounts, records)

    def _account_by_owner(self, accounts, records):
        """Follow ``res_model`` / ``res_id`` of activities and files."""
        found = {}
        for model, children in records.grouped("res_model").items():
            owners = self.env[model].sudo().browse(children.mapped("res_id"))
            account_of = self._account_by_record(accounts, owners)
            found.update({child.id: account_of.get(child.res_id) for child in children})
        return found

    def _account_of_meeting(self, event, by_client):
        for client in event.partner_ids.commercial_partner_id:
            if client in by_client:
                return by_client[client]
        return event.opportunity_id.key_account_id

    # ------------------------------------------------------------ checklist: what is there
    def _clients_given_up(self, accounts):
        """Clients the giver doesn't also own through another company's account."""
        kept = self.env["nka.key.account"].search(
            [
                ("partner_id", "in", accounts.partner_id.ids),
                ("manager_id", "=", self.from_user_id.id),
                ("id", "not in", accounts.ids),
            ]
        )
        return accounts.partner_id - kept.partner_id

    def _owned_records(self, model, accounts):
        domain = self._owned_domains(accounts)[model]
        return self.env[model].with_context(active_test=False).search(domain)

    def _open_leads(self, accounts):
        return self.env["crm.lead"].search(
            [("key_account_id", "in", accounts.ids), ("won_status", "=", "pending")]
        )

    def _open_orders(self, accounts):
        """Quotations, and orders that still have something to bill."""
        return self.env["sale.order"].search(
            self._owned_domains(accounts)["sale.order"]
            & (
                Domain("state", "in", ("draft", "sent"))
                | (
                    Domain("state", "=", "sale")
                    & Domain("invoice_status", "!=", "invoiced")
                )
            )
        )

    def _open_activities(self, accounts):
        """Activities of the giving manager on anything that belongs to the accounts."""
        domain = Domain.OR(
            Domain("res_model", "=", model)
            & Domain("res_id", "in", self._owned_query(model, owned))
            for model, owned in self._owned_domains(accounts).items()
        )
        return self.env["mail.activity"].search(
            domain & Domain("user_id", "=", self.from_user_id.id)
        )

    def _owned_query(self, model, domain):
        return self.env[model].with_context(active_test=False)._search(domain)

    def _planned_meetings(self, accounts):
        """Coming meetings about the accounts that the giving manager takes part in."""
        clients = self._clients_given_up(accounts)
        about = Domain("opportunity_id.key_account_id", "in", accounts.ids) | Domain(
            "partner_ids.commercial_partner_id", "in", clients.ids
        )
        person = Domain("user_id", "=", self.from_user_id.id) | Domain(
            "partner_ids", "in", self.from_user_id.partner_id.ids
        )
        coming = Domain("stop", ">", fields.Datetime.now())
        return self.env["calendar.event"].search(about & person & coming)

    def _contacts(self, accounts):
        return self.env["res.partner"].search(
            [
                ("commercial_partner_id", "in", accounts.partner_id.ids),
                ("is_company", "=", False),
                ("type", "=", "contact"),
            ]
        )

    def _files(self, accounts):
        domain = Domain.OR(
            Domain("res_model", "=", model)
            & Domain("res_id", "in", self._owned_query(model, owned))
            for model, owned in self._owned_domains(accounts).items()
        )
        return self.env["ir.attachment"].search(
            domain & Domain("res_field", "=", False)
        )

    # ------------------------------------------------------------ checklist: checklist
    def action_refresh_checklist(self):
        """List what belongs to the accounts now; ticks and remarks are kept."""
        self.check_access("write")
        self._check_state("draft", "returned", "submitted", "approved")
        for handover in self.sudo():
            handover._refresh_checklist()
        return True

    def _refresh_checklist(self):
        wanted = self._prepare_lines(self.key_account_ids)
        listed = {(line.res_model, line.res_id): line for line in self.line_ids}
        gone = self.line_ids.browse(
            line.id
            for key, line in listed.items()
            if key not in wanted and not line.done and not line.note
        )
        gone.unlink()
        fresh = [vals for key, vals in wanted.items() if key not in listed]
        self.env["nka.handover.line"]._unlocked().create(fresh)

    def _prepare_lines(self, accounts):
        """Values of all checklist items by model and id of their record."""
        lines = {}
        if self.scope == "credit":
            return lines
        for sequence, (kind, records) in enumerate(self._checklist_sources(accounts)):
            account_of = self._account_by_record(accounts, records)
            for record in records:
                account = account_of.get(record.id) or accounts[:1]
                lines[record._name, record.id] = {
                    "handover_id": self.id,
                    "key_account_id": account.id,
                    "kind": kind,
                    "kind_sequence": sequence,
                    "res_model": record._name,
                    "res_id": record.id,
                    "name": record.display_name or kind,
                }
        return lines

    # ============================================================ execute
    # Carrying a handover out: everything moves in one transaction.

    def _execute(self):
        """Move credit, ownership and work; the giver loses access with the commit.

        Checked again, because days may lie between the approval and the day.

        :raise UserError: when an account changed hands or lost its status meanwhile
        """
        for handover in self.sudo():
            handover._collect_accounts()
            handover._check_ready()
            first_day = max(handover.date, fields.Date.context_today(self))
            handover._move_credit(first_day)
            if handover.scope == "account":
                handover._move_ownership(handover.key_account_ids)
                handover._move_work(handover.key_account_ids)
            handover.with_env(self.env)._move_to("done", date=first_day)

    # ------------------------------------------------------------ execute: credit
    def _running_shares(self, accounts):
        """Who has which share of each key account from now on.

        :rtype: dict[nka.key.account, dict[res.users, float]]
        """
        shares = {account: {} for account in accounts if account.state == "key"}
        for row in self.env["nka.assignment"]._running(accounts):
            by_user = shares.setdefault(row.key_account_id, {})
            by_user[row.user_id] = by_user.get(row.user_id, 0.0) + row.share
        return shares

    def _move_credit(self, first_day):
        running = self._running_shares(self.key_account_ids)
        shares = {
            account: self._prepare_new_shares(by_user)
            for account, by_user in running.items()
        }
        if shares:
            self.env["nka.assignment"]._distribute(shares, first_day, handover=self)

    def _prepare_new_shares(self, by_user):
        """The giver keeps ``keep_share``, the receiver gets the rest of his part."""
        giver, receiver = self.from_user_id, self.to_user_id
        given = by_user.get(giver, 0.0) - self.keep_share
        new = {
            **by_user,
            giver: self.keep_share,
            receiver: round(by_user.get(receiver, 0.0) + given, 2),
        }
        return {user: share for user, share in new.items() if share}

    # ------------------------------------------------------------ execute: ownership
    def _move_ownership(self, accounts):
        """Set manager and deputy; events of the trail say from whom to whom."""
        events = self.env["nka.audit.event"]
        entries = [
            events._prepare_entry(
                account,
                "handover",
                old=self.from_user_id,
                new=self.to_user_id,
                note=self.reason,
            )
            for account in accounts
        ]
        by_deputy = accounts.grouped(lambda account: self._deputy_after(account))
        for deputy, group in by_deputy.items():
            group._unlocked().write(
                {"manager_id": self.to_user_id.id, "deputy_id": deputy.id}
            )
        if self.is_leaving:
            self._leave_deputy_posts()
        events._append(entries)

    def _deputy_after(self, account):
        deputy = self.new_deputy_id or account.deputy_id
        return deputy.browse() if deputy == self.to_user_id else deputy

    def _leave_deputy_posts(self):
        """Whoever leaves stands in for nobody; the receiver does, where he can."""
        posts = self.env["nka.key.account"].search(
            [
                ("deputy_id", "=", self.from_user_id.id),
                ("company_id", "=", self.company_id.id),
            ]
        )
        own = posts.filtered(lambda account: account.manager_id == self.to_user_id)
        own._unlocked().write({"deputy_id": False})
        (posts - own)._unlocked().write({"deputy_id": self.to_user_id.id})

    # ------------------------------------------------------------ execute: work
    def _move_work(self, accounts):
        """Hook: hand over what belongs to the accounts besides the accounts.

        :return: the accounts, for the next one who has something to move
        """
        self._move_salesperson(accounts)
        self._move_activities(accounts)
        self._move_meetings(accounts)
        self._move_followers(accounts)
        self._rotate_tokens(accounts)
        return accounts

    def _quietly(self, records):
        """These records without a mail for each of them."""
        return records.with_context(
            mail_auto_subscribe_no_notify=True,
            mail_activity_quick_update=True,
            no_mail_to_attendees=True,
            dont_notify=True,
        )

    def _move_salesperson(self, accounts):
        """Open leads and orders, and the clients' own salesperson."""
        giver = self.from_user_id
        clients = self._owned_records("res.partner", accounts)
        for records in (
            self._open_leads(accounts),
            self._open_orders(accounts),
            clients,
        ):
            own = records.filtered(lambda record: record.user_id == giver)
            self._assign_receiver(own)

    def _assign_receiver(self, records):
        """Hook: make the receiver the salesperson of these records."""
        self._quietly(records).write({"user_id": self.to_user_id.id})

    def _move_activities(self, accounts):
        activities = self._open_activities(accounts)
        self._quietly(activities).write({"user_id": self.to_user_id.id})

    def _move_meetings(self, accounts):
        giver, receiver = self.from_user_id, self.to_user_id
        meetings = self._planned_meetings(accounts)
        organised = meetings.filtered(lambda event: event.user_id == giver)
        self._quietly(organised).write({"user_id": receiver.id})
        self._quietly(meetings).write(
            {
                "partner_ids": [
                    Command.unlink(giver.partner_id.id),
                    Command.link(receiver.partner_id.id),
                ]
            }
        )

    def _move_followers(self, accounts):
        """The giver gets no more mail about these clients; the receiver does."""
        followed = Domain.OR(
            Domain("res_model", "=", model)
            & Domain("res_id", "in", self._owned_query(model, owned))
            for model, owned in self._owned_domains(accounts).items()
        )
        partner = self.from_user_id.partner_id
        self.env["mail.followers"].search(
            followed & Domain("partner_id", "=", partner.id)
        ).unlink()
        receiver = self.to_user_id.partner_id.ids
        accounts.message_subscribe(partner_ids=receiver)
        self._open_leads(accounts).message_subscribe(partner_ids=receiver)

    def _rotate_tokens(self, accounts):
        """Links to files that the giver may have kept stop working.

        Done in SQL: a token isn't content, and files under review are frozen.
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

    # ============================================================ actions
    # The way of a handover: proposed, decided, carried out on its day.

    # ------------------------------------------------------------ actions: actions
    def action_submit(self):
        """Put the handover before the supervisors and list what belongs to it.

        :raise UserError: when something is missing or the accounts aren't the giver's
        """
        self.check_access("write")
        self._check_state("draft", "returned")
        self._check_proposer()
        for handover in self.sudo():
            handover._collect_accounts()
            handover._check_ready()
            handover._check_date()
            handover._refresh_checklist()
        self._move_to(
            "submitted", submitted_by_id=self.env.uid, maker_ids=[(4, self.env.uid)]
        )
        self._close_activities()
        self._ask_supervisors()
        return True

    def action_approve(self):
        """Approve as a supervisor who neither made it nor gives or receives.

        Due ones are carried out at once, later ones by the daily job.

        :raise AccessError: for anybody else
        :raise UserError: when it was decided on, or an account changed hands meanwhile
        """
        self._check_supervisor()
        self.check_access("write")
        self._check_undecided()
        self._check_not_maker()
        for handover in self.sudo():
            handover._check_ready()
        self._move_to(
            "approved",
            approved_by_id=self.env.uid,
            approved_date=fields.Datetime.now(),
            return_reason=False,
        )
        self._close_activities()
        self._due()._execute()
        return True

    def action_return(self, reason=None):
        """Give it back to whoever proposed it; without a reason the question opens."""
        self._check_supervisor()
        self._check_state("submitted", "approved")
        if not reason:
            return self._ask_reason("action_return")
        self._give_back(reason)
        return True

    def action_cancel(self):
        """Withdraw a handover that wasn't carried out.

        :raise AccessError: for anybody but its maker and the supervisors
        """
        self.check_access("write")
        self._check_state("draft", "submitted", "approved", "returned")
        if any(handover.state == "approved" for handover in self):
            self._check_supervisor()
        self._move_to("cancelled")
        self._close_activities()
        return True

    def action_open_accounts(self):
        """The accounts of this handover, as far as the reader may see them."""
        self.ensure_one()
        return self.key_account_ids._action_open()

    @api.model
    def _action_new(self, **defaults):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Hand over"),
            "res_model": self._name,
            "view_mode": "form",
            "context": defaults,
        }

    # ------------------------------------------------------------ actions: checks
    def _check_undecided(self):
        """Two supervisors at once: the later one reads who was first."""
        for handover in self.sudo():
            if handover.approved_by_id and handover.state in ("approved", "done"):
                raise UserError(
                    self.env._(
                        "%(handover)s is already approved by %(person)s.",
                        handover=handover.display_name,
                        person=handover.approved_by_id.name,
                    )
                )
        self._check_state("submitted")

    def _check_ready(self):
        """Everything a handover needs, whoever looks at it; changes nothing."""
        self.ensure_one()
        self._check_reason()
        self._check_accounts(self.key_account_ids)
        self._check_receiver()
        self._check_credit()
        self._check_no_other(self.key_account_ids)

    def _check_reason(self):
        if not (self.reason or "").strip():
            raise UserError(
                self.env._("Say why the accounts change hands; it goes on record.")
            )

    def _check_accounts(self, accounts):
        if not accounts and not self.is_leaving:
            raise UserError(self.env._("Choose at least one key account."))
        foreign = accounts.filtered(lambda a: a.company_id != self.company_id)
        if foreign:
            raise UserError(
                self.env._(
                    "%(account)s belongs to %(company)s. Make one handover for each "
                    "company.",
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
                        "%s is no current key account, so there is nothing to hand "
                        "over. Take it off this handover.",
                        account.display_name,
                    )
                )

    def _check_date(self):
        if self.date < fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "A handover never works backwards: choose today or a later day."
                )
            )

    def _check_receiver(self):
        receiver = self.to_user_id
        self.key_account_ids._check_manager_group(receiver)
        if not receiver.active or self.company_id not in receiver.company_ids:
            raise UserError(
                self.env._(
                    "%(person)s can't receive accounts of %(company)s: the user is "
                    "archived or doesn't work there. Choose another receiver.",
                    person=receiver.name,
                    company=self.company_id.name,
                )
            )

    def _check_credit(self):
        """The giver can keep less than he has; a mere credit handover gives some."""
        for account, shares in self._running_shares(self.key_account_ids).items():
            own = shares.get(self.from_user_id, 0.0)
            too_much = self.keep_share > own
            nothing = self.scope == "credit" and self.keep_share >= own
            if too_much or nothing:
                raise UserError(
                    self.env._(
                        "%(giver)s has %(own)g %% of the credit of %(account)s, so he "
                        "can't give some and keep %(keep)g %%.",
                        giver=self.from_user_id.name,
                        own=own,
                        account=account.display_name,
                        keep=self.keep_share,
                    )
                )

    def _check_no_other(self, accounts):
        """One pending handover per account: two would overtake each other."""
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
                    "Another handover of these accounts is under way: %s. Carry it "
                    "out or cancel it first.",
                    other.display_name,
                )
            )

    # ------------------------------------------------------------ actions: business
    def _due(self):
        today = fields.Date.context_today(self)
        return self.filtered(lambda handover: handover.date <= today)

    @api.model
    def _cron_execute_due(self):
        """Carry out the approved handovers whose day has come, each by itself.

        One that can't be carried out any more goes back to its maker with the reason.
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
                handover._give_back(str(refusal))

    def _give_back(self, reason):
        self._move_to("returned", note=reason, return_reason=reason)
        self._close_activities()
        for handover in self.sudo():
            handover.activity_schedule(
                "nka_key_accounts.mail_activity_type_handover_returned",
                user_id=(handover.submitted_by_id or handover.create_uid).id,
                note=reason,
            )

    def _ask_supervisors(self):
        accounts = self.env["nka.key.account"]
        for handover in self.sudo():
            makers = handover._makers()
            named = handover.key_account_ids.supervisor_id - makers
            reviewer = named[:1] or accounts._supervisor_apart_from(
                handover.company_id, makers
            )
            if reviewer:
                handover.activity_schedule(
                    "nka_key_accounts.mail_activity_type_decide_handover",
                    user_id=reviewer.id,
                )

    def _close_activities(self):
        self.sudo().activity_feedback(
            [
                "nka_key_accounts.mail_activity_type_decide_handover",
                "nka_key_accounts.mail_activity_type_handover_returned",
            ]
        )
