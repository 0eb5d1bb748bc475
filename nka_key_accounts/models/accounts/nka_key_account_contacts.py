"""When somebody last spoke with a client, and when it is due again."""

from odoo import api, fields, models
from odoo.tools import SQL


class KeyAccountContacts(models.Model):
    _inherit = "nka.key.account"

    last_contact_date = fields.Date(
        "Last contact",
        compute="_compute_figures",
        search="_search_last_contact_date",
        help="Latest held meeting, mail or done activity with the client.",
    )
    next_contact_date = fields.Date(
        "Next contact",
        compute="_compute_figures",
        search="_search_next_contact_date",
        help="Earliest planned meeting or activity, else the last contact plus "
        "the cadence.",
    )

    @api.model
    def _figure_names(self):
        return [*super()._figure_names(), "last_contact_date", "next_contact_date"]

    # ------------------------------------------------------------ search
    def _search_last_contact_date(self, operator, value):
        return self._search_figure("last_contact_date", operator, value)

    def _search_next_contact_date(self, operator, value):
        return self._search_figure("next_contact_date", operator, value)

    # ------------------------------------------------------------ expressions
    @api.model
    def _sql_last_contact_date(self, alias):
        """Meetings that are over, mails with and activities done for the client."""
        over = SQL("event.stop <= %s", fields.Datetime.now())
        return SQL(
            "(GREATEST(%s))",
            SQL(", ").join(
                [
                    self._sql_meeting(alias, SQL("MAX"), over),
                    *(
                        self._sql_message(alias, model)
                        for model in self._contact_owners(alias)
                    ),
                ]
            ),
        )

    @api.model
    def _sql_next_contact_date(self, alias):
        """A plan if there is one, else the cadence decides; former ones have none."""
        return SQL(
            """(CASE WHEN %(state)s IN ('candidate', 'key') THEN COALESCE(
                    LEAST(%(meeting)s, %(activity)s),
                    COALESCE(%(last)s, %(start)s, %(created)s::date)
                    + %(cadence)s) END)""",
            state=SQL.identifier(alias, "state"),
            meeting=self._sql_meeting(
                alias, SQL("MIN"), SQL("event.start > %s", fields.Datetime.now())
            ),
            activity=self._sql_activity(alias),
            last=self._sql_last_contact_date(alias),
            start=SQL.identifier(alias, "date_start"),
            created=SQL.identifier(alias, "create_date"),
            cadence=SQL.identifier(alias, "cadence_days"),
        )

    @api.model
    def _sql_local_date(self, moment):
        """The day of a stored moment (UTC) where the reader lives."""
        return SQL(
            "(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", moment, str(self.env.tz)
        )

    @api.model
    def _sql_meeting(self, alias, aggregate, condition):
        return SQL(
            """(SELECT %(day)s
                  FROM calendar_event event
                  JOIN calendar_event_res_partner_rel rel
                    ON rel.calendar_event_id = event.id
                  JOIN res_partner party ON party.id = rel.res_partner_id
                 WHERE party.commercial_partner_id = %(partner)s
                   AND event.active AND %(condition)s AND %(held)s)""",
            day=self._sql_local_date(SQL("%s(event.start)", aggregate)),
            condition=condition,
            held=self._sql_held_meeting(),
            partner=SQL.identifier(alias, "partner_id"),
        )

    @api.model
    def _sql_held_meeting(self):
        """A negotiation that was cancelled or missed is no contact."""
        return SQL("COALESCE(event.negotiation_outcome, '') != 'not_held'")

    @api.model
    def _contact_owners(self, alias):
        """Hook: on which records people are in touch with the client.

        :return: for each model the ids of its records that belong to the account row
        :rtype: dict[str, SQL]
        """
        account = SQL.identifier(alias, "id")
        client = SQL.identifier(alias, "partner_id")
        return {
            "nka.key.account": SQL("(%s)", account),
            "crm.lead": SQL(
                "(SELECT id FROM crm_lead WHERE key_account_id = %s)", account
            ),
            "res.partner": SQL(
                "(SELECT id FROM res_partner WHERE commercial_partner_id = %s)", client
            ),
        }

    @api.model
    def _sql_message(self, alias, model):
        """Mails in either direction and contact activities that were done.

        A comment is a mail when it went to somebody of the client.
        """
        return SQL(
            """(SELECT %(day)s
                  FROM mail_message message
             LEFT JOIN mail_activity_type kind
                    ON kind.id = message.mail_activity_type_id
                 WHERE message.model = %(model)s AND message.res_id IN %(owners)s
                   AND (message.message_type IN ('email', 'email_outgoing')
                        OR %(contact)s
                        OR EXISTS (
                            SELECT 1 FROM mail_notification sent
                              JOIN res_partner party ON party.id = sent.res_partner_id
                             WHERE sent.mail_message_id = message.id
                               AND party.commercial_partner_id = %(partner)s)))""",
            day=self._sql_local_date(SQL("MAX(message.date)")),
            model=model,
            owners=self._contact_owners(alias)[model],
            contact=self._sql_contact_activity(),
            partner=SQL.identifier(alias, "partner_id"),
        )

    @api.model
    def _sql_contact_activity(self):
        """Calls, meetings and mails; a to-do for the office is no contact."""
        mail_id = self.env["ir.model.data"]._xmlid_to_res_id(
            "mail.mail_activity_data_email"
        )
        return SQL(
            "(kind.category IN ('phonecall', 'meeting') OR kind.id = %s)",
            mail_id or None,
        )

    @api.model
    def _sql_activity(self, alias):
        """The earliest planned contact, an overdue one included."""
        owned = [
            SQL("(activity.res_model = %s AND activity.res_id IN %s)", model, owners)
            for model, owners in self._contact_owners(alias).items()
        ]
        return SQL(
            """(SELECT MIN(activity.date_deadline)
                  FROM mail_activity activity
                  JOIN mail_activity_type kind ON kind.id = activity.activity_type_id
                 WHERE activity.active AND %s AND (%s))""",
            self._sql_contact_activity(),
            SQL(" OR ").join(owned),
        )
