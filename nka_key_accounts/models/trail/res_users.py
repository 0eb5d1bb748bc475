from contextlib import contextmanager

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.http import request
from odoo.tools import LazyTranslate

from .roles import DIRECTOR, MANAGER, ROLES

_lt = LazyTranslate(__name__)

#: Maximum number of names in an error message.
ADVISED = 3


class ResUsers(models.Model):
    """Prevent users from giving themselves a role of the addon, and log role changes.

    Switching to the superuser is logged as well, since it bypasses all access rights.
    """

    _inherit = "res.users"
    _audit_kinds = {
        "group": _lt("User roles"),
        "superuser": _lt("Switched to superuser"),
    }

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        with self._watched_roles():
            return super().create(vals_list)

    def write(self, vals):
        if vals.keys().isdisjoint({"group_ids", "all_group_ids", "role"}):
            return super().write(vals)
        with self._watched_roles():
            return super().write(vals)

    # ------------------------------------------------------------ roles
    @api.model
    @contextmanager
    def _watched_roles(self):
        """Compare the members of the addon's roles before and after the block.

        Logs the changes and refuses users who give themselves a role. The savepoint
        rolls a refused change back even if the caller catches the error and continues.

        :raise AccessError: when the acting user gains a role
        :raise ValidationError: when a user becomes both manager and director
        """
        before = self._role_holders()
        try:
            with self.env.cr.savepoint():
                yield
                after = self._role_holders()
                if before != after:
                    self._check_no_own_role(before, after)
                    self._check_director_apart(before, after)
                    self._record_roles(before, after)
        except UserError:
            # Values cached since the write must not outlive its rollback.
            self.env.registry.clear_cache("default", "groups")
            raise

    @api.model
    def _role_holders(self):
        """Return the ids of the users with each of the addon's roles, with one query.

        :return: user ids by group id
        :rtype: dict[int, set[int]]
        """
        return self._group_holders(self._role_groups())

    @api.model
    def _group_holders(self, groups):
        """Return the ids of the users with each group or one that implies it, with one
        query.

        :param res.groups groups: groups as superuser
        :return: user ids by group id
        :rtype: dict[int, set[int]]
        """
        if not groups:
            return {}
        self.env.flush_all()
        implied_by = {group.id: group.all_implied_by_ids._ids for group in groups}
        every = tuple({each for ids in implied_by.values() for each in ids})
        self.env.cr.execute(
            "SELECT gid, uid FROM res_groups_users_rel WHERE gid IN %s", [every]
        )
        holders = {}
        for gid, uid in self.env.cr.fetchall():
            holders.setdefault(gid, set()).add(uid)
        return {
            group_id: set().union(*(holders.get(each, set()) for each in ids))
            for group_id, ids in implied_by.items()
        }

    @api.model
    def _role_groups(self):
        ids = map(self.env["ir.model.data"]._xmlid_to_res_id, ROLES)
        return self.env["res.groups"].sudo().browse(filter(None, ids)).exists()

    @api.model
    def _acting_people(self):
        """Return the ids of the acting users: the current user and the session's login.

        They differ after a switch to the superuser. The superuser itself, for example
        during installation, isn't included.
        """
        people = {self.env.uid} - {SUPERUSER_ID}
        login = request.session.get("login") if request else None
        if login:
            people.update(self.sudo().search([("login", "=", login)]).ids)
        return people

    @api.model
    def _check_no_own_role(self, before, after):
        people = self._acting_people()
        for group in self._role_groups():
            gained = after.get(group.id, set()) - before.get(group.id, set())
            if gained & people:
                raise AccessError(
                    self.env._(
                        "You can't assign the role “%s” to yourself. Ask another "
                        "administrator.",
                        group.name,
                    )
                )

    @api.model
    def _check_director_apart(self, before, after):
        """Refuse a key account manager who also becomes a director, or the reverse.

        Managers see only their own accounts and pay. A director reads all of them, and
        the rules that let them do so would let a manager write as well.

        :raise ValidationError: naming the users
        """
        number_of = self.env["ir.model.data"]._xmlid_to_res_id
        ids = [
            number_of(role, raise_if_not_found=False) for role in (MANAGER, DIRECTOR)
        ]
        manages, directs = (after.get(number, set()) for number in ids)
        known = before.get(ids[0], set()) & before.get(ids[1], set())
        both = self.sudo().browse(sorted((manages & directs) - known))
        if both:
            raise ValidationError(
                self.env._(
                    "%s can't be key account manager and director at once: a manager "
                    "sees only their own accounts and pay, a director reads those of "
                    "everybody. Remove one of the two roles.",
                    ", ".join(both.mapped("name")),
                )
            )

    @api.model
    def _record_roles(self, before, after):
        events = self.env["nka.audit.event"]
        changed = {
            uid
            for group_id in before.keys() | after.keys()
            for uid in before.get(group_id, set()) ^ after.get(group_id, set())
        }
        people = self.sudo().with_context(active_test=False).browse(sorted(changed))
        events._record(
            people.exists(),
            "group",
            old=lambda person: self._role_names(person, before),
            new=lambda person: self._role_names(person, after),
            digest=lambda person: self._role_digest(person, after),
        )

    @api.model
    def _role_digest(self, person, holders):
        """Hook: return the hash of a user's roles, stored with every role event."""
        return

    @api.model
    def _role_names(self, person, holders):
        names = [
            group.name
            for group in self._role_groups()
            if person.id in holders.get(group.id, set())
        ]
        return ", ".join(names) or None

    def _record_superuser(self):
        """Log a switch to the superuser; later events name the login behind it."""
        self.env["nka.audit.event"]._record(
            self.sudo(), "superuser", new=lambda person: person.login
        )

    # ------------------------------------------------------------ business
    @api.model
    def _nka_holders(self, role, company, apart_from=None):
        """Return the active users with a role of the addon who work in a company.

        :param str role: external id of the group, as in :mod:`.roles`
        :param res.company company: company they must have access to
        :param res.users apart_from: users to exclude, such as those who worked on the
            record
        :rtype: res.users
        """
        # Looked up in the registry cache; ``ref`` would query the database every time.
        group_id = self.env["ir.model.data"]._xmlid_to_res_id(role)
        group = self.env["res.groups"].sudo().browse(group_id)
        holders = group.all_user_ids.filtered(
            lambda user: user.active and company in user.company_ids
        )
        # The cache appends new holders, the database sorts: always the same first one.
        holders = holders.sorted()
        return holders - apart_from if apart_from else holders

    @api.model
    def _nka_name_holders(self, role, company, apart_from=None, first=None):
        """Return names of users with a role, for messages that say whom to ask.

        :param str role: external id of the group, as in :mod:`.roles`
        :param res.company company: company they must have access to
        :param res.users apart_from: users to exclude
        :param res.users first: user to name first, if they have the role
        :return: up to three names, or a text that refers to an administrator
        :rtype: str
        """
        holders = self._nka_holders(role, company, apart_from)
        own = first & holders if first else holders[:0]
        names = (own | holders)[:ADVISED].sudo().mapped("name")
        return ", ".join(names) or self.env._(
            "an administrator, who must first assign this role"
        )
