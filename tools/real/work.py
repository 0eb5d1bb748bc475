"""Create key accounts and a paid year with the addon's own actions.

Each action runs as a user whose role allows it.
"""

from datetime import date
from decimal import Decimal

from odoo.exceptions import UserError

from .loader import ADDON, xid

YEAR = 2017
START = date(YEAR, 1, 1)
TARGET_EARNINGS = 10_000
PAY_ROLES = {"One": "payroll_officer", "Two": "payroll_officer", "Plans": "admin"}


def make_key_accounts(loader):
    """Nominate, qualify and confirm every client with won deals.

    All sales then have an owner. The manager is the agent who won most there, the
    supervisor that agent's manager. Existing accounts are kept. A refusal affects only
    its account and is added to `loader.refused`.

    :return: number of accounts confirmed now.
    """
    confirmed, source, ref = 0, loader.source, loader.env.ref
    for client, agent in source.owners():
        manager = source.agents[agent].manager if agent else ""
        try:
            if not manager:
                raise UserError("the source names no agent with a manager for it.")
            with loader.env.cr.savepoint():
                people = ref(xid("user", agent)), ref(xid("user", manager))
                confirmed += _confirm(_account(loader, client, *people))
        except UserError as error:
            name = source.clients[client].name
            loader.refused.append(f"{name} isn't a key account: {error}")
    loader.keep()
    return confirmed


def _account(loader, client, manager, supervisor):
    """Return a client's key account, managed by ``manager`` since its first deal."""
    accounts, partner = loader.today["nka.key.account"], xid("client", client)
    values = {
        "partner_id": loader.env.ref(partner).id,
        "company_id": loader.env.company.id,
    }
    domain = [(name, "=", value) for name, value in values.items()]
    account = accounts.search(domain)
    if not account:
        deals = [deal for deal in loader.source.deals.values() if deal.client == client]
        days = filter(None, (deal.engaged or deal.closed for deal in deals))
        values |= {"manager_id": manager.id, "supervisor_id": supervisor.id}
        values["date_start"] = min(days, default=False)
        account = accounts.with_user(manager).create(values)
        account.action_nominate()
    return account.with_env(accounts.env)


def _confirm(account):
    """Submit as the manager, approve as the supervisor; return whether needed."""
    if account.state != "candidate":
        return False
    supervisor = account.supervisor_id
    if not account.qualification_id:
        qualifications = account.env["nka.qualification"]
        qualification = qualifications.with_user(account.manager_id).create(
            {
                "key_account_id": account.id,
                "credit_rating": "b",
                "rating_source": "not rated: the source knows no ratings",
                "verdict": "qualified",
                "verdict_reason": "Among the largest clients by won value in the source.",
            }
        )
        qualification.score_ids.score = "3"
        qualification.action_submit()
        qualification.with_user(supervisor).action_approve()
        account.invalidate_recordset(["qualification_id"])
    account.with_user(supervisor).action_confirm()
    return True


def pay_year(loader):
    """Close every month of the year.

    One officer calculates, another one approves and locks. Refusals are added to
    `loader.refused`.

    :return: credit and pay by user id and month.
    """
    loader.load("res.users", map(_officer, PAY_ROLES))
    officer, second, admin = (loader.env.ref(xid("pay", name)) for name in PAY_ROLES)
    closes = loader.today["nka.month.close"].with_user(officer)
    _agree(loader, _plan(closes, admin), officer)
    paid = {}
    for day in (START.replace(month=month) for month in range(1, 13)):
        close = closes.search([("month", "=", day)]) or closes.create({"month": day})
        if close.state != "locked":
            close.action_calculate()
            try:
                close.with_user(second).action_approve()
                close.with_user(second).action_lock()
            except UserError as error:
                loader.refused.append(f"{close.display_name}: {error}")
        for found in close.sudo().statement_ids:
            money = cents(found.credit_amount), cents(found.total_amount)
            paid[found.user_id.id, day.month] = money
            if found.exception:
                loader.refused.append(f"{found.display_name}: {found.exception}")
        loader.keep()
    return paid


def _officer(name):
    row = {"id": xid("pay", name), "name": f"Pay {name}"}
    row["login"] = f"pay.{name.lower()}@example.com"
    return row | {"group_ids/id": f"{ADDON}.group_key_account_{PAY_ROLES[name]}"}


def _plan(records, admin):
    """Return the shipped plan, valid for the whole year, with bonus on invoices."""
    version = records.env.ref(f"{ADDON}.nka_pay_plan_version_default")
    if version.state != "approved":
        if version.state == "submitted":
            version.action_return(reason="The source has invoices of a year gone by")
        version.write({"date_start": START, "bonus_basis": "invoiced"})
        version.action_submit()
        version.with_user(admin).action_approve()
    return version.plan_id


def _agree(loader, plan, officer):
    """Create an employee and an accepted agreement for every account manager."""
    owned = [("state", "=", "key"), ("company_id", "=", loader.env.company.id)]
    managers = loader.env["nka.key.account"].search(owned).manager_id
    employees = (
        {
            "id": xid("employee", user.id),
            "name": user.name,
            "user_id/.id": user.id,
            "date_version": START,
            "contract_date_start": START,
        }
        for user in managers.sorted("name")
    )
    loader.load("hr.employee", employees)
    agreements = loader.today["nka.pay.agreement"].with_user(officer)
    agreed = agreements.search([]).employee_id.ids
    for employee in loader.records("hr.employee").filtered(
        lambda e: e.id not in agreed
    ):
        agreement = agreements.create(
            {
                "employee_id": employee.id,
                "plan_id": plan.id,
                "target_earnings": TARGET_EARNINGS,
                "monthly_quota": TARGET_EARNINGS * 5,
                "date_from": START,
            }
        )
        agreement.action_propose()
        agreement.with_user(employee.user_id).action_accept()


def cents(amount):
    """Return an amount of Odoo as a Decimal with two digits."""
    return Decimal(str(amount or 0)).quantize(Decimal("0.01"))
