from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import LazyTranslate, format_date

_lt = LazyTranslate(__name__)

RATINGS = [
    ("a", "A - very good"),
    ("b", "B - good"),
    ("c", "C - watch"),
    ("d", "D - poor"),
]
#: An older rating says nothing of today.
VALID_MONTHS = 12
QUALIFY_ACTIVITY = "nka_key_accounts.mail_activity_type_rating_fell"


class CreditRating(models.Model):
    """What an agency or the finance department says of a client, by hand or from a file.

    It counts for nothing until a supervisor who didn't enter it has taken it over; then
    qualifications in draft take it, unless somebody entered a rating there. How a file
    names its clients is told in ``nka_credit_rating_client``.
    """

    _name = "nka.credit.rating"
    _description = "Outside rating"
    _inherit = ["nka.state.mixin", "nka.account.item.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    _guarded_fields = ("state", "reviewer_id", "date_reviewed", "refusal")
    _reason_actions = {"action_refuse": _lt("Why isn't it taken over?")}

    key_account_id = fields.Many2one(
        "nka.key.account",
        "Key account",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('state', 'in', ('candidate', 'key'))]",
    )
    company_id = fields.Many2one(
        related="key_account_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    rating = fields.Selection(RATINGS, required=True)
    grade = fields.Char(
        "Grade of the source", help="In the scale of whoever rates, such as BBB+."
    )
    credit_limit = fields.Monetary(
        help="In the currency of the company; empty when the source gives none."
    )
    date = fields.Date("Rated on", required=True)
    source = fields.Char(required=True, help="Agency or department that rates.")
    state = fields.Selection(
        [
            ("waiting", "To review"),
            ("accepted", "Taken over"),
            ("refused", "Refused"),
        ],
        default="waiting",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    reviewer_id = fields.Many2one("res.users", readonly=True, copy=False)
    date_reviewed = fields.Date("Reviewed on", readonly=True, copy=False)
    refusal = fields.Text("Why refused", readonly=True, copy=False)
    previous_rating = fields.Selection(
        RATINGS,
        "Before",
        compute="_compute_previous",
        help="The rating in force until now, or before this one.",
    )
    previous_limit = fields.Monetary("Limit before", compute="_compute_previous")

    _limit_positive = models.Constraint(
        "CHECK(credit_limit >= 0)", "A credit limit is an amount of 0 or more."
    )
    _source_day_unique = models.UniqueIndex(
        "(key_account_id, date, lower(source)) WHERE state <> 'refused'",
        "A rating of this client by this source and of this day is there already.",
    )

    # ------------------------------------------------------------ compute
    @api.depends("key_account_id", "rating", "date", "source")
    def _compute_display_name(self):
        labels = dict(self._fields["rating"]._description_selection(self.env))
        for rating in self:
            words = [
                labels.get(rating.rating),
                rating.source,
                rating.date and format_date(self.env, rating.date),
            ]
            rating.display_name = ", ".join(filter(None, words))

    @api.depends("key_account_id", "date", "state")
    def _compute_previous(self):
        """The latest one taken over that isn't newer: one query."""
        accepted = self.search(
            [
                ("key_account_id", "in", self.key_account_id.ids),
                ("state", "=", "accepted"),
            ],
            order="date desc, id desc",
        ).grouped("key_account_id")
        for rating in self:
            before = (accepted.get(rating.key_account_id) or self.browse()).filtered(
                lambda one, rating=rating: (
                    one != rating._origin and rating.date and one.date <= rating.date
                )
            )[:1]
            rating.previous_rating = before.rating
            rating.previous_limit = before.credit_limit

    # ------------------------------------------------------------ checks
    @api.constrains("date")
    def _check_date(self):
        today = fields.Date.context_today(self)
        for rating in self:
            if rating.date > today:
                raise ValidationError(
                    self.env._(
                        "%s is a day to come. Give the day on which the rating was "
                        "made.",
                        rating.date,
                    )
                )

    def _check_editable(self):
        """Only its maker corrects a rating, and only while it waits."""
        for rating in self:
            if rating.state != "waiting":
                raise UserError(
                    self.env._(
                        "“%s” was reviewed, so it stays as it is. Enter a new rating.",
                        rating.display_name,
                    )
                )
            if rating.create_uid != self.env.user:
                raise AccessError(
                    self.env._(
                        "%(maker)s entered “%(rating)s” and corrects it. Refuse it, or "
                        "enter your own; nothing was changed.",
                        maker=rating.sudo().create_uid.name,
                        rating=rating.display_name,
                    )
                )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        ratings = super().create(vals_list)
        events = self.env["nka.audit.event"]
        events._append(
            [
                events._prepare_entry(one, "state", new=one.state, note=one._words())
                for one in ratings
            ]
        )
        return ratings

    def write(self, vals):
        if not self._is_unlocked(vals):
            self._check_editable()
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        self._check_editable()

    @api.model
    def get_import_templates(self):
        """The file that shows how ratings are imported."""
        return [
            {
                "label": self.env._("Import template for outside ratings"),
                "template": "/nka_key_accounts/static/import/outside_ratings.xlsx",
            }
        ]

    # ------------------------------------------------------------ actions
    def action_accept(self):
        """Take ratings over as a supervisor who had no hand in them.

        Qualifications in draft take them at once. Whoever manages an account whose valid
        qualification rests on a better rating is asked to make a new one.
        """
        self._check_supervisor()
        self._check_state("waiting")
        self._check_not_maker()
        self._move_to("accepted", **self._prepare_review())
        accounts = self.key_account_id
        drafts = self.env["nka.qualification"].search(
            [("key_account_id", "in", accounts.ids), ("state", "=", "draft")]
        )
        drafts._take_ratings()
        self._ask_for_qualifications(accounts)
        return True

    def action_refuse(self, reason=None):
        """Refuse ratings; without a reason the question for it opens."""
        self._check_supervisor()
        self._check_state("waiting")
        if not reason:
            return self._ask_reason("action_refuse")
        self._move_to("refused", note=reason, refusal=reason, **self._prepare_review())
        return True

    # ------------------------------------------------------------ business
    def _words(self):
        """Rating, limit and source in one line."""
        limit = self.credit_limit and str(self.credit_limit)
        return ", ".join(filter(None, [self.display_name, self.grade, limit]))

    def _prepare_review(self):
        today = fields.Date.context_today(self)
        return {"reviewer_id": self.env.uid, "date_reviewed": today}

    def _makers(self):
        """Besides who entered it, the manager of the account."""
        return super()._makers() | self.key_account_id.manager_id

    @api.model
    def _current(self, accounts):
        """The newest rating in force of each of these accounts: one query.

        :rtype: dict[nka.key.account, nka.credit.rating]
        """
        since = fields.Date.context_today(self) - relativedelta(months=VALID_MONTHS)
        found = self.sudo().search(
            [
                ("key_account_id", "in", accounts.ids),
                ("state", "=", "accepted"),
                ("date", ">=", since),
            ],
            order="date, id",
        )
        return {rating.key_account_id: rating for rating in found}

    def _ask_for_qualifications(self, accounts):
        """An activity where the valid qualification rests on a better rating."""
        current = self._current(accounts)
        fallen = accounts.sudo().filtered(
            lambda account: (
                account in current
                and account.qualification_id
                and (account.qualification_id.credit_rating or "d")
                < current[account].rating
            )
        )
        fallen._raise_activities(
            QUALIFY_ACTIVITY,
            {account.id: account._user_to_tell().id for account in fallen},
        )
