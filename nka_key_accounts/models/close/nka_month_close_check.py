from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from ..trail.base import declared
from ..trail.frozen_rows import frozen_children
from ..trail.opening import open_action, open_list, open_records
from .nka_month_close_rule import CODES, SEVERITIES


class MonthCloseCheck(models.Model):
    """Result of a checklist item for a month."""

    _name = "nka.month.close.check"
    _description = "Checklist item of a month-end close"
    _inherit = ["nka.guard.mixin"]
    _log_access = False
    _order = "close_id, sequence, id"
    _rec_name = "code"

    _guarded_fields = (
        "close_id",
        "sequence",
        "code",
        "severity",
        "count",
        "amount",
        "result",
        "res_model",
        "res_ids",
    )
    _company_fields = ("close_id",)

    close_id = fields.Many2one(
        "nka.month.close",
        "Month-end close",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    company_id = fields.Many2one(related="close_id.company_id")
    sequence = fields.Integer(readonly=True)
    code = fields.Selection(CODES, "Item", required=True, readonly=True)
    severity = fields.Selection(SEVERITIES, required=True, readonly=True)
    count = fields.Integer("Items found", readonly=True)
    currency_id = fields.Many2one(related="close_id.company_id.currency_id")
    amount = fields.Monetary(
        readonly=True, help="Amount concerned, if the item is about money."
    )
    result = fields.Selection(
        [
            ("ok", "Passed"),
            ("warn", "Warning"),
            ("block", "Blocking"),
            ("pending", "Checked after locking"),
        ],
        readonly=True,
    )
    hint = fields.Char("How to resolve", compute="_compute_hint")
    can_resolve = fields.Boolean(compute="_compute_can_resolve")
    res_model = fields.Char("Record model", readonly=True)
    res_ids = fields.Json("Records", readonly=True)

    @api.model
    def _guards(self):
        return [
            *super()._guards(),
            *frozen_children(
                self._table,
                # ``count`` and ``result`` of the payslip item change after the lock.
                ["close_id", "code", "severity"],
                "nka_month_close",
                "close_id",
                ["locked"],
            ),
        ]

    # ------------------------------------------------------------ compute
    @api.depends("code", "result")
    @api.depends_context("lang")
    def _compute_hint(self):
        hints = {}
        for own in declared(self.env.registry["nka.month.close.rule"], "_hints"):
            hints |= own
        for check in self:
            hint = check.result in ("warn", "block") and hints.get(check.code)
            # pylint: disable-next=translation-contains-variable
            check.hint = hint and self.env._(hint)

    @api.depends("code", "result", "close_id.state")
    def _compute_can_resolve(self):
        for check in self:
            check.can_resolve = (
                check.result in ("warn", "block")
                and check.close_id.state in ("open", "calculated")
                and hasattr(check, f"_resolve_{check.code}")
            )

    # ------------------------------------------------------------ CRUD
    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        for check in self.sudo():
            if check.close_id.state == "locked":
                raise UserError(
                    self.env._(
                        "%s is locked together with its checklist. Reopen the month to "
                        "run the checks again.",
                        check.close_id.display_name,
                    )
                )

    # ------------------------------------------------------------ actions
    def action_open(self):
        """Open the records this item found."""
        self.ensure_one()
        self.check_access("read")
        opener = getattr(self, f"_open_{self.code}", None)
        if opener:
            return opener()
        if not self.res_ids:
            raise UserError(self.env._("No issues found."))
        return open_list(
            self.env,
            self.res_model,
            [("id", "in", self.res_ids)],
            self._labels()[self.code],
            views=[(False, "list"), (False, "form")],
            context={"create": False},
        )

    def action_resolve(self):
        """Do what resolves this item, or open the page where it is done.

        :return: action
        :raise AccessError: if the user isn't a payroll officer
        :raise UserError: if the month is approved or there is nothing to resolve
        """
        self.ensure_one()
        self.check_access("read")
        self.close_id._check_officer()
        if not self.can_resolve:
            raise UserError(self.env._("No issues found."))
        return getattr(self, f"_resolve_{self.code}")()

    def _open_season(self):
        return open_action(self.env, "nka_season_action")

    def _open_plan(self):
        return open_action(self.env, "nka_pay_plan_action")

    def _open_credits(self):
        return self._compare()

    def _open_unowned(self):
        return self._compare(search_default_unowned=1)

    def _compare(self, **context):
        """Create a new reconciliation, because accounting may have changed since."""
        check = self.env["nka.bonus.check"].create(
            {
                "company_id": self.close_id.company_id.id,
                "date_from": self.close_id.month,
                "date_to": self.close_id.month_end,
            }
        )
        action = check.action_check()
        return {**action, "context": {**action["context"], **context}}

    # ------------------------------------------------------------ resolving
    def _resolve_season(self):
        """Create the missing seasons from this month on, as the daily job does."""
        close = self.close_id
        close.company_id.sudo()._make_seasons(close.month)
        close.action_check()
        return self._open_season()

    def _resolve_plan(self):
        return self._open_plan()

    def _resolve_agreement(self):
        """Open a new agreement of the first person; the list if there are several."""
        people = self.close_id.sudo().statement_ids.browse(self.res_ids).employee_id
        context = {"default_date_from": self.close_id.month}
        if len(people) != 1:
            return open_action(self.env, "nka_pay_agreement_action", context=context)
        return open_action(
            self.env,
            "nka_pay_agreement_action",
            view_mode="form",
            views=[(False, "form")],
            context={**context, "default_employee_id": people.id},
        )

    def _resolve_previous(self):
        """Open the first earlier month that isn't locked."""
        close = self.close_id
        first = close.search(
            [
                ("company_id", "=", close.company_id.id),
                ("month", "<", close.month),
                ("state", "!=", "locked"),
            ],
            order="month",
            limit=1,
        )
        return open_records(first, views=[(False, "form")])

    def _resolve_unowned(self):
        """Ask the supervisors of the accounts to correct their ownership."""
        close = self.close_id
        check = self.env["nka.bonus.check"]._check_month(
            close.company_id, close.month, close.month_end
        )
        return check.line_ids._ask_owners()

    # ------------------------------------------------------------ checks
    def _check_unblocked(self):
        """Refuse while a blocking item is open.

        :raise UserError: lists the items to resolve
        """
        names = self._names_of("block")
        if names:
            raise UserError(
                self.env._(
                    "%(month)s has blocking items:\n%(items)s\nResolve them and try "
                    "again.",
                    month=self.close_id.display_name,
                    items="\n".join(f"– {name}" for name in names),
                )
            )

    def _warnings_text(self):
        """Warnings as one text for the audit trail; empty when there are none."""
        names = self._names_of("warn")
        return self.env._("Checklist warnings: %s", "; ".join(names)) if names else ""

    def _names_of(self, result):
        """Return items with this result and their findings, in the user's language."""
        labels = self._labels()
        return [
            f"{labels[check.code]}: {check._found_text()}"
            for check in self
            if check.result == result
        ]

    def _found_text(self):
        if not self.amount:
            return str(self.count)
        amount = formatLang(self.env, self.amount, currency_obj=self.currency_id)
        return f"{self.count} ({amount})"

    @api.model
    def _labels(self):
        return dict(self._fields["code"]._description_selection(self.env))

    # ------------------------------------------------------------ business
    @api.model
    def _run(self, close):
        """Run all items again, with one or two queries each.

        :param close: a single nka.month.close
        """
        self.env.flush_all()
        close = close.sudo()
        rules = self.env["nka.month.close.rule"].sudo().search([])
        found = rules._find_all(close)
        rows = [self._prepare(close, rule, found[rule.code]) for rule in rules]
        close.check_ids.unlink()
        self.sudo()._unlocked().create(rows)
        close.invalidate_recordset(["check_ids"])

    @api.model
    def _prepare(self, close, rule, found):
        result = rule.severity if found.count else "ok"
        return {
            "close_id": close.id,
            "sequence": rule.sequence,
            "code": rule.code,
            "severity": rule.severity,
            "count": found.count or 0,
            "amount": found.amount,
            "result": "pending" if found.count is None else result,
            "res_model": found.res_model,
            "res_ids": list(found.res_ids),
        }

    def _find_again(self):
        """Run these items again; the month may be locked already."""
        rules = self.env["nka.month.close.rule"].sudo().search([])
        for check in self.sudo():
            rule = rules.filtered(lambda row, code=check.code: row.code == code)
            found = rule._find_all(check.close_id)[check.code]
            check._unlocked().write(self._prepare(check.close_id, rule, found))
