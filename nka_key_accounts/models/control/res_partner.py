from odoo import models
from odoo.tools import SQL


class ResPartner(models.Model):
    """Contacts of key accounts are counted when read and guarded when exported."""

    _name = "res.partner"
    _inherit = ["res.partner", "nka.read.mixin"]

    def _key_records(self):
        """Contacts whose client is a key account of any company: one query, and none
        for people without a role of the addon.
        """
        if not self.env["nka.reading"]._is_counted():
            return self.browse()
        return self._about_key_accounts()

    def _about_key_accounts(self):
        """Contacts of key accounts, whoever asks."""
        if not self.ids:
            return self.browse()
        rows = self.env.execute_query(
            SQL(
                """SELECT partner.id FROM res_partner partner
                     JOIN nka_key_account account
                       ON account.partner_id = partner.commercial_partner_id
                    WHERE partner.id IN %s AND account.state = 'key'""",
                tuple(self.ids),
            )
        )
        return self.browse(sorted({row[0] for row in rows}))

    def _build_vcard(self):
        """A card of a key account's contact is a record read."""
        if not self.env.su:
            self._count_reading()
        return super()._build_vcard()

    def _export_cards(self):
        """Refuse, or record, that several cards are taken at once."""
        exported = self.exists().sudo()._key_records().sudo(False)
        if exported:
            exported._check_export()
            exported._record_export(["vCard"])
