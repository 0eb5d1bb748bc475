import math

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.float_utils import float_round

from ..facts.sales import clients_by_revenue_sql
from ..trail.opening import open_action

#: Quotas are proposed from the sales of so many months.
QUOTA_MONTHS = 12
TERMS = ("target_earnings", "monthly_quota", "draw", "recovery_rate", "floor")


class SetupAgreement(models.Model):
    """First pay agreement of one manager, with the balance brought forward, as one row.

    A payroll officer fills in the list and proposes all rows together; each manager then
    accepts their own agreement, and another officer approves the opening balances.
    """

    _name = "nka.setup.agreement"
    _description = "First agreement of a manager"
    _inherit = ["nka.guard.mixin"]
    _order = "employee_id, id"
    _rec_name = "employee_id"
    _check_company_auto = True
    _guarded_fields = ("company_id", "agreement_id", "opening_id")

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    employee_id = fields.Many2one(
        "hr.employee",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        domain="[('user_id', '!=', False), ('company_id', '=', company_id)]",
    )
    plan_id = fields.Many2one(
        "nka.pay.plan",
        required=True,
        ondelete="cascade",
        check_company=True,
        default=lambda self: self.env["nka.pay.agreement"]._only_plan(),
    )
    date_from = fields.Date("In force from", required=True)
    target_earnings = fields.Monetary(
        "Target earnings",
        help="Monthly pay at 100 %. Proposed is the wage in the contract.",
    )
    monthly_quota = fields.Monetary(
        "Monthly quota",
        help="Proposed are the average monthly sales of twelve months to the clients of "
        "the manager, rounded.",
    )
    draw = fields.Monetary()
    recovery_rate = fields.Float(
        "Recovery rate",
        digits=(5, 4),
        default=1.0,
    )
    floor = fields.Monetary("Fixed pay floor")
    opening_balance = fields.Monetary(
        "Draw balance brought forward", help="Zero or more; recovered from later bonus."
    )
    opening_credits = fields.Monetary(
        "Credits brought forward",
        help="Sales credited in this half-year before the first month.",
    )
    opening_note = fields.Char("Where the figures come from")
    agreement_id = fields.Many2one(
        "nka.pay.agreement", readonly=True, copy=False, ondelete="set null"
    )
    agreement_state = fields.Selection(
        related="agreement_id.state", string="State of the agreement"
    )
    opening_id = fields.Many2one(
        "nka.pay.opening",
        "Opening balance",
        readonly=True,
        copy=False,
        ondelete="set null",
    )
    opening_state = fields.Selection(
        related="opening_id.state", string="State of the balance"
    )

    _employee_unique = models.UniqueIndex(
        "(employee_id, company_id)", "This employee is in the list already."
    )

    # ------------------------------------------------------------ checks
    @api.model
    def _check_officer(self):
        self.env["nka.pay.plan.version"]._check_officer()

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        if not self._is_unlocked(vals) and self.filtered("agreement_id"):
            raise UserError(
                self.env._(
                    "%s is proposed already. Withdraw the agreement and change it there.",
                    self.filtered("agreement_id")[:1].employee_id.sudo().name,
                )
            )
        return super().write(vals)

    # ------------------------------------------------------------ actions
    @api.model
    def action_open_agreements(self):
        """Open the list with a row for every manager who has no agreement yet."""
        self._check_officer()
        self._add_missing(self.env.company)
        return open_action(self.env, "nka_setup_agreement_action")

    def action_propose(self):
        """Create and propose the agreements, and submit the balances brought forward.

        :raise UserError: when a row lacks something; no row is proposed then
        """
        self._check_officer()
        for row in self.filtered(lambda row: not row.agreement_id):
            agreement = self.env["nka.pay.agreement"].create(row._prepare_agreement())
            agreement.action_propose()
            opening = row._create_opening()
            row._unlocked().write(
                {"agreement_id": agreement.id, "opening_id": opening.id}
            )
        return True

    # ------------------------------------------------------------ business
    @api.model
    def _add_missing(self, company):
        """Add rows for employees who manage accounts and have no agreement."""
        accounts = self.env["nka.key.account"].sudo()
        managers = accounts.search(
            [("company_id", "=", company.id), ("state", "in", ("candidate", "key"))]
        ).manager_id
        employees = (
            self.env["hr.employee"]
            .sudo()
            .search(
                [("user_id", "in", managers.ids), ("company_id", "=", company.id)],
                order="name",
            )
        )
        agreements = self.env["nka.pay.agreement"].sudo()
        agreed = agreements.search([("company_id", "=", company.id)]).employee_id
        rows = self.sudo().search([("company_id", "=", company.id)])
        plan = agreements.with_company(company)._only_plan()
        quotas = self._average_sales(company, managers)
        first = agreements.with_company(company)._next_month()
        if not plan:
            return
        self.sudo()._unlocked().create(
            [
                {
                    "company_id": company.id,
                    "employee_id": employee.id,
                    "plan_id": plan.id,
                    "date_from": first,
                    "target_earnings": employee._get_version(first).wage,
                    "monthly_quota": quotas.get(employee.user_id.id, 0),
                }
                for employee in employees - agreed - rows.employee_id
            ]
        )

    @api.model
    def _average_sales(self, company, managers):
        """Return the average monthly sales to the accounts of each manager.

        Sales of twelve months before the running one, rounded to two digits, as a start
        for the quota.

        :rtype: dict[int, float]
        """
        month = fields.Date.start_of(fields.Date.context_today(self), "month")
        since = month - relativedelta(months=QUOTA_MONTHS, days=1)
        until = month - relativedelta(days=1)
        self.env.flush_all()
        rows = self.env.execute_query(clients_by_revenue_sql(company, since, until))
        revenue = {partner_id: amount for partner_id, amount, *_rest in rows}
        accounts = self.env["nka.key.account"].sudo()
        domain = [
            ("company_id", "=", company.id),
            ("state", "in", ("candidate", "key")),
        ]
        owned = accounts.search([*domain, ("manager_id", "in", managers.ids)])
        return {
            manager.id: _rounded(
                sum(revenue.get(client.id, 0) for client in own.partner_id)
                / QUOTA_MONTHS
            )
            for manager, own in owned.grouped("manager_id").items()
        }

    def _prepare_agreement(self):
        return {
            "employee_id": self.employee_id.id,
            "company_id": self.company_id.id,
            "plan_id": self.plan_id.id,
            "date_from": self.date_from,
            **{name: self[name] for name in TERMS},
        }

    def _create_opening(self):
        """The balance brought forward, submitted; none where the row has no figure."""
        openings = self.env["nka.pay.opening"]
        if not (self.opening_balance or self.opening_credits):
            return openings
        opening = openings.create(
            {
                "employee_id": self.employee_id.id,
                "company_id": self.company_id.id,
                "month": self.date_from,
                "balance": self.opening_balance,
                "credits": self.opening_credits,
                "note": self.opening_note,
            }
        )
        opening.action_submit()
        return opening


def _rounded(amount):
    """Round to two significant digits."""
    if amount <= 0:
        return 0.0
    return float_round(
        amount, precision_rounding=10.0 ** (math.floor(math.log10(amount)) - 1)
    )
