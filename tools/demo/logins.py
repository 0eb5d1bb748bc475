"""Who can log in to the demo, by role, read from the database."""

from tools.demo.table import table

ROLES = ("manager", "supervisor", "payroll_officer", "admin")


def show(env, address):
    """Print each role's logins and where to use them.

    :param address: where the demo will be served, or empty.
    """
    rows = [
        *_role_rows(env),
        *_colleague_rows(env),
        ["Odoo administrator", "admin", env.ref("base.user_admin").name],
    ]
    print(
        f"\nLogins{f' at {address}' if address else ''} (each password is the login):\n"
    )
    print("\n".join(table(["Role", "Login", "Name"], rows)), flush=True)


def _role_rows(env):
    for role in ROLES:
        group = env.ref(
            f"nka_key_accounts.group_key_account_{role}", raise_if_not_found=False
        )
        if not group:
            continue
        for user in _members(env, group):
            yield [group.with_context(lang=env.user.lang).name, user.login, user.name]


def _colleague_rows(env):
    """People without a role who are asked for parts of an offer."""
    for name in ("engineer", "marketing"):
        user = env.ref(f"nka_key_accounts.demo_user_{name}", raise_if_not_found=False)
        if user:
            yield ["Colleague without a role", user.login, user.name]


def _members(env, group):
    """Users given this very role; roles it follows from have rows of their own."""
    reserved = env.ref("base.user_root") | env.ref("base.user_admin")
    return (
        env["res.users"].search([("group_ids", "in", group.ids)]) - reserved
    ).sorted("login")
