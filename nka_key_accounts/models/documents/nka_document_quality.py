from odoo import fields, models
from odoo.tools import SQL


class DocumentQuality(models.Model):
    """First-pass rate and duration of document reviews, by author, type and month."""

    _name = "nka.document.quality"
    _description = "Document quality"
    _auto = False
    _order = "month desc, id desc"
    _rec_name = "document_id"
    # Fields to flush before the query below reads them.
    _depends = {
        "nka.document": ["author_id", "company_id", "key_account_id", "type_id"],
        "nka.document.review": [
            "deadline",
            "document_id",
            "number",
            "reviewer_id",
            "submit_date",
            "verdict",
            "verdict_date",
        ],
    }

    document_id = fields.Many2one("nka.document", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    manager_id = fields.Many2one("res.users", "Author", readonly=True)
    reviewer_id = fields.Many2one("res.users", readonly=True)
    type_id = fields.Many2one("nka.document.type", readonly=True)
    key_account_id = fields.Many2one("nka.key.account", "Key account", readonly=True)
    month = fields.Date("Month of submission", readonly=True)
    submit_date = fields.Datetime("Submitted on", readonly=True)
    deadline = fields.Date("Review deadline", readonly=True)
    verdict = fields.Selection(
        [("approved", "Approved"), ("returned", "Returned")], "Decision", readonly=True
    )
    first_pass_rate = fields.Float(
        "First-pass approval rate (%)",
        readonly=True,
        aggregator="avg",
        help="Share of documents approved at their first submission.",
    )
    review_days = fields.Float(
        "Median review time (days)", readonly=True, aggregator="median"
    )
    overdue_count = fields.Integer("Overdue", readonly=True, aggregator="sum")
    review_count = fields.Integer("Reviews", readonly=True, aggregator="sum")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT review.id, review.document_id, document.company_id,
                   document.author_id AS manager_id, review.reviewer_id,
                   document.type_id, document.key_account_id, review.verdict,
                   review.submit_date, review.deadline,
                   DATE_TRUNC('month', review.submit_date)::date AS month,
                   CASE WHEN review.number = 1 AND review.verdict IS NOT NULL
                        THEN CASE review.verdict WHEN 'approved' THEN 100.0 ELSE 0 END
                    END AS first_pass_rate,
                   EXTRACT(EPOCH FROM review.verdict_date - review.submit_date)
                       / 86400.0 AS review_days,
                   (COALESCE(review.verdict_date::date, CURRENT_DATE)
                       > review.deadline)::int AS overdue_count,
                   1 AS review_count
              FROM nka_document_review review
              JOIN nka_document document ON document.id = review.document_id
            """
        )

    def _read_group_select(self, aggregate_spec, query):
        """Compute medians as a PostgreSQL percentile; Odoo has no such aggregator."""
        if aggregate_spec == "review_days:median":
            return SQL(
                "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY %s)",
                SQL.identifier(self._table, "review_days"),
            )
        return super()._read_group_select(aggregate_spec, query)
