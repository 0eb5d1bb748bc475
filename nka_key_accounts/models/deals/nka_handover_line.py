from odoo import api, fields, models


class HandoverLine(models.Model):
    _inherit = "nka.handover.line"

    kind = fields.Selection(
        selection_add=[
            ("lead",),
            ("order", "Open order"),
            ("activity",),
            ("commitment", "Commitment"),
            ("contribution", "Requested contribution"),
            ("concession", "Concession"),
        ],
        ondelete={
            "order": "cascade",
            "commitment": "cascade",
            "contribution": "cascade",
            "concession": "cascade",
        },
    )

    @api.model
    def _account_by_record(self, accounts, records):
        if records._name != "sale.order":
            return super()._account_by_record(accounts, records)
        by_client = {account.partner_id: account for account in accounts}
        return {
            order.id: by_client.get(order.partner_id.commercial_partner_id)
            for order in records
        }
