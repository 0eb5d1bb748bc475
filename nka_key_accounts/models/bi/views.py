"""The views that other programs read, column by column.

Each view selects from a function of the same name with ``_rows``. PostgreSQL keeps the
body of such a function as text, so no view depends on a column of another module: an
update of Odoo can change the type of any column. The function runs with the rights of
Odoo's own database user and returns the rows of the companies that the current role
was given.

A view is changed here only: functions, comments in the database and the tests of
``docs/reading-from-outside.md`` are made from these declarations.
"""

import re
from typing import NamedTuple

from ..trail.guards import Function

#: Types of columns: PostgreSQL writes them so, and files have their counterparts.
ID, TEXT, DAY, MOMENT, YES = "integer", "text", "date", "timestamptz", "boolean"
NUMBER = "numeric"
#: Decimals of shared amounts and of numbers; amounts of pay have those of the currency.
DECIMALS = 6


class Column(NamedTuple):
    """A column of a view."""

    name: str
    type: str
    #: SQL expression, on the tables of the view's ``source``.
    sql: str
    comment: str
    #: Whether it is an amount in the company's currency, which files add up.
    is_amount: bool = False


class View(NamedTuple):
    """A view for other programs."""

    #: Name without prefix; ``has_<key>`` of a grant says whether it is granted.
    key: str
    comment: str
    columns: tuple
    #: FROM clause with conditions; ``company`` is joined by ``company_id``.
    source: str
    #: Whether it shows pay, so that a director has to confirm it.
    is_pay: bool = False

    @property
    def name(self):
        return f"nka_bi_{self.key}"

    @property
    def grant_field(self):
        return f"has_{self.key}"

    def is_rounded(self, column):
        """Return whether a number was rounded to the currency when it was stored."""
        return column.is_amount and self.is_pay

    def sql(self, column):
        """Return the SQL of a column; shares of sales have up to forty decimals."""
        if column.type == NUMBER and not self.is_rounded(column):
            return f"round(({column.sql})::numeric, {DECIMALS})"
        return f"({column.sql})::{column.type}"

    def amounts(self):
        return [column.name for column in self.columns if column.is_amount]


def _amount(name, sql, comment):
    return Column(name, NUMBER, sql, comment, True)


def _company():
    return (
        Column("company_id", ID, "company.id", "Company, its id in Odoo."),
        Column("company", TEXT, "company.name", "Name of the company."),
        Column(
            "currency",
            TEXT,
            "company.currency",
            "Currency of the company and of all amounts of the row, ISO 4217 code.",
        ),
    )


def _account(table):
    return (
        Column(
            "account_id",
            ID,
            f"{table}.key_account_id",
            "Key account, as in nka_bi_account.",
        ),
        Column("client", TEXT, _CLIENT, _CLIENT_COMMENT),
    )


def _person(name, column, comment):
    """Return two columns of one of our own people: id of the user, and name."""
    alias = f"{name}_person"
    return (
        Column(f"{name}_id", ID, column, f"{comment}, id of the user."),
        Column(name, TEXT, f"{alias}.name", f"{comment}, name."),
    )


def _join_person(name, column):
    return f"LEFT JOIN person {name}_person ON {name}_person.id = {column}"


#: Persons have names that say who they are; a regime makes the list of clients secret.
_CLIENT = (
    "CASE WHEN client.is_company AND NOT company.is_secret THEN client.name::text END"
)
_CLIENT_COMMENT = (
    "Name of the client; empty if the client is a person, or if a secrecy regime is in "
    "force in the company."
)
_JOIN_CLIENT = """
      LEFT JOIN nka_key_account account ON account.id = {table}.key_account_id
      LEFT JOIN res_partner client ON client.id = account.partner_id"""
#: Texts that users translate: the source text, whatever the language of the reader.
_SOURCE_TEXT = (
    "COALESCE({0} ->> 'en_US', (SELECT MIN(value) FROM jsonb_each_text({0})))"
)


def _source_text(column):
    return _SOURCE_TEXT.format(column)


def _moment(column):
    return f"{column} AT TIME ZONE 'UTC'"


