from odoo import api, models
from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)


class ResCompany(models.Model):
    """Settings of the addon: fields of the company with the parameter ``nka_setting``.

    Key account administrators can set them. Every change is logged in the audit trail,
    wherever it is made.
    """

    _inherit = "res.company"
    _audit_kinds = {"setting": _lt("Setting")}

    def _valid_field_parameter(self, field, name):
        return name == "nka_setting" or super()._valid_field_parameter(field, name)

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        self.env["nka.audit.head"]._begin(companies)
        return companies

    def write(self, vals):
        names = self._nka_settings().intersection(vals)
        before = {company: company._nka_words(names) for company in self if names}
        result = super().write(vals)
        for company, old in before.items():
            company._nka_record_settings(old)
        return result

    # ------------------------------------------------------------ business
    def _nka_settings(self):
        """Return the names of the fields that key account administrators can set.

        :rtype: set[str]
        """
        return {
            name
            for name, field in self._fields.items()
            if getattr(field, "nka_setting", False)
        }

    def _nka_words(self, names):
        """Return the display texts of settings, in the order of the fields."""
        company = self.sudo()
        return {
            name: company._nka_word(field, company[name])
            for name, field in company._fields.items()
            if name in names
        }

    def _nka_word(self, field, value):
        """Return the display text of a setting's value."""
        return field.convert_to_export(value, self)

    def _nka_record_settings(self, old):
        """Log the settings whose display text has changed.

        :param dict old: previous texts by field name, as returned by :meth:`_nka_words`
        """
        new = self._nka_words(old)
        self.env["nka.audit.event"]._append(
            [
                self._nka_prepare_setting(name, old[name], new[name])
                for name in old
                if old[name] != new[name]
            ]
        )

    def _nka_prepare_setting(self, name, old, new):
        """Return the values of one event about a setting, without writing anything."""
        entry = self.env["nka.audit.event"]._prepare_entry(
            self,
            "setting",
            old=old,
            new=new,
            note=self._fields[name]._description_string(self.env),
            digest=self._nka_setting_digest(name),
        )
        return {**entry, "company_id": self.id}

    def _nka_setting_digest(self, name):
        """Hook: return the hash of a setting, stored with every event about it."""
        return
