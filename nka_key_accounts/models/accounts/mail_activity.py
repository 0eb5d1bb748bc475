from odoo import api, models

from ..trail.roles import SUPERVISOR


class MailActivity(models.Model):
    """Assign activities of archived users to the users who replace them.

    Reviews, reminders and next steps are assigned to the users named on a record. They
    stay named there after their login is archived, so no one would see the activity.
    """

    _inherit = "mail.activity"

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._prepare_present(vals) for vals in vals_list])

    @api.model
    def _prepare_present(self, vals):
        """Return ``vals`` with an active user, for activities on key accounts."""
        user = self.env["res.users"].browse(vals.get("user_id") or []).sudo()
        if user.active or not user or not vals.get("res_id"):
            return vals
        record = self._subject_of(vals)
        person = record is not None and self._stand_in(record.sudo(), user)
        return {**vals, "user_id": person.id} if person else vals

    @api.model
    def _subject_of(self, vals):
        """Return the record of the future activity, or None if it doesn't exist."""
        model = vals.get("res_model")
        if vals.get("res_model_id"):
            model = self.env["ir.model"].sudo().browse(vals["res_model_id"]).model
        record = self.env[model].browse(vals["res_id"]) if model in self.env else None
        return record if record is not None and record.exists() else None

    @api.model
    def _stand_in(self, record, user):
        """Return the active user who replaces an archived one on a record.

        Empty for records that belong neither to this addon nor to a key account.

        :rtype: res.users
        """
        account_id = self.env["nka.audit.event"]._id_at(
            record, record._audit_account_field
        )
        account = self.env["nka.key.account"].sudo().browse(account_id or [])
        if account and user == account.supervisor_id:
            return account._reviewer(user) or account._user_to_tell()
        if account:
            return account._user_to_tell()
        if not record._name.startswith("nka."):
            return user.browse()
        company = record["company_id"] if "company_id" in record._fields else False
        company = company or self.env.company
        return user._nka_holders(SUPERVISOR, company, user)[:1]
