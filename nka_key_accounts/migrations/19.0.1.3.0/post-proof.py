"""Verification asks an event of every record that left its first status, and of every
digest: until now it asked only where there was one.
"""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Record how the records stand that came there before."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["nka.audit.verification"]._record_standing()
