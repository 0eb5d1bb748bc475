from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import LazyTranslate

from ..trail.roles import ADMIN, MANAGER, PAYROLL_OFFICER
from .nka_manager_start import STATES
from .start_items import WHO, rows_sql

_lt = LazyTranslate(__name__)

#: Roles that do an item, besides the person and their supervisors.
ROLES_OF = {"manager": MANAGER, "officer": PAYROLL_OFFICER, "admin": ADMIN}
FOLLOWS = _lt("Follows when the items above are done.")


class ManagerStartItem(models.Model):
    """What a new manager needs: one row for each item of each start.

    Read from the records themselves, so it is never out of date.
    """

    _name = "nka.manager.start.item"
    _description = "What a new manager needs"
    _auto = False
    _order = "start_id desc, sequence"
    _rec_name = "name"
    # Fields to flush before the query below reads them.
    _depends = {
        "nka.key.account": ["company_id", "deputy_id", "manager_id", "state"],
        "nka.manager.start": [
            "company_id",
            "date_start",
            "employee_id",
            "state",
            "supervisor_id",
            "user_id",
            "way",
        ],
        "nka.mentorship": ["company_id", "date_from", "mentee_id"],
        "nka.pay.agreement": ["accepted_date", "date_from", "employee_id", "state"],
        "nka.secrecy.acknowledgement": ["date", "regime_id", "user_id"],
        "nka.secrecy.regime": ["company_id", "state"],
        "nka.skill.assessment": ["date", "employee_id", "kind", "state"],
        "nka.work.report": ["date_to", "employee_id", "state"],
        "res.groups": ["user_ids"],
        "res.users": ["active", "company_ids", "group_ids"],
    }

    start_id = fields.Many2one("nka.manager.start", "New manager", readonly=True)
    user_id = fields.Many2one("res.users", "Person", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    start_state = fields.Selection(STATES, "Status of the manager", readonly=True)
    sequence = fields.Integer(readonly=True)
    code = fields.Char("Item code", readonly=True)
    name = fields.Char("Item", compute="_compute_texts")
    step = fields.Char(readonly=True)
    hint = fields.Char("What to do", compute="_compute_texts")
    state = fields.Selection(
        [
            ("open", "Missing"),
            ("later", "Later"),
            ("done", "Done"),
            ("none", "Not needed"),
        ],
        readonly=True,
    )
    is_required = fields.Boolean(
        "Required",
        readonly=True,
        help="Nobody is confirmed as manager without it.",
    )
    who = fields.Selection(WHO, "Done by", readonly=True)
    turn_id = fields.Many2one("res.users", "Whose turn", readonly=True)
    done_on = fields.Date("Done on", readonly=True)
    may_do = fields.Boolean(compute="_compute_may_do")

    @property
    def _table_query(self):
        groups = {
            who: self.env.ref(role).sudo().all_implied_by_ids.ids
            for who, role in ROLES_OF.items()
        }
        items = self.env["nka.manager.start"]._items()
        # Fields to flush, as in _depends, of the items that another addon adds.
        for model, names in (read for item in items for read in item.reads):
            self.env[model].flush_model(names)
        return rows_sql(items, groups)

    # ------------------------------------------------------------ compute
    @api.depends("code", "step")
    @api.depends_context("lang")
    def _compute_texts(self):
        items = {item.code: item for item in self.env["nka.manager.start"]._items()}
        for row in self:
            item = items[row.code]
            hint = item.hints.get(row.step) or (row.state == "later" and FOLLOWS)
            row.name = self.env._(item.label)  # pylint: disable=translation-contains-variable
            row.hint = self.env._(hint) if hint else False  # pylint: disable=translation-contains-variable

    @api.depends("state", "who", "start_id")
    @api.depends_context("uid")
    def _compute_may_do(self):
        user = self.env.user
        for row in self:
            row.may_do = row.state == "open" and (
                row.user_id == user
                if row.who == "person"
                else row.start_id.may_decide
                if row.who == "supervisor"
                else row.user_id != user and user.has_group(ROLES_OF[row.who])
            )

    # ------------------------------------------------------------ actions
    def action_do(self):
        """Open the page on which the current user does this item.

        :raise AccessError: if it is somebody else's turn
        """
        self.ensure_one()
        self.check_access("read")
        if not self.may_do:
            raise AccessError(
                self.env._(
                    "This is done by somebody else: %s.",
                    self.turn_id.name or self.env._("see the list of the new manager"),
                )
            )
        return getattr(self.start_id, f"_open_{self.code}")()
