"""Closes every month of a year for the agents of the source, by what they invoiced.

The one module of the loader that speaks to pay: plan, agreements, statements.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from odoo.exceptions import UserError
from odoo.fields import Command

from .cells import to_cents
from .clients import client_name

ADDON = "nka_key_accounts"
YEAR = 2017
TARGET_EARNINGS = 10_000
GOALS = {"vip_leads": 30, "average_check": 30, "overdue_share": 25, "negotiations": 15}
OFFICER = f"{ADDON}.group_key_account_payroll_officer"
ADMIN = f"{ADDON}.group_key_account_admin"


@dataclass
class PaidYear:
    """Credits and pay by agent and month, and what the source says was won.

    :param credits: ``{(agent's name, month): Decimal}``
    :param totals: the same of the pay of the month
    :param won: ``{(agent's name, month): Decimal}`` from the source
    :param exceptions: what kept a month or a person from being paid, in words
    :param locked: how many months are locked
    """

    credits: dict = field(default_factory=dict)
    totals: dict = field(default_factory=dict)
    won: dict = field(default_factory=dict)
    exceptions: list = field(default_factory=list)
    locked: int = 0


def is_installed(env):
    """Whether the addon of the database pays."""
    return "nka.pay.statement" in env


def pay_year(
    env,
    folder,
    partners,
    checkpoint=lambda: None,
    progress=lambda title, done, total: None,
):
    """Close every month of the year for every agent with a key account.

    :param SalesFolder folder: what was read
    :param dict partners: ``{client external name: partner id}``
    :param checkpoint: called after every month
    :param progress: called with (title, done, total) after every month
    :rtype: PaidYear
    """
    accounts = env["nka.key.account"].search(
        [("state", "=", "key"), ("company_id", "=", env.company.id)]
    )
    officer, admin = _person(env, "officer", OFFICER), _person(env, "admin", ADMIN)
    second = _person(env, "second officer", OFFICER)
    plan = _plan(env, officer, admin)
    for user in accounts.manager_id.sorted("name"):
        _agree(env, plan, officer, user)
    year = PaidYear(won=_won(folder, partners, accounts))
    for month in range(1, 13):
        _pay_month(env, officer, second, month, year)
        checkpoint()
        progress("nka.month.close", month, 12)
    return year


def _person(env, name, group):
    login = f"real.{name.replace(' ', '.')}@example.com"
    users = env["res.users"].with_context(no_reset_password=True)
    return users.search([("login", "=", login)]) or users.create(
        {
            "name": f"Pay {name}",
            "login": login,
            "group_ids": [Command.link(env.ref(group).id)],
        }
    )


def _plan(env, officer, admin):
    """The plan 40/10/50 on invoices, prepared and approved by two people."""
    plan = env["nka.pay.plan"].search([("name", "=", f"Plan of {YEAR}")])
    if plan:
        return plan
    plan = env["nka.pay.plan"].with_user(officer).create({"name": f"Plan of {YEAR}"})
    version = plan.env["nka.pay.plan.version"].create(
        {
            "plan_id": plan.id,
            "date_start": date(YEAR, 1, 1),
            "bonus_basis": "invoiced",
            "line_ids": [
                Command.create(
                    {"kpi_id": env.ref(f"{ADDON}.nka_kpi_{code}").id, "weight": weight}
                )
                for code, weight in GOALS.items()
            ],
            "tier_ids": [Command.create({"from_percent": 0})],
        }
    )
    version.action_submit()
    version.with_user(admin).action_approve()
    return plan.with_env(env)


def _agree(env, plan, officer, user):
    """An employee for the agent, and an agreement that he accepts himself."""
    employee = env["hr.employee"].search([("user_id", "=", user.id)]) or env[
        "hr.employee"
    ].create(
        {
            "name": user.name,
            "user_id": user.id,
            "date_version": date(YEAR, 1, 1),
            "contract_date_start": date(YEAR, 1, 1),
        }
    )
    agreements = env["nka.pay.agreement"].with_user(officer)
    if not agreements.search([("employee_id", "=", employee.id)]):
        agreement = agreements.create(
            {
                "employee_id": employee.id,
                "plan_id": plan.id,
                "target_earnings": TARGET_EARNINGS,
                "monthly_quota": TARGET_EARNINGS * 5,
                "date_from": date(YEAR, 1, 1),
            }
        )
        agreement.action_propose()
        agreement.with_user(user).action_accept()


def _pay_month(env, officer, second, month, year):
    """Calculated by one officer, approved and locked by another; once and for all."""
    closes = env["nka.month.close"].with_user(officer)
    day = date(YEAR, month, 1)
    close = closes.search([("month", "=", day)]) or closes.create({"month": day})
    if close.state != "locked":
        close.action_calculate()
        approving = close.with_user(second)
        try:
            approving.action_approve()
            approving.action_lock()
        except UserError as error:
            year.exceptions.append(str(error))
    year.locked += close.state == "locked"
    for statement in close.sudo().statement_ids:
        key = statement.user_id.name, month
        year.credits[key] = to_cents(Decimal(str(statement.credit_amount)))
        year.totals[key] = to_cents(Decimal(str(statement.total_amount)))
        if statement.exception:
            year.exceptions.append(f"{statement.display_name}: {statement.exception}")


def _won(folder, partners, accounts):
    """What the source says was won with the key accounts, by their manager and month."""
    managers = {account.partner_id.id: account.manager_id.name for account in accounts}
    won = {}
    for deal in folder.billable:
        name = managers.get(partners[client_name(deal.client_key)])
        if name and deal.closed.year == YEAR:
            key = name, deal.closed.month
            won[key] = won.get(key, Decimal()) + deal.value
    return won


def differences(year):
    """Return in words where credits and won values differ, if anywhere."""
    keys = sorted({*year.credits, *year.won})
    return [
        f"{name}, {YEAR}-{month:02}: {credited:,} credited, {won:,} won in the source"
        for name, month in keys
        if (credited := year.credits.get((name, month), Decimal()))
        != (won := year.won.get((name, month), Decimal()))
    ] + year.exceptions


def format_year(year):
    """Return the pay as a table of agents and months, with the credits of the year."""
    names = sorted({name for name, _month in year.totals})
    head = f"{'pay':<22}" + "".join(f"{month:>10}" for month in range(1, 13))
    head += f"{'year':>14}{'credits':>16}"
    rows = [_format_row(year, name, {name}) for name in names]
    line = "-" * len(head)
    return "\n".join([head, line, *rows, line, _format_row(year, "all", set(names))])


def _format_row(year, name, people):
    """One row: pay of the months, of the year, and the credits behind it."""
    months = [
        sum((year.totals.get((who, month), Decimal()) for who in people), Decimal())
        for month in range(1, 13)
    ]
    credits = sum(
        (amount for (who, _month), amount in year.credits.items() if who in people),
        Decimal(),
    )
    cells = "".join(f"{amount:>10,.0f}" for amount in months)
    return f"{name:<22}{cells}{sum(months):>14,.2f}{credits:>16,.2f}"
