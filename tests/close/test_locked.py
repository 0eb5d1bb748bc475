"""A locked month, field by field and method by method: no user can change it, not even
the superuser.
"""

from datetime import date

from psycopg2.errors import RestrictViolation

from odoo.exceptions import UserError
from odoo.tools import mute_logger

from .common import NOVEMBER, NOVEMBER_END, LockedCase

TECHNICAL = {"id", "create_uid", "create_date", "write_uid", "write_date"}
#: Fields that stay writable: a payslip can be marked paid, and display fields can
#: change.
WRITABLE = {
    ("hr.payslip", "paid"),
    ("hr.payslip", "hide_child_lines"),
    ("hr.payslip", "hide_invisible_lines"),
}
ROLES = ("officer", "second", "kam_admin", "supervisor", "manager")


class Undone(Exception):
    """Raised to roll back what a test has written."""


class TestEveryField(LockedCase):
    def _rows(self):
        """Return one record of every model that belongs to a locked month."""
        report = self.env["nka.work.report"].search(
            [("employee_id", "=", self.employee.id)], limit=1
        )
        return [
            self.close,
            self.close.check_ids[0],
            self.close.revision_ids,
            self.statement,
            self.statement.line_ids[0],
            self.statement.agreement_id,
            self.env["nka.bonus.line"].search([], limit=1),
            report,
            self.slip,
            self.slip.line_ids[0],
            self.slip.payslip_run_id,
        ]

    def _another(self, record, field):
        """Return a value that differs from the field's present one, or None."""
        value = record[field.name]
        if field.type == "selection":
            keys = field.get_values(self.env)
            return next((key for key in keys if key != value), None)
        if field.type == "many2one":
            others = self.env[field.comodel_name].sudo()
            return others.search([("id", "!=", value.id)], limit=1).id
        makers = {
            "char": lambda: f"{value}x",
            "text": lambda: f"{value}x",
            "integer": lambda: value + 1,
            "float": lambda: value + 1,
            "monetary": lambda: value + 1,
            "boolean": lambda: not value,
            "date": lambda: date(2024, 2, 1),
            "datetime": lambda: "2024-02-01 00:00:00",
            "json": lambda: {"x": 1},
        }
        return makers[field.type]() if field.type in makers else None

    def _is_written(self, record, name, value):
        """Return whether a write reached the tables; it is rolled back."""
        try:
            with self.cr.savepoint():
                record.write({name: value})
                self.env.flush_all()
                raise Undone
        except Undone:
            return True
        except UserError:
            return False

    def _written(self, users):
        found = set()
        for row in self._rows():
            self.assertTrue(row)
            for name, field in row._fields.items():
                value = self._another(row, field)
                if not field.store or name in TECHNICAL or value is None:
                    continue
                found.update(
                    (row._name, name)
                    for user in users
                    if self._is_written(row.with_user(user), name, value)
                )
        return found

    @mute_logger("odoo.sql_db")
    def test_superuser_can_write_no_field(self):
        """A readable error is required: a refusal by the database trigger alone fails
        this test.
        """
        self.assertEqual(self._written([self.env.user]), WRITABLE)

    def test_other_roles_can_write_no_field(self):
        users = [getattr(self, name) for name in ROLES]
        self.assertLessEqual(self._written(users), WRITABLE)

    def test_records_cannot_be_deleted(self):
        for row in self._rows():
            for user in (self.env.user, self.officer, self.kam_admin):
                with self.subTest(row), self.refused(UserError):
                    row.with_user(user).unlink()


class TestEveryMethod(LockedCase):
    def test_paid_payslip_stays_paid(self):
        self.slip.with_user(self.officer).write({"paid": True})
        with self.refused(UserError, "pays a statement of a locked month"):
            self.slip.with_user(self.officer).write({"paid": False})

    def test_closed_batch_accepts_no_other_payslip(self):
        structure = self.env["hr.payroll.structure"].create(
            {
                "name": "Other",
                "code": "OTHER",
                "company_id": self.company.id,
                "parent_id": False,
            }
        )
        vals = {
            "employee_id": self.other_employee.id,
            "struct_id": structure.id,
            "date_from": NOVEMBER,
            "date_to": NOVEMBER_END,
        }
        batch = {"payslip_run_id": self.slip.payslip_run_id.id}
        slips = self.env["hr.payslip"]
        other = slips.create(vals)
        with self.refused(UserError, "pays a locked month"):
            other.write(batch)
        with self.refused(UserError, "pays a locked month"):
            slips.create({**vals, **batch})

    def test_structure_that_paid_is_locked(self):
        with self.refused(UserError, "so it can't be deleted"):
            self.slip.struct_id.unlink()

    def test_season_paid_with_the_month_is_locked(self):
        """Not even a season without goals can be changed, and it can't get a goal any
        more.
        """
        season = self._season(NOVEMBER)
        with self.refused(UserError, "locked"):
            season.write({"date_end": date(2025, 12, 31)})
        with self.refused(UserError, "locked"):
            season.unlink()
        goal = {
            "season_id": season.id,
            "employee_id": self.employee.id,
            "kpi_id": self._kpi("vip_leads").id,
            "weight": 1,
            "target": 2,
        }
        with self.refused(UserError, "locked"):
            self.env["nka.season.goal"].with_user(self.supervisor).create(goal)

    def test_every_button_of_a_payslip(self):
        slip = self.slip.with_user(self.officer)
        for name in (
            "compute_sheet",
            "action_payslip_draft",
            "action_payslip_cancel",
            "action_payslip_done",
        ):
            with self.subTest(name), self.refused(UserError):
                getattr(slip, name)()

    @mute_logger("odoo.sql_db")
    def test_database_errors_are_readable(self):
        """A client gets Odoo's translation of the database error, as over RPC."""
        with self.assertRaises(RestrictViolation) as caught, self.cr.savepoint():
            self.cr.execute(
                "UPDATE nka_pay_statement SET total_amount = 1 WHERE id = %s",
                [self.statement.id],
            )
        text = self.env["base"]._sql_error_to_message(caught.exception)
        self.assertIn("can't be changed", text)
        self.assertNotIn("PL/pgSQL", text)
        russian = self.env["base"].with_context(lang="ru_RU")
        self.assertTrue(russian._sql_error_to_message(caught.exception))
