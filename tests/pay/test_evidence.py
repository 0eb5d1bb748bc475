"""Goal evidence: which records count and which don't, with reasons the manager can
read.
"""

from datetime import date, datetime

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SeasonCase

DURING = "2026-11-20 10:00:00"


@tagged("nka_pay")
class TestEvidence(SeasonCase):
    def _lines(self, goal, user=None, day=DURING):
        """Return the evidence as its reader sees it: counted flag and reason by record
        name.
        """
        user = user or self.manager
        self.env.flush_all()
        with freeze_time(day):
            action = goal.with_user(user).action_open_reasons()
        model = self.env[action["res_model"]].with_user(user)
        return {
            line.name: line.reason or line.counts
            for line in model.search(action["domain"])
        }

    def test_negotiations(self):
        goal = self._accepted_goal()
        self._negotiation(self.manager, name="Prices")
        self._negotiation(self.manager, name="Missed", negotiation_outcome="not_held")
        alone = self._negotiation(
            self.manager, datetime(2026, 11, 4, 9), name="Nobody there"
        )
        alone.partner_ids = False
        self._negotiation(self.colleague, name="A colleague's")
        self.assertEqual(
            self._lines(goal),
            {
                "Prices": True,
                "Missed": "Recorded as not held.",
                "Nobody there": "No contact of a key account or VIP lead attended. Add "
                "the people you met.",
            },
        )
        with freeze_time(DURING):
            goal._refresh()
        self.assertEqual(goal.evidence_text, "Records counted: 1; Excluded: 2")

    def test_frozen_reasons_are_kept(self):
        goal = self._accepted_goal()
        talk = self._negotiation(self.manager, negotiation_outcome="not_held")
        with freeze_time("2027-01-02"):
            self.season.with_user(self.supervisor).action_freeze()
        self.assertEqual(goal.evidence["left_out"], [[talk.id, "not_held"]])
        talk.negotiation_outcome = "agreed"
        self.assertEqual(self._lines(goal), {"Talk": "Recorded as not held."})

    def test_vip_leads(self):
        goal = self._accepted_goal("vip_leads", 10)
        leads = self.env["crm.lead"].with_user(self.manager)
        with freeze_time("2026-11-10 10:00:00"):
            own = {"is_vip": True, "origin": "self_sourced"}
            counted = leads.create({"name": "Counted", **own})
            counted.with_user(self.supervisor).action_confirm_origin()
            leads.create({"name": "Waiting", **own})
            rejected = leads.create({"name": "Rejected", **own})
            rejected.with_user(self.supervisor).action_reject_origin(reason="Known")
            leads.create({"name": "From nowhere", "is_vip": True})
            leads.create({"name": "Fair", "is_vip": True, "origin": "marketing"})
            small = leads.create({"name": "Small", "origin": "self_sourced"})
            small.with_user(self.supervisor).action_confirm_origin()
        self.cr.execute(
            "UPDATE crm_lead SET create_date = '2026-11-10' WHERE user_id = %s",
            [self.manager.id],
        )
        self.env.invalidate_all()
        self.assertEqual(
            self._lines(goal),
            {
                "Counted": True,
                "Waiting": "A supervisor hasn't confirmed its origin yet.",
                "Rejected": "A supervisor rejected its origin.",
                "From nowhere": "Its origin isn't recorded. Enter it.",
                "Fair": "Its origin isn't one of those that count.",
                "Small": "It isn't marked as a VIP lead.",
            },
        )

    def test_lead_sourced_by_another_user(self):
        goal = self._accepted_goal("vip_leads", 10)
        with freeze_time("2026-11-10 10:00:00"):
            lead = (
                self.env["crm.lead"]
                .with_user(self.colleague)
                .create({"name": "Brought", "is_vip": True, "origin": "self_sourced"})
            )
            lead.with_user(self.supervisor).action_confirm_origin()
            lead.with_user(self.supervisor).user_id = self.manager
        self.assertEqual(
            self._lines(goal), {"Brought": "Another person brought it in."}
        )

    def test_average_sale_value(self):
        self._key_account(self.client, date_start=date(2026, 1, 1))
        goal = self._accepted_goal("average_check", 1000)
        day = date(2026, 11, 2)
        sold = self._new_invoice(self.client, 1000, day)
        note = self._new_invoice(self.client, 100, day, "out_refund")
        nothing = self._new_invoice(self.client, 0, day)
        draft = self._new_invoice(self.client, 500, day)
        draft.button_draft()
        cancelled = self._new_invoice(self.client, 500, day)
        cancelled.button_draft()
        cancelled.button_cancel()
        with freeze_time(DURING):
            evidence = goal.kpi_id._measure(
                self.manager, self.season._span(), evidence=True
            )[self.manager.id]
        self.assertEqual(evidence.actual, 900)
        self.assertEqual(set(evidence.ids), {sold.id, note.id})
        self.assertEqual(
            dict(evidence.left_out),
            {nothing.id: "zero", draft.id: "draft", cancelled.id: "cancel"},
        )
        self.assertIn(
            "It isn't posted yet.", self._lines(goal, self.supervisor).values()
        )

    def test_overdue(self):
        self._key_account(self.client, date_start=date(2026, 1, 1))
        goal = self._accepted_goal("overdue_share", 5, zero_value=15)
        for amount, due in ((100, date(2026, 11, 3)), (300, date(2026, 12, 30))):
            self._new_invoice(
                self.client, amount, date(2026, 11, 2), invoice_date_due=due
            )
        self.assertEqual(
            sorted(map(str, self._lines(goal, self.supervisor).values())),
            ["It isn't overdue.", "True"],
        )

    def test_custom_kpi(self):
        field = self.env["ir.model.fields"]._get
        kpi = self.env["nka.kpi"].create(
            {
                "name": "Won",
                "code": "won",
                "model_id": self.env["ir.model"]._get("crm.lead").id,
                "domain": "[('stage_id.is_won', '=', True)]",
                "date_field_id": field("crm.lead", "date_deadline").id,
                "owner_field_id": field("crm.lead", "user_id").id,
                "aggregate": "count",
            }
        )
        won = self.env.ref("crm.stage_lead4")
        leads = self.env["crm.lead"]
        vals = {
            "user_id": self.manager.id,
            "date_deadline": date(2026, 11, 5),
            "type": "opportunity",
        }
        other = self.env["res.company"].create({"name": "Other"})
        leads.create({"name": "Counted", "stage_id": won.id, **vals})
        leads.create({"name": "Open", **vals})
        leads.create({"name": "Archived", "stage_id": won.id, **vals}).active = False
        elsewhere = leads.create({"name": "Elsewhere", **vals})
        self.env.flush_all()
        self.cr.execute(
            "UPDATE crm_lead SET company_id = %s WHERE id = %s",
            [other.id, elsewhere.id],
        )
        self.env.invalidate_all()
        found = kpi._measure(self.manager, self.season._span(), evidence=True)
        one = found[self.manager.id]
        self.assertEqual(one.actual, 1)
        reasons = {leads.browse(i).name: reason for i, reason in one.left_out}
        self.assertEqual(
            reasons,
            {
                "Open": "not_condition",
                "Archived": "not_active",
                "Elsewhere": "not_company",
            },
        )

    def test_evidence_of_others_cannot_be_read(self):
        goal = self._accepted_goal()
        theirs = self._goal(employee_id=self.other_employee.id)
        theirs.action_propose(reason="Late")
        with self.refused(AccessError):
            theirs.with_user(self.manager).action_open_reasons()
        self._negotiation(self.manager)
        with freeze_time(DURING):
            action = goal.with_user(self.manager).action_open_reasons()
        lines = self.env[action["res_model"]].search(action["domain"])
        self.assertTrue(lines)
        for user in (self.colleague, self.supervisor):
            self.assertFalse(lines.with_user(user).search(action["domain"]))
        with self.refused(AccessError):
            lines.with_user(self.manager).write({"reason": False})
        opened = lines.with_user(self.manager)[0].action_open_record()
        self.assertEqual(opened["res_model"], "calendar.event")

    def test_invoices_for_readers_without_accounting_rights(self):
        """A manager sees the number of documents and, of their own invoices, no more
        than number and date.
        """
        self._key_account(self.client, date_start=date(2026, 1, 1))
        goal = self._accepted_goal("average_check", 1000)
        move = self._new_invoice(self.client, 1000, date(2026, 11, 2))
        self.assertEqual(self._lines(goal), {move.name: True})
