"""Every item of the checklist: how it finds, counts, weighs and opens its records."""

from datetime import date

from odoo import SUPERUSER_ID, Command
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
        """Assert that the item finds and opens these records, and blocks or only warns."""
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
            with self.refused(UserError, "has blocking items"):
                approve()
        else:
            approve()
            event = self._events(close, "state")[-1]
            self.assertIn(": 1", event.note)

    def test_month_without_issues(self):
        self._season(DECEMBER)
        self.close.action_check()
        results = {check.code: check.result for check in self.close.check_ids}
        self.assertEqual(results.pop("payslip"), "pending")
        self.assertEqual(set(results.values()), {"ok"})
        self.assertEqual(len(results), 20)
        with self.refused(UserError, "No issues found"):
            self._item("dispute").action_open()

    def test_employee_who_cannot_be_calculated(self):
        """An owner of accounts without an agreement; the others are calculated."""
        other = self._owned_since(self.other_client, NOVEMBER, self.colleague)
        self.assertTrue(other)
        self.close.action_calculate()
        broken = self.close.statement_ids.filtered("exception")
        self.assertEqual(broken.employee_id, self.other_employee)
        self.assertEqual(self.close.trouble_count, 1)
        self.assertFound("agreement", broken)
        self.assertFound("exception", broken)

    def test_missing_contract(self):
        version = self.employee.sudo().version_id
        version.write({"contract_date_start": False, "contract_date_end": False})
        self.assertFound("contract", self.statement)

    def test_unpaid_leave_of_a_closed_month(self):
        """Approved after November was locked; an adjustment settles it."""
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

    def test_missing_reports(self):
        december = self._closed_before()
        self.assertFound("coverage", december.statement_ids, "warn", december)

    def test_open_goals(self):
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
        with self.refused(UserError, "Credits of .* changed|Resolve them"):
            self.close.with_user(self.second).action_approve()

    def test_uncredited_payments_warn_with_their_amount(self):
        """Invoiced before the client had an owner, and for a client without one."""
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

    def test_one_comparison_serves_both_items(self):
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

    def test_open_dispute(self):
        dispute = (
            self.env["nka.pay.dispute"]
            .with_user(self.manager)
            .create({"statement_id": self.statement.id, "text": "A day is missing"})
        )
        self.assertFound("dispute", dispute.with_user(self.officer))

    def test_unusual_totals(self):
        self._score_all(DECEMBER)
        self._cover(DECEMBER, date(2025, 12, 31))
        self._invoice(5000000, date(2025, 12, 5))
        december = self._closed_before()
        self.assertEqual(december.last_amount, 180000)
        self.assertAlmostEqual(december.last_change, december.total_amount / 180000 - 1)
        self.assertFound("deviation", december.statement_ids, "warn", december)

    def test_totals_are_compared_with_the_3_month_average(self):
        """40, 130 and 130 average 100 a month; what July paid doesn't count. 30 % is
        within the limit.
        """
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

    def test_draw_balance_continues_from_the_month_before(self):
        self.statement._unlocked().write({"balance": 7})
        self.assertFound("balance", self.statement.with_user(self.officer))
        # There was no balance before, neither on a statement nor as opening balance.
        self.statement._unlocked().write({"balance_before": 7, "balance": 7})
        self.assertFound("balance", self.statement.with_user(self.officer))

    def test_shares_add_up_to_100(self):
        """The database refuses other shares; the item checks them nevertheless."""
        self.env.flush_all()
        self.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.cr.execute("ALTER TABLE nka_assignment DISABLE TRIGGER USER")
        self.cr.execute("UPDATE nka_assignment SET share = 90")
        self.assertFound("shares", self.close.statement_ids)

    def test_administrator_sets_which_items_block(self):
        rule = self.env.ref("nka_key_accounts.nka_month_close_rule_coverage")
        fixed = self.env.ref("nka_key_accounts.nka_month_close_rule_exception")
        with self.refused(AccessError):
            rule.with_user(self.officer).severity = "block"
        rule.with_user(self.kam_admin).severity = "block"
        self.assertTrue(self._events(rule))
        with self.refused(UserError, "is always blocking"):
            fixed.with_user(self.kam_admin).severity = "warn"
        december = self._closed_before()
        self.assertFound("coverage", december.statement_ids, close=december)

    def test_query_count_is_constant(self):
        self.env.invalidate_all()
        with self.assertQueryCount(79):
            self.close.action_check()
            self.env.flush_all()

    def _closed_before(self):
        """Calculate December after locking November."""
        self.close.with_user(self.second).action_approve()
        self.close.with_user(self.second).action_lock()
        december = self._new_close(DECEMBER)
        december.action_calculate()
        return december


