"""What two managers stood at when the company began to close months here."""

from dateutil.relativedelta import relativedelta

from ... import paycalc
from ..close.months import MONTHS
from ..records import ago, create_missing, login, named

#: What they owed of advances then.
OWED = {"anna": 600, "gleb": 0}
NOTE = "Payroll register of %s, advances page"


def load(env):
    month = ago(env, 0) + relativedelta(months=-MONTHS, day=1)
    openings = env["nka.pay.opening"].with_user(login(env, "payroll"))
    vals = {
        f"opening_{name}": prepare(env, name, month, owed)
        for name, owed in OWED.items()
    }
    made = create_missing(openings, vals)
    made.action_submit()
    made.with_user(login(env, "payroll2")).action_approve()


def prepare(env, name, month, owed):
    """A balance with the credits the half-year has so far."""
    employee = named(env, f"employee_{name}")
    credits = credited(env, employee.user_id, month)
    return {
        "employee_id": employee.id,
        "month": month,
        "credits": float(credits),
        "balance": owed,
        "note": NOTE % f"{month - relativedelta(days=1):%m.%Y}",
    }


def credited(env, user, month):
    """Credits of the half-year before ``month``, as the ledger has them."""
    start, company = paycalc.half_year(month), env.company
    env["nka.bonus.builder"].sudo()._build(company)
    rows = env["nka.bonus.line"]._credits(
        company, user, start, month - relativedelta(days=1)
    )
    return sum(amount for _month, origin, amount in rows[user.id] if origin >= start)
