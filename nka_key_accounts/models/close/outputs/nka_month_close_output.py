import hashlib
import re

from odoo import models

from ...trail.roles import PAYROLL_OFFICER


class MonthCloseOutput(models.Model):
    """What leaves a month: checked before, on record after."""

    _inherit = "nka.month.close"

    def _check_output(self, is_final=True):
        """Refuse an output to others than officers, of an open or a broken month.

        :param bool is_final: only a locked month will do
        :raise AccessError: for anybody but a payroll officer
        :raise UserError: when the month isn't ready, or isn't what was sealed
        """
        self.ensure_one()
        self._check_group(
            PAYROLL_OFFICER,
            self.env._(
                "Pay is printed and exported by payroll officers only. Ask one of "
                "yours; nothing was made."
            ),
        )
        self.check_access("read")
        if is_final:
            self._check_state("locked")
        else:
            self._check_state("calculated", "approved", "locked")
        if self.state == "locked":
            self._check_sealed()

    def _record_output(self, name, note, content=None):
        """Tell the trail what was made of the month.

        :param str name: of the file
        :param str note: model, fields and number of rows
        :param bytes content: of the file; the trail keeps its SHA-256
        """
        events = self.env["nka.audit.event"]
        digest = content and hashlib.sha256(content).hexdigest()
        events._append(
            [
                events._prepare_entry(
                    self, "export", old=self.digest, new=name, note=note, digest=digest
                )
            ]
        )

    def _file_name(self, kind, ending):
        """A name that says what it is on any disk: pay-2026-11-nordwind-r1.xlsx."""
        company = re.sub(r"\W+", "-", self.company_id.sudo().name.lower()).strip("-")
        revision = f"r{self.revision}" if self.state == "locked" else "draft"
        return f"{kind}-{self.month:%Y-%m}-{company[:40]}-{revision}.{ending}"

    def _sorted_statements(self):
        """Calculated statements of the month by the person's name."""
        return (
            self.sudo()
            .statement_ids.filtered(lambda row: row.state != "open")
            .sorted(lambda row: (row.employee_id.name or "", row.id))
        )

    def action_output(self):
        """Ask what to print or export."""
        self.ensure_one()
        self._check_output(is_final=False)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Print and export"),
            "res_model": "nka.month.close.output",
            "view_mode": "form",
            "target": "new",
            "context": {"default_close_id": self.id},
        }