ACCOUNT = View(
    "account",
    "Key accounts and former key accounts. Not included: candidates and declined clients, "
    "contacts, notes, reasons, qualification, answers of clients.",
    (
        Column("account_id", ID, "account.id", "Key account, its id in Odoo."),
        *_company(),
        Column("client_id", ID, "account.partner_id", "Client, id of the contact."),
        Column("client", TEXT, _CLIENT, _CLIENT_COMMENT),
        Column("state", TEXT, "account.state::text", "key or former."),
        Column("tier", TEXT, _source_text("tier.name"), "Account tier, source text."),
        *_person("manager", "account.manager_id", "Key account manager"),
        *_person("deputy", "account.deputy_id", "Deputy of the manager"),
        *_person("supervisor", "account.supervisor_id", "Supervisor"),
        Column("date_start", DAY, "account.date_start", "Key account since."),
        Column("date_end", DAY, "account.date_end", "Key account until."),
        Column("health", ID, "account.health", "Health score, 0 to 100."),
    ),
    f"""nka_key_account account
      JOIN company ON company.id = account.company_id
      LEFT JOIN res_partner client ON client.id = account.partner_id
      LEFT JOIN nka_tier tier ON tier.id = account.tier_id
      {_join_person("manager", "account.manager_id")}
      {_join_person("deputy", "account.deputy_id")}
      {_join_person("supervisor", "account.supervisor_id")}
     WHERE account.state IN ('key', 'former')""",
)

SALE = View(
    "sale",
    "Sales to key accounts by account, month, manager at the time and product category, "
    "as of the last nightly update. Shared amounts have six decimals. Not included: costs and margins, single invoices and "
    "orders, sales to candidates and declined clients.",
    (
        Column("sale_id", ID, "sale.id", "Row; its id can change at each update."),
        *_company(),
        *_account("sale"),
        Column("month", DAY, "sale.month", "First day of the month."),
        *_person("manager", "sale.user_id", "Manager at the time"),
        Column("category_id", ID, "sale.categ_id", "Product category, its id in Odoo."),
        Column("category", TEXT, "category.complete_name::text", "Product category."),
        _amount("invoiced", "sale.invoiced_amount", "Invoiced, less credit notes."),
        _amount(
            "invoiced_before",
            "sale.invoiced_before",
            "Invoiced in the same period one year earlier.",
        ),
        _amount(
            "comparable",
            "sale.comparable_amount",
            "Part of the invoiced amount that can be compared with one year earlier.",
        ),
        _amount("ordered", "sale.ordered_amount", "Confirmed orders."),
        _amount(
            "ordered_before",
            "sale.ordered_before",
            "Confirmed orders in the same period one year earlier.",
        ),
        Column(
            "invoices",
            NUMBER,
            "sale.invoice_count",
            "Number of invoices; parts of one if several managers or categories share "
            "it.",
        ),
        Column("orders", NUMBER, "sale.order_count", "Number of orders, likewise."),
    ),
    f"""nka_sales_history sale
      JOIN company ON company.id = sale.company_id
      {_JOIN_CLIENT.format(table="sale")}
      LEFT JOIN product_category category ON category.id = sale.categ_id
      {_join_person("manager", "sale.user_id")}
     WHERE account.state IN ('key', 'former')""",
)

CREDIT = View(
    "credit",
    "Sales credits, the entries of the ledger from which bonus is calculated. Entries "
    "are never changed; a correction is another entry. Not included: numbers and texts of "
    "invoices and payments, bank data.",
    (
        Column("credit_id", ID, "credit.id", "Entry of the ledger."),
        *_company(),
        *_person("manager", "credit.user_id", "Whom it is credited to"),
        *_account("credit"),
        Column("date", DAY, "credit.date", "Day on which the amount counts."),
        Column(
            "event_date",
            DAY,
            "credit.event_date",
            "Day of the payment or invoice when the entry was written.",
        ),
        Column("basis", TEXT, "credit.basis::text", "paid or invoiced."),
        Column(
            "kind",
            TEXT,
            "credit.kind::text",
            "payment, refund, invoice or credit_note.",
        ),
        Column(
            "reason",
            TEXT,
            "credit.reason::text",
            "Why the entry was written: event, late, undone, moved or changed.",
        ),
        Column("invoice_id", ID, "credit.move_ref", "Invoice, its id in Odoo."),
        Column(
            "corrects_id", ID, "credit.corrects_id", "Entry that this one corrects."
        ),
        _amount("amount", "credit.amount", "Sales credit."),
        Column(
            "is_locked",
            YES,
            """EXISTS (SELECT FROM nka_month_close month
                        WHERE month.company_id = credit.company_id
                          AND month.month = date_trunc('month', credit.date)::date
                          AND month.state = 'locked')""",
            "Whether the month of the day is locked.",
        ),
    ),
    f"""nka_bonus_line credit
      JOIN company ON company.id = credit.company_id
      {_JOIN_CLIENT.format(table="credit")}
      {_join_person("manager", "credit.user_id")}""",
    True,
)

