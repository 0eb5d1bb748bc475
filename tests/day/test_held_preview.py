"""The preview of a bonus says for which documents it waits, and until when it is held."""

from datetime import date

from freezegun import freeze_time

from ..statements.test_held_credits import HeldCase


class TestHeldPreview(HeldCase):
    LEAVING = {"loyalty_share": 20, "loyalty_confirmed": True}

    def _note(self):
        self.lead.invalidate_recordset(["nka_bonus_preview_note"])
        return self.lead.with_user(self.manager).nka_bonus_preview_note

    def test_it_names_what_is_missing(self):
        self.lead.expected_revenue = 1000
        self.assertIn("approved documents: Contract of test, Act of test", self._note())
        self._approve(self.types[0])
        self.assertIn("approved documents: Act of test", self._note())
        self._approve(self.types[1])
        self.assertNotIn("documents", self._note())

    def test_it_says_until_when_a_share_is_held(self):
        self.employee.version_id.contract_date_start = date(2025, 1, 1)
        self.lead.expected_revenue = 1000
        with freeze_time("2025-06-15"):
            note = self._note()
        self.assertIn("of it is held as a loyalty share until 12/31/2025", note)
