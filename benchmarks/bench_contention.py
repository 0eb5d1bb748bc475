"""A month closed beside ten busy users, compared with the same month closed alone."""

from concurrent.futures import ThreadPoolExecutor

from benchmarks.stage import Result

MANAGERS, ACCOUNTS, ACTORS = 400, 2000, 10
STEPS = ("calculate", "approve", "lock", "slips")
RUNS = 2
#: Maximum slowdown of a step as a factor, and number of permitted failures.
SLOWER, FAILED = 2, 0


def measure(stage):
    """Close the month alone, beside ten users without events, and beside ten with
    events.

    The run without events shows the cost of sharing the processor. The faster of two
    runs counts, as the machine may be busy with other work.
    """
    database, _seconds = stage.with_addon(stage.filled())
    runs = [_runs(stage, database) for _run in range(RUNS)]
    alone, quiet, audited = map(_best, zip(*runs, strict=True))
    return [
        *(result for step in STEPS for result in _of_step(step, alone, quiet, audited)),
        Result("audited steps meanwhile", audited["steps"]),
        Result("audited steps that failed", audited["failures"], "", FAILED),
        Result("audited steps that began again", audited["actors_again"], "", FAILED),
        Result("steps of the month that began again", audited["again"], "", FAILED),
        Result("payslips that weren't made", audited["unpaid"], "", FAILED),
        Result("an audited step before the month", audited["alone_ms"], "ms"),
        Result("an audited step beside it", audited["beside_ms"], "ms"),
        Result("the longest one beside it", audited["longest_ms"], "ms"),
        Result("ratio", audited["beside_ms"] / audited["alone_ms"], "×", SLOWER),
    ]


def _runs(stage, database):
    return (
        _close(stage, stage.copy(database, "close"), actors=0),
        _close(stage, stage.copy(database, "close"), is_audited=False),
        _close(stage, stage.copy(database, "close")),
    )


def _best(runs):
    """Return the minimum of each time, and the maximum of each count."""
    return {
        key: (min if key.endswith(("seconds", "ms")) else max)(run[key] for run in runs)
        for key in runs[0]
    }


def _of_step(step, alone, quiet, audited):
    key = f"{step}_seconds"
    return [
        Result(f"{step}, alone", alone[key], "s"),
        Result(f"{step}, beside ten who leave no events", quiet[key], "s"),
        Result(f"{step}, beside ten who leave events", audited[key], "s"),
        Result(f"{step}: ratio to alone", audited[key] / alone[key], "×", SLOWER),
        Result(f"{step}: ratio to no events", audited[key] / quiet[key], "×", SLOWER),
    ]


def _close(stage, database, actors=ACTORS, is_audited=True):
    variables = {
        "MANAGERS": str(MANAGERS),
        "ACCOUNTS": str(ACCOUNTS),
        "ACTORS": str(actors),
        "AUDITED": str(int(is_audited)),
    }
    if not actors:
        return stage.in_odoo(database, "contention.py", **variables)
    with ThreadPoolExecutor() as pool:
        acting = pool.submit(
            stage.in_odoo, database, "contention_actors.py", **variables
        )
        closed = stage.in_odoo(database, "contention.py", **variables)
        return {**closed, **acting.result()}
