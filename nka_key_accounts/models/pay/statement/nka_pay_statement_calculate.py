from odoo import api, fields, models
from odoo.exceptions import UserError

from .... import paycalc
from ..border import explain_refusal
from ..step_progress import tell, told
from .person_credits import PersonCredits

#: Codes of results that come from credits of earlier half-years.
CREDITS_OF_CLOSED = ("bonus.clawback", "bonus.added")


class PayStatementCalculate(models.Model):
    """From facts to a statement, for a whole set of people at once."""

    _inherit = "nka.pay.statement"

    @api.model
    def _calculate(self, employees, month, company=None, build=True):
        """Calculate the month of all these people anew.

        Needs no rights in accounting, sales or personnel: what it reads is read as
        superuser, for the one company. Who can't be calculated gets an exception on an
        open statement; the others go on.

        :param employees: hr.employee
        :param date month: first day
        :param company: res.company, the environment's when not given
        :param bool build: bring the bonus ledger up to date first
        :return: their statements of the month
        :rtype: nka.pay.statement
        """
        company = (company or self.env.company).sudo()
        month = paycalc.month_start(fields.Date.to_date(month))
        statements = self.sudo()._without_defaults().with_company(company)
        employees = employees.sudo()
        if build:
            self.env["nka.bonus.builder"].sudo()._build(company)
        tell(self.env, "facts")
        own = statements._open_statements(employees, month, company)
        facts = statements._gather(own.employee_id, month, company)
        results = {
            statement: statement._calculate_one(facts)
            for statement in told(self.env, "statements", own)
        }
        tell(self.env, "lines")
        own._store_results({row: values for row, (values, _l) in results.items()})
        own._store_settled(facts)
        own._store_supervisors(company)
        own.line_ids.unlink()
        lines = [vals for _values, rows in results.values() for vals in rows]
        statements.env["nka.pay.statement.line"].create(lines)
        return own.with_env(self.env)

    @api.model
    def _open_statements(self, employees, month, company):
        """The statements of a month, made where they are missing.

        :raise UserError: when one of them is approved or locked
        """
        found = self.search(
            [
                ("employee_id", "in", employees.ids),
                ("month", "=", month),
                ("company_id", "=", company.id),
            ]
        )
        found._check_state("open", "calculated")
        persons = self._persons(employees - found.employee_id)
        made = self._unlocked().create(
            [
                {
                    "employee_id": employee.id,
                    "user_id": person.id,
                    "company_id": company.id,
                    "month": month,
                    "state": "open",
                }
                for employee, person in persons.items()
            ]
        )
        return found | made

    def _calculate_one(self, facts):
        """Values and lines of one statement, or its exception.

        :return: (values of the statement, values of its lines)
        """
        employee = self.employee_id
        try:
            self._check_payable(facts)
            month = self._prepare_facts(employee, facts)
            pay = paycalc.month_pay(month)
        except paycalc.PayError as error:
            return self._prepare_exception(explain_refusal(self.env, error)), []
        except UserError as error:
            return self._prepare_exception(str(error)), []
        return (
            self._prepare_result(facts, month, pay),
            self._prepare_lines(facts, month, pay),
        )

    def _check_payable(self, facts):
        """What has to be there before the arithmetic can start."""
        if not self.employee_id.user_id:
            raise UserError(
                self.env._(
                    "%s has no login any more, and credits are found by it. Ask HR to "
                    "enter it on the employee's form, even an archived one.",
                    self.employee_id.name,
                )
            )
        if not facts.agreement_of(self.employee_id):
            raise UserError(
                self.env._(
                    "%s has no accepted pay agreement in this month. Let the payroll "
                    "officer propose one.",
                    self.employee_id.name,
                )
            )
        goals = facts.goals.get(self.employee_id.id, ())
        if any(goal.state != "frozen" for goal in goals):
            raise UserError(
                self.env._(
                    "The season's goals of %s aren't scored yet. Freeze the season "
                    "first.",
                    self.employee_id.name,
                )
            )

    def _prepare_exception(self, text):
        return {
            **dict.fromkeys(
                (
                    "fixed_amount",
                    "held_amount",
                    "soft_amount",
                    "bonus_amount",
                    "carry_amount",
                    "retro_amount",
                    "total_amount",
                    "credit_amount",
                ),
                0,
            ),
            "state": "open",
            "exception": text,
            "shares": False,
        }

    def _store_results(self, results):
        """Write all results; the trail hears of the states that change, in one go.

        :param dict results: values by statement
        """
        events = self.env["nka.audit.event"]
        stamp = {
            "calculated_by_id": self.env.uid,
            "calculated_date": fields.Datetime.now(),
        }
        entries = [
            events._prepare_entry(row, "state", old=row.state, new=values["state"])
            for row, values in results.items()
            if values["state"] != row.state
        ]
        for statement, values in results.items():
            statement._unlocked().write({**values, **stamp})
        events._append(entries)

    def _store_settled(self, facts):
        """Corrections know the statement that pays them, so that no other does."""
        for statement in self:
            own = facts.corrections.get(statement.employee_id.id, ())
            paid = statement if statement.state == "calculated" else self.browse()
            for correction in own:
                if correction.settled_id != paid:
                    correction._unlocked().write({"settled_id": paid.id})

    def _store_supervisors(self, company):
        """Who may read along; written once per circle of supervisors."""
        found = self._supervisors_of(self.employee_id, company)
        circles = {}
        for statement in self:
            wanted = found[statement.employee_id.id]
            if statement.supervisor_ids != wanted:
                circles[wanted] = circles.get(wanted, self.browse()) | statement
        for supervisors, statements in circles.items():
            statements._unlocked().write({"supervisor_ids": [(6, 0, supervisors.ids)]})

    # ------------------------------------------------------------ preparing
    def _prepare_result(self, facts, month, pay):
        statement, standing = pay.statement, pay.standing
        quota = month.bonus_terms.half_year_quota
        count = facts.quota_months_to_date(self.employee_id)
        return {
            "state": "calculated",
            "exception": False,
            "agreement_id": facts.agreement_of(self.employee_id).id,
            "fixed_amount": float(statement.fixed_amount),
            "held_amount": float(statement.held_amount),
            "soft_amount": float(statement.soft_amount),
            "bonus_amount": float(statement.bonus_amount),
            "carry_amount": float(statement.carry_amount),
            "retro_amount": float(statement.retro_amount),
            "total_amount": float(statement.total_amount),
            "balance_before": float(month.standing.balance),
            "balance": float(standing.balance),
            "credit_amount": float(month.credits),
            "half_year_credits": float(standing.credits),
            "half_year_quota": float(quota),
            "quota_to_date": float(month.agreement.monthly_quota * count),
            "employed_days": float(month.days.employed),
            "covered_days": float(month.days.covered),
            "shares": [self._prepare_share(share) for share in statement.shares],
        }

    def _prepare_share(self, share):
        return {
            "component": share.component,
            "target_percent": str(share.target_percent),
            "target_amount": str(share.target_amount),
            "amount": str(share.amount),
            "percent": None if share.percent is None else str(share.percent),
        }

    def _prepare_lines(self, facts, month, pay):
        """Values of the lines, in the order to show them."""
        origins = self._origins(facts, month)
        rows = []
        for line in pay.statement.lines:
            vals = self._prepare_line(
                line.kind, line.component, line.amount, line.result
            )
            origin = next(origins.get(line.result.code, iter(())), {})
            sources = self._prepare_sources(line.kind, {**vals, **origin}, facts)
            rows.append({**vals, **sources, **origin})
            if line.kind == "soft":
                rows += self._prepare_goal_lines(line.result, facts)
        return [{**vals, "sequence": number} for number, vals in enumerate(rows)]

    def _origins(self, facts, month):
        """Where the lines from closed months come from, by code, in their order.

        :rtype: dict[str, Iterator[dict]]
        """
        credits = PersonCredits(facts, self.employee_id)
        rows = [
            *self._releases(self.employee_id, facts),
            *credits.clawbacks(month.agreement.digits),
        ]
        origins = {}
        for source_month, result in rows:
            origin = {"source_month": source_month}
            origins.setdefault(result.code, []).append(origin)
        origins["correction"] = [
            correction._prepare_origin()
            for correction in facts.corrections.get(self.employee_id.id, ())
        ]
        return {code: iter(rows) for code, rows in origins.items()}

    def _prepare_line(self, kind, component, amount, result):
        explanation = _explain(result)
        if kind == "carry" and not amount:
            # The formula speaks of the bonus paid; the line of the draw alone.
            explanation["reason"] = "no_advance"
        return {
            "statement_id": self.id,
            "kind": kind,
            "component": component,
            "amount": float(amount),
            "explanation": explanation,
        }

    def _prepare_goal_lines(self, soft, facts):
        """One line per goal below the soft pay, with what it brings of it."""
        goals = facts.goals.get(self.employee_id.id, ())
        scores = getattr(soft, "scores", ())
        parts = getattr(soft, "contributions", ())
        return [
            {
                **self._prepare_line("goal", "soft", part, score),
                "is_shown_only": True,
                "explanation": {
                    **_explain(score),
                    "goal": goal.kpi_id.name,
                    "kpi_id": goal.kpi_id.id,
                    "goal_id": goal.id,
                },
                **self._prepare_goal_sources(goal),
            }
            for goal, score, part in zip(goals, scores, parts, strict=True)
        ]

    @api.model
    def _prepare_goal_sources(self, goal):
        """The records that were counted; the goal itself when there were none."""
        evidence = goal.evidence or {}
        if not evidence.get("ids"):
            return {"res_model": goal._name, "res_ids": goal.ids}
        return {"res_model": evidence["model"], "res_ids": evidence["ids"]}

    def _prepare_sources(self, kind, vals, facts):
        """Where a line's amount came from: model and ids."""
        if kind == "bonus" or vals["explanation"]["code"] in CREDITS_OF_CLOSED:
            return self._prepare_credit_sources(kind, vals, facts)
        if kind in ("fixed", "release"):
            month = vals.get("source_month") or facts.month
            return self._prepare_report_sources(month, facts)
        if kind == "soft" and facts.season:
            goals = facts.goals.get(self.employee_id.id, ())
            return {"res_model": "nka.season.goal", "res_ids": [g.id for g in goals]}
        if kind == "carry":
            previous = facts.previous.get(self.employee_id.id)
            return {
                "res_model": self._name,
                "res_ids": previous.ids if previous else [],
            }
        return {}

    def _prepare_credit_sources(self, kind, vals, facts):
        lines = facts.sources.get(self.user_id.id, ())
        credits = PersonCredits(facts, self.employee_id)
        ids = [
            line_id
            for line_id, origin in lines
            if origin == vals.get("source_month")
            or (kind == "bonus" and not credits.is_earlier(facts.month, origin))
        ]
        return {"res_model": "nka.bonus.line", "res_ids": ids}

    def _prepare_report_sources(self, month, facts):
        last = paycalc.add_months(month, 1)
        ids = [
            report.id
            for report in facts.reports.get(self.employee_id.id, ())
            if report.date_from < last and report.date_to >= month
        ]
        return {"res_model": "nka.work.report", "res_ids": ids}


def _explain(result):
    """A result of the arithmetic as plain JSON: code, inputs, values, reason."""
    inputs = [[item.name, _plain(item.value)] for item in result.inputs]
    named = {item.name for item in result.inputs}
    values = {
        name: _plain(getattr(result, name))
        for name in result.__dataclass_fields__
        if name not in named
        and name not in ("inputs", "code", "reason", "lines", "shares", "scores")
        and not isinstance(getattr(result, name), tuple)
    }
    return {
        "code": result.code,
        "reason": result.reason,
        "inputs": inputs,
        "values": values,
    }


def _plain(value):
    return None if value is None else str(value)
