"""The last closed month: every statement line by line, and what the company pays."""

from tools.demo.table import table

MODEL = "nka.month.close"


def show(env):
    """Print the statements of every company's last locked month."""
    if MODEL not in env:
        return
    for company in env["res.company"].search([]):
        close = _last(env, company)
        if close:
            print(f"\n{company.name}: {_model_label(env)}, {close.display_name}")
            for statement in close.statement_ids.sorted(lambda row: row.user_id.name):
                print(f"\n{statement.display_name}\n")
                print("\n".join(table(_headings(env), _rows(statement))))
            print(
                f"\n= {close.total_amount:,.2f} {company.currency_id.name}", flush=True
            )


def _last(env, company):
    context = {"lang": env.user.lang, "allowed_company_ids": company.ids}
    return (
        env[MODEL]
        .with_context(**context)
        .search(
            [("company_id", "=", company.id), ("state", "=", "locked")],
            order="month desc",
            limit=1,
        )
    )


def _rows(statement):
    rows = [
        [line.label, line.formula or line.reason or "", f"{line.amount:,.2f}"]
        for line in statement.line_ids
        if not line.is_shown_only
    ]
    total = f"{statement.total_amount:,.2f}"
    return [*rows, None, [_label(statement, "total_amount"), "", total]]


def _headings(env):
    lines = env["nka.pay.statement.line"].with_context(lang=env.user.lang)
    return [_label(lines, name) for name in ("label", "formula", "amount")]


def _label(records, name):
    return records.fields_get([name], ["string"])[name]["string"]


def _model_label(env):
    return env["ir.model"].with_context(lang=env.user.lang)._get(MODEL).name
