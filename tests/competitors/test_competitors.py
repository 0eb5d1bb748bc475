from psycopg2 import IntegrityError

from odoo import Command
from odoo.addons.nka_key_accounts.models.competitors.nka_competitor import (
    REVIEW_ACTIVITY,
)
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import CompetitorsCase


@tagged("nka_market")
class TestPresence(CompetitorsCase):
    """Competitors in deals and accounts, and the outcome."""

    def test_outcome_follows_the_deal(self):
        presence = self._meet(lead_id=self.lead.id)
        self.assertEqual(presence.key_account_id, self.account)
        self.assertEqual(presence.outcome, "open")
        with self.assertRaisesRegex(UserError, "follows the deal"):
            presence.outcome = "won"
        self.lead.with_user(self.manager).action_set_won()
        self.assertEqual(presence.outcome, "won")
        found = presence.search([("outcome", "=", "won"), ("id", "=", presence.id)])
        self.assertEqual(found, presence)

    def test_archived_lost_deals_are_found(self):
        presence = self._meet(lead_id=self.lead.id)
        self.lead.with_user(self.manager).action_set_lost()
        self.assertEqual(presence.outcome, "lost")
        self.assertEqual(presence.search([("outcome", "=", "lost")]), presence)
        self.assertFalse(presence.search([("outcome", "=", "open")]))

    def test_outcome_at_an_account_is_entered(self):
        presence = self._meet(threat="high", is_incumbent=True)
        presence.outcome = "won"
        self.assertEqual(presence.search([("outcome", "=", "won")]), presence)
        self.assertEqual(self.account.open_competitor_count, 0)

    def test_competitor_is_unique_per_deal_and_account(self):
        self._meet()
        self._meet(lead_id=self.lead.id)
        for vals in ({}, {"lead_id": self.lead.id}):
            with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
                with self.cr.savepoint():
                    self._meet(**vals)

    def test_deal_or_account_is_required(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            with self.cr.savepoint():
                self.env["nka.competitor.presence"].create(
                    {"competitor_id": self.competitor.id}
                )

    def test_deal_of_another_account_is_refused(self):
        lead = self._new_lead(self.other_client)
        with self.assertRaises(ValidationError):
            self._meet().lead_id = lead

    def test_health_and_count(self):
        self.account._refresh_health()
        self.assertNotIn("competition", self.account.health_scores)
        self._meet(threat="low")
        self._meet(lead_id=self.lead.id, threat="high")
        self.account._refresh_health()
        self.assertEqual(self.account.health_scores["competition"], 10)
        self.assertEqual(self.account.open_competitor_count, 1)

    def test_merged_deals_keep_their_competitors(self):
        other = self._new_lead(self.client)
        self._meet(lead_id=self.lead.id)
        self._meet(lead_id=other.id)
        second = self.env["nka.competitor"].create({"name": "Second"})
        self._meet(lead_id=other.id, competitor_id=second.id)
        promise = self._promise(lead_id=other.id)
        deals = (self.lead + other).with_user(self.supervisor)
        merged = deals.merge_opportunity()
        self.assertEqual(len(merged.competitor_presence_ids), 2)
        self.assertEqual(promise.lead_id.id, merged.id)


@tagged("nka_market")
class TestLosing(CompetitorsCase):
    """Losing a key account deal asks for the competitor; the answer is optional."""

    def _lose(self, user=None, lead=None, **vals):
        lead = lead or self.lead
        model = self.env["crm.lead.lost"].with_user(user or self.manager)
        wizard = model.create({"lead_ids": [Command.set(lead.ids)], **vals})
        wizard.action_lost_reason_apply()
        return wizard

    def test_to_a_competitor(self):
        self._lose(competitor_id=self.competitor.id)
        presence = self.lead.competitor_presence_ids
        self.assertEqual(presence.competitor_id, self.competitor)
        self.assertTrue(presence.is_winner)
        self.assertEqual((presence.outcome, self.lead.won_status), ("lost", "lost"))
        self.assertEqual(self.competitor.lost_count, 1)
        self.assertEqual(self.competitor.lost_value, 1000)

    def test_to_a_competitor_on_the_deal(self):
        presence = self._meet(lead_id=self.lead.id, threat="high")
        self._lose(competitor_id=self.competitor.id)
        self.assertEqual(self.lead.competitor_presence_ids, presence)
        self.assertTrue(presence.is_winner)

    def test_to_an_unknown_competitor(self):
        self._meet(lead_id=self.lead.id)
        self._lose()
        self.assertEqual(self.lead.won_status, "lost")
        self.assertEqual(self.competitor.lost_count, 0)

    def test_field_shows_for_key_account_deals_only(self):
        other = self._new_lead(self.other_client)
        model = self.env["crm.lead.lost"].with_user(self.manager)
        self.assertTrue(model.new({"lead_ids": self.lead.ids}).is_key_deal)
        self.assertFalse(model.new({"lead_ids": other.ids}).is_key_deal)
        with Form(model.with_context(default_lead_ids=self.lead.ids)) as form:
            form.competitor_id = self.competitor

    def test_other_deals_are_lost_as_before(self):
        lead = self._new_lead(self.other_client, self.salesman)
        self._lose(self.salesman, lead)
        self.assertEqual(lead.won_status, "lost")
        with self.assertRaises(AccessError):
            self._lose(self.salesman, lead, competitor_id=self.competitor.id)

    def test_second_winner_replaces_the_first(self):
        second = self.env["nka.competitor"].create({"name": "Second"})
        self._lose(competitor_id=self.competitor.id)
        self.lead.with_user(self.supervisor).action_restore()
        self._lose(competitor_id=second.id)
        winners = self.lead.competitor_presence_ids.filtered("is_winner")
        self.assertEqual(winners.competitor_id, second)


@tagged("nka_market")
class TestCompetitor(CompetitorsCase):
    """Competitor profile: win rate, review, battlecard and report."""

    def _decide(self, outcome, value, **vals):
        lead = self._new_lead(self.client, expected_revenue=value)
        self._meet(lead_id=lead.id, is_winner=outcome == "lost", **vals)
        getattr(lead.with_user(self.manager), f"action_set_{outcome}")()
        return lead

    def test_win_and_loss(self):
        self._decide("won", 300)
        self._decide("won", 200)
        self._decide("lost", 100)
        self._meet(lead_id=self.lead.id)
        card = self.competitor.with_user(self.colleague)
        card.invalidate_recordset()
        self.assertEqual((card.won_count, card.lost_count, card.open_count), (2, 1, 1))
        self.assertEqual((card.won_value, card.lost_value), (500, 100))
        self.assertAlmostEqual(card.win_rate, 66.7, 1)

    def test_analysis_by_competitor_product_and_quarter(self):
        category = self.env["product.category"].create({"name": "Film"})
        self._decide("won", 300, categ_id=category.id)
        self._decide("lost", 100, categ_id=category.id)
        self.env.flush_all()
        analysis = self.env["nka.competitor.analysis"]
        rows = analysis.with_user(self.manager).formatted_read_group(
            [],
            ["competitor_id", "categ_id", "date:quarter", "outcome"],
            ["won_value:sum", "lost_value:sum", "__count"],
        )
        by_outcome = {row["outcome"]: row for row in rows}
        self.assertEqual(by_outcome["won"]["won_value:sum"], 300)
        self.assertEqual(by_outcome["lost_to_him"]["lost_value:sum"], 100)
        self.assertFalse(analysis.with_user(self.colleague).search([]))

    def test_list_query_count_is_constant(self):
        cards = self.env["nka.competitor"].create(
            [{"name": f"Rival {number}"} for number in range(30)]
        )
        cards.mapped("win_rate")
        few = self._queries(lambda: cards[:2].mapped("win_rate"))
        many = self._queries(lambda: cards.mapped("win_rate"))
        self.assertEqual(few, many)

    def test_outdated_review_is_reminded_once(self):
        self.competitor.last_review_date = self.today - self._days(200)
        fresh = self.env["nka.competitor"].create({"name": "Fresh"})
        for _run in range(2):
            self.env["nka.competitor"]._cron_remind_reviews()
        activity = self.competitor.activity_search([REVIEW_ACTIVITY])
        self.assertEqual(activity.user_id, self.manager)
        self.assertFalse(fresh.activity_ids)
        self.competitor.with_user(self.manager).action_review()
        self.assertEqual(self.competitor.last_review_date, self.today)
        self.assertFalse(self.competitor.activity_search([REVIEW_ACTIVITY]))

    def test_job_query_count_is_constant(self):
        def old(count):
            self.env["nka.competitor"].create(
                [
                    {
                        "name": f"Old {count} {number}",
                        "user_id": self.manager.id,
                        "last_review_date": self.today - self._days(300),
                    }
                    for number in range(count)
                ]
            )

        job = self.env["nka.competitor"]._cron_remind_reviews
        old(3)
        few = self._queries(job)
        old(40)
        self.assertLessEqual(self._queries(job), few + 2)

    def _html(self, name, record):
        reports = self.env["ir.actions.report"].with_user(record.env.user)
        content, _kind = reports._render_qweb_html(
            f"nka_key_accounts.{name}", record.ids
        )
        return content.decode()

    def test_battlecard(self):
        empty = self._html("nka_competitor_report_battlecard", self.competitor)
        self.assertRegex(empty, r"Price<br/?>\s*<strong>unknown")
        self.competitor.write(
            {
                "strengths": "Two plants",
                "weaknesses": "Slow service",
                "how_to_win": "Ask for the response time",
                "price_position": "2",
                "offering_ids": [
                    Command.create(
                        {"name": "Film 17", "price": 610, "source": "Tender"}
                    )
                ],
            }
        )
        html = self._html(
            "nka_competitor_report_battlecard", self.competitor.with_user(self.manager)
        )
        for word in (
            "Two plants",
            "Slow service",
            "response time",
            "Film 17",
            "Tender",
        ):
            self.assertIn(word, html)

    def test_management_report(self):
        lost = self._decide("lost", 4321)
        self.env.flush_all()
        report = (
            self.env["nka.competitor.report"]
            .with_user(self.supervisor)
            .create({"date_from": self.today, "date_to": self.today})
        )
        [row] = [
            row
            for row in report._prepare_rows()
            if row["competitor"] == self.competitor
        ]
        self.assertEqual(row["now"], (0, 1, 0, 4321))
        self.assertEqual(row["before"], (0, 0, 0, 0))
        html = self._html("nka_competitor_report_quarterly", report)
        self.assertIn("Rival Ltd", html)
        self.assertIn("4,321.00", html)
        self.assertIn(lost.name, html)

    def test_report_needs_a_supervisor_and_a_valid_period(self):
        model = self.env["nka.competitor.report"]
        with self.assertRaises(AccessError):
            model.with_user(self.manager).create({})
        report = model.with_user(self.supervisor).create({})
        self.assertLess(report.date_to, self.today)
        with self.assertRaisesRegex(ValidationError, "before the first day"):
            report.date_to = report.date_from - self._days(1)


@tagged("nka_market")
class TestCompetitorRoles(CompetitorsCase):
    def test_every_manager_reads_and_adds_profiles(self):
        card = self.competitor.with_user(self.colleague)
        card.weaknesses = "Slow"
        with self.assertRaises(AccessError):
            card.unlink()
        for user in (self.officer, self.salesman, self.employee_user):
            with self.assertRaises(AccessError):
                self.competitor.with_user(user).read(["name"])

    def test_presence_follows_access_to_the_account(self):
        presence = self._meet()
        self.assertEqual(presence.with_user(self.deputy).threat, "medium")
        with self.assertRaises(AccessError):
            presence.with_user(self.deputy).threat = "low"
        own = self._meet(self.deputy, lead_id=self.lead.id)
        own.threat = "low"
        for user in (self.colleague, self.officer, self.salesman):
            with self.assertRaises(AccessError):
                presence.with_user(user).read(["threat"])
        self.assertEqual(presence.with_user(self.supervisor).threat, "medium")

    def test_profile_of_another_company(self):
        company = self.env["res.company"].create({"name": "Sister"})
        card = self.env["nka.competitor"].create(
            {"name": "There", "company_id": company.id}
        )
        with self.assertRaises(AccessError):
            card.with_user(self.manager).read(["name"])
        with self.assertRaises(UserError):
            self._meet(competitor_id=card.id)

    def test_stranger_reads_leads_as_before(self):
        """Fields for key account deals don't break reading all lead fields for other
        users.
        """
        lead = self._new_lead(self.other_client, self.salesman)
        values = lead.with_user(self.salesman).read()[0]
        self.assertNotIn("commitment_ids", values)
        own = self._new_lead(self.other_client, self.manager)
        self.assertIn("commitment_ids", own.with_user(self.manager).read()[0])


@tagged("nka_market")
class TestHandoverOfTheMarket(CompetitorsCase):
    def test_stakeholders_and_commitments_are_handed_over(self):
        person = self._map(self.director)
        open_, closed = self._promise(), self._promise()
        closed.action_keep()
        handover = (
            self.env["nka.handover"]
            .with_user(self.manager)
            .create(
                {
                    "key_account_ids": [Command.set(self.account.ids)],
                    "from_user_id": self.manager.id,
                    "to_user_id": self.colleague.id,
                    "date": self.today,
                    "reason": "Territories were redrawn",
                }
            )
        )
        handover.action_refresh_checklist()
        listed = handover.line_ids.filtered(lambda line: line.kind == "commitment")
        self.assertEqual(listed.mapped("res_id"), open_.ids)
        introduced = handover.line_ids.filtered(
            lambda line: line.res_id == self.director.id and line.kind == "contact"
        )
        introduced.done = True
        handover.action_submit()
        handover.with_user(self.supervisor).action_approve()
        self.assertEqual(open_.sudo().manager_id, self.colleague)
        self.assertEqual(person.sudo().covered_by_ids, self.manager | self.colleague)
        with self.assertRaises(AccessError):
            open_.with_user(self.manager).read(["text"])
        with self.assertRaises(AccessError):
            person.with_user(self.manager).read(["role"])
