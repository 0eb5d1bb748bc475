from odoo import api, fields, models


class HandoverLine(models.Model):
    _inherit = "nka.handover.line"

    # In the order of the screen: leads first, meetings next to the activities.
    kind = fields.Selection(
        selection_add=[
            ("lead", "Open lead"),
            ("activity",),
            ("meeting", "Meeting"),
            ("contact",),
        ],
        ondelete={"lead": "cascade", "meeting": "cascade"},
    )

    @api.model
    def _account_by_record(self, accounts, records):
        if records._name != "calendar.event":
            return super()._account_by_record(accounts, records)
        by_client = {account.partner_id: account for account in accounts}
        found = {}
        for event in records:
            clients = event.partner_ids.commercial_partner_id
            own = [by_client[client] for client in clients if client in by_client]
            found[event.id] = own[0] if own else event.opportunity_id.key_account_id
        return found
