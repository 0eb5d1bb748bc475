"""What happened with a client, from all records about it, newest first.

Nothing is stored. The table is a query over the records that the reader can open: each
source is searched under their access rights, so the timeline never tells more than the
records themselves.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..facts import contacts, orders, sales
from ..trail.opening import open_action, open_records

#: An id holds the account, the source's id and the number of the source, so that a row
#: opens its record without another query. It stays below 2**53 for JavaScript.
SOURCE_BITS = 4
ACCOUNT_SHIFT = 35

KINDS = [
    ("contact", "Contact"),
    ("deal", "Deal"),
    ("document", "Document"),
    ("order", "Order"),
    ("invoice", "Invoice"),
    ("payment", "Payment"),
    ("dispute", "Pay dispute"),
]
STEPS = [
    ("meeting", "Meeting"),
    ("call", "Call"),
    ("email_in", "Email from the client"),
    ("email_out", "Email to the client"),
    ("won", "Deal won"),
    ("lost", "Deal lost"),
    ("submitted", "Document submitted"),
    ("approved", "Document approved"),
    ("returned", "Document returned"),
    ("order", "Order confirmed"),
    ("invoice", "Invoice"),
    ("credit_note", "Credit note"),
    ("payment", "Payment received"),
    ("refund", "Payment refunded"),
    ("disputed", "Statement disputed"),
    ("answered", "Dispute answered"),
]


class TimelineEntry(models.Model):
    _name = "nka.timeline.entry"
    _description = "Timeline of a client"
    _inherit = ["nka.read.mixin"]
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "name"

    key_account_id = fields.Many2one("nka.key.account", "Key account", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(readonly=True)
    kind = fields.Selection(KINDS, "Type", readonly=True)
    step = fields.Selection(STEPS, "What happened", readonly=True)
    name = fields.Char("Subject", readonly=True)
    user_id = fields.Many2one("res.users", "By", readonly=True)
    amount = fields.Monetary(
        readonly=True,
        aggregator=None,
        help="In company currency. Orders and invoices: untaxed.",
    )

    # ------------------------------------------------------------ query
    @property
    def _table_query(self):
        self.env.flush_all()
        rows = [
            SQL(
                """SELECT (account.id::bigint << %(shift)s)
                          + (source.ref::bigint << %(bits)s) + %(number)s AS id,
                          account.id AS key_account_id, account.company_id,
                          source.date, %(kind)s AS kind, source.step::varchar AS step,
                          source.name::varchar AS name, source.user_id, source.amount
                     FROM (%(source)s) source
                     JOIN nka_key_account account ON account.id = source.account_id""",
                shift=ACCOUNT_SHIFT,
                bits=SOURCE_BITS,
                number=number,
                kind=kind,
                source=source,
            )
            for number, kind, source in self._sources()
        ]
        return SQL(" UNION ALL ").join(rows or [self._no_rows()])

    @api.model
    def _no_rows(self):
        return SQL(
            """SELECT 0::bigint AS id, id AS key_account_id, company_id,
                      NULL::date AS date, '' AS kind, '' AS step, '' AS name,
                      NULL::int AS user_id, NULL::numeric AS amount
                 FROM nka_key_account WHERE FALSE"""
        )

    @api.model
    def _openers(self):
        """Return model and link to the record to open, by number of the source.

        Numbers are part of ids, so a source keeps its number.

        :rtype: dict[int, tuple[str, str]]
        """
        return {
            1: ("calendar.event", ""),
            2: ("mail.message", ""),
            3: ("nka.document.review", "document_id"),
            4: ("sale.order", ""),
            5: ("account.move", ""),
            6: ("account.payment", ""),
            7: ("account.partial.reconcile", "debit_move_id.move_id"),
            8: ("nka.pay.dispute", ""),
            9: ("crm.lead", ""),
        }

    @api.model
    def _sources(self):
        """Return number, kind and query of the sources that the reader has access to.

        :rtype: list[tuple[int, str, SQL]]
        """
        accounts = self.env["nka.key.account"]
        found = [
            (number, kind, source(visible))
            for number, kind, model, source, domain in self._plain_sources()
            if (visible := self._visible(model, domain))
        ]
        for model in accounts._contact_owners("account"):
            visible = self._visible(model, Domain.TRUE)
            if visible:
                talks = contacts.messages_of_accounts_sql(accounts, model, visible)
                found.append((2, "contact", talks))
        return found

    @api.model
    def _plain_sources(self):
        """Return number, kind, model, query and restriction of sources with one
        model.
        """

        def meetings(visible):
            return contacts.meetings_of_accounts_sql(
                self.env["nka.key.account"], visible
            )

        every = Domain.TRUE
        yield 1, "contact", "calendar.event", meetings, self._domain_meetings()
        yield 3, "document", "nka.document", self._reviews_sql, every
        yield 4, "order", "sale.order", orders.orders_of_accounts_sql, every
        yield 5, "invoice", "account.move", sales.documents_of_accounts_sql, every
        yield 6, "payment", "account.payment", sales.payments_of_accounts_sql, every
        yield 7, "payment", "account.move", sales.transfers_of_accounts_sql, every
        yield 8, "dispute", "nka.pay.dispute", self._disputes_sql, every
        yield 9, "deal", "crm.lead", self._deals_sql, every

    @api.model
    def _domain_meetings(self):
        """Exclude meetings that the calendar shows the reader only as "Busy"."""
        if self.env.su:
            return Domain.TRUE
        events = self.env["calendar.event"]
        invited = Domain("partner_ids", "in", self.env.user.partner_id.ids)
        return Domain(events._get_default_privacy_domain()) | (
            invited & Domain("is_of_others", "=", False)
        )

    @api.model
    def _visible(self, model, domain):
        """Return the ids of a model's records that the reader can open, or None if they
        can't read the model.
        """
        records = self.env[model].with_context(active_test=False)
        if not records.has_access("read"):
            return None
        return records._search(domain, order="id").subselect()

    # ------------------------------------------------------------ own sources
    @api.model
    def _reviews_sql(self, visible):
        """Return each submission of a document, with its decision once there is one."""
        moment = SQL("COALESCE(review.verdict_date, review.submit_date)")
        return SQL(
            """SELECT document.key_account_id AS account_id, review.id AS ref,
                      %(day)s AS date, COALESCE(review.verdict, 'submitted') AS step,
                      CONCAT_WS(' · ', document.name, NULLIF(document.title, ''))
                          AS name,
                      COALESCE(review.reviewer_id, review.submitted_by_id) AS user_id,
                      NULL::numeric AS amount
                 FROM nka_document_review review
                 JOIN nka_document document ON document.id = review.document_id
                WHERE document.key_account_id IS NOT NULL AND document.id IN %(visible)s
                  AND %(moment)s IS NOT NULL""",
            day=contacts.local_day(self, moment),
            visible=visible,
            moment=moment,
        )

    @api.model
    def _deals_sql(self, visible):
        return SQL(
            """SELECT lead.key_account_id AS account_id, lead.id AS ref,
                      %(day)s AS date, lead.won_status AS step, lead.name AS name,
                      lead.user_id AS user_id, lead.expected_revenue AS amount
                 FROM crm_lead lead
                WHERE lead.key_account_id IS NOT NULL
                  AND lead.won_status IN ('won', 'lost')
                  AND lead.date_closed IS NOT NULL AND lead.id IN %(visible)s""",
            day=contacts.local_day(self, SQL("lead.date_closed")),
            visible=visible,
        )

    @api.model
    def _disputes_sql(self, visible):
        """Return disputes about sales credits: of the bonus or of a whole statement, in
        a month with sales credits of the account.
        """
        moment = SQL("COALESCE(dispute.answered_date, dispute.create_date)")
        return SQL(
            """SELECT credited.account_id, dispute.id AS ref, %(day)s AS date,
                      CASE dispute.state WHEN 'answered' THEN 'answered'
                           ELSE 'disputed' END AS step,
                      COALESCE(NULLIF(dispute.line_label, ''), LEFT(dispute.text, 150))
                          AS name,
                      statement.user_id AS user_id, dispute.line_amount AS amount
                 FROM nka_pay_dispute dispute
                 JOIN nka_pay_statement statement
                   ON statement.id = dispute.statement_id
           CROSS JOIN LATERAL (
                      SELECT DISTINCT credit.key_account_id AS account_id
                        FROM nka_bonus_line credit
                       WHERE credit.company_id = statement.company_id
                         AND credit.user_id = statement.user_id
                         AND credit.date >= statement.month
                         AND credit.date < statement.month + INTERVAL '1 month'
                      ) credited
                WHERE COALESCE(dispute.line_kind, '') IN ('', 'bonus', 'clawback')
                  AND dispute.id IN %(visible)s""",
            day=contacts.local_day(self, moment),
            visible=visible,
        )

    # ------------------------------------------------------------ counted reading
    def _reading_size(self):
        """Return the number of accounts: the timeline of each counts as one record."""
        return len({entry_id >> ACCOUNT_SHIFT for entry_id in self.ids})

    # ------------------------------------------------------------ actions
    def action_open(self):
        """Open the record behind this line: meeting, document, order, invoice and so on.

        :return: window action
        :raise AccessError: if the user can't read the record
        :raise UserError: if the record has been deleted meanwhile
        """
        self.ensure_one()
        record = self._record()
        if not record:
            raise UserError(
                self.env._("This record no longer exists. Reload the timeline.")
            )
        record.check_access("read")
        return open_records(record)

    def _record(self):
        """Return the record that this line is about, in the reader's environment."""
        number = self.id & ((1 << SOURCE_BITS) - 1)
        ref = (self.id & ((1 << ACCOUNT_SHIFT) - 1)) >> SOURCE_BITS
        if number not in self._openers():
            return self.browse()
        model, path = self._openers()[number]
        source = self.env[model].sudo().browse(ref).exists()
        if model == "mail.message":
            if source.model not in self.env:
                return self.browse()
            source = self.env[source.model].browse(source.res_id).exists()
        elif path:
            source = source.mapped(path)
        return source.with_env(self.env)

    @api.model
    def _action_of(self, account):
        title = self.env._("Timeline: %s", account.display_name)
        return open_action(
            self.env,
            "nka_timeline_entry_action",
            name=title,
            display_name=title,
            domain=[("key_account_id", "=", account.id)],
        )
