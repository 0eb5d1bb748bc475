"""Ground of tests about days: both managers are employees."""

from datetime import date

from ..common import NkaCase


class EmployeesCase(NkaCase):
    """Both managers are employees since 2023."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employee = cls._new_employee(cls.manager)
        cls.other_employee = cls._new_employee(cls.colleague)

    @classmethod
    def _new_employee(cls, user, **vals):
        return cls.env["hr.employee"].create(
            {
                "name": user.name,
                "user_id": user.id,
                "date_version": date(2023, 1, 1),
                "contract_date_start": date(2023, 1, 1),
                **vals,
            }
        )
