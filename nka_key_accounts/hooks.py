"""What Odoo calls around the addon's life in a database."""

from odoo.tools import SQL

FUNCTIONS = SQL("""
    SELECT oid::regprocedure::text
      FROM pg_proc
     WHERE pronamespace = current_schema::regnamespace AND starts_with(proname, 'nka_')
""")
# Odoo books what a mixin brings to our models under the mixin's addon, and leaves that behind.
FOREIGN_EXTERNAL_IDS = SQL("""
    DELETE FROM ir_model_data
     WHERE module != 'nka_key_accounts'
       AND name ~ '^(selection|model_inherit|field|constraint)__nka_'
""")


def post_init_hook(env):
    """Tell the trail who has which role from the beginning: the installation gave them."""
    env["nka.audit.verification"]._record_standing_roles()


def uninstall_hook(env):
    """Remove what Odoo does not: database functions with their triggers, and names booked under other addons.

    It runs before Odoo removes the tables, whose rows the triggers would otherwise protect.
    """
    for (function,) in env.execute_query(FUNCTIONS):
        env.cr.execute(SQL("DROP FUNCTION %s CASCADE", SQL(function)))
    env.cr.execute(FOREIGN_EXTERNAL_IDS)
