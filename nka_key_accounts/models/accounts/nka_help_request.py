from odoo import api, fields, models
from odoo.exceptions import UserError

from .asking import who_decides, who_works

#: Maximum length of a question in characters; any colleague can send one.
LONGEST = 2000


class HelpRequest(models.TransientModel):
    """Question to the manager of a key account or its supervisor, from a colleague who
    lacks the access for what they need.

    The user to ask is derived from the record, never from values of the RPC client.
    """

    _name = "nka.help.request"
    _description = "Question about a key account"

    res_model = fields.Char("Source model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        "Record", model_field="res_model", required=True, readonly=True
    )
    is_decision = fields.Boolean("For a supervisor", readonly=True)
    user_id = fields.Many2one(
        "res.users", "Person asked", compute="_compute_user_id", compute_sudo=True
    )
    text = fields.Text("What do you need?", required=True)

    @api.depends("res_model", "res_id", "is_decision")
    def _compute_user_id(self):
        for request in self:
            account = request._account()
            person = (who_decides if request.is_decision else who_works)(account)
            request.user_id = person[:1] or who_decides(account)[:1]

    # ------------------------------------------------------------ actions
    def action_send(self):
        """Schedule a to-do with the question for the user who can help.

        :raise UserError: if the record has no key account, or the user has already
            asked
        """
        self.ensure_one()
        person = self.sudo().user_id
        if not person:
            raise UserError(
                self.env._("This isn't about a key account, so there is no one to ask.")
            )
        subject = self._subject()
        summary = self.env._("Question from %s", self.env.user.name)
        asked = subject.activity_ids.filtered(
            lambda todo: todo.user_id == person and todo.summary == summary
        )
        if asked:
            raise UserError(
                self.env._(
                    "You have already asked %s about this, and the question is still "
                    "open. Wait for the answer, or add a message.",
                    person.name,
                )
            )
        subject.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=person.id,
            summary=summary,
            note=self.text[:LONGEST],
        )
        return {"type": "ir.actions.act_window_close"}

    # ------------------------------------------------------------ business
    @api.model
    def _action_ask(self, record, is_decision):
        """Return the action that opens the question about a record.

        :rtype: dict
        """
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ask for help"),
            "res_model": self._name,
            "views": [(False, "form")],
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_res_model": record._name,
                "default_res_id": record._origin.id,
                "default_is_decision": is_decision,
            },
        }

    @api.model
    def _subjects(self):
        """Return the models of records to ask about, with the path to the account."""
        return {"res.partner": "commercial_partner_id.key_account_ids"}

    def _subject(self):
        self.ensure_one()
        if self.res_model not in self._subjects():
            return self.env["res.partner"].sudo()
        return self.env[self.res_model].sudo().browse(self.res_id).exists()

    def _account(self):
        subject = self._subject()
        accounts = self.env["nka.key.account"].sudo()
        if subject:
            accounts = subject.mapped(self._subjects()[subject._name])
        accounts = accounts.filtered(
            lambda account: account.company_id in self.env.user.company_ids.parent_ids
        )
        return accounts[:1].with_user(self.env.uid).sudo()
