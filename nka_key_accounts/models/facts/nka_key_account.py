from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, ormcache

from . import calendars, companies, contacts, payments, sales

TRAILING_MONTHS = 12


class KeyAccount(models.Model):
    _inherit = "nka.key.account"

    trailing_revenue = fields.Monetary(
        "Revenue, 12 months",
        compute="_compute_figures",
        aggregator="sum",
        help="Untaxed posted invoices less credit notes of the last twelve months.",
    )
    overdue_amount = fields.Monetary(
        "Overdue amount",
        compute="_compute_figures",
        aggregator="sum",
        help="Open receivables past their due date, less open credits.",
    )

    # ------------------------------------------------------------ checks
    @api.constrains("partner_id", "company_id")
    def _check_branches(self):
        """Raise if a client is a key account of a company and of one above or below it.

        Each document of a client belongs to exactly one account.
        """
        accounts = self.sudo()
        known = accounts.search(
            [
                ("partner_id", "in", accounts.partner_id.ids),
                "|",
                ("company_id", "parent_of", accounts.company_id.ids),
                ("company_id", "child_of", accounts.company_id.ids),
            ]
        )
        for account in accounts:
            chain = account.company_id
            others = (known - account).filtered(
                lambda other, own=account, chain=chain: (
                    other.partner_id == own.partner_id
                    and (
                        other.company_id in chain.parent_ids
                        or chain in other.company_id.parent_ids
                    )
                )
            )
            if others:
                raise ValidationError(
                    self.env._(
                        "%(client)s is already a key account or candidate of "
                        "%(company)s. A key account applies to its company and all "
                        "branches, so open that record instead of creating a second "
                        "one.",
                        client=account.partner_id.display_name,
                        company=others[0].company_id.name,
                    )
                )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        """Record the confirmation dates of orders from before the nomination."""
        accounts = super().create(vals_list)
        self.env.registry.clear_cache()
        self.env["nka.order.confirmation"].sudo()._keep_of_accounts(accounts)
        return accounts

    @api.model
    @ormcache()
    def _client_ids(self):
        """Return the ids of all clients that are or were key accounts or candidates.

        Covers all companies. Cached, because orders of all clients call it.

        :rtype: frozenset[int]
        """
        return frozenset(self.sudo().search([]).partner_id.ids)

    # ------------------------------------------------------------ hooks
    @api.model
    def _contact_owners(self, alias):
        """Hook: return the records on which contact with the client is recorded.

        :param str alias: name of the account row
        :return: by model, the ids of its records that belong to the account row
        :rtype: dict[str, SQL]
        """
        account = SQL.identifier(alias, "id")
        client = SQL.identifier(alias, "partner_id")
        return {
            "nka.key.account": SQL("(%s)", account),
            "crm.lead": SQL(
                "(SELECT id FROM crm_lead WHERE key_account_id = %s)", account
            ),
            "res.partner": SQL(
                "(SELECT id FROM res_partner WHERE commercial_partner_id = %s)", client
            ),
        }

    @api.model
    def _acquaintances(self, alias, since):
        """Hook: return more evidence of who knows the client, see ``contacts``.

        :param str alias: name of the account row
        :param datetime since: earlier contact doesn't count
        :return: queries with columns user id, contact id or NULL, and moment
        :rtype: list[SQL]
        """
        return []

    @api.model
    def _sql_held_meeting(self):
        """Hook: return whether the meeting in the row ``event``, once over, took place.

        :rtype: SQL
        """
        return SQL("TRUE")

    # ------------------------------------------------------------ time off
    @api.model
    def _flush_standing(self):
        self.env["hr.leave"].flush_model(["user_id", "date_from", "date_to", "state"])
        self.env["nka.leave.approval"].flush_model()
        return super()._flush_standing()

    @api.model
    def _sql_absence(self, alias, selected):
        """Return an aggregate over the manager's approved time off right now;
        training is work.
        """
        return calendars.absence_sql(SQL.identifier(alias, "manager_id"), selected)

    # ------------------------------------------------------------ expressions
    @api.model
    def _sql_trailing_revenue(self, alias):
        today = fields.Date.context_today(self)
        return sales.revenue_sql(alias, self._trailing_since(), today)

    @api.model
    def _sql_earlier_revenue(self, alias):
        """Return the revenue of the twelve months before the last twelve."""
        since = self._trailing_since()
        before = since - relativedelta(months=TRAILING_MONTHS)
        return sales.revenue_sql(alias, before, since)

    @api.model
    def _trailing_since(self):
        today = fields.Date.context_today(self)
        return today - relativedelta(months=TRAILING_MONTHS)

    @api.model
    def _sql_standing(self, only):
        """Return the figures of many accounts that come from their documents, as a
        query.

        Columns: account_id, ``trailing`` and ``earlier`` (revenue of the last twelve
        months and of the twelve before), ``overdue``. They are those of
        ``_sql_trailing_revenue``, ``_sql_earlier_revenue`` and ``_sql_overdue_amount``.

        :param SQL only: condition on the row ``account``
        """
        today = fields.Date.context_today(self)
        since = self._trailing_since()
        before = since - relativedelta(months=TRAILING_MONTHS)
        bounds = [day + relativedelta(days=1) for day in (before, since, today)]
        return SQL(
            """SELECT account.id AS account_id,
                      COALESCE(sold.trailing, 0) AS trailing,
                      COALESCE(sold.earlier, 0) AS earlier,
                      COALESCE(owed.amount, 0) AS overdue
                 FROM nka_key_account account
            LEFT JOIN (SELECT account_id,
                              SUM(amount) FILTER (WHERE day > %(since)s) AS trailing,
                              SUM(amount) FILTER (WHERE day <= %(since)s) AS earlier
                         FROM (%(sold)s) part GROUP BY account_id) sold
                   ON sold.account_id = account.id
            LEFT JOIN (%(owed)s) owed ON owed.account_id = account.id
                WHERE %(only)s""",
            since=since,
            sold=self._sql_revenue(bounds, only),
            owed=_overdue_of_accounts_sql(today, only),
            only=only,
        )

    @api.model
    def _sql_revenue(self, bounds, only):
        """Hook: return the revenue of accounts by span of days, as a query; see
        ``sales.revenue_of_accounts_sql`` for arguments and columns.

        Called on the accounts that ``only`` selects, or on none for all of them.
        """
        return sales.revenue_of_accounts_sql(bounds, only)

    @api.model
    def _sql_overdue_amount(self, alias):
        return payments.overdue_sql(alias, fields.Date.context_today(self))

    # ------------------------------------------------------------ actions
    def action_open_invoices(self):
        """Open the invoices and credit notes behind ``trailing_revenue``.

        :return: window action
        """
        self.ensure_one()
        today = fields.Date.context_today(self)
        return self._prepare_open(
            self.env._("Revenue, 12 months"),
            "account.move",
            sales.domain_revenue(self, self._trailing_since(), today),
            context={"create": False},
        )

    def action_open_overdue(self):
        """Open the receivable items behind ``overdue_amount``.

        :return: window action
        """
        self.ensure_one()
        return self._prepare_open(
            self.env._("Overdue receivables"),
            "account.move.line",
            payments.domain_overdue(self, fields.Date.context_today(self)),
            view_mode="list",
            context={"create": False},
        )

    def action_open_meetings(self):
        """Open the meetings with the client's contacts, past and planned.

        :return: window action
        """
        self.ensure_one()
        return self._prepare_open(
            self.env._("Meetings"),
            "calendar.event",
            contacts.domain_meetings(self),
            view_mode="list,calendar,form",
        )


def _overdue_of_accounts_sql(today, only):
    """Return what ``payments.overdue_sql`` returns, by account: reads items once.

    :param SQL only: condition on the row ``account``
    """
    # Receivables as values, so that the index of unreconciled items can be used.
    return SQL(
        """WITH %(reopened)s, item AS (
               SELECT line.partner_id, line.company_id, line.amount_residual AS amount
                 FROM account_move_line line
                WHERE line.account_id = ANY(ARRAY(
                          SELECT id FROM account_account
                           WHERE account_type = 'asset_receivable'))
                  AND %(is_open)s AND line.date_maturity < %(today)s
                UNION ALL
               SELECT line.partner_id, line.company_id, line.amount
                 FROM reopened line WHERE line.date_maturity < %(today)s)
           SELECT account.id AS account_id, SUM(item.amount) AS amount
             FROM %(accounts)s
             JOIN res_partner party
               ON party.commercial_partner_id = account.partner_id
             JOIN item ON item.partner_id = party.id
              AND item.company_id = covered.company_id
            WHERE %(only)s GROUP BY account.id""",
        reopened=payments.REOPENED,
        accounts=companies.ACCOUNTS,
        only=only,
        is_open=payments.IS_OPEN,
        today=today,
    )
