import json

from odoo import api, fields, models


class BonusHead(models.Model):
    """Build status of a company's ledger; every build locks the row.

    Concurrent builds of a company wait for each other: the later one starts from what
    the first has written, and finds nothing left to do.
    """

    _name = "nka.bonus.head"
    _description = "Bonus ledger status"
    _log_access = False
    _rec_name = "company_id"

    company_id = fields.Many2one("res.company", required=True, ondelete="restrict")
    date = fields.Datetime("Last updated")
    mark = fields.Integer(
        "Last reconciliation processed",
        help="All reconciliations up to this ID have been processed.",
    )

    money_accounts = fields.Json(
        "Money accounts",
        help="IDs of the accounts that counted as money at the last update.",
    )

    _company_unique = models.Constraint(
        "UNIQUE(company_id)", "A company can have only one bonus ledger."
    )

    @api.model
    def _lock_row(self, company):
        """Lock the company's row; create it if it is missing.

        :return: date and mark of the last build; None and 0 for the first one
        :rtype: tuple
        """
        self.env.cr.execute(
            """INSERT INTO nka_bonus_head AS head (company_id, mark) VALUES (%s, 0)
               ON CONFLICT (company_id) DO UPDATE SET mark = head.mark
               RETURNING date, mark""",
            [company.id],
        )
        return self.env.cr.fetchone()

    @api.model
    def _known_money(self, company):
        """Return the accounts that counted as money at the last build.

        :return: account ids, or None if not stored
        :rtype: list[int] | None
        """
        self.env.cr.execute(
            "SELECT money_accounts FROM nka_bonus_head WHERE company_id = %s",
            [company.id],
        )
        return self.env.cr.fetchone()[0]

    @api.model
    def _advance(self, company, money_accounts):
        """Record that everything visible now has been processed.

        A reconciliation gets its id before its transaction ends. So the mark excludes
        those created within the last day: no transaction lasts that long.

        :param list money_accounts: ids of the accounts that count as money
        """
        self.env.cr.execute(
            """UPDATE nka_bonus_head
                  SET date = now() AT TIME ZONE 'UTC', money_accounts = %s,
                      mark = GREATEST(mark, COALESCE((
                          SELECT id FROM account_partial_reconcile
                           WHERE create_date < (now() AT TIME ZONE 'UTC')
                                               - interval '1 day'
                           ORDER BY id DESC LIMIT 1), 0))
                WHERE company_id = %s""",
            [json.dumps(money_accounts), company.id],
        )
