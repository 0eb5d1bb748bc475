"""The verification names records of all rooms that were changed by SQL.

Some changes are made with all database triggers active: these don't protect records
that aren't locked yet, and only the audit trail shows that no user took the step.
"""

from datetime import date

from odoo import Command
from odoo.tests import tagged

from ..proof.common import ProofCase
from ..reports.common import ReportCase


@tagged("nka_proof")
class TestTampering(ProofCase, ReportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls.env["crm.lead"].create(
            {
                "name": "Furnace",
                "type": "opportunity",
                "partner_id": cls.client.id,
                "user_id": cls.manager.id,
            }
        )

    def _sql(self, statement, *params):
        """Execute a query with all database triggers active."""
        self.env.flush_all()
        self.cr.execute(statement, params)
        self.assertEqual(self.cr.rowcount, 1, statement)
        self.env.invalidate_all()

    # ------------------------------------------------------------ first states
    def test_report_approved_without_submission(self):
        report = self._report()
        self._assert_whole()
        self._sql(
            "UPDATE nka_work_report SET state = 'approved' WHERE id = %s", report.id
        )
        self._assert_told("is “Approved”, but the audit trail has no event for this")

    def test_report_inserted_as_approved(self):
        self._sql(
            """INSERT INTO nka_work_report
                      (employee_id, company_id, date_from, date_to, state, summary)
               VALUES (%s, %s, '2026-11-02', '2026-11-08', 'approved', 'x')""",
            self.employee.id,
            self.env.company.id,
        )
        self._assert_told("is “Approved”, but the audit trail has no event for this")

    def test_qualification_approved_and_season_frozen(self):
        qualification = self.env["nka.qualification"].create(
            {"key_account_id": self.account.id}
        )
        season = self.env["nka.season"].create(
            {
                "name": "Late",
                "date_start": date(2030, 1, 1),
                "date_end": date(2030, 3, 31),
            }
        )
        self._assert_whole()
        for record, state in ((qualification, "approved"), (season, "frozen")):
            with self.subTest(record), self._undone():
                self._sql(
                    f"UPDATE {record._table} SET state = %s WHERE id = %s",
                    state,
                    record.id,
                )
                self._assert_told("but the audit trail has no event for this")

    def test_concession_inserted(self):
        self._sql(
            """INSERT INTO nka_concession (name, lead_id, company_id, state)
               VALUES ('Free delivery', %s, %s, 'planned')""",
            self.lead.id,
            self.env.company.id,
        )
        self._assert_told(
            "Free delivery.* is “Planned”, but the audit trail has no event"
        )

    def test_origin_confirmed(self):
        lead = self.env["crm.lead"].create({"name": "Cold call"})
        self._sql(
            "UPDATE crm_lead SET origin_state = 'confirmed' WHERE id = %s", lead.id
        )
        self._assert_told("Cold call is “Confirmed”, but the audit trail has no event")

    # ------------------------------------------------------------ later states
    def test_approved_report_set_back_to_draft(self):
        report = self._approved()
        self._tamper(
            "UPDATE nka_work_report SET state = 'draft' WHERE id = %s", report.id
        )
        self._assert_told("is “Draft”, but the audit trail says “Approved”")

    def test_approved_report_deleted(self):
        report = self._approved()
        self._tamper("DELETE FROM nka_work_report WHERE id = %s", report.id)
        self._assert_told(
            "no longer exists. Its last status in the audit trail is “Approved”"
        )

    def test_report_submitted_by_sql_and_approved_by_its_button(self):
        report = self._report()
        self._sql(
            "UPDATE nka_work_report SET state = 'submitted' WHERE id = %s", report.id
        )
        report.with_user(self.supervisor).action_approve()
        self._assert_told(
            "moved on from “Submitted”, but its last status in the audit trail was “Draft”"
        )

    # ------------------------------------------------------------ hashes
    def test_hash_of_a_plan_version(self):
        plan = self.env["nka.pay.plan"].create({"name": "Plan"})
        version = (
            self.env["nka.pay.plan.version"]
            .with_user(self.officer)
            .create(
                {
                    "plan_id": plan.id,
                    "date_start": date(2024, 1, 1),
                    "line_ids": [
                        Command.create(
                            {
                                "kpi_id": self.env.ref(
                                    "nka_key_accounts.nka_kpi_negotiations"
                                ).id,
                                "weight": 100,
                            }
                        )
                    ],
                    "tier_ids": [Command.create({"from_percent": 0})],
                }
            )
        )
        version.action_submit()
        version.with_user(self.kam_admin).action_approve()
        self._assert_whole()
        self._tamper(
            "UPDATE nka_pay_plan_version SET digest = 'v1$0' WHERE id = %s", version.id
        )
        self._assert_told(
            "The hash of Plan, version 1 differs from the one in the audit trail"
        )

    # ------------------------------------------------------------ no false alarms
    def test_regular_steps_give_no_finding(self):
        report = self._report()
        report.unlink()
        self._submitted(date_from=date(2026, 11, 9)).with_user(
            self.supervisor
        ).action_return("More, please")
        self._approved()
        self.env["crm.lead"].create({"name": "Cold call"}).unlink()
        self._assert_whole()

    def test_record_created_by_the_addon_in_a_later_state(self):
        reports = self.env["nka.work.report"].sudo()._unlocked()
        report = reports.create(
            {
                "employee_id": self.employee.id,
                "date_from": date(2026, 11, 2),
                "state": "approved",
            }
        )
        event = self._events(report, "state")
        self.assertEqual((event.old, event.new), (False, "approved"))
        self._assert_whole()

    def test_status_from_before_an_update(self):
        """An update logs the status once; from then on the audit trail covers it."""
        report = self._report()
        self._sql(
            "UPDATE nka_work_report SET state = 'approved' WHERE id = %s", report.id
        )
        for _update in range(2):
            self.verifications._record_standing()
            event = self._events(report, "state")
            self.assertEqual((event.old, event.new), ("approved", "approved"))
            self.assertRegex(event.note, "Status recorded when")
        self._assert_whole()
        self._tamper(
            "UPDATE nka_work_report SET state = 'draft' WHERE id = %s", report.id
        )
        self._assert_told("is “Draft”, but the audit trail says “Approved”")
