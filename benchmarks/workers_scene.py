"""A company at work on two servers: a month is closed, jobs run, one server is killed."""

import contextlib
import threading
import time

from benchmarks.workers_people import Manager, Officers, Supervisor, Told

#: Seconds after which something that has to happen counts as stuck.
PATIENCE = 300
#: How often two officers calculate again because something came in between.
ATTEMPTS = 5

SLIPS_MADE = "SELECT COUNT(*) FROM hr_payslip WHERE state = 'done'"
SLIPS_MISSING = """
    SELECT COUNT(*) FROM nka_pay_statement statement
      LEFT JOIN hr_payslip payslip ON payslip.id = payslip_id
     WHERE payslip.state IS DISTINCT FROM 'done'"""
JOBS_DUE = """
    SELECT COUNT(*) FROM ir_cron WHERE active AND interval_type = 'days'
                                   AND nextcall <= now() AT TIME ZONE 'UTC'"""
#: The work of a day, due now; the jobs of payslips and numbers have their own times.
MAKE_DUE = """
    UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' - interval '1 minute'
     WHERE active AND interval_type = 'days'"""


class Stuck(Exception):
    """Something that has to happen didn't happen."""


class Scene:
    """Managers and supervisors on servers of one database, and two officers."""

    def __init__(self, servers, company, sql, pause=0):
        """Log everybody in.

        :param dict company: what workers.py told
        :param sql: function of a query and a database, returns the first column of rows
        :param float pause: seconds between two acts of a person
        """
        self.servers, self.sql, self.told = servers, sql, Told()
        document_type = company["document_type"]
        self.people = [
            *(
                Manager(self.told, servers, person, document_type, pause)
                for person in company["managers"]
            ),
            Supervisor(self.told, servers, "bench-reviewer", pause),
            Supervisor(self.told, servers, "bench-auditor", pause),
        ]
        self.officers = Officers(self.told, servers, company["month"])

    def number(self, query):
        """Return the number that a query gives."""
        return int(self.sql(query, self.servers[0].database)[0])

    def until(self, what, is_so, every=0.1):
        """Look at every few tenths of a second until something is so.

        :raises Stuck: if it isn't in five minutes
        """
        begun = time.monotonic()
        while not is_so():
            if time.monotonic() - begun > PATIENCE:
                raise Stuck(f"{what}; so far {self.told.failures[:3]}")
            time.sleep(every)

    @contextlib.contextmanager
    def at_work(self):
        """Let everybody work for the duration of the block."""
        over = threading.Event()
        threads = [
            threading.Thread(target=person.work_until, args=(over.is_set,))
            for person in self.people
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join()

    def acts(self, count):
        """Wait until people have done so many things more."""
        wanted = self.told.count() + count
        self.until(f"{wanted} acts", lambda: self.told.count() >= wanted)

    # ------------------------------------------------------------ month
    def close_month(self):
        """Let two officers take every step at once; return what they got as problems."""
        close = self.officers.open()
        for _attempt in range(ATTEMPTS):
            self.officers.step(close, "calculate")
            if approved := self.officers.step(close, "approve"):
                break
        locked = self.officers.step(close, "lock")
        if (approved, locked) == (1, 1):
            return []
        told = "\n".join(self.told.refusals[-6:])
        return [f"approved {approved} times, locked {locked} times: {told}"]

    # ------------------------------------------------------------ servers
    def make_jobs_due(self):
        """Make all daily jobs due, as at night; return their number."""
        self.sql(MAKE_DUE, self.servers[0].database)
        due = self.number(JOBS_DUE)
        self._wake()
        return due

    def _wake(self):
        """Wake the scheduler processes, which look for jobs once a minute otherwise."""
        database = self.servers[0].database
        self.sql(f"SELECT pg_notify('cron_trigger', '{database}')", "postgres")

    def lose_a_server(self):
        """Kill one server while payslips are made and jobs run, and start it again.

        :return: payslips that were missing and jobs that were due when it was lost
        """
        lost = self.servers[-1]
        self.until("no payslip is made", lambda: self.number(SLIPS_MADE))
        due = self.make_jobs_due()
        self.until("no job is done", lambda: self.number(JOBS_DUE) < due)
        lost.kill()
        open_ones = self.number(SLIPS_MISSING) + self.number(JOBS_DUE)
        self.acts(len(self.people))
        lost.launch()
        lost.wait()
        return open_ones

    def settle(self):
        """Wait until all payslips are made and no daily job is due."""

        def is_settled():
            self._wake()
            return not self.number(SLIPS_MISSING) + self.number(JOBS_DUE)

        self.until("payslips are missing or jobs are due", is_settled, every=1)
