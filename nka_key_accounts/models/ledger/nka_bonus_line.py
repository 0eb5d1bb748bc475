from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..trail.guards import guards_of

#: Triggers that also refuse what bypasses the ORM: plain SQL and cascades.
_APPEND_ONLY_SQL = """
CREATE OR REPLACE FUNCTION nka_bonus_line_append_only() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'the bonus ledger is append-only: % refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_bonus_line_append_only ON nka_bonus_line;
CREATE TRIGGER nka_bonus_line_append_only
    BEFORE UPDATE OR DELETE ON nka_bonus_line
    FOR EACH ROW EXECUTE FUNCTION nka_bonus_line_append_only();
DROP TRIGGER IF EXISTS nka_bonus_line_no_truncate ON nka_bonus_line;
CREATE TRIGGER nka_bonus_line_no_truncate
    BEFORE TRUNCATE ON nka_bonus_line
    FOR EACH STATEMENT EXECUTE FUNCTION nka_bonus_line_append_only();
ALTER TABLE nka_bonus_line ENABLE ALWAYS TRIGGER nka_bonus_line_append_only;
ALTER TABLE nka_bonus_line ENABLE ALWAYS TRIGGER nka_bonus_line_no_truncate;
"""


def _credits_of(company, first, last):
    """Return credits of some days with the entry each is based on."""
    return SQL(
        """SELECT line.id, line.user_id, line.basis, line.amount,
                  CASE WHEN line.basis = 'invoiced' THEN line.move_ref
                       WHEN debit.move_id = line.move_ref THEN credit.move_id
                       ELSE debit.move_id END AS entry_id
             FROM nka_bonus_line line
             LEFT JOIN account_partial_reconcile partial
               ON line.basis = 'paid' AND partial.id = line.source_ref
             LEFT JOIN account_move_line debit ON debit.id = partial.debit_move_id
             LEFT JOIN account_move_line credit ON credit.id = partial.credit_move_id
            WHERE line.company_id = %s AND line.amount > 0
              AND line.date BETWEEN %s AND %s""",
        company.id,
        first,
        last,
    )


#: Rows ``credit`` whose payment entry the credited person created, or whose entry they
#: posted.
_OWN = SQL(
    """SELECT credit.*
         FROM credit JOIN account_move entry ON entry.id = credit.entry_id
        WHERE credit.basis = 'paid' AND entry.create_uid = credit.user_id
           OR EXISTS (SELECT FROM nka_audit_event event
                       WHERE event.res_model = 'account.move'
                         AND event.res_id = credit.entry_id
                         AND event.kind = 'own_posting'
                         AND event.user_id = credit.user_id)"""
)
#: Amount of the entry of a row ``own`` that is matched with bank statement lines
#: entered by others: for money, on accounts other than receivables; for an invoice,
#: what the client owes.
_CONFIRMED_BY_BANK = SQL(
    """COALESCE((
           SELECT SUM(partial.amount)
             FROM account_move_line item
             JOIN account_account account
               ON account.id = item.account_id
              AND (own.basis = 'invoiced' OR account.account_type != 'asset_receivable')
             JOIN account_partial_reconcile partial
               ON item.id IN (partial.debit_move_id, partial.credit_move_id)
             JOIN account_move_line other
               ON other.id IN (partial.debit_move_id, partial.credit_move_id)
              AND other.move_id != own.entry_id
             JOIN account_move bank ON bank.id = other.move_id
            WHERE item.move_id = own.entry_id
              AND bank.statement_line_id IS NOT NULL
              AND bank.create_uid IS DISTINCT FROM own.user_id), 0)"""
)


