from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

#: Tolerance within which an entered moment counts as now.
NOW = timedelta(hours=1)
#: Fields whose change makes Odoo set another closing date.
_CLOSING = frozenset({"stage_id", "probability", "active", "date_closed"})


class CrmLead(models.Model):
    """Protect the closing date of deals, which decides the season they belong to.

    Odoo sets it, but lets every salesperson change it. It also moves when a won deal is
    archived, or reopened and won again. A deal is won only once, so pay uses the first
    day (``facts.measured``).
    """

    _inherit = "crm.lead"
    _guarded_fields = ("first_won_date",)

    first_won_date = fields.Datetime(
        "First won on",
        readonly=True,
        copy=False,
        help="Kept when a won deal is changed again. Goals and weekly reports count it by "
        "this day. A sales administrator can enter another closing date.",
    )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        default = self.env.context.get("default_date_closed")
        for vals in vals_list:
            self._nka_check_closed(vals.get("date_closed", default))
        return super().create(vals_list)

    def write(self, vals):
        if _CLOSING.isdisjoint(vals):
            return super().write(vals)
        entered = fields.Datetime.to_datetime(vals.get("date_closed"))
        self._nka_check_closed(entered)
        for lead in self.sudo():
            won = lead._nka_won_day()
            if won and lead.first_won_date != (entered or won):
                lead._unlocked().write({"first_won_date": entered or won})
        return super().write(vals)

    def _nka_won_day(self):
        """Return the moment on which the deal was first won, or a false value."""
        is_won = self.stage_id.is_won or self.probability >= 100
        return self.first_won_date or (is_won and self.date_closed)

    def _nka_check_closed(self, moment):
        """Raise if the closing date isn't now, or if the deal was won before.

        Sales administrators are exempt, because they import older deals.
        """
        if not moment or self.env.su:
            return
        moment, now = fields.Datetime.to_datetime(moment), fields.Datetime.now()
        is_now = now - NOW <= moment <= now + NOW
        is_first = not any(lead._nka_won_day() for lead in self)
        is_admin = self.env.user.has_group("sales_team.group_sale_manager")
        if is_admin or (is_now and is_first):
            return
        raise AccessError(
            self.env._(
                "The closing date of a deal is the date on which it was won or lost, "
                "so it can't be entered. Mark the deal as won or lost, or ask a sales "
                "administrator to enter an older deal."
            )
        )
