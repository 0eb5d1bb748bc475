"""Everybody's terms, proposed by the officer and accepted by the managers themselves;
one new proposal waits for its answer."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from ..records import ago, create_missing, login, missing, named, table

TABLE = "pay/agreements.csv"
#: Whose terms change with the next half-year, and by how much.
RENEWED = "boris"
RAISE = 500
REASON = "Two plants more to look after"


def load(env):
    agreements = env["nka.pay.agreement"].with_user(login(env, "payroll"))
    vals = {f"agreement_{row['manager']}": prepare(env, row) for row in table(TABLE)}
    for agreement in create_missing(agreements, vals):
        agreement.action_propose()
        agreement.with_user(agreement.user_id).action_accept()
    if missing(env, [f"agreement_{RENEWED}_next"]):
        renew(env, named(env, f"agreement_{RENEWED}").with_user(agreements.env.user))


def prepare(env, row):
    """Terms from the first of a month, so many months ago."""
    months = int(row["months"])
    return {
        "employee_id": named(env, f"employee_{row['manager']}").id,
        "plan_id": env.ref("nka_key_accounts.nka_pay_plan_default").id,
        "target_earnings": float(row["target"]),
        "monthly_quota": float(row["quota"]),
        "draw": float(row["draw"]),
        "date_from": ago(env, 0) + relativedelta(months=-months, day=1),
    }


def renew(env, agreement):
    """End the agreement with the half-year and propose the terms that follow."""
    today = ago(env, 0)
    end = today + relativedelta(month=6 if today.month <= 6 else 12, day=31)
    agreement.env["nka.pay.agreement.end"].create(
        {"agreement_id": agreement.id, "date_to": end, "reason": REASON}
    ).action_apply()
    following = agreement.search(
        [
            ("employee_id", "=", agreement.employee_id.id),
            ("date_from", "=", end + timedelta(days=1)),
        ]
    )
    following.target_earnings += RAISE
    following.action_propose()
    env["ir.model.data"]._update_xmlids(
        [
            {
                "xml_id": f"nka_key_accounts.demo_agreement_{RENEWED}_next",
                "record": following,
                "noupdate": True,
            }
        ]
    )
