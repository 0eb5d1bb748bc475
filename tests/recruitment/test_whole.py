"""What the tests of the whole product ask of each model, asked of the addon's own."""

from odoo import Command
from odoo.addons.nka_key_accounts.models.proof import constraint_check, guard_check
from odoo.tests import new_test_user, tagged

from ..whole import test_doors_map, test_every_screen, test_public_methods
from ..whole.doors import call
from ..whole.planted import MARK
from .doors_map import EXCEPTIONS, ROLES, ROWS, VERBS
from .public_methods import PUBLIC

ADDON = "nka_key_accounts_recruitment"
ROOT = "hr_recruitment.menu_hr_recruitment_root"
TEAM = "nka_key_accounts.menu_nka_team"
FURTHER = {
    # Odoo's list of job positions reads employees, which takes this role.
    "recruiter": "hr_recruitment.group_hr_recruitment_user,hr.group_hr_user",
    "interviewer": "hr_recruitment.group_hr_recruitment_interviewer",
    "director": "nka_key_accounts.group_key_account_director",
}


@tagged("nka_recruitment")
class TestWhole(
    test_every_screen.ScreensMixin,
    test_doors_map.TestAccessMap,
    test_public_methods.TestPublicMethods,
):
    """A planted row of each of the addon's models, and a user for every role."""

    addon = f"odoo.addons.{ADDON}."
    here = "tests/recruitment/doors_map.py"
    rows_of_roles, verbs, exceptions, public = ROWS, VERBS, EXCEPTIONS, PUBLIC

    # ------------------------------------------------------------ people and rows
    @classmethod
    def _make_people(cls):
        super()._make_people()
        for role, group in FURTHER.items():
            cls.roles[role] = new_test_user(cls.env, f"nka_{role}", group)
        assert tuple(cls.roles) == ROLES

    @classmethod
    def _mapped(cls):
        ours = (
            name
            for name in cls.env.registry
            if cls.env[name]._original_module == ADDON and not cls.env[name]._abstract
        )
        return sorted([*ours, "hr.applicant"])

    @classmethod
    def _known(cls):
        job = cls.env.ref("nka_key_accounts.job_key_account_manager")
        cls.applicant = cls.env["hr.applicant"].create(
            {
                "partner_name": f"{MARK} applicant",
                "job_id": job.id,
                "applicant_notes": f"{MARK} notes",
                "company_id": cls.env.company.id,
                "interviewer_ids": [Command.set(cls.roles["interviewer"].ids)],
            }
        )
        return {**super()._known(), "hr.applicant": cls.applicant, "hr.job": job}

    def _people(self):
        return {**super()._people(), **{role: self.roles[role] for role in FURTHER}}

    # ------------------------------------------------------------ protocols
    def test_network_protocols_reveal_nothing(self):
        asked = {"fields": ["display_name"]}
        calls = [
            call(name, "read", row.ids, **asked) for name, row in self.rows.items()
        ]
        self._assert_blind((self.colleague, self.salesman), *calls, secret=MARK)

    # ------------------------------------------------------------ companies
    def test_rows_of_another_company_are_hidden(self):
        """People of one company read nothing about applicants of another one."""
        other = self.env["res.company"].create({"name": "Abroad"})
        self.applicant.sudo().company_id = other
        self.env.flush_all()
        for record in self.rows.values():
            field = record._fields.get("company_id")
            if field and field.store and record._auto:
                with self.cr.savepoint(flush=False):
                    table = f'"{record._table}"'
                    self.cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                    self.cr.execute(
                        f"UPDATE {table} SET company_id = %s WHERE id = %s",
                        [other.id, record.id],
                    )
                    self.cr.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        for name, record in self.rows.items():
            if record and record._auto and not record._transient:
                self.assertEqual(self._told(record), "." * len(ROLES), name)

    # ------------------------------------------------------------ guards
    def test_guards_are_declared_and_in_place(self):
        self.env.flush_all()
        check = guard_check.GuardCheck(self.env)
        self.assertFalse([*check.guard_findings(), *check.function_findings()])
        self.assertFalse(constraint_check.ConstraintCheck(self.env).findings())
        own = {self.env[name]._table for name in self.rows}
        self.cr.execute(
            "SELECT tgname, tgrelid::regclass::text FROM pg_trigger"
            " WHERE NOT tgisinternal AND tgrelid::regclass::text = ANY(%s)",
            [list(own)],
        )
        declared = {(guard.name, guard.table) for guard in check.guards}
        self.assertLessEqual(set(self.cr.fetchall()), declared)

    # ------------------------------------------------------------ screens
    def test_every_menu_opens_with_its_views_filters_and_prints(self):
        self.people = [self.roles["recruiter"], self.roles["director"]]
        self.assertGreater(self._open_all(ROOT), 5)
        self.people = [self.supervisor, self.roles["director"]]
        self.assertGreater(self._open_all(TEAM), 3)
