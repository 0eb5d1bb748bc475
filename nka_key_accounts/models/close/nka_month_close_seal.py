import hashlib
import json

from odoo import fields, models

SEAL_VERSION = "1"


class MonthCloseSeal(models.Model):
    """The digest over a month: what went in, what came out."""

    _inherit = "nka.month.close"

    def _prepare_sealed(self):
        """What the digest covers, as plain JSON."""
        self.ensure_one()
        statements = self.sudo().statement_ids.sorted("id")
        return {
            "company": self.company_id.id,
            "month": str(self.month),
            "statements": [
                [row.id, row.employee_id.id, f"{row.total_amount:.6f}"]
                for row in statements
            ],
        }

    def _make_digest(self, sealed):
        text = json.dumps(sealed, sort_keys=True, separators=(",", ":"))
        return f"{SEAL_VERSION}:{hashlib.sha256(text.encode()).hexdigest()}"

    def _seal(self):
        self.env.flush_all()
        self.sudo()._move_to(
            "locked",
            digest=self._make_digest(self._prepare_sealed()),
            revision=self.revision + 1,
            locked_by_id=self.env.uid,
            locked_date=fields.Datetime.now(),
        )

    def _check_sealed(self):
        """Refuse unless the month is locked and still what was sealed.

        Called before everything that leaves the house: prints, exports, mails.

        :raise UserError: naming what differs
        """
        self._check_state("locked")
