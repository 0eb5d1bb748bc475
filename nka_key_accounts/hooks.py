"""Hooks that Odoo calls when the addon is installed or uninstalled."""

from odoo.tools import SQL

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


def post_init_hook(env):
    """Record the initial roles of users, which the installation granted, and open
    their desks after login.
    """
    env["nka.audit.verification"]._record_standing_roles()
    env["res.users"]._set_up_desks()


def uninstall_hook(env):
    """Remove what Odoo doesn't: database functions with their triggers, and external
    ids created under other modules.

    Runs before Odoo drops the tables, because the triggers would protect their rows.
    """
    for (function,) in env.execute_query(FUNCTIONS):
        env.cr.execute(SQL("DROP FUNCTION %s CASCADE", SQL(function)))
    env.cr.execute(FOREIGN_EXTERNAL_IDS)
