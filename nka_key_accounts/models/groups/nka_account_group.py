"""Groups: the legal entities of one holding, with the figures of all of them.

Each entity stays a key account with its own manager, credits and documents. A group
only adds them up, so it never affects pay.
"""

from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..plans.nka_key_account import SHARE_OF_SPEND
from ..standing.nka_key_account import HEALTH_GOOD, HEALTH_WATCH
from ..trail.opening import open_action

STATES = ("candidate", "key")
#: Whether an entity of a row ``member`` counts.
CURRENT = SQL("member.state IN %s", STATES)
#: Who sees an entity, and so the totals of its group.
TEAM_FIELDS = ("manager_id", "deputy_id", "mentor_user_ids")


class AccountGroup(models.Model):
    """Legal entities of one holding.

    Supervisors make groups. Managers see the totals of a group to which one of their
    accounts belongs, and the figures of their own accounts only.
    """

    _name = "nka.account.group"
    _description = "Group of key accounts"
    _inherit = ["nka.company.mixin", "nka.figure.mixin", "nka.read.mixin"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    note = fields.Text(
        "Key facts",
        help="Who decides for the group, and what applies to all entities. Visible to the "
        "managers of all entities.",
    )
    key_account_ids = fields.One2many(
        "nka.key.account",
        "account_group_id",
        "Entities",
        domain=[("state", "in", STATES)],
        copy=False,
    )
    manager_ids = fields.Many2many(
        "res.users",
        string="Managers",
        compute="_compute_manager_ids",
        compute_sudo=True,
        help="Managers of the entities: one for all, or several.",
    )
    reader_ids = fields.Many2many(
        "res.users",
        string="Account teams of the entities",
        compute="_compute_reader_ids",
        search="_search_reader_ids",
        compute_sudo=True,
    )
    other_entities = fields.Text(
        "Other entities",
        compute="_compute_other_entities",
        help="Entities of other managers, whose figures you don't see.",
    )

    entity_count = fields.Integer(
        "Number of entities", compute="_compute_figures", aggregator="sum"
    )
    trailing_revenue = fields.Monetary(
        "Revenue, 12 months",
        compute="_compute_figures",
        aggregator="sum",
        help="Untaxed posted invoices less credit notes of all entities.",
    )
    overdue_amount = fields.Monetary(
        "Overdue amount",
        compute="_compute_figures",
        aggregator="sum",
        help="Open receivables past their due date, less open credits, of all entities.",
    )
    credit_limit = fields.Monetary(
        "Credit limit",
        compute="_compute_figures",
        aggregator="sum",
        help="Total of the credit limits in the entities' valid qualifications.",
    )
    pipeline_amount = fields.Monetary(
        "Open pipeline", compute="_compute_figures", aggregator="sum"
    )
    wallet_share = fields.Float(
        "Share of wallet (%)",
        compute="_compute_figures",
        aggregator="avg",
        digits=(5, 1),
        help="Our share of the known yearly spend of all entities. 0 if nothing is known "
        "about other suppliers.",
    )
    whitespace_amount = fields.Monetary(
        "Whitespace",
        compute="_compute_figures",
        aggregator="sum",
        help="Known yearly spend of all entities with other suppliers.",
    )
    health = fields.Integer(
        compute="_compute_figures",
        aggregator="avg",
        help="Average health score of the entities.",
    )
    lowest_health = fields.Integer(
        compute="_compute_figures",
        aggregator="min",
        help="Health score of the weakest entity.",
    )
    health_level = fields.Selection(
        [("good", "Good"), ("watch", "Needs attention"), ("poor", "Poor")],
        "Health level",
        compute="_compute_figures",
        help="By the average health score.",
    )

    _name_unique = models.Constraint(
        "UNIQUE(name, company_id)", "A group with this name already exists."
    )

    # ------------------------------------------------------------ compute
    @api.depends("key_account_ids.state", "key_account_ids.account_group_id")
    @api.depends_context("uid", "tz")
    def _compute_figures(self):
        return super()._compute_figures()

    @api.depends("key_account_ids.manager_id", "key_account_ids.account_group_id")
    def _compute_manager_ids(self):
        entities = self._entities()
        for group in self:
            group.manager_ids = entities[group].manager_id

    @api.depends(
        "key_account_ids.manager_id",
        "key_account_ids.deputy_id",
        "key_account_ids.account_group_id",
    )
    def _compute_reader_ids(self):
        entities = self._entities()
        for group in self:
            found = entities[group]
            group.reader_ids = (
                found.manager_id | found.deputy_id | found.mentor_user_ids
            )

    @api.model
    def _search_reader_ids(self, operator, value):
        if operator != "in":
            return NotImplemented
        team = [Domain(name, "in", value) for name in TEAM_FIELDS]
        accounts = self.env["nka.key.account"].sudo()
        found = accounts._search(Domain("state", "in", STATES) & Domain.OR(team))
        return Domain("id", "in", found.subselect("account_group_id"))

    @api.depends("key_account_ids.manager_id", "key_account_ids.account_group_id")
    @api.depends_context("uid")
    def _compute_other_entities(self):
        """Name client and manager of entities that the user can't open, as colleagues
        see them on the contact.
        """
        entities = self._entities()
        own = set(
            self.env["nka.key.account"]
            .search([("account_group_id", "in", self.ids)])
            .ids
        )
        for group in self:
            others = entities[group].filtered(lambda one: one.id not in own)
            group.other_entities = "\n".join(
                " · ".join(filter(None, (one.display_name, one.manager_id.name)))
                for one in others
            )

    def _entities(self):
        """Return the current entities of each group, whoever reads them.

        They aren't read from ``key_account_ids``: its cached value would then contain
        entities that the user can't open.

        :return: nka.key.account as superuser, by group
        :rtype: defaultdict
        """
        accounts = self.env["nka.key.account"].sudo()
        found = accounts.search(
            [("account_group_id", "in", self.ids), ("state", "in", STATES)]
        )
        by_group = defaultdict(lambda: accounts)
        for account in found:
            by_group[self.browse(account.account_group_id.id)] |= account
        return by_group

    # ------------------------------------------------------------ expressions
    @api.model
    def _sql_of_entities(self, alias, selected):
        """Return SQL for an aggregate over the current entities, rows ``member``."""
        return SQL(
            "(SELECT %s FROM nka_key_account member WHERE member.account_group_id = %s AND %s)",
            selected,
            SQL.identifier(alias, "id"),
            CURRENT,
        )

    @api.model
    def _sql_total(self, alias, figure):
        """Return SQL for the sum of a figure of the current entities."""
        accounts = self.env["nka.key.account"]
        return self._sql_of_entities(
            alias, SQL("COALESCE(SUM(%s), 0)", accounts._figure_sql(figure, "member"))
        )

    @api.model
    def _sql_entity_count(self, alias):
        return self._sql_of_entities(alias, SQL("COUNT(*)"))

    @api.model
    def _sql_trailing_revenue(self, alias):
        return self._sql_total(alias, "trailing_revenue")

    @api.model
    def _sql_overdue_amount(self, alias):
        return self._sql_total(alias, "overdue_amount")

    @api.model
    def _sql_credit_limit(self, alias):
        return self._sql_total(alias, "credit_limit")

    @api.model
    def _sql_pipeline_amount(self, alias):
        return self._sql_total(alias, "pipeline_amount")

    @api.model
    def _sql_whitespace_amount(self, alias):
        return self._sql_total(alias, "whitespace_amount")

    @api.model
    def _sql_wallet_share(self, alias):
        return SQL(
            """(SELECT %s FROM nka_whitespace_line part
                  JOIN nka_key_account member ON member.id = part.key_account_id
                 WHERE member.account_group_id = %s AND %s)""",
            SHARE_OF_SPEND,
            SQL.identifier(alias, "id"),
            CURRENT,
        )

    @api.model
    def _sql_health(self, alias):
        return self._sql_of_entities(alias, SQL("ROUND(AVG(member.health))"))

    @api.model
    def _sql_lowest_health(self, alias):
        return self._sql_of_entities(alias, SQL("MIN(member.health)"))

    @api.model
    def _sql_health_level(self, alias):
        return SQL(
            """(CASE WHEN %(health)s >= %(good)s THEN 'good'
                     WHEN %(health)s >= %(watch)s THEN 'watch'
                     WHEN %(health)s IS NOT NULL THEN 'poor' END)""",
            health=self._sql_health(alias),
            good=HEALTH_GOOD,
            watch=HEALTH_WATCH,
        )

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        if "company_id" in vals:
            self._check_company_stays(vals["company_id"])
        return super().write(vals)

    def unlink(self):
        """Release the entities first, so that each of them logs it."""
        self.check_access("unlink")
        members = self.env["nka.key.account"].search(
            [("account_group_id", "in", self.ids)]
        )
        members.account_group_id = False
        return super().unlink()

    def _check_company_stays(self, company_id):
        for group in self.sudo():
            if group.company_id.id != company_id and group.key_account_ids:
                raise UserError(
                    self.env._(
                        "%s has entities of this company. Remove them from the group "
                        "first, or create another group.",
                        group.name,
                    )
                )

    # ------------------------------------------------------------ actions
    def action_open_entities(self):
        """Open the entities that the user can read.

        :return: window action
        """
        self.ensure_one()
        self.check_access("read")
        title = self.env._("Entities: %s", self.name)
        return open_action(
            self.env,
            "nka_key_account_action",
            name=title,
            display_name=title,
            domain=[("account_group_id", "=", self.id)],
            view_mode="list,kanban,form",
            views=[(False, "list"), (False, "kanban"), (False, "form")],
            context={"search_default_current": 1},
        )

    def action_open_whitespace(self):
        """Open the known spend by category of the entities that the user can read.

        :return: window action
        """
        self.ensure_one()
        self.check_access("read")
        title = self.env._("Whitespace: %s", self.name)
        return open_action(
            self.env,
            "nka_whitespace_line_action",
            name=title,
            display_name=title,
            domain=[("key_account_id.account_group_id", "=", self.id)],
            context={},
        )
