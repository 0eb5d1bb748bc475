"""Who may open a departure and decide on it, and for whom one can be opened."""

from odoo import fields
from odoo.exceptions import AccessError, UserError

from ..trail.roles import ADMIN, ROLES, SUPERVISOR

DECIDERS = f"{SUPERVISOR},{ADMIN}"
#: Last days are at most so many days from today.
FARTHEST = 5 * 366


def check_group(env):
    """Refuse everybody but supervisors and key account administrators."""
    if not env.su and not env.user.has_groups(DECIDERS):
        raise AccessError(
            env._(
                "Only supervisors and key account administrators work on departures. "
                "To announce your own, use “I am leaving”."
            )
        )


def check_decider(departures):
    """Refuse everybody but the supervisors of a departure and administrators.

    Directors read all departures; a second role as a supervisor lets them decide only
    on those of their own people.
    """
    env = departures.env
    check_group(env)
    is_free = env.su or env.user.has_group(ADMIN)
    for departure in departures.sudo():
        if departure.user_id == env.user:
            raise AccessError(
                env._("Your own departure is decided by other supervisors.")
            )
        if not is_free and env.user not in departure.supervisor_ids:
            raise AccessError(
                env._(
                    "%s is supervised by others. Ask their supervisor to decide on the "
                    "departure.",
                    departure.employee_id.name,
                )
            )


def check_opener(departures, employee):
    """Refuse whoever neither supervises a person nor administers their company."""
    env = departures.env
    if employee.user_id == env.user:
        raise AccessError(env._("Announce your own departure with “I am leaving”."))
    is_own = employee.user_id.with_env(env).nka_is_supervised
    is_inside = employee.company_id in env.user.sudo().company_ids
    is_direct = env.user in env["res.users"]._nka_supervisors_of(employee.user_id)
    if not (
        env.su
        or (is_own and (is_direct or is_inside))
        or (env.user.has_group(ADMIN) and is_inside)
    ):
        raise AccessError(
            env._(
                "%s is supervised by others. Ask their supervisor to open the "
                "departure.",
                employee.name,
            )
        )


def check_leaver(env, employee):
    """Refuse employees who have neither a role nor an account."""
    user = employee.user_id
    if not user:
        raise UserError(
            env._(
                "%s has no user, so there is no access to end. Link the employee to "
                "their user first.",
                employee.name or env._("This employee"),
            )
        )
    if not has_role(env, user):
        raise UserError(
            env._(
                "%s doesn't work with key accounts: they have no role and manage no "
                "account.",
                employee.name,
            )
        )


def has_role(env, user):
    """Return whether a user has a role of the addon, or manages an account."""
    accounts = env["nka.key.account"].sudo()
    return user.has_groups(",".join(ROLES)) or bool(
        accounts.search_count([("manager_id", "=", user.id)], limit=1)
    )


def check_day(env, day):
    """Refuse last days that are typing errors."""
    if abs((day - fields.Date.context_today(env["nka.departure"])).days) > FARTHEST:
        raise UserError(
            env._("Enter a last day that is at most five years from today.")
        )


def check_archivable(env, user):
    """Refuse to let key account administrators archive administrators of Odoo."""
    system = "base.group_system"
    if user.has_group(system) and not env.user.has_group(system):
        raise AccessError(
            env._(
                "%s administers Odoo. Ask another administrator of Odoo to archive the "
                "login.",
                user.name,
            )
        )
