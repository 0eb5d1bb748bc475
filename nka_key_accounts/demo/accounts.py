"""Demo company, its key accounts, their handovers, and managers on time off."""

from dateutil.relativedelta import relativedelta

from odoo import Command

from . import language
from .language import say
from .records import (
    MODULE,
    ago,
    create_missing,
    load,
    login,
    named,
    table,
    workday,
)

TABLE = "accounts/accounts.csv"

COMPANY = "Nordwind Trading"
#: Departments and their managers.
HEADS = {"key_accounts": "supervisor", "finance": "payroll"}
#: Names that Odoo gives to a company by default.
PLACEHOLDERS = ("My Company", "YourCompany")
RATED_MONTHS = 26
#: Deviation of the foreign currency's rate in percent, by month. Fixed, not random.
SWING = (0.0, 0.6, 1.1, 1.7, 1.2, 0.8, -0.2, -0.9, -1.5, -1.1, -0.7, -0.4)

#: Client handed over before the months of pay: by whom, to whom, days before today.
PASSED_ON = ("baltfreight", "gleb", "boris", 300)
PASSED_ON_REASON = (
    "Gleb takes over the pharma clients; Boris is at the Kaliningrad terminals every "
    "month."
)
#: The outgoing manager has checked off one checklist item out of this many.
TICKED = 3
#: Manager on time off, days since its start, and days until its end.
ON_LEAVE = ("boris", 1, 5)
#: Manager and day of last month: one of unpaid leave, one approved by the manager only.
UNPAID, SELF_APPROVED = ("gleb", 12), ("vera", 20)


# ---------------------------------------------------------------- the company
def load_translations(env):
    """Load the addon's translations, which Odoo does after the demo data only: steps
    copy names of document types and other data into their records.
    """
    code = language.spoken(env)
    module = env["ir.module.module"].search([("name", "=", MODULE)])
    if code != language.ENGLISH and module.state != "installed":
        module._update_translations(code)


def found_company(env):
    """Set the name, the chart of accounts and a foreign currency with rates."""
    company = env.company
    place = language.PLACES.get(language.spoken(env))
    if company.name in PLACEHOLDERS:
        company.name = say(env, COMPANY)
        if place and not company._existing_accounting():
            move_company(company, place)
    if not company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company)
    currency = foreign_currency(env)
    currency.active = True
    load_rates(currency, company)


def move_company(company, place):
    """Give a company without accounting the address and currency of a country."""
    env = company.env
    country = env.ref(place.country)
    country.currency_id.write({"active": True, "symbol": place.symbol})
    details = ("street", "city", "zip", "phone", "email")
    company.write(
        {
            **{fname: getattr(place, fname) for fname in details},
            "country_id": country.id,
            "state_id": False,
            "account_fiscal_country_id": country.id,
            "currency_id": country.currency_id.id,
        }
    )
    company.partner_id.lang = language.spoken(env)
    pricelists = env["product.pricelist"].with_context(active_test=False)
    pricelists.search(
        [("company_id", "in", (False, company.id))]
    ).currency_id = company.currency_id
    admin = env.ref("base.user_admin")
    admin.name = say(env, admin.name)
    move_taxes(company, country, place.tax)


def speak(env):
    """Set the language of the demo's users and clients."""
    data = env["ir.model.data"].search(
        [
            ("module", "=", MODULE),
            ("name", "=like", "demo_%"),
            ("model", "in", ("res.partner", "res.users")),
        ]
    )
    for model, rows in data.grouped("model").items():
        people = env[model].browse(rows.mapped("res_id"))
        people.filtered(
            lambda one: one.lang != language.spoken(env)
        ).lang = language.spoken(env)


def move_taxes(company, country, percent):
    """Make the general taxes those of the country; generic charts are of no country."""
    env = company.env
    of_company = env["account.tax"]._check_company_domain(company)
    for model in ("account.tax.group", "account.tax", "account.fiscal.position"):
        records = env[model].with_context(active_test=False).search(of_company)
        records.filtered("country_id").country_id = country
        for record in records:
            record.name = say(env, record.with_context(lang="en_US").name)
    taxes = env["account.tax"].search([*of_company, ("amount", ">", 0)])
    taxes.write({"amount": percent, "name": f"{percent} %"})
    taxes.tax_group_id.name = f"{percent} %"


def foreign_currency(env):
    """Return the currency of the foreign client."""
    return env.ref(language.money(env).foreign)


def load_rates(currency, company):
    """Create a rate on the first day of each month that has none."""
    rate = language.money(currency.env).rate
    first = ago(currency.env, 0).replace(day=1)
    days = [first - relativedelta(months=back) for back in range(RATED_MONTHS)]
    rates = currency.env["res.currency.rate"]
    of = {"currency_id": currency.id, "company_id": company.id}
    domain = [(name, "=", value) for name, value in of.items()]
    known = set(rates.search(domain).mapped("name"))
    rates.create(
        [
            {**of, "name": day, "rate": rate * (1 + SWING[day.month - 1] / 100)}
            for day in days
            if day not in known
        ]
    )


def appoint(env):
    """Set the managers of the departments."""
    for name, head in HEADS.items():
        named(env, f"department_{name}").manager_id = named(env, f"employee_{head}")


