from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Store the confirmation dates of the orders of key accounts, so that salespeople
    can no longer change them.

    Credits that change because of it need no migration: the next calculation scans the
    whole of an older ledger, and closed months stay as they are.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["nka.order.confirmation"]._keep_of_accounts()
