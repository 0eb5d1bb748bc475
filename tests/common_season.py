"""Ground of the season's tests: a quarter, and what is measured in it."""

from datetime import date, datetime

from freezegun import freeze_time

from .common_pay import PayCase


class SeasonCase(PayCase):
    """The last quarter of 2026, with agreements of both managers in it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement = cls._accepted()
        cls.other_agreement = cls._accepted(cls.other_employee)
        cls.env["nka.season"].search([]).unlink()
        cls.season = cls._new_season(date(2026, 10, 1), date(2026, 12, 31))

    @classmethod
    def _new_season(cls, first, last):
        return cls.env["nka.season"].create(
            {"name": f"Season {first}", "date_start": first, "date_end": last}
        )

    @classmethod
    def _goal(cls, code="negotiations", target=40, **vals):
        return (
            cls.env["nka.season.goal"]
            .with_user(cls.supervisor)
            .create(
                {
                    "season_id": cls.season.id,
                    "employee_id": cls.employee.id,
                    "kpi_id": cls._kpi(code).id,
                    "target": target,
                    **vals,
                }
            )
        )

    @classmethod
    def _accepted_goal(cls, *args, **vals):
        goal = cls._goal(*args, **vals)
        goal.action_propose(reason="Set up late")
        goal.with_user(goal.user_id).action_accept()
        return goal

    @classmethod
    def _negotiation(cls, user, start=datetime(2026, 11, 3, 9), **vals):
        return cls.env["calendar.event"].create(
            {
                "name": "Talk",
                "user_id": user.id,
                "start": start,
                "stop": start,
                "is_negotiation": True,
                "negotiation_outcome": "progress",
                **vals,
            }
        )

    def _measure(self, code, users=None, season=None, day=None, evidence=False):
        with freeze_time(day or "2027-01-05"):
            return self._kpi(code)._measure(
                users or self.manager + self.colleague,
                (season or self.season)._span(),
                evidence,
            )
