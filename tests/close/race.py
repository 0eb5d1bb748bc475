"""Run as a program on a throw-away database: close a month under every fault.

Uses real cursors, commits and killed backends. Prints what went wrong and returns 1.
"""

import re
import subprocess
import sys
from datetime import date
from threading import Event, Thread
from unittest.mock import patch

import psycopg2

from tests.close.race_month import (
    Month,
    injected,
    is_broken,
    killed,
    writes_of,
)

NOVEMBER, DECEMBER = date(2025, 11, 1), date(2025, 12, 1)
#: Kinds of lines that a month writes in special cases only.
SPECIAL = {"credit_held", "credit_released", "lapsed", "vesting"}
LAST_DAY = date(2025, 12, 15)
STEPS = ("calculate", "approve", "lock")


def prepare():
    """Commit two managers with an agreement, one of them with reports, both with sales
    of November.

    Their bonus basis is payments received: one invoice is paid, the payment for another
    has arrived and isn't matched with it yet. A fifth of the bonus is held for a year.
    The credits of one order wait for the documents of its deal.

    :return: the test case, ids of the month, and of the invoice and the payment to be
        matched
    """
    from tests.close.common import CloseCase
    from tests.close.test_held_bonus import LOYALTY
    from tests.statements.test_held_credits import HeldCase

    terms = {"BASIS": "paid", "LEAVING": LOYALTY}
    terms_of_plan = {"bonus_basis": "paid", **LOYALTY}
    case = type("PaidCase", (HeldCase, CloseCase), terms)
    case.setUpClass()
    try:
        employees = case.employee | case.other_employee
        employees.version_id.contract_date_start = date(2025, 3, 1)
        plan = case.env["nka.pay.plan"].create({"name": "Without documents"})
        alone = {**terms_of_plan, "release_document_type_ids": False}
        case._approved_version(date(2025, 1, 1), plan, **alone)
        case.leaving = case._accepted(
            case.other_employee, plan_id=plan.id, date_from=date(2025, 1, 1), draw=30000
        )
        case._owned_since(case.other_client, date(2025, 1, 1), case.colleague)
        case._cover(NOVEMBER, date(2025, 11, 30))
        theirs = case._invoice(800000, date(2025, 11, 12), case.other_client)
        complete = case._new_deal(name="Complete")
        case._approve(lead=complete)
        sold = case._sold(NOVEMBER, 2000000, lead=complete) | case._sold(NOVEMBER)
        for bill in theirs | sold:
            day, client = date(2025, 11, 14), bill.partner_id.id
            case._match(bill, case._money(bill.amount_total, day, partner_id=client))
        late = case._invoice(400000, date(2025, 11, 20))
        money = case._money(480000, date(2025, 11, 21))
        close = case._new_close()
        case.env.flush_all()
        case.cr._cnx.commit()
        return case, close.id, late.id, money.id
    finally:
        case.doClassCleanups()


def check_faults(month, name):
    """Check that a step is atomic: raise an exception after every single write.

    A backend is also killed after the first write of each kind, and after the last.
    """
    writes = writes_of(month, name)
    firsts = firsts_of(writes)
    faults = [(number, injected) for number in range(1, len(writes) + 1)]
    faults += [(number, killed) for number in sorted({*firsts, len(writes)})]
    return check_each(month, name, writes, faults)


def check_some_faults(month, name):
    """Check that a step is atomic after the first write of each kind and the last.

    An exception and a killed backend take turns.
    """
    writes = writes_of(month, name)
    numbers = sorted({*firsts_of(writes), len(writes)})
    ways = (injected, killed)
    faults = [(number, ways[at % 2]) for at, number in enumerate(numbers)]
    return check_each(month, name, writes, faults)


def firsts_of(writes):
    """Return the number of the first write of each kind."""
    kinds = {what: number for number, what in reversed([*enumerate(writes, 1)])}
    return sorted(kinds.values())


