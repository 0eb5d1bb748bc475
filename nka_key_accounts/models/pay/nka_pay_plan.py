from odoo import api, fields, models

from ...paycalc import add_months, first_start
from ..trail.opening import open_list, open_records


class PayPlan(models.Model):
    """Pay plan: a series of versions, each in force from its first day."""

    _name = "nka.pay.plan"
    _description = "Pay plan"
    _inherit = ["nka.company.mixin"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    note = fields.Text(help="Who the plan is for, and why it is designed this way.")
    version_ids = fields.One2many("nka.pay.plan.version", "plan_id")
    version_id = fields.Many2one(
        "nka.pay.plan.version", "In force today", compute="_compute_version_id"
    )
    version_count = fields.Integer("Versions", compute="_compute_version_count")
    # Technical field for the record rule that lets managers read their own plan.
    agreement_ids = fields.One2many(
        "nka.pay.agreement",
        "plan_id",
        groups="nka_key_accounts.group_key_account_payroll_officer,"
        "nka_key_accounts.group_key_account_supervisor",
        copy=False,
    )

    # ------------------------------------------------------------ compute
    @api.depends("version_ids.state", "version_ids.date_start")
    def _compute_version_id(self):
        versions = self._versions_on(fields.Date.context_today(self))
        for plan in self:
            plan.version_id = versions.get(plan.id)

    @api.depends("version_ids")
    def _compute_version_count(self):
        for plan in self:
            plan.version_count = len(plan.version_ids)

    # ------------------------------------------------------------ actions
    def action_new_version(self):
        """Copy the latest version of the plan, starting on the first allowed date.

        :return: the action that opens the copy
        """
        self.ensure_one()
        self.env["nka.pay.plan.version"]._check_officer()
        source = self.version_ids.sorted("date_start")[-1:]
        values = {"plan_id": self.id, "date_start": self._next_start()}
        version = source._copy_version(values) if source else source.create(values)
        return open_records(version)

    def action_open_versions(self):
        """Open all versions of the plan, newest first."""
        self.ensure_one()
        return open_list(
            self.env,
            "nka.pay.plan.version",
            [("plan_id", "=", self.id)],
            self.display_name,
            context={"default_plan_id": self.id},
        )

    # ------------------------------------------------------------ business
    def _versions_on(self, day):
        """Return the approved version in force on ``day`` by plan id, with one query.

        :param date day: any day
        :rtype: dict[int, nka.pay.plan.version]
        """
        versions = self.env["nka.pay.plan.version"].search_fetch(
            [
                ("plan_id", "in", self.ids),
                ("state", "=", "approved"),
                ("date_start", "<=", day),
            ],
            ["plan_id", "date_start"],
            order="date_start",
        )
        return {version.plan_id.id: version for version in versions}

    def _next_start(self):
        """Return the first start from next month on that the half-year rule allows.

        The first version of a plan may also start in the current month.
        """
        self.ensure_one()
        today = fields.Date.context_today(self)
        starts = self._taken_starts()
        return first_start(add_months(today, 1 if starts else 0), starts)

    def _taken_starts(self, without=None):
        """Return the start dates from which a new version must keep its distance.

        :param without: versions to ignore
        :rtype: list[date]
        """
        versions = self.sudo().version_ids - (without or self.version_ids.browse())
        taken = versions.filtered(lambda v: v.state in ("submitted", "approved"))
        return taken.mapped("date_start")

    def _first_open_day(self):
        """Hook: return the first unpaid day, or None if nothing has been paid."""
        return
