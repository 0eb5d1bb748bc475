"""Where a lead came from, claimed by one person and confirmed by another.

Only a self-sourced lead makes a claim: it counts for pay once a supervisor who
has no part in the lead confirmed it. A confirmed origin stands still; whoever
wants it changed asks a supervisor to reject it first.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

#: What a confirmation vouches for.
CONFIRMED_FIELDS = ("origin", "referrer_id", "is_vip")


class CrmLeadOrigin(models.Model):
    _inherit = "crm.lead"

    _reason_actions = {"action_reject_origin": _lt("Reject the origin")}

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
        help="Where the lead came from. A self-sourced claim counts for pay once a "
        "supervisor confirmed it.",
    )
    referrer_id = fields.Many2one(
        "nka.key.account",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        domain="[('state', '=', 'key')]",
        help="The key account that recommended us.",
    )
    # Clients are visible to everybody, accounts only to those who own them; the
    # referrer may well be a colleague's.
    referrer_partner_id = fields.Many2one(
        "res.partner",
        "Referred by",
        compute="_compute_referrer_partner_id",
        inverse="_inverse_referrer_partner_id",
        compute_sudo=True,
        domain="[('key_account_state', '=', 'key'), ('parent_id', '=', False)]",
        help="The client with key-account status that recommended us.",
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
    origin_claimed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    origin_decided_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    origin_decision_date = fields.Datetime(readonly=True, copy=False)
    origin_note = fields.Text("Reason of the rejection", readonly=True, copy=False)

    # ------------------------------------------------------------ compute
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
        """The account behind the chosen client in the lead's company."""
        client = partner.commercial_partner_id
        account = client.with_company(company).sudo().key_account_id
        if client and not account:
            raise UserError(self._referrer_message(client.display_name))
        return account

    # ------------------------------------------------------------ constraints
    # With the client among them, the checks wait until its account is found.
    @api.constrains("origin", "referrer_id", "referrer_partner_id")
    def _check_referrer(self):
        for lead in self:
            referrer = lead.sudo().referrer_id
            if lead.origin == "referral" and not referrer:
                raise ValidationError(
                    self.env._(
                        "Who referred “%s”? A referral names the key account that "
                        "recommended us.",
                        lead.display_name,
                    )
                )
            if referrer and lead.origin != "referral":
                raise ValidationError(
                    self.env._(
                        "“%s” names a referrer, so its origin has to be Referral.",
                        lead.display_name,
                    )
                )
            lead._check_referrer_status(referrer)

    def _check_referrer_status(self, referrer):
        if not referrer:
            return
        company = self.company_id or self.env.company
        if referrer.state != "key" or referrer.company_id != company:
            raise ValidationError(self._referrer_message(referrer.display_name))

    @api.model
    def _referrer_message(self, name):
        return self.env._(
            "%s isn't a key account of this company now, and only current key "
            "accounts refer. Choose another referrer or another origin.",
            name,
        )

    @api.constrains("referrer_id", "partner_id", "referrer_partner_id")
    def _check_referrer_is_another(self):
        for lead in self.filtered("referrer_id"):
            client = lead.partner_id.commercial_partner_id
            if lead.sudo().referrer_id.partner_id == client:
                raise ValidationError(
                    self.env._(
                        "%s can't refer itself: the referrer is another client than "
                        "the lead's own.",
                        client.display_name,
                    )
                )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create([self._prepare_referrer_vals(v) for v in vals_list])
        leads.filtered(lambda lead: lead.origin == "self_sourced")._claim_origin()
        return leads

    def write(self, vals):
        if self._is_unlocked(vals) or vals.keys().isdisjoint(CONFIRMED_FIELDS):
            return super().write(vals)
        vals = self._prepare_origin_vals(vals)
        changed = self._changed_by(vals, "origin")
        self._check_origin_open(vals)
        result = super().write(vals)
        changed._claim_origin()
        return result

    @api.model
    def _prepare_referrer_vals(self, vals):
        """The account for the client: a new lead is checked before its inverses run."""
        if not vals.get("referrer_partner_id") or vals.get("referrer_id"):
            return vals
        client = self.env["res.partner"].browse(vals["referrer_partner_id"])
        company = self.env["res.company"].browse(vals.get("company_id"))
        account = self._referrer_account(client, company or self.env.company)
        rest = {name: vals[name] for name in vals if name != "referrer_partner_id"}
        return {**rest, "referrer_id": account.id}

    @api.model
    def _prepare_origin_vals(self, vals):
        """Another origin than a referral has no referrer any more."""
        if vals.get("origin", "referral") == "referral" or "referrer_id" in vals:
            return vals
        return {**vals, "referrer_id": False}

    def _changed_by(self, vals, fname):
        """Those of these leads that get another value of a simple field."""
        if fname not in vals:
            return self.browse()
        convert = self._fields[fname].convert_to_write
        return self.filtered(
            lambda lead: convert(lead.sudo()[fname], lead) != (vals[fname] or False)
        )

    def _check_origin_open(self, vals):
        for fname in CONFIRMED_FIELDS:
            for lead in self._changed_by(vals, fname):
                if lead.sudo().origin_state == "confirmed":
                    raise UserError(
                        self.env._(
                            "A supervisor confirmed where “%(lead)s” came from, so "
                            "%(field)s stays as it is. Ask a supervisor to reject "
                            "the origin first.",
                            lead=lead.display_name,
                            field=self._fields[fname]._description_string(self.env),
                        )
                    )

    # ------------------------------------------------------------ actions
    def action_confirm_origin(self):
        """Confirm that these leads are self-sourced.

        The acting user is a supervisor who isn't the lead's owner, creator, claimer
        or account manager.

        :raise AccessError: for anybody else
        :raise UserError: when there is no claim to confirm
        """
        self._check_supervisor()
        self._check_origin_state("claimed", "rejected")
        self._check_not_maker()
        self._decide_origin("confirmed")
        return True

    def action_reject_origin(self, reason=None):
        """Reject claims or take confirmations back; the person reads the reason.

        Without a reason the question for it opens.
        """
        self._check_supervisor()
        self._check_origin_state("claimed", "confirmed")
        self._check_not_maker()
        if not reason:
            return self._ask_reason("action_reject_origin")
        self._decide_origin("rejected", reason)
        self._tell_rejection(reason)
        return True

    def _check_origin_state(self, *states):
        labels = dict(self._fields["origin_state"]._description_selection(self.env))
        for lead in self.sudo():
            if lead.origin != "self_sourced" or not lead.origin_state:
                raise UserError(
                    self.env._(
                        "“%s” claims nothing: only self-sourced leads are confirmed "
                        "or rejected.",
                        lead.display_name,
                    )
                )
            if lead.origin_state not in states:
                raise UserError(
                    self.env._(
                        "The origin of “%(lead)s” is “%(state)s” already, by "
                        "%(person)s.",
                        lead=lead.display_name,
                        state=labels[lead.origin_state],
                        person=lead.origin_decided_by_id.name,
                    )
                )

    # ------------------------------------------------------------ business
    def _makers(self):
        """Whoever owns, made or claimed a lead has no say about its origin."""
        return (
            super()._makers()
            | self.user_id
            | self.origin_claimed_by_id
            | self.key_account_id.manager_id
        )

    def _claim_origin(self):
        """Open a claim on self-sourced leads, drop it from others."""
        claims = self.filtered(lambda lead: lead.origin == "self_sourced")
        claims._move_origin("claimed", origin_claimed_by_id=self.env.uid)
        dropped = (self - claims).filtered("origin_state")
        dropped._move_origin(False, origin_claimed_by_id=False)

    def _decide_origin(self, state, reason=False):
        self._move_origin(
            state,
            note=reason,
            origin_note=reason,
            origin_decided_by_id=self.env.uid,
            origin_decision_date=fields.Datetime.now(),
        )

    def _move_origin(self, state, note=False, **vals):
        """Set the status of the origin and record it in the audit trail."""
        if not self:
            return
        events = self.env["nka.audit.event"]
        entries = [
            events._prepare_entry(
                lead, "origin", old=lead.origin_state, new=state, note=note
            )
            for lead in self
        ]
        undecided = {
            "origin_note": False,
            "origin_decided_by_id": False,
            "origin_decision_date": False,
        }
        self._unlocked().write({"origin_state": state, **undecided, **vals})
        events._append(entries)

    def _tell_rejection(self, reason):
        for lead in self:
            lead.message_post(
                body=self.env._("The self-sourced claim was rejected: %s", reason),
                partner_ids=(lead.origin_claimed_by_id | lead.user_id).partner_id.ids,
            )
