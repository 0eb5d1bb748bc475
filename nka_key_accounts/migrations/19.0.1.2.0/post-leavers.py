#: The build looks again at the accounts of people whose agreement was written since.
LOOK_AGAIN = """
    UPDATE nka_pay_agreement
       SET write_date = now() AT TIME ZONE 'UTC'
     WHERE date_to IS NOT NULL AND state IN ('accepted', 'ended')
"""


def migrate(cr, version):
    """Credit who has left for orders of before, by the terms every version has now.

    Money of closed months that went to nobody is credited in the first open one.
    """
    cr.execute(LOOK_AGAIN)
