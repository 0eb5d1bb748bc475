"""The measure of dependency: by example, against the oracle, and its cost."""

from datetime import timedelta
from random import Random

from odoo import fields
from odoo.addons.nka_key_accounts.models.dependency import measure
from odoo.tests import tagged
from odoo.tools import SQL

from . import oracle
from .common import DependencyCase


@tagged("nka_dependency")
class TestMeasure(DependencyCase):
    def _current(self, account=None):
        account = account or self.accounts[0]
        rows = self._measured(account).filtered("is_current")
        return {row.user_id: row for row in rows}

    def test_example(self):
        """Two meetings of one, one of them with the decision maker, and a call: 15:3."""
        account = self.accounts[0]
        boss, buyer, _clerk = self.people[account]
        self._contact(account, self.manager, "meeting", self._ago(3), boss)
        self._contact(account, self.manager, "meeting", self._ago(5), buyer)
        self._contact(account, self.colleague, "call", self._ago(4))
        self._new_invoice(account.partner_id, 1000)
        rows = self._current()
        self.assertEqual(rows[self.manager].strength, 15)
        self.assertEqual(rows[self.manager].decider_strength, 10)
        self.assertEqual(rows[self.manager].meeting_days, 2)
        self.assertEqual(rows[self.manager].share, 83.33)
        self.assertEqual(rows[self.colleague].share, 16.67)
        self.assertEqual(rows[self.manager].revenue, 833.33)
        self.assertEqual(rows[self.colleague].revenue, 166.67)
        self.assertEqual(rows[self.manager].account_revenue, 1000)
        # Nobody recorded contact a year ago, so there is nothing to compare with.
        self.assertFalse(rows[self.manager].is_compared)
        self.assertEqual(rows[self.manager].share_change, 0)

    def test_a_day_counts_once(self):
        account = self.accounts[0]
        moment = self._ago(3).replace(hour=1, minute=0)
        for minutes in range(5):
            self._contact(
                account, self.manager, "mail", moment + timedelta(minutes=minutes)
            )
        self.assertEqual(self._current()[self.manager].strength, 1)

    def test_typed_in_is_a_proposal(self):
        account = self.accounts[0]
        self._contact(account, self.manager, "meeting", self._ago(3))
        account.stakeholder_ids.covered_by_ids = self.ours
        self.assertEqual(list(self._current()), [self.manager])
        self.assertEqual(self._current()[self.manager].share, 100)
        self.assertTrue(account.has_people_gap)

    def test_gap_counts_who_is_in_touch(self):
        """The warning and the figures name the same people."""
        account = self.accounts[0]
        for user, kind in (
            (self.manager, "meeting"),
            (self.supervisor, "approval"),
            (self.deputy, "document"),
        ):
            self._contact(account, user, kind, self._ago(20))
        self._contact(account, self.colleague, "call", self._ago(366))
        rows = self._current()
        in_touch = {user for user, row in rows.items() if row.is_in_touch}
        self.assertEqual(in_touch, {self.manager, self.deputy})
        self.assertEqual(set(account.acquainted_user_ids), in_touch)
        self.assertIn(self.supervisor, rows)
        self.assertFalse(rows[self.supervisor].last_contact)

    def test_change_over_the_year(self):
        account = self.accounts[0]
        self._contact(account, self.colleague, "meeting", self._ago(450))
        self._contact(account, self.manager, "meeting", self._ago(10))
        self._new_invoice(account.partner_id, 500, self.today - self._days(440))
        self._new_invoice(account.partner_id, 800)
        rows = self._current()
        self.assertTrue(rows[self.manager].is_compared)
        self.assertEqual(rows[self.manager].share_change, 100)
        self.assertEqual(rows[self.manager].revenue_change, 800)
        self.assertEqual(rows[self.colleague].share, 0)
        self.assertEqual(rows[self.colleague].share_change, -100)
        self.assertEqual(rows[self.colleague].revenue_change, -500)

    def test_archived_people_stay_until_their_last_contact(self):
        account = self.accounts[0]
        self._contact(account, self.colleague, "meeting", self._ago(100))
        self._contact(account, self.manager, "meeting", self._ago(10))
        self.colleague.sudo().action_archive()
        rows = self._measured(account)
        self.assertEqual(rows.filtered("is_current").user_id, self.manager)
        theirs = rows.filtered(lambda row: row.user_id == self.colleague)
        last = oracle.local(self._ago(100), self.zone).replace(day=1)
        self.assertEqual(max(theirs.mapped("month")), last)

    def test_clients_that_are_key_no_more(self):
        account = self.accounts[0]
        self._contact(account, self.manager, "meeting", self._ago(3))
        self.assertTrue(self._current())
        account._unlocked().write({"state": "former"})
        self.assertFalse(self._measured(account))

    def test_a_hand_edit_changes_nothing(self):
        account = self.accounts[0]
        self._contact(account, self.manager, "meeting", self._ago(3))
        self._contact(account, self.colleague, "meeting", self._ago(60))
        fnames = ["user_id", "month", "share", "strength", "revenue", "is_current"]
        before = self._measured(account).read(fnames)
        self.env.cr.execute(
            "UPDATE nka_dependency SET share = 1, strength = 7 WHERE key_account_id = %s",
            [account.id],
        )
        self.env.cr.execute(
            """DELETE FROM nka_dependency WHERE key_account_id = %s AND user_id = %s""",
            [account.id, self.colleague.id],
        )
        self.env.cr.execute(
            """INSERT INTO nka_dependency (key_account_id, company_id, user_id, month)
                    VALUES (%s, %s, %s, '2020-01-01')""",
            [account.id, account.company_id.id, self.deputy.id],
        )
        after = self._measured(account).read(fnames)
        for row in (*before, *after):
            row.pop("id")
        self.assertEqual(after, before)

    def test_any_number_of_accounts_costs_the_same(self):
        def contact(accounts):
            for account in accounts:
                self._contact(
                    account, self.manager, "call", self._ago(3), account.partner_id
                )

        def measure():
            self.env["nka.dependency"]._cron_measure()

        contact(self.accounts)
        measure()
        few = self._queries(measure)
        contact(self._clean_accounts(25))
        measure()
        many = self._queries(measure)
        self.assertEqual(few, many)
        accounts = self.env["nka.key.account"].search([])
        few = self._queries(lambda: accounts[:1]._read_known(self.env.company))
        many = self._queries(lambda: accounts._read_known(self.env.company))
        self.assertEqual(few, many)

    def test_records_of_others_are_not_read(self):
        """Large tables are read by the index of the client or of their contacts."""
        now = fields.Datetime.now()
        query = measure.rows_sql(
            self.accounts, measure.periods_of(self.env.company, now), now
        )
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        plan = "\n".join(
            line for (line,) in self.env.execute_query(SQL("EXPLAIN %s", query))
        )
        self.env.cr.execute("SET LOCAL enable_seqscan = on")
        for table in (
            "mail_message",
            "mail_notification",
            "mail_message_res_partner_rel",
            "calendar_event",
            "calendar_event_res_partner_rel",
            "calendar_attendee",
            "sale_order",
            "nka_document",
            "nka_audit_event",
            "account_move",
        ):
            self.assertNotIn(f"Seq Scan on {table} ", plan)
        # The planner takes it for a few rows: joined with itself, it took minutes.
        self.assertEqual(plan.count("CTE Scan on known"), 2)


