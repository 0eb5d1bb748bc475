"""The company that sells: dollars, a chart of accounts, the stages of the source."""

from .records import ENGAGING, PROSPECTING

CURRENCY = "USD"
CHART = "generic_coa"
STAGE_SEQUENCES = {PROSPECTING: 60, ENGAGING: 61}


class CompanyError(Exception):
    """The company can't take the sales; the message says why."""


def prepare_company(env):
    """Make the current company keep its books in dollars and have accounts to post to.

    :raises CompanyError: when it already has entries in another currency
    """
    company = env.company
    currency = (
        env["res.currency"]
        .with_context(active_test=False)
        .search([("name", "=", CURRENCY)])
    )
    currency.active = True
    if company.currency_id != currency:
        _check_no_entries(env, company)
        company.currency_id = currency
    if not company.chart_template:
        env["account.chart.template"].try_loading(CHART, company)


def _check_no_entries(env, company):
    if env["account.move"].search_count([("company_id", "=", company.id)], limit=1):
        raise CompanyError(
            f"{company.name} already has entries in {company.currency_id.name}; "
            f"the sales are in {CURRENCY}. Load them into a database of their own."
        )


def load_stages(external_ids):
    """Return ``{stage of the source: crm.stage id}``.

    Odoo has no stage for lost deals: they stay in Engaging and are archived.
    """
    values = {
        f"stage_{name.lower()}": {"name": name, "sequence": sequence}
        for name, sequence in STAGE_SEQUENCES.items()
    }
    ids = external_ids.load("crm.stage", values)
    engaging = ids["stage_engaging"]
    won = external_ids.env.ref("crm.stage_lead4")
    return {
        PROSPECTING: ids["stage_prospecting"],
        ENGAGING: engaging,
        "Lost": engaging,
        "Won": won.id,
    }
