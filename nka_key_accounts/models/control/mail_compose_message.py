from odoo import api, models
from odoo.exceptions import AccessError

from ..trail.confined import check_reader, is_confined


class MailComposeMessage(models.TransientModel):
    """Check access to the composer's record, which subject and recipients disclose."""

    _inherit = "mail.compose.message"

    # ------------------------------------------------------------ compute
    def _compute_subject(self):
        """Check access first, since stored fields are computed as superuser."""
        self._check_may_read_records()
        return super()._compute_subject()

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        composers = super().create(vals_list)
        composers._check_may_read_records()
        return composers

    def write(self, vals):
        result = super().write(vals)
        self._check_may_read_records()
        return result

    # ------------------------------------------------------------ checks
    def _check_may_read_records(self):
        for composer in self:
            model = composer.model
            if model == "crm.lead" or is_confined(model):
                check_reader(self.env[model].browse(composer._evaluate_res_ids()))

    # ------------------------------------------------------------ sending
    def _prepare_mail_values(self, res_ids):
        """Check the sender of mass mails before Odoo creates them as superuser.

        :raise AccessError: when emails about key accounts without a template name
            another sender
        """
        prepared = super()._prepare_mail_values(res_ids)
        if not self.env.su:
            messages = self.env["mail.message"]
            places = [
                (self.model, number)
                for number, values in prepared.items()
                if not messages._is_own_voice(
                    values.get("author_id"), values.get("email_from")
                )
            ]
            for _model, number in messages._places_about_key_accounts(places):
                if not self.template_id:
                    raise AccessError(messages._speaker_message())
                # Templates can name a client's salesperson as sender. Replace the
                # sender for key accounts, so that one of them among many clients
                # doesn't block all emails.
                prepared[number].update(messages._own_voice())
        return prepared


class MailScheduledMessage(models.Model):
    """Check the author of scheduled messages, whose name the chatter shows."""

    _inherit = "mail.scheduled.message"

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        waiting = super().create(vals_list)
        waiting._check_author_speaks()
        return waiting

    def write(self, vals):
        result = super().write(vals)
        if "author_id" in vals:
            self._check_author_speaks()
        return result

    # ------------------------------------------------------------ checks
    def _check_author_speaks(self):
        if self.env.su:
            return
        for waiting in self.sudo():
            self.env["mail.message"]._check_speaker(
                {
                    "author_id": waiting.author_id.id,
                    "model": waiting.model,
                    "res_id": waiting.res_id,
                }
            )
