#: Trigger functions of the first version, replaced by one function for all tables.
DROP_REPLACED = """
    DROP FUNCTION IF EXISTS
        nka_frozen_row(),
        nka_frozen_child(),
        nka_locked_month(),
        nka_locked_statement(),
        nka_locked_season(),
        nka_locked_goal(),
        nka_kept_revision(),
        nka_frozen_payslip(),
        nka_frozen_payslip_part(),
        nka_frozen_payslip_run(),
        nka_kept_payslip(),
        nka_is_changed(jsonb, jsonb, text)
    CASCADE
"""


def migrate(cr, version):
    """Drop them with their triggers; the models create the new ones in this update."""
    cr.execute(DROP_REPLACED)
