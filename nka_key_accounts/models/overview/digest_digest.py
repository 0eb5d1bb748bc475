from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..facts import contacts, sales
from ..trail.roles import ADMIN, DIRECTOR, MANAGER, SUPERVISOR

READERS = f"{MANAGER},{SUPERVISOR},{DIRECTOR},{ADMIN}"


class DigestDigest(models.Model):
    """Figures of key accounts in Odoo's digest mails.

    Each recipient gets the figures of the accounts they can read. Users without a key
    account role don't get them: Odoo excludes what raises an access error.
    """

    _inherit = "digest.digest"

    kpi_nka_revenue = fields.Boolean("Key accounts: invoiced")
    kpi_nka_revenue_value = fields.Monetary(compute="_compute_kpi_nka_revenue_value")
    kpi_nka_contacts = fields.Boolean("Key accounts: clients contacted")
    kpi_nka_contacts_value = fields.Integer(compute="_compute_kpi_nka_contacts_value")
    kpi_nka_documents = fields.Boolean("Key accounts: documents awaiting approval")
    kpi_nka_documents_value = fields.Integer(compute="_compute_kpi_nka_documents_value")
    kpi_nka_overdue = fields.Boolean("Key accounts: overdue amount")
    kpi_nka_overdue_value = fields.Monetary(compute="_compute_kpi_nka_overdue_value")

    # ------------------------------------------------------------ compute
    def _compute_kpi_nka_revenue_value(self):
        """Sum up what was invoiced on the days of the period."""
        first, last = self._nka_days()
        self._nka_set(
            "kpi_nka_revenue_value",
            sales.revenue_sql("account", first - timedelta(days=1), last),
        )

    def _compute_kpi_nka_contacts_value(self):
        """Count the accounts with a contact in the period."""
        accounts = self.env["nka.key.account"]
        contact = contacts.last_sql(accounts, "account", self._nka_days())
        self._nka_set("kpi_nka_contacts_value", SQL("(%s IS NOT NULL)::int", contact))

    def _compute_kpi_nka_documents_value(self):
        """Count the documents that waited for approval when the period ended."""
        self._nka_set(
            "kpi_nka_documents_value",
            SQL(
                """(SELECT COUNT(*) FROM nka_document document
                      JOIN nka_document_review review
                        ON review.document_id = document.id
                     WHERE document.key_account_id = account.id
                       AND review.submit_date < %(end)s
                       AND (review.verdict_date IS NULL
                            OR review.verdict_date >= %(end)s))""",
                end=self._nka_period()[1],
            ),
        )

    def _compute_kpi_nka_overdue_value(self):
        """Sum up what is overdue today; a past amount can't be told."""
        accounts = self.env["nka.key.account"]
        self._nka_set("kpi_nka_overdue_value", accounts._sql_overdue_amount("account"))

    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        menu = self.env.ref("nka_key_accounts.menu_nka_root").id
        opened = f"nka_key_accounts.nka_key_account_action?menu_id={menu}"
        names = ("revenue", "contacts", "documents", "overdue")
        return actions | {f"kpi_nka_{name}": opened for name in names}

    # ------------------------------------------------------------ business
    @api.model
    def _nka_period(self):
        """Return start and end of the digest's period, in UTC."""
        start, end, _companies = self._get_kpi_compute_parameters()
        now = fields.Datetime.now()
        start = fields.Datetime.to_datetime(start) or now - timedelta(days=1)
        return start, fields.Datetime.to_datetime(end) or now

    @api.model
    def _nka_days(self):
        """Return the first and the last day of the period.

        A period of whole days ends today or earlier; its first day is excluded, so that
        successive periods don't count a day twice.
        """
        start, end = (
            fields.Datetime.context_timestamp(self, moment).date()
            for moment in self._nka_period()
        )
        return start + timedelta(days=1), end

    def _nka_set(self, fname, expression):
        """Set a field to the sum of an expression over the accounts of each company.

        :param str fname: field of the digest
        :param SQL expression: over the account row ``account``
        :raise AccessError: for users without a role that reads accounts
        """
        if not self.env.user.has_groups(READERS):
            raise AccessError(
                self.env._("Key account figures are only for users with such a role.")
            )
        for digest in self:
            company = digest.company_id or self.env.company
            accounts = self.env["nka.key.account"].search(
                [("state", "=", "key"), ("company_id", "=", company.id)]
            )
            digest[fname] = accounts._nka_sum(expression) if accounts else 0.0
