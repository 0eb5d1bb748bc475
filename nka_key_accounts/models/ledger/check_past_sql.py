"""Purchases of contacts from before they became part of a client (see check_sql)."""

from odoo.tools import SQL


def is_past_order(day):
    """Return whether the order of a row ``link``, confirmed for ``buyer``, is from
    before that contact became part of the client.

    Its day is earlier, or it already existed on the day of joining. Orders from an
    earlier time as part of the client count for the client.

    :param SQL day: the day of the order
    """
    return SQL(
        """EXISTS (
               SELECT FROM nka_check_account account
                 JOIN nka_client_join joined ON joined.key_account_id = account.id
                WHERE account.partner_id = link.client_id
                  AND (joined.order_ref = link.order_id AND %(day)s <= joined.date
                       OR joined.partner_id = buyer.id
                      AND (%(day)s, link.order_id) <= (joined.date, joined.order_mark)
                      AND NOT EXISTS (
                              SELECT FROM nka_client_join stay
                               WHERE stay.key_account_id = account.id
                                 AND stay.partner_id = buyer.id
                                 AND %(day)s <= stay.date_left
                                 AND (stay.date IS NULL
                                      OR (%(day)s, link.order_id)
                                         > (stay.date, stay.order_mark)))))""",
        day=day,
    )


def past_documents():
    """Return the documents of contacts from before they became part of a client.

    They are dated earlier, or already existed on the day of joining; documents of
    merged contacts are included. Sales to a contact that left and came back count if it
    was part of the client then.
    """
    return SQL(
        """SELECT joined.key_account_id AS account_id, move.id AS move_id
             FROM nka_client_join joined
             JOIN nka_check_account account ON account.id = joined.key_account_id
             JOIN account_move move ON move.partner_id = joined.partner_id
             LEFT JOIN nka_client_join stay
               ON stay.key_account_id = account.id AND stay.partner_id = joined.partner_id
              AND COALESCE(move.invoice_date, move.date) <= stay.date_left
              AND (stay.date IS NULL
                   OR (COALESCE(move.invoice_date, move.date), move.id)
                      > (stay.date, stay.move_mark))
            WHERE (COALESCE(move.invoice_date, move.date), move.id)
                  <= (joined.date, joined.move_mark)
              AND stay.id IS NULL
            UNION
           SELECT joined.key_account_id, joined.move_ref
             FROM nka_client_join joined
             JOIN nka_check_account account ON account.id = joined.key_account_id
            WHERE joined.move_ref > 0"""
    )
