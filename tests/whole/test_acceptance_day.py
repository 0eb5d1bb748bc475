"""Daily work of a manager: one test per requirement, through public names only."""

import base64

from psycopg2.errors import NotNullViolation

from odoo import Command
from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..plans.common import PlansCase
from ..reports.common import new_leave


@tagged("nka_day")
class TestAcceptanceDay(PlansCase):
    def _as(self, user, records):
        self.env.invalidate_all()
        return records.with_user(user)

    def _figure(self, record, *names):
        record.invalidate_recordset()
        return tuple(record[name] for name in names)

    def _render(self, name, record):
        """Return the HTML of a report, rendered as the user of the record."""
        reports = self.env["ir.actions.report"].with_user(record.env.user)
        ref = f"nka_key_accounts.{name}"
        html, _kind = reports._render_qweb_html(ref, record.ids)
        return html.decode()

    # ------------------------------------------------------------ 1
    def test_1_qualification(self):
        account = self._nominate(self.other_client)
        self._bill(self.other_client, self.film_roll, 1_000_000, days=90)
        facts = self.env["nka.qualification"].with_user(self.manager)
        draft = facts.create({"key_account_id": account.id})
        self.assertEqual(draft.trailing_revenue, 1_000_000)
        self.assertEqual((draft.open_amount, draft.overdue_amount), (1e6, 1e6))
        self.assertEqual((draft.dso_days, draft.paid_count), (365, 0))
        draft.write(
            {
                "credit_rating": "b",
                "rating_source": "Agency",
                "rating_file": base64.b64encode(b"%PDF rating"),
                "credit_limit": 50_000,
                "verdict": "conditional",
                "verdict_reason": "Half in advance",
            }
        )
        # Revenue alone isn't enough: the potential has to be scored as well.
        with self.assertRaisesRegex(UserError, "Expected volume"):
            draft.action_submit()
        criteria = self.env["nka.qualification.criterion"].with_user(self.kam_admin)
        self.assertGreaterEqual(len(criteria.search([])), 7)
        criteria.search([], limit=1).weight += 5
        with self.assertRaises(AccessError):
            criteria.with_user(self.manager).search([], limit=1).weight = 1
        draft.score_ids.score = "3"
        draft.action_submit()
        with self.assertRaises(RedirectWarning):
            self._as(self.supervisor, account).action_confirm()
        with self.assertRaises(AccessError):
            self._as(self.manager, draft).action_approve()
        self._as(self.supervisor, draft).action_approve()
        self._as(self.supervisor, account).action_confirm()
        self.assertEqual(account.state, "key")
        stage = self.env["crm.stage"].create({"name": "Sure of him"})
        stage.requires_qualification = True
        lead = self._new_lead(self.other_client)
        for valid, refused in ((self.today - self._days(1), True), (self.today, False)):
            self.cr.execute("UPDATE nka_qualification SET date_valid = %s", [valid])
            try:
                with self.cr.savepoint():
                    self._as(self.manager, lead).stage_id = stage
                    self.env.flush_all()
                entered = True
            except UserError as error:
                self.assertIn("ualification", str(error))
                entered = False
            self.assertEqual(entered, not refused)

    # ------------------------------------------------------------ 2
    def test_2_stakeholders(self):
        account = self._as(self.manager, self.account)
        self.assertTrue(account.has_people_gap)
        boss = self._map(self.director, role="decision_maker", influence="3")
        self.assertIn("a single contact", account.people_warnings.lower())
        self._map(self.engineer, reports_to_id=boss.id)
        boss.write({"attitude": "4", "covered_by_ids": [(4, self.manager.id)]})
        self._new_meeting(self.director, -40)
        warnings = str(self._figure(account, "people_warnings"))
        self.assertNotIn("a single contact", warnings.lower())
        self.assertIn("two of our people", warnings)
        self.assertIn("Anna Berg", warnings)
        self._new_meeting(self.director, -1)
        boss.covered_by_ids = [(4, self.deputy.id)]
        self.assertTrue(*self._figure(account, "has_people_gap"))
        self._new_meeting(self.director, -1, self.deputy)
        self.assertFalse(*self._figure(account, "has_people_gap"))
        self.assertIn("<svg", account.stakeholder_map)
        self.assertIn("Anna Berg", account.stakeholder_map)
        views = boss.get_views([(False, "hierarchy")])["views"]
        self.assertIn("reports_to_id", views["hierarchy"]["arch"])
        with self.assertRaises(AccessError):
            self._as(self.colleague, boss).read(["attitude"])

    # ------------------------------------------------------------ 3
    def test_3_cadence_and_negotiations(self):
        account = self._as(self.manager, self.account)
        self.assertEqual(account.cadence_days, self.tier.cadence_days)
        with self.assertRaises(AccessError):
            account.cadence_days = 1
        self._as(self.supervisor, account).cadence_days = 7
        meeting = self._new_meeting(self.director, -9, opportunity_id=self.lead.id)
        days = self.today - self._days(9)
        self.assertEqual(self._figure(account, "last_contact_date"), (days,))
        self.assertEqual(account.next_contact_date, self.today - self._days(2))
        self.env["nka.key.account"]._cron_plan_contacts()
        self.assertTrue(account.activity_ids.filtered("automated"))
        day = self.env["nka.day"].with_user(self.manager)
        page = day.browse(day.action_open()["res_id"])
        self.assertIn(account, page.due_ids)
        self.assertIn(
            "9 days ago; agreed cadence: every 7 days", account.contact_reason_text
        )
        held = self._as(self.manager, meeting)
        held.write({"is_negotiation": True, "next_step": "Send the offer"})
        held.action_set_outcome("progress")
        held.action_plan_next_step()
        self.assertIn("Send the offer", self.lead.activity_ids.mapped("summary"))
        minutes = held.action_make_minutes()
        document = self.env["nka.document"].browse(minutes["res_id"])
        self.assertEqual(document.key_account_id, self.account)
        sheet = self._render("nka_key_account_report_preparation", account)
        self.assertIn(self.lead.name, sheet)

    # ------------------------------------------------------------ 4
    def test_4_individual_offer(self):
        asked = self._ask()
        with self.assertRaises(AccessError):
            self._as(self.employee_user, self.lead).read(["name"])
        own = self._as(self.employee_user, asked)
        own.answer = "<p>A wrapper and two lines</p>"
        own.action_deliver()
        self.assertEqual(asked.state, "delivered")
        self._as(self.manager, asked).action_accept()
        deal = self._as(self.manager, self.lead)
        self.assertTrue(deal.contribution_state)
        give = self.env["nka.concession"].with_user(self.manager)
        give = give.create(
            {
                "name": "Stock at the plant",
                "lead_id": self.lead.id,
                "cost": 300,
                "gain": "Two years",
                "gain_value": 900,
                "client_benefit": "No standstill",
            }
        )
        give.action_agree()
        self.assertEqual(deal.concession_balance, 600)
        self.tier.discount_limit = 10
        order = self._quote(25)
        with self.assertRaises(UserError):
            order.action_confirm()
        order.action_nka_ask_discount(reason="Against Rival")
        request = self.env["nka.discount.request"].search([("order_id", "=", order.id)])
        with self.assertRaises(AccessError):
            self._as(self.manager, request).action_approve()
        self._as(self.supervisor, request).action_approve()
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    # ------------------------------------------------------------ 5
    def test_5_commitments(self):
        order = self._quote()
        order.opportunity_id = self.lead
        order.commitment_date = self.today + self._days(9)
        order.payment_term_id = self.env.ref("account.account_payment_term_30days")
        order.action_confirm()
        deal = self._as(self.manager, self.lead)
        deal.action_take_terms()
        kinds = set(deal.commitment_ids.mapped("kind"))
        self.assertEqual(kinds, {"price", "volume", "delivery", "payment"})
        delivery = deal.commitment_ids.filtered(lambda one: one.kind == "delivery")
        delivery.action_accept()
        self.assertEqual(delivery.fact_verdict, "running")
        order.order_line.qty_delivered = 1
        self.assertEqual(self._figure(delivery, "fact_verdict"), ("met",))
        delivery.action_keep()
        late = self._promise(promised_date=self.today - self._days(3))
        self.env["nka.commitment"]._cron_remind()
        self.assertEqual(late.activity_ids.user_id, self.manager)
        self.assertEqual(*self._figure(self.account, "overdue_commitment_count"), 1)
        late.action_breach(reason="The line stood still")
        with self.assertRaisesRegex(UserError, "will be remedied"):
            late.action_remedy()
        late.remedy = "Two hours of service"
        late.action_remedy()
        self.assertEqual(self._figure(self.account, "commitment_kept_rate"), (50,))
        rows = self.env["nka.commitment"]._read_group(
            [("manager_id", "=", self.manager.id)], ["manager_id"], ["kept_rate:avg"]
        )
        self.assertEqual(rows[0][1], 50)

    # ------------------------------------------------------------ 6
    def test_6_competitors(self):
        rival = self._as(self.manager, self.competitor)
        rival.write({"strengths": "Price", "weaknesses": "Service", "threats": "x"})
        offer = {"name": "Film 17", "price": 610}
        with mute_logger("odoo.sql_db"), self.assertRaises(NotNullViolation):
            rival.offering_ids = [Command.create(offer)]
            self.env.flush_all()
        rival.offering_ids = [Command.create({**offer, "source": "Tender"})]
        self.assertTrue(rival.offering_ids.date_seen)
        self._meet(lead_id=self.lead.id, threat="high", is_incumbent=True)
        second = self._new_lead(self.client)
        ask = self.env["crm.lead.lost"].with_user(self.manager)
        ask.create({"lead_ids": [(6, 0, second.ids)]}).action_lost_reason_apply()
        self.assertEqual(second.won_status, "lost")
        lost = {"lead_ids": [(6, 0, self.lead.ids)], "competitor_id": rival.id}
        ask.create(lost).action_lost_reason_apply()
        rows = (
            self.env["nka.competitor.analysis"]
            .with_user(self.manager)
            ._read_group(
                [], ["competitor_id", "categ_id", "date:quarter"], ["lost_value:sum"]
            )
        )
        self.assertEqual([row[-1] for row in rows], [self.lead.expected_revenue])
        self.assertIn("Tender", self._render("nka_competitor_report_battlecard", rival))
        reports = self.env["nka.competitor.report"]
        with self.assertRaises(AccessError):
            reports.with_user(self.manager).create({})
        report = reports.with_user(self.supervisor).create({})
        self.assertIn(
            "Rival Ltd", self._render("nka_competitor_report_quarterly", report)
        )
        rival.last_review_date = self.today - self._days(200)
        self.env["nka.competitor"]._cron_remind_reviews()
        self.assertTrue(rival.activity_ids)
        rival.action_review()
        self.assertFalse(rival.activity_ids)

    # ------------------------------------------------------------ 7
    def test_7_plan_and_whitespace(self):
        self._bill(self.client, self.film_roll, 700, days=30)
        for number in range(2):
            similar = self._key_account(self._new_client(f"Like him {number}"))
            self._bill(similar.partner_id, self.wrapper, 5000, days=30)
        self._fill()
        self.assertEqual(*self._figure(self.account, "wallet_share"), 0)
        self._note(self.film, 300, source="His buyer")
        self.assertEqual(self._figure(self.account, "wallet_share"), (70,))
        ideas = self.env["nka.growth.suggestion"].with_user(self.manager)
        [idea] = ideas.search([("key_account_id", "=", self.account.id)])
        self.assertEqual((idea.categ_id, idea.buyer_count), (self.machines, 2))
        self.assertEqual(idea.average_spend, 5000)
        plan = self.env["nka.account.plan"].with_user(self.manager)
        plan = plan.create({"key_account_id": self.account.id, "vision": "<p>x</p>"})
        plan.action_fill()
        self.assertTrue(
            plan.objective_ids.filtered(lambda one: one.measure != "manual")
        )
        self.assertTrue(all(plan.action_ids.mapped("user_id")))
        self.assertTrue(all(plan.action_ids.mapped("date_due")))
        plan.action_submit()
        with self.assertRaises(AccessError):
            plan.action_approve()
        self._as(self.supervisor, plan).action_approve()
        with self.assertRaises(UserError):
            self._as(self.manager, plan).vision = "<p>y</p>"

    # ------------------------------------------------------------ 8
    def test_8_sales_history_on_the_first_day(self):
        """The page opens for every role before the first calculation, with its help."""
        self.env["nka.sales.history"].search([])
        self.cr.execute("DELETE FROM nka_sales_history")
        self.env.company.nka_history_date = False
        opens = self.env.ref("nka_key_accounts.nka_sales_history_action_open")
        self.assertEqual(opens.path, "sales-history")
        for user in (self.manager, self.supervisor, self.kam_admin):
            action = self._as(user, opens).run()
            self.assertIn("not available yet", action["name"])
            self.assertIn("No history yet", action["help"])
            history = self.env["nka.sales.history"].with_user(user)
            for kind in ("pivot", "graph", "list"):
                history.get_views([(False, kind), (False, "search")])
            measures = ["invoiced_amount:sum", "growth:avg", "average_order:avg"]
            for groups in ([], ["key_account_id", "month:year"]):
                history.formatted_read_group([], groups, measures)
                history.formatted_read_grouping_sets([], [[], groups], measures)
            self.assertFalse(history.web_search_read([], {"month": {}})["records"])
        self.assertIn(
            "available tomorrow",
            self.env["nka.day"].with_user(self.manager).new().graph_title,
        )
        self._bill(self.client, self.film_roll, 700, days=1)
        self.env["nka.sales.history"].with_user(self.supervisor).action_refresh()
        self.assertIn("as of", self._as(self.manager, opens).run()["name"])
        self.assertTrue(
            self.env["nka.sales.history"].with_user(self.manager).search([])
        )

    # ------------------------------------------------------------ 9
    def test_9_health(self):
        self._new_meeting(self.director, -1)
        run = self.env["nka.key.account"]._cron_refresh_health
        run()
        before = self._figure(self.account, "health")[0]
        self.assertGreater(before, 0)
        self.assertIn("Contact cadence met", self.account.health_contributors)
        self.env["nka.health.history"].search([]).date = self.today - self._days(31)
        self._bill(self.client, self.film_roll, 500, days=60)
        self._meet(threat="high", is_incumbent=True)
        self._promise(promised_date=self.today - self._days(3))
        run()
        health, trend, spark = self._figure(
            self.account, "health", "health_trend", "health_sparkline"
        )
        self.assertLess(health, before)
        self.assertEqual(trend, "down")
        self.assertIn("polyline", spark)
        scores = self.account.health_scores
        for code in ("contact", "overdue", "commitments", "competition"):
            self.assertIn(code, scores)
        kind = self.env.ref("nka_key_accounts.mail_activity_type_health_fell")
        told = self.account.activity_ids.filtered(
            lambda one: one.activity_type_id == kind
        )
        self.assertEqual(told.user_id, self.manager)
        self.assertTrue(self.account.completeness_items)

    # ------------------------------------------------------------ 10
    def test_10_colleagues(self):
        deputy = self._as(self.deputy, self.account)
        with self.assertRaises(AccessError):
            deputy.note = "<p>x</p>"
        person = self.env["hr.employee"].create(
            {"name": "Manager", "user_id": self.manager.id}
        )
        leave = new_leave(self, person, self.today, self.today)
        self.cr.execute(
            """UPDATE hr_leave SET date_from = now() AT TIME ZONE 'UTC' - interval '1 hour',
                      date_to = now() AT TIME ZONE 'UTC' + interval '1 day' WHERE id = %s""",
            [leave.id],
        )
        self._as(self.deputy, self.account).note = "<p>x</p>"
        self.cr.execute(
            "UPDATE hr_leave SET state = 'refuse' WHERE id = %s", [leave.id]
        )
        with self.assertRaises(AccessError):
            self._as(self.deputy, self.account).note = "<p>y</p>"
        mentor = self.env["nka.mentorship"].with_user(self.supervisor)
        mentor.create({"mentor_id": self.colleague.id, "mentee_id": self.manager.id})
        self.assertTrue(self._as(self.colleague, self.account).read(["note", "health"]))
        note = self.env["nka.account.note"].with_user(self.manager)
        note = note.create(
            {
                "key_account_id": self.account.id,
                "name": "The controller decides",
                "body": "<p>He hates surprises</p>",
            }
        )
        newcomer = self._new_user("nka_new", "group_key_account_manager")
        handover = self.env["nka.handover"].with_user(self.manager)
        handover = handover.create(
            {
                "key_account_ids": [(6, 0, self.account.ids)],
                "from_user_id": self.manager.id,
                "to_user_id": newcomer.id,
                "date": self.today,
                "reason": "Grows",
            }
        )
        handover.action_submit()
        self._as(self.supervisor, handover).action_approve()
        self.assertEqual(self._as(newcomer, note).name, "The controller decides")
        with self.assertRaises(AccessError):
            self._as(self.manager, note).read(["name"])
        pack = self._render("report_handover_pack", self._as(newcomer, handover))
        self.assertIn("He hates surprises", pack)
