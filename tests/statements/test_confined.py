"""Indirect ways to learn about a colleague's pay, or to forge related records."""

from datetime import date

from odoo.exceptions import AccessError, UserError

from .common import DECEMBER, SECRET, ConfinedCase


class TestEvents(ConfinedCase):
    """Audit events about pay are readable by those who can read that pay only."""

    def test_pay_events_are_read_by_the_persons_supervisor_only(self):
        dispute = self._dispute()
        self._close(self.statement)
        correction = (
            self.env["nka.pay.correction"]
            .with_user(self.officer)
            .create(
                {
                    "statement_id": self.statement.id,
                    "component": "fixed",
                    "amount": 4321,
                    "reason": "Mistyped",
                }
            )
        )
        events = self._events(self.statement) | self._events(dispute.sudo())
        self.assertGreater(len(events), 2)
        secret = events | self._events(correction.sudo())
        own = self.env["nka.audit.event"].with_user(self.supervisor)
        # A draft adjustment isn't readable even for the supervisor yet.
        self.assertEqual(
            own.search([("id", "in", secret.ids)]), events.sorted("id")[::-1]
        )
        for stranger in (self.supervisor_2, self.kam_admin):
            trail = self.env["nka.audit.event"].with_user(stranger)
            self.assertFalse(trail.search([("id", "in", secret.ids)]))
            self.assertFalse(trail.search_count([("new", "like", "4321")]))
            groups = trail.formatted_read_group([], ["res_model"], ["__count"])
            self.assertNotIn("nka.pay.statement", [g["res_model"] for g in groups])
            for event in secret:
                with self.assertRaises(AccessError):
                    trail.browse(event.id).read(["note"])

    def test_other_events_stay_readable_and_the_chain_intact(self):
        """Accounts are visible to every supervisor, terms to those of the own team."""
        trail = self.env["nka.audit.event"].with_user(self.supervisor_2)
        self.assertTrue(trail.search([("res_model", "=", "nka.key.account")]))
        agreed = [("id", "in", self._events(self.agreement).ids)]
        self.assertFalse(trail.search(agreed))
        own = trail.with_user(self.supervisor).search(agreed)
        self.assertIn("accepted", own.mapped("new"))
        heads = self.env["nka.audit.head"].with_user(self.supervisor_2).search([])
        heads.action_verify()
        found = self.env["nka.audit.verification"].search([], limit=1)
        self.assertTrue(found.is_whole)


class TestDispute(ConfinedCase):
    """A dispute refers to a real line and can't contain its own answer."""

    def test_amount_is_that_of_the_line(self):
        bonus = self.statement.line_ids.filtered(lambda row: row.kind == "bonus")
        dispute = self._dispute(
            line_kind="bonus", line_label=bonus.label, line_amount=9999999
        )
        self.assertEqual(dispute.line_amount, 100000)
        self.assertEqual(self._dispute(line_kind="bonus").line_label, bonus.label)
        self.assertEqual(self._dispute(line_amount=5).line_amount, 0)
        with self.refused(UserError, "no longer on the statement"):
            self._dispute(line_label="Christmas bonus")
        with self.refused(UserError, "after raising it"):
            dispute.with_user(self.officer).write({"line_amount": 1})

    def test_dispute_cannot_contain_its_answer(self):
        for vals in ({"answer": "Granted"}, {"outcome": "accepted"}):
            with self.refused(AccessError, "of your own dispute"):
                self._dispute(**vals)

    def test_outcome_is_logged_and_read_only(self):
        dispute = self._dispute().with_user(self.officer)
        dispute.write({"answer": "It was a holiday", "outcome": "rejected"})
        dispute.action_answer()
        told = self._events(dispute.sudo()).mapped("note")
        self.assertEqual(told, ["Too little", "rejected: It was a holiday"])
        self.refused_by_database(
            "UPDATE nka_pay_dispute SET answer = 'Yes' WHERE id = %s", dispute.id
        )


class TestContext(ConfinedCase):
    """Records created by the addon ignore ``default_*`` keys in the caller's context."""

    def test_statement_ignores_defaults(self):
        forged = {
            "default_state": "locked",
            "default_half_year_credits": 7000000,
            "default_balance_before": 5,
            "default_approved_by_id": self.officer.id,
            "default_payslip_error": "Forged",
            "default_is_shown_only": True,
            "default_source_month": date(2020, 1, 1),
            "default_res_ids": [1],
        }
        statements = self.env["nka.pay.statement"].with_user(self.officer)
        statements = statements.with_context(**forged)
        people = self.employee | self.other_employee
        made = statements._calculate(people, DECEMBER).sudo()
        own = made.filtered(lambda row: row.employee_id == self.employee)
        other = made - own
        self.assertEqual(own.mapped("state"), ["calculated"])
        self.assertFalse(made.approved_by_id)
        self.assertEqual(other.mapped("payslip_error"), [False])
        self.assertEqual(other.half_year_credits + other.balance_before, 0)
        self.assertEqual(own.line_ids.mapped("is_shown_only"), [False] * 4)
        self.assertEqual(own.line_ids.mapped("source_month"), [False] * 4)
        soft = own.line_ids.filtered(lambda row: row.kind == "soft")
        self.assertFalse(soft.res_ids)

    def test_unlocked_models_ignore_defaults(self):
        reports = self.env["nka.work.report"].with_context(default_summary="Forged")
        report = reports.sudo()._unlocked()
        report = report.create(
            {"employee_id": self.employee.id, "date_from": date(2025, 11, 3)}
        )
        self.assertFalse(report.summary)


class TestNoBypass(ConfinedCase):
    """A colleague finds no pay through other records they can read."""

    def _open_fields(self):
        """Yield fields of models a colleague can read that reference pay models."""
        for name in self.env.registry:
            model = self.env[name].with_user(self.colleague)
            if name in SECRET or model._abstract or not model.has_access("read"):
                continue
            for field in model._fields.values():
                if field.comodel_name in SECRET and field.store is not None:
                    if model._has_field_access(field, "read"):
                        yield model, field

    def test_no_relation_leads_to_pay(self):
        self._score_all(DECEMBER)
        self._dispute()
        for model, field in self._open_fields():
            secret = self.env[field.comodel_name].sudo().search([]).ids
            try:
                found = model.search([(field.name, "any", [("id", "in", secret)])])
            except (AccessError, UserError, ValueError):
                # Refused, or not searchable.
                continue
            own = found.mapped(field.name)
            self.assertFalse(own, f"{model._name}.{field.name} leads to {own}")

    def test_messages_and_activities_reveal_nothing(self):
        """Followers are readable in Odoo: they show who follows a record, but not its
        content.
        """
        self._dispute()
        self.agreement.sudo().message_post(body="Raised to 200,000")
        for model, column in (
            ("mail.message", "model"),
            ("mail.activity", "res_model"),
            ("mail.notification", "mail_message_id.model"),
            ("mail.tracking.value", "mail_message_id.model"),
            ("ir.attachment", "res_model"),
        ):
            try:
                found = (
                    self.env[model]
                    .with_user(self.colleague)
                    .search([(column, "in", SECRET)])
                )
            except AccessError:
                continue
            self.assertFalse(found, model)

    def test_employee_records_contain_no_pay(self):
        self._close(self.statement)
        version = self.employee.sudo().version_id
        wages = [name for name in version._fields if "wage" in name]
        amounts = {200000, 180000, 100000, 80000}
        for name in wages:
            self.assertNotIn(version[name], amounts, name)
        self.assertFalse([name for name in version._fields if name.startswith("nka_")])