class TestOwnPosting(CloseCase):
    """A manager with accounting rights enters their own payments."""

    BASIS = "paid"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._cover(NOVEMBER, NOVEMBER.replace(day=30))
        for group in ("user", "basic"):
            cls.manager.group_ids += cls.env.ref(f"account.group_account_{group}")
        cls.sold = cls._invoice(1000, NOVEMBER.replace(day=3), taxes=cls.tax.browse())

    def _pay(self, user, invoice=None):
        """Post a payment on the outstanding account as the given user."""
        payments = (
            self.env["account.payment.register"]
            .with_user(user)
            .with_context(
                active_model="account.move", active_ids=(invoice or self.sold).ids
            )
        )
        values = {"payment_date": NOVEMBER.replace(day=10), "journal_id": self.bank.id}
        return payments.create(values)._create_payments()

    def _found(self):
        """Return the checklist item after a new calculation of the month."""
        close = self.env["nka.month.close"].with_user(self.officer).search([])
        close = close or self._new_close()
        close.action_calculate()
        item = close.check_ids.filtered(lambda row: row.code == "own_posting")
        return item.with_user(self.officer)

    def test_own_payment_warns_with_its_amount(self):
        self._pay(self.manager)
        item = self._found()
        self.assertEqual((item.result, item.count, item.amount), ("warn", 1, 1000))
        action = item.action_open()
        lines = self.env[action["res_model"]].with_user(self.officer)
        self.assertEqual(lines.search(action["domain"]).user_id, self.manager)
        self.assertIn("bank", item.hint)

    def test_payment_by_a_colleague_passes(self):
        self._pay(self.env.ref("base.user_admin"))
        self.assertEqual(self._found().result, "ok")

    def test_draft_of_another_user_posted_by_the_manager(self):
        payment = self._draft_payment()
        payment.with_user(self.manager).action_post()
        self._match(self.sold, payment)
        self.assertEqual(self._found().amount, 1000)
        event = self._events(payment.move_id, "own_posting")
        self.assertEqual(event.user_id, self.manager)
        self.assertEqual(event.key_account_ref, self.account.id)

    def _draft_payment(self):
        return self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.client.id,
                "amount": 1000,
                "date": NOVEMBER.replace(day=10),
                "journal_id": self.bank.id,
            }
        )

    def test_bank_statement_confirms_it(self):
        """Only a line entered by another user counts, not the manager's own."""
        payment = self._pay(self.manager)
        outstanding = self._outstanding(payment.move_id)
        own = self._bank_line(self.manager)
        (outstanding | own).with_user(self.manager).reconcile()
        self.assertEqual(self._found().result, "warn")
        own.remove_move_reconcile()
        foreign = self._bank_line(self.env.user)
        (outstanding | foreign).reconcile()
        self.assertEqual(self._found().result, "ok")

    def _outstanding(self, move):
        return move.line_ids.filtered(lambda line: line.account_id.reconcile).filtered(
            lambda line: line.account_type != "asset_receivable"
        )

    def _bank_line(self, user, amount=1000):
        """Create a bank statement line booked on the outstanding account."""
        line = self.env["account.bank.statement.line"].with_user(user)
        line = line.create(
            {
                "journal_id": self.bank.id,
                "date": NOVEMBER.replace(day=12),
                "payment_ref": "Received",
                "amount": amount,
            }
        )
        account = self.bank.inbound_payment_method_line_ids.payment_account_id
        suspense = self.bank.suspense_account_id
        item = line.move_id.line_ids.filtered(lambda row: row.account_id == suspense)
        item.account_id = account
        return item

    def test_own_bank_line_on_the_invoice(self):
        """There is no payment in between: the statement line's entry settles the
        invoice.
        """
        item = self._bank_line(self.manager)
        receivable = self.sold.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        item.account_id = receivable.account_id
        (item | receivable).with_user(self.manager).reconcile()
        self.assertEqual(self._found().amount, 1000)

    def test_own_invoice_on_the_invoice_basis(self):
        """Posting another user's draft is logged; posts by other users, or for other
        clients, aren't.
        """
        draft = self.sold.copy({"invoice_date": NOVEMBER.replace(day=5)})
        draft.with_user(self.manager).action_post()
        self.assertEqual(self._events(draft, "own_posting").user_id, self.manager)
        self.assertFalse(self._events(self.sold, "own_posting"))
        other = self.sold.copy({"partner_id": self.other_client.id})
        other.with_user(self.manager).action_post()
        self.assertFalse(self._events(other, "own_posting"))

    def test_state_written_directly(self):
        """Odoo lets users who can write entries post them without its own action."""
        payment = self._draft_payment()
        payment.action_post()
        payment.move_id.button_draft()
        payment.move_id.with_user(self.manager).write({"state": "posted"})
        self._match(self.sold, payment)
        self.assertEqual(self._found().amount, 1000)

    def test_bank_line_of_a_cent_confirms_a_cent(self):
        payment = self._pay(self.manager)
        outstanding = self._outstanding(payment.move_id)
        foreign = self._bank_line(self.env.user, 0.01)
        (outstanding | foreign).with_user(self.manager).reconcile()
        self.assertEqual(self._found().amount, 1000)

    def test_posting_by_the_scheduled_job(self):
        """The user who schedules the posting counts as the poster, also of each monthly
        copy.
        """
        draft = self.env["account.move"].with_user(self.manager)
        draft = draft.create(
            {
                "move_type": "out_invoice",
                "partner_id": self.client.id,
                "invoice_date": NOVEMBER.replace(day=5),
                "auto_post": "monthly",
                "invoice_line_ids": [Command.create({"name": "A", "price_unit": 10})],
            }
        )
        system = self.env["account.move"].with_user(SUPERUSER_ID)
        draft.with_env(system.env)._post()
        self.assertEqual(self._events(draft, "own_posting").user_id, self.manager)
        again = system.search([("auto_post_origin_id", "=", draft.id)]) - draft
        again.invoice_date = again.invoice_date or again.date
        again._post(soft=False)
        self.assertEqual(self._events(again, "own_posting").user_id, self.manager)

    def test_other_posts_by_the_system_count_for_no_one(self):
        draft = self.sold.copy({"invoice_date": NOVEMBER.replace(day=5)})
        draft.with_user(SUPERUSER_ID).action_post()
        self.assertFalse(self._events(draft, "own_posting"))


