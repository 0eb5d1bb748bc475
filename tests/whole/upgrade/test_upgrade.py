"""The redesign changes nothing in the databases of companies that use the addon.

tools/checks/make_old_dump.py names the commit of the old code and created the two files
beside this one. They contain tables and views of the Odoo version that tools/setup
pins, and have to be created again for another version.
"""

import contextlib
import lzma
import os
import subprocess
import sys
from contextlib import closing

import psycopg2
import pytest
from psycopg2 import sql

from tools.checks import snapshot
from tools.checks.make_old_dump import CLONE, DUMP, SNAPSHOT
from tools.setup.databases import manifest_of

from ...throw_away import ADDON, configured, needs_databases, odoo

pytestmark = [pytest.mark.slow, needs_databases]

# Rewritten by every update: Odoo's tables about modules, and its signals to processes.
WRITTEN_AGAIN = ("bus_", "ir_", "orm_signaling_")
# Rows of the addon that an update rewrites or adds: activity types, required items of
# document types, texts of KPIs, checks of the close, names of salary rules, page formats
# of reports, texts of roles, groups of rules, groups implied by a role, Odoo's messages
# that a job was created or an action renamed, events that log the status of records
# without one, activity plans, mails, dashboards, tours and the desks of users, the
# health factor of client feedback, who may print a report.
BROUGHT = (
    "hr_job",
    "hr_job_hr_skill_rel",
    "hr_job_skill",
    "hr_salary_rule",
    "hr_skill",
    "hr_skill_level",
    "hr_skill_type",
    "mail_activity_plan",
    "mail_activity_plan_template",
    "mail_activity_type",
    "mail_message",
    "mail_template",
    "mail_tracking_value",
    "nka_audit_event",
    "nka_audit_head",
    "nka_document_type_item",
    "nka_health_weight",
    "nka_kpi",
    "nka_month_close_rule",
    "report_paperformat",
    "res_groups_report_rel",
    "res_groups",
    "res_groups_implied_rel",
    "res_groups_privilege",
    "res_groups_spreadsheet_dashboard_rel",
    "res_users",
    "rule_group_rel",
    "spreadsheet_dashboard",
    "spreadsheet_dashboard_group",
    "web_tour_tour",
)
TABLES = """
    SELECT table_name, array_agg(column_name::text ORDER BY column_name)
      FROM information_schema.columns JOIN information_schema.tables
     USING (table_schema, table_name)
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
       AND column_name NOT IN ('write_date', 'write_uid')
     GROUP BY table_name"""
ROWS = """
    SELECT count(*), md5(string_agg(told::text, '' ORDER BY told::text))
      FROM (SELECT {columns} FROM {table}) told"""

# PostgreSQL gives a table another file when it rewrites it, and locks it meanwhile.
FILES = """
    SELECT relname, relfilenode FROM pg_class
     WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
       AND NOT starts_with(relname, 'nka_')"""
VERSION = "SELECT state, latest_version FROM ir_module_module WHERE name = %s"
FAILING = """
def migrate(cr, version):
    cr.execute("UPDATE nka_pay_statement SET revision = revision + 1")
    raise ValueError("this update fails")
"""

# One change of each kind by SQL, and how the comparison reports it.
WHERE_NAMED = """
    WHERE id = (SELECT res_id FROM ir_model_data
                 WHERE module = 'nka_key_accounts' AND name = '{}')"""
CHANGES = {
    "changed ir.rule nka_tier_rule_company: domain_force": (
        "UPDATE ir_rule SET domain_force = '[(1, ''='', 1)]'",
        "nka_tier_rule_company",
    ),
    "changed ir.model.access access_nka_tier_admin: perm_unlink": (
        "UPDATE ir_model_access SET perm_unlink = NOT perm_unlink",
        "access_nka_tier_admin",
    ),
    "changed ir.ui.menu menu_nka_mentorship: sequence": (
        "UPDATE ir_ui_menu SET sequence = 1",
        "menu_nka_mentorship",
    ),
    "changed ir.ui.view nka_document_type_view_list: arch_db@en_US": (
        """UPDATE ir_ui_view SET arch_db = arch_db
               || '{"en_US": "<list><field name=\\"name\\"/></list>"}'""",
        "nka_document_type_view_list",
    ),
    "changed field nka.tier.name: field_description@ru_RU": (
        """UPDATE ir_model_fields SET field_description = field_description
               || '{"ru_RU": "Имя"}'""",
        "field_nka_tier__name",
    ),
    "gone index nka_pay_statement nka_pay_statement_closed_idx": (
        "DROP INDEX nka_pay_statement_closed_idx",
    ),
    "changed trigger nka_audit_event nka_audit_event_append_only": (
        "ALTER TABLE nka_audit_event DISABLE TRIGGER nka_audit_event_append_only",
    ),
}
RENAMED = """
    UPDATE ir_model_data SET name = 'tier_user'
     WHERE module = 'nka_key_accounts' AND name = 'access_nka_tier_user'"""


@contextlib.contextmanager
def database(suffix, template):
    """Copy a database, yield the name of the copy and drop it afterwards."""
    name = f"{os.environ['NKA_ADDON_DATABASE']}_{suffix}_{os.getpid()}"
    subprocess.run(["createdb", "-T", template, name], check=True)
    try:
        yield name
    finally:
        subprocess.run(["dropdb", "--if-exists", "--force", name], check=True)


