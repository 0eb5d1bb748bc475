"""Access checks for records that Odoo reads as superuser on behalf of a user.

Odoo does so when it computes stored fields of an unsaved record, renders a mail
template or prints the reports attached to it. The client supplies the record ids there,
so each of these methods checks the user's own access first.
"""

from odoo import Command, api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

#: Prefixes of the models whose records are always read with the user's own rights.
CONFINED = ("nka.", "hr.payslip")
#: Models whose display names are shown only to users who can read the record.
NAMED_BY_READERS = (*CONFINED, "crm.lead", "ir.attachment")
#: Odoo's wizards that contain what a user typed about records others can't read:
#: reasons, recipients, notes, files to import. Odoo lets every employee read them.
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
    """Return whether records of a model are always read with the user's own rights.

    :param str model: technical name, or a false value
    :rtype: bool
    """
    return (model or "").startswith(CONFINED)


def check_reader(records):
    """Refuse records that the current user can't read, even as superuser.

    :raise AccessError: Odoo's own message, which names the records
    """
    records = records.sudo(False)
    records.check_access("read")
    records._check_told()


def check_told(records):
    """Refuse to render a page or text that would disclose records to the user.

    Records of Odoo's models keep Odoo's own access rules, because pages for clients and
    visitors are rendered under their user.

    :raise AccessError: Odoo's own message, which names the records
    """
    if is_confined(records._name):
        check_reader(records)
    else:
        records.sudo(False)._check_told()


