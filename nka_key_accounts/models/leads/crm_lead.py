"""Leads of key accounts: their account, their origin, and who can move them elsewhere.

Self-sourced and referred leads count for pay once a supervisor without a part in the
lead has confirmed the claimed origin. Referrals by the manager's own clients count like
self-sourced leads; for referrals by a colleague's client, the KPI decides. A confirmed
origin is read-only until a supervisor rejects it. The first referrer of a lead is
remembered, so that removing it from the lead doesn't increase pay.

Leads of a key account stay with the account. Its manager works on them, wins or loses
them, but can't reassign, archive, merge or delete them alone. A supervisor can, and the
audit trail shows it. A handover moves leads through ``_unlocked()``, which RPC clients
can't call.
"""

from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, LazyTranslate
from odoo.tools.sql import column_exists, create_column

from ..trail.permits import find_permit, granted
from ..trail.roles import SUPERVISOR
from . import channels, custody, tips
from .channels import CLAIMED_ORIGINS
from .standing_in import assign_to_manager

_lt = LazyTranslate(__name__)
#: Fields that are read-only once the origin is confirmed.
CONFIRMED_FIELDS = ("origin", "referrer_id", "is_vip")


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "nka.state.mixin", "nka.colleague.mixin"]
    _guarded_fields = (
        "key_account_id",
        "origin_state",
        "origin_claimed_by_id",
        "origin_decided_by_id",
        "origin_decision_date",
        "origin_note",
        "origin_channel",
        "named_referrer_id",
    )
    _audit_kinds = {
        "origin": _lt("Lead origin"),
        "referrer": _lt("Lead referrer"),
        "lead_owner": _lt("Lead salesperson"),
        "lead_account": _lt("Lead account"),
        "lead_archived": _lt("Lead archived"),
        "lead_merged": _lt("Leads merged"),
        "lead_deleted": _lt("Lead deleted"),
    }
    _audit_words = {"origin": "origin_state"}
    _audit_lead_field = "id"
    _reason_actions = {"action_reject_origin": _lt("Reject the origin")}

    key_account_id = fields.Many2one(
        "nka.key.account",
        "Key account",
        compute="_compute_key_account_id",
        compute_sudo=True,
        store=True,
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        help="Key account of the lead's client in the lead's company.",
    )
    key_account_state = fields.Selection(
        related="key_account_id.state",
        related_sudo=True,
        string="Key account status",
        tracking=False,
    )
    is_vip = fields.Boolean(
        "VIP lead",
        copy=False,
        tracking=True,
        help="Lead of a client large enough to be a key account.",
    )

    origin = fields.Selection(
        [
            ("self_sourced", "Self-sourced"),
            ("referral", "Referral"),
            ("marketing", "Marketing"),
            ("inherited", "Inherited"),
        ],
        index="btree_not_null",
        copy=False,
        tracking=True,
        help="Where the lead came from. Leads you found yourself and referrals from "
        "your own clients count for pay once a supervisor has confirmed them.",
    )
    referrer_id = fields.Many2one(
        "nka.key.account",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        domain="[('state', '=', 'key')]",
        help="The key account that recommended us.",
    )
    # All users can see clients, but only the account team sees the account; the
    # referrer may be a colleague's client.
    referrer_partner_id = fields.Many2one(
        "res.partner",
        "Referred by",
        compute="_compute_referrer_partner_id",
        inverse="_inverse_referrer_partner_id",
        compute_sudo=True,
        domain="[('key_account_state', '=', 'key'), ('parent_id', '=', False)]",
        help="The key account that recommended us.",
    )
    origin_state = fields.Selection(
        [
            ("claimed", "Claimed"),
            ("confirmed", "Confirmed"),
            ("rejected", "Rejected"),
        ],
        "Origin status",
        readonly=True,
        copy=False,
        index="btree_not_null",
        tracking=True,
    )
    origin_claimed_by_id = fields.Many2one(
        "res.users", "Origin claimed by", readonly=True, copy=False
    )
    origin_decided_by_id = fields.Many2one(
        "res.users", "Origin decided by", readonly=True, copy=False
    )
    origin_decision_date = fields.Datetime(
        "Origin decided on", readonly=True, copy=False
    )
    origin_note = fields.Text("Reason for rejection", readonly=True, copy=False)
    origin_channel = fields.Selection(
        [("own", "Own channel"), ("colleague", "A colleague's client")],
        "Counts as",
        readonly=True,
        copy=False,
        help="Set on confirmation: whether the manager found the lead, or a client who "
        "was theirs when it came in referred it.",
    )
    named_referrer_id = fields.Many2one(
        "nka.key.account",
        "Original referrer",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="Kept when the origin changes. Only a supervisor can change it.",
    )
    origin_hint = fields.Text(
        "Evidence of the origin",
        compute="_compute_origin_hint",
        compute_sudo=True,
        groups=SUPERVISOR,
    )

    # ------------------------------------------------------------ compute
    # ``res.partner.write`` handles contacts that move to another client: a dependency
    # on them would add a search for leads to every write of a partner.
    @api.depends("partner_id", "company_id", "user_id")
    def _compute_key_account_id(self):
        by_client = self._key_accounts_by_client()
        if not by_client:
            self.key_account_id = False
            return
        for lead in self:
            accounts = by_client.get(lead.partner_id.commercial_partner_id.id)
            lead.key_account_id = accounts and lead._choose_account(accounts)

    def _key_accounts_by_client(self):
        """Return the accounts of these leads' clients in all companies.

        :rtype: dict[int, nka.key.account]
        """
        if not self._have_clients_with_accounts():
            return {}
        clients = self.partner_id.commercial_partner_id
        accounts = self.env["nka.key.account"].search_fetch(
            [("partner_id", "in", clients.ids)],
            ["partner_id", "company_id", "state", "manager_id"],
            order="id",
        )
        return accounts.grouped(lambda account: account.partner_id.id)

    def _have_clients_with_accounts(self):
        """Check this first: leads of other clients then cost this one query only."""
        partners = self.partner_id._origin._ids
        if not partners:
            return False
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        self.env["nka.key.account"].flush_model(["partner_id"])
        return bool(
            self.env.execute_query(
                SQL(
                    """SELECT 1 FROM res_partner person
                         JOIN nka_key_account account
                           ON account.partner_id = person.commercial_partner_id
                        WHERE person.id = ANY(%s) LIMIT 1""",
                    list(partners),
                )
            )
        )

    def _choose_account(self, accounts):
        """Return the account in the lead's company or its parents, for any user.
        Without a company: that of the salesperson's company, else the oldest account.
        """
        company = self.company_id or self.user_id.company_id
        mine = accounts.filtered(
            lambda account: account.company_id in company.parent_ids
        )
        return mine or (accounts[:1] if not self.company_id else mine)

    def _find_key_account(self):
        """Recompute the account after a change outside the lead."""
        self.env.add_to_compute(self._fields["key_account_id"], self)

    @api.depends("origin_state", "origin", "referrer_id", "partner_id")
    @api.depends_context("uid", "lang", "tz")
    def _compute_origin_hint(self):
        claims = self.filtered(lambda lead: lead.origin_state == "claimed")
        (self - claims).origin_hint = False
        for lead, channel in channels.find(claims).items():
            lead.origin_hint = "\n".join(channels.describe(lead, channel)) or False

    @api.depends("referrer_id.partner_id")
    def _compute_referrer_partner_id(self):
        for lead in self:
            lead.referrer_partner_id = lead.referrer_id.partner_id

    def _inverse_referrer_partner_id(self):
        for lead in self:
            company = lead.company_id or self.env.company
            lead.referrer_id = self._referrer_account(lead.referrer_partner_id, company)

    @api.model
    def _referrer_account(self, partner, company):
        """Return the account of the chosen client in ``company``."""
        client = partner.commercial_partner_id
        account = client.with_company(company).sudo().key_account_id
        if client and not account:
            raise UserError(channels.no_referrer(self.env, client.display_name))
        return account

    # ------------------------------------------------------------ constraints
    # The client field is listed so that these checks run after its inverse.
    @api.constrains("origin", "referrer_id", "referrer_partner_id")
    def _check_referrer(self):
        channels.check_named(self)

    @api.constrains("referrer_id", "partner_id", "referrer_partner_id")
    def _check_referrer_is_another(self):
        channels.check_is_another(self)

    # ------------------------------------------------------------ CRUD
    def _auto_init(self):
        """Add the column empty: without accounts no lead has one, and the installation
        shouldn't wait for a computation over all leads.
        """
        if not column_exists(self.env.cr, "crm_lead", "key_account_id"):
            create_column(self.env.cr, "crm_lead", "key_account_id", "int4")
        return super()._auto_init()

    @api.model
    def default_get(self, fields):
        return super(CrmLead, self._without_foreign_defaults()).default_get(fields)

    @api.model
    def _without_foreign_defaults(self):
        """Drop context defaults that were meant for other models.

        Sales orders have a free-text ``origin`` and documents a key account; their
        contexts also reach leads that are created along with them.
        """
        context = self.env.context
        foreign = {"default_key_account_id"} & context.keys()
        origins = self._fields["origin"].get_values(self.env)
        if context.get("default_origin") not in (None, False, *origins):
            foreign.add("default_origin")
        if not foreign:
            return self
        kept = {key: value for key, value in context.items() if key not in foreign}
        return self.with_env(self.env(context=kept))

    @api.model_create_multi
    def create(self, vals_list):
        own = self._without_foreign_defaults()
        leads = super(CrmLead, own).create(
            [own._prepare_referrer_vals(vals) for vals in vals_list]
        )
        # Website visitors can create leads, too, and can't read these fields.
        claims = leads.sudo().filtered(lambda lead: lead.origin in CLAIMED_ORIGINS)
        claims.with_env(leads.env)._claim_origin()
        channels.remember(claims)
        tips.hand_on(leads)
        return leads

    @api.model
    def _prepare_referrer_vals(self, vals):
        """Set the account of the given client: constraints run before the inverse."""
        if not vals.get("referrer_partner_id") or vals.get("referrer_id"):
            return vals
        client = self.env["res.partner"].browse(vals["referrer_partner_id"])
        company = self.env["res.company"].browse(vals.get("company_id"))
        account = self._referrer_account(client, company or self.env.company)
        rest = {name: vals[name] for name in vals if name != "referrer_partner_id"}
        return {**rest, "referrer_id": account.id}

    def write(self, vals):
        with self._custody(vals):
            prepared, changed = self._prepare_origin(vals)
            before = {lead: lead.sudo().referrer_id for lead in changed}
            result = super().write(prepared)
            changed._claim_origin()
            channels.remember(changed, before)
        return result

    @contextmanager
    def _custody(self, vals):
        """Refuse a write that takes a lead away from its account, and log allowed ones.

        The effect is known only after the write. A refusal rolls back to a savepoint,
        even if the caller catches the error and continues.
        """
        kept = self._kept_from(vals)
        if not kept:
            yield
            if "partner_id" in vals:
                self._of_key_accounts()._record_coming()
            return
        before = kept._prepare_custody()
        is_loss = kept._is_being_lost(vals)  # logged as lost, not as archived
        kept._check_not_given_away(vals)
        with self.env.cr.savepoint():
            yield
            kept._check_still_with_account(before)
        if not is_loss:
            kept._record_custody(before)

    def _prepare_origin(self, vals):
        """Return ``vals`` in which only a referral keeps a referrer.

        :return: the values, and the leads whose origin has to be claimed again
        :raise UserError: for leads whose origin is confirmed
        """
        if self._is_unlocked(vals) or vals.keys().isdisjoint(CONFIRMED_FIELDS):
            return vals, self.browse()
        if vals.get("origin", "referral") != "referral" and "referrer_id" not in vals:
            vals = {**vals, "referrer_id": False}
        self._check_origin_open(vals)
        changed = self._changed_by(vals, "origin") | self._changed_by(
            vals, "referrer_id"
        )
        channels.check_kept(changed, vals)
        return vals, changed

    @api.ondelete(at_uninstall=True)
    def _check_unlink_of_key_leads(self):
        self.check_access("read")
        leads = self._of_key_accounts()
        leads._check_may_part("delete")
        leads._record_parting("lead_deleted")

    # ------------------------------------------------------------ overrides of Odoo
    def action_archive(self):
        return self._each_apart(lambda leads: super().action_archive())

    def unlink(self):
        return self._each_apart(lambda leads: super().unlink())

    def action_set_lost(self, **additional_values):
        """Allow salespeople to lose a deal at any time, though it archives the lead."""
        with granted("lose", self, [{"active": False}]):
            return super().action_set_lost(**additional_values)

    def message_post(self, **kwargs):
        message = super().message_post(**kwargs)
        tips.tell_of_closed(self, kwargs.get("partner_ids"))
        return message

    def _merge_opportunity(
        self, user_id=False, team_id=False, auto_unlink=True, max_length=5
    ):
        self.check_access("read")
        leads = self._of_key_accounts()
        leads._check_may_part("merge")
        leads._record_parting("lead_merged")
        named = self.sudo().named_referrer_id[:1]
        merged = super()._merge_opportunity(user_id, team_id, auto_unlink, max_length)
        channels.remember_one(merged, named)
        return merged

    def _merge_get_fields_specific(self):
        """Keep a known origin; if it is new to the remaining lead, it is claimed."""
        return {
            **super()._merge_get_fields_specific(),
            "is_vip": lambda fname, leads: any(leads.mapped("is_vip")),
            "origin": lambda fname, leads: leads._first_with_origin().origin,
            "referrer_id": lambda fname, leads: (
                leads._first_with_origin().sudo().referrer_id.id
            ),
        }

    def _first_with_origin(self):
        return self.filtered("origin")[:1]

    def _get_lead_duplicates(self, partner=None, email=None, include_lost=False):
        """Exclude key account leads: conversion and assignment merge what is found."""
        found = super()._get_lead_duplicates(partner, email, include_lost)
        return found if self._may_part() else found - found._of_key_accounts()

    def _assign_userless_lead_in_team(self, creation_source):
        """Assign incoming leads of key accounts to the account's manager."""
        key_leads = self._of_key_accounts()
        key_leads._assign_to_account_manager()
        return super(CrmLead, self - key_leads)._assign_userless_lead_in_team(
            creation_source
        )

    def _assign_to_account_manager(self):
        assign_to_manager(self)

    # ------------------------------------------------------------ actions
    def action_nominate_key_account(self):
        """Nominate the clients of these leads in the leads' company.

        :return: the action that opens the candidates
        :raise UserError: if no lead has a client, or there is no client to nominate
        """
        clients = self.partner_id
        if not clients:
            raise UserError(
                self.env._(
                    "The lead has no customer yet. Set the customer first, then "
                    "nominate it as a key account."
                )
            )
        company = self.company_id[:1] or self.env.company
        return clients.with_company(company).action_nominate_key_account()

    def action_open_key_account(self):
        """Open the key account of the lead's client."""
        self.ensure_one()
        return self.key_account_id._action_open()

    def action_plan_negotiation(self):
        """Open the calendar to plan a negotiation about this deal."""
        action = self.action_schedule_meeting()
        action["context"]["default_is_negotiation"] = True
        return action

    def action_confirm_origin(self):
        """Confirm that these leads are self-sourced or referred, as claimed.

        The channel under which they count is decided as well and doesn't change later.
        The current user must be a supervisor who isn't the lead's owner, creator,
        claimer or account manager.

        :raise AccessError: for other users
        :raise UserError: if there is no claim to confirm
        """
        self._check_supervisor()
        channels.check_state(self, "claimed", "rejected")
        self._check_not_maker()
        found = channels.find(self)
        for channel, leads in self.grouped(found.get).items():
            leads._decide_origin("confirmed", origin_channel=channel)
        return True

    def action_reject_origin(self, reason=None):
        """Reject claims or withdraw confirmations, and send the claimer the reason.

        :param str reason: for the audit trail; a wizard asks for it if missing
        :raise AccessError: as for :meth:`action_confirm_origin`
        """
        self._check_supervisor()
        channels.check_state(self, "claimed", "confirmed")
        self._check_not_maker()
        if not reason:
            return self._ask_reason("action_reject_origin")
        self._decide_origin("rejected", reason)
        self._tell_rejection(reason)
        return True

    # ------------------------------------------------------------ origin
    def _check_origin_open(self, vals):
        for fname in CONFIRMED_FIELDS:
            for lead in self._changed_by(vals, fname):
                if lead.sudo().origin_state == "confirmed":
                    raise UserError(
                        self.env._(
                            "A supervisor has confirmed the origin of “%(lead)s”, so "
                            "“%(field)s” can't be changed. Ask a supervisor "
                            "(%(person)s) to reject the origin first.",
                            lead=lead.display_name,
                            person=lead._deciding_supervisor().name or "",
                            field=self._fields[fname]._description_string(self.env),
                        )
                    )

    def _makers(self):
        """Add owners and claimers: they can't decide on the origin of their lead."""
        return (
            super()._makers()
            | self.user_id
            | self.origin_claimed_by_id
            | self.env["nka.assignment"]._owners(self.key_account_id)
        )

    def _claim_origin(self):
        """Claim the origin of leads that can count for pay; clear other claims."""
        claims = self.sudo().filtered(lambda lead: lead.origin in CLAIMED_ORIGINS)
        claims = claims.with_env(self.env)
        claims._move_origin("claimed", origin_claimed_by_id=self.env.uid)
        dropped = (self - claims).filtered("origin_state")
        dropped._move_origin(False, origin_claimed_by_id=False)

    def _decide_origin(self, state, reason=False, **vals):
        for lead in self.filtered(lambda lead: not lead.origin_claimed_by_id):
            lead._unlocked().write({"origin_claimed_by_id": lead.user_id.id})
        self._move_origin(
            state,
            note=reason,
            origin_note=reason,
            origin_decided_by_id=self.env.uid,
            origin_decision_date=fields.Datetime.now(),
            **vals,
        )

    def _move_origin(self, state, note=False, **vals):
        """Set the status of the origin and record it in the audit trail."""
        if not self:
            return
        before = {lead: lead.origin_state for lead in self}
        undecided = {
            "origin_note": False,
            "origin_decided_by_id": False,
            "origin_decision_date": False,
            "origin_channel": False,
        }
        self._unlocked().write({"origin_state": state, **undecided, **vals})
        self.env["nka.audit.event"]._record(
            self, "origin", old=before.get, new=state, note=note
        )

    def _tell_rejection(self, reason):
        for lead in self:
            lead.message_post(
                body=self.env._("The claimed origin was rejected: %s", reason),
                partner_ids=(lead.origin_claimed_by_id | lead.user_id).partner_id.ids,
            )

    # ------------------------------------------------------------ own channel
    @api.model
    def _domain_own_channel(self, colleagues=False):
        """Return the domain of confirmed leads that count as a manager's own.

        :param bool colleagues: whether referrals by colleagues' clients count, too
        """
        return channels.domain(colleagues)

    # ------------------------------------------------------------ custody
    def _of_key_accounts(self):
        """Return those of these leads whose account is a key account now.

        Leads without an account cost no query.
        """
        return self.filtered(
            lambda lead: (
                lead.sudo().key_account_id and lead.sudo().key_account_id.state == "key"
            )
        )

    @api.model
    def _custody_fields(self):
        """Return the fields whose change can separate a lead from account or owner."""
        return {"user_id", "partner_id", "company_id", "team_id", "active"}

    def _kept_from(self, vals):
        """Return the key account leads that ``vals`` may separate; usually none."""
        if self._is_unlocked(vals) or vals.keys().isdisjoint(self._custody_fields()):
            return self.browse()
        return self._of_key_accounts()

    def _changed_by(self, vals, fname):
        """Return those of these leads for which ``vals`` changes a simple field."""
        if fname not in vals:
            return self.browse()
        convert = self._fields[fname].convert_to_write
        return self.filtered(
            lambda lead: convert(lead.sudo()[fname], lead) != (vals[fname] or False)
        )

    @api.model
    def _may_part(self):
        """Return whether the current user can decide on leads of key accounts."""
        return self.env.user.has_group(SUPERVISOR)

    def _check_may_part(self, step, account=None):
        if self and not self._may_part():
            custody.check(self, step, account)

    def _check_not_given_away(self, vals):
        self.check_access("read")  # don't name leads that the user can't read
        for lead in self._changed_by(vals, "user_id"):
            if not lead._is_taken_home(vals["user_id"]):
                lead._check_may_part("give")
        if not vals.get("active", True) and not self._is_loss(vals):
            self.filtered("active")._check_may_part("archive")

    def _is_taken_home(self, user_id):
        """Return whether the lead had no owner or goes to its account's manager."""
        lead = self.sudo()
        return not lead.user_id or user_id == lead.key_account_id.manager_id.id

    def _is_loss(self, vals):
        """Return whether ``vals`` lose the deal: by “Lost”, or with probability 0."""
        return self._is_being_lost(vals) or (
            "probability" in vals and not vals["probability"]
        )

    def _is_being_lost(self, vals):
        """Return whether “Lost” is what archives these leads."""
        return bool(find_permit("lose", self, [vals]))

    def _check_in_own_companies(self):
        """Do nothing: the account keeps its leads, and Odoo's rules apply to others."""

    def _check_still_with_account(self, before):
        for lead in self:
            account = before[lead.id]["lead_account"]
            if lead.sudo().key_account_id != account:
                lead._check_may_part("leave", account)

    def _custody_message(self, step):
        return custody.custody_message(self[:1].sudo(), step)

    def _with_course(self):
        """Hook: return those of these leads on which something already depends: an
        order, a document, a decision.
        """
        return self.filtered(lambda lead: lead.order_ids or lead.origin_decided_by_id)

    def _explain_refusal(self, operation):
        return tips.explain(self)

    def _protected(self):
        return self.browse() if self._may_part() else self._of_key_accounts()

    def _deciding_supervisor(self):
        """Return the supervisor who decides on this lead, if any: its account's, else
        another one who neither owns the lead nor manages the account.

        :rtype: res.users
        """
        lead = self.sudo()
        owners = lead.user_id | lead.key_account_id.manager_id
        if lead.key_account_id:
            return lead.key_account_id._reviewer(owners)
        company = lead.company_id or self.env.company
        return self.env["res.users"]._nka_holders(SUPERVISOR, company, owners)[:1]

    def _prepare_custody(self):
        return {
            lead.id: {
                "lead_account": lead.key_account_id,
                "lead_owner": lead.user_id,
                "lead_archived": not lead.active,
            }
            for lead in self.sudo()
        }

    def _record_custody(self, before):
        """Log what changed in the audit trail."""
        events = self.env["nka.audit.event"]
        after = self._prepare_custody()
        events._append(
            [
                events._prepare_entry(lead, kind, old=old, new=after[lead.id][kind])
                for lead in self
                for kind, old in before[lead.id].items()
                if old != after[lead.id][kind]
            ]
        )

    def _record_coming(self):
        """Log who gave these leads the client that links them to a key account."""
        self.env["nka.audit.event"]._record(
            self, "lead_account", new=lambda lead: lead.sudo().key_account_id
        )

    def _record_parting(self, kind):
        self.env["nka.audit.event"]._record(
            self, kind, old=lambda lead: lead.sudo().user_id
        )
