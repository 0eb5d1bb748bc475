from odoo import api, models
from odoo.tools import SQL

from ..trail.roles import ROLES
from .contents import VERSION, digest_of


class ResUsers(models.Model):
    """Every event of a person's roles keeps a digest of those they have from then on."""

    _inherit = "res.users"

    @api.model
    def _role_digest(self, person, holders):
        """Digest of a person's roles, by names that no translation changes.

        :param dict holders: as of :meth:`_role_holders`
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
        """Digest of the last event of each person's roles that has one.

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
    def _role_people(self, company=None):
        """Who has a role of ours, or had one by the trail.

        :param res.company company: only those who belong to it, everybody when not given
        """
        ids = set().union(*self._role_holders().values())
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
