from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import LazyTranslate

from ..outputs.nka_month_close import NEEDED
from ..payroll.contracts import paying_versions
from ..trail.opening import open_action, open_list, open_records
from ..trail.roles import ADMIN, MANAGER, PAYROLL_OFFICER, SUPERVISOR

_lt = LazyTranslate(__name__)

SYSTEM = "base.group_system"

#: In the order in which a company needs them.
CODES = [
    ("officers", "Two payroll officers"),
    ("supervisors", "Two supervisors"),
    ("admins", "One key account administrator"),
    ("employees", "Managers are employees with a working calendar"),
    ("contracts", "Managers have a contract in the first month"),
    ("seasons", "Season for the first month"),
    ("accounts", "Key accounts confirmed"),
    ("owners", "Managers own their accounts in time"),
    ("plan", "Pay plan approved for the first month"),
    ("agreements", "Pay agreements accepted"),
    ("openings", "Opening balances approved"),
    ("goals", "Goals accepted"),
    ("entry", "Accounts for the payroll entry"),
    ("mail", "Outgoing mail server"),
    ("pdf", "PDF program"),
    ("closed", "First month closed"),
]
#: What to do, by item, or by the step that an item waits for.
HINTS = {
    "officers": _lt(
        "One calculates the month, another approves it. Assign the role under “Roles”."
    ),
    "supervisors": _lt(
        "Supervisors can't approve their own work. Assign the role under “Roles”."
    ),
    "admins": _lt("Approves the pay plan. Assign the role under “Roles”."),
    "managers": _lt("Nobody is a manager yet. Assign the role under “Roles”."),
    "employees": _lt(
        "Managers are paid as employees. Create the employee, link the user and choose "
        "the working calendar."
    ),
    "contracts_managers": _lt("Follows when managers are employees."),
    "contracts": _lt(
        "Payslips need a contract. Enter its start date on the employee, under Payroll."
    ),
    "plan": _lt("Check the draft of the pay plan and submit it."),
    "plan_none": _lt("Create a pay plan and its first version, and submit it."),
    "plan_submitted": _lt(
        "Approve the version. It needs an administrator who didn't prepare it and didn't "
        "set its dates here."
    ),
    "plan_late": _lt(
        "The approved version starts after the first month. Choose a later first month, "
        "or withdraw the approval before the version starts."
    ),
    "seasons": _lt("Use “Apply dates” to create the missing seasons."),
    "accounts": _lt(
        "Check manager, tier and first day of the proposed clients, select them and choose "
        "Nominate."
    ),
    "accounts_nominated": _lt(
        "Select the nominated clients and choose Confirm. It needs a supervisor who didn't "
        "nominate them."
    ),
    "owners_accounts": _lt("Follows when key accounts are confirmed."),
    "owners": _lt(
        "These accounts have no owner in the first month, so their sales are credited to "
        "nobody. A supervisor selects them and uses “Correct ownership”."
    ),
    "agreements": _lt(
        "Check target earnings and quota of each manager, select the rows and choose "
        "Propose."
    ),
    "agreements_accounts": _lt("Follows when managers have key accounts."),
    "agreements_proposed": _lt("Each accepts their own agreement in My day."),
    "openings": _lt(
        "The first month isn't the start of a half-year. Enter the credits and draw "
        "balances brought forward, or calculate the earlier months here."
    ),
    "goals": _lt("Check the targets of the drafts, select them and choose Propose."),
    "goals_agreements": _lt("Follows when the agreements are proposed."),
    "goals_proposed": _lt("Each accepts their own goals in My day."),
    "entry": _lt(
        "Only needed to post pay from here. Choose journal and accounts in the settings."
    ),
    "mail": _lt("Needed to email statements, reminders and signed checkpoints."),
    "pdf": _lt(
        "Needed to print statements and reports. Install wkhtmltopdf on the server."
    ),
    "closed": _lt(
        "Calculate the month; another payroll officer approves and locks it."
    ),
    "closed_calculated": _lt(
        "Approve the month. It needs a payroll officer who didn't calculate it."
    ),
    "closed_approved": _lt("Lock the month. Locking generates the payslips."),
    "closed_later": _lt("The month can be closed once it has ended."),
}
#: Who does it: roles, by item or step. What isn't listed is done by Odoo administrators.
DONE_BY = {
    "plan": (PAYROLL_OFFICER,),
    "plan_none": (PAYROLL_OFFICER,),
    "plan_submitted": (ADMIN,),
    "plan_late": (ADMIN,),
    "accounts": (SUPERVISOR, SYSTEM),
    "accounts_nominated": (SUPERVISOR,),
    "owners": (SUPERVISOR,),
    "owners_accounts": (SUPERVISOR,),
    "agreements": (PAYROLL_OFFICER,),
    "agreements_accounts": (SUPERVISOR,),
    "openings": (PAYROLL_OFFICER,),
    "goals": (SUPERVISOR,),
    "goals_agreements": (PAYROLL_OFFICER,),
    "entry": (ADMIN,),
    "closed": (PAYROLL_OFFICER,),
    "closed_later": (PAYROLL_OFFICER,),
    "closed_calculated": (PAYROLL_OFFICER,),
    "closed_approved": (PAYROLL_OFFICER,),
}
#: Who can open the page behind an item, also to look at it.
OPENED_BY = {
    "plan": (PAYROLL_OFFICER, ADMIN, SUPERVISOR),
    "seasons": (SUPERVISOR, PAYROLL_OFFICER),
    "accounts": (SUPERVISOR, SYSTEM),
    "owners": (SUPERVISOR, ADMIN),
    "agreements": (PAYROLL_OFFICER, SUPERVISOR),
    "openings": (PAYROLL_OFFICER,),
    "goals": (SUPERVISOR, PAYROLL_OFFICER),
    "entry": (ADMIN,),
    "closed": (PAYROLL_OFFICER, ADMIN),
}
#: What a company can do without.
OPTIONAL = {"openings", "entry", "mail"}
#: Steps that can't be done yet, because another item comes first or the time hasn't come.
LATER = {
    "contracts_managers",
    "owners_accounts",
    "agreements_accounts",
    "goals_agreements",
    "closed_later",
}
#: Steps of the people themselves: the records of the item are theirs.
OWN_STEPS = {"agreements_proposed", "goals_proposed"}
#: So many people are named in the list.
NAMED = 3


