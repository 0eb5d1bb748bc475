"""Credits that wait for the documents of their deals, by month (docs/pay.md, 5).

The ledger has every credit. A statement lists those that are held after its month, so
that its successor knows which ones wait; a credit counts in the first month whose
statement doesn't list it any longer. Everything is read with a fixed number of queries,
and with one if no credit was ever held and no plan binds the bonus to documents.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from odoo.tools import SQL

from ... import paycalc
from ..ledger.deal_documents import DealDocuments
from ..pay.border import to_money

LEDGER = "nka.bonus.line"
ZERO = paycalc.rnd(0)


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One line of the ledger, with what decides whether it is held.

    :param source: id of its invoice; of a credit note, that of the credited invoice
    """

    id: int
    user_id: int
    month: date
    origin: date
    amount: Decimal
    account_id: int
    source: int


class HeldCredits:
    """Credits held and released in a month, of all employees of :class:`Gathered`.

    :param Gathered facts: facts of the month
    :param earlier: calculated nka.pay.statement of earlier months, by month
    """

    def __init__(self, facts, earlier):
        self.facts, self.env = facts, facts.env
        self.held, self.released = {}, {}
        self.bindings, self.missing = {}, {}
        self._read_history(earlier)
        self._read_lines()
        self._sort()

    # ------------------------------------------------------------ reading
    def _read_history(self, earlier):
        """Read which credits wait, and when those held before counted.

        :ivar waiting: ids of ledger lines by employee id
        :ivar counted_in: month in which a line counted that was held before, by id
        """
        rows = self.env["nka.pay.statement.line"].search_fetch(
            [("statement_id", "in", earlier.ids), ("kind", "=", "credit_held")],
            ["statement_id", "res_ids"],
        )
        last_held = {}
        for row in rows.sorted(lambda row: row.statement_id.month):
            statement = row.statement_id
            for line_id in row.res_ids or ():
                last_held[line_id] = statement.employee_id.id, statement.month
        months = defaultdict(list)
        for statement in earlier if rows else ():
            months[statement.employee_id.id].append(statement.month)
        self.waiting, self.counted_in = defaultdict(list), {}
        for line_id, (employee_id, month) in last_held.items():
            later = [day for day in months[employee_id] if day > month]
            if later:
                self.counted_in[line_id] = min(later)
            else:
                self.waiting[employee_id].append(line_id)

    def _read_lines(self):
        """Read the ledger lines of all invoices concerned.

        :ivar lines: LedgerLine by id
        """
        known = {*self.counted_in, *(i for ids in self.waiting.values() for i in ids)}
        new = {
            line_id
            for employee in self.facts.employees
            if self._types(employee, self.facts.month)
            for line_id, _origin in self.facts.sources.get(employee.user_id.id, ())
        }
        self.lines = {}
        if not known | new:
            return
        rows = self.env.execute_query(
            SQL(
                """WITH asked AS MATERIALIZED (
                       SELECT DISTINCT COALESCE(move.reversed_entry_id, line.move_ref)
                              AS id
                         FROM nka_bonus_line line
                    LEFT JOIN account_move move ON move.id = line.move_ref
                        WHERE line.id = ANY(%(ids)s)
                   ), document AS MATERIALIZED (
                       SELECT asked.id, asked.id AS source FROM asked
                        UNION ALL
                       SELECT move.id, asked.id
                         FROM asked JOIN account_move move
                           ON move.reversed_entry_id = asked.id
                   )
                   SELECT line.id, line.user_id, date_trunc('month', line.date)::date,
                          date_trunc('month', line.origin_date)::date,
                          line.amount::text, line.key_account_id, document.source
                     FROM document
                     JOIN nka_bonus_line line ON line.move_ref = document.id
                    WHERE line.company_id = %(company)s AND line.user_id = ANY(%(users)s)
                      AND line.date <= %(last)s
                    ORDER BY line.id""",
                ids=[*(known | new)],
                company=self.facts.company.id,
                users=self.facts.employees.user_id.ids,
                last=self.facts.last_day,
            )
        )
        for line_id, user_id, month, origin, amount, account_id, source in rows:
            self.lines[line_id] = LedgerLine(
                line_id, user_id, month, origin, Decimal(amount), account_id, source
            )

    def _types(self, employee, month):
        """Return the types of documents that a month's credits wait for."""
        agreement = self.facts.terms_in(employee, month)
        types = self.env["nka.document.type"]
        return agreement.version_id.release_document_type_ids if agreement else types

    # ------------------------------------------------------------ sorting
    def _sort(self):
        """Decide which credits are held after the month, for each employee."""
        if self.facts.closed is not None:
            self._keep_closed()
            return
        rows = {
            employee: self._bound_lines(employee)
            for employee in (self.facts.employees if self.lines else ())
        }
        self._read_missing([line for lines in rows.values() for line in lines])
        for employee, lines in rows.items():
            waiting = set(self.waiting[employee.id])
            found = paycalc.sort_credits(
                [
                    paycalc.BoundCredit(
                        line.id, self.bindings[line.id], line.amount, line.id in waiting
                    )
                    for line in lines
                ],
                self.missing.keys(),
            )
            self.held[employee.id] = [row.key for row in found.held]
            self.released[employee.id] = [row.key for row in found.released]

    def _keep_closed(self):
        """Hold what the closed statements of the month held, whatever is approved by
        now.
        """
        for statement in self.facts.closed:
            employee_id = statement.employee_id.id
            rows = statement.line_ids.filtered(lambda row: row.kind == "credit_held")
            held = {line_id for row in rows for line_id in row.res_ids or ()}
            self.held[employee_id] = [i for i in self.lines if i in held]
            self.released[employee_id] = [
                line_id for line_id in self.waiting[employee_id] if line_id not in held
            ]

    def _bound_lines(self, employee):
        """Return the lines that wait, and those of the month that the plan binds.

        A reversal is bound by the plan of the month in which its credit was earned.

        :ivar bindings: by line id, what decides whether it is held: invoice, account
            and types of documents
        """
        waiting, month = set(self.waiting[employee.id]), self.facts.month
        found, types = [], {}
        for line in self.lines.values():
            if line.user_id != employee.user_id.id:
                continue
            if line.id in waiting or line.month == month:
                if line.origin not in types:
                    types[line.origin] = self._types(employee, line.origin)
                if types[line.origin] or line.id in waiting:
                    asked = frozenset(types[line.origin].ids)
                    self.bindings[line.id] = line.source, line.account_id, asked
                    found.append(line)
        return found

    def _read_missing(self, lines):
        """Read what the invoices of these lines lack: Missing by binding."""
        accounts = self.env["nka.key.account"]
        bindings = {self.bindings[line.id] for line in lines}
        if not bindings:
            return
        ids = {type_id for _source, _account, asked in bindings for type_id in asked}
        types = self.env["nka.document.type"].browse(ids).sorted()
        self.documents = DealDocuments(
            self.env,
            self.facts.company,
            {(source, accounts.browse(account)) for source, account, _ids in bindings},
            types,
        )
        for source, account, asked in bindings:
            wanted = types.filtered(lambda row, ids=asked: row.id in ids)
            found = self.documents.missing(source, accounts.browse(account), wanted)
            if found:
                self.missing[source, account, asked] = found

    # ------------------------------------------------------------ results
    def moved(self, credits, sources):
        """Return credits and their sources with each credit in the month it counts in.

        A reversal follows its credit: it settles the month in which that one counted.

        :param dict credits: (month, month of origin, amount) by user id
        :param dict sources: (line id, month of origin) of the month by user id
        """
        if not self.lines:
            return credits, sources
        sums = {
            user_id: {(month, origin): amount for month, origin, amount in rows}
            for user_id, rows in credits.items()
        }
        sources = {user_id: dict(rows) for user_id, rows in sources.items()}
        for line, now in self._moves():
            rows = sums.setdefault(line.user_id, {})
            own = sources.setdefault(line.user_id, {})
            own.pop(line.id, None)
            _add(rows, (line.month, line.origin), -line.amount)
            if now:
                _add(rows, now, line.amount)
                if now[0] == self.facts.month:
                    own[line.id] = now[1]
        return {
            user_id: [(*key, amount) for key, amount in sorted(rows.items())]
            for user_id, rows in sums.items()
        }, {user_id: sorted(rows.items()) for user_id, rows in sources.items()}

    def _moves(self):
        """Yield lines that don't count as the ledger has them, with (month, month of
        origin) in which they count, or None while they are held.
        """
        held = {i for ids in self.held.values() for i in ids}
        now = {i: self.facts.month for ids in self.released.values() for i in ids}
        counted_in = {**self.counted_in, **now}
        moved_to = {}
        for line_id, month in counted_in.items():
            if line := self.lines.get(line_id):
                moved_to[line.user_id, line.source, line.month] = month
        for line in self.lines.values():
            if line.id in held:
                yield line, None
            elif line.id in counted_in:
                month = counted_in[line.id]
                yield line, (month, month)
            elif line.origin < line.month:
                origin = moved_to.get((line.user_id, line.source, line.origin))
                if origin:
                    yield line, (line.month, min(origin, line.month))

    def held_sources(self):
        """Return the ids of the invoices with credits that are held after the month."""
        return {
            self.lines[line_id].source for ids in self.held.values() for line_id in ids
        }

    def held_amount(self, employee):
        """Return the credits that are held after the month, money.

        :param employee: hr.employee
        :rtype: Decimal
        """
        ids = self.held.get(employee.id, ())
        return sum((self.lines[line_id].amount for line_id in ids), ZERO)

    def prepare_lines(self, employee):
        """Return the values of the statement lines: one per invoice and kind.

        :param employee: hr.employee
        :rtype: list[dict]
        """
        return [
            self._prepare_line(kind, lines)
            for kind, ids in (
                ("credit_released", self.released.get(employee.id, ())),
                ("credit_held", self.held.get(employee.id, ())),
            )
            for lines in self._by_binding(ids)
        ]

    def _by_binding(self, line_ids):
        groups = {}
        for line_id in line_ids:
            groups.setdefault(self.bindings[line_id], []).append(self.lines[line_id])
        return groups.values()

    def _prepare_line(self, kind, lines):
        """Return the line of credits of one invoice.

        What is reversed while documents are missing isn't held any longer either.
        """
        binding = self.bindings[lines[0].id]
        missing = self.missing.get(binding)
        name = "held_credits" if kind == "credit_held" else "released_credits"
        amount = to_money(sum(line.amount for line in lines), self.facts.currency)
        explanation = {"reason": "", "inputs": [[name, str(amount)]], "values": {}}
        if kind == "credit_held":
            explanation |= {"code": "credits.held", "bound": missing.plain()}
        else:
            explanation["code"] = "credits.reversed" if missing else "credits.released"
            explanation["values"]["note"] = self.documents.names.get(binding[0], "")
        first = min(line.month for line in lines)
        return {
            "kind": kind,
            "component": "bonus",
            "amount": 0.0,
            "is_shown_only": True,
            "explanation": explanation,
            "source_month": first if first < self.facts.month else False,
            "res_model": LEDGER,
            "res_ids": [line.id for line in lines],
        }


def _add(sums, key, amount):
    """Add an amount; what cancels out is no longer part of the month."""
    sums[key] = sums.get(key, ZERO) + amount
    if not sums[key]:
        del sums[key]
