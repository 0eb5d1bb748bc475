from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import LazyTranslate

from ..pay.border import to_money
from ..trail.roles import ADMIN, PAYROLL_OFFICER

_lt = LazyTranslate(__name__)

#: What is compared with people's pay, and who says so.
CONTENT = ("name", "job_id", "amount", "date", "source", "company_id")


class PayMarket(models.Model):
    """What the market pays for a position each month, with the source of the figure.

    A payroll officer enters it and an administrator confirms it, as with pay plans. It
    is shown beside a manager's pay and never changes it.
    """

    _name = "nka.pay.market"
    _description = "Market pay"
    _inherit = ["nka.review.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True
    _guarded_fields = (
        "state",
        "maker_ids",
        "submitter_id",
        "reviewer_id",
        "date_approved",
    )
    _audit_kinds = {"pay_market": _lt("Market pay")}
    _audit_readers = "role"
    _audit_creation = True
    _removable_states = ("draft",)
    _reviewer_group = ADMIN
    _review_activity = "nka_key_accounts.mail_activity_type_market"

    name = fields.Char("Position", required=True)
    job_id = fields.Many2one(
        "hr.job",
        "Job position",
        ondelete="restrict",
        check_company=True,
        help="Employees with this job are compared with the figure. Leave empty for all "
        "key account managers without a figure of their own job.",
    )
    amount = fields.Monetary(
        "Monthly pay",
        required=True,
        help="Gross monthly pay including bonus, comparable with target earnings.",
    )
    date = fields.Date(
        "As of", required=True, default=lambda self: fields.Date.context_today(self)
    )
    source = fields.Text(
        required=True,
        help="Survey, provider, edition and page, so that others can check the figure.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Awaiting confirmation"),
            ("approved", "Confirmed"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    maker_ids = fields.Many2many(
        "res.users",
        "nka_pay_market_maker_rel",
        string="Entered by",
        readonly=True,
        copy=False,
    )
    submitter_id = fields.Many2one(
        "res.users", "Submitted by", readonly=True, copy=False, ondelete="restrict"
    )
    reviewer_id = fields.Many2one(
        "res.users", "Confirmed by", readonly=True, copy=False, ondelete="restrict"
    )
    date_approved = fields.Date("Confirmed on", readonly=True, copy=False)

    _amount_positive = models.Constraint(
        "CHECK(amount > 0)", "Market pay has to be above 0. Enter the monthly amount."
    )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        figures = super().create(vals_list)
        figures._add_maker()
        return figures

    def write(self, vals):
        changes = not self._is_unlocked(vals) and not vals.keys().isdisjoint(CONTENT)
        if changes:
            self.check_access("write")
            self._check_state("draft")
        before = {figure: figure._says() for figure in self} if changes else {}
        result = super().write(vals)
        if changes:
            self._add_maker()
            self.env["nka.audit.event"]._record(
                self.filtered(lambda figure: figure._says() != before[figure]),
                "pay_market",
                old=before.get,
                new=lambda figure: figure._says(),
            )
        return result

    @api.ondelete(at_uninstall=False)
    def _check_unlink(self):
        if any(figure.state != "draft" for figure in self):
            raise UserError(
                self.env._(
                    "Submitted and confirmed figures stay on record. Enter a newer one "
                    "instead."
                )
            )

    def _creation_note(self):
        return self._says()

    def _says(self):
        """Return figure, day and source in one line."""
        amount = to_money(self.amount, self.currency_id)
        return f"{self.name}, {amount}, {self.date}, {self.source}"

    def _add_maker(self):
        for figure in self.sudo():
            if self.env.user not in figure.maker_ids:
                figure._unlocked().write({"maker_ids": [(4, self.env.uid)]})

    # ------------------------------------------------------------ review
    def _makers(self):
        return super()._makers() | self.maker_ids | self.submitter_id

    def _check_may_submit(self):
        self.check_access("write")
        self._check_group(
            PAYROLL_OFFICER, self.env._("Only a payroll officer can do this.")
        )

    def _check_not_maker(self):
        for figure in self.sudo():
            if self.env.user in figure._makers():
                raise AccessError(
                    self.env._(
                        "You can't confirm %s because you entered it. Another "
                        "administrator has to confirm it.",
                        figure.display_name,
                    )
                )

    def _approve(self):
        # Administrators confirm figures and have no other access to them.
        return super(PayMarket, self.sudo())._approve()

    def _return(self, reason):
        return super(PayMarket, self.sudo())._return(reason)
