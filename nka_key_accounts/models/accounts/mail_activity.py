from odoo import api, models

from ..trail.roles import SUPERVISOR


class MailActivity(models.Model):
    """What is asked of somebody who has left is asked of who stands in for them.

    Reviews, reminders and next steps go by the people named on a record, and these stay
    named there after their login is archived: nobody would ever see the activity.
    """

    _inherit = "mail.activity"

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._prepare_present(vals) for vals in vals_list])

    @api.model
    def _prepare_present(self, vals):
        """Values for somebody who is still with us, where it is about a key account."""
        user = self.env["res.users"].browse(vals.get("user_id") or []).sudo()
        if user.active or not user or not vals.get("res_id"):
            return vals
        record = self._subject_of(vals)
        person = record is not None and self._stand_in(record.sudo(), user)
        return {**vals, "user_id": person.id} if person else vals

    @api.model
    def _subject_of(self, vals):
        """The record that an activity is going to be about, if it is there."""
        model = vals.get("res_model")
        if vals.get("res_model_id"):
            model = self.env["ir.model"].sudo().browse(vals["res_model_id"]).model
        record = self.env[model].browse(vals["res_id"]) if model in self.env else None
        return record if record is not None and record.exists() else None

    @api.model
    def _stand_in(self, record, user):
        """Who stands in for an archived person on a record of ours or of a key account.

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
