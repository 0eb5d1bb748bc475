"""What became of a client after a handover, and who may read it."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from random import Random

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..dependency.common import DependencyCase
from .outcome_oracle import Contact, Order, Sale, tell

MODEL = "nka.handover.outcome"


class OutcomeCase(DependencyCase):
    """One account that was handed over from the manager to the colleague."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reader = cls._new_user("nka_director", "group_key_account_director")
        cls.account = cls.accounts[0]
        cls.service = cls.env["product.product"].create(
            {"name": "Service", "type": "service", "invoice_policy": "order"}
        )

    @classmethod
    def _carried_out(cls, accounts, days, **vals):
        """Return a handover that took effect some days ago, without its other effects."""
        handover = cls.env["nka.handover"].create(
            {
                "key_account_ids": [Command.set(accounts.ids)],
                "from_user_id": cls.manager.id,
                "to_user_id": cls.colleague.id,
                "reason": "Territories were redrawn",
                **vals,
            }
        )
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE nka_handover SET state = 'done', date = %s WHERE id = %s",
            [cls.today - cls._days(days), handover.id],
        )
        cls.env.cr.execute(
            "UPDATE nka_key_account SET manager_id = %s, supervisor_id = %s "
            "WHERE id = ANY(%s)",
            [cls.colleague.id, cls.supervisor.id, accounts.ids],
        )
        cls.env.invalidate_all()
        return handover

    def _read_outcome(self, user=None, account=None):
        domain = [("key_account_id", "=", (account or self.account).id)]
        self.env.invalidate_all()
        return self.env[MODEL].with_user(user or self.env.user).search(domain)

    def _ordered(self, day, amount, **vals):
        """Return a confirmed order of one line; its day is that of the company."""
        order = self.quiet["sale.order"].create(
            {
                "partner_id": self.account.partner_id.id,
                "user_id": False,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.service.id,
                            "price_unit": amount,
                            "tax_ids": False,
                        }
                    )
                ],
                **vals,
            }
        )
        self.env.flush_all()
        # Noon in Auckland is the day before in UTC.
        moment = datetime.combine(day, time(1)) - timedelta(hours=2)
        self.env.cr.execute(
            "UPDATE sale_order SET state = 'sale', date_order = %s WHERE id = %s",
            [moment, order.id],
        )
        order.invalidate_recordset()
        return order

    def _invoiced(self, day, amount, order=None, **vals):
        line = {"name": "Service", "price_unit": amount, "tax_ids": []}
        if order:
            line["sale_line_ids"] = [Command.set(order.order_line.ids)]
        return self._new_invoice(
            self.account.partner_id,
            amount,
            date=day,
            invoice_line_ids=[Command.create(line)],
            **vals,
        )

    def _scored(self, scores, account=None):
        for day, score in scores.items():
            self.env.cr.execute(
                """INSERT INTO nka_health_history (key_account_id, date, health)
                        VALUES (%s, %s, %s)""",
                [(account or self.account).id, day, score],
            )


