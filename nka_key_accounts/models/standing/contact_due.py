"""Since when a contact with a client is due: one definition for list and health score.

The fragments are expressions over an account row. A planned contact is respected for
one cadence from today; planning further ahead doesn't replace a contact that is due.
"""

from odoo.tools import SQL


def reason_sql(state, last, planned, cadence, today):
    """Return the reason to contact the client today as an expression, or NULL."""
    return SQL(
        """(CASE WHEN %(state)s NOT IN ('candidate', 'key') THEN NULL
                 WHEN %(planned)s > %(today)s AND %(planned)s <= %(today)s + %(cadence)s
                 THEN NULL
                 WHEN %(last)s IS NULL THEN 'never'
                 WHEN %(last)s + %(cadence)s <= %(today)s THEN 'overdue'
                 WHEN %(planned)s <= %(today)s THEN 'planned' END)""",
        state=state,
        last=last,
        planned=planned,
        cadence=cadence,
        today=today,
    )


def since_sql(due, planned, cadence, today):
    """Return the day since which a contact is late, or from which it will be.

    :param SQL due: day it is due by cadence
    """
    return SQL(
        """(CASE WHEN %(planned)s > %(today)s AND %(planned)s <= %(today)s + %(cadence)s
                 THEN GREATEST(%(due)s, %(planned)s)
                 WHEN %(planned)s <= %(today)s THEN LEAST(%(due)s, %(planned)s)
                 ELSE %(due)s END)""",
        due=due,
        planned=planned,
        cadence=cadence,
        today=today,
    )
