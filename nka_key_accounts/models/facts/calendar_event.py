from odoo import api, models
from odoo.tools import SQL

#: Owners of the account on the day of the meeting.
_OWNERS = SQL(
    """SELECT FROM nka_assignment owner
        WHERE owner.key_account_id = account.id AND owner.date_from <= claim.day
          AND COALESCE(owner.date_to, claim.day) >= claim.day"""
)


class CalendarEvent(models.Model):
    """Hooks by which later rooms define negotiations, see :mod:`.negotiations`."""

    _inherit = "calendar.event"

    @api.model
    def _negotiation_terms(self):
        """Hook: return expressions over ``event`` that describe a claimed negotiation.

        - ``claimed``: whether the meeting is claimed as a negotiation
        - ``reason``: why it doesn't count, by what was entered, or NULL
        - ``fixed_date``: moment since which the meeting has been on its day
        - ``is_taken_over``: whether its organizer was changed afterwards
        - ``moved_from_id``: the archived meeting that it replaces
        - ``series_id``: the meeting whose invitations covered the series before it was
          moved
        - ``is_moved``, over the row ``asked``: whether another meeting replaces it

        :rtype: dict[str, SQL]
        """
        return {
            "claimed": SQL("FALSE"),
            "reason": SQL("NULL::text"),
            "fixed_date": SQL("event.create_date"),
            "is_taken_over": SQL("FALSE"),
            "moved_from_id": SQL("NULL::int"),
            "series_id": SQL("NULL::int"),
            "is_moved": SQL("FALSE"),
        }

    @api.model
    def _negotiation_clients(self):
        """Hook: return queries that find clients, over rows ``guest`` and ``claim``.

        Columns: ``talk_id``, ``contact_id``, ``client_id``, ``company_id``,
        ``account_id`` and ``is_theirs``, which is whether the client was the
        organizer's on that day. A key account is its assigned owners' and its deputy's;
        on days without an assignment it is its present manager's.

        :rtype: list[SQL]
        """
        return [
            SQL(
                """SELECT guest.talk_id, guest.contact_id, guest.client_id,
                          account.company_id, account.id AS account_id,
                          COALESCE(claim.user_id = account.deputy_id, FALSE)
                          OR EXISTS (%(owners)s AND owner.user_id = claim.user_id)
                          OR COALESCE(claim.user_id = account.manager_id, FALSE)
                             AND NOT EXISTS (%(owners)s) AS is_theirs
                     FROM guest JOIN claim ON claim.id = guest.talk_id
                     JOIN nka_key_account account
                       ON account.partner_id = guest.client_id
                      AND (account.state IN ('candidate', 'key')
                           OR account.state = 'former'
                              AND COALESCE(account.date_end, claim.day) >= claim.day)""",
                owners=_OWNERS,
            )
        ]

    @api.model
    def _negotiation_approvals(self):
        """Hook: return conditions over ``claim`` by which another user confirmed it.

        :rtype: list[SQL]
        """
        return [SQL("FALSE")]
