from odoo import api, models
from odoo.tools import SQL

from ..trail.roles import ROLES
from .contents import VERSION, digest_of


class ResUsers(models.Model):
    """Store a hash of a user's new roles with every event about them."""

    _inherit = "res.users"

    @api.model
    def _role_digest(self, person, holders):
        """Return the hash of a user's roles, based on external ids.

        :param res.users person: user
        :param dict holders: user ids by group id, as returned by :meth:`_role_holders`
        :rtype: str
        """
        groups = {
            role: self.env["ir.model.data"]._xmlid_to_res_id(role) for role in ROLES
        }
        return digest_of(
            sorted(
                role
                for role, group_id in groups.items()
                if person.id in holders.get(group_id, ())
            )
        )

    @api.model
    def _recorded_roles(self, people):
        """Return the hash of the last role event of each user that has one.

        :return: hash by user id
        :rtype: dict[int, str]
        """
        return dict(
            self.env.execute_query(
                SQL(
                    """SELECT DISTINCT ON (res_id) res_id, file_digest
                         FROM nka_audit_event
                        WHERE res_model = 'res.users' AND res_id = ANY(%s)
                          AND kind = 'group' AND file_digest LIKE %s
                        ORDER BY res_id, id DESC""",
                    people.ids,
                    f"{VERSION}$%",
                )
            )
        )

    @api.model
    def _role_people(self, company=None, holders=None):
        """Return users who have a role of the addon, or had one by the trail.

        :param res.company company: only users of this company; all users if None
        :param dict holders: user ids by group id, if the caller has read them already
        :rtype: res.users
        """
        ids = set().union(*(holders or self._role_holders()).values())
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT res_id FROM nka_audit_event
                    WHERE res_model = 'res.users' AND kind = 'group'
                      AND file_digest LIKE %s""",
                f"{VERSION}$%",
            )
        )
        ids |= {res_id for (res_id,) in rows}
        people = (
            self.sudo().with_context(active_test=False).browse(sorted(ids)).exists()
        )
        if company:
            people = people.filtered(lambda person: person.company_id == company)
        return people
