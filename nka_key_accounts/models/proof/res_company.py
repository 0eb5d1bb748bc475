from odoo import api, models
from odoo.tools import SQL

from .contents import VERSION, digest_of, plain_value

#: Field types compared with the audit trail. A linked record (account, journal) can be
#: deleted without a write on the company, so an empty link proves nothing.
COMPARED = ("boolean", "char", "float", "integer", "selection")


class ResCompany(models.Model):
    """Store a hash with every event about a setting; its prefix names the setting."""

    _inherit = "res.company"

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        for company in companies:
            # From then on, a setting without an event must have its default.
            company._nka_record_unproven()
        return companies

    # ------------------------------------------------------------ settings
    def _nka_setting_digest(self, name):
        field, company = self._fields[name], self.sudo()
        if field.type not in COMPARED:
            return super()._nka_setting_digest(name)
        return _digest_of(field, company[name])

    def _nka_compared(self):
        """Return the names of the settings to compare, in the order of the fields."""
        names = self._nka_settings()
        return [
            name
            for name, field in self._fields.items()
            if name in names and field.store and field.type in COMPARED
        ]

    def _nka_recorded_settings(self):
        """Return hash and text of the last event with a hash, per setting.

        :return: ``{hash prefix: (hash, text)}``
        :rtype: dict[str, tuple[str, str]]
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT ON (prefix) prefix, file_digest, new
                     FROM nka_audit_event
                    CROSS JOIN LATERAL split_part(file_digest, '$', 1) AS prefix
                    WHERE res_model = %s AND res_id = %s AND kind = 'setting'
                      AND file_digest IS NOT NULL
                    ORDER BY prefix, id DESC""",
                self._name,
                self.id,
            )
        )
        return {prefix: tuple(rest) for prefix, *rest in rows}

    def _nka_differing(self):
        """Yield the settings that differ from their last event, or from the default if
        there is none.

        :return: tuples of field name, text of the event or default, whether there is an
            event
        """
        kept = self._nka_recorded_settings()
        for name in self._nka_compared():
            field, now = self._fields[name], self._nka_setting_digest(name)
            if found := kept.get(_prefix(name)):
                digest, words = found
            else:
                first = self._nka_first_value(field)
                digest, words = _digest_of(field, first), self._nka_word(field, first)
            if now != digest:
                yield name, words, bool(found)

    def _nka_first_value(self, field):
        """Return a setting's default value, ignoring user-defined defaults."""
        value = field.default(self) if field.default else False
        return field.convert_to_record(field.convert_to_cache(value, self), self)

    def _nka_record_unproven(self, note=None):
        """Record settings that have no event and differ from their default.

        Also called by an update that changes a default, see ``_record_standing``.

        :param str note: reason for the record, added to the name of the setting
        """
        words = self._nka_words(self._nka_compared())
        entries = [
            self._nka_prepare_setting(name, words[name] if note else None, words[name])
            for name, _words, is_recorded in self._nka_differing()
            if not is_recorded
        ]
        for entry in entries if note else ():
            entry["note"] = f"{entry['note']}. {note}"
        self.env["nka.audit.event"]._append(entries)


def _digest_of(field, value):
    return digest_of(plain_value(field, value), _prefix(field.name))


def _prefix(name):
    return f"{VERSION}:{name}"
