from odoo import api, models
from odoo.tools import SQL

#: Who owned an account on the day of the talk.
_OWNERS = SQL(
    """SELECT FROM nka_assignment owner
        WHERE owner.key_account_id = account.id AND owner.date_from <= claim.day
          AND COALESCE(owner.date_to, claim.day) >= claim.day"""
)


class CalendarEvent(models.Model):
    """What later rooms say about meetings with clients: see :mod:`.negotiations`."""

    _inherit = "calendar.event"

    @api.model
    def _negotiation_terms(self):
        """Hook: what somebody claims to have held, as expressions over ``event``.

        ``claimed`` says which meetings are asked at all, ``reason`` why one doesn't count
        by what was entered, ``fixed_date`` since when it stands on its day,
        ``is_taken_over`` whether it got its organiser afterwards, ``moved_from_id`` the
        archived meeting it stands for, ``series_id`` the one to which a series was invited
        before it was moved; and ``is_moved``, over the row ``asked``, whether
        another one stands for this one.

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
        """Hook: selects of who is a client, over rows ``guest`` and ``claim``.

        Columns: ``talk_id``, ``contact_id``, ``client_id``, ``company_id``,
        ``account_id`` and ``is_theirs``, whether the client was the organiser's that day.
        A key account's owner is who is assigned; before its first day whoever is now.

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
        """Hook: conditions over the row ``claim`` by which somebody else confirmed it.

        :rtype: list[SQL]
        """
        return [SQL("FALSE")]