def program(module, *words):
    """Run a module of this clone as a program and return its output."""
    done = subprocess.run(
        [sys.executable, "-m", module, *configured(*map(str, words))],
        cwd=CLONE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stdout + done.stderr[-3000:]
    return done.stdout


def snapshot_of(name, folder):
    """Return the snapshot of the addon in a database."""
    path = folder / f"{name}.json"
    program("tools.checks.snapshot", "write", name, path)
    return snapshot.load(path)


def rows_of(cursor, tables):
    """Return number and hash of the rows by table, for the given columns."""
    found = {}
    for table, columns in tables.items():
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        query = sql.SQL(ROWS).format(columns=names, table=sql.Identifier(table))
        cursor.execute(query)
        found[table] = cursor.fetchone()
    return found


def told(cursor, query, parameters=None):
    """Return the rows of a query, in a fixed order."""
    cursor.execute(query, parameters)
    return sorted(cursor.fetchall())


def own_columns(cursor):
    """Return the columns of the addon's tables.

    Apps of Odoo that this version needs and the old one didn't stay installed, because
    Odoo commits after each module.
    """
    return [row for row in told(cursor, TABLES) if row[0].startswith("nka_")]


@contextlib.contextmanager
def cursor_on(name):
    """Yield a cursor whose changes are committed."""
    with closing(psycopg2.connect(dbname=name)) as connection:
        with connection, connection.cursor() as cursor:
            yield cursor


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return the folder for the snapshots of these tests."""
    return tmp_path_factory.mktemp("snapshots")


@pytest.fixture(scope="module")
def installed(folder):
    """Return the snapshot of a new installation without demo data."""
    with database("installed", os.environ["NKA_ADDON_DATABASE"]) as name:
        return snapshot_of(name, folder)


def test_new_installation_equals_that_of_the_old_code(installed):
    counted, _uncounted = snapshot.compare(
        "baseline", snapshot.load(SNAPSHOT), installed
    )
    assert not counted, "\n" + snapshot.told(counted)


def test_comparison_reports_every_kind_of_change(installed, folder):
    with database("changed", os.environ["NKA_ADDON_DATABASE"]) as name:
        with cursor_on(name) as cursor:
            for statement, *named in CHANGES.values():
                where = WHERE_NAMED.format(*named) if named else ""
                cursor.execute(statement + where)
            cursor.execute(RENAMED)
        found = snapshot.differences(installed, snapshot_of(name, folder))
    assert found.keys() == {
        *CHANGES,
        "changed order nka_key_accounts.menu_nka_team",
        "gone ir.model.access access_nka_tier_user",
        "new ir.model.access tier_user",
    }


def update(name, *options, check=True):
    """Update the addon in a database; return the log."""
    words = ("-d", name, "-u", ADDON, "--stop-after-init", "--no-http")
    return odoo(*configured(), *words, *options, check=check)


def failed(name, folder):
    """Update with a migration script that fails after all others; return the log."""
    script = folder / ADDON / manifest_of(CLONE / ADDON)["version"] / "post-zz_fails.py"
    script.parent.mkdir(parents=True)
    script.write_text(FAILING)
    return update(name, f"--upgrade-path={folder}", check=False)


def test_updating_a_database_of_the_old_code(installed, folder):
    with database("old", "template0") as name:
        subprocess.run(
            ["psql", "-Xq1", "-v", "ON_ERROR_STOP=1", "-d", name],
            input=lzma.decompress(DUMP.read_bytes()),
            stdout=subprocess.DEVNULL,
            check=True,
        )
        with cursor_on(name) as cursor:
            cursor.execute(TABLES)
            tables = {
                table: columns
                for table, columns in cursor.fetchall()
                if not table.startswith(WRITTEN_AGAIN) and table not in BROUGHT
            }
            before = rows_of(cursor, tables)
            files = told(cursor, FILES)
            structure, version = own_columns(cursor), told(cursor, VERSION, [ADDON])
        assert before["nka_bonus_line"][0] > 100
        assert before["nka_pay_statement"][0] > 10

        # In a copy, because a failed update uses up numbers of sequences.
        with database("old_failed", name) as copy:
            assert "this update fails" in failed(copy, folder / "scripts")
            with cursor_on(copy) as cursor:
                assert told(cursor, VERSION, [ADDON]) == version
                assert own_columns(cursor) == structure
                assert dict(before.items() ^ rows_of(cursor, tables).items()) == {}

        log = update(name)
        assert [line for line in log.splitlines() if is_complaint(line)] == []
        with cursor_on(name) as cursor:
            assert told(cursor, VERSION, [ADDON])[0][0] == "installed"
            assert dict(files) == {
                table: file
                for table, file in told(cursor, FILES)
                if table in dict(files)
            }
            assert dict(before.items() ^ rows_of(cursor, tables).items()) == {}

        assert "3 months with 11 statements" in program(
            "tests.whole.upgrade.verify", name
        )
        updated = snapshot_of(name, folder)
        print(program("tests.whole.upgrade.rebuild", name))
    counted, _uncounted = snapshot.compare("upgrade", updated, installed)
    assert not counted, "\n" + snapshot.told(counted)


def is_complaint(line):
    """Return whether a line of Odoo's log is a warning or worse."""
    return any(f" {level} " in line for level in ("WARNING", "ERROR", "CRITICAL"))
