from odoo import api, fields, models
from odoo.tools import format_date

from ..pay.border import to_money
from ..trail.roles import MANAGER, SUPERVISOR
from . import bonus_preview


class CrmLead(models.Model):
    _inherit = "crm.lead"

    waiting_reason = fields.Char(
        "Reason for waiting",
        compute="_compute_waiting_reason",
        help="Action needed on this deal today.",
    )

    nka_bonus_currency_id = fields.Many2one(
        related="key_account_id.company_id.currency_id", string="Currency of the bonus"
    )
    nka_bonus_preview = fields.Monetary(
        "Bonus when paid",
        compute="_compute_nka_bonus_preview",
        currency_field="nka_bonus_currency_id",
        groups=f"{MANAGER},{SUPERVISOR}",
        help="What this deal adds to the bonus of the client's owner once it is won, "
        "invoiced and paid in full: by its confirmed orders, or by the expected revenue "
        "while there are none. Visible to them and their supervisors.",
    )
    nka_bonus_preview_note = fields.Char(
        "About the bonus",
        compute="_compute_nka_bonus_preview",
        groups=f"{MANAGER},{SUPERVISOR}",
    )

    # ------------------------------------------------------------ compute
    @api.depends("expected_revenue", "key_account_id", "active", "probability")
    @api.depends_context("uid", "lang")
    def _compute_nka_bonus_preview(self):
        self.nka_bonus_preview, self.nka_bonus_preview_note = 0.0, False
        previews = bonus_preview.Previews(self.env)
        for lead in self:
            account = lead.sudo().key_account_id._origin
            found = account and previews.of(account, lead._nka_sold(account.company_id))
            if found:
                lead.nka_bonus_preview = float(found.amount)
                lead.nka_bonus_preview_note = found.note

    def _nka_sold(self, company):
        """Return what this deal sells, for the preview of the bonus.

        :param company: res.company of the key account
        :rtype: bonus_preview.Sold
        """
        lead, today = self.sudo(), fields.Date.context_today(self)
        orders = lead.order_ids.filtered(
            lambda order: (
                order.state == "sale"
                and order.partner_id.commercial_partner_id
                == lead.key_account_id.partner_id
            )
        )
        if orders:
            sold = bonus_preview.sold_by_orders(orders, company, today)
            return sold._replace(deals=lead)
        currency = company.currency_id
        amount = (lead.company_currency or currency)._convert(
            lead.expected_revenue, currency, company, today
        )
        problem = ""
        if not lead.active and not lead.probability:
            problem = self.env._("The deal is lost, so nothing is credited.")
        elif not amount:
            problem = self.env._("The deal has no expected revenue yet.")
        amounts = [(today, to_money(amount, currency))]
        return bonus_preview.Sold(amounts, {}, problem, lead)

    @api.depends("date_deadline", "activity_date_deadline", "activity_summary")
    @api.depends_context("lang", "tz", "uid")
    def _compute_waiting_reason(self):
        today = fields.Date.context_today(self)
        for lead in self:
            lead.waiting_reason = lead._describe_waiting(today)

    def _describe_waiting(self, today):
        due = self.activity_date_deadline
        if due and due <= today:
            step = self.activity_summary or self.activity_type_id.name
            return self.env._(
                "%(step)s, due %(day)s", step=step, day=format_date(self.env, due)
            )
        if self.date_deadline and self.date_deadline < today:
            return self.env._(
                "Expected closing date passed: %s",
                format_date(self.env, self.date_deadline),
            )
        if not due:
            return self.env._("No next step planned")
        return False
