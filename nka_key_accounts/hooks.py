"""Hooks that Odoo calls when the addon is installed or uninstalled.

Payslips outlive the addon, because they record what was paid. With them stay the
salary structure, rules and categories that they refer to. A later installation takes
these over, instead of creating a second set whose payslips it wouldn't recognize.
"""

import logging

from odoo.exceptions import UserError
from odoo.tools import SQL, sql

_logger = logging.getLogger(__name__)

#: Odoo Enterprise's own payroll: defines models with the same names as OCA's payroll.
ENTERPRISE_PAYROLL = "hr_payroll"

FUNCTIONS = SQL("""
    SELECT oid::regprocedure::text
      FROM pg_proc
     WHERE pronamespace = current_schema::regnamespace AND starts_with(proname, 'nka_')
""")
# For what a mixin adds to this addon's models, Odoo creates external ids under the
# mixin's module, and doesn't remove them on uninstall.
FOREIGN_EXTERNAL_IDS = SQL("""
    DELETE FROM ir_model_data
     WHERE module != 'nka_key_accounts'
       AND name ~ '^(selection|model_inherit|field|constraint)__nka_'
""")
# Odoo would delete them one by one, and log an error for each that others refer to; it
# drops their tables anyway.
OWN_RECORDS = SQL("""
    DELETE FROM ir_model_data WHERE module = 'nka_key_accounts' AND starts_with(model, 'nka.')
""")
# They would keep Odoo from deleting demo records of other models, with an error for each.
OWN_FOREIGN_KEYS = SQL("""
    SELECT child.relname, con.conname
      FROM pg_constraint con
      JOIN pg_class child ON child.oid = con.conrelid
      JOIN pg_class parent ON parent.oid = con.confrelid
     WHERE con.contype = 'f' AND child.relnamespace = current_schema::regnamespace
       AND starts_with(child.relname, 'nka_') AND NOT starts_with(parent.relname, 'nka_')
       AND con.confdeltype IN ('a', 'r')
""")
OWN_ACTIVITY_TYPES = SQL("""
    SELECT res_id FROM ir_model_data
     WHERE module = 'nka_key_accounts' AND model = 'mail.activity.type'
""")
#: The addon's records that payslips refer to.
OF_PAYROLL = SQL("""
    module = 'nka_key_accounts'
    AND model IN ('hr.payroll.structure', 'hr.salary.rule', 'hr.salary.rule.category')
""")
IS_PAYROLL_USED = SQL(
    """
    WITH own AS (SELECT model, res_id FROM ir_model_data WHERE %s),
    structures AS (SELECT res_id FROM own WHERE model = 'hr.payroll.structure'),
    rules AS (SELECT res_id FROM own WHERE model = 'hr.salary.rule'),
    categories AS (SELECT res_id FROM own WHERE model = 'hr.salary.rule.category')
    SELECT EXISTS (SELECT FROM hr_payslip_line
                    WHERE salary_rule_id IN (SELECT res_id FROM rules)
                       OR category_id IN (SELECT res_id FROM categories))
        OR EXISTS (SELECT FROM hr_payslip
                    WHERE struct_id IN (SELECT res_id FROM structures))
        OR EXISTS (SELECT FROM hr_payslip_run
                    WHERE struct_id IN (SELECT res_id FROM structures))
        OR EXISTS (SELECT FROM hr_version
                    WHERE struct_id IN (SELECT res_id FROM structures))
        OR EXISTS (SELECT FROM hr_payroll_structure
                    WHERE parent_id IN (SELECT res_id FROM structures))
        OR EXISTS (SELECT FROM hr_salary_rule
                    WHERE id NOT IN (SELECT res_id FROM rules)
                      AND (category_id IN (SELECT res_id FROM categories)
                           OR parent_rule_id IN (SELECT res_id FROM rules)))
    """,
    OF_PAYROLL,
)
#: External id of a rule and of its category, by the rule's code.
RULES = {
    "NKA_FIXED": ("hr_rule_fixed", "hr_category_fixed"),
    "NKA_SOFT": ("hr_rule_soft", "hr_category_variable"),
    "NKA_BONUS": ("hr_rule_bonus", "hr_category_variable"),
    "NKA_HELD_RELEASED": ("hr_rule_held_released", "hr_category_fixed"),
    "NKA_RETRO": ("hr_rule_retro", "hr_category_variable"),
    "NKA_CARRY": ("hr_rule_carry", "hr_category_variable"),
    "GROSS": ("hr_rule_gross", "hr_category_gross"),
    "NET": ("hr_rule_net", "hr_category_net"),
}
STRUCTURE_CODE = "NKA_40_10_50"


def pre_init_hook(env):
    """Refuse Odoo Enterprise's payroll; take over what an earlier installation left.

    :raise UserError: if Enterprise's payroll is installed
    """
    modules = env["ir.module.module"]
    states = ("installed", "to install", "to upgrade")
    if modules.search_count(
        [("name", "=", ENTERPRISE_PAYROLL), ("state", "in", states)], limit=1
    ):
        raise UserError(
            env._(
                "Key Account Management can't be installed beside Odoo Enterprise's "
                "Payroll (hr_payroll), because both define payslips: use a database "
                "without it, and pass the pay on with the payroll file."
            )
        )
    _adopt_payroll(env)


