"""How far a step of a month has come, told to whoever looks at it from outside.

A step is one transaction: nothing it writes is seen before it is over, and it is over all at once. What
others do see at once are its advisory locks. So it takes one at each stage, which says by its number
"so many of so many are done"; PostgreSQL drops them with the transaction, however that ends. Nothing
is stored, nothing is left of a step that failed, and there is nothing to clean up.
"""

from odoo.tools import SQL

#: First halves of the advisory locks: what is done of a stage, and out of how much.
DONE_KEY, TOTAL_KEY = 0x6E6B6164, 0x6E6B6174

#: The stages of each step, in their order.
STEPS = {
    "calculate": ("ledger", "facts", "statements", "lines", "checklist"),
    "approve": ("news", "review", "approval"),
    "lock": ("locking", "payslips", "comparison", "seal"),
}

_STAGES = [stage for stages in STEPS.values() for stage in stages]
#: A stage's number stands above as many bits as people can be counted with.
_BITS = 20
#: A loop tells at so many places of its way, however long it is.
PLACES = 10


def tell(env, stage, done=0, total=0):
    """Let others see that a stage has come so far; costs one query.

    :param str stage: one of ``STEPS``
    :param int done: of the things this stage goes through
    :param int total: 0 where a stage is one piece of work
    """
    first = (_STAGES.index(stage) + 1) << _BITS
    env.cr.execute(
        SQL(
            """SELECT pg_advisory_xact_lock_shared(%s, %s),
                      pg_advisory_xact_lock_shared(%s, %s)""",
            DONE_KEY,
            first + done,
            TOTAL_KEY,
            first + total,
        )
    )


def told(env, stage, records, places=PLACES):
    """Go through records, telling on the way how many are done.

    :param int places: at how many places at most it is told: the cost of it doesn't
        grow with the records
    :return: iterator of the records one by one
    """
    total = len(records)
    marks = {total * place // places for place in range(places)}
    for number, record in enumerate(records):
        if number in marks:
            tell(env, stage, number, total)
        yield record


def understood(locks):
    """What the locks of a transaction say.

    :param locks: pairs of the halves of its advisory locks
    :return: ``(step, stage, done, total)`` of the stage it has come to, or None
    :rtype: tuple[str, str, int, int]
    """
    locks = list(locks)
    last = max((second for first, second in locks if first == DONE_KEY), default=0)
    number, done = last >> _BITS, last % (1 << _BITS)
    if not number:
        return None
    stage = _STAGES[number - 1]
    step = next(name for name, stages in STEPS.items() if stage in stages)
    totals = (
        second % (1 << _BITS)
        for first, second in locks
        if first == TOTAL_KEY and second >> _BITS == number
    )
    return step, stage, done, max(totals, default=0)
