from unittest.mock import patch

from odoo.exceptions import UserError

from ..close.common import LockedCase


class TestCheckedBeforeEveryOutput(LockedCase):
    """Prints, exports and emails first compare the month with its integrity hash."""

    def _break(self):
        self.env.flush_all()
        self.cr.execute(
            "ALTER TABLE hr_payslip_line DISABLE TRIGGER USER;"
            "UPDATE hr_payslip_line SET total = total + 1 WHERE code = 'NKA_FIXED';"
            "ALTER TABLE hr_payslip_line ENABLE TRIGGER USER"
        )
        self.env.invalidate_all()

    def _doors(self):
        close = self.close.with_user(self.officer)
        outputs = self.env["nka.month.close.output"].with_user(self.officer)
        for kind in outputs._fields["kind"].get_values(self.env):
            output = outputs.create({"close_id": close.id, "kind": kind})
            yield kind, output.action_make
        for name in ("action_mail_statements", "action_make_entry", "action_mark_paid"):
            yield name, getattr(close, name)
        html = self.env["ir.actions.report"].with_user(self.officer)._render_qweb_html
        for report, record in (
            ("report_pay_statement", self.statement),
            ("report_month_register", self.close),
            ("report_month_variance", self.close),
        ):
            yield (
                report,
                lambda report=report, record=record: html(
                    f"nka_key_accounts.action_{report}", record.ids
                ),
            )

    def test_a_changed_month_cant_be_printed_exported_or_mailed(self):
        self._break()
        pdf = (b"%PDF", "pdf")
        reports = self.env.registry["ir.actions.report"]
        with patch.object(reports, "_run_wkhtmltopdf", lambda *a, **k: pdf[0]):
            for name, door in self._doors():
                with (
                    self.subTest(name),
                    self.refused(UserError, "no longer matches its integrity hash"),
                ):
                    door()
