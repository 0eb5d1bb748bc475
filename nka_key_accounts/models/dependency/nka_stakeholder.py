from odoo import api, models
from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)


class Stakeholder(models.Model):
    """Record who says which contact decides: contact with them counts double."""

    _inherit = "nka.stakeholder"
    _audit_kinds = {"decider": _lt("Decision makers of a client")}

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        people = super().create(vals_list)
        people._record_deciding({})
        return people

    def write(self, vals):
        watched = not vals.keys().isdisjoint(("role", "active"))
        before = self._deciding() if watched else {}
        result = super().write(vals)
        if watched:
            self._record_deciding(before)
        return result

    def unlink(self):
        self._record_deciding(self._deciding(), is_over=True)
        return super().unlink()

    # ------------------------------------------------------------ trail
    def _deciding(self):
        """Return the role of active decision makers, by person."""
        return {
            person: person.role
            for person in self
            if person.active and person.role == "decision_maker"
        }

    def _record_deciding(self, before, is_over=False):
        """Record who decides now, and who doesn't any more.

        :param dict before: as returned by :meth:`_deciding`
        :param bool is_over: whether nobody decides any more
        """
        now = {} if is_over else self._deciding()
        self.env["nka.audit.event"]._record(
            self.filtered(lambda person: before.get(person) != now.get(person)),
            "decider",
            old=before.get,
            new=now.get,
        )
