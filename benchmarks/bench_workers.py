"""Ten people for five minutes on two servers, one of which is killed.

Two payroll officers close one month meanwhile, payslips are made in the background, and
all daily jobs run.
"""

import contextlib
import tempfile
import threading
import time
from pathlib import Path
from statistics import quantiles

from benchmarks.servers import Server, running
from benchmarks.stage import Result
from benchmarks.workers_people import PASSWORD, Importer
from benchmarks.workers_scene import Scene, Stuck
from tools.setup.odoo import odoo_environment
from tools.setup.places import CONFIG, FILES

MANAGERS, ACCOUNTS, PAID, BATCH = 6, 3, 120, 5
#: Seconds of pause of each person between two acts, and of each part of the work.
PAUSE, PART = 1, 60
WORKERS, CRONS = 4, 2
#: Number of permitted failures, and of contradictions.
FAILED = 0


def measure(stage):
    """Measure what ten people wait alone, beside a month, beside imports and beside a
    killed server; then compare the database with what they were told.
    """
    database, _seconds = stage.with_addon(stage.filled())
    sizes = {"MANAGERS": MANAGERS, "ACCOUNTS": ACCOUNTS, "PAID": PAID, "BATCH": BATCH}
    company = stage.in_odoo(
        database,
        "workers.py",
        PASSWORD=PASSWORD,
        **{name: str(size) for name, size in sizes.items()},
    )
    with tempfile.TemporaryDirectory(prefix="nka-servers-") as folder:
        servers = _servers(stage, database, Path(folder))
        with running(*servers):
            scene = Scene(servers, company, stage.cluster.sql, PAUSE)
            problems = _five_minutes(scene)
        proofs = Path(folder) / "proofs.json"
        proofs.write_text(scene.told.proofs())
        found = stage.in_odoo(database, "workers_checks.py", PROOFS=str(proofs))
    for sentence in (*problems, *found["problems"], *scene.told.failures):
        print(sentence, flush=True)
    return [
        *_waits(scene.told),
        Result("acts answered", scene.told.count()),
        Result("acts that failed", len(scene.told.failures), "", FAILED),
        Result("acts without an answer", sum(scene.told.unanswered.values())),
        Result("acts refused, such as the second officer's", len(scene.told.refusals)),
        Result("events of the trail, in one chain", found["events"]),
        Result("contradictions", len(problems) + len(found["problems"]), "", FAILED),
    ]


def _servers(stage, database, folder):
    environment = odoo_environment(stage.cluster, ODOO_RC=str(CONFIG))
    return [
        Server(database, folder, environment, workers=WORKERS, crons=CRONS, data=FILES)
        for _ in range(2)
    ]


def _five_minutes(scene):
    """Let everybody work through the five parts; return what went wrong as sentences."""
    problems = []
    with scene.at_work():
        with _part(scene, "quiet"):
            pass
        with _part(scene, "beside a month that is calculated"):
            _calculate(scene)
        with _part(scene, "beside imports of 600 leads"):
            _import(scene)
        with _part(scene, "beside a killed server, payslips and daily jobs"):
            problems += scene.close_month()
            scene.lose_a_server()
        with _part(scene, "afterwards"):
            pass
    try:
        scene.settle()
    except Stuck as stuck:
        problems.append(str(stuck))
    return problems


@contextlib.contextmanager
def _part(scene, phase):
    """Name what goes on for the duration of the block, and for a minute at least."""
    over, scene.told.phase = time.monotonic() + PART, phase
    yield
    # The work itself takes a minute; nothing is waited for.
    time.sleep(max(0, over - time.monotonic()))


def _calculate(scene):
    """Let both officers calculate the month at once, again and again for a minute."""
    close, over = scene.officers.open(), time.monotonic() + PART
    while time.monotonic() < over:
        scene.officers.step(close, "calculate")


def _import(scene):
    """Import leads again and again for a minute, as one more person."""
    over = threading.Event()
    timer = threading.Timer(PART, over.set)
    timer.start()
    Importer(scene.told, scene.servers, "bench-importer").work_until(over.is_set)


def _waits(told):
    """Return the median, the 95th percentile and the longest wait of each part."""
    phases = {}
    for phase, kind, seconds in told.seconds:
        if kind != "import":
            phases.setdefault(phase, []).append(1000 * seconds)
    results = []
    for phase, waits in phases.items():
        steps = quantiles(waits, n=20, method="inclusive")
        results += [
            Result(f"{phase}: acts", len(waits)),
            Result(f"{phase}: median wait", steps[9], "ms"),
            Result(f"{phase}: 95 of 100 wait at most", steps[18], "ms"),
            Result(f"{phase}: longest wait", max(waits), "ms"),
        ]
    imports = [seconds for _phase, kind, seconds in told.seconds if kind == "import"]
    if imports:
        results.append(Result("an import of 600 leads, the longest", max(imports), "s"))
    return results
