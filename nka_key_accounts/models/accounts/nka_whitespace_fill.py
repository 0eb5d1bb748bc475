"""Whitespace from the invoices: one statement for all accounts, whatever their number.

The twelve months end today, or with the company's last invoice where the books end
earlier: otherwise a month that isn't invoiced yet would look like a fall. What was
sold without a product or category counts as a category of its own, without a name.
"""

from odoo import api, fields, models
from odoo.tools import SQL

YEAR = SQL("INTERVAL '12 months'")
HALF = SQL("INTERVAL '6 months'")

FILL = """
    WITH span AS (
        SELECT account.company_id,
               LEAST(%(today)s, (SELECT move.invoice_date
                                   FROM account_move move
                                  WHERE move.company_id = account.company_id
                                    AND move.move_type = 'out_invoice'
                                    AND move.state = 'posted'
                                    AND move.invoice_date <= %(today)s
                                  ORDER BY move.invoice_date DESC LIMIT 1)) AS day
          FROM nka_key_account account
         WHERE account.id = ANY(%(accounts)s)
         GROUP BY account.company_id
    ), booked AS (
        SELECT account.id AS account_id, account.company_id,
               template.categ_id, span.day,
               SUM(-line.balance) FILTER (WHERE move.invoice_date > span.day - %(year)s)
                   AS spend,
               SUM(-line.balance) FILTER (WHERE move.invoice_date > span.day - %(half)s)
                   AS recent,
               SUM(-line.balance) FILTER (
                   WHERE move.invoice_date > span.day - %(year)s - %(half)s
                     AND move.invoice_date <= span.day - %(year)s) AS before
          FROM nka_key_account account
          JOIN span ON span.company_id = account.company_id
          JOIN account_move move
            ON move.commercial_partner_id = account.partner_id
           AND move.company_id = account.company_id
           AND move.move_type IN ('out_invoice', 'out_refund')
           AND move.state = 'posted'
           AND move.invoice_date > span.day - %(year)s - %(half)s
           AND move.invoice_date <= span.day
          JOIN account_move_line line
            ON line.move_id = move.id AND line.display_type = 'product'
          LEFT JOIN product_product product ON product.id = line.product_id
          LEFT JOIN product_template template ON template.id = product.product_tmpl_id
         WHERE account.id = ANY(%(accounts)s)
         GROUP BY account.id, account.company_id, template.categ_id, span.day
    ), kept AS (
        INSERT INTO nka_whitespace_line (
               key_account_id, company_id, categ_id, supplier, from_invoices,
               spend, spend_recent, spend_before, date_filled, date_seen,
               create_uid, create_date, write_uid, write_date)
        SELECT account_id, company_id, categ_id, 'us', TRUE,
               COALESCE(spend, 0), COALESCE(recent, 0), COALESCE(before, 0), day, day,
               %(uid)s, %(now)s, %(uid)s, %(now)s
          FROM booked
            ON CONFLICT (key_account_id, COALESCE(categ_id, 0)) WHERE supplier = 'us'
            DO UPDATE SET spend = EXCLUDED.spend, spend_recent = EXCLUDED.spend_recent,
                          spend_before = EXCLUDED.spend_before,
                          date_filled = EXCLUDED.date_filled,
                          date_seen = EXCLUDED.date_seen,
                          write_uid = EXCLUDED.write_uid,
                          write_date = EXCLUDED.write_date
        RETURNING key_account_id, categ_id
    )
    UPDATE nka_whitespace_line line
       SET spend = 0, spend_recent = 0, spend_before = 0, date_filled = span.day,
           date_seen = span.day, write_uid = %(uid)s, write_date = %(now)s
      FROM span
     WHERE span.company_id = line.company_id
       AND line.key_account_id = ANY(%(accounts)s) AND line.supplier = 'us'
       AND NOT EXISTS (SELECT 1 FROM booked
                        WHERE booked.account_id = line.key_account_id
                          AND booked.categ_id IS NOT DISTINCT FROM line.categ_id)
"""


class WhitespaceFill(models.Model):
    _inherit = "nka.whitespace.line"

    @api.model
    def _fill(self, accounts):
        """Write what we supply to these accounts from the invoices: one statement.

        Figures only; nothing that people noted is touched.

        :param accounts: nka.key.account
        """
        if not accounts:
            return
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                FILL,
                accounts=accounts.ids,
                today=fields.Date.context_today(self),
                year=YEAR,
                half=HALF,
                uid=self.env.uid,
                now=fields.Datetime.now(),
            )
        )
        self.env.invalidate_all(flush=False)

    @api.model
    def _cron_fill(self):
        """Read the invoices of all current accounts anew."""
        self._fill(
            self.env["nka.key.account"].search([("state", "in", ("candidate", "key"))])
        )

    @api.model
    def action_refresh(self):
        """Read the invoices of the accounts the person works on anew.

        :return: the action that shows the screen again
        """
        accounts = self.env["nka.key.account"]
        account_id = self.env.context.get("default_key_account_id")
        own = accounts.search(
            [("id", "=", account_id)]
            if isinstance(account_id, int)
            else [("state", "in", ("candidate", "key"))]
        )
        self._fill(own)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
