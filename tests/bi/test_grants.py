"""Who gives access from outside to whom, and what PostgreSQL makes of it."""

from psycopg2 import ProgrammingError

from odoo.addons.nka_key_accounts.hooks import uninstall_hook
from odoo.addons.nka_key_accounts.models.bi.views import functions
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from .common import CLIENTS, PAY, BiCase

VIEWS = [
    f"nka_bi_{key}"
    for key in ("account", "sale", "credit", "statement", "goal", "document")
]


class TestGrants(BiCase):
    def test_a_role_reads_only_what_it_was_given(self):
        role = self._role()
        self._denied(role, "SELECT * FROM nka_bi_account")
        grant = self._given(role, "has_account")
        self.assertFalse(grant.reviewer_id)
        [row] = self._read_as(role, "nka_bi_account")
        self.assertEqual(row["account_id"], self.account.id)
        for query in (
            "SELECT * FROM nka_bi_sale",
            "SELECT * FROM nka_bi_statement_rows()",
            "SELECT * FROM nka_bi_companies('account')",
            "SELECT * FROM nka_key_account",
            "SELECT * FROM nka_bi_grant",
        ):
            self._denied(role, query)
        events = self._events(grant.sudo(), "state")
        self.assertEqual(events.mapped("new"), ["in_force"])
        self.assertTrue(events.file_digest)

    def test_pay_needs_a_director(self):
        role = self._role()
        grant = self._grant(role, "has_statement")
        self.kam_admin.group_ids += self.director.group_ids
        grant.action_submit()
        self.assertEqual(grant.state, "submitted")
        asked = grant.sudo().activity_ids.user_id
        self.assertEqual(asked, self.director)
        self._denied(role, "SELECT * FROM nka_bi_statement")
        with self.refused(AccessError, "another"):
            grant.action_approve()
        with self.refused(AccessError):
            grant.with_user(self.officer).action_approve()
        with self.refused(UserError, "Withdraw it"):
            grant.role = "another_role"
        grant.with_user(self.director).action_approve()
        rows = self._read_as(role, "nka_bi_statement")
        self.assertEqual(sum(row["total"] for row in rows), self._by_hand())
        self.assertEqual(grant.reviewer_id, self.director)

    def test_a_return_lets_it_be_changed(self):
        grant = self._grant(self._role(), "has_goal")
        grant.action_submit()
        grant.with_user(self.director).action_return(reason="What for?")
        grant.purpose = "Goals of the year"
        grant.action_submit()
        self.assertEqual(grant.state, "submitted")

    def test_a_withdrawn_role_reads_nothing(self):
        role = self._role()
        grant = self._given(role, *CLIENTS, *PAY)
        other = self._given(role, "has_document")
        for view in VIEWS:
            self._read_as(role, view)
        for user in (self.supervisor, self.officer, self.manager):
            with self.refused(AccessError):
                grant.with_user(user).action_withdraw(reason="x")
        asked = grant.action_withdraw()
        self.assertEqual(asked["res_model"], "nka.reason.wizard")
        grant.with_user(self.director).action_withdraw(reason="The report ended")
        self._read_as(role, "nka_bi_document")
        other.action_withdraw(reason="So did this")
        for view in VIEWS:
            self._denied(role, f"SELECT * FROM {view}")
            self._denied(role, f"SELECT * FROM {view}_rows()")
        with self.refused(UserError, "available only"):
            grant.action_withdraw(reason="Again")

    def test_roles_that_could_read_more_are_refused(self):
        self.cr.execute("SELECT session_user")
        [own] = self.cr.fetchone()
        table = self._role("_table")
        self.cr.execute(f'GRANT SELECT (name) ON res_partner TO "{table}"')
        member = self._role("_member", f'LOGIN IN ROLE "{own}"')
        maker, writer = self._role("_creator"), self._role("_writer")
        self.cr.execute(
            f"""GRANT CREATE ON SCHEMA public TO "{maker}";
                GRANT UPDATE (active) ON res_users TO "{writer}";"""
        )
        for role, expected in (
            (own, "too many rights"),
            (member, "too many rights"),
            (self._role("_super", "SUPERUSER"), "too many rights"),
            (self._role("_maker", "CREATEROLE"), "too many rights"),
            (self._role("_files", "IN ROLE pg_read_server_files"), "too many rights"),
            ("pg_read_all_data", "too many rights"),
            (self._role("_all", "IN ROLE pg_read_all_data"), "read or change"),
            (self._role("_write", "IN ROLE pg_write_all_data"), "change tables"),
            (table, "read or change tables"),
            (writer, "read or change tables"),
            (maker, "can create functions or tables"),
            ("nka_nobody_has_this_name", "no database role"),
            ("public", "no database role"),
        ):
            grant = self._grant(role, "has_account")
            with self.subTest(role), self.refused(UserError, expected):
                grant.action_submit()
            self.assertEqual(grant.state, "draft")

    def test_a_name_is_never_part_of_a_statement(self):
        for name in (
            'x"; DROP TABLE nka_bonus_line; --',
            "x, y",
            "Report",
            "",
            "x" * 64,
            "role\n",
        ):
            with self.subTest(name), self.refused(ValidationError, "lower-case"):
                self._grant(name, "has_account")

    def test_a_role_that_may_create_functions_later_is_reported(self):
        role = self._role()
        grant = self._given(role, "has_account")
        self.cr.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
        with mute_logger("odoo.addons.nka_key_accounts.models.bi.nka_bi_grant"):
            self.grants._cron_serve()
        self.assertIn("can create functions", grant.problem)

    def test_functions_of_a_role_arent_called(self):
        """PostgreSQL prefers the function whose arguments fit best, also to its own, and
        would run it with the rights of Odoo's database user.
        """
        role = self._role()
        self._given(role, "has_account")
        self.cr.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
        with self._as_role(role):
            self.cr.execute(
                """CREATE FUNCTION public.to_jsonb(nka_bi_grant) RETURNS jsonb AS
                   $$ BEGIN RAISE 'called as %', current_user; END $$ LANGUAGE plpgsql;
                   CREATE TEMP TABLE nka_key_account (id integer);"""
            )
        self.assertEqual(len(self._read_as(role, "nka_bi_account")), 1)
        for function in functions("public"):
            with self.subTest(function.name):
                self.assertIn(
                    "SET search_path = pg_catalog, pg_temp", function.definition
                )

    def test_a_role_that_became_strong_is_reported(self):
        role = self._role()
        grant = self._given(role, "has_account")
        self.cr.execute(f'ALTER ROLE "{role}" SUPERUSER')
        with mute_logger("odoo.addons.nka_key_accounts.models.bi.nka_bi_grant"):
            self.grants._cron_serve()
        self.assertIn("too many rights", grant.problem)
        self.cr.execute(f'ALTER ROLE "{role}" NOSUPERUSER')
        self.grants._cron_serve()
        self.assertFalse(grant.problem)

    def test_another_role_of_the_same_name_reads_nothing(self):
        role = self._role()
        grant = self._given(role, "has_account")
        self.cr.execute(f'DROP OWNED BY "{role}"; DROP ROLE "{role}"')
        self._role()
        with mute_logger("odoo.addons.nka_key_accounts.models.bi.nka_bi_grant"):
            self.grants._cron_serve()
        self.assertIn("created again", grant.problem)
        self._denied(role, "SELECT * FROM nka_bi_account")
        self.cr.execute(f'GRANT SELECT ON nka_bi_account TO "{role}"')
        self.cr.execute(f'GRANT EXECUTE ON FUNCTION nka_bi_account_rows() TO "{role}"')
        self.assertEqual(self._read_as(role, "nka_bi_account"), [])

    def test_privileges_granted_by_hand_are_revoked(self):
        role, other = self._role(), self._role(" With Space %s")
        self._given(role, "has_account")
        self.cr.execute(
            f"""GRANT SELECT ON nka_bi_statement TO PUBLIC;
                GRANT SELECT ON nka_bi_statement TO "{other}";
                GRANT EXECUTE ON FUNCTION nka_bi_statement_rows() TO "{other}";
                REVOKE ALL ON nka_bi_account FROM "{role}";"""
        )
        self.assertEqual(self._read_as(other, "nka_bi_statement"), [])
        with self.assertLogs(
            "odoo.addons.nka_key_accounts.models.bi.nka_bi_grant", "WARNING"
        ) as logs:
            self.grants._cron_serve()
        self.assertIn("nka_bi_statement", logs.output[0])
        for one in (role, other):
            self._denied(one, "SELECT * FROM nka_bi_statement")
        self.assertTrue(self._read_as(role, "nka_bi_account"))

    def test_privileges_passed_on_are_revoked(self):
        role, other = self._role(), self._role("_other")
        self._given(role, "has_account")
        grant = self._given(role, "has_statement")
        self.cr.execute(
            f'GRANT SELECT ON nka_bi_statement TO "{role}" WITH GRANT OPTION'
        )
        with self._as_role(role):
            self.cr.execute(f'GRANT SELECT ON nka_bi_statement TO "{other}"')
        grant.action_withdraw(reason="The report ended")
        for one in (role, other):
            self._denied(one, "SELECT * FROM nka_bi_statement")
        with self._as_role(role):
            self.cr.execute("SELECT FROM nka_bi_account")

    def test_members_of_a_role_read_what_it_was_given(self):
        group = self._role("_group", "NOLOGIN")
        member = self._role("_member", f'LOGIN IN ROLE "{group}"')
        self._given(group, "has_account")
        self.assertEqual(len(self._read_as(member, "nka_bi_account")), 1)

    def test_each_company_needs_its_own_access(self):
        role = self._role()
        self.kam_admin.company_ids += self.elsewhere
        grants = self.grants.with_context(allowed_company_ids=self.elsewhere.ids)
        grant = grants.create(
            {"purpose": "Elsewhere", "role": role, "has_account": True}
        )
        self.assertEqual(grant.company_id, self.elsewhere)
        grant.action_submit()
        self.assertEqual(self._read_as(role, "nka_bi_account"), [])
        self._given(role, "has_account")
        self.assertEqual(len(self._read_as(role, "nka_bi_account")), 1)
        with self.refused(AccessError):
            here = self._grant(role, "has_account")
            here = here.with_context(allowed_company_ids=self.company.ids)
            here.company_id = self.elsewhere
        foreign = grant.with_user(self.director).with_context(allowed_company_ids=None)
        with self.refused(AccessError):
            foreign.action_withdraw(reason="Not mine")

    def test_the_schema_is_opened_and_closed_again(self):
        role = self._role()
        self.cr.execute("REVOKE USAGE ON SCHEMA public FROM PUBLIC")
        first = self._given(role, "has_account")
        second = self._given(role, "has_sale")
        self._read_as(role, "nka_bi_account")
        first.action_withdraw(reason="x")
        self._read_as(role, "nka_bi_sale")
        second.action_withdraw(reason="x")
        with mute_logger("odoo.sql_db"), self.assertRaises(ProgrammingError):
            self._read_as(role, "nka_bi_sale")

    def test_nobody_else_gives_access(self):
        role = self._role()
        vals = {"purpose": "x", "role": role, "has_account": True}
        for user in (
            self.manager,
            self.supervisor,
            self.officer,
            self.director,
            self.employee_user,
        ):
            with self.subTest(user.login), self.refused(AccessError):
                self.grants.with_user(user).create(vals)
        grant = self._grant(role, "has_statement")
        for vals in ({"state": "in_force"}, {"role_number": "10"}, {"problem": "x"}):
            with self.refused(AccessError, "buttons"):
                grant.write(vals)
        with self.refused(AccessError):
            grant.with_user(self.director).purpose = "x"
        with self.refused(AccessError):
            grant.with_user(self.director).action_submit()
        with self.refused(UserError, "at least one kind of data"):
            self._grant(role).action_submit()

    def test_what_was_decided_stays(self):
        grant = self._given(self._role(), "has_account")
        with self.refused(UserError, "Withdraw it"):
            grant.unlink()
        with self.refused(UserError, "Withdraw it"):
            grant.has_statement = True
        for query in (
            "UPDATE nka_bi_grant SET has_statement = TRUE WHERE id = %s",
            "UPDATE nka_bi_grant SET role_number = '10' WHERE id = %s",
            "UPDATE nka_bi_grant SET state = 'draft' WHERE id = %s",
            "DELETE FROM nka_bi_grant WHERE id = %s",
        ):
            self.refused_by_database(query, grant.id)
        self.assertNotIn("Monthly report", self._said())
        change = "UPDATE nka_bi_grant SET has_statement = TRUE WHERE id = %s"
        with self.tampered(change, grant.id):
            self.assertIn("Monthly report differs", self._said())

    def test_an_update_creates_the_views_again(self):
        role = self._role()
        self._given(role, "has_account")
        self.cr.execute(
            "DROP VIEW nka_bi_account; CREATE VIEW nka_bi_account AS SELECT 1 AS old"
        )
        self.env["nka.bi.grant"].init()
        self.assertEqual(len(self._read_as(role, "nka_bi_account")), 1)
        self._denied(role, "SELECT * FROM nka_bi_sale")
        self._denied(role, "SELECT * FROM nka_bi_sale_rows()")

    def test_an_update_of_odoo_can_change_any_column(self):
        role = self._role()
        self._given(role, *CLIENTS, *PAY)
        self.env.flush_all()
        self.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, column, kind in (
            ("res_partner", "name", "text"),
            ("res_company", "name", "text"),
            ("res_currency", "name", "text"),
            ("product_category", "complete_name", "text"),
            ("nka_pay_statement", "total_amount", "numeric(20,4)"),
        ):
            self.cr.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {kind}")
        for view in VIEWS:
            self._read_as(role, view)

    def test_an_uninstallation_removes_views_and_privileges(self):
        role = self._role()
        gone = self._role("_gone")
        self.cr.execute("REVOKE USAGE ON SCHEMA public FROM PUBLIC")
        for one in (role, gone):
            self._given(one, "has_account")
        self.cr.execute(f'DROP OWNED BY "{gone}"; DROP ROLE "{gone}"')
        self.env.flush_all()
        self.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with mute_logger("odoo.addons.nka_key_accounts.hooks"):
            uninstall_hook(self.env)
        self.cr.execute(
            "SELECT relname FROM pg_class WHERE starts_with(relname, 'nka_bi_')"
            " AND relkind = 'v'"
        )
        self.assertEqual(self.cr.fetchall(), [])
        self.cr.execute(f'DROP ROLE "{role}"')
