import json

from odoo import api, fields, models


class BonusHead(models.Model):
    """How far a company's ledger is built; the row every build has to lock.

    Two builds of one company queue up here: the later one starts again on what
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
        """Lock the company's row, made when it is missing.

        :return: date of the build before and its mark; None and 0 on the first
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
        """Accounts that counted as money at the build before.

        :rtype: list[int] | None
        """
        self.env.cr.execute(
            "SELECT money_accounts FROM nka_bonus_head WHERE company_id = %s",
            [company.id],
        )
        return self.env.cr.fetchone()[0]

    @api.model
    def _advance(self, company, money_accounts):
        """Note that everything visible now has been seen.

        :param list money_accounts: ids of the accounts that count as money

        A reconciliation gets its id before its transaction ends, so the mark stays
        behind what was made within a day: no transaction lives that long.
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
