"""Database guards: every change to one of them is reported."""

from psycopg2.errors import RestrictViolation

from odoo.addons.nka_key_accounts.models.proof import (
    bypass_check,
    constraint_check,
    database_check,
    guard_check,
)
from odoo.addons.nka_key_accounts.models.trail import guards
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ProofCase


@tagged("nka_proof")
class TestGuards(ProofCase):
    def setUp(self):
        super().setUp()
        # Deferred triggers must not be pending while tables are altered.
        self.env.flush_all()
        self.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.check = guard_check.GuardCheck(self.env)
        self.constraints = constraint_check.ConstraintCheck(self.env)
        self.bypasses = bypass_check.BypassCheck(
            self.env, self.check.tables(), self.check.function_names()
        )

    def _told(self):
        return "\n".join(
            [
                *self.check.guard_findings(),
                *self.check.warnings(),
                *self.bypasses.findings(),
                *self.check.function_findings(),
                *self.constraints.findings(),
            ]
        )

    def _assert_found(self, statement, pattern):
        """Assert that the verification reports what the SQL statement changed."""
        with self._undone():
            self.cr.execute(statement)
            self.assertRegex(self._told(), pattern)
            found = self._verify()
            self.assertTrue(not found.is_whole or found.has_warnings)
            self.assertRegex(found.message, pattern)

    def test_untouched(self):
        self.assertFalse(self._told())
        self.assertGreater(len(self.check.guards), 40)
        self.assertGreater(len(self.check.functions), 20)
        self.assertGreater(len(self.constraints.constraints()), 40)

    def test_all_triggers_of_the_database_are_declared(self):
        self.cr.execute(
            "SELECT tgname, tgrelid::regclass::text FROM pg_trigger JOIN pg_proc"
            " ON pg_proc.oid = tgfoid WHERE NOT tgisinternal AND proname ~ '^nka_'"
        )
        declared = {(guard.name, guard.table) for guard in self.check.guards}
        self.assertEqual(set(self.cr.fetchall()), declared)

    def test_each_trigger_disabled(self):
        for guard in self.check.guards:
            for mode in ("DISABLE", "ENABLE REPLICA"):
                with self.subTest(guard.name, mode=mode), self._undone():
                    self.cr.execute(
                        f'ALTER TABLE "{guard.table}" {mode} TRIGGER "{guard.name}"'
                    )
                    self.assertRegex(
                        self._told(),
                        f"{guard.name} of table {guard.table} is missing or",
                    )

    def test_each_trigger_dropped(self):
        for guard in self.check.guards:
            with self.subTest(guard.name), self._undone():
                self.cr.execute(f'DROP TRIGGER "{guard.name}" ON "{guard.table}"')
                self.assertIn(
                    f"{guard.name} of table {guard.table} is missing", self._told()
                )

    def test_each_function_emptied(self):
        for function in self.check.functions:
            self.cr.execute(
                "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = %s",
                [function.name],
            )
            [(definition,)] = self.cr.fetchall()
            head, _as, _body = definition.partition("\nAS ")
            body = "SELECT NULL::boolean" if "LANGUAGE sql" in head else "BEGIN END"
            if "RETURNS void" in head and "LANGUAGE sql" in head:
                body = "SELECT NULL"
            with self.subTest(function.name), self._undone():
                # An emptied body needn't return what the declaration says.
                self.cr.execute("SET LOCAL check_function_bodies = off")
                self.cr.execute(f"{head}\nAS $nothing${body}$nothing$")
                self.assertIn(
                    f"The body of the function {function.name} differs", self._told()
                )

    def test_function_dropped_with_its_triggers(self):
        self._assert_found(
            "DROP FUNCTION nka_frozen CASCADE", "function nka_frozen is missing"
        )

    def test_function_with_other_privileges(self):
        self._assert_found(
            "ALTER FUNCTION nka_frozen() SECURITY DEFINER",
            "declaration of the function nka_frozen differs",
        )

    def test_function_in_another_schema(self):
        self._assert_found(
            "CREATE SCHEMA aside; CREATE FUNCTION aside.nka_frozen() RETURNS trigger "
            "AS 'BEGIN RETURN NEW; END' LANGUAGE plpgsql",
            "nka_frozen in schema aside doesn't belong to the program",
        )

    def test_same_trigger_name_on_another_table(self):
        self._assert_found(
            "DROP TRIGGER nka_work_report_frozen ON nka_work_report;"
            "CREATE TRIGGER nka_work_report_frozen BEFORE UPDATE OR DELETE ON nka_tier "
            "FOR EACH ROW EXECUTE FUNCTION nka_frozen('TRUE', '')",
            "nka_work_report_frozen of table nka_work_report is missing"
            "(.|\n)*nka_work_report_frozen exists on table nka_tier",
        )

    def test_changed_triggers(self):
        name, table = "nka_work_report_frozen", "nka_work_report"
        function = "EXECUTE FUNCTION nka_frozen"
        self.cr.execute(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = %s", [name]
        )
        [(own,)] = self.cr.fetchall()
        own = own.replace("CREATE TRIGGER", "CREATE OR REPLACE TRIGGER")
        for old, new, part in (
            ("BEFORE", "AFTER", "timing"),
            ("DELETE OR UPDATE", "DELETE", "events or columns"),
            ("UPDATE ON", "UPDATE OF note_issues ON", "events or columns"),
            ("'before", "'FALSE AND before", "arguments"),
            (function, f"WHEN (FALSE) {function}", "condition"),
            ("FOR EACH ROW", "FOR EACH STATEMENT", "row or statement level"),
            (function, "EXECUTE FUNCTION nka_audit_refuse", "trigger function"),
        ):
            with self.subTest(new), self._undone():
                if "note_issues" in new:
                    new = new.replace("note_issues", "state")
                self.assertIn(old, own)
                self.cr.execute(own.replace(old, new, 1))
                self.assertRegex(
                    self._told(), f"{name} of table {table} differs .*{part}"
                )

    def test_foreign_triggers_rules_and_settings(self):
        for statement, pattern in (
            (
                "CREATE FUNCTION swallow() RETURNS trigger AS 'BEGIN RETURN NULL; END' "
                "LANGUAGE plpgsql; CREATE TRIGGER a_first BEFORE INSERT ON "
                "nka_audit_event FOR EACH ROW EXECUTE FUNCTION swallow()",
                "trigger a_first of table nka_audit_event doesn't belong to the program",
            ),
            (
                "CREATE TRIGGER nka_more BEFORE UPDATE ON sale_order "
                "FOR EACH ROW EXECUTE FUNCTION nka_audit_refuse()",
                "trigger nka_more of table sale_order doesn't belong to the program.",
            ),
            (
                "CREATE FUNCTION nka_extra() RETURNS integer AS 'SELECT 1' LANGUAGE sql",
                "function nka_extra in schema public doesn't belong to the program",
            ),
            (
                "CREATE RULE quiet AS ON DELETE TO nka_audit_event DO INSTEAD NOTHING",
                "rewrite rule quiet of table nka_audit_event",
            ),
            (
                "ALTER TABLE nka_audit_event ENABLE ROW LEVEL SECURITY",
                "row-level security policy hides rows of table nka_audit_event",
            ),
            (
                "ALTER ROLE CURRENT_USER SET session_replication_role = replica",
                "because of the setting session_replication_role=replica",
            ),
            (
                "SET LOCAL session_replication_role = replica",
                "its replication mode is replica",
            ),
        ):
            with self.subTest(pattern):
                self._assert_found(statement, pattern)

    def test_objects_that_bypass_triggers(self):
        for statement, pattern in (
            (
                "CREATE RULE quiet AS ON UPDATE TO hr_payslip_line DO INSTEAD NOTHING",
                "rewrite rule quiet of table hr_payslip_line",
            ),
            (
                "ALTER TABLE hr_payslip ENABLE ROW LEVEL SECURITY",
                "hides rows of table hr_payslip",
            ),
            (
                "CREATE FUNCTION change() RETURNS trigger AS 'BEGIN RETURN NULL; END' "
                "LANGUAGE plpgsql; CREATE TRIGGER z_last BEFORE UPDATE ON hr_payslip "
                "FOR EACH ROW EXECUTE FUNCTION change()",
                "trigger z_last of table hr_payslip doesn't belong to the program and can",
            ),
            (
                "CREATE TABLE more_events () INHERITS (nka_audit_event)",
                "Table more_events inherits from nka_audit_event",
            ),
            (
                "CREATE SCHEMA aside; CREATE TABLE aside.nka_work_report "
                "(LIKE nka_work_report)",
                "nka_work_report in schema aside doesn't belong to the program",
            ),
            (
                "CREATE SCHEMA aside; CREATE VIEW aside.hr_payslip AS SELECT 1 AS id",
                "hr_payslip in schema aside doesn't belong to the program",
            ),
            (
                "CREATE OR REPLACE VIEW nka_bi_goal AS "
                "SELECT * FROM nka_bi_goal_rows() WHERE weight > 0",
                "nka_bi_goal in schema public doesn't belong to the program",
            ),
            (
                "CREATE VIEW nka_pay AS SELECT * FROM nka_pay_statement",
                "nka_pay in schema public doesn't belong to the program",
            ),
            (
                "ALTER TABLE nka_pay_opening ALTER COLUMN balance SET DEFAULT 5000",
                "Column balance of table nka_pay_opening has a default value",
            ),
            (
                "CREATE FUNCTION num_nonnulls(integer, varchar, varchar) RETURNS integer "
                "AS 'SELECT 0' LANGUAGE sql",
                "num_nonnulls in schema public has the name of one of PostgreSQL's own",
            ),
            (
                "CREATE FUNCTION alike(integer, interval) RETURNS boolean "
                "AS 'SELECT TRUE' LANGUAGE sql; CREATE OPERATOR = "
                "(LEFTARG = integer, RIGHTARG = interval, FUNCTION = alike)",
                "operator = in schema public has the name of",
            ),
            (
                "ALTER ROLE CURRENT_USER SET search_path = aside, public",
                "setting search_path=aside, public",
            ),
            (
                "ALTER SEQUENCE nka_audit_event_id_seq RESTART WITH 1",
                "ID counter of the audit trail is at .* was set back",
            ),
        ):
            with self.subTest(pattern):
                self._assert_found(statement, pattern)

    def test_an_intact_duplicate_hides_nothing(self):
        """A table of the same name in another schema has triggers that fire."""
        guard = next(
            one for one in self.check.guards if one.name == "nka_work_report_frozen"
        )
        definition = guard.definition.replace(
            f"ON {guard.table}", f"ON aside.{guard.table}"
        )
        self.assertIn("aside", definition)
        self._assert_found(
            f"CREATE SCHEMA aside; CREATE TABLE aside.{guard.table} "
            f"(LIKE {guard.table}); {definition}; "
            f"ALTER TABLE public.{guard.table} DISABLE TRIGGER {guard.name}",
            f"{guard.name} of table {guard.table} is missing or disabled",
        )

    def test_unique_indexes(self):
        name, table = "nka_pay_statement_payslip_unique", "nka_pay_statement"
        for statement, pattern in (
            (f"DROP INDEX {name}", f"{name} of table {table} is missing"),
            (
                f"DROP INDEX {name}; CREATE INDEX {name} ON {table} (payslip_id)",
                f"{name} of table {table} differs from the program's",
            ),
            (
                f"DROP INDEX {name}; CREATE UNIQUE INDEX {name} ON {table} (payslip_id) "
                "WHERE payslip_id < 0",
                f"{name} of table {table} differs from the program's",
            ),
        ):
            with self.subTest(statement):
                self._assert_found(statement, pattern)

    def test_constraints(self):
        for statement, pattern in (
            (
                "ALTER TABLE nka_audit_event DROP CONSTRAINT nka_audit_event_chain_unique",
                "nka_audit_event_chain_unique of table nka_audit_event is missing",
            ),
            (
                "ALTER TABLE nka_pay_agreement"
                " DROP CONSTRAINT nka_pay_agreement_no_overlap;"
                " ALTER TABLE nka_pay_agreement"
                " ADD CONSTRAINT nka_pay_agreement_no_overlap CHECK (TRUE)",
                "nka_pay_agreement_no_overlap of table nka_pay_agreement differs",
            ),
        ):
            with self.subTest(pattern):
                self._assert_found(statement, pattern)

    def test_a_restored_backup_is_no_contradiction(self):
        """A backup holds definitions in PostgreSQL's own wording, which may differ."""
        with self._undone():
            for guard in self.check.guards:
                self.cr.execute(
                    "SELECT pg_get_triggerdef(oid), tgenabled FROM pg_trigger"
                    " WHERE tgname = %s AND tgrelid = %s::regclass",
                    [guard.name, guard.table],
                )
                [(definition, enabled)] = self.cr.fetchall()
                self.cr.execute(f'DROP TRIGGER "{guard.name}" ON "{guard.table}"')
                self.cr.execute(definition)
                if enabled == "A":
                    self.cr.execute(
                        f'ALTER TABLE "{guard.table}"'
                        f' ENABLE ALWAYS TRIGGER "{guard.name}"'
                    )
            for name, (table, _definition) in self.constraints.constraints().items():
                self.cr.execute(
                    "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
                    " WHERE conname = %s AND conrelid = %s::regclass",
                    [name, table],
                )
                [(definition,)] = self.cr.fetchall()
                self.cr.execute(
                    f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}",'
                    f' ADD CONSTRAINT "{name}" {definition}'
                )
            self.assertFalse(self._told())

    def test_a_check_leaves_no_objects(self):
        self._verify()
        self.cr.execute(
            "SELECT 1 FROM pg_class WHERE relname = %s", [database_check.SHAPE]
        )
        self.assertFalse(self.cr.fetchall())

    def test_enabled_guards_refuse_changes(self):
        """While the guards are intact, the database refuses the change."""
        report = "UPDATE nka_audit_event SET note = 'x' WHERE id = %s"
        event = self._events(self.account)[0]
        self._verify()
        with self.assertRaises(RestrictViolation), mute_logger("odoo.sql_db"):
            with self.cr.savepoint():
                self.cr.execute(report, [event.id])


@tagged("nka_proof")
class TestDeclarations(ProofCase):
    def test_a_script_is_split_into_its_parts(self):
        sql = """
            CREATE OR REPLACE FUNCTION a() RETURNS trigger AS $$
            BEGIN DELETE FROM b; RETURN NULL; END $$ LANGUAGE plpgsql STABLE;
            DROP TRIGGER IF EXISTS c ON d;
            CREATE TRIGGER c AFTER UPDATE OF e, f ON d FOR EACH ROW EXECUTE FUNCTION a();
            ALTER TABLE d ENABLE ALWAYS TRIGGER c;
        """
        function, guard = guards.guards_of(sql)
        self.assertEqual(function.name, "a")
        self.assertTrue(function.definition.endswith("STABLE;"))
        self.assertEqual((guard.name, guard.table, guard.is_always), ("c", "d", True))

    def test_other_statements_are_refused(self):
        with self.assertRaisesRegex(ValueError, "neither"):
            guards.guards_of("DROP TABLE a;")
