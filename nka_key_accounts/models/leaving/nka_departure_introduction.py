from odoo import api, fields, models
from odoo.tools import SQL

from ..facts import contacts
from ..people.nka_stakeholder import KEY_ROLES

#: Models that the view reads.
SOURCES = (
    "nka.departure",
    "nka.handover",
    "nka.stakeholder",
    "calendar.event",
    "calendar.attendee",
)


class DepartureIntroduction(models.Model):
    """A decision maker whom the leaver and the successor have to meet together.

    Nobody ticks it off: it is done by a meeting that took place since the departure was
    opened, with the contact, the outgoing and the incoming manager.
    """

    _name = "nka.departure.introduction"
    _description = "Introduction of a successor"
    _inherit = ["nka.read.mixin"]
    _auto = False
    _order = "departure_id, key_account_id, stakeholder_id"
    _rec_name = "stakeholder_id"

    departure_id = fields.Many2one("nka.departure", readonly=True)
    handover_id = fields.Many2one("nka.handover", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    key_account_id = fields.Many2one("nka.key.account", "Key account", readonly=True)
    stakeholder_id = fields.Many2one("nka.stakeholder", "Decision maker", readonly=True)
    user_id = fields.Many2one("res.users", "Successor", readonly=True)
    met_on = fields.Date("Met together on", readonly=True)
    is_done = fields.Boolean("Met", readonly=True)

    @property
    def _table_query(self):
        accounts = self.env["nka.key.account"]
        for name in SOURCES:
            self.env[name].flush_model()
        return SQL(
            """SELECT row_number() OVER (ORDER BY handover.id, person.id)::integer AS id,
                      handover.departure_id, handover.id AS handover_id,
                      departure.company_id, person.key_account_id,
                      person.id AS stakeholder_id, handover.to_user_id AS user_id,
                      met.day AS met_on, met.day IS NOT NULL AS is_done
                 FROM nka_departure departure
                 JOIN nka_handover handover ON handover.departure_id = departure.id
                  AND handover.state != 'cancelled' AND handover.scope = 'account'
                 JOIN nka_handover_nka_key_account_rel handed
                   ON handed.nka_handover_id = handover.id
                 JOIN nka_stakeholder person
                   ON person.key_account_id = handed.nka_key_account_id
                  AND person.role IN %(roles)s
      CROSS JOIN LATERAL (%(meeting)s) met (day)""",
            roles=KEY_ROLES,
            meeting=contacts.first_meeting_together_sql(
                accounts,
                SQL("person.partner_id"),
                (SQL("handover.from_user_id"), SQL("handover.to_user_id")),
                SQL("departure.opened_on"),
            ),
        )

    # ------------------------------------------------------------ actions
    @api.model
    def _action_of(self, departure):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Introductions"),
            "res_model": self._name,
            "view_mode": "list",
            "domain": [("departure_id", "=", departure.id)],
        }
