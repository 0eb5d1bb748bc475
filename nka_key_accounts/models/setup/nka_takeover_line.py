from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..accounts.clients import CLIENTS
from ..facts.sales import clients_by_revenue_sql
from ..trail.opening import open_action
from ..trail.roles import MANAGER, SUPERVISOR

#: Proposed are the clients that make up this share of revenue; not fewer than the first
#: number, if there are so many, and no more than the second.
PROPOSED_SHARE = 0.8
FEWEST_PROPOSED, MOST_PROPOSED = 20, 60
#: What is decided about a client in the list, and confirmed.
DECIDED = ("manager_id", "tier_id", "date_start")
#: Tiers by the share of revenue of all larger clients: strategic up to a half, and so on.
TIER_SHARES = (
    (0.5, "nka_key_accounts.nka_tier_strategic"),
    (0.7, "nka_key_accounts.nka_tier_major"),
    (1.0, "nka_key_accounts.nka_tier_growth"),
)


class TakeoverLine(models.Model):
    """An existing client that is to become a key account when the addon is introduced.

    Rows are proposed from revenue and salespeople, edited in one list, nominated together
    and confirmed together. One person nominates, a supervisor who isn't that person and
    doesn't manage the account confirms.
    """

    _name = "nka.takeover.line"
    _description = "Existing client to take over"
    _inherit = ["nka.guard.mixin", "nka.read.mixin"]
    _order = "revenue desc, id"
    _rec_name = "partner_id"
    _check_company_auto = True
    _guarded_fields = ("company_id", "revenue", "first_sale_date", "key_account_id")

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner",
        "Client",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        domain=CLIENTS,
    )
    manager_id = fields.Many2one(
        "res.users",
        "Key account manager",
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Proposed is the salesperson with the most revenue of the client.",
    )
    supervisor_id = fields.Many2one(
        "res.users",
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    tier_id = fields.Many2one("nka.tier", "Account tier", check_company=True)
    revenue = fields.Monetary(
        "Revenue, 12 months", readonly=True, help="Untaxed, less credit notes."
    )
    first_sale_date = fields.Date("First sale", readonly=True)
    date_start = fields.Date(
        "Owned from",
        help="The manager is credited for orders from this day on. Proposed is the date "
        "of the setup page, or the first sale if that is later.",
    )
    key_account_id = fields.Many2one(
        "nka.key.account",
        "Key account",
        readonly=True,
        copy=False,
        ondelete="set null",
    )
    state = fields.Selection(
        [
            ("proposed", "Proposed"),
            ("nominated", "Nominated"),
            ("confirmed", "Confirmed"),
        ],
        compute="_compute_state",
        compute_sudo=True,
    )

    _partner_unique = models.UniqueIndex(
        "(partner_id, company_id)", "This client is in the list already."
    )

    # ------------------------------------------------------------ compute
    @api.depends("key_account_id.state")
    def _compute_state(self):
        for line in self:
            account = line.key_account_id
            confirmed = account and account.state in ("key", "former")
            line.state = (
                "confirmed" if confirmed else "nominated" if account else "proposed"
            )

    # ------------------------------------------------------------ checks
    @api.model
    def _check_taking_over(self):
        """Only supervisors and Odoo administrators take clients over.

        :raise AccessError: for everybody else
        """
        user = self.env.user
        if not (user.has_group("base.group_system") or user.has_group(SUPERVISOR)):
            raise AccessError(
                self.env._(
                    "Only a supervisor or an Odoo administrator can take over existing "
                    "clients."
                )
            )

    def _check_complete(self):
        for line in self:
            missing = [
                line._fields[name]._description_string(self.env)
                for name in DECIDED
                if not line[name]
            ]
            if missing:
                raise UserError(
                    self.env._(
                        "%(client)s: fill in %(fields)s first.",
                        client=line.partner_id.display_name,
                        fields=", ".join(missing),
                    )
                )
        self._check_managers()

    def _check_as_listed(self, candidates):
        """Managers can change a candidate, so what is confirmed here must be what the
        list shows.
        """
        for line in self.filtered(lambda line: line.key_account_id in candidates):
            account = line.key_account_id.sudo()
            changed = [
                line._fields[name]._description_string(self.env)
                for name in DECIDED
                if line.sudo()[name] != account[name]
            ]
            if changed:
                raise UserError(
                    self.env._(
                        "%(client)s was changed after the nomination: %(fields)s. Check "
                        "the key account and confirm it there.",
                        client=line.partner_id.display_name,
                        fields=", ".join(changed),
                    )
                )

    def _check_managers(self):
        """Name everybody who lacks the role at once, and where it is assigned."""
        without = self.manager_id.filtered(lambda user: not user.has_group(MANAGER))
        if without:
            raise UserError(
                self.env._(
                    "Assign the role “Manager” on the setup page first to: %s.",
                    ", ".join(without.mapped("name")),
                )
            )

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        if not self._is_unlocked(vals) and self.filtered("key_account_id"):
            raise UserError(
                self.env._(
                    "%s is nominated already. Change the key account instead.",
                    self.filtered("key_account_id")[:1].partner_id.display_name,
                )
            )
        return super().write(vals)

    # ------------------------------------------------------------ actions
    @api.model
    def action_open_takeover(self):
        """Open the list of the current company, with proposals if it is still empty."""
        self._check_taking_over()
        lines = self.search([("company_id", "=", self.env.company.id)], limit=1)
        if not lines:
            self._propose(self.env.company)
        return open_action(self.env, "nka_takeover_line_action")

    @api.model
    def action_propose(self):
        """Propose the clients with the most revenue that aren't key accounts yet."""
        self._check_taking_over()
        self._propose(self.env.company)
        return open_action(self.env, "nka_takeover_line_action")

    def action_nominate(self):
        """Nominate these clients as key accounts, each with a takeover qualification.

        :raise UserError: when manager, tier or first day is missing; nothing is nominated
        """
        self._check_taking_over()
        lines = self.filtered(lambda line: not line.key_account_id)
        lines._check_complete()
        for line in lines:
            accounts = self.env["nka.key.account"].sudo()
            account = accounts._unlocked().create(line._prepare_account())
            line._unlocked().write({"key_account_id": account.id})
        nominated = lines.key_account_id.sudo()
        self.env["nka.qualification"]._take_over(nominated)
        # One look at the list decides them all: no email for each client.
        nominated.with_context(mail_activity_quick_update=True)._ask_supervisors()
        return True

    def action_confirm(self):
        """Confirm the accounts with their takeover qualifications, all or none.

        :raise AccessError: for anybody but a supervisor who neither nominated nor manages
            the account
        :raise UserError: if an account isn't any more what the list shows
        """
        candidates = self.key_account_id.filtered(
            lambda account: account.state == "candidate"
        )
        if not candidates:
            raise UserError(
                self.env._("Nominate the clients first, then confirm them here.")
            )
        self._check_as_listed(candidates)
        candidates.action_confirm()
        return True

    # ------------------------------------------------------------ business
    @api.model
    def _propose(self, company):
        """Add rows for the largest clients that have none and aren't key accounts."""
        today = fields.Date.context_today(self)
        since = today - relativedelta(months=12)
        self.env.flush_all()
        rows = self.env.execute_query(clients_by_revenue_sql(company, since, today))
        total = sum(row[1] for row in rows) or 1
        taken = self.sudo().search([("company_id", "=", company.id)]).partner_id
        accounts = self.env["nka.key.account"].sudo()
        taken |= accounts.search([("company_id", "=", company.id)]).partner_id
        setup = self.env["nka.setup"].sudo()
        owned = setup.search([("company_id", "=", company.id)]).ownership_date
        new, passed = [], 0
        supervisors = self._supervisors(company, {row[3] for row in rows})
        for at, row in enumerate(rows[:MOST_PROPOSED]):
            partner_id, revenue, first_sale, user_id = row
            if at >= FEWEST_PROPOSED and passed / total >= PROPOSED_SHARE:
                break
            if partner_id not in taken.ids:
                new.append(
                    {
                        "company_id": company.id,
                        "partner_id": partner_id,
                        "revenue": revenue,
                        "first_sale_date": first_sale,
                        "manager_id": self._possible_manager(user_id),
                        "supervisor_id": supervisors.get(user_id),
                        "tier_id": self._tier_by_share(passed / total).id,
                        "date_start": max(filter(None, (owned, first_sale))),
                    }
                )
            passed += revenue
        return self.sudo()._unlocked().create(new)

    @api.model
    def _possible_manager(self, user_id):
        user = self.env["res.users"].sudo().browse(user_id or ())
        return user.id if user.active and not user.share else False

    @api.model
    def _supervisors(self, company, user_ids):
        """Return the supervisors to whom these people report as employees.

        :return: user id by user id; people who report to nobody with the role are missing
        :rtype: dict[int, int]
        """
        holders = self.env["res.users"]._nka_holders(SUPERVISOR, company)
        employees = self.env["hr.employee"].sudo()
        reporting = employees.search(
            [
                ("user_id", "in", list(user_ids)),
                ("company_id", "=", company.id),
                ("parent_id.user_id", "in", holders.ids),
            ]
        )
        return {one.user_id.id: one.parent_id.user_id.id for one in reporting}

    @api.model
    def _tier_by_share(self, share):
        """The shipped tier for a client behind others with this share of revenue."""
        for limit, xmlid in TIER_SHARES:
            tier = self.env.ref(xmlid, raise_if_not_found=False)
            if tier and share < limit:
                return tier
        return self.env["nka.tier"].search([], limit=1)

    def _prepare_account(self):
        return {
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "manager_id": self.manager_id.id,
            "supervisor_id": self.supervisor_id.id,
            "tier_id": self.tier_id.id,
            "date_start": self.date_start,
        }
