from odoo import api, fields, models
from odoo.tools import SQL

from ..trail.opening import open_action


class KeyAccount(models.Model):
    _inherit = "nka.key.account"

    document_ids = fields.One2many("nka.document", "key_account_id", "Documents")
    document_count = fields.Integer(
        "Number of documents", compute="_compute_document_count"
    )

    def _compute_document_count(self):
        groups = self.env["nka.document"]._read_group(
            [("key_account_id", "in", self.ids)], ["key_account_id"], ["__count"]
        )
        counts = dict(groups)
        for account in self:
            account.document_count = counts.get(account, 0)

    # ------------------------------------------------------------ health
    @api.model
    def _health_contributors(self, alias):
        """Add documents; accounts without documents skip this factor."""
        return [
            *super()._health_contributors(alias),
            ("documents", self.env._("Documents"), self._sql_document_score(alias), 10),
        ]

    @api.model
    def _sql_document_score(self, alias):
        """Return SQL for the percentage of documents valid and not returned."""
        return SQL(
            """(SELECT 100.0 * AVG((document.state NOT IN ('returned', 'expired')
                                    AND COALESCE(document.valid_until, %(today)s)
                                        >= %(today)s)::int)
                  FROM nka_document document
                 WHERE document.key_account_id = %(account)s
                   AND document.state != 'superseded')""",
            today=fields.Date.context_today(self),
            account=SQL.identifier(alias, "id"),
        )

    # ------------------------------------------------------------ gate
    def _begin(self, start):
        """List the client's deals for the supervisors; they stay in their stage."""
        condition = SQL("lead.key_account_id = ANY(%s)", list(self._ids))
        cause = self.env._("The client became a key account")
        with self.env["crm.lead"]._watching_gates(condition, cause):
            return super()._begin(start)

    # ------------------------------------------------------------ who knows the client
    @api.model
    def _acquaintances(self, alias, since):
        """Add users who submitted a document that another user approved.

        A returned revision is superseded, too, once the next one is approved.
        """
        approved = SQL(
            """SELECT document.submitted_by_id, NULL::integer, document.submit_date
                 FROM nka_document document
                WHERE document.key_account_id = %s AND document.submit_date > %s
                  AND (document.state IN ('approved', 'expired')
                       OR document.state = 'superseded'
                       AND COALESCE((SELECT BOOL_OR(review.verdict = 'approved')
                                       FROM nka_document_review review
                                      WHERE review.document_id = document.id), TRUE))""",
            SQL.identifier(alias, "id"),
            since,
        )
        return [*super()._acquaintances(alias, since), approved]

    # ------------------------------------------------------------ actions
    def action_open_documents(self):
        """Open the documents of the account and its deals."""
        self.ensure_one()
        return open_action(
            self.env,
            "nka_document_action",
            domain=[("key_account_id", "=", self.id)],
            context={"default_key_account_id": self.id},
        )