STATEMENT = View(
    "statement",
    "Statements of locked months, one row per employee and month, with the parts of pay. "
    "Not included: months that aren't locked, lines, disputes, work reports, days off, bank "
    "data, payslips.",
    (
        Column("statement_id", ID, "statement.id", "Statement, its id in Odoo."),
        *_company(),
        Column("month", DAY, "statement.month", "First day of the month."),
        Column("employee_id", ID, "statement.employee_id", "Employee, id in Odoo."),
        Column("employee", TEXT, "employee.name::text", "Name of the employee."),
        Column("user_id", ID, "statement.user_id", "Employee, id of the user."),
        Column("revision", ID, "statement.revision", "Revision of the locked month."),
        Column("locked_on", MOMENT, _moment("month.locked_date"), "Locked on."),
        Column("paid_on", DAY, "month.paid_date", "Paid on; empty until then."),
        _amount("fixed", "statement.fixed_amount", "Fixed pay."),
        _amount("soft", "statement.soft_amount", "Goal pay."),
        _amount("bonus", "statement.bonus_amount", "Bonus."),
        _amount("draw", "statement.carry_amount", "Draw paid or recovered."),
        _amount(
            "retro",
            "statement.retro_amount",
            "Released held pay, and clawbacks for earlier half-years.",
        ),
        _amount("total", "statement.total_amount", "Total of the statement."),
        _amount("held", "statement.held_amount", "Fixed pay held; not in the total."),
        _amount("credits", "statement.credit_amount", "Sales credits of the month."),
        _amount("balance", "statement.balance", "Draw balance after the month."),
    ),
    """nka_pay_statement statement
      JOIN company ON company.id = statement.company_id
      JOIN nka_month_close month ON month.id = statement.close_id
       AND month.state = 'locked'
      LEFT JOIN hr_employee employee ON employee.id = statement.employee_id
     WHERE statement.state = 'locked'""",
    True,
)

GOAL = View(
    "goal",
    "Goals that were accepted, with what was reached. Not included: goals that are still "
    "drafted or proposed, reasons of decisions, evidence.",
    (
        Column("goal_id", ID, "goal.id", "Goal, its id in Odoo."),
        *_company(),
        Column("season_id", ID, "goal.season_id", "Season, its id in Odoo."),
        Column("season", TEXT, "season.name::text", "Season."),
        Column("date_start", DAY, "season.date_start", "First day of the season."),
        Column("date_end", DAY, "season.date_end", "Last day of the season."),
        Column("employee_id", ID, "goal.employee_id", "Employee, id in Odoo."),
        Column("employee", TEXT, "employee.name::text", "Name of the employee."),
        Column("kpi_id", ID, "goal.kpi_id", "KPI, its id in Odoo."),
        Column("kpi", TEXT, _source_text("kpi.name"), "KPI, source text."),
        Column("state", TEXT, "goal.state::text", "accepted or frozen."),
        Column("weight", NUMBER, "goal.weight", "Weight in percent of goal pay."),
        Column("target", NUMBER, "goal.target", "Target, in the unit of the KPI."),
        Column(
            "actual",
            NUMBER,
            "CASE WHEN goal.is_measured THEN goal.actual END",
            "Reached value; empty until it is measured.",
        ),
        Column(
            "attainment",
            NUMBER,
            "CASE WHEN goal.is_measured THEN goal.attainment END",
            "Attainment in percent; empty until it is measured.",
        ),
    ),
    """nka_season_goal goal
      JOIN company ON company.id = goal.company_id
      JOIN nka_season season ON season.id = goal.season_id
      LEFT JOIN nka_kpi kpi ON kpi.id = goal.kpi_id
      LEFT JOIN hr_employee employee ON employee.id = goal.employee_id
     WHERE goal.state IN ('accepted', 'frozen')""",
    True,
)

