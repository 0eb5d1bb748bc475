from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate

from ... import paycalc
from ..trail.opening import open_action, open_list
from ..trail.roles import ADMIN, MANAGER, PAYROLL_OFFICER, SUPERVISOR

_lt = LazyTranslate(__name__)

#: In the order in which a company needs them.
CODES = [
    ("officers", "Two payroll officers"),
    ("supervisors", "Two supervisors"),
    ("admins", "One key account administrator"),
    ("employees", "Managers are employees with a working calendar"),
    ("plan", "Pay plan approved for the first month"),
    ("seasons", "Season for the first month"),
    ("accounts", "Key accounts confirmed"),
    ("owners", "Managers own their accounts in time"),
    ("agreements", "Pay agreements accepted"),
    ("openings", "Opening balances approved"),
    ("goals", "Goals accepted"),
    ("entry", "Accounts for the payroll entry"),
    ("mail", "Outgoing mail server"),
    ("pdf", "PDF program"),
]
HINTS = {
    "officers": _lt(
        "One calculates the month, another approves it. Assign the role under “Roles”."
    ),
    "supervisors": _lt(
        "Supervisors can't approve their own work. Assign the role under “Roles”."
    ),
    "admins": _lt("Approves the pay plan. Assign the role under “Roles”."),
    "employees": _lt(
        "Managers are paid as employees. Create the employee, link the user and choose "
        "the working calendar."
    ),
    "plan": _lt(
        "A payroll officer submits the plan's version, an administrator approves it."
    ),
    "seasons": _lt("Use “Apply dates” to create the missing seasons."),
    "accounts": _lt("Take over your clients, then let a supervisor confirm them."),
    "owners": _lt(
        "These accounts have no owner in the first month, so their sales are credited to "
        "nobody. A supervisor selects them and uses “Correct ownership”."
    ),
    "agreements": _lt(
        "A payroll officer proposes the agreements; each manager accepts their own."
    ),
    "openings": _lt(
        "The first month isn't the start of a half-year. Enter the credits and draw "
        "balances brought forward, or calculate the earlier months here."
    ),
    "goals": _lt("Supervisors propose the goals of the season; managers accept them."),
    "entry": _lt(
        "Only needed to post pay from here. Choose journal and accounts in the settings."
    ),
    "mail": _lt("Needed to email statements, reminders and signed checkpoints."),
    "pdf": _lt(
        "Needed to print statements and reports. Install wkhtmltopdf on the server."
    ),
}
#: Whose step it is where the Odoo administrator can't open it.
DONE_BY = {
    "plan": PAYROLL_OFFICER,
    "agreements": PAYROLL_OFFICER,
    "openings": PAYROLL_OFFICER,
    "entry": ADMIN,
}
#: What a company can do without.
OPTIONAL = {"openings", "entry", "mail"}


