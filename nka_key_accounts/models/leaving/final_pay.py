"""Terms and open amounts of a leaver's pay, as the current user can read them.

Nothing is calculated or paid here: statements and the month-end close stay the only way.
"""

from odoo.tools import format_date, formatLang

#: Amounts of the last statement that are still to be settled.
OPEN_AMOUNTS = ("held_amount", "held_credits", "loyalty_held", "balance")


def say(departure):
    """Return what the last agreement says about leaving, and the open amounts.

    :rtype: str or bool
    """
    env = departure.sudo(False).env
    statements, agreements = env["nka.pay.statement"], env["nka.pay.agreement"]
    if not (statements.has_access("read") and agreements.has_access("read")):
        return False
    person = [("employee_id", "=", departure.sudo().employee_id.id)]
    agreement = agreements.search(
        [*person, ("state", "in", ("accepted", "ended"))],
        order="date_from desc",
        limit=1,
    )
    if not agreement or not departure.date:
        return False
    last_day = min(filter(None, (agreement.date_to, departure.date)))
    said = [agreement._say_leaving(last_day)]
    if not agreement.date_to:
        said.append(
            env._("The agreement hasn't been ended yet. A payroll officer ends it.")
        )
    last = statements.search(person, order="month desc", limit=1)
    return "\n".join([*said, *_say_open(last)])


def _say_open(statement):
    """Return a line for each open amount of a statement."""
    if not statement:
        return []
    env = statement.env
    fields_ = statement._fields
    amounts = [
        f"{fields_[name]._description_string(env)}: "
        f"{formatLang(env, statement[name], currency_obj=statement.currency_id)}"
        for name in OPEN_AMOUNTS
        if not statement.currency_id.is_zero(statement[name])
    ]
    month = format_date(env, statement.month, date_format="LLLL yyyy")
    if not amounts:
        return [env._("No open amounts in the last statement (%s).", month)]
    return [env._("Open in the last statement (%s):", month), *amounts]
