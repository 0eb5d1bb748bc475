from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang

from ...trail.roles import SUPERVISOR

AMOUNTS = (
    "fixed_amount",
    "held_amount",
    "soft_amount",
    "bonus_amount",
    "carry_amount",
    "retro_amount",
    "total_amount",
)
RESULT_FIELDS = (
    *AMOUNTS,
    "agreement_id",
    "balance_before",
    "balance",
    "credit_amount",
    "half_year_credits",
    "half_year_quota",
    "quota_to_date",
    "employed_days",
    "covered_days",
    "shares",
    "exception",
    "supervisor_ids",
    "calculated_by_id",
    "calculated_date",
    "approved_by_id",
    "approved_date",
)


class PayStatement(models.Model):
    """One person's pay of one month, line by line (docs: pay, statement)."""

    _name = "nka.pay.statement"
    _description = "Pay statement"
    _inherit = ["nka.state.mixin"]
    _order = "month desc, employee_id"
    _rec_names_search = ["user_id"]

    _guarded_fields = (
        "state",
        "employee_id",
        "user_id",
        "month",
        "company_id",
        *RESULT_FIELDS,
    )

    employee_id = fields.Many2one(
        "hr.employee", required=True, ondelete="restrict", readonly=True
    )
    # Stored for the rule: everybody reads his own.
    user_id = fields.Many2one(
        "res.users", "Person", required=True, ondelete="restrict", readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="restrict", readonly=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    month = fields.Date(required=True, readonly=True, help="First day of the month.")
    state = fields.Selection(
        [
            ("open", "Open"),
            ("calculated", "Calculated"),
            ("approved", "Approved"),
            ("locked", "Locked"),
        ],
        default="open",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    agreement_id = fields.Many2one(
        "nka.pay.agreement", readonly=True, ondelete="restrict"
    )
    fixed_amount = fields.Monetary("Fixed pay", readonly=True)
    held_amount = fields.Monetary(
        "Held",
        readonly=True,
        help="Fixed pay of this month that waits for missing reports.",
    )
    soft_amount = fields.Monetary("Soft pay", readonly=True)
    bonus_amount = fields.Monetary("Bonus", readonly=True)
    carry_amount = fields.Monetary(
        "Draw and recovery", readonly=True, help="Advance paid, or paid back."
    )
    retro_amount = fields.Monetary(
        "From closed months",
        readonly=True,
        help="Released fixed pay, and bonus taken back for earlier half-years.",
    )
    total_amount = fields.Monetary("Total", readonly=True)
    balance_before = fields.Monetary("Advance owed before", readonly=True)
    balance = fields.Monetary("Advance owed", readonly=True)
    credit_amount = fields.Monetary("Credits of the month", readonly=True)
    half_year_credits = fields.Monetary("Credits of the half-year", readonly=True)
    half_year_quota = fields.Monetary("Quota of the half-year", readonly=True)
    quota_to_date = fields.Monetary("Quota to date", readonly=True)
    employed_days = fields.Float("Employed workdays", readonly=True, digits=(5, 1))
    covered_days = fields.Float(
        "Days proven by reports or leave", readonly=True, digits=(5, 1)
    )
    shares = fields.Json("Target and realised shares", readonly=True)
    exception = fields.Text(
        readonly=True, help="Why this month couldn't be calculated, and what to do."
    )
    supervisor_ids = fields.Many2many(
        "res.users",
        "nka_pay_statement_supervisor_rel",
        string="Supervisors",
        readonly=True,
        help="Who reads this statement as the person's supervisor.",
    )
    calculated_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    calculated_date = fields.Datetime("Calculated on", readonly=True, copy=False)
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    approved_date = fields.Datetime("Approved on", readonly=True, copy=False)
    line_ids = fields.One2many("nka.pay.statement.line", "statement_id", readonly=True)
    shares_html = fields.Html("Shares", compute="_compute_shares_html")
    is_mine = fields.Boolean(compute="_compute_is_mine")

    _month_unique = models.Constraint(
        "UNIQUE(employee_id, month, company_id)",
        "An employee has one statement a month.",
    )
    _first_of_month = models.Constraint(
        "CHECK(EXTRACT(DAY FROM month) = 1)", "A statement is for a whole month."
    )
    # The ledger asks for the last closed month of a company.
    _closed_idx = models.Index(
        "(company_id, month) WHERE state IN ('approved', 'locked')"
    )

    # ------------------------------------------------------------ compute
    @api.depends("user_id.name", "month")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for statement in self:
            statement.display_name = self.env._(
                "%(person)s, %(month)s",
                person=statement.user_id.sudo().name or "",
                month=format_date(self.env, statement.month, date_format="LLLL yyyy"),
            )

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for statement in self:
            statement.is_mine = statement.user_id == self.env.user

    @api.depends("shares")
    @api.depends_context("lang")
    def _compute_shares_html(self):
        for statement in self:
            shares = statement._shown_shares()
            statement.shares_html = shares and self.env["ir.qweb"]._render(
                "nka_key_accounts.pay_statement_shares", {"shares": shares}
            )

    def _shown_shares(self):
        """Agreed and realised shares as text in the reader's format."""
        names = dict(
            self.env["nka.pay.statement.line"]
            ._fields["component"]
            ._description_selection(self.env)
        )
        digits = self.currency_id.decimal_places

        def show(value, places):
            return value and formatLang(self.env, float(value), places)

        return [
            {
                "name": names[share["component"]],
                "target_percent": show(share["target_percent"], 2),
                "target_amount": show(share["target_amount"], digits),
                "amount": show(share["amount"], digits),
                "percent": show(share["percent"], 2),
            }
            for share in self.shares or ()
        ]

    # ------------------------------------------------------------ actions
    def action_open_disputes(self):
        """Disputes of this statement."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "nka_key_accounts.nka_pay_dispute_action"
        )
        return {**action, "domain": [("statement_id", "=", self.id)], "context": {}}

    def action_open_course(self):
        """The person's credits against quota, as a chart."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "nka_key_accounts.nka_pay_course_action"
        )
        return {**action, "domain": [("user_id", "=", self.user_id.id)]}

    # ------------------------------------------------------------ CRUD
    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        if any(statement.state != "open" for statement in self):
            raise UserError(
                self.env._(
                    "Statements are kept once they are calculated. Correct what they "
                    "are calculated from, and calculate again."
                )
            )

    # ------------------------------------------------------------ business
    @api.model
    def _supervisors_of(self, employees, company):
        """Who supervises whom: the superior, and the supervisors of one's accounts.

        :return: ``{employee id: res.users}``
        """
        rows = (
            self.env["nka.key.account"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "=", company.id),
                    ("manager_id", "in", employees.user_id.ids),
                    ("supervisor_id", "!=", False),
                ],
                ["manager_id", "supervisor_id"],
            )
        )
        group = self.env.ref(SUPERVISOR).sudo().all_user_ids
        found = {}
        for employee in employees.sudo():
            own = employee.parent_id.user_id
            for manager, supervisor in rows:
                own |= supervisor if manager == employee.user_id else own.browse()
            found[employee.id] = (own & group) - employee.user_id
        return found
