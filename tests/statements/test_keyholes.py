"""Places where Odoo reads as superuser with ids that the client provides."""

from base64 import b64decode
from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import DECEMBER, ConfinedCase

COMPOSER = {
    name: {} for name in ("subject", "body", "email_from", "reply_to", "partner_ids")
} | {"attachment_ids": {"fields": {"name": {}, "datas": {}}}}


class KeyholeCase(ConfinedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own_agreement = cls._accepted(
            cls.other_employee, date_from=date(2025, 1, 1)
        )
        cls.goal = cls._score_all(DECEMBER)[0]
        cls.draft = cls._agreement(
            cls._new_employee(cls.supervisor), target_earnings=777777
        )

    def _as(self, model, user=None):
        return self.env[model].with_user(user or self.colleague)


@tagged("nka_pay")
class TestMails(KeyholeCase):
    """Emails and their attachments contain only what their author can read."""

    def _template(self, model, report, user=None):
        """Create a template: allowed for every model a user can read, with any report."""
        return self._as("mail.template", user).create(
            {
                "name": "Harmless",
                "model_id": self.env["ir.model"]._get_id(model),
                "subject": "Hello",
                "report_template_ids": [Command.set(self.env.ref(report).ids)],
            }
        )

    def _compose(self, template, model, record, user=None):
        values = {
            "composition_mode": "comment",
            "template_id": template.id,
            "model": model,
            "res_ids": str(record.ids),
        }
        return self._as("mail.compose.message", user).onchange(
            values, list(values), COMPOSER
        )

    def _partner_of_same_number(self, record):
        """Create a partner with the id of another record, as a forged call would use
        it.
        """
        partner = self.env["res.partner"].browse(record.id)
        if not partner.exists():
            other = self.env["res.partner"].create({"name": "Of the same number"})
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE res_partner SET id = %s, commercial_partner_id = %s WHERE id = %s",
                [partner.id, partner.id, other.id],
            )
            self.env.invalidate_all()
        self.assertTrue(partner.exists())

    def _printed(self, answer):
        """Return the attachments of a composed email as one string."""
        files = [row[2] for row in answer["value"].get("attachment_ids", ())]
        return "".join(b64decode(row["datas"]).decode() for row in files if row)

    def test_report_of_another_employee_cannot_be_attached(self):
        report = "nka_key_accounts.action_report_pay_statement"
        self._partner_of_same_number(self.statement)
        for model in ("nka.pay.statement", "res.partner"):
            template = self._template(model, report)
            with self.refused(AccessError):
                self._compose(template, model, self.statement)
            # The email names another model than the report is about.
            with self.refused(AccessError):
                self._compose(template, "res.partner", self.statement)
        with self.refused(AccessError):
            composer = self._as("mail.compose.message").create(
                {
                    "composition_mode": "comment",
                    "template_id": template.id,
                    "model": "res.partner",
                    "res_ids": str(self.statement.ids),
                }
            )
            # An RPC call ends with a flush.
            composer.env.flush_all()

    def test_payslip_cannot_be_attached(self):
        slip = self.env["hr.payslip"].create(
            {
                "name": "Slip",
                "employee_id": self.employee.id,
                "date_from": date(2025, 11, 1),
                "date_to": date(2025, 11, 30),
            }
        )
        self._partner_of_same_number(slip)
        template = self._template("res.partner", "payroll.action_report_payslip")
        with self.refused(AccessError):
            self._compose(template, "res.partner", slip)

    def test_own_statement_can_be_attached(self):
        report = "nka_key_accounts.action_report_pay_statement"
        template = self._template("nka.pay.statement", report, self.manager)
        answer = self._compose(
            template, "nka.pay.statement", self.statement, self.manager
        )
        self.assertIn("180,000.00", self._printed(answer))

    def test_pay_of_others_cannot_be_rendered_in_a_template(self):
        """Administrators can let all users edit templates; then this check is the only
        one left.
        """
        self.colleague.group_ids += self.env.ref("mail.group_mail_template_editor")
        template = self._as("mail.template").create(
            {
                "name": "Curious",
                "model_id": self.env["ir.model"]._get_id("nka.pay.statement"),
                "subject": "{{ object.total_amount }}",
            }
        )
        for model in ("nka.pay.statement", "res.partner"):
            with self.refused(UserError):
                self._compose(template, model, self.statement)
        with self.refused(AccessError):
            template._render_field("subject", self.statement.ids)
        own = template.with_user(self.manager)._render_field(
            "subject", self.statement.ids
        )
        self.assertEqual(own, {self.statement.id: "180000.0"})


