"""The company, its key accounts and who looks after them."""

from dateutil.relativedelta import relativedelta

from .records import ago, create_missing, load, login, named, table, workday

TABLE = "accounts/accounts.csv"

COMPANY = "Nordwind Trading"
#: What Odoo calls a company nobody has named yet.
PLACEHOLDERS = ("My Company", "YourCompany")
RATED_MONTHS = 26
RATE = 0.92
#: Yearly swing of the rate around RATE, in percent by month; no chance involved.
SWING = (0.0, 0.6, 1.1, 1.7, 1.2, 0.8, -0.2, -0.9, -1.5, -1.1, -0.7, -0.4)

#: The leaving manager has gone through one item in so many of the checklist.
TICKED = 3
#: Who is on leave, since how many days and until in how many.
ON_LEAVE = ("boris", 1, 5)
#: Days of the last month: one that isn't paid, and one that its owner approved alone.
UNPAID, SELF_APPROVED = ("gleb", 12), ("vera", 20)


# ---------------------------------------------------------------- the company
def found_company(env):
    """Its name, its accounts, a foreign currency with rates."""
    company = env.company
    if company.name in PLACEHOLDERS:
        company.name = COMPANY
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
    """Who sells to a client before anybody speaks of key accounts."""
    for row in table(TABLE):
        client = named(env, f"client_{row['client']}")
        # A handover may have moved the client since; it isn't undone.
        if not client.user_id:
            client.user_id = login(env, row["manager"])


def nominate(env):
    """Managers, and now and then a supervisor, nominate clients as key accounts."""
    for row in table(TABLE):
        accounts = env["nka.key.account"].with_user(login(env, row["nominated_by"]))
        name = f"account_{row['client']}"
        made = create_missing(accounts, {name: prepare_account(env, row)})
        if made and row["state"] == "candidate":
            made.action_nominate()


def prepare_account(env, row):
    """Values of a candidate; ``since`` puts the start of the status into the past."""
    return {
        "partner_id": named(env, f"client_{row['client']}").id,
        "tier_id": env.ref(f"nka_key_accounts.nka_tier_{row['tier']}").id,
        "manager_id": login(env, row["manager"]).id,
        "deputy_id": login(env, row["deputy"]).id if row["deputy"] else False,
        "supervisor_id": login(env, "supervisor").id,
        "date_start": ago(env, int(row["since"])) if row["since"] else False,
    }


def confirm(env):
    """The supervisor decides on the candidates and lets one account go again."""
    supervisor = login(env, "supervisor")
    for row in table(TABLE):
        account = named(env, f"account_{row['client']}").with_user(supervisor)
        if account.state == "candidate":
            decide(account, row["state"], row["reason"])


def decide(account, state, reason):
    """Bring a candidate to the state its row says, step by step."""
    if state in ("key", "former"):
        account.action_confirm()
    if state == "former":
        account.action_retire(reason=reason)
    if state == "declined":
        account.action_decline(reason=reason)


# ---------------------------------------------------------------- who looks after them
def hand_over(env):
    """One account changed hands today; all of a leaving manager's await approval."""
    load(env, "accounts/nka.handover.csv", propose)


def propose(handover, row):
    handover.action_submit()
    handover.line_ids[::TICKED].done = True
    if row["_approver"]:
        handover.with_user(login(handover.env, row["_approver"])).action_approve()


def take_leave(env):
    """A manager is away now, so the deputies stand in."""
    manager, since, until = ON_LEAVE
    days = workday(ago(env, since)), ago(env, -until)
    approve_leave(
        env, "leave_now", "A week at the sea", manager, days, ("time_type", "leave")
    )


def take_days_off(env):
    """A day of unpaid leave, and one that nobody but the manager approved."""
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
    """An approved leave, unless it is there.

    :param str name: of the leave after ``demo_``
    :param tuple days: the first and the last
    :param tuple kind: a field of the leave's type and what it holds
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