DOCUMENT = View(
    "document",
    "Documents since their submission: types, people, days and states. Not included: drafts, "
    "titles, descriptions, files and their contents, findings, amounts of deals.",
    (
        Column("document_id", ID, "document.id", "Document, its id in Odoo."),
        *_company(),
        Column("number", TEXT, "document.name::text", "Number of the document."),
        Column("revision", ID, "document.revision", "Revision of the document."),
        Column("type_code", TEXT, "type.code::text", "Code of the document type."),
        Column("type", TEXT, _source_text("type.name"), "Document type, source text."),
        *_account("document"),
        Column("lead_id", ID, "document.lead_id", "Deal, its id in Odoo."),
        Column(
            "state",
            TEXT,
            "document.state::text",
            "submitted, returned, approved, superseded or expired.",
        ),
        *_person("author", "document.author_id", "Author"),
        *_person("reviewer", "document.reviewer_id", "Reviewer"),
        Column(
            "submitted_on", MOMENT, _moment("document.submit_date"), "Submitted on."
        ),
        Column("approved_on", MOMENT, _moment("document.approve_date"), "Approved on."),
        Column("deadline", DAY, "document.deadline", "Day by which it is due."),
        Column("valid_until", DAY, "document.valid_until", "Last day of validity."),
    ),
    f"""nka_document document
      JOIN company ON company.id = document.company_id
      {_JOIN_CLIENT.format(table="document")}
      LEFT JOIN nka_document_type type ON type.id = document.type_id
      {_join_person("author", "document.author_id")}
      {_join_person("reviewer", "document.reviewer_id")}
     WHERE document.state != 'draft'""",
)

VIEWS = (ACCOUNT, SALE, CREDIT, STATEMENT, GOAL, DOCUMENT)

#: The companies that the current role was given a view of. Odoo's own database user,
#: which writes the nightly files, gets all of them. A role that was renamed, or dropped
#: and created again, gets none: its number or its name differs.
_COMPANIES = """
CREATE OR REPLACE FUNCTION nka_bi_companies(asked text) RETURNS SETOF integer AS $$
    SELECT company.id FROM res_company company WHERE session_user = current_user
     UNION
    SELECT permit.company_id
      FROM nka_bi_grant permit
      JOIN pg_roles role ON role.rolname = permit.role
       AND role.oid::text = permit.role_number
     WHERE permit.state = 'in_force' AND permit.target = 'role'
       AND to_jsonb(permit) ->> ('has_' || asked) = 'true'
       AND pg_has_role(session_user, role.oid, 'MEMBER')
$$ LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp;
"""
_ROWS = """
CREATE OR REPLACE FUNCTION {name}_rows() RETURNS TABLE ({types}) AS $$
    WITH company AS MATERIALIZED (
        SELECT company.id, company.name::text AS name, currency.name::text AS currency,
               EXISTS (SELECT FROM nka_secrecy_regime regime
                        WHERE regime.company_id = company.id
                          AND regime.state = 'in_force') AS is_secret
          FROM res_company company
          JOIN res_currency currency ON currency.id = company.currency_id
         WHERE company.id IN (SELECT nka_bi_companies('{key}'))),
    person AS (
        SELECT res_users.id, res_partner.name::text AS name
          FROM res_users JOIN res_partner ON res_partner.id = res_users.partner_id)
    SELECT {columns}
      FROM {source}
$$ LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
"""


#: Tables and functions of Odoo and of the addon in the definitions above.
_OURS = re.compile(r"\b(FROM|JOIN|SELECT)(\s+)((?:nka|res|hr|product)_\w+)")


def functions(schema):
    """Return the functions behind the views, in the order of their creation.

    Odoo's tables are named with their schema, which isn't in the search path: Odoo lets
    every role of the database create functions in it, and PostgreSQL prefers the one
    that fits best to its own. ``pg_temp`` comes last, because it is searched for tables
    first if it isn't named.

    :param str schema: schema of Odoo's tables
    :rtype: list[Function]
    """
    named = [
        Function("nka_bi_companies", _COMPANIES.strip()),
        *(_rows_function(view) for view in VIEWS),
    ]
    quoted = '"{}"'.format(schema.replace('"', '""'))
    return [
        one._replace(definition=_in_schema(quoted, one.definition)) for one in named
    ]


def _in_schema(schema, definition):
    return _OURS.sub(
        lambda found: f"{found[1]}{found[2]}{schema}.{found[3]}", definition
    )


def _rows_function(view):
    definition = _ROWS.format(
        name=view.name,
        key=view.key,
        types=", ".join(f'"{one.name}" {one.type}' for one in view.columns),
        columns=",\n           ".join(
            f'{view.sql(one)} AS "{one.name}"' for one in view.columns
        ),
        source=view.source,
    )
    return Function(f"{view.name}_rows", definition.strip())
