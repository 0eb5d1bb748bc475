"""End of a leaver's access, on the day after their last one."""

from odoo import SUPERUSER_ID

from ..trail.roles import ADMIN, ROLES
from . import successors

ARCHIVE = "nka_key_accounts.mail_activity_type_archive_login"


def end_access(departure, today):
    """Take the person's roles away and give what is left to do an owner."""
    env, user = departure.env, departure.user_id
    roles = _take_roles(user)
    _leave_deputy_posts(env, user)
    left = successors.current_accounts(departure)
    departure._move_to(
        "departed", note=env._("Roles taken away: %s", roles), left_on=today
    )
    if left:
        env["nka.audit.event"]._record(
            departure,
            "departure",
            new=env._("Accounts without a successor: %s", len(left)),
            note=", ".join(left.mapped("display_name")),
        )
        departure._ask_supervisors()
    followed = env["nka.key.account"].search([("supervisor_id", "=", user.id)])
    if followed:
        env["nka.audit.event"]._record(
            departure,
            "departure",
            new=env._("Accounts whose supervisor has left: %s", len(followed)),
            note=", ".join(followed.mapped("display_name")),
        )
        departure._ask_supervisors()
    if user.active:
        admins = user._nka_holders(ADMIN, departure.company_id, user)
        owner = admins[:1] or departure.supervisor_id
        departure.with_user(SUPERUSER_ID)._raise_activities(
            ARCHIVE, {departure.id: owner.id}
        )
    departure._restrictions()._lift(env._("Access ended"))


def _take_roles(user):
    """Remove all roles of the addon, and the groups that imply them.

    :return: their names
    :rtype: str
    """
    role_ids = {user.env.ref(role).id for role in ROLES}
    taken = user.group_ids.filtered(
        lambda group: role_ids & set((group | group.all_implied_ids).ids)
    )
    user.write({"group_ids": [(3, group.id) for group in taken]})
    return ", ".join(taken.mapped("name")) or "–"


def _leave_deputy_posts(env, user):
    """Vacate the deputy posts that no handover has filled."""
    posts = env["nka.key.account"].search([("deputy_id", "=", user.id)])
    if posts:
        posts._unlocked().write({"deputy_id": False})
        env["nka.audit.event"]._record(
            posts, "handover", old=user, note=env._("The deputy has left")
        )
