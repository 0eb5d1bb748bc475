from odoo import api, fields, models

from ..trail.opening import open_records


class HandoverLine(models.Model):
    """Checklist item that the outgoing manager explains to the incoming manager.

    The system lists the items; the managers check them off and add remarks.
    """

    _name = "nka.handover.line"
    _description = "Handover checklist item"
    _inherit = ["nka.guard.mixin"]
    _order = "handover_id, kind_sequence, id"

    _guarded_fields = (
        "handover_id",
        "key_account_id",
        "kind",
        "kind_sequence",
        "res_model",
        "res_id",
        "name",
    )

    handover_id = fields.Many2one(
        "nka.handover", required=True, index=True, ondelete="cascade"
    )
    key_account_id = fields.Many2one(
        "nka.key.account", "Key account", required=True, ondelete="restrict"
    )
    kind = fields.Selection(
        [
            ("activity", "Activity"),
            ("contact", "Contact to introduce"),
            ("file", "File"),
        ],
        required=True,
    )
    kind_sequence = fields.Integer("Order of kinds")
    res_model = fields.Char("Model", required=True)
    res_id = fields.Many2oneReference("Record", model_field="res_model", required=True)
    # Name at the time of listing: the record can be deleted, the item is kept.
    name = fields.Char("Item", required=True)
    done = fields.Boolean()
    note = fields.Char("Remark")

    def write(self, vals):
        if not self._is_unlocked(vals):
            self.handover_id._check_state("draft", "submitted", "approved", "returned")
        return super().write(vals)

    def action_open_record(self):
        """Open the record with the access rights of the current user."""
        self.ensure_one()
        return open_records(self.env[self.res_model].browse(self.res_id), self.name)

    # ------------------------------------------------------------ business
    @api.model
    def _refresh(self, handover):
        """Update the list; checked items and items with a remark are kept."""
        wanted = self._prepare_lines(handover)
        listed = {(line.res_model, line.res_id): line for line in handover.line_ids}
        self.browse(
            line.id
            for key, line in listed.items()
            if key not in wanted and not line.done and not line.note
        ).unlink()
        fresh = [vals for key, vals in wanted.items() if key not in listed]
        self._unlocked().create(fresh)

    @api.model
    def _prepare_lines(self, handover):
        """Return the values of all items, by model and id of their record."""
        lines = {}
        if handover.scope == "credit":
            return lines
        accounts = handover.key_account_ids
        kinds = self._fields["kind"].get_values(self.env)
        for kind, records in handover._checklist_sources(accounts):
            account_of = self._account_by_record(accounts, records)
            for record in records:
                account = account_of.get(record.id) or accounts[:1]
                lines[record._name, record.id] = {
                    "handover_id": handover.id,
                    "key_account_id": account.id,
                    "kind": kind,
                    "kind_sequence": kinds.index(kind),
                    "res_model": record._name,
                    "res_id": record.id,
                    "name": record.display_name or kind,
                }
        return lines

    @api.model
    def _account_by_record(self, accounts, records):
        """Hook: return the account of each record, by record id. It can be missing.

        :rtype: dict[int, nka.key.account]
        """
        if records._name == "nka.key.account":
            return {account.id: account for account in records}
        if records._name == "res.partner":
            by_client = {account.partner_id: account for account in accounts}
            return {
                partner.id: by_client.get(partner.commercial_partner_id)
                for partner in records
            }
        if "key_account_id" in records._fields:
            return {record.id: record.key_account_id for record in records}
        return self._account_by_owner(accounts, records)

    @api.model
    def _account_by_owner(self, accounts, records):
        """Find the accounts of activities and files by ``res_model`` and ``res_id``."""
        found = {}
        for model, children in records.grouped("res_model").items():
            owners = self.env[model].sudo().browse(children.mapped("res_id"))
            account_of = self._account_by_record(accounts, owners)
            found.update({child.id: account_of.get(child.res_id) for child in children})
        return found
