from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Keep the days of the orders that key accounts have: from now on nobody who sells
    moves them.

    What counts otherwise now, the next build finds by itself: it goes through the whole of
    a ledger of before, and closed months stay.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["nka.order.confirmation"]._keep_of_accounts()
