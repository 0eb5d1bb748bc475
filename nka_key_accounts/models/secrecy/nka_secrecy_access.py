from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..trail.frozen_rows import frozen

#: Records that are about another one, and the field with its model.
ATTACHED = {"ir.attachment": "res_model", "mail.message": "model"}
#: Rows are kept until the company's retention has passed.
KEPT_RULE = """(before->>'day')::date > CURRENT_DATE - COALESCE(
    (SELECT nka_secrecy_days FROM res_company
      WHERE id = (before->>'company_id')::integer), 1095)"""


class SecrecyAccess(models.Model):
    """A person read, printed or exported data of a key account on a day.

    Rows are inserted while a secrecy regime is in force, one for each person, account,
    day and kind: whoever works with a client all day leaves a few rows, not thousands.
    """

    _name = "nka.secrecy.access"
    _inherit = ["nka.append.only.mixin"]
    _description = "Access to a key account"
    _log_access = False
    _order = "day desc, id desc"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users", "Person", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    # No foreign key: a candidate nominated by mistake can be deleted all the same.
    key_account_ref = fields.Integer("Key account ID", required=True, readonly=True)
    account_name = fields.Char(
        "Key account", compute="_compute_account_name", compute_sudo=True
    )
    day = fields.Date(required=True, readonly=True)
    kind = fields.Selection(
        lambda self: self.env["nka.reading"]._fields["kind"].selection,
        required=True,
        readonly=True,
    )
    date = fields.Datetime("First at", required=True, readonly=True)

    # Used at every counted read, and by the access register of an account.
    _account_idx = models.Index("(key_account_ref, day, user_id, kind)")

    @api.model
    def _guards(self):
        return [*super()._guards(), *frozen(self._table, KEPT_RULE)]

    # ------------------------------------------------------------ compute
    @api.depends("key_account_ref")
    def _compute_account_name(self):
        """Name the accounts, also those that the person can't read any more."""
        accounts = self.env["nka.key.account"].browse(
            set(self.mapped("key_account_ref"))
        )
        names = {row.id: row.display_name for row in accounts.exists()}
        for row in self:
            row.account_name = names.get(row.key_account_ref)

    @api.depends("user_id", "day")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.user_id.name}, {row.day}"

    # ------------------------------------------------------------ CRUD
    @api.model
    def _refuse_change(self):
        raise AccessError(
            self.env._(
                "Accesses to key accounts are recorded by the system. They can't be "
                "entered, changed or deleted, and are removed when the retention period "
                "ends."
            )
        )

    # ------------------------------------------------------------ keeping
    @api.model
    def _keep(self, records, kind=None):
        """Record that the current user accessed the accounts of these records.

        Costs nothing without a regime in force, and one query if all of it is known.

        :param records: records of one model that were read, printed or exported
        :param str kind: key of ``kind``; what the records count as by default
        """
        if not records or not self._is_kept():
            return
        accounts = self._accounts_of(records)
        kind = kind or getattr(records, "_reading_kind", "account")
        day = self.env["nka.reading"]._today()
        missing = accounts and self._missing(accounts, day, kind)
        if missing:
            with self.env["nka.reading"]._writable() as readings:
                readings.env[self._name]._insert(missing, day, kind)
                if readings.env.cr is not self.env.cr:
                    readings.env.cr.commit()

    @api.model
    def _is_kept(self):
        """Return whether a regime is in force in one of the user's companies."""
        companies = self.env.user.sudo().company_ids
        return bool(
            self.env["nka.secrecy.regime"]._companies_in_force() & set(companies._ids)
        )

    @api.model
    def _missing(self, accounts, day, kind):
        """Return the ids of the accounts of which no such access is known yet."""
        rows = self.env.execute_query(
            SQL(
                """SELECT account.id
                     FROM nka_key_account account
                     JOIN nka_secrecy_regime regime
                       ON regime.company_id = account.company_id
                      AND regime.state = 'in_force'
                    WHERE account.id = ANY(%(accounts)s)
                      AND NOT EXISTS (
                          SELECT FROM nka_secrecy_access known
                           WHERE known.key_account_ref = account.id
                             AND known.day = %(day)s AND known.kind = %(kind)s
                             AND known.user_id = %(user)s)""",
                accounts=accounts.ids,
                day=day,
                kind=kind,
                user=self.env.uid,
            )
        )
        return [number for [number] in rows]

    @api.model
    def _insert(self, account_ids, day, kind):
        self.env.cr.execute(
            SQL(
                """INSERT INTO nka_secrecy_access
                          (user_id, company_id, key_account_ref, day, kind, date)
                   SELECT %s, company_id, id, %s, %s, %s
                     FROM nka_key_account WHERE id = ANY(%s)""",
                self.env.uid,
                day,
                kind,
                fields.Datetime.now(),
                account_ids,
            )
        )

    @api.autovacuum
    def _gc_accesses(self):
        self.env.cr.execute(
            """DELETE FROM nka_secrecy_access old USING res_company company
                WHERE company.id = old.company_id
                  AND old.day <= CURRENT_DATE - company.nka_secrecy_days"""
        )

    # ------------------------------------------------------------ accounts
    @api.model
    def _accounts_of(self, records):
        """Return the key accounts that records are about.

        :param records: records of any model
        :rtype: nka.key.account
        """
        accounts = self.env["nka.key.account"].sudo()
        records = records.sudo().with_context(active_test=False)
        if records._name == accounts._name:
            return records
        if records._name == "res.partner":
            found = records._key_accounts_by_contact() if records.ids else {}
            return accounts.browse(sorted({i for ids in found.values() for i in ids}))
        if records._name in ATTACHED:
            return self._accounts_of_attached(records, ATTACHED[records._name])
        for path in ("key_account_id", "key_account_ids", "lead_id", "opportunity_id"):
            if path in records._fields:
                told = records.mapped(path)
                if told._name not in (accounts._name, "crm.lead"):
                    continue
                accounts |= (
                    told if told._name == accounts._name else told.key_account_id
                )
        if not accounts and "partner_id" in records._fields:
            accounts = self._accounts_of(records.mapped("partner_id"))
        return accounts

    @api.model
    def _accounts_of_attached(self, records, fname):
        accounts = self.env["nka.key.account"].sudo()
        for model, group in records.grouped(fname).items():
            if model in self.env and model not in ATTACHED:
                about = self.env[model].browse(group.mapped("res_id")).exists()
                accounts |= self._accounts_of(about)
        return accounts
