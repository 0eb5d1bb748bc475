"""Verification now requires an event for every record that left its first status and
for every stored hash; until this version it did so only where an event existed.
"""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Record the current status of existing records."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["nka.audit.verification"]._record_standing()
