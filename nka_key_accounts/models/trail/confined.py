"""Records that people may know only by their own rights, wherever Odoo reads them.

Odoo does a few things as superuser for whoever asks: it computes stored fields of a
record that isn't saved yet, fills a mail in from a template, prints the reports attached
to it. The ids of the records come from the client there, so each of these asks first.
"""

from odoo import api, models
from odoo.fields import Domain

#: Beginnings of models that are read by their readers only.
CONFINED = ("nka.", "hr.payslip")
#: Odoo's drafts of a step, with what was typed about records that others don't read:
#: reasons, recipients, notes, files to import. Odoo shows them to every employee.
OWN_DRAFTS = (
    "account.move.send.wizard",
    "base_import.import",
    "calendar.popover.delete.wizard",
    "crm.lead.lost",
    "crm.lead2opportunity.partner",
    "crm.lead2opportunity.partner.mass",
    "crm.merge.opportunity",
    "crm.quotation.partner",
    "mail.activity.schedule",
    "mail.followers.edit",
    "payment.link.wizard",
    "portal.share",
    "sms.composer",
)


def is_confined(model):
    """Whether records of a model are read by the rights of whoever asks, always.

    :param str model: its name, or nothing
    """
    return (model or "").startswith(CONFINED)


def check_reader(records):
    """Refuse records that the acting person may not read, superuser's rights or not.

    :raise AccessError: naming the records as Odoo does
    """
    records = records.sudo(False)
    records.check_access("read")
    records._check_told()


def name_unsaved(records, model_field, name_field):
    """Name what unsaved records are about as the acting person may know it: not at all
    without a right to read it.

    :param records: activities or messages, by ``res_id`` and ``model_field``
    :return: those of them that were named, for Odoo names the others
    """
    named = records.filtered(
        lambda row: row.res_id and not row.id and is_confined(row[model_field])
    )
    for row in named:
        about = records.env[row[model_field]].browse(row.res_id).sudo(False).exists()
        readable = about._filtered_access("read")
        row[name_field] = readable.sudo().display_name if readable else False
    return named


class MailActivity(models.Model):
    """An activity that isn't saved yet names only what its maker may read."""

    _inherit = "mail.activity"

    def _compute_res_name(self):
        named = name_unsaved(self, "res_model", "res_name")
        return super(MailActivity, self - named)._compute_res_name()


class MailMessage(models.Model):
    """A message that isn't saved yet names only what its author may read."""

    _inherit = "mail.message"

    def _compute_record_name(self):
        named = name_unsaved(self, "model", "record_name")
        return super(MailMessage, self - named)._compute_record_name()


class MailRenderMixin(models.AbstractModel):
    """A text is filled in from records that the acting person reads."""

    _inherit = "mail.render.mixin"

    @api.model
    def _render_template(self, template_src, model, res_ids, *args, **kwargs):
        if is_confined(model) or model == "calendar.event":
            check_reader(self.env[model].browse(number for number in res_ids if number))
        return super()._render_template(template_src, model, res_ids, *args, **kwargs)


class IrActionsReport(models.Model):
    """A page is printed for whoever may read it, even where Odoo prints as superuser.

    The report attached to a mail is one such place: with a template of one's own, the
    mail composer would print any record by its id.
    """

    _inherit = "ir.actions.report"

    def _get_rendering_context(self, report, docids, data):
        if docids and report.model:
            records = self.env[report.model].browse(docids)
            if is_confined(report.model):
                check_reader(records)
            else:
                records._check_told()
        return super()._get_rendering_context(report, docids, data)


class IrRule(models.Model):
    """Rules that can't be data: they hold for a whole kind of models, or for models of
    addons that needn't be installed.
    """

    _inherit = "ir.rule"

    @api.model
    def _compute_domain(self, model_name, mode="read"):
        """What is typed into a window is its writer's until it is applied."""
        domain = super()._compute_domain(model_name, mode)
        is_draft = self.env[model_name]._transient and (
            is_confined(model_name) or model_name in OWN_DRAFTS
        )
        if is_draft and not self.env.su:
            return domain & Domain("create_uid", "=", self.env.uid)
        return domain

    def _make_access_error(self, operation, records):
        """In debug mode Odoo's refusal names the records that it refuses."""
        error = super()._make_access_error(operation, records)
        if is_confined(records._name) or records._name == "crm.lead":
            text = error.args[0]
            for record in records[:6].sudo():
                text = text.replace(f", {record.display_name} (", " (")
            error.args = (text, *error.args[1:])
            records.invalidate_recordset()
        return error
