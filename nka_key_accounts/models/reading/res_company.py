from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError

#: Shortest time that day totals are kept: baselines need some weeks of them.
SHORTEST = 35
#: Minimum length of the text that informs staff; shorter ones can't say what is kept.
SHORTEST_NOTICE = 40


class Policy(NamedTuple):
    """When a person's reading of a day is unusual."""

    #: Weeks that the baseline covers, and days it needs.
    weeks: int
    min_days: int
    #: Smallest baseline: lower ones are raised to it.
    floor: int
    #: Multiples of the baseline: supervisors are told, reading stops. 0 = never.
    told: float
    stopped: float


class ResCompany(models.Model):
    _inherit = "res.company"

    nka_reading_kept = fields.Boolean(
        "Keep day totals of reading",
        help="For each person with a key account role and each day, the number of records "
        "read, printed, exported and sent is kept. Requires that staff were informed.",
        nka_setting=True,
    )
    nka_reading_informed_on = fields.Date(
        "Staff informed on",
        help="Totals are kept from this day on, not of days before it.",
        nka_setting=True,
    )
    nka_reading_notice = fields.Text(
        "Notice to staff",
        help="Text by which staff were informed of what is kept, why, for how long and who "
        "sees it. People read it beside their own totals.",
        nka_setting=True,
    )
    nka_reading_days = fields.Integer(
        "Days that totals are kept", default=400, nka_setting=True
    )
    nka_reading_weeks = fields.Integer(
        "Weeks of the reading baseline",
        default=12,
        help="A person's baseline is the median of the same weekday in these weeks.",
        nka_setting=True,
    )
    nka_reading_min_days = fields.Integer(
        "Days a reading baseline needs",
        default=4,
        help="With fewer days of the same weekday, the median of all days is used. With "
        "fewer days than this in total there is no baseline, and only the hourly limit "
        "applies.",
        nka_setting=True,
    )
    nka_reading_floor = fields.Integer(
        "Smallest reading baseline",
        default=30,
        help="Records a day. Lower baselines are raised to it, so that people who read "
        "little aren't reported for one long list.",
        nka_setting=True,
    )
    nka_reading_told = fields.Float(
        "Supervisors are told at (times the baseline)",
        default=3.0,
        digits=(16, 1),
        help="0 = never.",
        nka_setting=True,
    )
    nka_reading_stopped = fields.Float(
        "Reading stops at (times the baseline)",
        default=10.0,
        digits=(16, 1),
        help="For the rest of the day, unless a supervisor lets the person continue. "
        "0 = never.",
        nka_setting=True,
    )

    # ------------------------------------------------------------ constraints
    @api.constrains("nka_reading_kept", "nka_reading_informed_on", "nka_reading_notice")
    def _check_nka_reading_notice(self):
        today = fields.Date.context_today(self)
        for company in self.filtered("nka_reading_kept"):
            informed = company.nka_reading_informed_on
            if not informed or informed > today:
                raise ValidationError(
                    self.env._(
                        "Day totals of reading can be kept only after staff were "
                        "informed. Enter the day on which they were, today at the latest."
                    )
                )
            if len((company.nka_reading_notice or "").strip()) < SHORTEST_NOTICE:
                raise ValidationError(
                    self.env._(
                        "Enter the text by which staff were informed: what is kept, why, "
                        "for how long and who sees it."
                    )
                )

    @api.constrains(
        "nka_reading_days",
        "nka_reading_weeks",
        "nka_reading_min_days",
        "nka_reading_floor",
        "nka_reading_told",
        "nka_reading_stopped",
    )
    def _check_nka_reading_figures(self):
        for company in self:
            if company.nka_reading_days < max(SHORTEST, 7 * company.nka_reading_weeks):
                raise ValidationError(
                    self.env._(
                        "Keep day totals of reading for at least %(days)s days, and at "
                        "least for the weeks of the baseline.",
                        days=SHORTEST,
                    )
                )
            if company.nka_reading_weeks < 1 or company.nka_reading_min_days < 1:
                raise ValidationError(
                    self.env._(
                        "A reading baseline needs at least one week and one day."
                    )
                )
            told, stopped = company.nka_reading_told, company.nka_reading_stopped
            if company.nka_reading_floor < 1 or min(told, stopped) < 0:
                raise ValidationError(
                    self.env._(
                        "The smallest reading baseline must be at least 1, and multiples "
                        "of the baseline can't be negative."
                    )
                )
            if told and stopped and stopped < told:
                raise ValidationError(
                    self.env._(
                        "Reading can't stop before supervisors are told. Enter a larger "
                        "multiple at which it stops."
                    )
                )

    # ------------------------------------------------------------ business
    def _nka_reading_policy(self, today, is_kept=True):
        """Return the strictest policy of those of these companies that keep totals.

        A person's companies decide, not the one they work in now: they choose that one
        themselves.

        :param date today: day of the reading
        :param bool is_kept: without the companies that don't keep totals
        :return: None if none of these companies keeps totals
        :rtype: Policy or None
        """
        keeping = self.sudo()
        if is_kept:
            keeping = keeping.filtered(
                lambda company: (
                    company.nka_reading_kept
                    and company.nka_reading_informed_on
                    and company.nka_reading_informed_on <= today
                )
            )
        if not keeping:
            return None
        return Policy(
            max(keeping.mapped("nka_reading_weeks")),
            min(keeping.mapped("nka_reading_min_days")),
            min(keeping.mapped("nka_reading_floor")),
            min(filter(None, keeping.mapped("nka_reading_told")), default=0),
            min(filter(None, keeping.mapped("nka_reading_stopped")), default=0),
        )
