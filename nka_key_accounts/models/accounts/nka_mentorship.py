from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import LazyTranslate

from ..trail.roles import MANAGER

_lt = LazyTranslate(__name__)

#: Maximum number of mentees per mentor at a time; more would be a team.
MENTEES = 2


class Mentorship(models.Model):
    """Mentorship of a new manager by an experienced one, for a period.

    During it the mentor can read the mentee's accounts with their contacts, deals,
    commitments and history, and the mentee's progress. Mentors can't change anything.
    Supervisors decide on mentorships.
    """

    _name = "nka.mentorship"
    # Its state comes with the path in a later room; a mixin can't be added there.
    _inherit = ["nka.state.mixin"]
    _description = "Mentorship"
    _order = "date_from desc, id desc"
    _rec_name = "mentee_id"
    _check_company_auto = True
    _audit_kinds = {"mentorship": _lt("Mentorship")}

    mentor_id = fields.Many2one(
        "res.users", required=True, index=True, check_company=True, ondelete="restrict"
    )
    mentee_id = fields.Many2one(
        "res.users", required=True, index=True, check_company=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        "Start date", required=True, default=fields.Date.context_today
    )
    date_to = fields.Date("End date", help="Last day. Empty if no end date is set.")
    is_running = fields.Boolean("Ongoing", compute="_compute_is_running")
    goal = fields.Text("What the mentee should learn")

    _two_people = models.Constraint(
        "CHECK(mentor_id != mentee_id)",
        "You can't be your own mentor. Choose a different person.",
    )
    _dates_order = models.Constraint(
        "CHECK(date_to IS NULL OR date_to >= date_from)",
        "The end date of a mentorship can't be before its start date.",
    )

    # ------------------------------------------------------------ compute
    @api.depends("date_from", "date_to")
    def _compute_is_running(self):
        today = fields.Date.today()
        for item in self:
            begun = item.date_from and item.date_from <= today
            item.is_running = begun and (not item.date_to or item.date_to >= today)

    # ------------------------------------------------------------ checks
    @api.constrains("mentor_id", "mentee_id", "date_from", "date_to", "company_id")
    def _check_mentees(self):
        for item in self:
            if not item.mentor_id.has_group(MANAGER):
                raise ValidationError(
                    self.env._(
                        "%s isn't a key account manager. A mentor must be a key "
                        "account manager.",
                        item.mentor_id.name,
                    )
                )
            if item._most_at_once() > MENTEES:
                raise ValidationError(
                    self.env._(
                        "%s already has two mentees during that time. End one of those "
                        "mentorships or choose another mentor.",
                        item.mentor_id.name,
                    )
                )

    def _most_at_once(self):
        """Return the highest number of mentees of this mentor on a day of the
        mentorship.

        The highest number is reached on a first day, so only these are counted;
        mentorships that follow each other don't add up.
        """
        every = self | self._overlapping()
        days = {max(self.date_from, one.date_from) for one in every}
        return max(
            len(
                every.filtered(
                    lambda one, day=day: (
                        one.date_from <= day and (not one.date_to or one.date_to >= day)
                    )
                ).mentee_id
            )
            for day in days
        )

    def _overlapping(self):
        domain = [
            ("mentor_id", "=", self.mentor_id.id),
            ("id", "!=", self.id),
            "|",
            ("date_to", "=", False),
            ("date_to", ">=", self.date_from),
        ]
        if self.date_to:
            domain.append(("date_from", "<=", self.date_to))
        return self.sudo().search(domain)

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        items = super().create(vals_list)
        items._record(new=True)
        return items

    def write(self, vals):
        before = {item: item._describe() for item in self}
        result = super().write(vals)
        self._record(before)
        return result

    def unlink(self):
        self._record({item: item._describe() for item in self}, gone=True)
        return super().unlink()

    def _describe(self):
        until = self.date_to or "…"
        pair = f"{self.mentor_id.name} → {self.mentee_id.name}"
        return f"{pair}, {self.date_from} – {until}"

    def _record(self, before=None, new=False, gone=False):
        """Log the change in the audit trail, because it gives access to accounts."""
        self.env["nka.audit.event"]._record(
            self,
            "mentorship",
            old=None if new else before.get,
            new=None if gone else lambda item: item._describe(),
        )
