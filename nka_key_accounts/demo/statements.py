"""Opening balances of two managers, from before the first month closed here."""

from dateutil.relativedelta import relativedelta

from .language import say, wage
from .records import ago, create_missing, login, named

#: Number of months closed here; the balances are of the month before.
MONTHS = 3
#: Draw balances at that time.
OWED = {"anna": 600, "gleb": 0}
NOTE = "Payroll register of %s, draw balances"


def open_balances(env):
    month = ago(env, 0) + relativedelta(months=-MONTHS, day=1)
    vals = {
        f"opening_{name}": prepare_opening(env, name, month, owed)
        for name, owed in OWED.items()
    }
    openings = env["nka.pay.opening"].with_user(login(env, "payroll"))
    made = create_missing(openings, vals)
    made.action_submit()
    made.with_user(login(env, "payroll2")).action_approve()


def prepare_opening(env, name, month, owed):
    """Return an opening balance with the credits of the half-year so far."""
    employee = named(env, f"employee_{name}")
    credits = credited(env, employee.user_id, month)
    return {
        "employee_id": employee.id,
        "month": month,
        "credits": float(credits),
        "balance": wage(env, owed),
        "note": say(env, NOTE) % f"{month - relativedelta(days=1):%m.%Y}",
    }


def credited(env, user, month):
    """Return the credits of the half-year before ``month``, as in the ledger."""
    company = env.company
    start = company._nka_years().half_year(month)
    env["nka.bonus.builder"].sudo()._build(company)
    rows = env["nka.bonus.line"]._credits(
        company, user, start, month - relativedelta(days=1)
    )
    return sum(amount for _month, origin, amount in rows[user.id] if origin >= start)
