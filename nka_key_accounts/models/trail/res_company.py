from odoo import api, models
from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)


class ResCompany(models.Model):
    """Settings of the addon: fields of the company with the parameter ``nka_setting``.

    An administrator of key accounts sets them, and every change is on record, by
    whichever page it was made.
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
        """Names of the fields that an administrator of key accounts sets.

        :rtype: set[str]
        """
        return {
            name
            for name, field in self._fields.items()
            if getattr(field, "nka_setting", False)
        }

    def _nka_words(self, names):
        """Settings of this company as a person reads them, in the order of the fields."""
        company = self.sudo()
        return {
            name: company._fields[name].convert_to_export(company[name], company)
            for name in company._fields
            if name in names
        }

    def _nka_record_settings(self, old):
        events = self.env["nka.audit.event"]
        new = self._nka_words(old)
        events._append(
            [
                {
                    **events._prepare_entry(
                        self,
                        "setting",
                        old=old[name],
                        new=new[name],
                        note=self._fields[name]._description_string(self.env),
                    ),
                    "company_id": self.id,
                }
                for name in old
                if old[name] != new[name]
            ]
        )