class Found(NamedTuple):
    """What is there of an item.

    :ivar done: whether nothing is missing
    :ivar records: those that are missing, else those that are there
    :ivar step: what the item waits for, where it has several steps
    """

    done: bool
    records: models.BaseModel
    step: str = ""


class SetupItem(models.Model):
    """One thing a company needs before its first month is closed: done or missing.

    What is there is looked up whenever the page is read, so a row is never out of date.
    """

    _name = "nka.setup.item"
    _description = "Item of the setup"
    _inherit = ["nka.guard.mixin"]
    _order = "setup_id, sequence, id"
    _rec_name = "code"
    _log_access = False
    _guarded_fields = ("setup_id", "sequence", "code")

    setup_id = fields.Many2one(
        "nka.setup", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="setup_id.company_id")
    sequence = fields.Integer(readonly=True)
    code = fields.Selection(CODES, "Item", required=True, readonly=True)
    result = fields.Selection(
        [
            ("done", "Done"),
            ("optional", "Optional"),
            ("later", "Later"),
            ("missing", "Missing"),
        ],
        compute="_compute_result",
    )
    count = fields.Integer(
        compute="_compute_result", help="Records that are there or are missing."
    )
    hint = fields.Char("What to do", compute="_compute_result")
    people = fields.Char(
        "Who",
        compute="_compute_result",
        help="People who can do the next step.",
    )
    is_mine = fields.Boolean("My step", compute="_compute_result")
    can_open = fields.Boolean(compute="_compute_can_open")

    # ------------------------------------------------------------ compute
    @api.depends("code")
    @api.depends_context("uid", "lang")
    def _compute_result(self):
        for item in self:
            found = item._find()
            step = found.step or item.code
            people = item._people(found) if not found.done else found.records[:0]
            hint = HINTS.get(step) if not found.done else None
            item.result = item._result(found)
            item.count = len(found.records)
            # pylint: disable-next=translation-contains-variable
            item.hint = hint and self.env._(hint)
            item.people = not found.done and item._say_people(found, people)
            item.is_mine = item.result == "missing" and self.env.user in people

    @api.depends("code")
    @api.depends_context("uid")
    def _compute_can_open(self):
        for item in self:
            roles = OPENED_BY.get(item.code, (SYSTEM,))
            item.can_open = any(self.env.user.has_group(role) for role in roles)

    def _result(self, found):
        if found.done:
            return "done"
        if found.step in LATER:
            return "later"
        return "optional" if self.code in OPTIONAL else "missing"

    def _find(self):
        """Look up what is there, as superuser.

        :rtype: Found
        """
        setup = self.sudo().setup_id
        if not self.code:
            return Found(True, setup[:0])
        return Found(*getattr(self.sudo(), f"_find_{self.code}")(setup))

    def _people(self, found):
        """Return the users who can do the next step.

        :rtype: res.users
        """
        if found.step in OWN_STEPS:
            records = found.records
            return records if records._name == "res.users" else records.user_id
        users = self.env["res.users"].sudo()
        for role in DONE_BY.get(found.step or self.code, (SYSTEM,)):
            users |= self._holders(self.sudo().setup_id, role)
        return users - self._makers(found)

    @staticmethod
    def _makers(found):
        """Return the users who can decide on none of the records that wait."""
        if found.step == "closed_calculated":
            return found.records._preparers()
        users = found.records.env["res.users"]
        if found.step not in ("plan_submitted", "accounts_nominated"):
            return users
        makers = [record._makers() for record in found.records]
        return users.union(*makers).filtered(
            lambda user: all(user in those for those in makers)
        )

    def _say_people(self, found, people):
        names = people.sudo().mapped("name")
        if names:
            more = len(names) - NAMED
            listed = ", ".join(names[:NAMED])
            return f"{listed} +{more}" if more > 0 else listed
        role = DONE_BY.get(found.step or self.code, (SYSTEM,))[0]
        # Not "Administrator" alone: that is what Odoo calls its first user.
        name = (
            self.env._("Key account administrator")
            if role == ADMIN
            else self.env.ref(role).sudo().name
        )
        return self.env._("Nobody yet: %s", name)

    # ------------------------------------------------------------ actions
    def action_open(self):
        """Open the page where this item is done, with the records it is about.

        :raise UserError: for readers without the role; it names who can do it
        """
        self.ensure_one()
        self.check_access("read")
        if not self.can_open:
            raise UserError(self._say_whose())
        return getattr(self, f"_open_{self.code}")()

    def _say_whose(self):
        """Name the people who can do what this reader can't."""
        roles = DONE_BY.get(self.code, (SYSTEM,))
        names = self.env.ref(roles[0]).sudo().name
        people = self._holders(self.sudo().setup_id, roles[0])
        if not people:
            return self.env._(
                "This is done by a user with the role “%s”. Nobody has it yet: assign it "
                "in the table of roles.",
                names,
            )
        return self.env._(
            "This is done by a user with the role “%(role)s”. Ask %(people)s.",
            role=names,
            people=", ".join(people.mapped("name")[:NAMED]),
        )

    # ------------------------------------------------------------ business
    @api.model
    def _run(self, setup):
        """Add the rows of items that have none, and look everything up again.

        :param setup: nka.setup, one
        """
        items = self.sudo().search([("setup_id", "=", setup.id)])
        known = set(items.mapped("code"))
        self.sudo()._unlocked().create(
            [
                {"setup_id": setup.id, "sequence": sequence, "code": code}
                for sequence, (code, _label) in enumerate(CODES, 1)
                if code not in known
            ]
        )
        items.invalidate_model()
        setup.invalidate_recordset()

    @api.model
    def _holders(self, setup, role):
        return self.env["res.users"].sudo()._nka_holders(role, setup.company_id)

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
        domain = [("resource_calendar_id", "!=", False)]
        missing = managers - self._employees(setup, managers, *domain).user_id
        step = "" if managers else "managers"
        return bool(managers) and not missing, missing, step

    def _find_contracts(self, setup):
        """Managers whose employee has no contract on a day of the first month."""
        managers = self._holders(setup, MANAGER)
        employees = self._employees(setup, managers)
        paid = paying_versions(employees, setup.first_month, setup.company_id)
        missing = employees.filtered(lambda employee: employee.id not in paid)
        step = "" if employees else "contracts_managers"
        return bool(employees) and not missing, missing, step

    def _find_seasons(self, setup):
        season = self._season(setup)
        return bool(season), season

    def _find_accounts(self, setup):
        """Confirmed accounts; while some wait for it, those that wait."""
        waiting = self._accounts(setup, ("state", "=", "candidate"))
        confirmed = self._accounts(setup, ("state", "=", "key"))
        step = "accounts_nominated" if waiting else ""
        return bool(confirmed) and not waiting, waiting or confirmed, step

    def _find_owners(self, setup):
        """Accounts whose owner begins after the first day of the first month."""
        confirmed = self._accounts(setup, ("state", "=", "key"))
        late = confirmed.filtered(
            lambda account: (
                account.date_start and account.date_start > setup.first_month
            )
        )
        step = "" if confirmed else "owners_accounts"
        return bool(confirmed) and not late, late, step

    def _find_plan(self, setup):
        versions = setup._plan_versions()
        by_state = versions.grouped("state")
        approved = by_state.get("approved", versions.browse())
        in_time = approved.filtered(
            lambda version: version.date_start <= setup.first_month
        )
        if in_time or approved:
            return bool(in_time), in_time or approved, "plan_late"
        submitted = by_state.get("submitted", versions.browse())
        if submitted:
            return False, submitted, "plan_submitted"
        return False, versions, "plan" if versions else "plan_none"

    def _find_agreements(self, setup):
        """Managers of accounts without an accepted agreement in the first month."""
        managers = self._accounts(setup, ("state", "in", ("candidate", "key")))
        managers = managers.manager_id
        agreements = self._agreements(setup)
        agreed = agreements.filtered(lambda row: row.state in ("accepted", "ended"))
        missing = managers - agreed.user_id
        step = "" if managers else "agreements_accounts"
        if missing and not missing - agreements.user_id:
            step = "agreements_proposed"
        return bool(managers) and not missing, missing, step

    def _find_openings(self, setup):
        """Needed only where the first month isn't the first of a half-year."""
        half_year = setup.company_id.sudo()._nka_years().half_year(setup.first_month)
        openings = self.env["nka.pay.opening"].sudo()
        found = openings.search(
            [("company_id", "=", setup.company_id.id), ("state", "=", "approved")]
        )
        begun = half_year == setup.first_month or self._close(setup).state == "locked"
        return begun or bool(found), found

    def _find_goals(self, setup):
        """Goals of the season; while some wait for acceptance, those that wait."""
        agreements = self._agreements(setup)
        goals = self._season(setup).goal_ids
        if not agreements:
            return False, goals, "goals_agreements"
        missing = agreements.employee_id - goals.employee_id
        drafts = goals.filtered(lambda goal: goal.state == "draft")
        if missing or drafts:
            return False, drafts
        waiting = goals.filtered(lambda goal: goal.state == "proposed")
        return not waiting, waiting or goals, "goals_proposed"

    def _find_entry(self, setup):
        company = setup.company_id.sudo()
        return all(company[name] for name in NEEDED), company[:0]

    def _find_mail(self, _setup):
        servers = self.env["ir.mail_server"].sudo().search([])
        return bool(servers), servers

    def _find_pdf(self, setup):
        state = self.env["ir.actions.report"].get_wkhtmltopdf_state()
        return state in ("ok", "workers"), setup[:0]

    def _find_closed(self, setup):
        close = self._close(setup)
        if close.state in ("calculated", "approved"):
            return False, close, f"closed_{close.state}"
        last_day = fields.Date.end_of(setup.first_month, "month")
        is_over = last_day < fields.Date.context_today(self)
        return close.state == "locked", close, "" if is_over else "closed_later"

    # ------------------------------------------------------------ records
    @api.model
    def _employees(self, setup, users, *domain):
        employees = self.env["hr.employee"].sudo()
        company = ("company_id", "=", setup.company_id.id)
        return employees.search([("user_id", "in", users.ids), company, *domain])

    @api.model
    def _accounts(self, setup, *domain):
        accounts = self.env["nka.key.account"].sudo()
        return accounts.search([("company_id", "=", setup.company_id.id), *domain])

    @api.model
    def _season(self, setup):
        seasons = self.env["nka.season"].sudo()
        return seasons._season_on(setup.first_month, setup.company_id)

    @api.model
    def _agreements(self, setup):
        """Return the agreements of the first month that aren't drafts."""
        agreements = self.env["nka.pay.agreement"].sudo()
        last = fields.Date.end_of(setup.first_month, "month")
        return agreements.search(
            agreements._domain_days(setup.first_month, last)
            & Domain("company_id", "=", setup.company_id.id)
            & Domain("state", "!=", "draft")
        )

    @api.model
    def _close(self, setup):
        closes = self.env["nka.month.close"].sudo()
        return closes.search(
            [
                ("company_id", "=", setup.company_id.id),
                ("month", "=", setup.first_month),
            ]
        )

    # ------------------------------------------------------------ where it is done
    def _open_roles(self):
        """Open the table of roles as a page of its own."""
        domain = [("setup_id", "=", self.setup_id.id)]
        return open_action(self.env, "nka_setup_person_action", domain=domain)

    def _open_officers(self):
        return self._open_roles()

    def _open_supervisors(self):
        return self._open_roles()

    def _open_admins(self):
        return self._open_roles()

    def _open_employees(self):
        """Open the managers who lack an employee, else the company's employees."""
        setup = self.setup_id
        missing = self._find().records
        without = missing - self._employees(setup, missing).user_id
        if not missing:
            return self._open_roles()
        if without:
            return open_records(without.with_env(self.env), self.env._("Users"))
        return self._open_employee_list(self._employees(setup, missing))

    def _open_contracts(self):
        return self._open_employee_list(self._find().records)

    def _open_employee_list(self, employees):
        domain = [("company_id", "=", self.setup_id.company_id.id)]
        if employees:
            domain.append(("id", "in", employees.ids))
        return open_list(self.env, "hr.employee", domain, self.env._("Employees"))

    def _open_plan(self):
        """Open the version that waits for the next step; the plans if there is none."""
        version = self._find().records[:1]
        if not version:
            return open_action(self.env, "nka_pay_plan_action")
        return open_records(version.with_env(self.env))

    def _open_seasons(self):
        return open_action(self.env, "nka_season_action")

    def _open_accounts(self):
        return self.env["nka.takeover.line"].action_open_takeover()

    def _open_owners(self):
        domain = [("id", "in", self._find().records.ids)]
        return open_action(self.env, "nka_key_account_action", domain=domain)

    def _open_agreements(self):
        if self.env.user.has_group(PAYROLL_OFFICER):
            return self.env["nka.setup.agreement"].action_open_agreements()
        return open_action(self.env, "nka_pay_agreement_action")

    def _open_openings(self):
        return open_action(self.env, "nka_pay_opening_action")

    def _open_goals(self):
        """Open the goals of the season; supervisors get the missing ones as drafts."""
        season = self._season(self.setup_id).with_env(self.env)
        if not season:
            return open_action(self.env, "nka_season_action")
        drafting = self.env.user.has_group(SUPERVISOR) and season.state != "frozen"
        return season.action_propose_goals() if drafting else season.action_open_goals()

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

    def _open_closed(self):
        """Open the first month; a new page for it if there is none yet."""
        close = self._close(self.setup_id)
        context = {"default_month": fields.Date.to_string(self.setup_id.first_month)}
        return open_action(
            self.env,
            "nka_month_close_action",
            views=[(False, "form")],
            view_mode="form",
            res_id=close.id,
            context=context,
        )
