"""Map the records of a source to Odoo and load them with `load()`, as an import does.

Every record has an external id, and existing records are left unchanged: a second load
adds what is new and completes an interrupted one.
"""

from datetime import datetime, time

from odoo.tools import SQL, split_every

MODULE = "nka_real"
ADDON = "nka_key_accounts"
CURRENCY = "USD"
BATCH = 250
# No notifications, review activities or tracking for 8,800 deals of past years.
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
    """The company can't take the sales; the message gives the reason."""


class Loader:
    """Load one source into one database.

    :param env: environment of a user with the right to create all records.
    :param Source source: the source to load.
    :param keep: called after each complete batch; a program commits here.
    """

    def __init__(self, env, source, keep):
        # New records, unlike the deals of past years, notify users as usual.
        self.today = env
        self.env = env(context={**env.context, **QUIET, "noupdate": True, "tz": "UTC"})
        self.source, self.keep = source, keep
        self.refused = []

    def run(self):
        """Load all records; list those that Odoo refuses in `refused`.

        :raises CompanyError: if the company has entries in another currency.
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
        """Load the records that don't exist yet.

        :param rows: dictionaries by the columns of an import, all with the same
            columns.
        :param defaults: values of fields without a column.
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
        """Load a batch, which is all or nothing, and return whether Odoo accepted it.

        Rows that Odoo refuses are removed from the batch.
        """
        matrix = [list(map(str, row.values())) for row in batch]
        messages = records.load(list(batch[0]), matrix)["messages"]
        errors = {m["record"]: m["message"] for m in messages if m["type"] == "error"}
        for number in sorted(errors, reverse=True):
            self.refused.append(f"{batch.pop(number)['id']}: {errors[number]}")
        return not errors

    def _keep(self):
        # The cache would grow with every batch and slow down the next one.
        self.env.flush_all()
        self.keep()
        self.env.invalidate_all()

    def ids(self, model):
        """Return the record ids of what this loader has loaded, by external id."""
        domain = [("module", "=", MODULE), ("model", "=", model)]
        rows = self.env["ir.model.data"].search_read(domain, ["name", "res_id"])
        return {f"{MODULE}.{row['name']}": row["res_id"] for row in rows}

    def records(self, model):
        """Return the records of a model that this loader loaded, also archived ones."""
        records = self.env[model].with_context(active_test=False)
        return records.browse(sorted(self.ids(model).values())).exists()

    @staticmethod
    def _named(kind):
        return lambda name: {"id": xid(kind, name), "name": name}

    def _users(self):
        """Yield one user per person; agents who lead a team get both sets of groups."""
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
        """Yield the sectors that have no industry of the same name yet."""
        sectors = {client.sector for client in self.source.clients.values()} - {""}
        for sector in sorted(sectors - self._industries().keys()):
            yield {"id": xid("sector", sector), "name": sector.capitalize()}

    def _clients(self):
        """Yield clients, parents before their subsidiaries."""
        clients, industries = self.source.clients, self._industries()
        codes = {c.code: c.id for c in self.env["res.country"].search([])}

        def depth(key):
            return 1 + depth(clients[key].parent) if key else 0

        for key in sorted(clients, key=depth):
            client = clients[key]
            yield {
                "id": xid("client", key),
                "name": client.name,
                # With the type "contact" a subsidiary would get its parent's country.
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
                # The source has no taxes: the total of an invoice is the close value.
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
            # The amount of a won deal; other deals have the list price.
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
        """Set the creation date of a deal to the day it was engaged.

        Prospects have no such day and keep the date of the load. Days to close are
        counted from `create_date`, which the ORM doesn't let callers write.
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
    """Return the external id of a record, or an empty text if the source names none."""
    return f"{MODULE}.{kind}_{key}" if key else ""


def _noon(day):
    # Midnight would be the previous day in half of the world.
    return datetime.combine(day, time(12)) if day else ""


def prepare_company(env):
    """Set the current company's currency to dollars and load a chart of accounts.

    :raises CompanyError: if it already has entries in another currency.
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
