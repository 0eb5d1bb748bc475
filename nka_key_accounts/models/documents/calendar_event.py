"""Minutes of negotiations, stored as a document of the deal."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..trail.opening import open_records

#: Document type of minutes.
MINUTES = "nka_key_accounts.nka_document_type_minutes"
#: Minutes created from the meeting in the row ``claim``, or from the one it replaces.
_MADE_OF_IT = SQL(
    """calendar_event linked JOIN nka_document minutes ON minutes.id = linked.nka_minutes_id
        WHERE linked.id IN (claim.id, claim.moved_from_id)"""
)
#: Minutes made without the button are evidence of the last negotiation before them.
_OF_ITS_DEAL = SQL(
    """nka_document minutes
        WHERE minutes.lead_id = claim.lead_id
          AND NOT EXISTS (SELECT FROM calendar_event linked
                           WHERE linked.nka_minutes_id = minutes.id)
          AND NOT EXISTS (SELECT FROM calendar_event later
                           WHERE later.opportunity_id = claim.lead_id
                             AND later.is_negotiation AND later.active
                             AND (later.start, later.id) > (claim.start, claim.id)
                             AND later.start <= minutes.submit_date)"""
)


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    can_make_minutes = fields.Boolean(
        "Can write minutes", compute="_compute_can_make_minutes"
    )
    # Set by the button only: the minutes of one meeting are no evidence of another.
    nka_minutes_id = fields.Many2one(
        "nka.document",
        "Minutes",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    # ------------------------------------------------------------ compute
    @api.depends_context("uid")
    def _compute_can_make_minutes(self):
        allowed = self.env["nka.document"].has_access("create")
        for event in self:
            event.can_make_minutes = allowed and bool(event._negotiated_account())

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        return super().create([{**vals, "nka_minutes_id": False} for vals in vals_list])

    def write(self, vals):
        vals = {name: value for name, value in vals.items() if name != "nka_minutes_id"}
        return super().write(vals)

    # ------------------------------------------------------------ actions
    def action_make_minutes(self):
        """Create the minutes of this meeting as a document to complete and submit.

        :return: the action that opens the document
        :raise UserError: if the user can't create documents, or the meeting has no key
            account
        """
        self.ensure_one()
        self.check_access("read")
        if not self.can_make_minutes:
            raise UserError(
                self.env._(
                    "Minutes are stored with a key account, and “%s” isn't linked to "
                    "one. Select a deal of a key account first.",
                    self.name,
                )
            )
        document = self.env["nka.document"].create(self._prepare_minutes())
        self.env["ir.attachment"].create(self._prepare_minutes_file(document))
        self._note(nka_minutes_id=document.id)
        return open_records(document, views=[(False, "form")])

    # ------------------------------------------------------------ business
    @api.model
    def _negotiation_approvals(self):
        """Add minutes that another user approved and that are newer than the meeting.

        A meeting that was moved needs minutes submitted after the move.
        """
        kind_id = self.env["ir.model.data"]._xmlid_to_res_id(MINUTES)
        return [
            *super()._negotiation_approvals(),
            *(
                SQL(
                    """EXISTS (SELECT FROM %s
                                  AND minutes.type_id = %s
                                  AND minutes.state IN (
                                      'approved', 'superseded', 'expired')
                                  AND minutes.approved_by_id != claim.user_id
                                  AND minutes.submit_date
                                      >= GREATEST(claim.start, claim.fixed_date))""",
                    minutes,
                    kind_id or None,
                )
                for minutes in (_MADE_OF_IT, _OF_ITS_DEAL)
            ),
        ]

    def _prepare_minutes(self):
        kind = self.env.ref(MINUTES, False)
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
        # Kept as a document, so it isn't counted as a print.
        inside = self.env["nka.read.mixin"]._inside()
        reports = inside.env["ir.actions.report"]
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
