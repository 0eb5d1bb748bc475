"""The company in which colleagues act, the same with and without the addon.

All records exist twice: for a client that the addon protects if it is installed, and
for another client that isn't a key account.
"""

from types import SimpleNamespace

from odoo import Command, fields

from ...common import new_user, qualify

#: Groups by role. The last two aren't employees: a portal user and a visitor.
ROLES = {
    "salesperson": ("sales_team.group_sale_salesman",),
    "all documents": ("sales_team.group_sale_salesman_all_leads",),
    "sales admin": ("sales_team.group_sale_manager", "base.group_partner_manager"),
    "accountant": ("account.group_account_manager",),
    "invoicing": ("account.group_account_invoice",),
    "hr": ("hr.group_hr_manager", "hr_holidays.group_hr_holidays_manager"),
    "payroll": ("hr.group_hr_user", "payroll.group_payroll_user"),
    "payroll manager": ("hr.group_hr_user", "payroll.group_payroll_manager"),
    "internal": ("base.group_user",),
    "odoo admin": ("base.group_system", "base.group_partner_manager"),
    "portal": ("base.group_portal",),
    "visitor": ("base.group_public",),
}
SELLERS = ("salesperson", "all documents", "sales admin")
OUTSIDE = ("portal", "visitor")
#: People named in a refusal: the account's manager and the supervisors.
HELPERS = ("Maria Manager", "Susan Supervisor", "Stephen Supervisor")


def has_addon(env):
    return "nka.key.account" in env


