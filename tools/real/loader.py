"""Maps the records of a source to Odoo's own and brings them in by `load()`, as an import on the screen does.

Every record has an external id, and one that is there already is left as it is: a second load adds
what is new, and a load that was cut short is completed.
"""

from datetime import datetime, time

from odoo.tools import SQL, split_every

MODULE = "nka_real"
ADDON = "nka_key_accounts"
CURRENCY = "USD"
BATCH = 250
# Nobody is told about 8,800 deals of years ago or asked to review them, and history gets no history.
QUIET = {
    "tracking_disable": True,
    "mail_create_nosubscribe": True,
    "mail_auto_subscribe_no_notify": True,
    "mail_notify_force_send": False,
    "mail_activity_automation_skip": True,
    "no_reset_password": True,
}
AGENT = f"sales_team.group_sale_salesman,{ADDON}.group_key_account_manager"
LEADS = "sales_team.group_sale_salesman_all_leads"
SUPERVISOR = f"{LEADS},{ADDON}.group_key_account_supervisor"


class CompanyError(Exception):
    """The company can't take the sales; the message says why."""


class Loader:
    """Brings one source into one database.

    :param env: environment of a user who may create everything.
    :param Source source: what was read.
    :param keep: called when a batch is whole; a program commits here.
    """

    def __init__(self, env, source, keep):
        # What happens today, unlike the deals of years ago, is told as ever.
        self.today = env
        self.env = env(context={**env.context, **QUIET, "noupdate": True, "tz": "UTC"})
        self.source, self.keep = source, keep
        self.refused = []

    def run(self):
        """Load everything; what Odoo refuses is left out and told in `refused`.

        :raises CompanyError: when the company has entries in another currency.
        """
        source, company = self.source, self.env.company.id
        products, deals = source.products.values(), source.deals.values()
        prepare_company(self.env)
        # Odoo has no stage for lost deals: they stay in Engaging and are archived.
        self.load("crm.stage", map(self._named("stage"), ("Prospecting", "Engaging")))
        self.load("res.users", self._users(), default_company_ids=[company])
        self.load("crm.team", self._teams())
        self.load("res.partner.industry", self._new_sectors())
        self.load("res.partner", self._clients(), default_is_company=True)
        series = dict.fromkeys(product.series for product in products if product.series)
        self.load("product.category", map(self._named("series"), series))
        self.load("product.product", self._products(), default_type="service")
        for stage in ("Prospecting", "Engaging", "Won", "Lost"):
            leads = (self._lead(deal) for deal in deals if deal.stage == stage)
            self.load("crm.lead", leads, default_type="opportunity")
        self._backdate()
        invoices = map(self._invoice, source.billable)
        self.load("account.move", invoices, default_move_type="out_invoice")
        drafts = self.records("account.move").filtered(lambda m: m.state == "draft")
        for moves in split_every(BATCH, drafts.ids, drafts.browse):
            moves.action_post()
            self._keep()

    def load(self, model, rows, **defaults):
        """Bring in the records that aren't there yet.

        :param rows: dictionaries by the columns of an import, all with the same columns.
        :param defaults: what no column says.
        """
        known = self.ids(model)
        rows = [row for row in rows if row["id"] not in known]
        records, brought = self.env[model].with_context(**defaults), 0
        for batch in split_every(BATCH, rows, list):
            while batch and not self._loaded(records, batch):
                pass
            brought += len(batch)
            self._keep()
        if rows:
            print(f"  {model}: {brought:,} of {len(rows):,} new ones", flush=True)

    def _loaded(self, records, batch):
        """Whether Odoo took a batch, which is all or nothing: the rows it refuses are taken out of it."""
        matrix = [list(map(str, row.values())) for row in batch]
        messages = records.load(list(batch[0]), matrix)["messages"]
        errors = {m["record"]: m["message"] for m in messages if m["type"] == "error"}
        for number in sorted(errors, reverse=True):
            self.refused.append(f"{batch.pop(number)['id']}: {errors[number]}")
        return not errors

    def _keep(self):
        # The cache would grow with every batch and slow the next one.
        self.env.flush_all()
        self.keep()
        self.env.invalidate_all()

    def ids(self, model):
        """Record ids by external id, of what this loader has brought."""
        domain = [("module", "=", MODULE), ("model", "=", model)]
        rows = self.env["ir.model.data"].search_read(domain, ["name", "res_id"])
        return {f"{MODULE}.{row['name']}": row["res_id"] for row in rows}

    def records(self, model):
        """All records of a model that this loader has brought, archived ones included."""
        records = self.env[model].with_context(active_test=False)
        return records.browse(sorted(self.ids(model).values())).exists()

    @staticmethod
    def _named(kind):
        return lambda name: {"id": xid(kind, name), "name": name}

    def _users(self):
        """One user per person: an agent who also leads others gets both sets of groups."""
        agents, managers = self.source.agents, self.source.managers
        names = {key: agent.name for key, agent in agents.items()}
        for key, name in {**managers, **names}.items():
            login = f"{'.'.join(name.casefold().split())}@example.com"
            groups = [AGENT] * (key in agents) + [SUPERVISOR] * (key in managers)
            user = {"id": xid("user", key), "name": name, "login": login}
            yield {**user, "email": login, "group_ids/id": ",".join(groups)}

    def _teams(self):
        for manager, name in self.source.managers.items():
            agents = self.source.agents.items()
            team = {key: agent for key, agent in agents if agent.manager == manager}
            office = next((agent.office for agent in team.values()), "")
            yield {
                "id": xid("team", manager),
                "name": " · ".join(filter(None, (office, name))),
                "user_id/id": xid("user", manager),
                "member_ids/id": ",".join(xid("user", key) for key in team),
            }

    def _industries(self):
        found = self.env["res.partner.industry"].search([])
        return {industry.name.casefold(): industry.id for industry in found}

    def _new_sectors(self):
        """An industry that has the sector's name already serves."""
        sectors = {client.sector for client in self.source.clients.values()} - {""}
        for sector in sorted(sectors - self._industries().keys()):
            yield {"id": xid("sector", sector), "name": sector.capitalize()}

    def _clients(self):
        """Parents before their subsidiaries."""
        clients, industries = self.source.clients, self._industries()
        codes = {c.code: c.id for c in self.env["res.country"].search([])}

        def depth(key):
            return 1 + depth(clients[key].parent) if key else 0

        for key in sorted(clients, key=depth):
            client = clients[key]
            yield {
                "id": xid("client", key),
                "name": client.name,
                # Of type "contact" a subsidiary would take over its parent's country.
                "type": "other" if client.parent else "contact",
                "parent_id/id": xid("client", client.parent),
                "industry_id/.id": industries.get(client.sector, ""),
                "country_id/.id": codes.get(client.country, ""),
                "comment": client.figures,
                "customer_rank": 1,
            }

    def _products(self):
        for key, product in self.source.products.items():
            series = xid("series", product.series)
            yield {
                "id": xid("product", key),
                "name": product.name,
                "list_price": product.price,
                "categ_id/id": series or "product.product_category_services",
                # The source knows no taxes: what an invoice totals is the close value.
                "taxes_id": "",
                "supplier_taxes_id": "",
            }

    def _lead(self, deal):
        product = self.source.products.get(deal.product)
        client = self.source.clients.get(deal.client)
        won = deal.stage == "Won"
        stage = xid("stage", "Engaging" if deal.stage == "Lost" else deal.stage)
        row = {
            "id": xid("deal", deal.key),
            "name": f"{product.name if product else 'Deal'} ({deal.key})",
            "partner_id/id": xid("client", deal.client),
            # Odoo would write the parent's name on a subsidiary's deal.
            "partner_name": client.name if client else "",
            **self._seller(deal, "user_id"),
            # What a won deal brought, or any other would bring at list price.
            "expected_revenue": (deal.value if won else product and product.price) or 0,
            "stage_id/id": "crm.stage_lead4" if won else stage,
            "date_open": _noon(deal.engaged),
            "date_closed": _noon(deal.closed),
            "date_deadline": deal.closed or "",
        }
        if deal.stage not in ("Won", "Lost"):
            return row
        odds = "100" if won else "0"
        row |= {"probability": odds, "automated_probability": odds}
        return row | {"active": "1" if won else "0"}

    def _seller(self, deal, user):
        agent = self.source.agents.get(deal.agent)
        team = xid("team", agent.manager) if agent else ""
        return {f"{user}/id": xid("user", deal.agent), "team_id/id": team}

    def _backdate(self):
        """Let a deal begin on the day it was engaged; a prospect was on no day, so it begins with the load.

        Days to close count from `create_date`, which the ORM keeps to itself.
        """
        leads = self.records("crm.lead").filtered(
            lambda lead: lead.date_open and lead.create_date != lead.date_open
        )
        if leads:
            statement = "UPDATE crm_lead SET create_date = date_open WHERE id IN %s"
            self.env.cr.execute(SQL(statement, leads._ids))
            leads.invalidate_recordset(["create_date"])
            leads.modified(["create_date"])
            self._keep()

    def _invoice(self, deal):
        line = {
            "product_id/id": xid("product", deal.product),
            "name": deal.key,
            "quantity": 1,
            "price_unit": deal.value,
            "tax_ids": "",
        }
        return {
            "id": xid("invoice", deal.key),
            "partner_id/id": xid("client", deal.client),
            **self._seller(deal, "invoice_user_id"),
            "invoice_date": deal.closed,
            "invoice_date_due": deal.closed,
            "invoice_origin": deal.key,
            **{f"invoice_line_ids/{name}": line[name] for name in line},
        }


def xid(kind, key):
    """The external id of a record, or empty when the source names none."""
    return f"{MODULE}.{kind}_{key}" if key else ""


def _noon(day):
    # Midnight would be the day before in half of the world.
    return datetime.combine(day, time(12)) if day else ""


def prepare_company(env):
    """Make the current company keep its books in dollars and have accounts to post to.

    :raises CompanyError: when it already has entries in another currency.
    """
    company = env.company
    currencies = env["res.currency"].with_context(active_test=False)
    currency = currencies.search([("name", "=", CURRENCY)])
    currency.active = True
    if company.currency_id != currency:
        ours = [("company_id", "=", company.id)]
        if env["account.move"].search_count(ours, limit=1):
            raise CompanyError(
                f"{company.name} already has entries in {company.currency_id.name}; "
                f"the sales are in {CURRENCY}. Load them into a database of their own."
            )
        company.currency_id = currency
    if not company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company)