def post_init_hook(env):
    """Record the initial roles of users, which the installation granted, and open
    their desks after login.
    """
    env["nka.audit.verification"]._record_standing_roles()
    env["res.users"]._set_up_desks()


def uninstall_hook(env):
    """Remove what Odoo doesn't: database functions with their triggers and views,
    privileges of roles, and external ids created under other modules.

    Runs before Odoo drops the tables, because the triggers would protect their rows.
    """
    env["nka.bi.grant"]._remove_privileges()
    for (function,) in env.execute_query(FUNCTIONS):
        env.cr.execute(SQL("DROP FUNCTION %s CASCADE", SQL(function)))
    env.cr.execute(FOREIGN_EXTERNAL_IDS)
    env.cr.execute(OWN_RECORDS)
    for table, name in env.execute_query(OWN_FOREIGN_KEYS):
        drop = SQL(
            "ALTER TABLE %s DROP CONSTRAINT %s", *map(SQL.identifier, (table, name))
        )
        env.cr.execute(drop)
    _leave_activities(env)
    _leave_positions(env)
    _leave_payroll(env)


def _leave_activities(env):
    """Make activities on records that stay to-dos, because their types are deleted."""
    todo = env.ref("mail.mail_activity_data_todo").id
    env.cr.execute(
        SQL(
            "DELETE FROM mail_activity WHERE starts_with(res_model, 'nka.')"
            " AND activity_type_id IN (%s)",
            OWN_ACTIVITY_TYPES,
        )
    )
    for table in ("mail_activity", "mail_activity_plan_template"):
        env.cr.execute(
            SQL(
                "UPDATE %s SET activity_type_id = %s WHERE activity_type_id IN (%s)",
                SQL.identifier(table),
                todo,
                OWN_ACTIVITY_TYPES,
            )
        )


def _leave_positions(env):
    """Keep the shipped position if employees or applicants have it.

    Odoo would delete it by its external id, and leave them without a position.
    """
    for table in ("hr_version", "hr_applicant"):
        if sql.table_exists(env.cr, table):
            env.cr.execute(
                SQL(
                    "DELETE FROM ir_model_data WHERE module = 'nka_key_accounts'"
                    " AND model = 'hr.job' AND res_id IN (SELECT job_id FROM %s)",
                    SQL.identifier(table),
                )
            )


def _leave_payroll(env):
    """Keep structure, rules and categories if payslips or a company's rules use them.

    Odoo deletes records by their external ids; it would try and log errors.
    """
    ((is_used,),) = env.execute_query(IS_PAYROLL_USED)
    if is_used:
        env.cr.execute(SQL("DELETE FROM ir_model_data WHERE %s", OF_PAYROLL))
        _logger.info("Payslips, their batches, structure and rules are kept.")


def _adopt_payroll(env):
    """Give a structure, rules and categories left behind their external ids again."""
    found = env.execute_query(
        SQL(
            """SELECT structure.id
                 FROM hr_payroll_structure structure
                WHERE structure.code = %s AND NOT EXISTS (
                      SELECT FROM ir_model_data data
                       WHERE data.model = 'hr.payroll.structure'
                         AND data.res_id = structure.id)
                ORDER BY structure.company_id = %s DESC, structure.id LIMIT 1""",
            STRUCTURE_CODE,
            env.ref("base.main_company").id,
        )
    )
    if not found:
        return
    ((structure_id,),) = found
    _name(env, "hr.payroll.structure", structure_id, "structure_40_10_50")
    rows = env.execute_query(
        SQL(
            """SELECT DISTINCT ON (rule.code) rule.code, rule.id, rule.category_id
                 FROM hr_salary_rule rule
                 JOIN hr_structure_salary_rule_rel rel ON rel.rule_id = rule.id
                WHERE rel.struct_id = %s AND rule.code = ANY(%s)
                ORDER BY rule.code, rule.id""",
            structure_id,
            list(RULES),
        )
    )
    for code, rule_id, category_id in rows:
        rule, category = RULES[code]
        _name(env, "hr.salary.rule", rule_id, rule)
        _name(env, "hr.salary.rule.category", category_id, category)
    deductions = SQL(
        """SELECT MIN(category.id) FROM hr_salary_rule_category category
            WHERE category.code = 'DED' AND category.company_id IS NULL
              AND NOT EXISTS (SELECT FROM ir_model_data data
                               WHERE data.model = 'hr.salary.rule.category'
                                 AND data.res_id = category.id)"""
    )
    ((category_id,),) = env.execute_query(deductions)
    _name(env, "hr.salary.rule.category", category_id, "hr_category_deduction")


def _name(env, model, record_id, name):
    """Give a record an external id, unless either of them has another one."""
    env.cr.execute(
        SQL(
            """INSERT INTO ir_model_data (module, name, model, res_id, noupdate)
               SELECT 'nka_key_accounts', %(name)s, %(model)s, %(id)s, TRUE
                WHERE %(id)s IS NOT NULL
                  AND NOT EXISTS (SELECT FROM ir_model_data
                                   WHERE model = %(model)s AND res_id = %(id)s)
                   ON CONFLICT (module, name) DO NOTHING""",
            name=name,
            model=model,
            id=record_id or None,
        )
    )