@tagged("nka_dependency")
class TestOracle(DependencyCase):
    """Random histories, measured by the SQL and by the oracle."""

    def test_random_histories(self):
        for seed in (1, 2, 3):
            with self.subTest(seed=seed):
                savepoint = self.env.cr.savepoint()
                self._compare(Random(seed))
                savepoint.rollback()
                self.env.invalidate_all()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.abroad = cls.env["res.company"].create({"name": "Abroad"})
        cls.abroad.resource_calendar_id.tz = "America/Los_Angeles"
        cls.far = cls.env["nka.key.account"].create(
            {
                "partner_id": cls.env["res.partner"]
                .create({"name": "Far", "is_company": True})
                .id,
                "company_id": cls.abroad.id,
            }
        )
        cls.people[cls.far] = cls.env["res.partner"].create(
            [
                {"name": name, "parent_id": cls.far.partner_id.id}
                for name in ("Boss", "Buyer", "Clerk")
            ]
        )
        cls.env["nka.stakeholder"].create(
            {
                "key_account_id": cls.far.id,
                "partner_id": cls.people[cls.far][0].id,
                "role": "decision_maker",
            }
        )

    def _compare(self, dice):
        contacts, sales = [], {account.id: [] for account in self.accounts}
        now = fields.Datetime.now()
        for _number in range(60):
            account = dice.choice(self.accounts | self.far)
            contacts.append(
                self._contact(
                    account,
                    dice.choice(self.ours),
                    dice.choice(list(oracle.POINTS)),
                    self._moment(dice, now),
                    dice.choice(self.people[account]),
                )
            )
        for _number in range(16):
            account = dice.choice(self.accounts)
            day = self.today - self._days(dice.randrange(0, 800))
            amount = dice.choice((99.99, 1000, 12345.67, 0.05))
            kind = dice.choice(("out_invoice", "out_invoice", "out_refund"))
            self._new_invoice(account.partner_id, amount, day, kind)
            signed = -amount if kind == "out_refund" else amount
            sales[account.id].append((day, oracle.Fraction(str(signed))))
        if dice.random() < 0.7:
            self.deputy.sudo().action_archive()
        if dice.random() < 0.7:
            self._merge(dice.choice(self.accounts | self.far))
        self.env["nka.dependency"]._measure(self.env.company | self.abroad)
        self._check_company(contacts, sales, self.accounts, self.zone)
        zone = self.abroad.resource_calendar_id.tz
        self._check_company(contacts, {self.far.id: []}, self.far, zone)
        self.env["nka.dependency"]._measure(self.abroad)
        self._check_company(contacts, {self.far.id: []}, self.far, zone)

    def _merge(self, account):
        """Merge two contacts who don't decide: nothing of theirs is lost."""
        _boss, kept, gone = self.people[account]
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((kept | gone).ids, kept, extra_checks=False)
        self.env.invalidate_all()

    def _check_company(self, contacts, sales, accounts, zone):
        rows = self.env["nka.dependency"].search(
            [("key_account_id", "in", accounts.ids)]
        )
        expected = oracle.measure(
            [one for one in contacts if one.account in accounts.ids],
            self.ours.filtered("active").ids,
            sales,
            fields.Datetime.now(),
            zone,
        )
        found = {
            (row.key_account_id.id, row.user_id.id, row.month): (
                row.strength,
                f"{row.share:.2f}",
                f"{row.revenue:.2f}",
                row.is_in_touch,
                row.last_contact or None,
            )
            for row in rows
            if row.strength
        }
        self.assertEqual(
            found,
            {
                key: (one.strength, f"{one.share:.2f}", f"{one.revenue:.2f}", *one[3:])
                for key, one in expected.items()
            },
        )
        self._check_sums(rows)
        self._check_changes(rows, expected)

    def _check_changes(self, rows, expected):
        """Compare the running month with the oracle's month a year ago."""
        for account, group in (
            rows.filtered("is_current").grouped("key_account_id").items()
        ):
            month = group[0].month
            then = {
                user: one
                for (of, user, day), one in expected.items()
                if of == account.id and day == month - oracle.relativedelta(years=1)
            }
            now = {
                user for of, user, day in expected if of == account.id and day == month
            }
            self.assertEqual(set(group.user_id.ids), now | set(then))
            for row in group:
                past = then.get(row.user_id.id)
                self.assertEqual(row.is_compared, bool(then))
                share, revenue = (past.share, past.revenue) if past else (0, 0)
                change = float(share) if then else row.share
                self.assertAlmostEqual(row.share_change, row.share - change)
                if then:
                    self.assertAlmostEqual(row.share_before, float(share))
                    self.assertAlmostEqual(
                        row.revenue_change, row.revenue - float(revenue)
                    )

    def _moment(self, dice, now):
        """Return a moment of 27 months, often near the end of a day or of a month."""
        moment = now - timedelta(
            days=dice.randrange(1, 820), seconds=dice.randrange(0, 86400)
        )
        if dice.random() < 0.3:
            moment = moment.replace(
                day=dice.choice((1, 28)), hour=dice.choice((0, 10, 11, 12, 23))
            )
        return min(moment, now - timedelta(hours=1)).replace(microsecond=0)

    def _check_sums(self, rows):
        for _key, group in rows.grouped(
            lambda row: (row.key_account_id, row.month)
        ).items():
            held = group.filtered("strength")
            if held:
                self.assertAlmostEqual(sum(held.mapped("share")), 100)
                self.assertAlmostEqual(
                    sum(held.mapped("revenue")), held[0].account_revenue
                )
