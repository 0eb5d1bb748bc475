"""When an order was confirmed: kept at the confirmation, moved by a supervisor."""

from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate, format_date

from .orders import local_day

_lt = LazyTranslate(__name__)
#: What a confirmed order says about its day and its client, and anybody may write.
KEPT_FIELDS = frozenset({"date_order", "partner_id"})


class SaleOrder(models.Model):
    _inherit = "sale.order"
    _audit_kinds = {"order_day": _lt("Confirmation date of an order")}
    _audit_account_field = "partner_id.key_account_id"
    _audit_lead_field = "opportunity_id"

    nka_order_day = fields.Date(
        "Confirmation date",
        compute="_compute_nka_order_day",
        compute_sudo=True,
        help="Date that determines who is credited for this order. Changing the order "
        "date doesn't affect it; a supervisor can correct it and give a reason.",
    )

    # ------------------------------------------------------------ compute
    @api.depends("date_order", "state", "company_id")
    def _compute_nka_order_day(self):
        days = self.env["nka.order.confirmation"]._days(self._origin)
        for order in self:
            order.nka_order_day = days.get(order._origin.id) or (
                order.state == "sale"
                and order.date_order
                and local_day(order.company_id, order.date_order)
            )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders.filtered(lambda order: order.state == "sale")._nka_keep_confirmation()
        return orders

    def write(self, vals):
        if vals.get("state") == "cancel":
            # what these orders were invoiced by until now is noted by the database
            self.env["nka.order.link"]._flush_links()
        is_confirmed = vals.get("state") == "sale"
        if not is_confirmed and KEPT_FIELDS.isdisjoint(vals):
            return super().write(vals)
        old = self.filtered(lambda order: order.state == "sale")
        is_superuser = self.env.uid == SUPERUSER_ID
        if not is_superuser and not KEPT_FIELDS.isdisjoint(vals):
            old._nka_keep_day()
        result = super().write(vals)
        if is_confirmed:
            (self - old)._nka_keep_confirmation()
        if "date_order" in vals and is_superuser:
            old._nka_follow_date()
        return result

    def _recompute_prices(self):
        result = super()._recompute_prices()
        self.order_line._nka_flush_worth()
        return result

    def _recompute_taxes(self):
        result = super()._recompute_taxes()
        self.order_line._nka_flush_worth()
        return result

    def _nka_keep_confirmation(self):
        """Keep the day of orders that were just confirmed.

        Those of key accounts, and any that is dated otherwise than now by a person: its
        client may become one, and own measures count orders of all clients. Who manages
        sales imports orders of before with their dates. Others cost no query.
        """
        clients = self.env["nka.key.account"]._client_ids()
        kept = (
            self.filtered(lambda order: order._nka_is_kept(clients)) if self else self
        )
        if not kept:
            return
        confirmations = self.env["nka.order.confirmation"]
        again = kept.browse(confirmations._add(kept))
        if again:
            again._nka_confirm_again()

    def _nka_is_kept(self, clients):
        if self.sudo().partner_id.commercial_partner_id.id in clients:
            return True
        if self.env.uid == SUPERUSER_ID or not self.date_order:
            return False
        now, hour = fields.Datetime.now(), timedelta(hours=1)
        if self.date_order < now - hour:
            return not self.env.user.has_group("sales_team.group_sale_manager")
        return self.date_order > now + hour

    def _nka_confirm_again(self):
        """Cancelled orders were confirmed once more: each keeps the day it was first
        confirmed on for its client, whoever confirms it. A login that says to be the
        client's may have been given by who is credited.
        """
        confirmations = self.env["nka.order.confirmation"]
        before = confirmations._days(self)
        changed = confirmations._change_clients(self)
        self.env["sale.order"].flush_model(["state", "currency_id", "currency_rate"])
        self.env["sale.order.line"].flush_model()
        confirmations._keep_lines(self.order_line.ids)
        after = confirmations._days(self)
        self.invalidate_recordset(["nka_order_day"])
        others = self.filtered(lambda order: order.id in changed)
        for orders, note in (
            (
                self - others,
                self.env._(
                    "Confirmed again after cancellation. The first confirmation date "
                    "still applies; a supervisor can correct it."
                ),
            ),
            (
                others,
                self.env._(
                    "Confirmed for another client after cancellation. The first "
                    "confirmation date for each client still applies; a supervisor can "
                    "correct it."
                ),
            ),
        ):
            self.env["nka.audit.event"]._record(
                orders.sudo(),
                "order_day",
                old=lambda order: before[order.id],
                new=lambda order: after[order.id],
                note=note,
            )

    def _nka_keep_day(self):
        """Date or customer of confirmed orders is about to be written: their day stays,
        and for whom they were confirmed.
        """
        if self.ids:
            self.env["nka.order.confirmation"]._keep_of_orders(self)

    def _nka_follow_date(self):
        """The superuser, who imports and migrates, moves the day along with the date."""
        days = {
            order.id: local_day(order.company_id, order.date_order)
            for order in self
            if order.date_order
        }
        self._nka_move(days, self.env._("The system changed the order date."))

    def _nka_move(self, days, note, raised=()):
        """Give orders other days, on record.

        :param dict days: day by order id
        :param str note: why
        :param raised: ids of those that are recorded even if their day stays
        """
        before = self.env["nka.order.confirmation"]._move(days, raised)
        moved = self.filtered(lambda order: order.id in before)
        moved.invalidate_recordset(["nka_order_day"])
        self.env["nka.audit.event"]._record(
            moved.sudo(),
            "order_day",
            old=lambda order: before[order.id],
            new=lambda order: days[order.id],
            note=note,
        )
        return moved

    # ------------------------------------------------------------ actions
    def action_nka_correct_day(self):
        """Ask a supervisor for the right day of confirmation and the reason.

        :raise AccessError: for anybody else
        :raise UserError: for an order that isn't confirmed
        """
        self._nka_check_correctable()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Correct the confirmation date"),
            "res_model": "nka.order.correction",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_order_ids": self.ids,
                "default_date": self[:1].nka_order_day,
            },
        }

    # ------------------------------------------------------------ checks
    def _nka_check_correctable(self):
        self.env["nka.key.account"]._check_supervisor()
        self.check_access("read")
        for order in self:
            if not order.nka_order_day:
                raise UserError(
                    self.env._(
                        "%s isn't confirmed, so it has no confirmation date yet. "
                        "Confirm it first.",
                        order.name,
                    )
                )

    # ------------------------------------------------------------ business
    def _nka_correct_day(self, day, reason):
        """Move the day of confirmation of these orders, as a supervisor, on record; what
        they were raised by since then counts by it, too.

        :param date day: the right day
        :param str reason: kept in the audit trail
        """
        self._nka_check_correctable()
        self._nka_check_uninvolved()
        self._nka_check_day(day)
        self._nka_keep_day()
        raised = self.env["nka.order.confirmation"]._fold(self)
        days = dict.fromkeys(self.ids, day)
        return self.sudo()._nka_move(days, reason, raised)

    def _nka_check_uninvolved(self):
        """Whose sales the client's are doesn't say when it ordered."""
        clients = self.sudo().partner_id.commercial_partner_id
        self.env["nka.assignment"]._check_uninvolved(clients.key_account_ids)

    def _nka_check_day(self, day):
        for order in self:
            today = local_day(order.company_id, fields.Datetime.now())
            if day > today:
                raise UserError(
                    self.env._(
                        "%(order)s can't have been confirmed on %(day)s, which is in "
                        "the future. Choose today or an earlier date.",
                        order=order.name,
                        day=format_date(self.env, day),
                    )
                )
