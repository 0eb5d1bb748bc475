"""A parent given by ``default_*`` is checked like a parent given as a value.

Covers each kind of row below a record that is submitted, approved, locked or closed.
"""

from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged

from ..close.common import NOVEMBER, NOVEMBER_END, LockedCase
from ..documents.common import DocumentCase
from ..pay.common import PayCase


@tagged("nka_control")
class TestDefaultParents(DocumentCase, PayCase):
    def _assert_refused(self, user, model, values, parent, record, error=UserError):
        """Assert that no row is created, with the parent as a value or as a default."""
        rows = self.env(user=user.id, su=False)[model]
        before = rows.sudo().search_count([])
        for vals, context in (
            ({**values, parent: record.id}, {}),
            (values, {f"default_{parent}": record.id}),
        ):
            for method, args in (
                ("create", [[vals]]),
                ("web_save", [[], vals, {}]),
            ):
                with self.refused(error):
                    call_kw(rows, method, args, {"context": context})
        self.env.invalidate_all()
        self.assertEqual(rows.sudo().search_count([]), before)

    def test_terms_of_a_submitted_plan(self):
        version = self._new_version(date(2031, 1, 1))
        version.action_submit()
        kpi = self.env["nka.kpi"].search(
            [("id", "not in", version.line_ids.kpi_id.ids)], limit=1
        )
        for record in (version, self.version):
            self._assert_refused(
                self.officer,
                "nka.pay.tier",
                {"from_percent": 150, "factor": 3},
                "version_id",
                record,
            )
            self._assert_refused(
                self.officer,
                "nka.pay.plan.line",
                {"kpi_id": kpi.id, "weight": 1},
                "version_id",
                record,
            )

    def test_findings_of_documents_of_others(self):
        document = self._submitted()
        for user in (self.manager, self.colleague):
            self._assert_refused(
                user,
                "nka.document.finding",
                {"text": "x"},
                "document_id",
                document,
                (AccessError, UserError),
            )
        draft, approved = self._draft(), self._approved()
        for record in (draft, approved):
            self._assert_refused(
                self.supervisor,
                "nka.document.finding",
                {"text": "x"},
                "document_id",
                record,
                AccessError,
            )

    def test_objectives_of_an_approved_plan(self):
        plan = (
            self.env["nka.account.plan"]
            .with_user(self.manager)
            .create(
                {
                    "key_account_id": self.account.id,
                    "year": self.today.year,
                    "vision": "x",
                    "objective_ids": [
                        Command.create({"name": "x", "measure": "revenue", "target": 5})
                    ],
                    "action_ids": [
                        Command.create(
                            {
                                "name": "x",
                                "user_id": self.manager.id,
                                "date_due": self.today,
                            }
                        )
                    ],
                }
            )
        )
        plan.action_submit()
        plan.with_user(self.supervisor).action_approve()
        self._assert_refused(
            self.manager,
            "nka.account.plan.objective",
            {"name": "y", "measure": "revenue", "target": 1},
            "plan_id",
            plan,
        )

    def test_scores_of_an_approved_qualification(self):
        qualification = self.env["nka.qualification"].search(
            [("key_account_id", "=", self.account.id), ("state", "=", "approved")]
        )
        criterion = self.env["nka.qualification.criterion"].create(
            {"name": "Another", "weight": 9}
        )
        self._assert_refused(
            self.manager,
            "nka.qualification.score",
            {"criterion_id": criterion.id, "weight": 9, "score": "5"},
            "qualification_id",
            qualification,
        )

    def test_computed_figures_cannot_be_written(self):
        """Odoo lets clients overwrite stored figures: potential score and baseline."""
        draft = (
            self.env["nka.qualification"]
            .with_user(self.manager)
            .create({"key_account_id": self.account.id})
        )
        score = draft.potential_score
        with self.refused(AccessError):
            draft.write({"potential_score": 99})
        made = draft.create({"key_account_id": self.account.id, "potential_score": 99})
        self.assertNotEqual(made.potential_score, 99)
        self.assertEqual(draft.potential_score, score)
        plan = (
            self.env["nka.account.plan"]
            .with_user(self.manager)
            .create(
                {
                    "key_account_id": self.account.id,
                    "year": self.today.year,
                    "objective_ids": [
                        Command.create({"name": "x", "measure": "revenue", "target": 5})
                    ],
                }
            )
        )
        with self.refused(AccessError):
            plan.objective_ids.write({"baseline": 1})

    def test_author_of_a_document(self):
        """Refused as a value, as a context default and as a default of the user."""
        documents = self.env["nka.document"].with_user(self.manager)
        values = {"type_id": self.contract.id, "lead_id": self.lead.id}
        with self.refused(AccessError, "only set yourself as the author"):
            documents.create({**values, "author_id": self.supervisor.id})
        with self.refused(AccessError, "only set yourself as the author"):
            documents.with_context(default_author_id=self.supervisor.id).create(values)
        self.env["ir.default"].with_user(self.manager).set(
            "nka.document", "author_id", self.supervisor.id, user_id=True
        )
        with self.refused(AccessError, "only set yourself as the author"):
            documents.create(values)


@tagged("nka_control")
class TestClosedParents(LockedCase):
    def test_lines_of_a_locked_statement(self):
        """Users who can't write lines get an error without the name and month."""
        statement = self.close.statement_ids[:1]
        name = statement.display_name
        lines = self.env["nka.pay.statement.line"]
        for user in (self.colleague, self.supervisor_2, self.officer):
            for vals, context in (
                ({"statement_id": statement.id}, {}),
                ({}, {"default_statement_id": statement.id}),
            ):
                values = {"kind": "fixed", "component": "fixed", **vals}
                with self.assertRaises(AccessError) as refused, self.cr.savepoint():
                    lines.with_user(user).with_context(**context).create([values])
                self.assertNotIn(name, str(refused.exception))
                with self.assertRaises(AccessError) as refused, self.cr.savepoint():
                    lines.with_user(user).browse(
                        statement.sudo().line_ids[:1].id
                    ).write({"amount": 1})
                self.assertNotIn(name, str(refused.exception))

    def test_goals_of_a_paid_season(self):
        season = self.env["nka.season"].create(
            {"name": "Paid", "date_start": NOVEMBER, "date_end": NOVEMBER_END}
        )
        values = {"employee_id": self.employee.id, "kpi_id": self._kpi("vip_leads").id}
        goals = self.env["nka.season.goal"].with_user(self.supervisor)
        for vals, context in (
            ({**values, "season_id": season.id}, {}),
            (values, {"default_season_id": season.id}),
        ):
            with self.refused(UserError):
                goals.with_context(**context).create([vals])
