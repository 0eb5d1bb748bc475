from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Keep the days of the orders that key accounts have: from now on nobody who sells
    moves them.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["nka.order.confirmation"]._keep_of_accounts()
