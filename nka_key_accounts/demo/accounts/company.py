"""The company: its name, its accounts, a foreign currency with rates."""

from dateutil.relativedelta import relativedelta

from ..records import ago

NAME = "Nordwind Trading"
#: What Odoo calls a company nobody has named yet.
PLACEHOLDERS = ("My Company", "YourCompany")
FIRST_MONTH = 26
RATE = 0.92
#: Yearly swing of the rate around RATE, month by month; no chance involved.
SWING = (0.0, 0.6, 1.1, 1.7, 1.2, 0.8, -0.2, -0.9, -1.5, -1.1, -0.7, -0.4)


def load(env):
    company = env.company
    if company.name in PLACEHOLDERS:
        company.name = NAME
    if not company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company)
    currency = foreign_currency(env)
    currency.active = True
    load_rates(currency, company)


def foreign_currency(env):
    """Euro, or US dollar where the company itself keeps its books in euro."""
    euro = env.ref("base.EUR")
    return env.ref("base.USD") if env.company.currency_id == euro else euro


def load_rates(currency, company):
    """A rate for the first of every month that has none."""
    env = currency.env
    first = ago(env, 0).replace(day=1)
    days = [first - relativedelta(months=back) for back in range(FIRST_MONTH)]
    rates = env["res.currency.rate"]
    domain = [("currency_id", "=", currency.id), ("company_id", "=", company.id)]
    known = set(rates.search(domain).mapped("name"))
    rates.create(
        [
            {
                "currency_id": currency.id,
                "company_id": company.id,
                "name": day,
                "rate": RATE * (1 + SWING[day.month - 1] / 100),
            }
            for day in days
            if day not in known
        ]
    )
