from odoo import api, fields, models

from ..trail.opening import open_records


class HandoverLine(models.Model):
    """One thing the giving manager explains to the receiving one.

    The system lists them; people tick them off and add a remark.
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
    # As it was called when it was listed: the record may go, the checklist stays.
    name = fields.Char("Item", required=True)
    done = fields.Boolean()
    note = fields.Char("Remark")

    def write(self, vals):
        if not self._is_unlocked(vals):
            self.handover_id._check_state("draft", "submitted", "approved", "returned")
        return super().write(vals)

    def action_open_record(self):
        """Open the record itself, with the rights of whoever asks."""
        self.ensure_one()
        return open_records(self.env[self.res_model].browse(self.res_id), self.name)

    # ------------------------------------------------------------ business
    @api.model
    def _refresh(self, handover):
        """List what belongs to the accounts now; ticked and annotated lines stay."""
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
        """Values of all lines by model and id of their record, kind by kind."""
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
        """Hook: the account each record belongs to; some belong to none.

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
        """Follow ``res_model`` / ``res_id`` of activities and files."""
        found = {}
        for model, children in records.grouped("res_model").items():
            owners = self.env[model].sudo().browse(children.mapped("res_id"))
            account_of = self._account_by_record(accounts, owners)
            found.update({child.id: account_of.get(child.res_id) for child in children})
        return found
