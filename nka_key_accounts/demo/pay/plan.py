"""The default plan, in force since eighteen months: prepared, submitted, approved."""

from dateutil.relativedelta import relativedelta

from ..records import ago, login

VERSION = "nka_key_accounts.nka_pay_plan_version_default"
MONTHS = 18


def load(env):
    version = env.ref(VERSION)
    if version.state == "approved":
        return
    prepared = version.with_user(login(env, "payroll"))
    prepared.action_return(reason="It begins earlier: everybody is paid by it already")
    prepared.date_start = ago(env, 0) + relativedelta(months=-MONTHS, day=1)
    prepared.action_submit()
    version.with_user(login(env, "kam_admin")).action_approve()
