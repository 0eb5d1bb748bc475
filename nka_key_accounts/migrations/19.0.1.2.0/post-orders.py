from odoo import SUPERUSER_ID, api

#: Documents that count otherwise now: those with orders, each line by its own, and those
#: of branches. The next build looks at them again; closed months stay.
LOOK_AGAIN = """
    SELECT nka_bonus_touch(ARRAY(
        SELECT DISTINCT move.id
          FROM nka_key_account account
          JOIN account_move move ON move.commercial_partner_id = account.partner_id
         WHERE move.state = 'posted'
           AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
           AND (move.company_id != account.company_id OR EXISTS (
                   SELECT FROM account_move_line line
                     JOIN sale_order_line_invoice_rel rel
                       ON rel.invoice_line_id = line.id
                    WHERE line.move_id = move.id))))
"""


def migrate(cr, version):
    """Keep the days of the orders that key accounts have: from now on nobody who sells
    moves them.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["nka.order.confirmation"]._keep_of_accounts()
    cr.execute(LOOK_AGAIN)
