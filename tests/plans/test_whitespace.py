from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import PlansCase


@tagged("nka_whitespace")
class TestWhitespace(PlansCase):
    """A client's spend by category and supplier, and our share of it."""

    def _ours(self, account=None):
        return (account or self.account).whitespace_line_ids.filtered("from_invoices")

    def test_our_share_comes_from_the_invoices(self):
        self._bill(self.client, self.film_roll, 300)
        self._bill(self.client, self.film_roll, 200, days=300)
        self._bill(self.client, self.film_roll, 50, move_type="out_refund")
        self._bill(self.client, self.film_roll, 9999, days=400)
        self._bill(self.client, self.wrapper, 1000)
        self._bill(self.other_client, self.wrapper, 7000)
        self._fill()
        spend = {line.categ_id: line.spend for line in self._ours()}
        self.assertEqual(spend, {self.film: 450, self.machines: 1000})
        self.assertEqual(set(self._ours().mapped("date_filled")), {self.today_of_books})

    @property
    def today_of_books(self):
        return self.today - self._days(10)

    def test_drafts_and_lines_without_a_product(self):
        self._new_invoice(self.client, 70)
        draft = self._bill(self.client, self.wrapper, 1000)
        draft.button_draft()
        self._fill()
        self.assertEqual(self._ours().mapped("spend"), [70])
        self.assertFalse(self._ours().categ_id)

    def test_half_years(self):
        self._bill(self.client, self.film_roll, 10, days=0)
        self._bill(self.client, self.film_roll, 100, days=30)
        self._bill(self.client, self.film_roll, 400, days=365 + 60)
        self._fill()
        line = self._ours()
        self.assertEqual((line.spend_recent, line.spend_before), (110, 400))

    def test_filled_again(self):
        self._bill(self.client, self.film_roll, 300)
        self._fill()
        line = self._ours()
        note = self._note(self.machines, 500)
        invoice = self._bill(self.client, self.film_roll, 200)
        self._fill()
        self.assertEqual((self._ours(), line.spend), (line, 500))
        invoice.button_draft()
        self.env["account.move"].search(
            [("partner_id", "=", self.client.id), ("state", "=", "posted")]
        ).button_draft()
        self._fill()
        self.assertEqual(line.spend, 0)
        self.assertEqual(note.spend, 500)

    def test_wallet_share(self):
        self._bill(self.client, self.film_roll, 300)
        self._fill()
        self.assertEqual(self.account.wallet_share, 0, "no spend elsewhere is known")
        self._note(self.machines, 500, "competitor", competitor_id=self.competitor.id)
        self._note(self.film, 200, "own")
        self.assertEqual(self.account.wallet_share, 30)
        self.assertEqual(self.account.known_spend, 1000)

    def test_our_sales_cant_be_edited(self):
        self._bill(self.client, self.film_roll, 300)
        self._fill()
        line = self._ours().with_user(self.manager)
        for vals in ({"spend": 1}, {"supplier": "own"}, {"categ_id": self.machines.id}):
            with self.assertRaisesRegex(UserError, "is updated from the invoices"):
                line.write(vals)
        with self.assertRaises(UserError):
            line.unlink()
        with self.assertRaises(ValidationError):
            self._note(self.machines, 500, "us")
        note = self._note(self.machines, 500)
        with self.assertRaises(ValidationError):
            note.supplier = "us"
        with self.assertRaises(AccessError):
            note.write({"from_invoices": True})

    def test_one_line_per_category_and_supplier(self):
        self._note(self.film, 500, "own")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._note(self.film, 600, "own")

    def test_category_is_required(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._note(self.env["product.category"], 600, "own")

    def test_competitor_on_the_form(self):
        form = Form(
            self.env["nka.whitespace.line"]
            .with_user(self.manager)
            .with_context(default_key_account_id=self.account.id)
        )
        form.categ_id = self.film
        form.supplier = "competitor"
        form.competitor_id = self.competitor
        form.spend = 100
        self.assertEqual(form.save().competitor_id, self.competitor)
        form.supplier = "own"
        self.assertFalse(form.save().competitor_id)

    def test_invoices_behind_a_line(self):
        invoice = self._bill(self.client, self.film_roll, 300)
        self._bill(self.client, self.wrapper, 300)
        self._fill()
        line = self._ours().filtered(lambda one: one.categ_id == self.film)
        action = line.with_user(self.manager).action_open_invoices()
        found = self.env[action["res_model"]].with_user(self.manager)
        self.assertEqual(found.search(action["domain"]).move_id.ids, invoice.ids)

    def test_roles(self):
        note = self._note(self.film, 500)
        self.assertEqual(note.with_user(self.deputy).spend, 500)
        self.assertEqual(note.with_user(self.supervisor).spend, 500)
        for user in (self.deputy, self.colleague, self.salesman, self.officer):
            with self.assertRaises(AccessError):
                self._note(self.machines, 1, user=user)
            with self.assertRaises(AccessError):
                note.with_user(user).spend = 1
        for user in (self.colleague, self.salesman, self.employee_user, self.officer):
            with self.assertRaises(AccessError):
                note.with_user(user).read(["spend"])
        other = self._key_account(self.other_client, self.colleague)
        with self.assertRaises(UserError):
            note.key_account_id = other

    def test_exported_by_a_supervisor_only(self):
        self.supervisor.group_ids += self.env.ref("base.group_allow_export")
        note = self._note(self.film, 500)
        concession = self.env["nka.concession"].create(
            {"name": "A day on site", "lead_id": self.lead.id}
        )
        for record in (note, self._plan(), concession, self._ask()):
            with self.assertRaisesRegex(AccessError, "a supervisor can export"):
                record.with_user(self.manager).export_data(["id"])
            exported = record.with_user(self.supervisor).export_data(["id"])
            self.assertTrue(exported["datas"])

    def test_refresh_covers_own_accounts_only(self):
        other = self._key_account(self.other_client, self.colleague)
        self._bill(self.client, self.film_roll, 300)
        self._bill(self.other_client, self.film_roll, 300)
        self.env["nka.whitespace.line"].with_user(self.manager).action_refresh()
        self.assertTrue(self._ours())
        self.assertFalse(self._ours(other))

    def test_fill_costs_constant_queries(self):
        lines = self.env["nka.whitespace.line"]
        self._bill(self.client, self.film_roll, 300)
        lines._cron_fill()
        self._bill(self.client, self.film_roll, 300)
        few = self._queries(lines._cron_fill)
        for account in self._more_accounts(8):
            self._bill(account.partner_id, self.film_roll, 100)
        self.assertLess(self._queries(lines._cron_fill), few + 8)
        self.assertEqual(lines.search_count([("from_invoices", "=", True)]), 9)


@tagged("nka_whitespace")
class TestGrowth(PlansCase):
    """Suggestions of what else the client could buy, with the figures behind them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.similar = [
            cls._key_account(cls._new_client(f"Similar {number}"), cls.colleague)
            for number in range(3)
        ]
        for number, account in enumerate(cls.similar[:2]):
            cls._bill(account.partner_id, cls.wrapper, 1000 * (number + 1))
        cls._bill(cls.client, cls.film_roll, 300)
        cls._fill()

    def _found(self, kind, user=None, account=None):
        return (
            self.env["nka.growth.suggestion"]
            .with_user(user or self.manager)
            .search(
                [
                    ("kind", "=", kind),
                    ("key_account_id", "=", (account or self.account).id),
                ]
            )
        )

    def test_bought_by_similar_accounts(self):
        gap = self._found("gap")
        self.assertEqual(gap.categ_id, self.machines)
        self.assertEqual((gap.buyer_count, gap.similar_count), (2, 3))
        # Their only category, applied to what the client buys.
        self.assertEqual((gap.average_spend, gap.potential), (1500, 300))
        self.assertIn("2 of 3", gap.reason)

    def test_spend_elsewhere_is_the_potential(self):
        self._note(self.machines, 4000, "own")
        gap = self._found("gap")
        self.assertEqual((gap.spend_elsewhere, gap.potential), (4000, 4000))

    def test_no_suggestion_from_one_buyer_or_another_tier_and_industry(self):
        self.similar[0].with_user(self.supervisor).tier_id = self.env.ref(
            "nka_key_accounts.nka_tier_growth"
        )
        self.assertFalse(self._found("gap"))
        industry = self.env["res.partner.industry"].create({"name": "Steel"})
        (self.client | self.similar[0].partner_id).industry_id = industry
        self.assertEqual(self._found("gap").buyer_count, 2)

    def test_no_suggestion_for_what_the_client_buys(self):
        self._bill(self.client, self.wrapper, 100)
        self._fill()
        self.assertFalse(self._found("gap"))

    def test_falling_volume(self):
        self._bill(self.client, self.film_roll, 1000, days=400)
        self._bill(self.client, self.film_roll, 510)
        self._fill()
        self.assertFalse(self._found("falling"), "810 of 1,000: less than a fifth")
        self._bill(self.client, self.film_roll, 10, move_type="out_refund")
        self._fill()
        falling = self._found("falling")
        self.assertEqual(falling.categ_id, self.film)
        self.assertEqual((falling.spend_recent, falling.spend_before), (800, 1000))
        self.assertEqual((falling.change, falling.potential), (-20, 200))

    def test_invoices_behind_both(self):
        self._bill(self.client, self.film_roll, 1000, days=400)
        self._fill()
        action = self._found("falling").action_open_invoices()
        lines = self.env["account.move.line"].with_user(self.manager)
        found = lines.search(action["domain"])
        self.assertEqual(sum(found.mapped("credit")), 1300)
        action = self._found("gap").action_open_invoices()
        self.assertFalse(lines.search(action["domain"]), "accounts of a colleague")
        action = self._found("gap", self.supervisor).action_open_invoices()
        lines = lines.with_user(self.supervisor)
        self.assertEqual(sum(lines.search(action["domain"]).mapped("credit")), 3000)

    def test_a_deal_is_created_from_it(self):
        context = self._found("gap").action_make_lead()["context"]
        leads = self.env["crm.lead"].with_user(self.manager).with_context(**context)
        lead = leads.create({"user_id": self.manager.id})
        self.assertEqual(lead.key_account_id, self.account)
        self.assertEqual(lead.name, "Offer Machines")

    def test_users_without_access_see_nothing(self):
        self.assertTrue(self._found("gap", self.deputy))
        self.assertFalse(self._found("gap", self.colleague))
        for user in (self.salesman, self.employee_user, self.officer):
            with self.assertRaises(AccessError):
                self._found("gap", user)

    def test_counts_cost_constant_queries(self):
        accounts = self.env["nka.key.account"]
        few = self._queries(lambda: self.account.growth_count)
        every = accounts.browse((self.account | accounts.union(*self.similar)).ids)
        self.assertEqual(self._queries(lambda: every.mapped("growth_count")), few)
        self.assertEqual(self.account.growth_count, 1)
