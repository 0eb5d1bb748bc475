"""A manager leaves: the departure that the end of the contract calls for, with a
dossier.

The handover is submitted already and belongs to it. What was read in the last weeks is
in :mod:`.reading`.
"""

from ..models.leaving import successors
from .language import say
from .records import ago, named

OPENED = 12
PURPOSE = "The director: whether Gleb works until the last day or is released earlier."


def depart(env):
    """Open the departure, unless the contract's end has done so, and seal a dossier."""
    employee = named(env, "employee_gleb")
    departures = env["nka.departure"]
    departure = departures.search([("employee_id", "=", employee.id)])
    if not departure:
        departure = departures._open(employee, employee.contract_date_end, "contract")
    if departure.dossier_ids or departure.state != "open":
        return
    departure._unlocked().write({"opened_on": ago(env, OPENED)})
    _translate_steps(departure)
    successors.adopt(departure)
    successors.draft(departure)
    departure._look_back()
    departure.with_user(departure.supervisor_id).action_seal_dossier(
        reason=say(env, PURPOSE)
    )


def _translate_steps(departure):
    """Say the steps in the language of their owners, who had none at that time."""
    plan = departure.env.ref("nka_key_accounts.mail_activity_plan_departure")
    for template in plan.template_ids:
        for step in departure.sudo().activity_ids:
            if step.summary == template.summary:
                step.summary = template._nka_summary(step.user_id)
