from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import LazyTranslate, format_amount, formatLang

_lt = LazyTranslate(__name__)

#: Figures shown for the entity and for its group.
COMPARED = (
    "trailing_revenue",
    "overdue_amount",
    "credit_limit",
    "pipeline_amount",
    "wallet_share",
    "whitespace_amount",
    "health",
)


class KeyAccount(models.Model):
    """The group of legal entities that an account belongs to. Supervisors decide it."""

    _inherit = "nka.key.account"
    _audit_kinds = {"group": _lt("Group of the account")}

    account_group_id = fields.Many2one(
        "nka.account.group",
        "Group",
        index="btree_not_null",
        check_company=True,
        copy=False,
        help="The holding that this legal entity belongs to.",
    )
    group_figures = fields.Html(
        "This entity and its group", compute="_compute_group_figures", sanitize=False
    )

    # ------------------------------------------------------------ compute
    @api.depends("account_group_id", *COMPARED)
    @api.depends_context("lang", "uid", "tz")
    def _compute_group_figures(self):
        for account in self:
            grouped = bool(account.account_group_id)
            account.group_figures = grouped and account._compare_with_group()

    def _compare_with_group(self):
        """Return the figures of the entity beside those of its group, as a table."""
        group = self.account_group_id
        head = Markup(
            "<thead><tr><th></th><th class='text-end'>%s</th>"
            "<th class='text-end'>%s</th></tr></thead>"
        ) % (self.env._("This entity"), group.name)
        row = Markup(
            "<tr><td>%s</td><td class='text-end'>%s</td><td class='text-end'>%s</td></tr>"
        )
        rows = [
            row
            % (
                self._fields[name]._description_string(self.env),
                self._show_figure(self, name),
                self._show_figure(group, name),
            )
            for name in COMPARED
        ]
        return Markup(
            "<table class='table table-sm mb-0'>%s<tbody>%s</tbody></table>"
        ) % (
            head,
            Markup().join(rows),
        )

    @api.model
    def _show_figure(self, record, name):
        value, field = record[name], record._fields[name]
        if field.type == "monetary":
            return format_amount(self.env, value, record.currency_id)
        digits = field.get_digits(self.env) if field.type == "float" else None
        return formatLang(self.env, value, digits[1] if digits else 0)

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        grouped = accounts.filtered("account_group_id")
        if grouped:
            self._check_may_group()
            self._record_group(grouped, {})
        return accounts

    def write(self, vals):
        if "account_group_id" not in vals:
            return super().write(vals)
        before = {account: account.sudo().account_group_id for account in self}
        changed = self.filtered(
            lambda one: before[one].id != (vals["account_group_id"] or False)
        )
        if changed and not self._is_unlocked(vals):
            self._check_may_group()
        result = super().write(vals)
        self._record_group(changed, before)
        return result

    @api.model
    def _check_may_group(self):
        if not self._may_supervise():
            raise AccessError(
                self.env._(
                    "Only a supervisor can add key accounts to a group or remove them. "
                    "Ask one of them."
                )
            )

    @api.model
    def _record_group(self, accounts, before):
        """Log which group the accounts left and which they joined."""
        self.env["nka.audit.event"]._record(
            accounts,
            "group",
            old=lambda account: before[account] if before.get(account) else False,
            new=lambda account: account.sudo().account_group_id or False,
        )

    # ------------------------------------------------------------ actions
    def action_nominate(self):
        """Take clients that managers nominate again out of their former group, whose
        totals they would read.
        """
        left = self.filtered(lambda account: account.state in ("declined", "former"))
        result = super().action_nominate()
        if not self._may_supervise():
            grouped = left.sudo().filtered("account_group_id")
            grouped._unlocked().write({"account_group_id": False})
        return result

    def action_open_group(self):
        """Open the group of the account.

        :return: window action
        """
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.account_group_id.name,
            "res_model": "nka.account.group",
            "view_mode": "form",
            "res_id": self.account_group_id.id,
        }
