import hashlib

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import LazyTranslate, is_html_empty

from .crm_lead import ROLES

_lt = LazyTranslate(__name__)
#: Fields that the colleague writes; all others are the requesting manager's.
ANSWER_FIELDS = {"answer", "attachment_ids"}
ANSWER = "nka_key_accounts.mail_activity_type_contribution"
JUDGE = "nka_key_accounts.mail_activity_type_contribution_delivered"
CHASE = "nka_key_accounts.mail_activity_type_contribution_overdue"


class OfferContribution(models.Model):
    """A contribution to an offer, requested from a colleague.

    The colleague needs no role in key accounts or sales. They see and answer the
    request, but nothing else of the deal or the account.
    """

    _name = "nka.offer.contribution"
    _description = "Contribution to an offer"
    _inherit = [
        "nka.account.item.mixin",
        "nka.state.mixin",
        "nka.reminder.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "nka.read.mixin",
    ]
    _order = "date_due, id"
    _check_company_auto = True
    _mail_post_access = "read"
    _owner_field = "lead_id"
    _guarded_fields = (
        "state",
        "asked_by_id",
        "date_delivered",
        "delivered_by_id",
        "return_reason",
        "digest",
    )
    _audit_creation = True
    _audit_digest_varies = True
    _reason_actions = {
        "action_return": _lt("What is missing?"),
        "action_withdraw": _lt("Why is it no longer needed?"),
    }

    name = fields.Char("What is needed", required=True, tracking=True)
    lead_id = fields.Many2one(
        "crm.lead",
        "Deal",
        required=True,
        index=True,
        ondelete="restrict",
        groups=ROLES,
    )
    # Not stored, so that a lead that changes its client doesn't update this table.
    key_account_id = fields.Many2one(
        related="lead_id.key_account_id",
        related_sudo=True,
        groups=ROLES,
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        compute_sudo=True,
        store=True,
        precompute=True,
        required=True,
        index=True,
    )
    client_name = fields.Char(
        "Client", compute="_compute_client_name", compute_sudo=True
    )
    function = fields.Selection(
        [
            ("marketing", "Marketing"),
            ("technology", "Technology"),
            ("finance", "Finance"),
            ("other", "Other"),
        ],
        "Department",
        required=True,
        default="technology",
        index=True,
    )
    user_id = fields.Many2one(
        "res.users",
        "Person",
        required=True,
        index=True,
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    asked_by_id = fields.Many2one(
        "res.users",
        "Requested by",
        readonly=True,
        required=True,
        default=lambda self: self.env.uid,
        copy=False,
    )
    date_due = fields.Date("Due date", required=True, index=True, tracking=True)
    request = fields.Text(
        help=("What you need, what it is for, and in how much detail.")
    )
    answer = fields.Html()
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "nka_offer_contribution_attachment_rel",
        "contribution_id",
        "attachment_id",
        "Files",
        copy=False,
    )
    state = fields.Selection(
        [
            ("asked", "Requested"),
            ("delivered", "Delivered"),
            ("returned", "Returned"),
            ("accepted", "Accepted"),
            ("withdrawn", "Withdrawn"),
        ],
        default="asked",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    date_delivered = fields.Date("Delivered on", readonly=True, copy=False)
    delivered_by_id = fields.Many2one(
        "res.users", "Delivered by", readonly=True, copy=False
    )
    return_reason = fields.Text("What is missing", readonly=True, copy=False)
    digest = fields.Char(
        "File hash",
        readonly=True,
        copy=False,
        help=("SHA-256 hash of the content as delivered."),
    )
    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    is_mine = fields.Boolean("Assigned to me", compute="_compute_is_mine")
    may_ask = fields.Boolean(
        "Can request",
        compute="_compute_is_mine",
        help="Whether the user manages the deal.",
    )

    # ------------------------------------------------------------ compute
    @api.depends("lead_id")
    def _compute_company_id(self):
        for item in self:
            lead = item.lead_id
            item.company_id = (
                lead.key_account_id.company_id or lead.company_id or self.env.company
            )

    @api.depends("lead_id.partner_id.commercial_partner_id.name")
    def _compute_client_name(self):
        """Show the client's name to colleagues who can't read the deal."""
        for item in self:
            client = item.lead_id.partner_id.commercial_partner_id
            item.client_name = client.name or item.lead_id.partner_name

    @api.depends("state", "date_due")
    @api.depends_context("tz")
    def _compute_is_overdue(self):
        late = self.filtered_domain(self._domain_overdue())
        for item in self:
            item.is_overdue = item in late

    def _search_is_overdue(self, operator, value):
        return self._domain_overdue() if operator == "in" else NotImplemented

    @api.model
    def _domain_overdue(self):
        today = fields.Date.context_today(self)
        waiting = fields.Domain("state", "in", ("asked", "returned"))
        return waiting & fields.Domain("date_due", "<", today)

    @api.depends("user_id", "lead_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for item in self:
            lead = item.sudo().lead_id.with_env(self.env)
            item.is_mine = item.user_id == self.env.user
            item.may_ask = not lead or lead._runs_offer()

    # ------------------------------------------------------------ constraints
    @api.constrains("user_id")
    def _check_people(self):
        for item in self.sudo():
            user = item.user_id
            if user.share or not user.active or item.company_id not in user.company_ids:
                # Record rules are checked after a create: reveal nothing before that.
                item.sudo(False).check_access("read")
                raise UserError(
                    self.env._(
                        "You can't ask %(user)s: choose a colleague who has access to "
                        "%(company)s.",
                        user=user.name,
                        company=item.company_id.name,
                    )
                )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        items = super().create(vals_list)
        items._check_asks()
        items._ask()
        return items

    def write(self, vals):
        if self._is_unlocked(vals):
            return super().write(vals)
        self._check_writable(vals)
        result = super().write(vals)
        if not vals.keys().isdisjoint({"user_id", "date_due"}):
            self._ask()
        return result

    def _check_writable(self, vals):
        """Check that only the colleague writes the answer, that only users who run the
        deal write the rest, and that nothing was delivered yet.
        """
        self.check_access("read")
        changed = vals.keys() - self._chatter_fields()
        for item in self.sudo() if changed else ():
            if changed & ANSWER_FIELDS and self.env.user != item.user_id:
                raise AccessError(item._answer_message())
            if changed - ANSWER_FIELDS:
                item.with_env(self.env)._check_asks()
            if item.state not in ("asked", "returned"):
                raise UserError(
                    self.env._(
                        "“%s” has been delivered and can't be changed. Return it if "
                        "something is missing.",
                        item.name,
                    )
                )

    @api.model
    def _chatter_fields(self):
        return {
            name
            for name in self._fields
            if name.startswith(("message_", "activity_", "website_message"))
        }

    def _answer_message(self):
        return self.env._(
            "“%(name)s” is assigned to %(person)s, so only %(person)s can answer it. "
            "%(manager)s can send a new request to a different colleague.",
            person=self.user_id.name,
            name=self.name,
            manager=self.sudo().lead_id._runner_name(),
        )

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        raise UserError(
            self.env._("Requests can't be deleted. Withdraw this one instead.")
        )

    # ------------------------------------------------------------ actions
    def action_deliver(self):
        """Deliver the answer, as the colleague who was asked.

        :raise AccessError: for other users
        :raise UserError: without an answer or a file
        """
        self.check_access("read")
        self._check_state("asked", "returned")
        self._check_answered()
        today = fields.Date.context_today(self)
        for item in self.sudo():
            item._move_to(
                "delivered",
                date_delivered=today,
                delivered_by_id=self.env.uid,
                digest=item._event_digest() or False,
            )
        self._close(ANSWER, CHASE)
        self._tell_asker()
        return True

    def action_accept(self):
        """Accept the answer, as a user who runs the deal and didn't write it.

        :raise AccessError: for other users
        :raise UserError: if the files changed after the delivery
        """
        self._check_asks()
        self._check_state("delivered")
        self._check_not_maker()
        self._check_unchanged()
        self._move_to("accepted")
        self._close(JUDGE)
        return True

    def action_return(self, reason=None):
        """Return the answer to the colleague.

        Without ``reason``, return the action of the reason wizard.

        :param str reason: what is missing, shown to the colleague
        :raise AccessError: for users who don't run the deal
        """
        self._check_asks()
        self._check_state("delivered")
        if not reason:
            return self._ask_reason("action_return")
        self._move_to("returned", note=reason, return_reason=reason)
        self._close(JUDGE)
        self._ask()
        return True

    def action_withdraw(self, reason=None):
        """Withdraw the request.

        Without ``reason``, return the action of the reason wizard.

        :param str reason: why, for the audit trail
        :raise AccessError: for users who don't run the deal
        """
        self._check_asks()
        self._check_state("asked", "returned")
        if not reason:
            return self._ask_reason("action_withdraw")
        self._move_to("withdrawn", note=reason)
        self.sudo().activity_unlink([ANSWER, CHASE])
        return True

    # ------------------------------------------------------------ checks
    def _check_asks(self):
        """Check that only users who run the deal request, accept and return."""
        if not self.env.su:
            # Don't name people to users who can't read the record.
            self.check_access("read")
        for item in self:
            if not item.sudo().lead_id.with_env(self.env)._runs_offer():
                raise AccessError(
                    self.env._(
                        "The manager of the deal requested “%(item)s”. Ask %(person)s "
                        "to change it.",
                        item=item.name,
                        person=item.sudo().lead_id._runner_name(),
                    )
                )

    def _check_answered(self):
        for item in self.sudo():
            if self.env.user != item.user_id:
                raise AccessError(item.with_env(self.env)._answer_message())
            if is_html_empty(item.answer) and not item.attachment_ids:
                raise UserError(
                    self.env._(
                        "Enter the answer to “%s” or attach a file first.", item.name
                    )
                )

    def _check_unchanged(self):
        """Check that the files are those that were delivered."""
        for item in self.sudo():
            if (item._event_digest() or False) != item.digest:
                raise UserError(
                    self.env._(
                        "The files of “%s” have changed since they were delivered. "
                        "Return it so that it can be delivered again.",
                        item.name,
                    )
                )

    def _makers(self):
        """Return the users who can't accept: who delivered or was asked to.

        The requester can accept.
        """
        return self.delivered_by_id | self.user_id

    # ------------------------------------------------------------ trail
    def _event_digest(self):
        """Return the SHA-256 over the files' hashes in order; None without files."""
        files = self.sudo().attachment_ids.sorted("id")
        if not files:
            return None
        digest = hashlib.sha256()
        for file in files:
            digest.update(hashlib.sha256(file.raw or b"").digest())
        return digest.hexdigest()

    def _creation_note(self):
        return self.name

    # ------------------------------------------------------------ activities
    def _ask(self):
        """Create an activity for the colleague, due when the answer is due."""
        waiting = self.sudo().filtered(lambda item: item.state in ("asked", "returned"))
        waiting.activity_unlink([ANSWER])
        for item in waiting:
            item.activity_schedule(
                ANSWER,
                user_id=item.user_id.id,
                date_deadline=item.date_due,
                summary=item.name,
                note=item.return_reason or item.request or False,
            )

    def _tell_asker(self):
        for item in self.sudo():
            item.activity_schedule(JUDGE, user_id=item._asker().id, summary=item.name)

    def _asker(self):
        """Return the manager of the account or deal, else the requester."""
        lead = self.sudo().lead_id
        return lead.key_account_id.manager_id or lead.user_id or self.asked_by_id

    def _close(self, *kinds):
        self.sudo().activity_feedback(list(kinds))

    @api.model
    def _cron_remind(self):
        """Remind the colleague of an overdue answer, and notify the deal's manager."""
        late = self.search(self._domain_overdue())
        late._raise_activities(ANSWER, {item.id: item.user_id.id for item in late})
        late._raise_activities(CHASE, {item.id: item._asker().id for item in late})
