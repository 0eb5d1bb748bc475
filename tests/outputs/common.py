"""Base class of the tests of prints, files and emails of a locked month."""

import base64
from datetime import date

from ..close.common import CloseCase

PDF = b"%PDF-1.4 a statement"


class OutputCase(CloseCase):
    """November of two employees is locked; one has a formula as their name."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._accepted(cls.other_employee, date_from=date(2025, 1, 1), draw=30000)
        cls.other_employee.name = '=HYPERLINK("http://evil.example";"pay")'
        cls._invoice(2000000, date(2025, 11, 12))
        cls.close = cls._locked_close()

    def _make(self, kind, user=None, **vals):
        """Create a file as an RPC client does; return its name and content."""
        wizard = (
            self.env["nka.month.close.output"]
            .with_user(user or self.officer)
            .create({"close_id": self.close.id, "kind": kind, **vals})
        )
        action = wizard.action_make()
        self.assertIn(f"/{wizard.id}/file/", action["url"])
        return wizard.file_name, base64.b64decode(wizard.file)

    def _by_hand(self):
        """Return the total of the month by SQL."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT SUM(total_amount) FROM nka_pay_statement WHERE close_id = %s",
            [self.close.id],
        )
        return self.env.cr.fetchone()[0]

    def _lines_by_hand(self, *kinds):
        self.env.cr.execute(
            """SELECT COALESCE(SUM(line.amount), 0) FROM nka_pay_statement_line line
                 JOIN nka_pay_statement statement ON statement.id = statement_id
                WHERE close_id = %s AND kind IN %s""",
            [self.close.id, kinds],
        )
        return self.env.cr.fetchone()[0]
