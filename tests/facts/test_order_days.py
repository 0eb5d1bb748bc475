"""The order day is stored at confirmation; only a supervisor can change it."""

from contextlib import nullcontext
from datetime import date, datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from ..accounts.common import AccountsCase
from ..common import new_user

#: A moment that falls on the next day in Moscow.
EVENING = datetime(2026, 3, 9, 22, 30)
LATER = datetime(2026, 5, 4, 12, 0)


class TestOrderDays(AccountsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.resource_calendar_id.tz = "Europe/Moscow"
        cls.account.tier_id.discount_limit = 100
        cls.product = cls.env["product.product"].create(
            {"name": "Mill", "type": "service", "list_price": 0}
        )
        sales = cls.env.ref("sales_team.group_sale_manager")
        for user in (cls.manager, cls.supervisor, cls.supervisor_2):
            user.group_ids |= sales
        cls.confirmations = cls.env["nka.order.confirmation"]

    @classmethod
    def _quotation(cls, user=None, client=None, **vals):
        line = {"product_id": cls.product.id, "price_unit": 10}
        return (
            cls.env["sale.order"]
            .with_user(user or cls.manager)
            .create(
                {
                    "partner_id": (client or cls.client).id,
                    "order_line": [Command.create(line)],
                    **vals,
                }
            )
        )

    @classmethod
    def _confirmed(cls, moment=EVENING, user=None, **vals):
        order = cls._quotation(user, **vals)
        with freeze_time(moment):
            order.action_confirm()
        return order

    def _day(self, order):
        order.invalidate_recordset(["nka_order_day"])
        return order.sudo().nka_order_day

    def _row(self, order):
        self.env.flush_all()
        return self.confirmations.search([("order_ref", "=", order.id)])

    # ------------------------------------------------------------ stored
    def test_day_in_the_company_time_zone(self):
        order = self._confirmed()
        self.assertEqual(self._day(order), date(2026, 3, 10))
        row = self._row(order)
        self.assertEqual((row.moment, row.user_id), (EVENING, self.manager))
        self.assertEqual(row.partner_id, self.client)

    def test_order_of_a_contact_of_the_client(self):
        contact = self._new_client("Buyer", is_company=False, parent_id=self.client.id)
        order = self._confirmed(client=contact)
        self.assertEqual(self._row(order).date, date(2026, 3, 10))

    def test_confirmed_by_writing_state_and_date(self):
        order = self._quotation()
        with freeze_time(EVENING):
            order.write({"state": "sale", "date_order": LATER})
        self.assertEqual(self._day(order), date(2026, 3, 10))

    def test_created_as_confirmed_with_a_chosen_date(self):
        with freeze_time(LATER):
            order = self._quotation(state="sale", date_order=EVENING)
        self.assertEqual(self._day(order), date(2026, 5, 4))

    def test_system_import_keeps_the_order_dates(self):
        order = self._quotation(self.env.user, state="sale", date_order=EVENING)
        self.assertEqual(self._day(order), date(2026, 3, 10))

    def test_signed_on_the_portal(self):
        order = self._quotation()
        with freeze_time(EVENING):
            order.with_user(self.env.ref("base.public_user")).sudo()._validate_order()
        self.assertEqual(self._day(order), date(2026, 3, 10))

    # ------------------------------------------------------------ unchanged
    def test_later_date_does_not_change_it(self):
        order = self._confirmed()
        for moment in (LATER, EVENING - timedelta(90)):
            order.with_user(self.manager).date_order = moment
            order.with_user(self.manager).sudo().write({"date_order": moment})
            self.assertEqual(order.date_order, moment)
            self.assertEqual(self._day(order), date(2026, 3, 10))
        self.assertFalse(self._events(order, "order_day"))

    def test_forged_contexts_do_not_change_it(self):
        order = self._confirmed().with_context(
            import_file=True, install_mode=True, default_uid=1, uid=1, su=True
        )
        order.date_order = LATER
        self.assertEqual(self._day(order), date(2026, 3, 10))

    def test_confirming_again_keeps_the_first_day(self):
        order = self._confirmed()
        order._action_cancel()
        order.action_draft()
        with freeze_time(LATER):
            order.action_confirm()
        self.assertEqual(self._day(order), date(2026, 3, 10))
        event = self._events(order, "order_day")
        self.assertEqual(event.user_id, self.manager)
        self.assertIn("Confirmed again", event.note)

    def _again(self, order, user=None, client=None, moment=LATER):
        """Cancel the order, optionally give it to another client, and confirm it again."""
        order._action_cancel()
        order.action_draft()
        if client:
            order.partner_id = client
        with freeze_time(moment):
            order.with_user(user or self.manager).sudo().action_confirm()
        return self._day(order)

    def test_confirming_with_any_login_keeps_the_day(self):
        """The credited person can create logins, and online payments confirm orders as
        the system.
        """
        own = new_user(self.env, "own", "base.group_portal")
        own.partner_id.parent_id = self.client
        logins = (
            new_user(self.env, "stranger", "base.group_portal"),
            own,
            self.env.ref("base.public_user"),
            self.salesman,
            self.supervisor,
            self.env.ref("base.user_root"),
        )
        order = self._confirmed()
        for login in logins:
            self.assertEqual(self._again(order, login), date(2026, 3, 10))
        events = self._events(order, "order_day")
        self.assertEqual(
            set(events.mapped("user_id.id")), {login.id for login in logins}
        )
        self.assertEqual(set(events.mapped("new")), {"2026-03-10"})

    def test_confirmed_again_for_another_client_is_another_order(self):
        order = self._confirmed()
        day = self._again(order, client=self.other_client)
        self.assertEqual(self._row(order).partner_id, self.other_client)
        self.assertEqual(day, date(2026, 5, 4))
        event = self._events(order, "order_day")
        self.assertEqual((event.old, event.new), ("2026-03-10", "2026-05-04"))
        self.assertIn("another client", event.note)

    def test_detour_by_another_client_keeps_the_day(self):
        order = self._confirmed()
        self._again(order, client=self.other_client)
        later = LATER + timedelta(30)
        self.assertEqual(
            self._again(order, client=self.client, moment=later), date(2026, 3, 10)
        )
        self.assertEqual(
            self._again(order, client=self.other_client, moment=later),
            date(2026, 5, 4),
        )
        self.assertEqual(len(self._events(order, "order_day")), 3)

    def test_detour_by_other_users_keeps_the_day(self):
        order, other = self._confirmed(), self._new_client("Everybody else")
        self._again(order, client=other)
        self.assertEqual(self._again(order, client=self.client), date(2026, 3, 10))

    def test_detour_after_a_correction_keeps_the_corrected_day(self):
        order = self._confirmed()
        self._correct(order, self.supervisor)
        self._again(order, client=self.other_client)
        self.assertEqual(self._again(order, client=self.client), date(2026, 2, 3))

    def test_assigned_to_the_client_after_confirmation(self):
        """Confirmed for another client with a chosen date: the date never counts for
        the client.
        """
        other = self._new_client("Everybody else")
        order = self._quotation(client=other)
        order.write({"state": "sale", "date_order": EVENING})
        order.partner_id = self.client
        self.assertEqual(self._row(order).partner_id, other)

    def test_change_by_the_system_is_logged(self):
        order = self._confirmed().with_user(self.env.user)
        order.date_order = LATER
        self.assertEqual(self._day(order), date(2026, 5, 4))
        event = self._events(order, "order_day")
        self.assertEqual((event.old, event.new), ("2026-03-10", "2026-05-04"))

    def test_rows_cannot_be_written(self):
        row = self._row(self._confirmed())
        for user in (self.manager, self.supervisor, self.kam_admin):
            with self.refused(AccessError):
                row.with_user(user).write({"date": date(2026, 1, 1)})
            with self.refused(AccessError):
                row.with_user(user).unlink()
            with self.refused(AccessError):
                self.confirmations.with_user(user).create(
                    {
                        "order_ref": 1,
                        "company_id": self.env.company.id,
                        "date": date(2026, 1, 1),
                    }
                )
            with self.refused(AccessError):
                self.env["nka.order.link"].with_user(user).search([])

    # ------------------------------------------------------------ before the key account status
    def test_nomination_stores_days_of_earlier_orders(self):
        other = self._new_client("Not yet")
        early = self._confirmed(client=other)
        self.assertFalse(self._row(early))
        self.assertEqual(self._day(early), date(2026, 3, 10))
        self._nominate(other)
        self.assertEqual(self._row(early).date, date(2026, 3, 10))
        early.with_user(self.manager).date_order = LATER
        self.assertEqual(self._day(early), date(2026, 3, 10))

    def test_date_written_before_the_nomination_does_not_count(self):
        other = self._new_client("Not yet")
        early = self._confirmed(client=other)
        early.with_user(self.manager).date_order = LATER
        self._nominate(other)
        self.assertEqual(self._day(early), date(2026, 3, 10))

    def test_forged_confirmation_before_the_nomination_does_not_count(self):
        other = self._new_client("Not yet")
        order = self._quotation(client=other)
        with freeze_time(EVENING):
            order.write({"state": "sale", "date_order": LATER})
        self._nominate(other)
        self.assertEqual(self._day(order), date(2026, 3, 10))

    def test_upgrade_keeps_existing_days(self):
        order, other = self._confirmed(), self._confirmed(client=self._new_client("No"))
        quotation = self._quotation()
        self.env.flush_all()
        self.cr.execute("DELETE FROM nka_order_confirmation")
        self.confirmations._keep_of_accounts()
        self.assertEqual(self._row(order).date, date(2026, 3, 10))
        self.assertFalse(self._row(other))
        self.assertFalse(self._row(quotation))
        self.confirmations._keep_of_accounts()
        self.assertEqual(len(self._row(order)), 1)

    # ------------------------------------------------------------ corrected
    def _correct(self, order, user, day=date(2026, 2, 3), reason="Signed on paper"):
        action = order.with_user(user).action_nka_correct_day()
        wizard = (
            self.env["nka.order.correction"]
            .with_user(user)
            .with_context(**action["context"])
            .create({"date": day, "reason": reason})
        )
        return wizard.action_apply()

    def test_supervisor_corrects_it_with_a_logged_reason(self):
        order = self._confirmed()
        self._correct(order, self.supervisor)
        self.assertEqual(self._day(order), date(2026, 2, 3))
        event = self._events(order, "order_day")
        self.assertEqual(event.user_id, self.supervisor)
        self.assertEqual((event.old, event.new), ("2026-03-10", "2026-02-03"))
        self.assertEqual(event.note, "Signed on paper")

    def test_others_cannot_correct_it(self):
        order = self._confirmed()
        for user in (self.manager, self.salesman, self.kam_admin):
            with self.refused(AccessError, "supervisor"):
                order.with_user(user)._nka_correct_day(date(2026, 2, 3), "No")
            with self.refused(AccessError, "supervisor|access"):
                order.with_user(user).action_nka_correct_day()
        self.assertEqual(self._day(order), date(2026, 3, 10))

    def test_credited_supervisor_cannot_correct_it(self):
        self.env["nka.assignment"]._unlocked().create(
            {
                "key_account_id": self.account.id,
                "user_id": self.supervisor.id,
                "date_from": date(2024, 1, 1),
                "date_to": date(2024, 1, 2),
            }
        )
        order = self._confirmed()
        with self.refused(AccessError, "nother supervisor"):
            self._correct(order, self.supervisor)
        self._correct(order, self.supervisor_2)
        self.assertEqual(self._day(order), date(2026, 2, 3))

    def test_supervisor_who_is_deputy_cannot_correct_it(self):
        self.account.with_user(self.supervisor_2).deputy_id = self.supervisor
        order = self._confirmed()
        with self.refused(AccessError, "cover for its manager"):
            self._correct(order, self.supervisor)
        self.assertEqual(self._day(order), date(2026, 3, 10))

    def test_unconfirmed_orders_and_future_days_are_refused(self):
        with self.refused(UserError, "isn't confirmed"):
            self._correct(self._quotation(), self.supervisor)
        tomorrow = self.today + timedelta(2)
        with self.refused(UserError, "in the future"):
            self._correct(self._confirmed(), self.supervisor, tomorrow)

    def test_reason_is_required(self):
        with mute_logger("odoo.sql_db"), self.refused(IntegrityError):
            self._correct(self._confirmed(), self.supervisor, reason=False)

    # ------------------------------------------------------------ others
    def test_orders_of_other_clients_cost_no_query(self):
        other = self._new_client("Everybody else")
        orders = [self._quotation(self.salesman, client=other) for _one in range(3)]
        self._confirmed()
        orders[0].action_confirm()
        self.env.flush_all()
        costs = []
        for order in orders[1:]:
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            with self._without_days() if order == orders[1] else nullcontext():
                order.action_confirm()
                self.env.flush_all()
            costs.append(self.cr.sql_log_count - before)
        self.assertLessEqual(costs[1], costs[0] + 1)
        self.assertFalse(self._row(orders[2]))

    def _without_days(self):
        orders = self.env.registry["sale.order"]
        return patch.object(orders, "_nka_keep_confirmation", lambda self: None)