@tagged("nka_leaving")
class TestOutcome(OutcomeCase):
    """The figures, what each of them opens, what is said of it, and who reads it."""

    def setUp(self):
        super().setUp()
        self.handover = self._carried_out(self.account, 100)
        self.buyer = self.people[self.account][1]

    def _compare(self, handover_days, seed):
        """Compare a row with the oracle on a random history of two and a half years."""
        chance = Random(seed)
        self.env.cr.execute(
            "UPDATE nka_handover SET date = %s WHERE id = %s",
            [self.today - self._days(handover_days), self.handover.id],
        )
        self.env.invalidate_all()
        now = fields.Datetime.now()
        ordered, sold, seen, scores = [], [], [], {}
        edges = [handover_days, handover_days + 365, handover_days - 1, 0, 366]
        days = [chance.randrange(900) for _number in range(4)] + edges
        for back in days:
            day = self.today - self._days(max(back, 0))
            amount = chance.randrange(1, 900)
            order = self._ordered(day, amount)
            ordered.append(Order(day, Decimal(amount)))
            if chance.random() < 0.7:
                late = min(day + self._days(chance.randrange(90)), self.today)
                self._invoiced(late, amount, order)
                sold.append(Sale(late, Decimal(amount), day))
            if chance.random() < 0.4:
                self._invoiced(day, amount)
                sold.append(Sale(day, Decimal(amount)))
            if chance.random() < 0.3:
                self._invoiced(day, amount, move_type="out_refund")
                sold.append(Sale(day, Decimal(-amount)))
        for _number in range(25):
            kind = chance.choice(["meeting", "call", "mail", "order", "document"])
            user = chance.choice(self.ours)
            person = chance.choice(self.people[self.account])
            moment = now - timedelta(
                days=chance.randrange(800), hours=chance.randrange(24)
            )
            self._contact(self.account, user, kind, moment, person)
            named = kind in ("meeting", "mail", "order")
            seen.append(Contact(kind, user.id, person.id if named else None, moment))
            if kind == "order":
                ordered.append(Order(self._local(moment), Decimal(0)))
        for back in sorted({chance.randrange(700) for _number in range(8)}):
            scores[self.today - self._days(back)] = chance.randrange(100)
        self._scored(scores)
        row = self._read_outcome()
        self.assertEqual(len(row), 1)
        expected = tell(row.date, now, self.zone, sold, ordered, seen, scores)
        for name, value in expected.items():
            found = row[name]
            if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
                self.assertAlmostEqual(found, float(value), 1, f"{name}, seed {seed}")
            else:
                self.assertEqual(found, value, f"{name}, seed {seed}")
        for name in ("revenue", "ordered", "contact_days", "our_people"):
            change = row[f"{name}_after"] - row[f"{name}_same"]
            self.assertAlmostEqual(row[f"{name}_change"], change)
        return row

    def _local(self, moment):
        return fields.Datetime.context_timestamp(
            self.env.user.with_context(tz=self.zone), moment
        ).date()

    def test_oracle_of_three_months(self):
        self._compare(100, 1)

    def test_oracle_of_a_whole_year(self):
        self._compare(400, 2)

    def test_oracle_of_the_first_day(self):
        self._compare(0, 3)

    # ------------------------------------------------------------ screens
    def _behind(self, row, figure, user=None):
        """Return the records that the button of a figure opens."""
        row = row.with_user(user or self.env.user)
        action = row.with_context(nka_figure=figure).action_open_figure()
        return self.env[action["res_model"]].search(action["domain"])

    def test_every_figure_opens_what_it_adds_up(self):
        early = self._ordered(self.today - self._days(200), 300)
        late = self._ordered(self.today - self._days(50), 500)
        invoices = [
            self._invoiced(self.today - self._days(300), 60),
            self._invoiced(self.today - self._days(400), 70),
            self._invoiced(self.today - self._days(90), 300, early),
            self._invoiced(self.today - self._days(40), 500, late),
            self._invoiced(self.today - self._days(30), 20),
        ]
        earlier = self._contact(self.account, self.colleague, "mail", self._ago(130))
        for days, kind in ((10, "meeting"), (11, "call"), (12, "mail")):
            self._contact(self.account, self.colleague, kind, self._ago(days))
        self._contact(self.account, self.colleague, "order", self._ago(13), self.buyer)
        self._contact(self.account, self.colleague, "document", self._ago(14))
        self._scored({self.today - self._days(20): 40})
        row = self._read_outcome()
        self.assertEqual(row.period, "3 of 12 months")
        for period, number in (
            ("before", (0, 1)),
            ("same", (1,)),
            ("after", (2, 3, 4)),
        ):
            found = self._behind(row, f"revenue_{period}")
            self.assertEqual(set(found), {invoices[one] for one in number})
            self.assertEqual(
                row[f"revenue_{period}"], sum(found.mapped("amount_untaxed_signed"))
            )
        for part, amount in (("earlier", 300), ("new", 500), ("other", 20)):
            lines = self._behind(row, f"revenue_{part}")
            self.assertEqual(-sum(lines.mapped("balance")), amount)
            self.assertEqual(row[f"revenue_{part}"], amount)
        self.assertEqual(self._behind(row, "ordered_before"), early)
        self.assertIn(late, self._behind(row, "ordered_after"))
        self.assertEqual(self._behind(row, "health_after").mapped("health"), [40])
        for kind in ("meeting", "call", "mail", "order", "document"):
            with self.subTest(kind):
                self.assertEqual(row[f"{kind}_days_after"], 1)
                self.assertEqual(len(self._behind(row, f"{kind}_days_after")), 1)
        mails = self._behind(row, "mail_days_before")
        self.assertEqual(mails.mapped("date"), [earlier.moment])

    def test_forged_figure_opens_the_account(self):
        row = self._read_outcome()
        for figure in (
            "",
            "unlink_after",
            "revenue_",
            "write_uid_after",
            "x" * 50,
            "_",
        ):
            action = row.with_context(nka_figure=figure).action_open_figure()
            self.assertEqual(action["res_model"], "nka.key.account")

    def test_zero_says_why(self):
        row = self._read_outcome()
        for words in (
            "3 of 12 months",
            "no invoice",
            "no order",
            "no meeting",
            "no health",
        ):
            self.assertIn(words, row.explanation)
        self._invoiced(self.today - self._days(40), 500)
        again = self._carried_out(self.account, 10)
        first = self._read_outcome().filtered(lambda one: one.handover_id != again)
        self.assertNotIn("no invoice", first.explanation)
        self.assertEqual(first.date_next, again.date)
        self.assertIn("handed over again", first.explanation)
        self.assertFalse((self._read_outcome() - first).date_next)

    def test_empty_list_says_why(self):
        model = self.env[MODEL].with_user(self.supervisor)
        self.assertEqual(model.get_empty_list_help("Nothing"), "Nothing")
        self.env.cr.execute("UPDATE nka_handover SET state = 'cancelled'")
        self.env.invalidate_all()
        self.assertIn("No handover has been proposed", model.get_empty_list_help(""))
        self.env.cr.execute("UPDATE nka_handover SET state = 'approved'")
        self.env.invalidate_all()
        self.assertIn("taken effect yet: ", model.get_empty_list_help(""))
        stranger = self.env[MODEL].with_user(self.employee_user)
        self.assertEqual(stranger.get_empty_list_help(""), "")

    def test_only_handovers_of_accounts_that_took_effect(self):
        for state in ("draft", "submitted", "approved", "returned", "cancelled"):
            self.env.cr.execute(
                "UPDATE nka_handover SET state = %s WHERE id = %s",
                [state, self.handover.id],
            )
            self.assertFalse(self._read_outcome())
        self._carried_out(self.account, 5, scope="credit")
        self.assertFalse(self._read_outcome())

    # ------------------------------------------------------------ companies
    def test_foreign_currency_counts_in_that_of_the_company(self):
        currencies = self.env["res.currency"].with_context(active_test=False)
        foreign = currencies.search(
            [("id", "!=", self.env.company.currency_id.id)], limit=1
        )
        foreign.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": foreign.id, "rate": 4, "name": self.today - self._days(500)}
        )
        self._invoiced(self.today - self._days(30), 200, currency_id=foreign.id)
        row = self._read_outcome()
        self.assertEqual(row.currency_id, self.env.company.currency_id)
        self.assertEqual(row.revenue_after, 50)

    def test_documents_of_other_companies_dont_count(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        invoice = self._invoiced(self.today - self._days(30), 400)
        self.assertEqual(self._read_outcome().revenue_after, 400)
        self.env.cr.execute(
            "UPDATE account_move SET company_id = %s WHERE id = %s",
            [other.id, invoice.id],
        )
        self.assertFalse(self._read_outcome().revenue_after)
        stranger = self._new_user(
            "nka_stranger",
            "group_key_account_supervisor",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertFalse(self.env[MODEL].with_user(stranger).search([]))

    # ------------------------------------------------------------ roles
    def test_who_reads(self):
        for user in (self.supervisor, self.reader, self.kam_admin, self.colleague):
            with self.subTest(user.login):
                self.assertTrue(self._read_outcome(user))
                account = self.account.with_user(user)
                self.assertEqual(account.handover_outcome_count, 1)
                action = account.action_open_handover_outcome()
                self.assertEqual(
                    action["domain"], [("key_account_id", "=", account.id)]
                )
        for user in (self.manager, self.supervisor_2, self.deputy):
            with self.subTest(user.login):
                self.assertFalse(self._read_outcome(user))
        for user in (self.officer, self.salesman, self.employee_user):
            with self.refused(AccessError):
                self._read_outcome(user)

    def test_outgoing_manager_has_no_way_in(self):
        """The handover is still theirs to read, what came after isn't."""
        self._invoiced(self.today - self._days(30), 777)
        row = self._read_outcome().with_user(self.manager)
        for attempt in (
            lambda: row.read(["revenue_after"]),
            lambda: row.web_read({"revenue_after": {}}),
            lambda: row.export_data(["revenue_after"]),
            lambda: row.with_context(nka_figure="revenue_after").action_open_figure(),
            lambda: row.copy(),
        ):
            with self.refused(AccessError):
                attempt()
        model = row.browse()
        self.assertFalse(model.search_count([("revenue_after", ">", 0)]))
        groups = model.formatted_read_group(
            [], ["key_account_id"], ["revenue_after:sum"]
        )
        self.assertFalse(groups)
        self.assertFalse(model.name_search("Clean"))
        handover = self.handover.with_user(self.manager)
        self.assertFalse(handover.has_outcome)
        self.assertTrue(self.handover.with_user(self.supervisor).has_outcome)
        self.assertFalse(
            model.search(handover.action_open_outcome()["domain"]),
        )

    def test_supervisor_reads_accounts_without_a_supervisor(self):
        self.env.cr.execute(
            "UPDATE nka_key_account SET supervisor_id = NULL WHERE id = %s",
            [self.account.id],
        )
        self.assertTrue(self._read_outcome(self.supervisor_2))
        self.assertFalse(self._read_outcome(self.manager))

    def test_nobody_writes(self):
        for user in (self.colleague, self.supervisor, self.reader, self.kam_admin):
            row = self._read_outcome(user)
            with self.refused(AccessError):
                row.write({"revenue_after": 1})
            with self.refused(AccessError):
                row.unlink()
            with self.refused(AccessError):
                row.create({"handover_id": self.handover.id})

    def test_a_list_takes_one_query_for_any_number(self):
        names = ["revenue_after", "contact_days_after", "health_after"]
        others = self._clean_accounts(5)
        self._carried_out(others, 50)
        model = self.env[MODEL]
        one = [("key_account_id", "=", self.account.id)]
        few, many = (
            self._queries(lambda domain=domain: model.search_fetch(domain, names))
            for domain in (one, [])
        )
        self.assertEqual(few, many)
