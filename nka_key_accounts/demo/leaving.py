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
    successors.adopt(departure)
    successors.draft(departure)
    departure._look_back()
    departure.with_user(departure.supervisor_id).action_seal_dossier(
        reason=say(env, PURPOSE)
    )