class TestWaysOut(CloseCase):
    """Items whose cause isn't a record open the page, or do the step, that ends it."""

    def _item(self, close, code):
        return close.check_ids.filtered(lambda row: row.code == code)

    def test_month_without_a_season(self):
        self.env["nka.season"].search([]).unlink()
        close = self._new_close()
        close.action_calculate()
        item = self._item(close, "season")
        self.assertEqual((item.result, item.count), ("warn", 1))
        self.assertIn("Create the season", item.hint)
        self.assertEqual(item.action_open()["res_model"], "nka.season")
        with self.refused(AccessError):
            item.with_user(self.manager).action_resolve()
        self.assertEqual(item.action_resolve()["res_model"], "nka.season")
        season = self.env["nka.season"]._season_on(NOVEMBER, self.company)
        self.assertEqual(
            (season.date_start, season.date_end),
            (date(2025, 10, 1), date(2025, 12, 31)),
        )
        item = self._item(close, "season")
        self.assertEqual(item.result, "ok")
        self.assertFalse(item.can_resolve)
        with self.refused(UserError, "No issues"):
            item.action_resolve()

    def test_month_before_the_plan(self):
        close = self._new_close(date(2024, 11, 1))
        with self.refused(UserError, "No one has a pay agreement in"):
            close.action_calculate()
        early = self._new_close(date(2023, 11, 1))
        with self.assertRaises(UserError) as caught, self.cr.savepoint():
            early.action_calculate()
        text, action, button, _context = caught.exception.args
        self.assertIn("No approved pay plan covers November 2023", text)
        self.assertEqual(action["res_model"], "nka.pay.plan")
        self.assertEqual(button, "Open pay plans")
        # An owner without an agreement is listed, and the plan says why.
        self._owned_since(self.other_client, date(2023, 11, 1))
        early.action_calculate()
        item = self._item(early, "plan")
        self.assertEqual((item.result, item.count), ("block", 1))
        self.assertEqual(item.action_resolve()["res_model"], "nka.pay.plan")
        self.assertEqual(item.action_open()["res_model"], "nka.pay.plan")

    def test_missing_agreement_opens_a_new_one(self):
        self._owned_since(self.other_client, NOVEMBER, self.colleague)
        close = self._new_close()
        close.action_calculate()
        self.assertEqual(self._item(close, "plan").result, "ok")
        item = self._item(close, "agreement")
        action = item.action_resolve()
        self.assertEqual(action["res_model"], "nka.pay.agreement")
        self.assertEqual(
            action["context"]["default_employee_id"], self.other_employee.id
        )
        self.assertEqual(action["context"]["default_date_from"], NOVEMBER)

    def test_earlier_month_is_opened(self):
        first = self._new_close()
        first.action_calculate()
        second = self._new_close(DECEMBER)
        second.action_calculate()
        action = self._item(second, "previous").action_resolve()
        self.assertEqual(
            (action["res_model"], action["res_id"]), (first._name, first.id)
        )

    def test_nothing_is_resolved_in_an_approved_month(self):
        self.env["nka.season"].search([]).unlink()
        close = self._new_close()
        close.action_calculate()
        close.with_user(self.second).action_approve()
        item = self._item(close, "season")
        self.assertEqual(item.result, "warn")
        self.assertFalse(item.can_resolve)
        with self.refused(UserError):
            item.action_resolve()
