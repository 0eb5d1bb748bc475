"""People with accounts, a plan and agreements, for the benchmarks that close a month."""

from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import Command
from odoo.tools import SQL

ADDON = "nka_key_accounts"
GOALS = {"vip_leads": 30, "average_check": 30, "overdue_share": 25, "negotiations": 15}
BATCH = 100


def month_to_close():
    """Return the last completed month that ends no season, so that no goals are needed."""
    month = date.today().replace(day=1) - relativedelta(months=1)
    return month - relativedelta(months=1) if month.month % 3 == 0 else month


def person(env, name, group):
    """Create a login with one role."""
    users = env["res.users"].with_context(no_reset_password=True)
    groups = [Command.link(env.ref(f"{ADDON}.{group}").id)]
    return users.create({"name": name, "login": f"bench-{name}", "group_ids": groups})


def employ(env, count, day):
    """Create employees with a login and an early contract."""
    users = env["res.users"].with_context(no_reset_password=True)
    group = env.ref(f"{ADDON}.group_key_account_manager")
    users = users.create(
        [
            {
                "name": f"Manager {n}",
                "login": f"bench-manager-{n}",
                "group_ids": [Command.link(group.id)],
            }
            for n in range(count)
        ]
    )
    values = {"date_version": day, "contract_date_start": day}
    return env["hr.employee"].create(
        [{"name": user.name, "user_id": user.id, **values} for user in users]
    )


def plan(env, officer, admin, day, **terms):
    """Create an approved 40/10/50 plan, based on payments received unless the terms of
    its version say something else.
    """
    made = env["nka.pay.plan"].with_user(officer).create({"name": "Bench"})
    version = made.env["nka.pay.plan.version"].create(
        {
            "plan_id": made.id,
            "date_start": day,
            "line_ids": [
                Command.create(
                    {"kpi_id": env.ref(f"{ADDON}.nka_kpi_{code}").id, "weight": weight}
                )
                for code, weight in GOALS.items()
            ],
            "tier_ids": [Command.create({"from_percent": 0})],
            **terms,
        }
    )
    version.action_submit()
    version.with_user(admin).action_approve()
    return made.with_env(env)


def agree(env, employees, terms, day):
    """Create accepted agreements of all employees, from a day on."""
    values = {
        "plan_id": terms.id,
        "target_earnings": 200000,
        "monthly_quota": 2000000,
        "date_from": day,
    }
    for start in range(0, len(employees), BATCH):
        agreements = env["nka.pay.agreement"].create(
            [
                {"employee_id": employee.id, **values}
                for employee in employees[start : start + BATCH]
            ]
        )
        env.flush_all()
        agreements._unlocked().write({"state": "accepted"})
    env.flush_all()


def long_ago(env):
    """Backdate owners and agreements, as in any month but the first.

    After a change within a day, all invoices of an account are compared again.
    """
    env.flush_all()
    for table in ("nka_assignment", "nka_pay_agreement"):
        env.cr.execute(
            SQL(
                "UPDATE %s SET write_date = write_date - interval '40 days'",
                SQL.identifier(table),
            )
        )


def own_accounts(env, users, count):
    """Divide the first clients among these people with an early start date, by SQL.

    :param int count: how many clients
    """
    env.cr.execute(
        """INSERT INTO nka_key_account (partner_id, company_id, state, manager_id, cadence_days)
           SELECT id, %s, 'key', (%s)[1 + mod(number, %s)], 30
             FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM res_partner
                    WHERE user_id IS NOT NULL AND is_company AND parent_id IS NULL
                    ORDER BY id LIMIT %s) AS client""",
        [env.company.id, users.ids, len(users), count],
    )
    env.cr.execute(
        """INSERT INTO nka_assignment (key_account_id, company_id, user_id, share, date_from)
           SELECT id, company_id, manager_id, 100, DATE '1900-01-01' FROM nka_key_account
            WHERE manager_id IS NOT NULL"""
    )
    env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
    env.cr.execute("ANALYZE nka_key_account; ANALYZE nka_assignment")
    env.invalidate_all()