@tagged("nka_pay")
class TestNames(KeyholeCase):
    """Unsaved records don't reveal the name of drafts, goals or disputes of others."""

    def _names(self, record, user=None):
        """Yield the record name that unsaved records of Odoo show, by model."""
        number, model = record.id, record._name
        kinds = {
            "mail.activity": ({"res_model": model, "res_id": number}, "res_name"),
            "mail.message": ({"model": model, "res_id": number}, "record_name"),
            "mail.compose.message": (
                {"model": model, "res_ids": str([number])},
                "subject",
            ),
        }
        for kind, (values, fname) in kinds.items():
            if kind == "mail.activity":
                values["res_model_id"] = self.env["ir.model"]._get_id(model)
            try:
                with self.cr.savepoint():
                    answer = self._as(kind, user).onchange(
                        values, list(values), {fname: {}}
                    )
            except AccessError:
                continue
            yield kind, answer["value"].get(fname)

    def test_unsaved_record_names_nothing_unreadable(self):
        dispute = self._dispute()
        for record in (self.draft, self.goal, dispute, self.agreement):
            for kind, name in self._names(record.sudo()):
                self.assertFalse(name, f"{kind}: {record}")

    def test_readable_record_is_named(self):
        named = dict(self._names(self.agreement.sudo(), self.manager))
        self.assertEqual(set(named.values()), {self.agreement.display_name})

    def test_default_values_reveal_no_report_of_others(self):
        self._new_report(date(2025, 11, 3), date(2025, 11, 9))
        reports = self._as("nka.work.report").with_context(
            default_employee_id=self.employee.id, default_date_from=date(2025, 11, 3)
        )
        with self.refused(AccessError, "the manager it is about"):
            reports.create({})


@tagged("nka_pay")
class TestQuestions(KeyholeCase):
    """The what-if calculation uses only terms its user can read."""

    def test_agreement_of_another_employee(self):
        questions = self._as("nka.pay.what.if")
        for agreement in (self.agreement, self.draft):
            with self.refused(AccessError):
                questions.create({"agreement_id": agreement.id})
        own = questions.create({"agreement_id": self.own_agreement.id})
        with self.refused(AccessError):
            own.agreement_id = self.draft.id

    def test_plan_of_other_employees(self):
        plan = self.env["nka.pay.plan"].create({"name": "For the chosen few"})
        version = self._approved_version(
            date(2025, 1, 1), plan, fixed_share=10, soft_share=10, bonus_share=80
        )
        questions = self._as("nka.pay.what.if")
        with self.refused(AccessError):
            questions.create({"version_id": version.id})
        with self.refused(AccessError):
            questions.onchange(
                {"version_id": version.id, "target_earnings": 1000, "monthly_quota": 1},
                ["version_id", "target_earnings", "monthly_quota"],
                {"table_html": {}, "line_ids": {"fields": {"fixed_amount": {}}}},
            )
        asked = questions.with_user(self.officer).create({"version_id": version.id})
        self.assertEqual(asked.line_ids[2].fixed_amount, 20000)


@tagged("nka_pay")
class TestTrail(KeyholeCase):
    """Audit events of terms, goals and reports are read by the roles that read these
    records.
    """

    def test_administrator_reads_no_targets_in_the_trail(self):
        self.env["nka.audit.event"].sudo()._append(
            [
                self.env["nka.audit.event"]._prepare_entry(
                    self.goal, "goal", old="12", new="4321"
                )
            ]
        )
        events = self._events(self.goal) | self._events(self.agreement)
        self.assertTrue(events)
        admin = self._as("nka.audit.event", self.kam_admin)
        self.assertFalse(admin.search([("id", "in", events.ids)]))
        self.assertFalse(admin.search_count([("new", "=", "4321")]))
        for event in events:
            with self.assertRaises(AccessError):
                admin.browse(event.id).read(["new"])
        supervisor = self._as("nka.audit.event", self.supervisor)
        self.assertEqual(supervisor.search([("id", "in", events.ids)]), events)
        # A supervisor of another team can't read the events, as they can't read the
        # goal.
        other = self._as("nka.audit.event", self.supervisor_2)
        self.assertFalse(other.search([("id", "in", events.ids)]))

    def test_administrator_keeps_their_own_events(self):
        admin = self._as("nka.audit.event", self.kam_admin)
        self.assertIn(self.version, self._versions_in(admin))

    def _versions_in(self, trail):
        rows = trail.search([("res_model", "=", "nka.pay.plan.version")])
        return self.env["nka.pay.plan.version"].browse(rows.mapped("res_id"))


@tagged("nka_pay")
class TestFinding(KeyholeCase):
    """Statements are found by the name of the employee."""

    def test_statements_by_name(self):
        other = self._calculate(date(2025, 11, 1), self.other_employee)
        statements = self._as("nka.pay.statement", self.officer)
        found = {number for number, _name in statements.name_search("nka_manager")}
        self.assertIn(self.statement.id, found)
        self.assertNotIn(other.id, found)
