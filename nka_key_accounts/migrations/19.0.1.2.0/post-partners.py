"""Referrers named before they were remembered."""


def migrate(cr, version):
    """Whoever may be paid for a lead can't take back a referrer that was named once."""
    cr.execute(
        """UPDATE crm_lead SET named_referrer_id = referrer_id
            WHERE referrer_id IS NOT NULL AND named_referrer_id IS NULL"""
    )
