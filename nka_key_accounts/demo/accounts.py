"""Demo company, its key accounts, their handovers, and managers on time off."""

from dateutil.relativedelta import relativedelta

from .records import ago, create_missing, load, login, named, table, workday

TABLE = "accounts/accounts.csv"

COMPANY = "Nordwind Trading"
#: Names that Odoo gives to a company by default.
PLACEHOLDERS = ("My Company", "YourCompany")
RATED_MONTHS = 26
RATE = 0.92
#: Deviation of the rate from RATE in percent, by month. Fixed, not random.
SWING = (0.0, 0.6, 1.1, 1.7, 1.2, 0.8, -0.2, -0.9, -1.5, -1.1, -0.7, -0.4)

#: The outgoing manager has checked off one checklist item out of this many.
TICKED = 3
#: Manager on time off, days since its start, and days until its end.
ON_LEAVE = ("boris", 1, 5)
#: Manager and day of last month: one of unpaid leave, one approved by the manager only.
UNPAID, SELF_APPROVED = ("gleb", 12), ("vera", 20)


# ---------------------------------------------------------------- the company
def found_company(env):
    """Set the name, the chart of accounts and a foreign currency with rates."""
    company = env.company
    if company.name in PLACEHOLDERS:
        company.name = COMPANY
    if not company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company)
    currency = foreign_currency(env)
    currency.active = True
    load_rates(currency, company)


def foreign_currency(env):
    """Return the euro, or the US dollar if the company's currency is the euro."""
    euro = env.ref("base.EUR")
    return env.ref("base.USD") if env.company.currency_id == euro else euro


def load_rates(currency, company):
    """Create a rate on the first day of each month that has none."""
    first = ago(currency.env, 0).replace(day=1)
    days = [first - relativedelta(months=back) for back in range(RATED_MONTHS)]
    rates = currency.env["res.currency.rate"]
    of = {"currency_id": currency.id, "company_id": company.id}
    domain = [(name, "=", value) for name, value in of.items()]
    known = set(rates.search(domain).mapped("name"))
    rates.create(
        [
            {**of, "name": day, "rate": RATE * (1 + SWING[day.month - 1] / 100)}
            for day in days
            if day not in known
        ]
    )


# ---------------------------------------------------------------- key accounts
def assign_salespeople(env):
    """Set the salespeople of clients, before any of them is a key account."""
    for row in table(TABLE):
        client = named(env, f"client_{row['client']}")
        # A handover can have transferred the client since; that isn't undone.
        if not client.user_id:
            client.user_id = login(env, row["manager"])


def nominate(env):
    """Nominate clients as key accounts, as their managers or a supervisor."""
    for row in table(TABLE):
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
    for row in table(TABLE):
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
        [("requires_allocation", "=", False), (field, "=", value)], limit=1
    )
    vals = {
        "name": title,
        "employee_id": named(env, f"employee_{manager}").id,
        "holiday_status_id": leave_type.id,
        "request_date_from": days[0],
        "request_date_to": days[1],
    }
    leaves = env["hr.leave"].with_context(
        leave_skip_state_check=True, mail_create_nosubscribe=True
    )
    create_missing(leaves, {name: vals})._action_validate(check_state=False)
