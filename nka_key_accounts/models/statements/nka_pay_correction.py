from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import LazyTranslate

from ... import paycalc
from ..pay.border import to_money
from ..trail.frozen_rows import frozen_rows
from ..trail.roles import PAYROLL_OFFICER
from .gathered import Gathered
from .person_month import PersonMonth

_lt = LazyTranslate(__name__)

ZERO = paycalc.rnd(0)
#: Number of months before the open one to search for time off changed since.
LOOK_BACK = 6
#: What is adjusted and by how much; locked by the approval.
TERM_FIELDS = ("statement_id", "component", "amount", "reason", "dispute_id")


class PayCorrection(models.Model):
    """Amount owed for a closed month, either way, paid with the first open month.

    The closed month is unchanged; the statement of the open one gets a line that refers
    to it. One user prepares the adjustment, and another approves it.
    """

    _name = "nka.pay.correction"
    _description = "Adjustment of a closed month"
    _inherit = ["nka.state.mixin"]
    _order = "id desc"
    _rec_name = "statement_id"

    _content_fields = (*TERM_FIELDS, "employee_id", "company_id")
    _guarded_fields = ("state", "approved_by_id", "approved_date", "settled_id")
    _audit_kinds = {"correction": _lt("Pay adjustment")}
    _audit_readers = "record"
    _company_fields = ("statement_id",)

    statement_id = fields.Many2one(
        "nka.pay.statement",
        "Closed month",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('state', 'in', ('approved', 'locked'))]",
    )
    # Stored for record rules and for the calculation.
    user_id = fields.Many2one(related="statement_id.user_id", store=True)
    employee_id = fields.Many2one(related="statement_id.employee_id", store=True)
    company_id = fields.Many2one(related="statement_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    component = fields.Selection(
        [("fixed", "Fixed pay"), ("soft", "Goal pay"), ("bonus", "Bonus")],
        "Pay component",
        required=True,
    )
    amount = fields.Monetary(
        required=True,
        help="Enter a negative amount if too much was paid in the closed month.",
    )
    reason = fields.Text(
        required=True,
        help="What was wrong; the employee reads this on their statement.",
    )
    dispute_id = fields.Many2one(
        "nka.pay.dispute",
        "Related dispute",
        ondelete="restrict",
        domain="[('statement_id', '=', statement_id)]",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("approved", "Approved")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    approved_by_id = fields.Many2one(
        "res.users", "Approved by", readonly=True, copy=False
    )
    approved_date = fields.Datetime("Approved on", readonly=True, copy=False)
    settled_id = fields.Many2one(
        "nka.pay.statement",
        "Paid in statement",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The statement that pays it; empty until that month is calculated.",
    )

    @api.model
    def _guards(self):
        """Lock approved adjustments in the database as well."""
        return [
            *super()._guards(),
            *frozen_rows(self._table, ["approved"], TERM_FIELDS),
        ]

    # ------------------------------------------------------------ checks
    @api.constrains("amount")
    def _check_amount(self):
        for correction in self:
            if correction.currency_id.is_zero(correction.amount):
                raise ValidationError(
                    self.env._(
                        "Enter an amount other than zero; use a negative amount if too "
                        "much was paid."
                    )
                )

    @api.constrains("statement_id", "dispute_id")
    def _check_closed(self):
        for correction in self.sudo():
            if correction.statement_id.state not in ("approved", "locked"):
                raise ValidationError(
                    self.env._(
                        "%s isn't closed, so it can't be adjusted. Calculate it again "
                        "instead.",
                        correction.statement_id.display_name,
                    )
                )
            dispute = correction.dispute_id
            if dispute and dispute.statement_id != correction.statement_id:
                raise ValidationError(
                    self.env._("This dispute is about another statement.")
                )

    def _check_officer(self):
        self._check_group(
            PAYROLL_OFFICER,
            self.env._(
                "Only a payroll officer can adjust pay. To question your pay, dispute "
                "the line on your statement."
            ),
        )

    def _check_not_own(self):
        for correction in self.sudo():
            if correction.user_id == self.env.user:
                raise AccessError(
                    self.env._("Another payroll officer has to adjust your pay.")
                )

    def _check_editable(self):
        if any(correction.state != "draft" for correction in self):
            raise UserError(
                self.env._(
                    "An approved adjustment can't be changed. Create another one to "
                    "reverse it."
                )
            )

    def _makers(self):
        return self.create_uid | self.write_uid

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        corrections = super().create(vals_list)
        corrections._check_not_own()
        events = self.env["nka.audit.event"]
        events._append(
            [
                events._prepare_entry(row, "correction", new=row._event_text())
                for row in corrections
            ]
        )
        return corrections

    def write(self, vals):
        if not self._is_unlocked(vals):
            self.check_access("write")
            self._check_editable()
            self._check_not_own()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _check_unlink(self):
        self._check_editable()

    # ------------------------------------------------------------ actions
    def action_approve(self):
        """Approve adjustments, so that the next calculated month pays them.

        :raise AccessError: if the user has another role, prepared one, or is paid by
            one
        :raise UserError: if one isn't a draft
        """
        self._check_officer()
        self._check_state("draft")
        self._check_not_maker()
        self._check_not_own()
        for correction in self.sudo():
            correction._move_to(
                "approved",
                note=correction._event_text(),
                approved_by_id=self.env.uid,
                approved_date=fields.Datetime.now(),
            )
        return True

    # ------------------------------------------------------------ business

    def _event_text(self):
        amount = to_money(self.amount, self.currency_id)
        return f"{self.component}: {amount}: {self.reason}"

    def _correction(self):
        """Return the adjustment as passed to ``paycalc``.

        :rtype: paycalc.Correction
        """
        amount = to_money(self.amount, self.currency_id)
        return paycalc.Correction(self.component, amount, self.reason)

    def _prepare_origin(self):
        """Return the source values of the statement line."""
        return {
            "source_month": self.statement_id.month,
            "res_model": self._name,
            "res_ids": self.ids,
        }

    @api.model
    def _payable_in(self, month, company, employees=None):
        """Return the approved adjustments that a month pays and no other month does.

        :param date month: first day
        :param company: res.company
        :param employees: hr.employee, all if not given
        :rtype: nka.pay.correction
        """
        domain = [
            ("company_id", "=", company.id),
            ("state", "=", "approved"),
            ("statement_id.month", "<", month),
            "|",
            ("settled_id", "=", False),
            ("settled_id.month", "=", month),
        ]
        if employees is not None:
            domain.insert(0, ("employee_id", "in", employees.ids))
        return self.search(domain, order="id")

    # ------------------------------------------------------------ proposals
    @api.model
    def _propose(self, statements):
        """Create draft adjustments for closed pay that would differ today.

        :param statements: nka.pay.statement, closed
        :return: one adjustment per statement and component that differs
        :rtype: nka.pay.correction
        """
        rows = [
            {
                "statement_id": statement.id,
                "component": component,
                "amount": float(difference),
                "reason": self.env._(
                    "Recalculated: %(due)s instead of %(paid)s", due=due, paid=paid
                ),
            }
            for statement, component, paid, due in self._compare(statements)
            if (difference := due - paid)
        ]
        return self.create(rows)

    @api.model
    def _compare(self, statements):
        """Return closed pay with its adjustments, and by today's facts.

        :return: list of (statement, component, paid, due)
        """
        corrected = self._corrected(statements)
        found = []
        groups = statements.sudo().grouped(lambda row: (row.company_id, row.month))
        for (company, month), own in groups.items():
            facts = Gathered(own.employee_id, month, company, closed=own)
            # Adjustments made since are added once, in ``_compare``.
            facts.corrections = {}
            for statement in own:
                for component, paid, due in self._compare_parts(statement, facts):
                    paid += corrected.get((statement.id, component), ZERO)
                    found.append((statement, component, paid, due))
        return found

    @api.model
    def _changed_by_leave(self, company, month):
        """Return closed statements whose fixed pay differs by today's unpaid leave.

        Existing adjustments, including drafts, count as settled.

        :param company: res.company
        :param date month: first day of the month after those that are compared
        :rtype: nka.pay.statement
        """
        since = paycalc.add_months(month, -LOOK_BACK)
        closed = self.env["nka.pay.statement"].search(
            [
                ("company_id", "=", company.id),
                ("state", "in", ("approved", "locked")),
                ("month", ">=", since),
                ("month", "<", month),
            ]
        )
        unpaid = closed._with_unpaid_leave()
        return closed.browse().union(
            *(
                statement
                for statement, component, paid, due in self._compare(unpaid)
                if component == "fixed" and paid != due
            )
        )

    @api.model
    def _corrected(self, statements):
        """Return adjustments, including drafts, by statement id and component."""
        rows = self.sudo().search([("statement_id", "in", statements.ids)])
        sums = {}
        for row in rows:
            key = row.statement_id.id, row.component
            amount = to_money(row.amount, row.currency_id)
            sums[key] = sums.get(key, ZERO) + amount
        return sums

    @api.model
    def _compare_parts(self, statement, facts):
        """Return what a statement paid by component, and what would be due.

        Fixed pay includes held pay, and the bonus is before loyalty share and draw: an
        adjustment goes through those of the month that pays it.
        """
        employee, currency = statement.employee_id, statement.currency_id
        # Agreements added or ended since don't move rate tiers of a closed month.
        quota = to_money(statement.half_year_quota, currency)
        facts.quotas[employee.id, statement.month] = quota
        if not facts.agreement_of(employee):
            # Nothing to compare for a leaver who was only paid an adjustment.
            return []
        try:
            person = PersonMonth(facts, employee)
            pay = paycalc.month_pay(person.month_facts())
        except paycalc.PayError:
            return []
        paid, due = statement, pay.statement
        fixed = to_money(paid.fixed_amount, currency)
        held = to_money(paid.held_amount, currency)
        return [
            (
                "fixed",
                fixed + held - person.never_due(paid),
                due.fixed_amount + due.held_amount,
            ),
            ("soft", to_money(paid.soft_amount, currency), due.soft_amount),
            (
                "bonus",
                to_money(paid.bonus_amount + paid.loyalty_amount, currency),
                due.bonus_amount + pay.loyalty.change,
            ),
        ]