class World:
    """Users by role, and the two sides ``key`` and ``other``."""

    def __init__(self, env):
        self.env = env
        self.users = {
            role: self._new_user(role, names) for role, names in ROLES.items()
        }
        self.maria = self._new_colleague(HELPERS[0], "manager")
        self.susan = self._new_colleague(HELPERS[1], "supervisor")
        self.stephen = self._new_colleague(HELPERS[2], "supervisor")
        self.mate = new_user(
            env, "mate", "sales_team.group_sale_salesman", name="Another Salesperson"
        )
        sellers = [self.users[role] for role in SELLERS] + [self.maria, self.mate]
        self.team = env["crm.team"].create(
            {
                "name": "Paired team",
                "member_ids": [Command.set([user.id for user in sellers])],
            }
        )
        self.stages = env["crm.stage"].search([("team_ids", "=", False)])
        self.won = self.stages.filtered("is_won")[:1]
        self.product = env["product.product"].create(
            {"name": "Film", "list_price": 100, "taxes_id": False, "type": "consu"}
        )
        self.pricelist = env["product.pricelist"].create(
            {
                "name": "Contract prices",
                "item_ids": [
                    Command.create({"compute_price": "percentage", "percent_price": 40})
                ],
            }
        )
        category = env["hr.salary.rule.category"].search([], limit=1)
        self.rule = env["hr.salary.rule"].create(
            {"name": "Meals", "code": "PAIRED", "category_id": category.id}
        )
        self.lost_reason = env["crm.lost.reason"].create({"name": "Too dear"})
        self.free = self._new_client("Stranger")
        self.key = self._new_side("Northwind")
        self.other = self._new_side("Southwind")

    def _new_user(self, role, groups):
        kinds = list(groups)
        if role not in OUTSIDE:
            kinds.append("base.group_allow_export")
        login = "paired_" + role.replace(" ", "_")
        return new_user(
            self.env,
            login,
            ",".join(kinds),
            name=f"Role {role}",
            email=f"{login}@we.example",
        )

    def _new_colleague(self, name, role):
        groups = ["sales_team.group_sale_salesman"]
        if has_addon(self.env):
            groups.append(f"nka_key_accounts.group_key_account_{role}")
        login = name.lower().replace(" ", "_")
        return new_user(
            self.env, login, ",".join(groups), name=name, email=f"{login}@we.example"
        )

    def _new_client(self, name, **vals):
        values = {"name": name, "is_company": True, "phone": "+1 555 0100", **vals}
        return self.env["res.partner"].create(values)

    # ------------------------------------------------------------ one side
    def _new_side(self, name):
        side = SimpleNamespace(name=name)
        env = self.env
        side.client = self._new_client(name, email=f"office@{name.lower()}.example")
        people = env["res.partner"].create(
            [
                {"name": f"{person} {name}", "parent_id": side.client.id, "email": mail}
                for person, mail in (
                    ("Ann", f"ann@{name.lower()}.example"),
                    ("Anna", f"ann@{name.lower()}.example"),
                    ("Leaver", f"ann@{name.lower()}.example"),
                )
            ]
        )
        side.person, side.twin, side.spare = people
        side.twin_client = self._new_client(f"{name} Ltd", email=side.client.email)
        if name == "Northwind" and has_addon(env):
            self._protect(side.client)
        self._add_deals(side)
        self._add_papers(side)
        self._add_employee(side)
        self._let_in(side)
        env.flush_all()
        return side

    def _protect(self, client):
        env = self.env
        # No stage requires documents here, so that salespeople can win deals.
        env["nka.document.type"].search([]).stage_ids = False
        accounts = env["nka.key.account"].with_user(self.maria)
        tier = env.ref("nka_key_accounts.nka_tier_major")
        account = accounts.create({"partner_id": client.id, "tier_id": tier.id})
        account.sudo().supervisor_id = self.susan
        qualify(account.with_user(env.user), self.stephen)
        account.with_user(self.susan).action_confirm()

    def _add_deals(self, side):
        env = self.env

        def deal(name, user, **vals):
            return {
                "name": f"{name} {side.name}",
                "type": "opportunity",
                "partner_id": side.person.id,
                "user_id": user.id,
                "team_id": self.team.id,
                "stage_id": self.stages[0].id,
                "expected_revenue": 1000,
                **vals,
            }

        leads = env["crm.lead"]
        side.mine = {
            role: leads.create(deal(f"Deal of {role}", self.users[role]))
            for role in SELLERS
        }
        side.mine_too = {
            role: leads.create(deal(f"Second deal of {role}", self.users[role]))
            for role in SELLERS
        }
        side.theirs = leads.create(deal("Deal of Maria", self.maria))
        side.lost = {
            role: leads.create(
                deal(
                    f"Lost deal of {role}",
                    self.users[role],
                    active=False,
                    probability=0,
                )
            )
            for role in SELLERS
        }
        nobody = self.env["res.users"]
        side.new = leads.create(deal("Tip", nobody, type="lead", stage_id=False))
        side.enquiry = {
            role: leads.create(
                deal(
                    f"Enquiry for {role}",
                    self.users[role],
                    type="lead",
                    email_from=side.person.email,
                )
            )
            for role in SELLERS
        }
        for lead in (*side.mine.values(), side.theirs):
            lead.message_post(body="Called", message_type="comment")
        for record in (*side.mine.values(), side.theirs, side.client):
            env["ir.attachment"].create(
                {
                    "name": "map.txt",
                    "raw": b"map",
                    "res_model": record._name,
                    "res_id": record.id,
                }
            )
        side.activity = side.theirs.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.maria.id, summary="Call"
        )
        side.my_activity = {
            role: side.mine[role].activity_schedule(
                "mail.mail_activity_data_call", user_id=self.users[role].id
            )
            for role in SELLERS
        }
        now = fields.Datetime.now()
        side.meeting = env["calendar.event"].create(
            {
                "name": f"Meeting about {side.name}",
                "user_id": self.maria.id,
                "start": now,
                "stop": now,
                "opportunity_id": side.theirs.id,
                "partner_ids": [
                    Command.set([self.maria.partner_id.id, side.person.id])
                ],
            }
        )
        side.my_meeting = {
            role: env["calendar.event"].create(
                {
                    "name": f"My meeting with {side.name}",
                    "user_id": user.id,
                    "start": now,
                    "stop": now,
                    "partner_ids": [Command.set([user.partner_id.id, side.person.id])],
                }
            )
            for role, user in self.users.items()
            if role not in OUTSIDE
        }

    def _add_papers(self, side):
        env = self.env

        def order(user, **vals):
            return env["sale.order"].create(
                {
                    "partner_id": side.client.id,
                    "user_id": user.id,
                    "team_id": self.team.id,
                    "order_line": [
                        Command.create(
                            {"product_id": self.product.id, "price_unit": 100}
                        )
                    ],
                    **vals,
                }
            )

        side.quotation = {role: order(self.users[role]) for role in SELLERS}
        side.order = {
            role: order(self.users[role], opportunity_id=side.mine[role].id)
            for role in SELLERS
        }
        for row in side.order.values():
            row.action_confirm()
        side.offer = order(self.users["salesperson"])
        side.offer.write({"state": "sent"})

        def invoice():
            return env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": side.client.id,
                    "invoice_user_id": self.users["salesperson"].id,
                    "invoice_date": fields.Date.today(),
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "Film", "price_unit": 100, "tax_ids": []}
                        )
                    ],
                }
            )

        side.draft_invoice, side.invoice = invoice(), invoice()
        side.invoice.action_post()
        side.tokens = {
            "order": side.offer._portal_ensure_token(),
            "invoice": side.invoice._portal_ensure_token(),
        }

    def _add_employee(self, side):
        """Add an employee with payslip and leave; only Maria manages key accounts."""
        env = self.env
        user = self.maria if side.name == "Northwind" else self.mate
        side.employee = env["hr.employee"].create(
            {
                "name": user.name,
                "user_id": user.id,
                "wage": 3000,
                "contract_date_start": "2024-01-01",
            }
        )
        structure = env["hr.payroll.structure"].search(
            [("code", "=", "BASE")], limit=1
        ) or env["hr.payroll.structure"].create({"name": "Base", "code": "BASE2"})
        side.structure = structure
        side.run = env["hr.payslip.run"].create(
            {
                "name": f"Batch {side.name}",
                "date_start": "2025-03-01",
                "date_end": "2025-03-31",
            }
        )
        side.slip = env["hr.payslip"].create(
            {
                "name": f"Slip {side.name}",
                "employee_id": side.employee.id,
                "date_from": "2025-03-01",
                "date_to": "2025-03-31",
                "struct_id": structure.id,
                "payslip_run_id": side.run.id,
            }
        )
        side.leave_type = env["hr.leave.type"].create(
            {"name": f"Off {side.name}", "requires_allocation": False}
        )
        side.leave = env["hr.leave"].create(
            {
                "employee_id": side.employee.id,
                "holiday_status_id": side.leave_type.id,
                "request_date_from": "2025-03-03",
                "request_date_to": "2025-03-04",
            }
        )

    def _let_in(self, side):
        """Add a portal user of the client."""
        login = f"portal_{side.name.lower()}"
        side.guest = new_user(
            self.env,
            login,
            "base.group_portal",
            name=f"Portal {side.name}",
            email=f"{login}@x.example",
        )
        side.guest.partner_id.parent_id = side.client
        side.offer.message_subscribe(side.guest.partner_id.ids)
        side.invoice.message_subscribe(side.guest.partner_id.ids)
