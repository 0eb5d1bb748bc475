"""Values of a statement and its lines, from a calculated month."""

from ... import paycalc

#: Amounts of a statement; ``paycalc`` uses the same names.
AMOUNTS = (
    "fixed_amount",
    "held_amount",
    "soft_amount",
    "bonus_amount",
    "carry_amount",
    "retro_amount",
    "total_amount",
)
#: Codes of results from credits of earlier half-years.
CREDITS_OF_CLOSED = ("bonus.clawback", "bonus.added")
#: Attributes of a result that have lines of their own or are stored separately.
_APART = ("inputs", "code", "reason", "lines", "shares", "scores")


class Calculated:
    """A month calculated by ``paycalc``, to be written to a statement.

    :param statement: nka.pay.statement
    :param PersonMonth person: facts it was calculated from
    :param paycalc.MonthFacts month: the same facts as passed to ``paycalc``
    :param paycalc.MonthPay pay: the result
    """

    def __init__(self, statement, person, month, pay):
        self.statement, self.person, self.facts = statement, person, person.facts
        self.month, self.pay = month, pay

    # ------------------------------------------------------------ statement
    def prepare_statement(self):
        """Return the values of the statement.

        :rtype: dict
        """
        paid, month, standing = self.pay.statement, self.month, self.pay.standing
        count = self.facts.quota_months_to_date(self.person.employee)
        return {
            "state": "calculated",
            "exception": False,
            "agreement_id": self.person.agreement.id,
            **{name: float(getattr(paid, name)) for name in AMOUNTS},
            "balance_before": float(month.standing.balance),
            "balance": float(standing.balance),
            "credit_amount": float(month.credits),
            "held_credits": float(self.facts.bound.held_amount(self.person.employee)),
            "loyalty_amount": float(self.pay.loyalty.change),
            "loyalty_held": float(self.pay.loyalty.held),
            "loyalty_lapsed": float(self.pay.loyalty.lapsed_total),
            "half_year_credits": float(standing.credits),
            "half_year_quota": float(month.bonus_terms.half_year_quota),
            "quota_to_date": float(month.agreement.monthly_quota * count),
            "employed_days": float(month.days.employed),
            "covered_days": float(month.days.covered),
            "unpaid_days": float(month.days.unpaid),
            "shares": [_prepare_share(share) for share in paid.shares],
        }

    # ------------------------------------------------------------ lines
    def prepare_lines(self):
        """Return the values of the lines, in display order.

        :rtype: list[dict]
        """
        origins = self._origins()
        rows = []
        for line in self.pay.statement.lines:
            vals = self._prepare_line(
                line.kind, line.component, line.amount, line.result
            )
            origin = next(origins.get(line.result.code, iter(())), {})
            sources = self._prepare_sources(line.kind, {**vals, **origin})
            rows.append({**vals, **sources, **origin})
            if line.kind == "fixed":
                rows += self._prepare_leave_lines()
            if line.kind == "soft":
                rows += self._prepare_goal_lines(line.result)
            if line.kind == "bonus":
                rows += self._prepare_bound_lines(rows[-1])
        if self.pay.loyalty.lapsed:
            rows.append(self._prepare_lapsed_line())
        return [{**vals, "sequence": number} for number, vals in enumerate(rows)]

    def _origins(self):
        """Return origins of lines for closed months by code, in line order.

        :rtype: dict[str, Iterator[dict]]
        """
        origins = {
            "correction": [row._prepare_origin() for row in self.person.corrections]
        }
        for source_month, result in [*self.person.releases, *self.person.clawbacks]:
            origin = {"source_month": source_month}
            origins.setdefault(result.code, []).append(origin)
        return {code: iter(rows) for code, rows in origins.items()}

    def _prepare_line(self, kind, component, amount, result):
        explanation = _explain(result)
        if kind == "carry" and not amount:
            # The result explains the bonus paid; this line only concerns the draw.
            explanation["reason"] = "no_advance"
        if code := self._loyalty_code(kind, explanation["code"]):
            explanation["code"], day = code
            explanation["values"]["day"] = str(day)
        return {
            "statement_id": self.statement.id,
            "kind": kind,
            "component": component,
            "amount": float(amount),
            "explanation": explanation,
        }

    def _loyalty_code(self, kind, code):
        """Return the code of a formula that names the day that decides, and that day.

        :rtype: tuple[str, date] or None
        """
        employee = self.person.employee
        if code == "loyalty.holding":
            return "loyalty.holding_until", self.facts.vesting_day(employee)
        if kind not in ("vesting", "lapsed"):
            return None
        left_on, day = self.facts.left_on(employee), self.facts.vesting_day(employee)
        if kind == "lapsed":
            return "loyalty.lapsed_on", left_on
        if day <= min(left_on or self.facts.last_day, self.facts.last_day):
            return "loyalty.vested_on", day
        return "loyalty.vested_at_end", left_on

    def _prepare_leave_lines(self):
        """Return the lines below fixed pay: unpaid leave, and time off that
        doesn't count.
        """
        employee, facts = self.person.employee, self.facts
        days, rows = self.month.days, []
        if days.unpaid:
            code = f"leave.{self.person.agreement.version_id.unpaid_leave}"
            values = [
                ["unpaid_days", _plain(days.unpaid)],
                ["scheduled_days", _plain(days.scheduled)],
            ]
            ids = facts.unpaid_leaves.get(employee.id, [])
            rows.append(self._prepare_leave_line("unpaid", code, "", values, ids))
        reasons = {}
        for row in facts.uncounted.get(employee.id, ()):
            reasons.setdefault(row.reason, []).append(row)
        for reason, leaves in reasons.items():
            values = [["note", "; ".join(map(_days_of, leaves))]]
            code, reason = "leave.uncounted", f"leave.{reason}"
            ids = [row.leave_id for row in leaves]
            rows.append(
                self._prepare_leave_line("uncounted", code, reason, values, ids)
            )
        return rows

    def _prepare_leave_line(self, kind, code, reason, values, ids):
        return {
            "statement_id": self.statement.id,
            "kind": kind,
            "component": "fixed",
            "amount": 0.0,
            "is_shown_only": True,
            "explanation": {
                "code": code,
                "reason": reason,
                "inputs": values,
                "values": {},
            },
            **_sources("hr.leave", ids),
        }

    def _prepare_goal_lines(self, soft):
        """Return one line per goal below goal pay, with the amount it contributes."""
        scores = getattr(soft, "scores", ())
        parts = getattr(soft, "contributions", ())
        return [
            self._prepare_goal_line(goal, score, part)
            for goal, score, part in zip(self.person.goals, scores, parts, strict=True)
        ]

    def _prepare_goal_line(self, goal, score, part):
        vals = self._prepare_line("goal", "soft", part, score)
        vals["explanation"].update(
            goal=goal.kpi_id.name, kpi_id=goal.kpi_id.id, goal_id=goal.id
        )
        # The records counted, or the goal itself if there are none.
        evidence = goal.evidence or {}
        if not evidence.get("ids"):
            evidence = {"model": goal._name, "ids": goal.ids}
        return {
            **vals,
            "is_shown_only": True,
            "res_model": evidence["model"],
            "res_ids": evidence["ids"],
        }

    def _prepare_bound_lines(self, bonus):
        """Return the lines below the bonus: credits held, and those released now."""
        rows = self.facts.bound.prepare_lines(self.person.employee)
        is_held = any(row["kind"] == "credit_held" for row in rows)
        if is_held and bonus["explanation"]["reason"] == "no_credits":
            bonus["explanation"]["reason"] = "credits_held"
        return [{"statement_id": self.statement.id, **row} for row in rows]

    def _prepare_lapsed_line(self):
        vals = self._prepare_line("lapsed", "bonus", 0, self.pay.loyalty.lapsing)
        return {**vals, "is_shown_only": True}

    # ------------------------------------------------------------ sources
    def _prepare_sources(self, kind, vals):
        """Return model and ids of the records that a line's amount is based on."""
        if kind == "bonus" or vals["explanation"]["code"] in CREDITS_OF_CLOSED:
            return _sources("nka.bonus.line", self._credit_ids(kind, vals))
        if kind in ("fixed", "release"):
            month = vals.get("source_month") or self.facts.month
            return _sources("nka.work.report", self._report_ids(month))
        if kind == "soft" and self.facts.season:
            return _sources("nka.season.goal", [goal.id for goal in self.person.goals])
        if kind == "carry":
            return self._prepare_carry_source()
        return {}

    def _credit_ids(self, kind, vals):
        credits, month = self.person.credits, self.facts.month
        return [
            line_id
            for line_id, origin in self.facts.sources.get(self.statement.user_id.id, ())
            if origin == vals.get("source_month")
            or (kind == "bonus" and not credits.is_earlier(month, origin))
        ]

    def _report_ids(self, month):
        end = paycalc.add_months(month, 1)
        return [
            report.id
            for report in self.facts.reports.get(self.person.employee.id, ())
            if report.date_from < end and report.date_to >= month
        ]

    def _prepare_carry_source(self):
        """Return the source of the balance: opening balance or last statement."""
        employee, opening = self.person.employee, self.person.opening
        if opening and self.facts.statement_before(employee) is None:
            return _sources(opening._name, opening.ids)
        previous = self.facts.previous.get(employee.id)
        return _sources(self.statement._name, previous.ids if previous else [])


def _days_of(row):
    """Return the days of time off as stored: 2026-11-13, or the first and last day."""
    return " – ".join(map(str, row.days))


def _sources(model, ids):
    return {"res_model": model, "res_ids": ids}


def _prepare_share(share):
    return {
        "component": share.component,
        "target_percent": str(share.target_percent),
        "target_amount": str(share.target_amount),
        "amount": str(share.amount),
        "percent": _plain(share.percent),
    }


def _explain(result):
    """Return a result as plain JSON: code, inputs, values, reason."""
    named = {item.name for item in result.inputs}
    values = {
        name: getattr(result, name)
        for name in result.__dataclass_fields__
        if name not in named and name not in _APART
    }
    return {
        "code": result.code,
        "reason": result.reason,
        "inputs": [[item.name, _plain(item.value)] for item in result.inputs],
        "values": {
            name: _plain(value)
            for name, value in values.items()
            if not isinstance(value, tuple)
        },
    }


def _plain(value):
    return None if value is None else str(value)
