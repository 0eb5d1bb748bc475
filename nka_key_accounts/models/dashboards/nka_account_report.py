from odoo import fields, models
from odoo.tools import SQL

from ..facts.contacts import local_day
from ..standing.nka_key_account import IS_OPEN_LEAD

#: Longest wait in days of each age; longer waits are of the last age.
AGES = ((2, "1"), (7, "2"), (14, "3"))
OLDEST = "4"


class AccountReport(models.Model):
    """Open deals, waiting documents and gate overrides of key accounts.

    Directors read these rows without access to deals, documents and the audit trail:
    they contain amounts and dates, and no texts, files or terms.
    """

    _name = "nka.account.report"
    _description = "Activity at key accounts"
    _inherit = ["nka.read.mixin"]
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "key_account_id"
    # Fields to flush before the query below reads them.
    _depends = {
        "crm.lead": [
            "active",
            "date_deadline",
            "expected_revenue",
            "key_account_id",
            "stage_id",
            "user_id",
            "won_status",
        ],
        "nka.audit.event": ["company_id", "date", "kind", "lead_ref"],
        "nka.document": [
            "author_id",
            "company_id",
            "deal_amount",
            "key_account_id",
            "lead_id",
            "state",
            "type_id",
            "waiting_since",
        ],
        "nka.key.account": ["company_id", "manager_id", "tier_id"],
    }

    kind = fields.Selection(
        [
            ("deal", "Deal"),
            ("document", "Document awaiting approval"),
            ("override", "Gate override"),
        ],
        "What",
        readonly=True,
    )
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    key_account_id = fields.Many2one("nka.key.account", "Key account", readonly=True)
    manager_id = fields.Many2one("res.users", readonly=True)
    tier_id = fields.Many2one("nka.tier", "Account tier", readonly=True)
    stage_id = fields.Many2one("crm.stage", readonly=True)
    type_id = fields.Many2one("nka.document.type", "Document type", readonly=True)
    date = fields.Date(
        readonly=True,
        help="Expected closing of a deal, submission of a document, day of an override.",
    )
    age = fields.Selection(
        [
            ("1", "0–2 days"),
            ("2", "3–7 days"),
            ("3", "8–14 days"),
            ("4", "15 days or more"),
        ],
        "Waiting for",
        readonly=True,
    )
    amount = fields.Monetary("Deal value", readonly=True)
    number = fields.Integer(readonly=True, aggregator="sum")

    @property
    def _table_query(self):
        return SQL(
            "%s UNION ALL %s UNION ALL %s",
            self._sql_deals(),
            self._sql_documents(),
            self._sql_overrides(),
        )

    def _sql_deals(self):
        """Return the deals that make up ``pipeline_amount`` of the accounts."""
        return SQL(
            """SELECT lead.id::bigint * 3 AS id, 'deal' AS kind, account.company_id,
                      account.id AS key_account_id, account.manager_id, account.tier_id,
                      lead.stage_id, NULL::int AS type_id, lead.date_deadline AS date,
                      NULL AS age, lead.expected_revenue AS amount, 1 AS number
                 FROM crm_lead lead
                 JOIN nka_key_account account ON account.id = lead.key_account_id
                WHERE %s""",
            IS_OPEN_LEAD,
        )

    def _sql_documents(self):
        waited = SQL("%s - document.waiting_since", fields.Date.context_today(self))
        ages = SQL(" ").join(
            SQL("WHEN %s <= %s THEN %s", waited, days, age) for days, age in AGES
        )
        return SQL(
            """SELECT document.id::bigint * 3 + 1, 'document', document.company_id,
                      account.id,
                      COALESCE(account.manager_id, lead.user_id, document.author_id),
                      account.tier_id, lead.stage_id, document.type_id,
                      document.waiting_since, CASE %s ELSE %s END,
                      document.deal_amount, 1
                 FROM nka_document document
            LEFT JOIN crm_lead lead ON lead.id = document.lead_id
            LEFT JOIN nka_key_account account
                   ON account.id = COALESCE(document.key_account_id, lead.key_account_id)
                WHERE document.state = 'submitted'""",
            ages,
            OLDEST,
        )

    def _sql_overrides(self):
        """Return all overrides in the audit trail, also those no longer in force."""
        return SQL(
            """SELECT event.id::bigint * 3 + 2, 'override', event.company_id, account.id,
                      COALESCE(account.manager_id, lead.user_id), account.tier_id,
                      lead.stage_id, NULL, %s, NULL,
                      lead.expected_revenue, 1
                 FROM nka_audit_event event
            LEFT JOIN crm_lead lead ON lead.id = event.lead_ref
            LEFT JOIN nka_key_account account
                   ON account.id = COALESCE(NULLIF(event.key_account_ref, 0),
                                            lead.key_account_id)
                WHERE event.kind = 'gate_pass'""",
            local_day(self, SQL("event.date")),
        )