class BonusLine(models.Model):
    """Sales amount that counts for a person's bonus, or the reversal of one.

    Only builds write lines, and never change them: later changes become a further line,
    in the first open month if the original month is closed.
    """

    _name = "nka.bonus.line"
    _description = "Sales credit"
    _log_access = False
    _order = "date desc, id desc"
    _rec_name = "source_name"

    company_id = fields.Many2one(
        "res.company", required=True, ondelete="restrict", readonly=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users",
        "Key account manager",
        required=True,
        ondelete="restrict",
        readonly=True,
    )
    key_account_id = fields.Many2one(
        "nka.key.account",
        "Key account",
        required=True,
        ondelete="restrict",
        readonly=True,
    )
    date = fields.Date(
        required=True, readonly=True, help="Date on which the amount counts."
    )
    event_date = fields.Date(
        "Accounting date",
        readonly=True,
        help="Date of the payment or invoice when this line was written.",
    )
    origin_date = fields.Date(
        "Credited on",
        required=True,
        readonly=True,
        help="For a credit note, refund or adjustment: date of the credit it reverses. "
        "Otherwise: date of the line.",
    )
    basis = fields.Selection(
        [("paid", "Payments received"), ("invoiced", "Invoices")],
        required=True,
        readonly=True,
    )
    kind = fields.Selection(
        [
            ("payment", "Money received"),
            ("refund", "Money refunded"),
            ("invoice", "Invoice"),
            ("credit_note", "Credit note"),
        ],
        required=True,
        readonly=True,
    )
    reason = fields.Selection(
        [
            ("event", "Recorded as it occurred"),
            ("late", "Posted after its month was closed"),
            ("undone", "Undone in accounting"),
            ("moved", "Posting date changed"),
            ("changed", "Changed after posting"),
        ],
        required=True,
        readonly=True,
    )
    amount = fields.Monetary("Sales credit", required=True, readonly=True)
    # References without foreign keys: accounting can delete drafts, the ledger keeps
    # its lines.
    source_ref = fields.Integer("Source ID", required=True, readonly=True)
    move_ref = fields.Integer("Invoice ID", required=True, readonly=True)
    source_name = fields.Char("Source", readonly=True)
    revision = fields.Integer(required=True, readonly=True)
    corrects_id = fields.Many2one(
        "nka.bonus.line", "Adjusts", readonly=True, ondelete="restrict"
    )
    # Values the amount was calculated from, in invoice currency except for the untaxed
    # ones.
    untaxed = fields.Monetary("Untaxed amount", readonly=True)
    part_untaxed = fields.Monetary(
        "Own orders",
        readonly=True,
        help="Untaxed amount of the invoice lines whose orders the person has a share "
        "in, if the invoice covers orders of several dates. Empty if the invoice "
        "counts as a whole.",
    )
    total = fields.Float("Total including tax", readonly=True, digits=(16, 4))
    money = fields.Float("Payment amount", readonly=True, digits=(16, 4))
    money_to_date = fields.Float("Payments to date", readonly=True, digits=(16, 4))
    percent = fields.Float("Share (%)", readonly=True, digits=(9, 6))
    move_id = fields.Many2one(
        "account.move", "Invoice", compute="_compute_move_id", compute_sudo=True
    )

    # An event can't count twice for a person, even in concurrent sessions.
    _source_unique = models.Constraint(
        "UNIQUE(source_ref, user_id, basis, revision)",
        "This payment or invoice is already credited to the person.",
    )
    # For statements: a person's credits between two days.
    _person_idx = models.Index("(company_id, user_id, date)")
    # For builds, which compare with earlier lines of an invoice.
    _move_idx = models.Index("(move_ref)")

    @api.model
    def _guards(self):
        return [*super()._guards(), *guards_of(_APPEND_ONLY_SQL)]

    # ------------------------------------------------------------ compute
    @api.depends("move_ref")
    def _compute_move_id(self):
        moves = self.env["account.move"].browse(self.mapped("move_ref")).exists()
        there = set(moves.ids)
        for line in self:
            line.move_id = line.move_ref if line.move_ref in there else False

    # ------------------------------------------------------------ CRUD
    # Raise a readable error; a database trigger enforces the same rule.
    # pylint: disable=method-required-super,no-raise-unlink
    @api.model_create_multi
    def create(self, vals_list):
        raise AccessError(self._append_only_message())

    def write(self, vals):
        raise AccessError(self._append_only_message())

    def unlink(self):
        raise AccessError(self._append_only_message())

    @api.model
    def _append_only_message(self):
        return self.env._(
            "Credits are calculated from invoices and payments. Correct those in "
            "accounting; the next calculation picks up the difference."
        )

    # ------------------------------------------------------------ actions
    def action_open_source(self):
        """Open the invoice behind this amount.

        :return: window action
        :raise UserError: if it was deleted, or the user can't read it
        """
        self.ensure_one()
        self.check_access("read")
        return self._open(self.move_id)

    def action_open_payment(self):
        """Open the payment or bank entry behind this amount.

        :return: window action
        :raise UserError: if it was undone, or the user can't read it
        """
        self.ensure_one()
        self.check_access("read")
        return self._open(self._money_behind())

    def _money_behind(self):
        """Return the payment or the bank entry; an empty recordset if it was undone."""
        partials = self.env["account.partial.reconcile"].sudo()
        partial = partials.browse(self.source_ref if self.basis == "paid" else 0)
        sides = partial.exists() and partial.debit_move_id | partial.credit_move_id
        other = sides and sides.filtered(lambda side: side.move_id.id != self.move_ref)
        if not other:
            return self.env["account.payment"]
        return other[0].payment_id or other[0].move_id

    def _open(self, record):
        if not record:
            raise UserError(
                self.env._(
                    "The source of %(line)s no longer exists in accounting: the "
                    "payment was undone or the document deleted. A later line "
                    "reverses the credit.",
                    line=self.source_name,
                )
            )
        if not record.with_env(self.env).has_access("read"):
            raise UserError(
                self.env._(
                    "You don't have access to the source of %(line)s. It opens for the "
                    "client's account team and accounting. The line shows its date, "
                    "untaxed amount, money received and share.",
                    line=self.source_name,
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.source_name,
            "res_model": record._name,
            "res_id": record.id,
            "views": [(self._form_of(record), "form")],
        }

    @api.model
    def _form_of(self, record):
        """Return the form for a record; payments have their own, because
        accounting's form reads bank statements.
        """
        if record._name != "account.payment":
            return False
        return self.env.ref("nka_key_accounts.account_payment_view_form_credit").id

    # ------------------------------------------------------------ business
    @api.model
    def _credits(self, company, users, date_from, date_to):
        """Return credits by person, month and month of origin: one query.

        The month of origin is that of the credit a line reverses, else its own.

        :param company: res.company
        :param users: res.users
        :return: ``{user id: [(month, month of origin, Decimal)]}``
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT user_id, date_trunc('month', date)::date,
                          date_trunc('month', origin_date)::date, SUM(amount)::text
                     FROM nka_bonus_line
                    WHERE company_id = %s AND user_id = ANY(%s)
                      AND date BETWEEN %s AND %s
                    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""",
                company.id,
                users.ids,
                date_from,
                date_to,
            )
        )
        credits = {user_id: [] for user_id in users.ids}
        for user_id, month, origin, amount in rows:
            credits[user_id].append((month, origin, Decimal(amount)))
        return credits

    @api.model
    def _sources(self, company, users, date_from, date_to):
        """Return the lines behind the credits of some days: one query.

        :param company: res.company
        :param users: res.users
        :return: ``{user id: [(line id, month of origin)]}``
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT user_id, id, date_trunc('month', origin_date)::date
                     FROM nka_bonus_line
                    WHERE company_id = %s AND user_id = ANY(%s)
                      AND date BETWEEN %s AND %s
                    ORDER BY id""",
                company.id,
                users.ids,
                date_from,
                date_to,
            )
        )
        sources = {}
        for user_id, line_id, origin in rows:
            sources.setdefault(user_id, []).append((line_id, origin))
        return sources

    @api.model
    def _posted_by_credited(self, company, date_from, date_to):
        """Return credits of some days that are based on entries of the credited person.

        Money counts once it is posted, by any user who can post it, except the person
        who is paid for it: their own entry proves only as much money as is matched with
        bank statement lines that other users entered.

        :rtype: nka.bonus.line
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """WITH credit AS (%s), own AS (%s)
                   SELECT own.id FROM own
                    WHERE %s < (SELECT SUM(other.amount) FROM own other
                                 WHERE other.user_id = own.user_id
                                   AND other.entry_id = own.entry_id)
                    ORDER BY own.id""",
                _credits_of(company, date_from, date_to),
                _OWN,
                _CONFIRMED_BY_BANK,
            )
        )
        return self.browse(line_id for (line_id,) in rows)
