from odoo import api, models
from odoo.exceptions import UserError

from ..accounts.asking import name_helpers


class MailActivity(models.Model):
    """Allow activities on a key account deal only for users who can open it."""

    _inherit = "mail.activity"

    @api.model_create_multi
    def create(self, vals_list):
        activities = super().create(vals_list)
        activities._check_given()
        return activities

    def write(self, vals):
        result = super().write(vals)
        if vals.get("user_id"):
            self._check_given()
        return result

    def _check_given(self):
        """Check that the assignees of activities can open the deal.

        :raise UserError: naming the people who can take the activity
        """
        if self.env.su:
            return
        given = self.filtered(
            lambda todo: todo.res_model == "crm.lead" and todo.user_id != self.env.user
        )
        for todo in given:
            lead = self.env["crm.lead"].sudo().browse(todo.res_id)._of_key_accounts()
            if lead and not lead.with_user(todo.user_id).sudo(False).has_access("read"):
                raise UserError(
                    self.env._(
                        "%(person)s can't open this deal of a key account, so they "
                        "can't be given the activity. Assign it to %(people)s.",
                        person=todo.user_id.sudo().name,
                        people=name_helpers(lead.key_account_id),
                    )
                )

    # ------------------------------------------------------------ refusals
    def _explain_refusal(self, operation):
        deals = self.sudo().filtered(lambda todo: todo.res_model == "crm.lead")
        return (
            self.env["crm.lead"]
            .browse(deals.mapped("res_id"))
            ._explain_refusal(operation)
        )

    def _make_access_error(self, operation):
        own = self._explain_refusal(operation)
        return own or super()._make_access_error(operation)
