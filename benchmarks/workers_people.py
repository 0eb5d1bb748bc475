"""People who work by HTTP, and what they were told: each answer has to be in the database.

Plain Python, without Odoo: they know what a browser knows.
"""

import base64
import itertools
import json
import threading
import time
from collections import Counter, defaultdict

from benchmarks.servers import Client, Failed, Refused, Unanswered

PASSWORD = "bench-people-1"  # noqa: S105 - of throw-away databases only
ROWS = 600
#: Year of the first reports that managers write: one for each month.
FIRST_YEAR = 2000


class Told:
    """What people asked for, and what they were told."""

    def __init__(self):
        self.lock = threading.Lock()
        #: By kind: proofs of what was answered, and how much wasn't.
        self.done, self.unanswered = defaultdict(list), Counter()
        self.refusals, self.failures = [], []
        #: Seconds of each act with its kind and what else went on then.
        self.seconds, self.phase = [], "quiet"

    def act(self, login, kind, work, is_timed=True):
        """Do something and keep what was answered.

        :return: whether it was answered
        """
        started, phase = time.perf_counter(), self.phase
        try:
            proof = work()
        except Unanswered:
            with self.lock:
                self.unanswered[kind, login] += 1
            return False
        except Refused as refusal:
            with self.lock:
                self.refusals.append(f"{login}, {kind}: {refusal}")
            return False
        except Failed as failure:
            with self.lock:
                self.failures.append(f"{login}, {kind}: {failure}")
            return False
        with self.lock:
            self.done[kind].append([login, proof])
            if is_timed:
                self.seconds.append((phase, kind, time.perf_counter() - started))
        return True

    def count(self):
        """Return how many acts were answered."""
        with self.lock:
            return sum(map(len, self.done.values()))

    def proofs(self):
        """Return what has to be in the database, as JSON."""
        lost = [[kind, login, n] for (kind, login), n in self.unanswered.items()]
        return json.dumps({"done": self.done, "unanswered": lost})


class Person:
    """Somebody with a session, who does one thing after another in a thread."""

    #: What they do in turn: kinds, each with a method `_<kind>`.
    ACTS = ()

    def __init__(self, told, servers, login, pause=0):
        self.told, self.login, self.pause = told, login, pause
        self.client = Client(servers, login, PASSWORD)
        self.numbers = itertools.count()

    def work_until(self, is_over):
        """Work until it is over, with the pause after each act."""
        for kind in itertools.cycle(self.ACTS):
            if is_over():
                return
            self.told.act(self.login, kind, getattr(self, f"_{kind}"))
            # The pause defines the load: so many acts a minute from each person.
            time.sleep(self.pause)

    def _token(self):
        return f"{self.login} did number {next(self.numbers)} here"


class Manager(Person):
    """Logs contacts, submits documents and reports, enters deals and reads."""

    ACTS = ("read", "contact", "report", "read", "deal", "document")

    def __init__(self, told, servers, person, document_type, pause=0):
        super().__init__(told, servers, person["login"], pause)
        self.employee, self.accounts = person["employee"], person["accounts"]
        self.document_type = document_type
        self.turns = itertools.cycle(self.accounts)
        self.months = itertools.count()

    def _read(self):
        rows = self.client.call(
            "nka.key.account",
            "web_search_read",
            [],
            {"display_name": {}, "health": {}, "next_contact_date": {}},
            limit=20,
        )
        return len(rows["records"])

    def _contact(self):
        token, log = self._token(), "nka.contact.log"
        vals = {"key_account_id": next(self.turns), "kind": "call", "note": token}
        self.client.call(log, "action_apply", [self.client.call(log, "create", vals)])
        return token

    def _report(self):
        """Submit the report of a week that has none yet: the first of a month."""
        number, report = next(self.months), "nka.work.report"
        day = f"{FIRST_YEAR + number // 12}-{number % 12 + 1:02}-01"
        made = self.client.call(
            report,
            "create",
            {"employee_id": self.employee, "date_from": day, "summary": "Worked"},
        )
        self.client.call(report, "action_submit", [made])
        return made

    def _deal(self):
        token = self._token()
        vals = {"name": token, "type": "opportunity"}
        self.client.call("crm.lead", "create", vals)
        return token

    def _document(self):
        token, document = self._token(), "nka.document"
        made = self.client.call(
            document,
            "create",
            {"type_id": self.document_type, "key_account_id": next(self.turns)},
        )
        self.client.call(
            "ir.attachment",
            "create",
            {
                "name": "profile.txt",
                "datas": base64.b64encode(token.encode()).decode(),
                "res_model": document,
                "res_id": made,
            },
        )
        self.client.call(document, "action_submit", [made])
        return made


class Supervisor(Person):
    """Approves reports and exports accounts, both of which are in the audit trail."""

    ACTS = ("approval", "export", "look")

    def _approval(self):
        """Approve the oldest report; another supervisor may be faster."""
        report = "nka.work.report"
        waiting = [("state", "=", "submitted")]
        rows = self.client.call(report, "search_read", waiting, ["id"], limit=1)
        if not rows:
            return None
        self.client.call(report, "action_approve", [rows[0]["id"]])
        return rows[0]["id"]

    def _export(self):
        account = "nka.key.account"
        ids = [
            row["id"] for row in self.client.call(account, "search_read", [], ["id"])
        ]
        rows = self.client.call(account, "export_data", ids, ["display_name"])
        return len(rows["datas"])

    def _look(self):
        waiting = [("state", "=", "submitted")]
        asked = {"display_name": {}}
        found = self.client.call("nka.document", "web_search_read", waiting, asked)
        return found["length"]


class Importer(Person):
    """Imports leads, as Odoo's own page does."""

    ACTS = ("import",)

    def _import(self):
        token = self._token()
        rows = [[token, f"Contact {n}", "100"] for n in range(ROWS)]
        names = ["name", "contact_name", "expected_revenue"]
        answer = self.client.call("crm.lead", "load", names, rows)
        if len(answer["ids"] or ()) != ROWS:
            raise Failed(str(answer["messages"]))
        return token


class Officers:
    """Two payroll officers who both take every step of one month at the same moment."""

    def __init__(self, told, servers, month):
        self.told, self.month = told, month
        self.clients = [
            Client(servers, f"bench-{name}", PASSWORD) for name in ("officer", "second")
        ]

    def _both(self, kind, work, clients=None):
        """Let several act at the same moment; return how many were answered."""
        clients = clients or self.clients
        begin, answered = threading.Barrier(len(clients)), []

        def act(client):
            begin.wait()
            done = self.told.act(client.login, kind, lambda: work(client), False)
            answered.append(done)

        together([lambda client=client: act(client) for client in clients])
        return sum(answered)

    def open(self):
        """Create the month, both at once; return its id."""
        close = "nka.month.close"
        self._both(
            "month", lambda one: one.call(close, "create", {"month": self.month})
        )
        domain = [("month", "=", self.month)]
        return self.clients[0].call(close, "search_read", domain, ["id"])[0]["id"]

    def step(self, close, name, clients=None):
        """Take a step, both at once; return how many were answered that it is done."""
        method = f"action_{name}"

        def take(one):
            one.call("nka.month.close", method, [close])
            return close

        return self._both(name, take, clients)

    def read(self, close, *names):
        """Return values of the month."""
        rows = self.clients[0].call("nka.month.close", "read", [close], list(names))
        return rows[0]


def together(works):
    """Run functions at once in threads, and wait for all of them."""
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
