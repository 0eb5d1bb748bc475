from odoo import api, fields, models
from odoo.tools import SQL

from ..proof.contents import digest_of, values_of


class GateException(models.Model):
    """A gate override: a deal is in a stage despite missing requirements.

    Only supervisors create it, with :meth:`crm.lead.action_let_through`. It is valid
    while the deal stays in that stage; if the deal comes back later, the gate applies
    again. The audit trail keeps it permanently.
    """

    _name = "nka.gate.exception"
    _description = "Gate override"
    _order = "id desc"
    _rec_name = "lead_id"

    lead_id = fields.Many2one(
        "crm.lead",
        "Deal",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    stage_id = fields.Many2one(
        "crm.stage", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    user_id = fields.Many2one(
        "res.users", "Overridden by", required=True, readonly=True
    )
    reason = fields.Text(required=True, readonly=True)

    _lead_stage_unique = models.Constraint(
        "UNIQUE(lead_id, stage_id)",
        "The gate of this stage was already overridden for this deal.",
    )

    # ------------------------------------------------------------ business
    @api.model
    def _except(self, lead, reason):
        """Record a supervisor's override for the current stage of a deal.

        :rtype: nka.gate.exception
        """
        exceptions = self.sudo()
        exceptions.search([("lead_id", "=", lead.id)]).unlink()
        lead = lead.sudo()
        company = lead.company_id or lead.key_account_id.company_id or self.env.company
        return exceptions.create(
            {
                "lead_id": lead.id,
                "stage_id": lead.stage_id.id,
                "company_id": company.id,
                "user_id": self.env.uid,
                "reason": reason,
            }
        )

    def _digest(self):
        """Return the hash of stage, user, reason and time, as in the audit event."""
        self.ensure_one()
        moment = fields.Datetime.to_string(self.create_date)
        return digest_of([*values_of(self, ("stage_id", "user_id", "reason")), moment])

    @api.model
    def _end(self, leads):
        """End the overrides of deals that left their stage."""
        if leads:
            self.sudo().search([("lead_id", "in", leads.ids)]).unlink()

    @api.model
    def _of(self, leads):
        """Return those of these deals with an override for their current stage.

        :rtype: crm.lead
        """
        if not leads:
            return leads
        leads._flush_gates()
        rows = self.env.execute_query(
            SQL(
                "SELECT lead.id FROM crm_lead lead WHERE lead.id = ANY(%s) AND EXISTS (%s)",
                list(leads._ids),
                self._sql_in_force("lead"),
            )
        )
        return leads.browse([lead_id for (lead_id,) in rows])

    @api.model
    def _sql_in_force(self, alias):
        """Select the overrides for a deal's stage made since the deal entered it."""
        return SQL(
            """SELECT 1 FROM nka_gate_exception exception
                WHERE exception.lead_id = %(lead)s.id
                  AND exception.stage_id = %(lead)s.stage_id
                  AND (%(lead)s.date_last_stage_update IS NULL
                       OR exception.create_date
                          >= date_trunc('second', %(lead)s.date_last_stage_update))""",
            lead=SQL.identifier(alias),
        )
