"""Tours through the main steps of the addon in a real browser."""

from odoo.tests import HttpCase, tagged

from ..accounts.common import AccountsCase
from ..competitors.common import CompetitorsCase


@tagged("nka_accounts", "nka_tours")
class TestAccountTours(AccountsCase, HttpCase):
    def _form(self, record):
        return f"/odoo/{record._name}/{record.id}"

    def test_nominate_confirm_handover(self):
        client = self._new_client("Rhine Glass")
        self.start_tour(self._form(client), "nka_nominate", login="nka_manager")
        account = client.key_account_id
        self.assertEqual(account.state, "candidate")
        self.assertEqual(account.manager_id, self.manager)

        self._qualify(account)
        self.start_tour(self._form(account), "nka_confirm", login="nka_super")
        self.assertEqual(account.state, "key")

        lead = self._new_lead(client)
        self.start_tour(self._form(account), "nka_hand_over", login="nka_manager")
        handover = self.env["nka.handover"].search(
            [("key_account_ids", "in", account.ids)]
        )
        self.assertEqual(handover.state, "submitted")
        self.start_tour(
            self._form(handover), "nka_approve_handover", login="nka_super2"
        )
        self.assertEqual(account.manager_id, self.colleague)
        self.assertEqual(lead.user_id, self.colleague)

    def test_lead_with_referral(self):
        self._new_client("Old Mill")
        self.start_tour(
            "/odoo/action-crm.crm_lead_action_pipeline/new?view_type=form",
            "nka_lead_with_referral",
            login="nka_manager",
        )
        lead = self.env["crm.lead"].search([("name", "=", "Cranes for the new yard")])
        self.assertTrue(lead.is_vip)
        self.assertEqual(lead.origin, "referral")
        self.assertEqual(lead.referrer_id, self.account)
        self.assertEqual(self.account.referred_lead_count, 1)


@tagged("nka_tours")
class TestMarketTours(CompetitorsCase, HttpCase):
    def _tour(self, record, name, login="nka_manager"):
        self.start_tour(f"/odoo/{record._name}/{record.id}", name, login=login)
        self.env.invalidate_all()

    def test_qualification_then_confirmation(self):
        candidate = self._nominate(self._new_client("Rhine Glass"))
        qualification = (
            self.env["nka.qualification"]
            .with_user(self.manager)
            .create(
                {
                    "key_account_id": candidate.id,
                    "credit_rating": "b",
                    "verdict": "qualified",
                    "verdict_reason": "Pays in time and grows with us",
                }
            )
        )
        qualification.score_ids.score = "4"
        self._tour(qualification, "nka_submit_qualification")
        self._tour(qualification, "nka_approve_qualification", "nka_super")
        self._tour(candidate, "nka_confirm", "nka_super")
        self.assertEqual(candidate.state, "key")
        self.assertEqual(candidate.qualification_id.id, qualification.id)

    def test_empty_stakeholder_page_shows_its_help(self):
        """Grouped by client, the page has no column, but still shows its help."""
        people = self.env["nka.stakeholder"].with_user(self.colleague)
        self.assertFalse(people.search([]))
        cards = "/odoo/stakeholders?view_type=kanban"
        self.start_tour(cards, "nka_no_people", login=self.colleague.login)

    def test_meeting_breached_commitment_and_lost_deal(self):
        meeting = self._new_meeting(
            self.director, -1, is_negotiation=True, opportunity_id=self.lead.id
        )
        self._tour(meeting, "nka_outcome_and_minutes")
        self.assertEqual(meeting.negotiation_outcome, "agreed")
        document = self.lead.nka_document_ids
        self.assertEqual(len(document.attachment_ids), 1)
        self.assertEqual(document.author_id, self.manager)

        promise = self._promise()
        self._tour(promise, "nka_breach_and_remedy")
        self.assertEqual(promise.state, "breached")
        self.assertEqual(promise.remedied_date, self.today)

        self._tour(self.lead, "nka_lost_to_competitor")
        self.assertEqual(self.lead.won_status, "lost")
        winner = self.lead.competitor_presence_ids.filtered("is_winner")
        self.assertEqual(winner.competitor_id, self.competitor)

    def test_external_ratings_from_a_file(self):
        """A manager imports the ratings in the browser, a supervisor accepts them."""
        names = {"KA-42": "North Glass KA-42", "KA-43": "South Glass KA-43"}
        clients = [self._new_client(name, ref=ref) for ref, name in names.items()]
        accounts = self.env["nka.key.account"].concat(*map(self._nominate, clients))
        screen = "/odoo/outside-ratings"
        self.start_tour(screen, "nka_import_ratings", login="nka_manager")
        ratings = self.env["nka.credit.rating"].search(
            [("key_account_id", "in", accounts.ids)]
        )
        self.assertEqual(set(ratings.mapped("state")), {"waiting"})
        self.assertEqual(
            {one.key_account_id: (one.rating, one.credit_limit) for one in ratings},
            {accounts[0]: ("c", 40_000), accounts[1]: ("a", 90_000)},
        )
        self.start_tour(screen, "nka_take_ratings_over", login="nka_super")
        self.env.invalidate_all()
        self.assertEqual(set(ratings.mapped("state")), {"accepted"})
        self.assertEqual(set(ratings.reviewer_id.mapped("login")), {"nka_super"})
