from contextlib import contextmanager

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError
from odoo.http import request
from odoo.tools import LazyTranslate

from .roles import ROLES

_lt = LazyTranslate(__name__)

#: So many people are named in a refusal.
ADVISED = 3


class ResUsers(models.Model):
    """Nobody takes a role of the addon themselves, and whoever gives one is on record; so
    is who becomes the superuser, and thereby reads past every right.
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
        """Compare who has our roles before and after, refuse and record.

        The savepoint takes a refused change back even where a caller goes on.
        """
        before = self._role_holders()
        try:
            with self.env.cr.savepoint():
                yield
                after = self._role_holders()
                if before != after:
                    self._check_no_own_role(before, after)
                    self._record_roles(before, after)
        except AccessError:
            # What was looked up since the write must not outlive its rollback.
            self.env.registry.clear_cache("default", "groups")
            raise

    @api.model
    def _role_holders(self):
        """Ids of the people in each of our groups: one query.

        :rtype: dict[int, set[int]]
        """
        groups = self._role_groups()
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
        found = (self.env.ref(role, raise_if_not_found=False) for role in ROLES)
        ids = [group.id for group in found if group]
        return self.env["res.groups"].sudo().browse(ids)

    @api.model
    def _acting_people(self):
        """Ids of who is acting: the user, and the login behind a turned superuser.

        Code of the server itself, as an installation, acts for nobody.
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
        """Hook: digest of a person's roles, kept with every event of them."""
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
        """Keep who becomes the superuser; later events name the login behind it."""
        self.env["nka.audit.event"]._record(
            self.sudo(), "superuser", new=lambda person: person.login
        )

    # ------------------------------------------------------------ business
    @api.model
    def _nka_holders(self, role, company, apart_from=None):
        """Active people with a role of ours who work in a company.

        :param str role: external id of the group, as in :mod:`.roles`
        :param res.company company: where they have to work
        :param res.users apart_from: people left out, as the makers of what is decided
        :rtype: res.users
        """
        # Looked up in the registry's cache; ``ref`` would ask the database each time.
        group_id = self.env["ir.model.data"]._xmlid_to_res_id(role)
        group = self.env["res.groups"].sudo().browse(group_id)
        holders = group.all_user_ids.filtered(
            lambda user: user.active and company in user.company_ids
        )
        return holders - apart_from if apart_from else holders

    @api.model
    def _nka_name_holders(self, role, company, apart_from=None, first=None):
        """Names of people with a role of ours, for a refusal that says whom to ask.

        :param res.users first: who is named first, if they have the role
        :rtype: str
        """
        holders = self._nka_holders(role, company, apart_from)
        own = first & holders if first else holders[:0]
        names = (own | holders)[:ADVISED].sudo().mapped("name")
        return ", ".join(names) or self.env._(
            "an administrator, who must first assign this role"
        )
