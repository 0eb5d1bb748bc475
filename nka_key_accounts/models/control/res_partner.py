from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, LazyTranslate

from ..accounts.res_partner import MOVING_FIELDS

_lt = LazyTranslate(__name__)

#: Fields that identify a contact or tell how to reach them.
CONTACT_FIELDS = (
    "name",
    "active",
    "company_id",
    "is_company",
    "parent_id",
    "company_name",
    "function",
    "type",
    "email",
    "phone",
    "mobile",
    "website",
    "street",
    "street2",
    "zip",
    "city",
    "state_id",
    "country_id",
    "vat",
    "company_registry",
)


class ResPartner(models.Model):
    """Count reads and check exports of key account contacts, and log changes to them.

    Before taking a client along to another company, an employee might make sure that no
    one else can reach the client.
    """

    _name = "res.partner"
    _inherit = ["res.partner", "nka.read.mixin"]
    _audit_kinds = {"contact": _lt("Client contact data")}
    _exported_by_colleagues = True
    _reading_kind = "contact"

    def _key_records(self):
        """Return contacts of key accounts in any company, with one query."""
        if not self.env["nka.reading"]._is_watched():
            return self.browse()
        return self._about_key_accounts()

    def _about_key_accounts(self):
        """Return the key account contacts regardless of the current user."""
        if not self.ids:
            return self.browse()
        return self.browse(sorted(self._key_accounts_by_contact()))

    def _key_domain(self):
        accounts = self.env["nka.key.account"].sudo()
        clients = accounts._search(Domain("state", "=", "key"))
        return Domain("commercial_partner_id", "in", clients.subselect("partner_id"))

    def _key_accounts_by_contact(self):
        """Return the contacts' key accounts in all companies, with one query.

        :return: account ids by contact id
        :rtype: dict[int, list[int]]
        """
        self.flush_recordset(["commercial_partner_id"])
        self.env["nka.key.account"].flush_model(["partner_id", "state"])
        rows = self.env.execute_query(
            SQL(
                """SELECT partner.id, ARRAY_AGG(account.id ORDER BY account.id)
                     FROM res_partner partner
                     JOIN nka_key_account account
                       ON account.partner_id = partner.commercial_partner_id
                    WHERE partner.id IN %s AND account.state = 'key'
                    GROUP BY partner.id""",
                tuple(self.ids),
            )
        )
        return dict(rows)

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        names = [name for name in self._contact_fields() if name in vals]
        before = self._prepare_contact_data(names, vals) if names else {}
        result = super().write(vals)
        self._record_contact_data(before)
        return result

    def unlink(self):
        before = self._prepare_contact_data(self._contact_fields(), {})
        entries = [
            self._prepare_contact_entry(contact, account, old, {})
            for contact, (accounts, old) in before.items()
            for account in accounts
        ]
        result = super().unlink()
        if entries:
            self.env["nka.audit.event"]._append(entries)
        return result

    def _contact_fields(self):
        return [name for name in CONTACT_FIELDS if name in self._fields]

    # ------------------------------------------------------------ contact data
    def _prepare_contact_data(self, names, vals):
        """Return the current data of the key account contacts among these.

        Costs one query if there are none.

        :param list[str] names: fields about to be changed
        :param dict vals: values about to be written
        :return: key accounts and texts by field name, for each contact
        :rtype: dict[res.partner, tuple]
        """
        found = self._find_key_contacts(vals) if self.ids else {}
        return {
            contact: (accounts, contact._contact_texts(names))
            for contact, accounts in found.items()
        }

    def _find_key_contacts(self, vals):
        """Return the key accounts of these contacts, by contact."""
        accounts = self.env["nka.key.account"].sudo()
        partners = self.sudo()
        if MOVING_FIELDS.isdisjoint(vals) and "active" not in vals:
            found = self._key_accounts_by_contact()
            every = {number for ids in found.values() for number in ids}
            return {
                partner: accounts.browse(found[partner.id]).with_prefetch(every)
                for partner in partners.browse(found)
            }
        # Cached already: the check of moved contacts needs the same records.
        self._accounts_near(vals)
        return {
            partner: current
            for partner in partners
            if (
                current := partner.commercial_partner_id.key_account_ids.filtered(
                    lambda account: account.state == "key"
                )
            )
        }

    def _contact_texts(self, names):
        """Return field values as texts, by field name.

        :rtype: dict[str, str]
        """
        self.ensure_one()
        return {name: self._contact_text(name) for name in names}

    def _contact_text(self, name):
        value = self[name]
        if isinstance(value, models.BaseModel):
            return value.display_name or ""
        if self._fields[name].type == "boolean":
            return self.env._("yes") if value else self.env._("no")
        return str(value or "")

    def _record_contact_data(self, before):
        """Log changed contact data, with one event per contact and key account."""
        entries = []
        for contact, (accounts, old) in before.items():
            new = contact._contact_texts(old)
            changed = [name for name in old if old[name] != new[name]]
            for account in accounts if changed else ():
                values = [{name: side[name] for name in changed} for side in (old, new)]
                entries.append(self._prepare_contact_entry(contact, account, *values))
        if entries:
            self.env["nka.audit.event"]._append(entries)

    def _prepare_contact_entry(self, contact, account, old, new):
        """Return an event about a contact for the audit trail of its client."""
        events = self.env["nka.audit.event"]
        entry = events._prepare_entry(
            contact,
            "contact",
            old=self._contact_words(old),
            new=self._contact_words(new),
            note=None if new else self.env._("Deleted"),
        )
        entry["company_id"] = account.company_id.id
        entry["key_account_ref"] = account.id
        return entry

    def _contact_words(self, texts):
        return "; ".join(
            f"{self._fields[name]._description_string(self.env)}: {text}"
            for name, text in texts.items()
            if text or len(texts) < len(self._contact_fields())
        )

    # ------------------------------------------------------------ suggestions
    @api.model
    def get_mention_suggestions(self, *args, **kwargs):
        """Count suggested contacts; the client sends the text and the limit."""
        answer = super().get_mention_suggestions(*args, **kwargs)
        self._count_suggested(answer)
        return answer

    @api.model
    def get_mention_suggestions_from_channel(self, *args, **kwargs):
        answer = super().get_mention_suggestions_from_channel(*args, **kwargs)
        self._count_suggested(answer)
        return answer

    @api.model
    def search_for_channel_invite(self, *args, **kwargs):
        answer = super().search_for_channel_invite(*args, **kwargs)
        self._count_suggested(answer.get("store_data"))
        return answer

    def get_attendee_detail(self, meeting_ids):
        """Count the names of attendees."""
        answer = super().get_attendee_detail(meeting_ids)
        if answer and self._is_reading():
            self._count_rows(answer)
        return answer

    @api.model
    def _count_suggested(self, answer):
        rows = answer.get("res.partner", ()) if isinstance(answer, dict) else ()
        if rows and self._is_reading():
            self._count_rows(rows)

    # ------------------------------------------------------------ cards
    def _build_vcard(self):
        """Count the vCard of a key account contact as a record read."""
        if not self.env["nka.reading"]._is_silent():
            self._count_reading()
        return super()._build_vcard()

    def _export_cards(self):
        """Check and log the download of several vCards.

        :raise AccessError: when the user can't export key account contacts
        """
        exported = self.exists().sudo()._key_records().sudo(False)
        if exported:
            exported._check_export()
            exported._record_export(["vCard"])
            self.env["nka.reading"]._count(len(exported), "export")
