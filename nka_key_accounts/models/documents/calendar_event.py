"""The minutes of a negotiation are kept as a document of its deal."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..trail.opening import open_records


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    can_make_minutes = fields.Boolean(compute="_compute_can_make_minutes")

    # ------------------------------------------------------------ compute
    @api.depends_context("uid")
    def _compute_can_make_minutes(self):
        allowed = self.env["nka.document"].has_access("create")
        for event in self:
            event.can_make_minutes = allowed and bool(event._negotiated_account())

    # ------------------------------------------------------------ actions
    def action_make_minutes(self):
        """Write the minutes of this meeting as a document of the deal, ready to
        complete and submit.

        :return: the action that opens the document
        :raise UserError: for who keeps no documents, or when the client is no key
            account
        """
        self.ensure_one()
        self.check_access("read")
        if not self.can_make_minutes:
            raise UserError(
                self.env._(
                    "Minutes are kept as documents of a key account; “%s” has none.",
                    self.name,
                )
            )
        document = self.env["nka.document"].create(self._prepare_minutes())
        self.env["ir.attachment"].create(self._prepare_minutes_file(document))
        return open_records(document, views=[(False, "form")])

    def _prepare_minutes(self):
        kind = self.env.ref("nka_key_accounts.nka_document_type_minutes", False)
        return {
            "title": self.env._(
                "Minutes: %(meeting)s, %(day)s",
                meeting=self.name,
                day=self._local_day(),
            ),
            "type_id": kind.id if kind else False,
            "key_account_id": self._negotiated_account().id,
            "lead_id": self.opportunity_id.id,
            "description": self.description,
        }

    def _prepare_minutes_file(self, document):
        reports = self.env["ir.actions.report"]
        name = "nka_key_accounts.calendar_event_report_minutes"
        content, kind = reports._render_qweb_pdf(name, self.ids)
        return {
            "name": f"{self.env._('Minutes')} {self._local_day()}.{kind}",
            "raw": content,
            "mimetype": "application/pdf" if kind == "pdf" else "text/html",
            "res_model": document._name,
            "res_id": document.id,
        }

    def _local_day(self):
        return fields.Datetime.context_timestamp(self, self.start).date()