def name_unsaved(records, model_field, name_field):
    """Set the record name of unsaved activities or messages with the user's own rights.

    The name stays empty if the user can't read the record it refers to.

    :param records: activities or messages that refer to a record by ``res_id`` and
        ``model_field``
    :param str model_field: field with the model of that record
    :param str name_field: field that receives the name
    :return: the records handled here; Odoo names the others
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
    """Show record names of unsaved activities only to users with read access."""

    _inherit = "mail.activity"

    def _compute_res_name(self):
        named = name_unsaved(self, "res_model", "res_name")
        return super(MailActivity, self - named)._compute_res_name()


class MailMessage(models.Model):
    """Show record names of unsaved messages only to users with read access."""

    _inherit = "mail.message"

    def _compute_record_name(self):
        named = name_unsaved(self, "model", "record_name")
        return super(MailMessage, self - named)._compute_record_name()


class MailRenderMixin(models.AbstractModel):
    """Render templates only from records that the current user can read."""

    _inherit = "mail.render.mixin"

    @api.model
    def _render_template(self, template_src, model, res_ids, *args, **kwargs):
        if model in self.env:
            ids = [number for number in res_ids if number]
            check_told(self.env[model].browse(ids))
        return super()._render_template(template_src, model, res_ids, *args, **kwargs)


class IrActionsReport(models.Model):
    """Print reports only for users who can read the records.

    This holds even where Odoo prints as superuser, as for reports attached to a mail:
    with a custom template, the mail composer would print any record by its id.
    """

    _inherit = "ir.actions.report"

    def _get_rendering_context(self, report, docids, data):
        if docids and report.model:
            check_told(self.env[report.model].browse(docids))
        return super()._get_rendering_context(report, docids, data)


class IrRule(models.Model):
    """Add record rules that can't be defined in data files, because they apply to
    groups of models or to models of optional addons.
    """

    _inherit = "ir.rule"

    @api.model
    def _compute_domain(self, model_name, mode="read"):
        """Restrict wizards to the user who created them."""
        domain = super()._compute_domain(model_name, mode)
        is_draft = self.env[model_name]._transient and (
            is_confined(model_name) or model_name in OWN_DRAFTS
        )
        if is_draft and not self.env.su:
            return domain & Domain("create_uid", "=", self.env.uid)
        return domain

    def _make_access_error(self, operation, records):
        """Remove record names from the access error that Odoo shows in debug mode."""
        error = super()._make_access_error(operation, records)
        if records._name.startswith(NAMED_BY_READERS):
            text = error.args[0]
            for record in records[:6].sudo():
                text = text.replace(f", {record.display_name} (", " (")
            error.args = (text, *error.args[1:])
            records.invalidate_recordset()
        return error


class KnownMixin(models.AbstractModel):
    """Mixin for models in which users can reference only records they can read.

    The client supplies the ids. A value computed from another user's record, or an
    error that names it, would disclose its content.
    """

    _name = "nka.known.mixin"
    _description = "Refers only to records its author can read"

    #: Many2one fields whose targets aren't confidential, such as a lead's referrer.
    _open_links = ()

    # ------------------------------------------------------------ CRUD
    @api.model
    def default_get(self, fields):
        """Check the defaults too: clients can send ``default_*`` for any field."""
        values = super().default_get(fields)
        self._check_known([values])
        return values

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_done_by_code(vals_list):
            sent = self._defaults_sent()
            self._check_known([{**sent, **vals} for vals in vals_list])
        return super().create(vals_list)

    def onchange(self, values, field_names, fields_spec):
        """Refuse form values that reference records the user can't read.

        The form sends all values it shows, including references that the record already
        had; those are accepted.
        """
        self._check_known([values])
        return super().onchange(values, field_names, fields_spec)

    def write(self, vals):
        if not self._is_done_by_code(vals):
            self._check_known([vals])
        return super().write(vals)

    # ------------------------------------------------------------ known records
    @api.model
    def _is_done_by_code(self, vals):
        """Hook: return whether this addon's own code creates or writes these values.

        Its references aren't checked.
        """
        return self.env.su

    @api.model
    def _defaults_sent(self):
        """Return the ``default_*`` values of the context for fields of this model."""
        return {
            key.removeprefix("default_"): value
            for key, value in self.env.context.items()
            if key.startswith("default_")
            and key.removeprefix("default_") in self._fields
        }

    @api.model
    def _named_in(self, vals_list, fname):
        """Return the records that the values reference in a field.

        Values without the field take the ``default_*`` key of the context.

        :param list[dict] vals_list: values of a create
        :param str fname: name of a many2one field of this model
        """
        sent = self.env.context.get(f"default_{fname}")
        ids = {vals.get(fname, sent) for vals in vals_list} - {None, False}
        return self.env[self._fields[fname].comodel_name].browse(ids)

    def _check_known(self, vals_list):
        """Refuse references to records that the current user can't read.

        Computed values or error messages would disclose such a record otherwise.
        Records that don't exist get the same message. References that these records
        already have are accepted.

        :param list[dict] vals_list: values of a create, write or onchange
        :raise AccessError: when the user can't read one of the referenced records
        """
        if self.env.su:
            return
        asked = {}
        for vals in vals_list:
            self._gather_named(vals, asked)
        for name, ids in asked.items():
            if ids - self._known_ids(name, ids):
                raise AccessError(
                    self.env._(
                        "You don't have access to one of the records you selected. "
                        "Select only records you can see."
                    )
                )

    @api.model
    def _known_ids(self, name, ids):
        """Return those of the ids whose records the current user can reference.

        :param str name: technical name of the model
        :param set[int] ids: ids to check
        :rtype: set[int]
        """
        records = self.env[name].with_context(active_test=False)
        return set(records.search([("id", "in", list(ids))], order="id").ids)

    def _gather_named(self, vals, asked):
        """Collect the ids that values and nested rows reference, by model."""
        for fname, value in vals.items():
            field = self._fields.get(fname)
            if not field or not value or fname in self._open_links:
                continue
            if field.type == "many2one":
                number = value[0] if isinstance(value, (list, tuple)) else value
                number = number.get("id") if isinstance(number, dict) else number
                named = (field.comodel_name or "").startswith(NAMED_BY_READERS)
                if named and isinstance(number, int):
                    if not self._links_already(fname, number):
                        asked.setdefault(field.comodel_name, set()).add(number)
            elif field.type in ("one2many", "many2many"):
                self._gather_linked(field.comodel_name, value, asked)

    def _links_already(self, fname, number):
        """Return whether all of these records already reference that one.

        False for users who can't write the records.
        """
        if not self.ids or not self.has_access("write"):
            return False
        return all(record[fname].id == number for record in self.sudo())

    @api.model
    def _gather_linked(self, comodel_name, commands, asked):
        """Collect the ids that x2many commands link or that their rows reference."""
        below = self.env[comodel_name]
        linked = set()
        for command in commands if isinstance(commands, (list, tuple)) else ():
            if isinstance(command, int):
                linked.add(command)
            elif command and command[0] == Command.LINK:
                linked.add(command[1])
            elif command and command[0] == Command.SET:
                linked.update(command[2])
            elif len(command or ()) == 3 and isinstance(command[2], dict):
                if hasattr(below, "_gather_named"):
                    is_known = command[0] == Command.UPDATE
                    rows = below.browse(command[1]) if is_known else below
                    rows._gather_named(command[2], asked)
        if linked and comodel_name.startswith(NAMED_BY_READERS):
            asked.setdefault(comodel_name, set()).update(linked)
