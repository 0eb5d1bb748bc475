"""Every item of the checklist: found, counted, weighed, opened."""

from datetime import date

from odoo.exceptions import AccessError, UserError

from .common import DECEMBER, NOVEMBER, CloseCase


class TestChecklist(CloseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._cover(NOVEMBER, NOVEMBER.replace(day=30))
        cls._invoice(2000000, NOVEMBER.replace(day=12))
        cls.close = cls._new_close()
        cls.close.action_calculate()
        cls.statement = cls.close.statement_ids.sudo()

    def _item(self, code, close=None):
        close = close or self.close
        return close.check_ids.filtered(lambda row: row.code == code)

    def assertFound(self, code, records, result="block", close=None):
        """The item finds these records, opens them, and blocks or only warns."""
        close = close or self.close
        close.action_check()
        check = self._item(code, close)
        self.assertEqual((check.result, check.count), (result, len(records)))
        action = check.action_open()
        model = self.env[action["res_model"]].with_user(self.officer)
        self.assertEqual(model.search(action["domain"]), records)
        self.assertTrue(check.hint)
        approve = close.with_user(self.second).action_approve
        if result == "block":
            with self.refused(UserError, "To be settled"):
                approve()
        else:
            approve()
            event = self._events(close, "state")[-1]
            self.assertIn(": 1", event.note)

    def test_a_month_in_order(self):
        results = {check.code: check.result for check in self.close.check_ids}
        self.assertEqual(results.pop("payslip"), "pending")
        self.assertEqual(set(results.values()), {"ok"})
        self.assertEqual(len(results), 15)
        with self.refused(UserError, "all is in order"):
            self._item("dispute").action_open()

    def test_who_cant_be_calculated(self):
        """An owner of accounts without an agreement; the others are calculated."""
        other = self._owned_since(self.other_client, NOVEMBER, self.colleague)
        self.assertTrue(other)
        self.close.action_calculate()
        broken = self.close.statement_ids.filtered("exception")
        self.assertEqual(broken.employee_id, self.other_employee)
        self.assertEqual(self.close.trouble_count, 1)
        self.assertFound("agreement", broken)
        self.assertFound("exception", broken)

    def test_a_contract_is_missing(self):
        version = self.employee.sudo().version_id
        version.write({"contract_date_start": False, "contract_date_end": False})
        self.assertFound("contract", self.statement)

    def test_unpaid_leave_of_a_closed_month(self):
        """Approved after November was locked; a correction settles it."""
        december = self._closed_before()
        kind = self.env["hr.leave.type"].create(
            {"name": "Unpaid", "requires_allocation": False, "unpaid": True}
        )
        leave = self.env["hr.leave"].create(
            {
                "holiday_status_id": kind.id,
                "employee_id": self.employee.id,
                "request_date_from": date(2025, 11, 6),
                "request_date_to": date(2025, 11, 7),
            }
        )
        december.action_check()
        self.assertEqual(self._item("leave", december).result, "ok")
        leave.action_approve()
        december.action_check()
        item = self._item("leave", december)
        self.assertEqual((item.result, item.res_ids), ("warn", self.statement.ids))
        self.statement.with_user(self.officer).action_correct()
        december.action_check()
        self.assertEqual(self._item("leave", december).result, "ok")

    def test_reports_are_missing(self):
        december = self._closed_before()
        self.assertFound("coverage", december.statement_ids, "warn", december)

    def test_goals_are_open(self):
        december = self._closed_before()
        goals = self._goals(DECEMBER, state="accepted", vip_leads=(10, 0, 12))
        december.action_calculate()
        self.assertFound("goals", goals, close=december)

    def test_credits_differ_from_accounting(self):
        self._invoice(5000, NOVEMBER.replace(day=20))
        self.close.action_check()
        check = self._item("credits")
        self.assertEqual((check.result, check.count), ("block", 1))
        action = check.action_open()
        lines = self.env[action["res_model"]].with_user(self.officer)
        differing = lines.search([*action["domain"], ("is_different", "=", True)])
        self.assertEqual(differing.due, 5000)
        with self.refused(UserError, "Credits of .* changed|To be settled"):
            self.close.with_user(self.second).action_approve()

    def test_what_nobody_is_paid_for_warns_with_its_amount(self):
        """Invoiced before anybody owned the client, and of a client without an owner."""
        unowned = self.env["nka.key.account"].sudo()._unlocked()
        client = self._new_client("Nobody's key account")
        unowned.create({"partner_id": client.id, "state": "key"})
        self._invoice(424246.5, NOVEMBER.replace(day=20), client)
        self._invoice(500, NOVEMBER.replace(day=21), client)
        self.close.action_calculate()
        check = self._item("unowned")
        self.assertEqual(
            (check.result, check.count, check.amount), ("warn", 2, 424746.5)
        )
        self.assertTrue(check.hint)
        self.assertEqual(self._item("credits").result, "ok")
        action = check.with_user(self.officer).action_open()
        self.assertTrue(action["context"]["search_default_unowned"])
        rows = self.env[action["res_model"]].with_user(self.officer)
        rows = rows.search([*action["domain"], ("reason", "=", "no_owner")])
        self.assertEqual(sum(rows.mapped("rest")), 424746.5)
        self.close.with_user(self.second).action_approve()
        note = self._events(self.close, "state")[-1].note
        self.assertIn("424,746.50", note)

    def test_one_comparison_answers_both_items(self):
        rules = self.env["nka.month.close.rule"].search([]).sudo()
        checks = type(self.env["nka.bonus.check"])
        made = []
        real = checks._check_month

        def counted(records, *args):
            made.append(args)
            return real(records, *args)

        self.patch(checks, "_check_month", counted)
        found = rules._find_all(self.close.sudo())
        self.assertEqual(len(made), 1)
        self.assertEqual(set(found), set(rules.mapped("code")))
        alone = rules.filtered(lambda rule: rule.code == "unowned")
        self.assertEqual(alone._find_all(self.close.sudo())["unowned"].count, 0)

    def test_an_open_dispute(self):
        dispute = (
            self.env["nka.pay.dispute"]
            .with_user(self.manager)
            .create({"statement_id": self.statement.id, "text": "A day is missing"})
        )
        self.assertFound("dispute", dispute.with_user(self.officer))

    def test_totals_far_off(self):
        self._score_all(DECEMBER)
        self._cover(DECEMBER, date(2025, 12, 31))
        self._invoice(5000000, date(2025, 12, 5))
        december = self._closed_before()
        self.assertEqual(december.last_amount, 180000)
        self.assertAlmostEqual(december.last_change, december.total_amount / 180000 - 1)
        self.assertFound("deviation", december.statement_ids, "warn", december)

    def test_totals_are_compared_with_the_mean_of_three_months(self):
        """40, 130 and 130 are 100 a month; what July paid doesn't count. 30 % is near."""
        statements = self.env["nka.pay.statement"].sudo()._unlocked()
        vals = self.statement.copy_data()[0]
        for number, amount in ((7, 1000), (8, 40), (9, 130), (10, 130)):
            month = date(2025, number, 1)
            done = {"month": month, "total_amount": amount, "state": "approved"}
            statements.create({**vals, "close_id": False, **done})
        rule = self.env.ref("nka_key_accounts.nka_month_close_rule_deviation")
        for amount, is_far in ((70, False), (130, False), (69, True), (131, True)):
            self.statement._unlocked().write({"total_amount": amount})
            found = rule._find_deviation(self.close.sudo())
            self.assertEqual(found.ids, self.statement.ids if is_far else [], amount)

    def test_earlier_months_come_first(self):
        december = self._new_close(DECEMBER)
        december.action_calculate()
        self.assertFound("previous", self.close.statement_ids, close=december)

    def test_advances_follow_from_the_month_before(self):
        self.statement._unlocked().write({"balance": 7})
        self.assertFound("balance", self.statement.with_user(self.officer))
        # Nothing was owed before, neither in a statement nor brought forward.
        self.statement._unlocked().write({"balance_before": 7, "balance": 7})
        self.assertFound("balance", self.statement.with_user(self.officer))

    def test_shares_make_a_hundred(self):
        """The database refuses other shares; the item looks all the same."""
        self.env.flush_all()
        self.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.cr.execute("ALTER TABLE nka_assignment DISABLE TRIGGER USER")
        self.cr.execute("UPDATE nka_assignment SET share = 90")
        self.assertFound("shares", self.close.statement_ids)

    def test_an_administrator_weighs_the_items(self):
        rule = self.env.ref("nka_key_accounts.nka_month_close_rule_coverage")
        fixed = self.env.ref("nka_key_accounts.nka_month_close_rule_exception")
        with self.refused(AccessError):
            rule.with_user(self.officer).severity = "block"
        rule.with_user(self.kam_admin).severity = "block"
        self.assertTrue(self._events(rule))
        with self.refused(UserError, "always blocks"):
            fixed.with_user(self.kam_admin).severity = "warn"
        december = self._closed_before()
        self.assertFound("coverage", december.statement_ids, close=december)

    def test_queries_dont_grow_with_people(self):
        self.env.invalidate_all()
        with self.assertQueryCount(75):
            self.close.action_check()
            self.env.flush_all()

    def _closed_before(self):
        """December, calculated on a locked November."""
        self.close.with_user(self.second).action_approve()
        self.close.with_user(self.second).action_lock()
        december = self._new_close(DECEMBER)
        december.action_calculate()
        return december
