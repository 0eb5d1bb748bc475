from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate

from ..trail.frozen_rows import frozen_children
from ..trail.opening import open_records
from .members import members

_lt = LazyTranslate(__name__)


class MonthCloseExclusion(models.Model):
    """An employee left out of a month, with the reason, to be closed later.

    While the month isn't approved the person can simply be taken in again. Once it is
    locked their statement is calculated by one officer and closed by another, and the
    month gets a further sealed revision.
    """

    _name = "nka.month.close.exclusion"
    _description = "Excluded from month"
    _inherit = ["nka.state.mixin"]
    _order = "close_id desc, employee_id"
    _rec_name = "employee_id"
    _check_company_auto = True

    _guarded_fields = ("state", "statement_id", "close_date")
    _removable_states = ("calculated",)
    _audit_kinds = {"exclusion": _lt("Excluded from month")}
    _company_fields = ("close_id", "statement_id")

    close_id = fields.Many2one(
        "nka.month.close", "Month", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="close_id.company_id", store=True)
    month_state = fields.Selection(
        related="close_id.state", string="State of the month"
    )
    employee_id = fields.Many2one(
        "hr.employee", required=True, ondelete="restrict", check_company=True
    )
    # Officers have no rights in personnel: they choose the person by their login.
    person_id = fields.Many2one(
        "res.users",
        compute="_compute_person_id",
        inverse="_inverse_person_id",
        domain="[('id', 'in', candidate_ids)]",
    )
    candidate_ids = fields.Many2many(
        "res.users",
        string="Selectable employees",
        compute="_compute_candidate_ids",
        context={"active_test": False},
    )
    reason = fields.Char(required=True)
    state = fields.Selection(
        [
            ("out", "Excluded"),
            ("calculated", "Calculated"),
            ("closed", "Closed later"),
        ],
        default="out",
        required=True,
        readonly=True,
        copy=False,
    )
    statement_id = fields.Many2one(
        "nka.pay.statement", readonly=True, copy=False, ondelete="restrict"
    )
    close_date = fields.Datetime("Closed on", readonly=True, copy=False)

    _once = models.Constraint(
        "UNIQUE(close_id, employee_id)", "This person is already excluded."
    )

    @api.model
    def _guards(self):
        return [
            *super()._guards(),
            *frozen_children(
                self._table,
                ["close_id", "employee_id", "reason"],
                "nka_month_close",
                "close_id",
                ["locked"],
            ),
        ]

    # ------------------------------------------------------------ compute
    @api.depends("employee_id")
    def _compute_person_id(self):
        for exclusion in self:
            exclusion.person_id = exclusion.employee_id.sudo().user_id

    def _inverse_person_id(self):
        for exclusion in self:
            exclusion.employee_id = self._employee_of(
                exclusion.close_id, exclusion.person_id
            )

    @api.depends("close_id")
    def _compute_candidate_ids(self):
        for exclusion in self:
            close = exclusion.close_id._origin
            exclusion.candidate_ids = close and members(close).user_id

    # ------------------------------------------------------------ checks
    def _check_reason(self):
        for exclusion in self:
            if not (exclusion.reason or "").strip():
                raise UserError(
                    self.env._(
                        "Enter a reason for excluding this person from the month."
                    )
                )

    @api.model
    def _check_early(self, closes):
        for close in closes:
            close._check_state("open", "calculated")

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._prepare_employee(vals) for vals in vals_list]
        self._check_early(self._named_in(vals_list, "close_id"))
        exclusions = super().create(vals_list)
        exclusions._check_reason()
        exclusions._record("out", exclusions.mapped("reason"))
        for exclusion in exclusions:
            exclusion._let_go()
        return exclusions

    @api.model
    def _prepare_employee(self, vals):
        """The screen names the person; kept is the employee."""
        if vals.get("employee_id") or not vals.get("person_id"):
            return vals
        close = self.env["nka.month.close"].browse(vals.get("close_id"))
        person = self.env["res.users"].browse(vals["person_id"])
        vals = {key: value for key, value in vals.items() if key != "person_id"}
        return {**vals, "employee_id": self._employee_of(close, person).id}

    @api.model
    def _employee_of(self, close, user):
        """The employee of a month's company behind a login.

        :raise UserError: when there is none
        """
        user = user.sudo().with_company(close.company_id)
        # Who has left may be archived, and still owed something.
        employee = user.with_context(active_test=False).employee_id
        if not employee:
            raise UserError(
                self.env._("No employee is linked to the user %s.", user.name)
            )
        return employee

    def write(self, vals):
        if not self._is_unlocked(vals):
            self._check_early(self.close_id)
        result = super().write(vals)
        self._check_reason()
        return result

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        self._check_early(self.close_id)
        self._record("in", self.mapped("reason"))

    def _record(self, new, reasons):
        events = self.env["nka.audit.event"]
        events._append(
            [
                events._prepare_entry(
                    row,
                    "exclusion",
                    new=f"{row.employee_id.sudo().name}: {new}",
                    note=reason,
                )
                for row, reason in zip(self, reasons, strict=True)
            ]
        )

    # ------------------------------------------------------------ actions
    def action_calculate(self):
        """Calculate the month of who was left out of it, once it is locked.

        :raise AccessError: for anybody but a payroll officer
        :raise UserError: while the month itself isn't locked
        """
        for exclusion in self:
            exclusion._seize("out", "calculated")
            exclusion._calculate()
        return True

    def action_close(self):
        """Approve and lock what was calculated later: by another officer."""
        for exclusion in self:
            exclusion._seize("calculated")
            exclusion._close()
        return True

    def action_open_close(self):
        """Open the page of the month somebody was left out of."""
        self.ensure_one()
        return open_records(self.close_id)

    def action_open_statement(self):
        """Open the statement calculated later."""
        self.ensure_one()
        return open_records(self.statement_id)

    # ------------------------------------------------------------ business
    def _let_go(self):
        """Take the person's statement out of the month; they no longer see it."""
        close = self.close_id
        gone = close.sudo().statement_ids.filtered(
            lambda row: row.employee_id == self.employee_id
        )
        if gone:
            gone._leave_month()
            self.env["nka.month.close.check"]._run(close)

    def _seize(self, *states):
        """Take the locked month for this transaction: see nka.month.close."""
        self.close_id._check_officer()
        self.close_id._seize("locked")
        self._check_state(*states)

    def _calculate(self):
        close = self.close_id
        statement = self.env["nka.pay.statement"]._calculate(
            self.employee_id, close.month, close.company_id
        )
        if statement.exception:
            raise UserError(statement.exception)
        statement.sudo()._unlocked().write({"close_id": close.id})
        self.sudo()._move_to("calculated", statement_id=statement.id)

    def _close(self):
        """Approve, lock, pay and seal the one statement that was missing."""
        statement = self.sudo().statement_id
        if statement.open_dispute_count:
            raise UserError(
                self.env._("Answer the dispute for %s first.", statement.display_name)
            )
        as_user = statement.with_user(self.env.user)
        as_user.filtered(lambda row: row.state == "calculated")._approve()
        as_user.filtered(lambda row: row.state == "approved")._lock()
        close = self.close_id
        close._make_slips(statement)
        self.sudo()._move_to("closed", close_date=fields.Datetime.now())
        close._seal(self.env._("%s was closed later", self.employee_id.sudo().name))
