"""The main job as a table: per manager his key accounts, revenue, overdue, open pipeline and next contact."""

from collections import defaultdict

from tools.demo.table import table

MODEL = "nka.key.account"
FIELDS = (
    "manager_id",
    "partner_id",
    "tier_id",
    "trailing_revenue",
    "overdue_amount",
    "next_contact_date",
)


def show(env):
    """Print the portfolio of every company, one table each."""
    if MODEL not in env:
        print("\nThis build of the addon has no key accounts yet.")
        return
    for company in env["res.company"].search([]):
        accounts = _accounts(env, company)
        if accounts:
            print(
                f"\n{company.name}: {len(accounts)} {_model_label(env)}, {company.currency_id.name}\n"
            )
            print("\n".join(table(_headings(env), _rows(accounts))))


def _accounts(env, company):
    context = {"lang": env.user.lang, "allowed_company_ids": company.ids}
    found = (
        env[MODEL]
        .with_context(**context)
        .search([("state", "=", "key"), ("company_id", "=", company.id)])
    )
    return found.sorted(
        lambda account: (
            account.manager_id.name or "",
            -account.trailing_revenue,
            account.id,
        )
    )


def _rows(accounts):
    pipeline = _pipeline(accounts)
    rows = []
    for manager, owned in _by_manager(accounts).items():
        if rows:
            rows.append(None)
        rows += [_account_row(account, pipeline) for account in owned]
        rows.append(_total_row(manager, owned, pipeline))
    return rows


def _by_manager(accounts):
    owned = defaultdict(accounts.browse)
    for account in accounts:
        owned[account.manager_id] |= account
    return owned


def _account_row(account, pipeline):
    return [
        account.manager_id.name or "-",
        account.partner_id.display_name,
        account.tier_id.display_name or "-",
        _money(account.trailing_revenue),
        _money(account.overdue_amount),
        _money(pipeline[account]),
        _day(account.next_contact_date),
    ]


def _total_row(manager, owned, pipeline):
    dates = [day for day in owned.mapped("next_contact_date") if day]
    return [
        f"= {manager.name or '-'}",
        f"{len(owned)}",
        "",
        _money(sum(owned.mapped("trailing_revenue"))),
        _money(sum(owned.mapped("overdue_amount"))),
        _money(sum(pipeline[account] for account in owned)),
        _day(min(dates, default=None)),
    ]


def _pipeline(accounts):
    """Expected revenue of the open opportunities, by account."""
    opened = [
        ("key_account_id", "in", accounts.ids),
        ("type", "=", "opportunity"),
        ("stage_id.is_won", "=", False),
    ]
    groups = accounts.env["crm.lead"]._read_group(
        opened, ["key_account_id"], ["expected_revenue:sum"]
    )
    return defaultdict(float, groups)


def _headings(env):
    """The labels of the screens, in the language of the demo."""
    labels = [_label(env, MODEL, name) for name in FIELDS]
    return [*labels[:5], _label(env, "crm.lead", "expected_revenue"), labels[5]]


def _label(env, model, name):
    described = (
        env[model].with_context(lang=env.user.lang).fields_get([name], ["string"])
    )
    return described.get(name, {}).get("string", name)


def _model_label(env):
    return env["ir.model"].with_context(lang=env.user.lang)._get(MODEL).name


def _money(amount):
    return f"{amount:,.2f}"


def _day(day):
    return day.strftime("%Y-%m-%d") if day else "-"
