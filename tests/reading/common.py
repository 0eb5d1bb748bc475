"""Base class of the tests of day totals of reading."""

from datetime import timedelta

from odoo.addons.nka_key_accounts.models.reading.nka_reading_day import COLUMNS

from ..control.common import ReadingCase

NOTICE = (
    "We keep for 400 days how many client records each of us reads, prints, exports and "
    "sends a day. Supervisors of the person and directors see it."
)


class ReadingDayCase(ReadingCase):
    """A manager who reads ten records on every weekday, and staff who were informed."""

    kept = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.now = cls.env["nka.reading.day"]._today_in(cls.company)
        if cls.kept:
            cls._switch_on()

    @classmethod
    def _switch_on(cls, **vals):
        cls.company.write(
            {
                "nka_reading_kept": True,
                "nka_reading_informed_on": cls.now - timedelta(days=100),
                "nka_reading_notice": NOTICE,
                **vals,
            }
        )

    @classmethod
    def _habit(cls, user, number, days=None, kind="account"):
        """Insert day totals of the last weeks, as the nightly job would."""
        for back in days or range(1, 85):
            counts = {f"{key}_count": 0 for key in COLUMNS}
            counts[f"{kind}_count"] = number
            taken = number if kind in ("export", "mail") else 0
            names = ", ".join(counts)
            cls.env.cr.execute(
                f"""INSERT INTO nka_reading_day
                           (user_id, company_id, day, {names}, read_count, taken_count)
                    VALUES (%s, %s, %s, {", ".join(["%s"] * len(counts))}, %s, %s)""",
                [
                    user.id,
                    cls.company.id,
                    cls.now - timedelta(days=back),
                    *counts.values(),
                    number - taken,
                    taken,
                ],
            )

    @classmethod
    def _reads(cls, user, number, day=None, kind="account"):
        """Insert reads as counted on a day."""
        day = day or cls.now
        cls.env.cr.execute(
            """INSERT INTO nka_reading (user_id, date, day, kind, count)
               VALUES (%s, now() AT TIME ZONE 'UTC', %s, %s, %s)""",
            [user.id, day, kind, number],
        )

    def _read_more(self, user, number):
        """Count records as if the user had read them in one response."""
        self.env(user=user.id, su=False)["nka.reading"]._count(number)

    def _alerts(self, user):
        return self.env["nka.reading.alert"].search([("user_id", "=", user.id)])
