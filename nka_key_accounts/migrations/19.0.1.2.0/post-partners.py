"""Store referrers entered before the addon remembered them."""


def migrate(cr, version):
    """Fill ``named_referrer_id`` from the current referrer.

    Users who may be paid for a lead can't remove a referrer once one was entered.
    """
    cr.execute(
        """UPDATE crm_lead SET named_referrer_id = referrer_id
            WHERE referrer_id IS NOT NULL AND named_referrer_id IS NULL"""
    )
