"""Qualifications: payment history, external rating, potential and verdict."""

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL, LazyTranslate, format_date

from ..facts import payments
from ..proof.contents import values_of
from .nka_credit_rating import RATINGS

_lt = LazyTranslate(__name__)
VALID_MONTHS = 12
SCORE_MAX = 5
RATING_FIELDS = {"credit_rating", "rating_source", "credit_limit"}
SCORE = ("criterion_id", "weight", "score", "reason")
#: Fields a supervisor decides on, besides the scores and the rating report.
ENTERED = (
    "key_account_id",
    "date",
    "date_valid",
    "credit_rating",
    "rating_source",
    "rating_file_name",
    "credit_limit",
    "facts_date",
    "trailing_revenue",
    "open_amount",
    "overdue_amount",
    "dso_days",
    "paid_count",
    "late_share",
    "worst_delay_days",
    "verdict",
    "verdict_reason",
)
#: What the hash of a qualification covers, besides scores and rating report.
CONTENT = (*ENTERED, "potential_score")


class Qualification(models.Model):
    """Scored verdict on creditworthiness and potential of a client.

    Past revenue alone isn't sufficient: a verdict requires a potential score and
    written reasons.
    """

    _name = "nka.qualification"
    _description = "Qualification"
    _inherit = [
        "nka.review.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "nka.read.mixin",
    ]
    _order = "date desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"
    _content_fields = CONTENT
    _guarded_fields = (
        "state",
        "submitter_id",
        "reviewer_id",
        "date_approved",
        "rating_id",
        "is_takeover",
    )
    _review_activity = "nka_key_accounts.mail_activity_type_review_qualification"
    _reason_actions = {"action_return": _lt("Return the qualification")}

    key_account_id = fields.Many2one(
        "nka.key.account",
        "Key account",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="key_account_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(related="key_account_id.partner_id", store=True)
    lead_id = fields.Many2one(
        "crm.lead",
        "Deal",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('key_account_id', '=', key_account_id)]",
        help="Deal the qualification was created for, if any.",
    )
    date = fields.Date(default=fields.Date.context_today, required=True)
    date_approved = fields.Date("Approved on", readonly=True, copy=False)
    date_valid = fields.Date(
        "Valid until",
        compute="_compute_date_valid",
        store=True,
        readonly=False,
        copy=False,
        help="After this date, a new qualification is required.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Submitted"),
            ("approved", "Approved"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    submitter_id = fields.Many2one("res.users", readonly=True, copy=False)
    reviewer_id = fields.Many2one("res.users", readonly=True, copy=False)
    # Creditworthiness: external rating and payment history.
    credit_rating = fields.Selection(
        RATINGS,
        "Credit rating",
        tracking=True,
        help="Rating from a credit agency or your finance department.",
    )
    rating_id = fields.Many2one(
        "nka.credit.rating",
        "Filled in from",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="External rating this was filled in from; empty if entered manually.",
    )
    rating_source = fields.Char(
        "Rating source", help="Who issued the rating, and when."
    )
    # Stored in the row, because an attachment could be replaced after the approval.
    rating_file = fields.Binary("Rating report", attachment=False, copy=False)
    rating_file_name = fields.Char("File name", copy=False)
    credit_limit = fields.Monetary("Credit limit", tracking=True)
    # Figures as of ``facts_date``, so that the verdict can be explained later.
    facts_date = fields.Date("Figures as of", readonly=True, copy=False)
    trailing_revenue = fields.Monetary(
        "12-month revenue on that date", readonly=True, copy=False
    )
    revenue_today = fields.Monetary(
        "12-month revenue today", related="key_account_id.trailing_revenue"
    )
    open_amount = fields.Monetary("Open receivables", readonly=True, copy=False)
    overdue_amount = fields.Monetary("Overdue", readonly=True, copy=False)
    dso_days = fields.Integer(
        "Days sales outstanding",
        readonly=True,
        copy=False,
        help="Open receivables / 12-month revenue × 365, in days.",
    )
    paid_count = fields.Integer("Invoices paid", readonly=True, copy=False)
    late_share = fields.Float(
        "Paid late (%)",
        readonly=True,
        copy=False,
        digits=(5, 1),
        help=(
            "Share of the invoices paid in the last twelve months that were paid "
            "after their due date."
        ),
    )
    worst_delay_days = fields.Integer("Longest delay (days)", readonly=True, copy=False)
    score_ids = fields.One2many("nka.qualification.score", "qualification_id")
    potential_score = fields.Integer(
        "Potential score",
        compute="_compute_potential_score",
        store=True,
        help=(
            "Weighted scores as a percentage of the maximum. 0 until all criteria are "
            "scored."
        ),
    )
    verdict = fields.Selection(
        [
            ("qualified", "Qualified"),
            ("conditional", "Qualified with conditions"),
            ("rejected", "Not qualified"),
        ],
        tracking=True,
    )
    verdict_reason = fields.Text("Reasons and conditions")
    is_takeover = fields.Boolean(
        "Takeover",
        readonly=True,
        copy=False,
        help="Made from payment history when existing clients were taken over; scores "
        "and a rating follow with the next qualification.",
    )

    # ------------------------------------------------------------ compute
    @api.depends("partner_id.name", "date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for qualification in self:
            qualification.display_name = self.env._(
                "Qualification of %(client)s, %(date)s",
                client=qualification.sudo().partner_id.name or "",
                date=format_date(self.env, qualification.date),
            )

    @api.depends("date")
    def _compute_date_valid(self):
        for qualification in self:
            start = qualification.date or fields.Date.context_today(self)
            qualification.date_valid = start + relativedelta(months=VALID_MONTHS)

    @api.depends("score_ids.score", "score_ids.weight")
    def _compute_potential_score(self):
        for qualification in self:
            lines = qualification.score_ids
            best = sum(lines.mapped("weight")) * SCORE_MAX
            got = sum(line.weight * int(line.score or 0) for line in lines)
            complete = lines and all(lines.mapped("score"))
            qualification.potential_score = round(100 * got / best) if complete else 0

    # ------------------------------------------------------------ constraints
    @api.constrains(*ENTERED, "lead_id", "rating_file", "score_ids")
    def _check_editable(self):
        """Refuse changes once a qualification is submitted or approved."""
        for qualification in self:
            if qualification.state != "draft":
                # Constraints run as superuser; only users with access may see the name.
                qualification.sudo(False).check_access("read")
                raise UserError(
                    self.env._(
                        "%s is awaiting approval or already approved, so you can't "
                        "change it. Ask for it to be returned, or create a new one.",
                        qualification.display_name,
                    )
                )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        qualifications = super().create(vals_list)
        for qualification in qualifications.filtered(lambda q: not q.score_ids):
            qualification.score_ids = qualification._prepare_scores()
        qualifications._take_facts()
        return qualifications

    def write(self, vals):
        is_own = self._is_unlocked(vals)
        by_hand = not (is_own or RATING_FIELDS.isdisjoint(vals))
        result = super().write(vals)
        if not (is_own or vals.keys().isdisjoint(ENTERED)):
            # What somebody entered isn't the payment history any more, and the
            # confirmation of the account mustn't approve it unread.
            self.filtered("is_takeover")._unlocked().write({"is_takeover": False})
        if by_hand:
            # A rating entered by hand no longer comes from the external rating.
            self.filtered("rating_id")._unlocked().write({"rating_id": False})
        return result

    def _prepare_scores(self):
        criteria = self.env["nka.qualification.criterion"].search(
            [("company_id", "in", (False, self.company_id.id))]
        )
        return [
            Command.create({"criterion_id": criterion.id, "weight": criterion.weight})
            for criterion in criteria
        ]

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        self._check_editable()

    # ------------------------------------------------------------ actions
    def action_refresh_facts(self):
        """Read revenue and payment history from accounting again."""
        self._check_editable()
        self._take_facts()
        return True

    def action_submit(self):
        """Submit the qualification for review, with current figures.

        :raise UserError: if it isn't a draft or something is missing
        """
        self._check_may_submit()
        self._check_state("draft")
        self._take_facts()
        return super().action_submit()

    # ------------------------------------------------------------ review
    def _missing(self):
        self.ensure_one()
        missing = []
        if not self.verdict:
            missing.append(self.env._("the verdict"))
        if not self.verdict_reason:
            missing.append(self.env._("reasons for the verdict"))
        if self.is_takeover:
            return missing
        if not self.credit_rating:
            missing.append(self.env._("a credit rating"))
        unscored = self.score_ids.filtered(lambda line: not line.score)
        missing += unscored.mapped("criterion_id.name")
        if not self.score_ids:
            missing.append(self.env._("the potential scores"))
        return missing

    def _makers(self):
        """Include users who scored or submitted it, own the deal or are paid for the
        account.
        """
        scorers = self.score_ids.mapped("write_uid")
        assignments = self.env["nka.assignment"]
        owners = assignments._owners(self.key_account_id, self.lead_id)
        return super()._makers() | self.submitter_id | scorers | owners

    def _reviewers(self):
        return self.key_account_id._reviewer(self.sudo()._makers())

    # ------------------------------------------------------------ trail
    def _content(self):
        """Add the scores and the hash of the rating report."""
        contents, digests = super()._content(), self._digest_rating_files()
        return {
            row.id: [
                *contents[row.id],
                digests[row.id],
                [values_of(score, SCORE) for score in row.score_ids.sorted("id")],
            ]
            for row in self.sudo()
        }

    def _digest_rating_files(self):
        """Return the SHA-256 of each rating report, computed in the database.

        :return: hashes by record id
        :rtype: dict[int, str]
        """
        self.flush_recordset(["rating_file"])
        return dict(
            self.env.execute_query(
                SQL(
                    """SELECT id, encode(sha256(rating_file), 'hex')
                         FROM nka_qualification WHERE id = ANY(%s)""",
                    self.ids,
                )
            )
        )

    # ------------------------------------------------------------ business
    @api.model
    def _judged_domain(self, day):
        """Return the domain of approved qualifications in force on a day.

        Positive ones count while they are valid, negative ones until a positive one
        follows, so callers use the latest.
        """
        return [
            ("state", "=", "approved"),
            "|",
            ("verdict", "=", "rejected"),
            ("date_valid", ">=", day),
        ]

    def _take_ratings(self):
        """Fill in the current external rating, unless a rating was entered by hand."""
        current = self.env["nka.credit.rating"]._current(self.key_account_id)
        for qualification in self.sudo():
            rating = current.get(qualification.key_account_id)
            by_hand = qualification.credit_rating and not qualification.rating_id
            if rating and rating != qualification.rating_id and not by_hand:
                qualification._unlocked().write(qualification._prepare_rating(rating))

    def _prepare_rating(self, rating):
        source = ", ".join(
            filter(
                None,
                [rating.source, rating.grade, format_date(self.env, rating.date)],
            )
        )
        by_hand = self.credit_limit if not self.rating_id else 0
        return {
            "rating_id": rating.id,
            "credit_rating": rating.rating,
            "rating_source": source,
            "credit_limit": by_hand or rating.credit_limit,
        }

    # ------------------------------------------------------------ takeover
    @api.model
    def _take_over(self, accounts):
        """Create and submit light qualifications for clients that are taken over.

        They say what the invoices say, and expire within a year like any other.

        :param accounts: nka.key.account, candidates
        :rtype: nka.qualification
        """
        values = [
            {"key_account_id": account.id, "verdict": "qualified", "is_takeover": True}
            for account in accounts
        ]
        qualifications = self.sudo()._without_defaults()._unlocked().create(values)
        for qualification in qualifications:
            reason = qualification._say_takeover()
            qualification._unlocked().write({"verdict_reason": reason})
        qualifications._submit()
        return qualifications

    def _ask_reviewers(self):
        """The confirmation of a client that is taken over approves it as well."""
        others = self.filtered(lambda qualification: not qualification.is_takeover)
        return super(Qualification, others)._ask_reviewers()

    def _say_takeover(self):
        return self.env._(
            "Existing client, taken over on %(date)s. Invoices settled in twelve months: "
            "%(count)s, paid late: %(late)s %%, worst delay: %(worst)s days. Score the "
            "potential with the next qualification.",
            date=format_date(self.env, self.date),
            count=self.paid_count,
            late=round(self.late_share),
            worst=self.worst_delay_days,
        )

    # ------------------------------------------------------------ facts
    def _take_facts(self):
        """Store today's figures as superuser; users see totals, not the invoices."""
        facts = self._read_facts(self.key_account_id)
        today = fields.Date.context_today(self)
        for qualification in self.sudo():
            row = facts[qualification.key_account_id.id]
            qualification._unlocked().write({**row, "facts_date": today})
        self._take_ratings()

    def _read_facts(self, accounts):
        """Return the figures of accounts. Three queries for any number of accounts.

        :return: values by account id
        :rtype: dict[int, dict]
        """
        figures = accounts._read_figures(["trailing_revenue", "overdue_amount"])
        open_amounts = payments.read_open_amounts(accounts)
        settled = payments.read_settled(accounts, accounts._trailing_since())
        return {
            account.id: self._prepare_facts(
                figures[account.id],
                open_amounts.get(account.id, 0),
                settled.get(account.id, (0, 0, 0)),
            )
            for account in accounts
        }

    def _prepare_facts(self, figures, open_amount, settled):
        revenue = figures["trailing_revenue"]
        count, late, worst = settled
        return {
            "trailing_revenue": revenue,
            "overdue_amount": figures["overdue_amount"],
            "open_amount": open_amount,
            "dso_days": round(365 * open_amount / revenue) if revenue > 0 else 0,
            "paid_count": count,
            "late_share": 100 * late / count if count else 0,
            "worst_delay_days": worst,
        }
