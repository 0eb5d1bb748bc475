"""Tours through the pages of a role, offered when its user opens Odoo first."""

from odoo import api, models
from odoo.modules import module
from odoo.tools import LazyTranslate

from ..trail.roles import ADMIN, DIRECTOR, MANAGER, PAYROLL_OFFICER, SUPERVISOR

_lt = LazyTranslate(__name__)

#: Name of the tour by role, and its title. The steps are in static/src/onboarding.
TOURS = {
    MANAGER: ("nka_tour_manager", _lt("Tour for key account managers")),
    SUPERVISOR: ("nka_tour_supervisor", _lt("Tour for supervisors")),
    PAYROLL_OFFICER: ("nka_tour_officer", _lt("Tour for payroll officers")),
    DIRECTOR: ("nka_tour_director", _lt("Tour for directors")),
    ADMIN: ("nka_tour_administrator", _lt("Tour for administrators")),
}
NAMES = {name for name, _title in TOURS.values()}


class Tour(models.Model):
    """Odoo offers all its tours one after another; those of roles are offered alone."""

    _inherit = "web_tour.tour"

    @api.model
    def consume(self, tourName):  # noqa: N803
        """End a tour of a role without starting tours of other apps."""
        following = super().consume(tourName)
        if tourName not in NAMES:
            return following
        if not self.env.user._is_admin():
            # The client enabled all tours to start this one.
            self.env.user.sudo().tour_enabled = False
        return False

    @api.model
    def _prepare_nka_tours(self):
        """Return the tours of the current user's roles for the web client.

        :rtype: list[dict]
        """
        titles = {
            name: title
            for role, (name, title) in TOURS.items()
            if self.env.user.has_group(role)
        }
        if not titles:
            return []
        tours = self.sudo().search([("name", "in", list(titles))])
        return [
            {
                "name": tour.name,
                "title": self.env._(titles[tour.name]),  # pylint: disable=translation-contains-variable
                "is_new": self._is_nka_offered()
                and self.env.user not in tour.user_consumed_ids,
            }
            for tour in tours
        ]

    @api.model
    def _is_nka_offered(self):
        """Return whether tours are offered unasked: not while tests click."""
        return not module.current_test
