from odoo import api, models

from ..proof.checked import Check
from ..proof.contents import contradictions, in_batches
from .roles import different_views
from .views import VIEWS

DECIDED = ("in_force", "withdrawn")


class AuditVerification(models.Model):
    """Verify what programs outside may read."""

    _inherit = "nka.audit.verification"

    @api.model
    def _checks(self, company):
        checks = [self._check_bi_grants(company), self._check_bi_views()]
        return [*super()._checks(company), *checks]

    @api.model
    def _check_bi_views(self):
        """Compare the views with those of the program; the functions behind them are
        compared like those of triggers.
        """
        names = different_views(self.env.cr)
        return Check(
            self.env._("Views of the database for other programs, against the program"),
            len(VIEWS),
            [
                self.env._(
                    "The view %s is missing or was changed. Update the addon to create "
                    "it again.",
                    name,
                )
                for name in names
            ],
            self.env._("Views"),
        )

    @api.model
    def _check_bi_grants(self, company):
        count, found = 0, []
        grants = self.env["nka.bi.grant"]
        for batch in in_batches(grants, company, ("state", "in", DECIDED)):
            compared, differing = contradictions(batch, DECIDED)
            count += compared
            found += differing
        return Check(
            self.env._("External accesses, against their hash"),
            count,
            found,
            self.env._("Accesses"),
        )
