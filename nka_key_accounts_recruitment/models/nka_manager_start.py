from odoo import api, models
from odoo.addons.nka_key_accounts.models.newcomers.start_items import StartItem
from odoo.exceptions import UserError
from odoo.tools import SQL, LazyTranslate

_lt = LazyTranslate(__name__)

CLAIMS = SQL(
    """SELECT CASE WHEN claimed.total = 0 THEN 'none'
                   WHEN claimed.waiting = 0 THEN 'done' ELSE 'open' END,
              'supervisor',
              CASE WHEN claimed.waiting = 0 THEN claimed.checked_on END
         FROM (SELECT COUNT(*) AS total,
                      COUNT(*) FILTER (WHERE claim.state = 'unverified') AS waiting,
                      MAX(claim.checked_on) AS checked_on
                 FROM nka_applicant_claim claim
                 JOIN hr_applicant applicant ON applicant.id = claim.applicant_id
                WHERE applicant.employee_id = start.employee_id) claimed"""
)
#: After the user and the role of the employee, before what they are given to do.
PLACE = 2


class ManagerStart(models.Model):
    _inherit = "nka.manager.start"

    @api.model
    def _items(self):
        claims = StartItem(
            "claims",
            _lt("Claims of the CV checked"),
            CLAIMS,
            {
                "open": _lt(
                    "Ask a recruiter to check what is left of the CV's claims."
                ),
                "none": _lt("Nothing was claimed in an application."),
            },
        )
        items = super()._items()
        return [*items[:PLACE], claims, *items[PLACE:]]

    def _open_claims(self):
        """Open the claims, or say whom to ask if the user can't read applications."""
        applicants = self.env["hr.applicant"].sudo()
        applicants = applicants.with_context(active_test=False)
        hired = applicants.search([("employee_id", "=", self.employee_id.id)])
        mine = hired.sudo(False).with_user(self.env.user)
        if mine.has_access("read"):
            return mine.action_nka_open_claims()
        raise UserError(
            self.env._(
                "Claims are checked by recruiters. Ask %s.",
                ", ".join(hired.user_id.mapped("name")) or self.env._("one of them"),
            )
        )
