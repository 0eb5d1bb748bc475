from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import LazyTranslate

from ..trail.roles import SUPERVISOR

_lt = LazyTranslate(__name__)


class Concession(models.Model):
    """What we give in a deal, what it costs, and what we get for it.

    Only a supervisor can agree to a concession with nothing in return.
    """

    _name = "nka.concession"
    _description = "Concession"
    _inherit = [
        "nka.account.item.mixin",
        "nka.state.mixin",
        "mail.thread",
        "nka.read.mixin",
    ]
    _order = "id"
    _check_company_auto = True
    _mail_post_access = "read"

    _owner_field = "lead_id"
    _guarded_fields = ("state", "date_closed")
    _audit_creation = True
    _reason_actions = {"action_drop": _lt("Why is the concession withdrawn?")}

    name = fields.Char("What we give", required=True, tracking=True)
    lead_id = fields.Many2one(
        "crm.lead", "Deal", required=True, index=True, ondelete="restrict"
    )
    # Not stored, so that a lead that changes its client doesn't update this table.
    key_account_id = fields.Many2one(
        related="lead_id.key_account_id",
        related_sudo=True,
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
    currency_id = fields.Many2one(related="company_id.currency_id")
    cost = fields.Monetary("Cost to us", tracking=True)
    gain = fields.Char("What we get", tracking=True)
    gain_value = fields.Monetary("Value to us", tracking=True)
    client_benefit = fields.Char(
        "Benefit for the client",
        help=("How this benefits them, in their own words."),
    )
    client_value = fields.Monetary("Value to the client")
    balance = fields.Monetary(
        compute="_compute_balance",
        store=True,
        help="Value of what we get minus the cost of what we give.",
    )
    is_gift = fields.Boolean("Nothing in return", compute="_compute_is_gift")
    state = fields.Selection(
        [("planned", "Planned"), ("agreed", "Agreed"), ("dropped", "Withdrawn")],
        default="planned",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    date_closed = fields.Date("Decided on", readonly=True, copy=False)

    _amounts_positive = models.Constraint(
        "CHECK(COALESCE(cost, 0) >= 0 AND COALESCE(gain_value, 0) >= 0 "
        "AND COALESCE(client_value, 0) >= 0)",
        "Enter costs and values as positive amounts.",
    )

    # ------------------------------------------------------------ compute
    @api.depends("lead_id")
    def _compute_company_id(self):
        for item in self:
            lead = item.lead_id
            item.company_id = (
                lead.key_account_id.company_id or lead.company_id or self.env.company
            )

    @api.depends("cost", "gain_value")
    def _compute_balance(self):
        for item in self:
            item.balance = item.gain_value - item.cost

    @api.depends("gain", "gain_value")
    def _compute_is_gift(self):
        for item in self:
            item.is_gift = not (item.gain or "").strip()

    # ------------------------------------------------------------ constraints
    @api.constrains(
        "name", "cost", "gain", "gain_value", "client_benefit", "client_value"
    )
    def _check_editable(self):
        for item in self:
            if item.state != "planned":
                raise UserError(
                    self.env._(
                        "“%s” has been agreed or withdrawn, so it can't be changed. "
                        "Add a new one.",
                        item.name,
                    )
                )

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        for item in self:
            if item.state != "planned":
                raise UserError(
                    self.env._(
                        "“%s” has been decided, so it can't be deleted. Add a new "
                        "concession instead.",
                        item.name,
                    )
                )

    # ------------------------------------------------------------ actions
    def action_agree(self):
        """Record that both sides agreed to the exchange.

        :raise AccessError: for users who don't run the deal, and with nothing in
            return, unless the user is a supervisor
        """
        self._check_decides()
        self._check_state("planned")
        self._check_return()
        today = fields.Date.context_today(self)
        for item in self:
            item._move_to("agreed", note=item._creation_note(), date_closed=today)
        return True

    def action_drop(self, reason=None):
        """Withdraw planned concessions.

        Without ``reason``, return the action of the reason wizard.

        :param str reason: why, for the audit trail
        :raise AccessError: for users who don't run the deal
        """
        self._check_decides()
        self._check_state("planned")
        if not reason:
            return self._ask_reason("action_drop")
        today = fields.Date.context_today(self)
        self._move_to("dropped", note=reason, date_closed=today)
        return True

    # ------------------------------------------------------------ checks
    def _check_decides(self):
        self.check_access("write")
        for item in self:
            if not item.lead_id._runs_offer():
                raise AccessError(
                    self.env._(
                        "Only the manager of the deal can decide on “%(item)s”. Ask "
                        "%(person)s.",
                        item=item.name,
                        person=item.sudo().lead_id._runner_name(),
                    )
                )

    def _check_return(self):
        """Check that only a supervisor agrees to give something for nothing."""
        for item in self:
            if item.is_gift and not self.env.user.has_group(SUPERVISOR):
                raise AccessError(
                    self.env._(
                        "Enter what we get for “%(item)s”, or ask %(person)s to "
                        "approve it with nothing in return.",
                        item=item.name,
                        person=item.sudo().lead_id._deciding_supervisor().name
                        or self.env._("a supervisor"),
                    )
                )

    # ------------------------------------------------------------ trail
    def _creation_note(self):
        """Return what we give and get in one line."""
        return self.env._(
            "We give %(give)s (cost %(cost)s), we get %(get)s (value %(value)s)",
            give=self.name,
            cost=self.cost,
            get=self.gain or "—",
            value=self.gain_value,
        )
