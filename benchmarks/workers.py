"""Piped into an Odoo shell: prepares a company for bench_workers.py.

Every step is done by the user whose step it is, so that the audit trail holds it.
"""

import os

from dateutil.relativedelta import relativedelta

from odoo import Command, fields

from benchmarks.measure import tell
from benchmarks.people import employ, month_to_close, person, plan
from tests.common import qualify

MANAGERS, PAID = int(os.environ["MANAGERS"]), int(os.environ["PAID"])
ACCOUNTS, BATCH = int(os.environ["ACCOUNTS"]), int(os.environ["BATCH"])
PASSWORD = os.environ["PASSWORD"]
ROLES = {
    "officer": "group_key_account_payroll_officer",
    "second": "group_key_account_payroll_officer",
    "admin": "group_key_account_admin",
    "reviewer": "group_key_account_supervisor",
    "auditor": "group_key_account_supervisor",
}


def confirm(env, manager, supervisors, since, number):
    """Return a confirmed key account of a manager, with an invoice of the month."""
    client = env["res.partner"].create(
        {"name": f"{manager.name}, client {number}", "is_company": True}
    )
    account = (
        env["nka.key.account"].with_user(manager).create({"partner_id": client.id})
    )
    account.sudo().write({"date_start": since, "supervisor_id": supervisors[0].id})
    account = account.sudo().with_env(env)
    qualify(account, supervisors[1])
    account.with_user(supervisors[0]).action_confirm()
    return account


def invoice(env, accounts, day):
    """Post an invoice for each client: what their managers are paid for."""
    line = {"name": "Service", "price_unit": 100000, "tax_ids": []}
    moves = env["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": account.partner_id.id,
                "invoice_date": day,
                "invoice_date_due": day,
                "invoice_line_ids": [Command.create(line)],
            }
            for account in accounts
        ]
    )
    moves.action_post()


def agree(env, officer, employees, terms, day):
    """Propose agreements, and let each employee accept their own."""
    agreements = env["nka.pay.agreement"].with_user(officer)
    agreements = agreements.create(
        [
            {
                "employee_id": employee.id,
                "plan_id": terms.id,
                "target_earnings": 200000,
                "monthly_quota": 2000000,
                "date_from": day,
            }
            for employee in employees
        ]
    )
    agreements.action_propose()
    for agreement in agreements:
        agreement.with_user(agreement.sudo().user_id).action_accept()


def set_password(env, users):
    """Give all the same password; the hash of one takes a third of a second."""
    users[0].password = PASSWORD
    env.flush_all()
    env.cr.execute(
        """UPDATE res_users SET password = (SELECT password FROM res_users WHERE id = %s)
            WHERE id = ANY(%s)""",
        [users[0].id, users.ids],
    )
    env.invalidate_all()


def keep_own_jobs(env):
    """Leave the scheduled jobs of the addon only, none of them due.

    Some of Odoo's own ask servers on the internet.
    """
    jobs = env["ir.cron"].search([])
    own = jobs.filtered(lambda job: job.cron_name.startswith("Key accounts:"))
    (jobs - own).active = False
    own.nextcall = fields.Datetime.add(fields.Datetime.now(), days=1)


def prepare(env):
    """Commit the company; return who logs in, and what they work on."""
    env = env(context={**env.context, "mail_activity_quick_update": True})
    month = month_to_close()
    since = month.replace(month=1)
    roles = {name: person(env, name, group) for name, group in ROLES.items()}
    supervisors = roles["reviewer"], roles["auditor"]
    terms = plan(env, roles["officer"], roles["admin"], since, bonus_basis="invoiced")
    employees = employ(env, PAID, since)
    agree(env, roles["officer"], employees, terms, since)
    managers = employees.user_id[:MANAGERS]
    accounts = [
        confirm(env, manager, supervisors, since, number)
        for manager in managers
        for number in range(ACCOUNTS)
    ]
    invoice(env, accounts, month + relativedelta(days=10))
    env.company.sudo().write(
        {
            "nka_payslip_direct": 0,
            "nka_payslip_batch": BATCH,
            # Everybody reads as fast as the server answers.
            "nka_read_limit": 0,
        }
    )
    importer = env["res.users"].with_context(no_reset_password=True)
    importer = importer.create(
        {
            "name": "importer",
            "login": "bench-importer",
            "group_ids": [
                Command.set(env.ref("sales_team.group_sale_salesman_all_leads").ids)
            ],
        }
    )
    keep_own_jobs(env)
    users = managers.union(importer, *roles.values())
    set_password(env, users)
    env.cr.commit()
    env["nka.audit.head"]._sequence_all()
    env.cr.execute("ANALYZE")
    env.cr.commit()
    by_user = {employee.user_id: employee for employee in employees}
    return {
        "own_jobs": len(env["ir.cron"].search([])),
        "month": fields.Date.to_string(month),
        "managers": [
            {
                "login": manager.login,
                "employee": by_user[manager].id,
                "accounts": [
                    account.id for account in accounts if account.manager_id == manager
                ],
            }
            for manager in managers
        ],
        "document_type": env.ref("nka_key_accounts.nka_document_type_client_card").id,
    }


tell(**prepare(env))  # noqa: F821
