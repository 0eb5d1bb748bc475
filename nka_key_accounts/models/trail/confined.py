"""Records that people may know only by their own rights, wherever Odoo reads them.

Odoo does a few things as superuser for whoever asks: it computes stored fields of a
record that isn't saved yet, fills a mail in from a template, prints the reports attached
to it. The ids of the records come from the client there, so each of these asks first.
"""

from odoo import Command, api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

#: Beginnings of models that are read by their readers only.
CONFINED = ("nka.", "hr.payslip")
#: Models whose records are named by their readers only.
NAMED_BY_READERS = (*CONFINED, "crm.lead", "ir.attachment")
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


def check_told(records):
    """Refuse to make a page or a text of records for whoever may not know them.

    Odoo's own records are read as Odoo reads them: pages for clients and visitors are
    made in their name.

    :raise AccessError: naming the records as Odoo does
    """
    if is_confined(records._name):
        check_reader(records)
    else:
        records.sudo(False)._check_told()


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
        if model in self.env:
            ids = [number for number in res_ids if number]
            check_told(self.env[model].browse(ids))
        return super()._render_template(template_src, model, res_ids, *args, **kwargs)


class IrActionsReport(models.Model):
    """A page is printed for whoever may read it, even where Odoo prints as superuser.

    The report attached to a mail is one such place: with a template of one's own, the
    mail composer would print any record by its id.
    """

    _inherit = "ir.actions.report"

    def _get_rendering_context(self, report, docids, data):
        if docids and report.model:
            check_told(self.env[report.model].browse(docids))
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
        if records._name.startswith(NAMED_BY_READERS):
            text = error.args[0]
            for record in records[:6].sudo():
                text = text.replace(f", {record.display_name} (", " (")
            error.args = (text, *error.args[1:])
            records.invalidate_recordset()
        return error


class KnownMixin(models.AbstractModel):
    """A record in which a person names only records that they read.

    Ids come from the client: what is computed from another one's record, or refused
    because of it, would tell of it.
    """

    _name = "nka.known.mixin"
    _description = "Refers only to records its author can read"

    #: Links to records whose names are no secret, as a client who recommended a lead.
    _open_links = ()

    # ------------------------------------------------------------ CRUD
    @api.model
    def default_get(self, fields):
        """A default for everything comes from the client as well: ``default_*``."""
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
        """A form that is filled in tells nothing of a record its reader doesn't know.

        It sends along all that it shows, also what the record links already.
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
        """Hook: whether our own code does this, which names records for the person."""
        return self.env.su

    @api.model
    def _defaults_sent(self):
        """Values that a context brings for fields of this model."""
        return {
            key.removeprefix("default_"): value
            for key, value in self.env.context.items()
            if key.startswith("default_")
            and key.removeprefix("default_") in self._fields
        }

    @api.model
    def _named_in(self, vals_list, fname):
        """Records that values name, or a default of the context where they don't.

        :param str fname: a field of this model that links one record
        """
        sent = self.env.context.get(f"default_{fname}")
        ids = {vals.get(fname, sent) for vals in vals_list} - {None, False}
        return self.env[self._fields[fname].comodel_name].browse(ids)

    def _check_known(self, vals_list):
        """Refuse to name a record that the acting person doesn't read.

        What follows would tell of it: figures computed from it, or a refusal that calls
        it by its name. One that isn't there at all is refused in the same words, and one
        that these records link already is none that is named now.
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
        """Those of some ids of a model whose records the acting person may name.

        :rtype: set[int]
        """
        records = self.env[name].with_context(active_test=False)
        return set(records.search([("id", "in", list(ids))], order="id").ids)

    def _gather_named(self, vals, asked):
        """Gather the ids that values name, by model; rows inside of them included."""
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
        """Whether all of these records link that one, for whoever may change them."""
        if not self.ids or not self.has_access("write"):
            return False
        return all(record[fname].id == number for record in self.sudo())

    @api.model
    def _gather_linked(self, comodel_name, commands, asked):
        """Gather what commands link, and what the rows they bring name."""
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
