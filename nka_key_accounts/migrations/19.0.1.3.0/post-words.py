"""Replace the Russian translations, which now follow one glossary. A module update
doesn't overwrite existing translations, so the old ones would remain.
"""

from psycopg2 import sql

#: Columns with translated interface texts: table -> model and columns.
WORDS = {
    "ir_model": ("ir.model", ["name"]),
    "ir_model_fields": ("ir.model.fields", ["field_description", "help"]),
    "ir_model_fields_selection": ("ir.model.fields.selection", ["name"]),
    "ir_ui_view": ("ir.ui.view", ["arch_db"]),
    "ir_ui_menu": ("ir.ui.menu", ["name"]),
    "ir_act_window": ("ir.actions.act_window", ["name", "help"]),
    "ir_act_server": ("ir.actions.server", ["name"]),
    "ir_act_client": ("ir.actions.client", ["name"]),
    "ir_act_report_xml": ("ir.actions.report", ["name"]),
    "res_groups": ("res.groups", ["name", "comment"]),
    "res_groups_privilege": ("res.groups.privilege", ["name"]),
}
#: Names on payslips that a company hasn't changed follow the screens: external id -> old, new.
RULES = {
    "hr_rule_soft": ("Soft pay", "Goal pay"),
    "hr_rule_held_released": ("Fixed pay of closed months", "Retroactive fixed pay"),
    "hr_rule_retro": ("Variable pay of closed months", "Retroactive variable pay"),
}


def migrate(cr, version):
    """Remove Russian translations of records that only this addon defines.

    This update loads them again. Salary rules keep a name that the company has given them.
    """
    for xmlid, names in RULES.items():
        cr.execute(
            """UPDATE hr_salary_rule
                  SET name = jsonb_set(name, '{en_US}', to_jsonb(%(new)s::text))
                WHERE name ->> 'en_US' = %(old)s
                  AND id = (SELECT res_id FROM ir_model_data
                             WHERE module = 'nka_key_accounts' AND name = %(xmlid)s)""",
            {"xmlid": xmlid, "old": names[0], "new": names[1]},
        )
    for table, (model, columns) in WORDS.items():
        for column in columns:
            cr.execute(
                sql.SQL(
                    """UPDATE {table} SET {column} = {column} - 'ru_RU'
                        WHERE jsonb_exists({column}, 'ru_RU')
                          AND EXISTS (SELECT FROM ir_model_data own
                                       WHERE own.model = %(model)s AND own.res_id = {table}.id
                                         AND own.module = 'nka_key_accounts')
                          AND NOT EXISTS (SELECT FROM ir_model_data other
                                           WHERE other.model = %(model)s
                                             AND other.res_id = {table}.id
                                             AND other.module != 'nka_key_accounts')"""
                ).format(table=sql.Identifier(table), column=sql.Identifier(column)),
                {"model": model},
            )