class SetupItem(models.Model):
    """One thing a company needs before its first month is closed: done or missing."""

    _name = "nka.setup.item"
    _description = "Item of the setup"
    _inherit = ["nka.guard.mixin"]
    _order = "setup_id, sequence, id"
    _rec_name = "code"
    _log_access = False
    _guarded_fields = ("setup_id", "sequence", "code", "result", "count", "res_ids")

    setup_id = fields.Many2one(
        "nka.setup", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="setup_id.company_id")
    sequence = fields.Integer(readonly=True)
    code = fields.Selection(CODES, "Item", required=True, readonly=True)
    result = fields.Selection(
        [("done", "Done"), ("optional", "Optional"), ("missing", "Missing")],
        readonly=True,
    )
    count = fields.Integer(readonly=True, help="Records that are there or are missing.")
    res_ids = fields.Json("Records", readonly=True)
    hint = fields.Char("What to do", compute="_compute_hint")

    # ------------------------------------------------------------ compute
    @api.depends("code", "result")
    @api.depends_context("lang")
    def _compute_hint(self):
        for item in self:
            hint = item.result != "done" and HINTS.get(item.code)
            # pylint: disable-next=translation-contains-variable
            item.hint = hint and self.env._(hint)

    # ------------------------------------------------------------ actions
    def action_open(self):
        """Open the page where this item is done, with the records it is about."""
        self.ensure_one()
        self.check_access("read")
        action = getattr(self, f"_open_{self.code}")()
        model = action.get("res_model")
        if model and not self.env[model].has_access("read"):
            raise UserError(self._say_whose(model))
        return action

    def _say_whose(self, model):
        """Name the people who can do what this reader can't."""
        role = DONE_BY.get(self.code, SUPERVISOR)
        group = self.env.ref(role).sudo()
        people = self._holders(self.setup_id, role)
        if not people:
            return self.env._(
                "This is done by a user with the role “%s”. Nobody has it yet: assign it "
                "in the table of roles.",
                group.name,
            )
        return self.env._(
            "This is done by a user with the role “%(role)s”. Ask %(people)s.",
            role=group.name,
            people=", ".join(people.mapped("name")),
        )

    # ------------------------------------------------------------ business
    @api.model
    def _run(self, setup):
        """Check everything anew.

        :param setup: nka.setup, one
        """
        rows = []
        for sequence, (code, _label) in enumerate(CODES, 1):
            done, records = getattr(self, f"_find_{code}")(setup.sudo())
            missing = "optional" if code in OPTIONAL else "missing"
            rows.append(
                {
                    "setup_id": setup.id,
                    "sequence": sequence,
                    "code": code,
                    "result": "done" if done else missing,
                    "count": len(records),
                    "res_ids": records.ids,
                }
            )
        items = self.sudo().search([("setup_id", "=", setup.id)])
        items._unlocked().unlink()
        self.sudo()._unlocked().create(rows)
        setup.invalidate_recordset(["item_ids"])

    @api.model
    def _holders(self, setup, role):
        group = self.env.ref(role).sudo()
        return group.all_user_ids.filtered(
            lambda user: user.active and setup.company_id in user.company_ids
        )

    # ------------------------------------------------------------ what is there
    def _find_officers(self, setup):
        found = self._holders(setup, PAYROLL_OFFICER)
        return len(found) > 1, found

    def _find_supervisors(self, setup):
        found = self._holders(setup, SUPERVISOR)
        return len(found) > 1, found

    def _find_admins(self, setup):
        found = self._holders(setup, ADMIN)
        return bool(found), found

    def _find_employees(self, setup):
        """Managers without an employee of the company, or whose employee has no calendar."""
        managers = self._holders(setup, MANAGER)
        ready = (
            self.env["hr.employee"]
            .sudo()
            .search(
                [
                    ("user_id", "in", managers.ids),
                    ("company_id", "=", setup.company_id.id),
                    ("resource_calendar_id", "!=", False),
                ]
            )
        )
        missing = managers - ready.user_id
        return bool(managers) and not missing, missing

    def _find_plan(self, setup):
        versions = setup._plan_versions()
        approved = versions.filtered(
            lambda version: (
                version.state == "approved" and version.date_start <= setup.first_month
            )
        )
        return bool(approved), approved or versions

    def _find_seasons(self, setup):
        season = self.env["nka.season"].sudo()
        found = season._season_on(setup.first_month, setup.company_id)
        return bool(found), found

    def _accounts(self, setup, *domain):
        accounts = self.env["nka.key.account"].sudo()
        return accounts.search([("company_id", "=", setup.company_id.id), *domain])

    def _find_accounts(self, setup):
        """Confirmed accounts; while some wait for it, those that wait."""
        waiting = self._accounts(setup, ("state", "=", "candidate"))
        confirmed = self._accounts(setup, ("state", "=", "key"))
        return bool(confirmed) and not waiting, waiting or confirmed

    def _find_owners(self, setup):
        """Accounts whose owner begins after the first day of the first month."""
        confirmed = self._accounts(setup, ("state", "=", "key"))
        late = confirmed.filtered(
            lambda account: (
                account.date_start and account.date_start > setup.first_month
            )
        )
        return bool(confirmed) and not late, late

    def _find_agreements(self, setup):
        """Managers of confirmed accounts without an accepted agreement in the first month."""
        managers = self._accounts(setup, ("state", "=", "key")).manager_id
        last = paycalc.add_months(setup.first_month, 1)
        agreements = self.env["nka.pay.agreement"].sudo()
        agreed = agreements._in_force(setup.first_month, last, setup.company_id)
        missing = managers - agreed.user_id
        return bool(managers) and not missing, missing

    def _find_openings(self, setup):
        """Needed only where the first month isn't the first of a half-year."""
        half_year = setup.company_id.sudo()._nka_years().half_year(setup.first_month)
        openings = self.env["nka.pay.opening"].sudo()
        found = openings.search(
            [("company_id", "=", setup.company_id.id), ("state", "=", "approved")]
        )
        return half_year == setup.first_month or bool(found), found

    def _find_goals(self, setup):
        season = self.env["nka.season"].sudo()
        season = season._season_on(setup.first_month, setup.company_id)
        goals = season.goal_ids
        waiting = goals.filtered(lambda goal: goal.state in ("draft", "proposed"))
        return bool(goals) and not waiting, waiting or goals

    def _find_entry(self, setup):
        company = setup.company_id.sudo()
        names = (
            "nka_entry_journal_id",
            "nka_fixed_account_id",
            "nka_soft_account_id",
            "nka_bonus_account_id",
        )
        return all(company[name] for name in names if name in company), company[:0]

    def _find_mail(self, _setup):
        servers = self.env["ir.mail_server"].sudo().search([])
        return bool(servers), servers

    def _find_pdf(self, setup):
        state = self.env["ir.actions.report"].get_wkhtmltopdf_state()
        return state in ("ok", "workers"), setup[:0]

    # ------------------------------------------------------------ where it is done
    def _open_users(self, role=None):
        users = self.env["res.users"]
        domain = [("share", "=", False)]
        if role:
            domain.append(("all_group_ids", "in", self.env.ref(role).ids))
        return open_list(self.env, users._name, domain, self.env._("Users"))

    def _open_officers(self):
        return self._open_users(PAYROLL_OFFICER)

    def _open_supervisors(self):
        return self._open_users(SUPERVISOR)

    def _open_admins(self):
        return self._open_users(ADMIN)

    def _open_employees(self):
        domain = [("company_id", "=", self.setup_id.company_id.id)]
        return open_list(self.env, "hr.employee", domain, self.env._("Employees"))

    def _open_plan(self):
        return open_action(self.env, "nka_pay_plan_action")

    def _open_seasons(self):
        return open_action(self.env, "nka_season_action")

    def _open_accounts(self):
        return self.env["nka.takeover.line"].action_open_takeover()

    def _open_owners(self):
        domain = [("id", "in", self.res_ids)]
        return open_action(self.env, "nka_key_account_action", domain=domain)

    def _open_agreements(self):
        if self.env.user.has_group(PAYROLL_OFFICER):
            return self.env["nka.setup.agreement"].action_open_agreements()
        return open_action(self.env, "nka_pay_agreement_action")

    def _open_openings(self):
        return open_action(self.env, "nka_pay_opening_action")

    def _open_goals(self):
        return open_action(self.env, "nka_season_goal_action")

    def _open_entry(self):
        return open_action(self.env, "nka_settings_action")

    def _open_mail(self):
        return self.env["ir.actions.act_window"]._for_xml_id(
            "base.action_ir_mail_server_list"
        )

    def _open_pdf(self):
        return {
            "type": "ir.actions.act_url",
            "url": "https://www.odoo.com/documentation/19.0/administration/on_premise/source.html",
            "target": "new",
        }