def check_each(month, name, writes, faults):
    """Check that each fault stops a step, and that nothing of it stays."""
    before, kinds, problems = month.picture(), set(writes), []
    for number, fault in faults:
        where = f"{name}: {fault.__name__} after write {number}, {writes[number - 1]}"
        if not is_broken(month, name, number, fault):
            problems.append(f"{where}: it went on")
        if month.picture() != before:
            problems.append(f"{where}: something stayed")
    print(f"{name}: {len(writes)} writes of {len(kinds)} kinds, {len(faults)} faults")
    if len(kinds) < 4:
        problems.append(f"{name}: hardly anything was written")
    return problems


def check_two_at_once(month, name):
    """Check that a second officer immediately gets an error naming the first, and that
    the step runs once.
    """
    from odoo.exceptions import UserError

    begun, answered, answers = Event(), Event(), []

    def first():
        with month.registry.cursor() as cursor:
            month.step(cursor, name)
            begun.set()
            answered.wait(30)

    def second():
        begun.wait(30)
        with month.registry.cursor() as cursor:
            try:
                month.step(cursor, name)
            except UserError as error:
                answers.append(str(error))
            cursor.rollback()
        answered.set()

    threads = [Thread(target=first), Thread(target=second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if not answers or not re.match(r"officer_2 .*is closing", answers[0]):
        return [f"{name}: the second officer wasn't told by whom: {answers}"]
    return []


def check_stale(month, name):
    """Check that a session that began before the other's commit is retried and finds it
    done.
    """
    from odoo.exceptions import UserError

    with month.registry.cursor() as late:
        late.execute("SELECT 1 FROM nka_month_close")
        month.run(name)
        try:
            month.step(late, name)
        except psycopg2.errors.SerializationFailure:
            late.rollback()
        try:
            month.step(late, name)
        except UserError as error:
            late.rollback()
            return [] if "This action is available only" in str(error) else [str(error)]
        late.rollback()
    return [f"{name}: done twice"]


def match(env, invoice_id, payment_id):
    """Reconcile an invoice with its payment."""
    moves = env["account.move"].browse(invoice_id)
    moves |= env["account.payment"].browse(payment_id).move_id
    lines = moves.line_ids.filtered(
        lambda line: line.account_id.account_type == "asset_receivable"
    )
    lines.reconcile()


def check_paid_meanwhile(month, invoice_id, payment_id):
    """Check that a payment reconciled during the calculation is neither lost nor
    counted twice.
    """
    from odoo import SUPERUSER_ID, api
    from odoo.exceptions import UserError

    with month.registry.cursor() as calculating:
        month.step(calculating, "calculate")
        with month.registry.cursor() as booking:
            env = api.Environment(booking, SUPERUSER_ID, {})
            match(env, invoice_id, payment_id)
    try:
        month.run("approve")
    except UserError:
        pass
    else:
        return ["what came while calculating was approved away"]
    month.run("calculate")
    with month.registry.cursor() as cursor:
        cursor.execute("SELECT SUM(amount), COUNT(*) FROM nka_bonus_line")
        found = cursor.fetchone()
    return [] if found == (4200000, 4) else [f"credits are {found}"]


def refuse(*_args, **_kwargs):
    raise OSError("no way out")


def close_without_services(month):
    """Check that the lock needs neither a mail server nor the file store."""
    files = month.registry["ir.attachment"]
    servers = month.registry["ir.mail_server"]
    with (
        patch.object(files, "_file_write", refuse),
        patch.object(servers, "_connect__", refuse),
    ):
        return check_two_at_once(month, "lock")


def main(config_file, name):
    """Return 0 if the month survived all faults."""
    registry = started(config_file, name)
    case, close_id, *papers = prepare()
    month = Month(registry, close_id)
    problems = check_step(month, "calculate")
    problems += check_paid_meanwhile(month, *papers)
    expected = dry_digest(month, STEPS)
    problems += check_step(month, "approve")
    problems += check_stale(month, "approve")
    problems += check_step(month, "lock")
    problems += close_without_services(month)
    if month.value("digest") != expected:
        problems.append("another digest than without faults")
    problems += check_faults(month, "reopen")
    problems += check_restarted(month, config_file, name, expected)
    problems += check_leaving(month, case)
    print("\n".join(problems))
    return int(bool(problems))


def check_step(month, name):
    """Check that a step interrupted repeatedly results in the same integrity hash."""
    rest = STEPS[STEPS.index(name) :]
    expected = dry_digest(month, rest)
    problems = check_faults(month, name)
    if dry_digest(month, rest) != expected:
        problems.append(f"{name}: another digest after the faults")
    return problems


def check_restarted(month, config_file, name, expected):
    """Close again, each step in a newly started server: the integrity hash is the same."""
    month.run("reopen")
    for step in STEPS:
        words = [sys.executable, "-m", "tests.close.race", config_file, name]
        done = subprocess.run(
            [*words, str(month.id), step], capture_output=True, text=True, check=False
        )
        if done.returncode:
            return [f"{step} after a restart: {done.stderr[-1500:]}"]
    with month.registry.cursor() as cursor:
        env = month.env(cursor, "nka_payroll")
        close = env["nka.month.close"].browse(month.id)
        close._check_sealed()
        if (close.digest, close.revision) == (expected, 2):
            return []
    return ["another digest after restarts"]


def prepare_leaving(registry, case):
    """Commit a December in which one manager leaves with a held bonus, and the other's
    documents are approved and their first year ends.

    :return: id of the month
    """
    from odoo import SUPERUSER_ID, api

    with registry.cursor() as cursor:
        env = api.Environment(cursor, SUPERUSER_ID, {})
        names = ("env", "types", "lead", "manager", "supervisor", "officer", "leaving")
        for name in names[1:]:
            setattr(case, name, getattr(case, name).with_env(env))
        case.env = env
        case._approve()
        end = env["nka.pay.agreement.end"].with_user(case.officer)
        end.create(
            {
                "agreement_id": case.leaving.id,
                "is_renewal": False,
                "date_to": LAST_DAY,
                "reason": "They leave",
                "ended_by": "employee",
            }
        ).action_apply()
        case.leaving.employee_id.version_id.contract_date_end = LAST_DAY
        return case._new_close(DECEMBER).id


def check_leaving(november, case):
    """Check a month that pays a leaver for the last time, lapses their held bonus,
    releases credits and pays out the first year of the other.
    """
    month = Month(november.registry, prepare_leaving(november.registry, case))
    problems, expected = [], dry_digest(month, STEPS)
    for number, name in enumerate(STEPS):
        problems += check_some_faults(month, name)
        if dry_digest(month, STEPS[number:]) != expected:
            problems.append(f"December, {name}: another digest after the faults")
        month.run(name)
    if (kinds := kinds_of(month)) != SPECIAL:
        problems.append(f"December: only {kinds}")
    return problems


def kinds_of(month):
    """Return the kinds of amounts that the statements of a month pay or hold."""
    with month.registry.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT line.kind FROM nka_pay_statement_line line
                 JOIN nka_pay_statement statement ON statement.id = line.statement_id
                WHERE statement.close_id = %s AND line.kind IN %s""",
            [month.id, tuple(SPECIAL)],
        )
        return {kind for (kind,) in cursor.fetchall()}


def run_step(config_file, name, close_id, step):
    """Run one step in a separate process."""
    Month(started(config_file, name), int(close_id)).run(step)
    return 0


def started(config_file, name, *words):
    """Return the registry of a newly started server, with further options."""
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(
        ["--config", config_file, "--database", name, "--log-level", "critical", *words]
    )
    return Registry(name)


def dry_digest(month, steps):
    """Run the steps without faults, roll back, and return the integrity hash."""
    with month.registry.cursor() as cursor:
        for name in steps:
            month.step(cursor, name)
        env = month.env(cursor, "nka_payroll")
        digest = env["nka.month.close"].browse(month.id).digest
        cursor.rollback()
    return digest


if __name__ == "__main__":
    sys.exit((run_step if len(sys.argv) > 3 else main)(*sys.argv[1:]))
