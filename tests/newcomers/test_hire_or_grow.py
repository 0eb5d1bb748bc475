"""Hired and grown managers compared: figures, small numbers, readers."""

from datetime import date, datetime, time
from decimal import Decimal
from random import Random

from dateutil.relativedelta import relativedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..loyalty.common import LoyaltyCase
from .start_oracle import DAY, Cost, Month, Order, Review, tell

REPORT = "nka.hire.or.grow"


@tagged("nka_newcomers")
class TestHireOrGrow(LoyaltyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.starts = cls.env["nka.manager.start"]
        cls.quiet = cls.env(context={"tracking_disable": True, "mail_notrack": True})
        cls.service = cls.env["product.product"].create(
            {"name": "Service", "type": "service", "invoice_policy": "order"}
        )
        cls.foreign = cls.env.ref("base.JPY")
        cls.foreign.active = True
        cls.foreign.rate_ids.unlink()
        cls.foreign.rate_ids = [Command.create({"name": "2020-01-01", "rate": 150})]
        cls.env["nka.season"].search([]).unlink()

    @classmethod
    def _seasons(cls, first, count):
        days = [
            (
                day := first + relativedelta(months=3 * n),
                day + relativedelta(months=3) - DAY,
            )
            for n in range(count)
        ]
        cls.env["nka.season"].create(
            [{"date_start": begin, "date_end": end} for begin, end in days]
        )
        return days

    def _owned(self, account, user, day_from, day_to=None):
        self.env.flush_all()
        self.env.cr.execute(
            """INSERT INTO nka_assignment
                   (key_account_id, company_id, user_id, share, date_from, date_to)
               SELECT id, company_id, %s, 100, %s, %s FROM nka_key_account
                WHERE id = %s""",
            [user.id, day_from, day_to, account.id],
        )

    def _ordered(self, client, day, amount):
        order = self.quiet["sale.order"].create(
            {
                "partner_id": client.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.service.id,
                            "price_unit": float(amount),
                            "tax_ids": False,
                        }
                    )
                ],
            }
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET state = 'sale', date_order = %s WHERE id = %s",
            [datetime.combine(day, time(12)), order.id],
        )
        return order

    def _paid(self, employee, month, agreement):
        return (
            self.env["nka.pay.statement"]
            ._unlocked()
            .create(
                {
                    "employee_id": employee.id,
                    "user_id": employee.user_id.id,
                    "company_id": employee.company_id.id,
                    "month": month.month,
                    "state": month.state,
                    "agreement_id": agreement.id,
                    "credit_amount": month.credits,
                    "fixed_amount": month.fixed,
                    "balance": month.balance,
                }
            )
        )

    def _reviewed(self, user, review):
        document = self.env["nka.document"].create(
            {
                "type_id": self.env["nka.document.type"].search([], limit=1).id,
                "key_account_id": self.account.id,
            }
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE nka_document SET author_id = %s, company_id = %s WHERE id = %s",
            [user.id, self.env.company.id, document.id],
        )
        self.env["nka.document.review"].sudo()._unlocked().create(
            {
                "document_id": document.id,
                "number": review.number,
                "submit_date": datetime.combine(review.day, time(12)),
                "verdict": review.verdict,
            }
        )
        return document

    def _cost(self, start, cost, user=None):
        currency = self.env.company.currency_id
        return (
            self.env["nka.manager.start.cost"]
            .with_user(user or self.supervisor)
            .create(
                {
                    "start_id": start.id,
                    "date": self.today,
                    "amount": float(cost.amount),
                    "currency_id": (currency if cost.rate == 1 else self.foreign).id,
                }
            )
        )

    def _row(self, start, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env[REPORT].with_user(user or self.director).browse(start.id)

    def test_against_the_slow_way(self):
        """Random histories of two people: each figure is that of the plain computation."""
        self.account = self.env["nka.key.account"].search(
            [("manager_id", "=", self.manager.id)], limit=1
        )
        other = self.env["nka.key.account"].search(
            [("manager_id", "=", self.colleague.id)], limit=1
        )
        random = Random(20)
        seasons = self._seasons(date(2025, 1, 1), 4)
        change = date(2025, 9, 10)
        # The first account goes from one to the other; the second stays.
        self._owned(self.account, self.manager, date(2024, 1, 1), change - DAY)
        self._owned(self.account, self.colleague, change)
        self._owned(other, self.colleague, date(2024, 1, 1))
        agreements = {
            "a": self._accepted(self.employee),
            "b": self._accepted(self.other_employee),
        }
        employees = {"a": self.employee, "b": self.other_employee}
        begun = {"a": date(2025, 2, 17), "b": date(2025, 8, 4)}
        orders, months, reviews, costs = [], {}, {}, {}
        for _number in range(14):
            day = date(2025, 1, 1) + random.randrange(400) * DAY
            is_other = random.random() < 0.3
            owner = "b" if is_other or day >= change else "a"
            amount = Decimal(random.choice([0, 100, 2500]))
            orders.append(Order(day, amount, owner))
            account = other if is_other else self.account
            self._ordered(account.partner_id, day, amount)
        for person, employee in employees.items():
            months[person] = [
                Month(
                    date(2025, 1, 1) + relativedelta(months=number),
                    random.choice(["locked", "locked", "calculated"]),
                    Decimal(random.randrange(-500, 3000000)),
                    Decimal(2000000),
                    Decimal(random.randrange(80000)),
                    Decimal(random.randrange(-10, 50000)),
                )
                for number in range(15)
            ]
            for month in months[person]:
                self._paid(employee, month, agreements[person])
            reviews[person] = [
                Review(
                    date(2025, 1, 1) + random.randrange(400) * DAY,
                    random.choice([1, 1, 2]),
                    random.choice(["approved", "returned", None]),
                )
                for _number in range(8)
            ]
            for review in reviews[person]:
                self._reviewed(employee.user_id, review)
            costs[person] = [
                Cost(Decimal(7501), Decimal(150)),
                Cost(Decimal(90), Decimal(1)),
            ]
        for person, employee in employees.items():
            start = self.starts._start_for(employee, "hired", begun[person])
            supervisor = {"a": self.supervisor, "b": self.supervisor_2}[person]
            for cost in costs[person]:
                self._cost(start, cost, supervisor)
            row = self._row(start)
            expected = tell(
                person,
                begun[person],
                seasons,
                orders,
                months[person],
                reviews[person],
                costs[person],
            )
            for name, value in expected.items():
                with self.subTest(person=person, field=name):
                    found = row[name]
                    if name == "date_end":
                        self.assertEqual(found, value)
                    else:
                        self.assertAlmostEqual(found, float(value), 2)
            self.assertTrue(row.is_complete)

    def test_seasons(self):
        """Three seasons as recorded; three quarters where the start has none."""
        start = self.starts._start_for(self.employee, "hired", date(2025, 5, 20))
        self.assertEqual(self._row(start).date_end, date(2025, 12, 31))
        self.assertEqual(self._row(start).season_date, date(2025, 4, 1))
        self._seasons(date(2025, 5, 1), 3)
        row = self._row(start)
        self.assertEqual(row.date_end, date(2026, 1, 31))
        self.assertEqual(row.season_date, date(2025, 5, 1))
        start.sudo().date_start = self.today
        row = self._row(start)
        self.assertFalse(row.is_complete)
        self.assertGreater(row.date_end, self.today)

    def test_zero_says_why(self):
        start = self.starts._start_for(self.employee, "hired", date(2025, 5, 20))
        self.assertEqual(
            self._row(start).note,
            "No own order yet. No locked month in these seasons. No document decided yet.",
        )
        nobody = self.env["hr.employee"].create({"name": "Nobody"})
        start = self.starts._start_for(nobody, "hired", date(2025, 5, 20))
        self.assertEqual(self._row(start).note, "No user, so nothing can be theirs.")

    def _way(self, way, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        ways = self.env["nka.hire.or.grow.way"].with_user(user or self.director)
        return ways.search(
            [("way", "=", way), ("company_id", "=", self.env.company.id)]
        )

    def test_small_numbers(self):
        """Below five people each one's own figure is shown, and no average."""
        self.assertIn("Nobody came this way yet", self._way("hired").note)
        self.assertFalse(self._way("other"))
        self.assertEqual(self._way("hired").display_name, "Hired")
        people = self.env["hr.employee"].create([{"name": f"N{n}"} for n in range(6)])
        for number, person in enumerate(people):
            start = self.starts._start_for(person, "hired", date(2025, 1, 1 + number))
            self._cost(start, Cost(Decimal(100 * (1 + number)), Decimal(1)))
            way = self._way("hired")
            self.assertEqual(way.complete_count, number + 1)
            self.assertEqual(way.stayed_text, f"{number + 1} of {number + 1}")
            if number < 4:
                self.assertTrue(way.is_few)
                self.assertFalse(way.average_cost)
                self.assertIn("Averages follow from 5 people on", way.note)
                self.assertEqual(way.cost_text.count(";"), number)
                self.assertEqual(
                    way.order_text, "; ".join(["no order yet"] * (number + 1))
                )
            else:
                self.assertFalse(way.is_few)
        self.assertEqual(way.average_cost, 350)
        self.assertEqual(way.order_text, "none of 6 people")
        self.assertEqual(way.attainment_text, "–")
        self.starts._start_for(self.employee, "grown", self.today)
        way = self._way("grown")
        self.assertEqual((way.person_count, way.complete_count), (1, 0))
        self.assertIn("The first figures come on", way.note)
        self.assertEqual(
            way.action_open_people()["domain"],
            [("company_id", "=", way.company_id.id), ("way", "=", "grown")],
        )

    def test_readers(self):
        """Directors read everybody, supervisors their people, managers nobody."""
        mine = self.starts._start_for(self.employee, "hired", date(2025, 1, 1))
        other = self.starts._start_for(self.other_employee, "hired", date(2025, 1, 1))
        cost = self._cost(mine, Cost(Decimal(10), Decimal(1)))
        self.env.flush_all()
        report = self.env[REPORT]
        self.assertEqual(
            report.with_user(self.director).search([]).start_id, mine | other
        )
        self.assertEqual(report.with_user(self.supervisor).search([]).start_id, mine)
        self.assertEqual(self._way("hired", self.supervisor).person_count, 1)
        self.assertEqual(self._way("hired", self.supervisor_2).cost_text[-1:], "0")
        for user in (self.manager, self.officer, self.kam_admin, self.employee_user):
            for model in (REPORT, "nka.hire.or.grow.way", "nka.manager.start.cost"):
                with self.refused(AccessError):
                    self.env[model].with_user(user).search([])
                with self.refused(AccessError):
                    self.env[model].with_user(user).formatted_read_group(
                        [], [], ["__count"]
                    )
        for user in (self.manager, self.officer, self.kam_admin):
            with self.refused(AccessError):
                mine.with_user(user).read(["cost_ids"])
            with self.refused(AccessError):
                mine.with_user(user).search([("cost_ids.amount", ">", 1)])
        # One's own start is somebody else's matter, and so are its costs.
        with self.refused(AccessError):
            cost.with_user(self.supervisor_2).read(["amount"])
        with self.refused(AccessError):
            self._cost(mine, Cost(Decimal(10), Decimal(1)), self.supervisor_2)
        with self.refused(AccessError):
            self._cost(mine, Cost(Decimal(10), Decimal(1)), self.director)

    def test_costs(self):
        """They are on record, can't be negative, foreign or in the future."""
        mine = self.starts._start_for(self.employee, "hired", date(2025, 1, 1))
        other = self.starts._start_for(self.other_employee, "hired", date(2025, 1, 1))
        cost = self._cost(mine, Cost(Decimal(1500), Decimal(150)))
        self.assertEqual(cost.company_amount, 10)
        self.assertIn("1500 JPY", self._events(cost, "cost").new)
        cost.amount = 3000
        self.assertEqual(cost.company_amount, 20)
        with self.refused(AccessError):
            cost.start_id = other
        with self.refused(ValidationError, "later than today"):
            cost.date = self.today + DAY
        with self.refused(UserError):
            cost.with_user(self.supervisor).copy({"start_id": other.id})
        cost.unlink()
        self.assertEqual(len(self._events(cost, "cost")), 3)

    def test_figures_open_their_records(self):
        start = self.starts._start_for(self.employee, "hired", date(2025, 1, 1))
        self._paid(
            self.employee,
            Month(date(2025, 2, 1), "locked", *[Decimal(5)] * 4),
            self._accepted(self.employee),
        )
        account = self.env["nka.key.account"].search(
            [("manager_id", "=", self.manager.id)], limit=1
        )
        self._owned(account, self.manager, date(2024, 1, 1))
        order = self._ordered(account.partner_id, date(2025, 3, 1), 10)
        row = self._row(start, self.supervisor)
        self.assertEqual(row.sudo().order_id, order)
        for action, model in (
            (row.action_open_start(), "nka.manager.start"),
            (row.action_open_documents(), "nka.document.quality"),
            (row.action_open_costs(), "nka.manager.start.cost"),
        ):
            self.assertEqual(action["res_model"], model)
            self.env[model].with_user(self.supervisor).search(action.get("domain", []))
        pay = row.action_open_pay()
        self.assertEqual(
            self.env[pay["res_model"]].search_count(pay["domain"]), row.months
        )
        pay = self._row(start, self.director).action_open_pay()
        totals = self.env[pay["res_model"]].with_user(self.director)
        self.assertEqual(totals._name, "nka.pay.total")
        self.assertEqual(totals.search_count(pay["domain"]), 1)
        opened = self._row(start, self.director).action_open_order()
        self.assertEqual(opened["res_id"], account.id)

    def test_queries(self):
        """As many queries for ten people as for one, in both pages."""
        people = self.env["hr.employee"].create([{"name": f"N{n}"} for n in range(10)])
        counts = []
        for number, person in enumerate(people):
            self.starts._start_for(person, "hired", date(2025, 1, 1))
            if number in (0, 9):
                self._way("hired").mapped("note")
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                self._way("hired").mapped("cost_text")
                counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_amount_in_company_currency_isnt_typed(self):
        """The report reads it, and the audit trail shows what was spent."""
        mine = self.starts._start_for(self.employee, "hired", date(2025, 1, 1))
        cost = self._cost(mine, Cost(Decimal(1500), Decimal(150)))
        forged = cost.with_user(self.supervisor)
        with self.refused(AccessError):
            forged.write({"company_amount": 1})
        with self.refused(AccessError):
            forged.write({"company_id": self.env["res.company"].search([])[-1].id})
        again = forged.create(
            {"start_id": mine.id, "amount": 150, "company_amount": 999999}
        )
        self.assertEqual(again.company_amount, 150)

    def test_pay_of_people_whose_user_is_gone(self):
        """Supervisors see people without a user, but not what others were paid."""
        start = self.starts._start_for(self.employee, "hired", date(2025, 1, 1))
        agreement = self.env["nka.pay.agreement"]
        month = Month(date(2025, 1, 1), "locked", *map(Decimal, (10, 10, 777, 5)))
        self._paid(self.employee, month, agreement)
        self.employee.user_id = False
        self.env.flush_all()
        report = self.env[REPORT]
        self.assertFalse(start.user_id)
        for user in (self.supervisor, self.supervisor_2):
            self.assertFalse(
                report.with_user(user).search([("start_id", "=", start.id)])
            )
        self.assertEqual(report.with_user(self.director).search([]).fixed_cost, 777)
