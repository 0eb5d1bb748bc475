"""Print the demo on the terminal: portfolio, last locked month, hiring and logins."""

from collections import defaultdict

from tools.demo.table import table

ROLES = ("manager", "supervisor", "director", "payroll_officer", "admin")
ACCOUNT_FIELDS = (
    "manager_id",
    "partner_id",
    "tier_id",
    "trailing_revenue",
    "overdue_amount",
    "next_contact_date",
)

#: What the terminal says beside the labels of fields.
WORDS = {
    "ru_RU": {
        "Logins%s (each password is the login):": "Учётные записи%s (пароль совпадает с именем входа):",
        " at %s": ": %s",
        "Role": "Роль",
        "Login": "Имя входа",
        "Name": "Имя",
        "Odoo administrator": "Администратор Odoo",
        "Colleague without a role": "Сотрудник без роли",
    }
}


def _say(env, text):
    return WORDS.get(env.user.lang, {}).get(text, text)


def speak(env, code):
    """Set the language of all users and companies, and of the shell itself.

    :param code: an installed language, such as ru_RU.
    """
    users = env["res.users"].with_context(active_test=False)
    users.search([("lang", "!=", code)]).write({"lang": code})
    env["res.company"].search([]).partner_id.write({"lang": code})
    env.user.invalidate_recordset(["lang"])


def portfolio(env):
    """Print a table per company of each manager's key accounts.

    It shows revenue, overdue amount, open pipeline and next contact.
    """
    for company, accounts in _by_company(env, "nka.key.account"):
        found = accounts.search(
            [("state", "=", "key"), ("company_id", "=", company.id)]
        )
        found = found.sorted(lambda a: (a.manager_id.name or "", -a.trailing_revenue))
        if found:
            print(f"\n{company.name}: {len(found)} {_model_label(accounts)}, ", end="")
            print(f"{company.currency_id.name}\n")
            *labels, last = [_label(accounts, name) for name in ACCOUNT_FIELDS]
            pipeline = _label(found.env["crm.lead"], "expected_revenue")
            print("\n".join(table([*labels, pipeline, last], _account_rows(found))))


def _account_rows(accounts):
    opened = [
        ("key_account_id", "in", accounts.ids),
        ("type", "=", "opportunity"),
        ("stage_id.is_won", "=", False),
    ]
    pipeline = defaultdict(
        float,
        accounts.env["crm.lead"]._read_group(
            opened, ["key_account_id"], ["expected_revenue:sum"]
        ),
    )
    rows = []
    for manager, owned in accounts.grouped("manager_id").items():
        rows += [None] if rows else []
        for account in owned:
            who = [manager.name or "-", account.partner_id.display_name]
            rows.append(
                [
                    *who,
                    account.tier_id.display_name or "-",
                    *_figures(account, pipeline),
                ]
            )
        total = [f"= {manager.name or '-'}", str(len(owned)), ""]
        rows.append([*total, *_figures(owned, pipeline)])
    return rows


def _figures(accounts, pipeline):
    """Return total revenue, overdue and pipeline, and the earliest next contact."""
    sums = (
        sum(accounts.mapped("trailing_revenue")),
        sum(accounts.mapped("overdue_amount")),
        sum(pipeline[account] for account in accounts),
    )
    days = filter(None, accounts.mapped("next_contact_date"))
    return [*(f"{amount:,.2f}" for amount in sums), str(min(days, default="-"))]


def statements(env):
    """Print all statements of each company's last locked month, and their total."""
    for company, closes in _by_company(env, "nka.month.close"):
        locked = [("company_id", "=", company.id), ("state", "=", "locked")]
        close = closes.search(locked, order="month desc", limit=1)
        if not close:
            continue
        print(f"\n{company.name}: {_model_label(closes)}, {close.display_name}")
        for statement in close.statement_ids.sorted(lambda found: found.user_id.name):
            lines = statement.line_ids
            rows = [
                [line.label, line.formula or line.reason or "", f"{line.amount:,.2f}"]
                for line in lines
                if not line.is_shown_only
            ]
            total = f"{statement.total_amount:,.2f}"
            rows += [None, [_label(statement, "total_amount"), "", total]]
            headings = [_label(lines, name) for name in ("label", "formula", "amount")]
            print(f"\n{statement.display_name}\n")
            print("\n".join(table(headings, rows)))
        print(f"\n= {close.total_amount:,.2f} {company.currency_id.name}", flush=True)


def hiring(env):
    """Print the applicants for key account managers, each with their stage."""
    if "hr.applicant" not in env:
        return
    for _company, applicants in _by_company(env, "hr.applicant"):
        found = applicants.search([("job_id.nka_is_profile", "=", True)])
        for job, of_job in found.grouped("job_id").items():
            told = (f"{one.partner_name} ({one.stage_id.name})" for one in of_job)
            print(f"\n{_model_label(of_job)}, {job.name}: {', '.join(told)}")


def logins(env, address):
    """Print the logins of each role and where to use them.

    :param address: where the demo will be served, or empty.
    """
    rows = [
        *_role_rows(env),
        [_say(env, "Odoo administrator"), "admin", env.ref("base.user_admin").name],
    ]
    place = _say(env, " at %s") % address if address else ""
    print(f"\n{_say(env, 'Logins%s (each password is the login):') % place}\n")
    headings = [_say(env, name) for name in ("Role", "Login", "Name")]
    print("\n".join(table(headings, rows)), flush=True)


def _role_rows(env):
    """Yield the users of each role, then colleagues who contribute to offers."""
    reserved = env.ref("base.user_root") | env.ref("base.user_admin")
    for role in ROLES:
        group = env.ref(f"nka_key_accounts.group_key_account_{role}")
        users = env["res.users"].search([("group_ids", "in", group.ids)]) - reserved
        for user in users.sorted("login"):
            yield [group.with_context(lang=env.user.lang).name, user.login, user.name]
    for name in ("engineer", "marketing"):
        user = env.ref(f"nka_key_accounts.demo_user_{name}", raise_if_not_found=False)
        if user:
            yield [_say(env, "Colleague without a role"), user.login, user.name]


def _by_company(env, model):
    """Yield each company with the model in its context and in the demo's language."""
    for company in env["res.company"].search([]):
        context = {"lang": env.user.lang, "allowed_company_ids": company.ids}
        yield company, env[model].with_context(**context)


def _label(records, name):
    return records.fields_get([name], ["string"])[name]["string"]


def _model_label(records):
    return records.env["ir.model"]._get(records._name).name
