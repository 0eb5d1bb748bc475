"""When an order was confirmed: kept at the confirmation, moved by a supervisor."""

from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import LazyTranslate, format_date

from .orders import local_day

_lt = LazyTranslate(__name__)


class SaleOrder(models.Model):
    _inherit = "sale.order"
    _audit_kinds = {"order_day": _lt("Day of an order")}
    _audit_account_field = "partner_id.key_account_id"
    _audit_lead_field = "opportunity_id"

    nka_order_day = fields.Date(
        "Day of confirmation",
        compute="_compute_nka_order_day",
        compute_sudo=True,
        help="The day that decides who is credited for this order. Changing the order "
        "date doesn't move it; a supervisor can, with a reason.",
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
        if not is_confirmed and "date_order" not in vals:
            return super().write(vals)
        old = self.filtered(lambda order: order.state == "sale")
        is_superuser = self.env.uid == SUPERUSER_ID
        if "date_order" in vals and not is_superuser:
            old._nka_keep_day()
        result = super().write(vals)
        if is_confirmed:
            (self - old)._nka_keep_confirmation()
        if "date_order" in vals and is_superuser:
            old._nka_follow_date()
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
            confirmations._forget_others(again)
            again.browse(confirmations._add(again))._nka_confirm_again()

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
        """A cancelled order was confirmed once more: its day moves only where the client
        or the system says so, nobody who may be credited for it.
        """
        if not self:
            return
        if self._nka_may_confirm_again():
            moments = self.env["nka.order.confirmation"]
            self._nka_move(
                {order.id: moments._moment_of(order)[0] for order in self},
                self.env._("Confirmed again after it had been cancelled."),
            )
            return
        self.env["nka.audit.event"]._record(
            self.sudo(),
            "order_day",
            old=lambda order: order.nka_order_day,
            new=lambda order: order.nka_order_day,
            note=self.env._(
                "Confirmed again after it had been cancelled. The day of the first "
                "confirmation stays; a supervisor can move it."
            ),
        )

    @api.model
    def _nka_may_confirm_again(self):
        user = self.env.user
        is_client = user.share and not user._is_public()
        return self.env.uid == SUPERUSER_ID or is_client

    def _nka_keep_day(self):
        """The date of confirmed orders is about to be written: their day stays."""
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

    def _nka_move(self, days, note):
        """Give orders other days, on record.

        :param dict days: day by order id
        :param str note: why
        """
        before = self.env["nka.order.confirmation"]._move(days)
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
            "name": self.env._("Correct the day of confirmation"),
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
                        "%s isn't confirmed, so it has no day of confirmation yet. "
                        "Confirm it first; nothing was changed.",
                        order.name,
                    )
                )

    # ------------------------------------------------------------ business
    def _nka_correct_day(self, day, reason):
        """Move the day of confirmation of these orders, as a supervisor, on record.

        :param date day: the right day
        :param str reason: kept in the audit trail
        """
        self._nka_check_correctable()
        self._nka_check_not_credited()
        self._nka_check_day(day)
        self._nka_keep_day()
        return self.sudo()._nka_move(dict.fromkeys(self.ids, day), reason)

    def _nka_check_not_credited(self):
        """Segregation of duties: who owns the client doesn't say when it ordered."""
        clients = self.sudo().partner_id.commercial_partner_id
        own = (
            self.env["nka.assignment"]
            .sudo()
            .search(
                [
                    ("user_id", "=", self.env.uid),
                    ("key_account_id.partner_id", "in", clients.ids),
                ],
                limit=1,
            )
        )
        if own:
            raise AccessError(
                self.env._(
                    "You are or were credited for sales to %s, so another supervisor "
                    "has to correct the day. Nothing was changed.",
                    own.key_account_id.display_name,
                )
            )

    def _nka_check_day(self, day):
        for order in self:
            today = local_day(order.company_id, fields.Datetime.now())
            if day > today:
                raise UserError(
                    self.env._(
                        "%(order)s can't have been confirmed on %(day)s, which is yet "
                        "to come. Choose a day up to today; nothing was changed.",
                        order=order.name,
                        day=format_date(self.env, day),
                    )
                )
