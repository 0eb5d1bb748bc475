from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import LazyTranslate

from ..facts import measured
from ..pay.measurement import REASONS, Measurement

_lt = LazyTranslate(__name__)

REASONS["step_lost"] = _lt("Its proof no longer counts.")
REASONS["step_waived"] = _lt("It was waived after its proof was lost.")
#: Why a step that was proven in the season doesn't count, by its state.
_WHY = {"proven": None, "open": "step_lost", "waived": "step_waived"}


class Kpi(models.Model):
    """Add the mentor's part in growing managers."""

    _inherit = "nka.kpi"

    measure = fields.Selection(
        selection_add=[("mentorship_steps", "Mentorship steps proven"), ("custom",)],
        ondelete={"mentorship_steps": "cascade"},
    )

    @api.model
    def _measure_mentorship_steps(self, users, span, evidence):
        """Count the steps of their mentees by the day on which the system first found
        the proof. Steps whose proof was lost don't count, nor do waived ones."""
        steps = self.env["nka.mentorship.step"]
        found = steps.search_fetch(
            Domain(span.domain(steps, "date_proven"))
            & Domain("mentor_id", "in", users.ids)
            & measured.domain_company(steps, "mentor_id", span.company),
            ["mentor_id", "state"],
            order="id",
        )
        judged = defaultdict(list)
        for step in found:
            judged[step.mentor_id.id].append((step.id, _WHY[step.state]))
        return {
            user.id: Measurement.of_judged(steps._name, judged[user.id], evidence)
            for user in users
        }