# ---------------------------------------------------------------- key accounts
def assign_salespeople(env):
    """Set the salespeople of clients, before any of them is a key account."""
    for row in table(env, TABLE):
        client = named(env, f"client_{row['client']}")
        # A handover can have transferred the client since; that isn't undone.
        if not client.user_id:
            passed_on, _giver, receiver, _days = PASSED_ON
            owner = receiver if row["client"] == passed_on else row["manager"]
            client.user_id = login(env, owner)


def nominate(env):
    """Nominate clients as key accounts, as their managers or a supervisor."""
    for row in table(env, TABLE):
        accounts = env["nka.key.account"].with_user(login(env, row["nominated_by"]))
        name = f"account_{row['client']}"
        made = create_missing(accounts, {name: prepare_account(env, row)})
        if made and row["state"] == "candidate":
            made.action_nominate()


def prepare_account(env, row):
    """Return the values of a candidate; ``since`` is the age of the status in days."""
    return {
        "partner_id": named(env, f"client_{row['client']}").id,
        "tier_id": env.ref(f"nka_key_accounts.nka_tier_{row['tier']}").id,
        "manager_id": login(env, row["manager"]).id,
        "deputy_id": login(env, row["deputy"]).id if row["deputy"] else False,
        "supervisor_id": login(env, "supervisor").id,
        "date_start": ago(env, int(row["since"])) if row["since"] else False,
    }


def confirm(env):
    """Decide on the candidates as supervisor, and retire one account."""
    supervisor = login(env, "supervisor")
    for row in table(env, TABLE):
        account = named(env, f"account_{row['client']}").with_user(supervisor)
        if account.state == "candidate":
            decide(account, row["state"], row["reason"])


def decide(account, state, reason):
    """Bring a candidate to the state of its row, step by step."""
    if state in ("key", "former"):
        account.action_confirm()
    if state == "former":
        account.action_retire(reason=reason)
    if state == "declined":
        account.action_decline(reason=reason)


# ---------------------------------------------------------------- handovers, time off
def pass_on(env):
    """Carry out a handover of last year, so that its outcome can be seen.

    It is approved for tomorrow and carried out here, because nothing takes effect in the
    past by the program's own ways.
    """
    client, giver, receiver, days = PASSED_ON
    account = named(env, f"account_{client}")
    handover = create_missing(
        env["nka.handover"].with_user(login(env, giver)),
        {
            f"handover_{client}": {
                "key_account_ids": [Command.set(account.ids)],
                "from_user_id": login(env, giver).id,
                "to_user_id": login(env, receiver).id,
                "new_deputy_id": login(env, giver).id,
                "date": ago(env, -1),
                "credit_share": 50,
                "credit_days": 90,
                "reason": say(env, PASSED_ON_REASON),
            }
        },
    )
    if not handover:
        return
    handover.action_submit()
    handover.line_ids.done = True
    handover.with_user(login(env, "supervisor2")).action_approve()
    handover = handover.sudo()
    env["nka.assignment"]._hand_over(handover, ago(env, days))
    handover._move_ownership(account)
    handover._move_work(account)
    handover._move_to("done", date=ago(env, days))
    # What is planned for a handover of today was done long ago.
    handover.activity_ids.unlink()


def hand_over(env):
    """Hand over an account today, and submit a handover of all a manager's accounts."""
    load(env, "accounts/nka.handover.csv", propose)


def propose(handover, row):
    handover.action_submit()
    handover.line_ids[::TICKED].done = True
    if row["_approver"]:
        handover.with_user(login(handover.env, row["_approver"])).action_approve()


def take_leave(env):
    """Give a manager time off now, so that the deputies cover."""
    manager, since, until = ON_LEAVE
    days = workday(ago(env, since)), ago(env, -until)
    approve_leave(
        env, "leave_now", "A week at the sea", manager, days, ("time_type", "leave")
    )


def take_days_off(env):
    """Create a day of unpaid leave, and a day off approved by the manager only."""
    first = ago(env, 0) + relativedelta(months=-1, day=1)
    manager, day = UNPAID
    day = workday(first + relativedelta(day=day))
    unpaid = ("unpaid", True)
    approve_leave(env, "leave_unpaid", "Moving house", manager, (day, day), unpaid)
    manager, day = SELF_APPROVED
    day = workday(first + relativedelta(day=day))
    own = env["res.users"].with_user(login(env, manager)).sudo().env
    kind = ("leave_validation_type", "hr")
    approve_leave(own, "leave_own", "Caught a cold", manager, (day, day), kind)


def approve_leave(env, name, title, manager, days, kind):
    """Create an approved leave, unless it exists.

    :param str name: external id after ``demo_``
    :param tuple days: first and last day
    :param tuple kind: field of the leave type, and its value
    """
    field, value = kind
    leave_type = env["hr.leave.type"].search(
        [
            ("requires_allocation", "=", False),
            ("country_id", "in", (False, env.company.country_id.id)),
            (field, "=", value),
        ],
        limit=1,
    )
    vals = {
        "name": say(env, title),
        "employee_id": named(env, f"employee_{manager}").id,
        "holiday_status_id": leave_type.id,
        "request_date_from": days[0],
        "request_date_to": days[1],
    }
    leaves = env["hr.leave"].with_context(
        leave_skip_state_check=True, mail_create_nosubscribe=True
    )
    create_missing(leaves, {name: vals})._action_validate(check_state=False)
