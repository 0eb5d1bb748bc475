from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, LazyTranslate
from odoo.tools.float_utils import float_compare

from ..payroll.components import PAID, SUMS
from ..trail.base import declared
from .members import during, has_plan

_lt = LazyTranslate(__name__)

STATEMENT = "nka.pay.statement"

#: Items of the checklist.
CODES = [
    ("previous", "Earlier months are locked"),
    ("exception", "Every employee is calculated"),
    ("left_out", "No one is still excluded from an earlier month"),
    ("plan", "An approved pay plan covers the month"),
    ("agreement", "Every employee has an accepted agreement"),
    ("contract", "Every employee has exactly one contract"),
    ("slip", "No employee has a second payslip for this month"),
    ("coverage", "Reports and time off cover the month"),
    ("leave", "Unpaid leave of closed months is unchanged"),
    ("season", "A season covers the month"),
    ("goals", "Goals of the season are scored"),
    ("credits", "Credits reconcile with invoices and payments"),
    ("unowned", "Sales to key accounts are credited to someone"),
    ("own_posting", "Credited sales were posted by another person"),
    ("held_credits", "No credit is held for missing documents"),
    ("lapsed", "No held bonus lapses or is paid early"),
    ("shares", "Credit shares of every account total 100 %"),
    ("balance", "Draw balances follow from the previous month"),
    ("dispute", "No dispute is open"),
    ("deviation", "Totals are close to the 3-month average"),
    ("payslip", "Statement, payslip and net pay match"),
]

SEVERITIES = [("block", "Blocking"), ("warn", "Warning")]


class Found(NamedTuple):
    """Result of a checklist item, kept even if the records are deleted.

    :ivar count: number of records; None if it isn't known yet
    :ivar amount: amount of money concerned
    """

    count: int | None
    res_model: str | bool = False
    res_ids: tuple = ()
    amount: float = 0

    @classmethod
    def of(cls, records, amount=0):
        """Return the result for records, or for None."""
        if records is None or isinstance(records, cls):
            return records or cls(None)
        return cls(len(records), records._name, tuple(sorted(records.ids)), amount)


class MonthCloseRule(models.Model):
    """Checklist item for all companies: its severity, and how it finds issues.

    To add an item, extend ``code`` here and in ``nka.month.close.check``, create a
    record with it, and define ``_find_<code>(close)``. It returns the records with
    issues, or None while the result isn't known. Optionally add a hint to ``_hints``,
    the code to ``_fixed_codes``, and a method ``_open_<code>()`` to the check if Show
    opens anything other than these records. If one comparison answers several items,
    the finder of any of them returns Found by code.
    """

    _name = "nka.month.close.rule"
    _description = "Checklist rule"
    _order = "sequence, id"
    _rec_name = "code"

    #: Items that administrators can't set to warn; all inheriting classes contribute.
    _fixed_codes = ("previous", "exception", "left_out", "balance", "payslip")
    #: How to resolve an item, by code; all inheriting classes contribute.
    _hints = {
        "previous": _lt("Lock the earlier month first; this month builds on it."),
        "exception": _lt(
            "Resolve the error shown on the statement, or exclude the person with a "
            "reason. The others will be closed."
        ),
        "left_out": _lt("Close the earlier month for these people first."),
        "plan": _lt(
            "No approved version of a pay plan is in force on the first day of the "
            "month. Submit one that starts by then; an administrator approves it."
        ),
        "agreement": _lt("Propose a pay agreement for the person to accept."),
        "contract": _lt(
            "Only one contract can apply in a month. Ask HR to enter its start date or "
            "resolve the overlap."
        ),
        "slip": _lt("Cancel the other payslip, or exclude this person from the month."),
        "coverage": _lt("Ask for the missing reports, or accept the uncovered days."),
        "leave": _lt(
            "Open the statement of the closed month and select Propose adjustment. The "
            "difference is paid with this month once another officer approves it."
        ),
        "season": _lt(
            "Goal pay is paid with a season, and none covers this month. Create the "
            "season; the supervisor then sets its goals."
        ),
        "goals": _lt(
            "Ask the supervisor to freeze the season and decide on open goals."
        ),
        "credits": _lt(
            "Calculate again. Any remaining differences are listed line by line."
        ),
        "unowned": _lt(
            "No one is credited for this money. Select Show to see the reason and what "
            "to do for each payment. Where an owner is missing, Resolve asks the "
            "supervisor to correct the ownership."
        ),
        "own_posting": _lt(
            "The person who is paid for them posted these invoices or payments, and no "
            "bank statement line confirms them yet. Compare them with the bank before "
            "you approve."
        ),
        "held_credits": _lt(
            "These credits count in the first open month after the documents named on "
            "the statement are approved. Ask the manager to submit them, and the "
            "supervisor to review them."
        ),
        "lapsed": _lt(
            "The employment ended before twelve months of it. Check who ended it: held "
            "bonus lapses or is paid by that. Check whether the law lets it lapse; an "
            "adjustment pays it."
        ),
        "shares": _lt("Ask the supervisor to correct the shares through a handover."),
        "balance": _lt("Calculate again: the previous month has changed."),
        "dispute": _lt(
            "Answer the disputes, and create adjustments where they are justified."
        ),
        "deviation": _lt("Review these people's statements before you approve."),
        "payslip": _lt("The statement shows why its payslip couldn't be generated."),
    }

    code = fields.Selection(CODES, "Item", required=True, readonly=True)
    sequence = fields.Integer()
    severity = fields.Selection(SEVERITIES, required=True, default="block")
    limit = fields.Float(
        "Limit (%)",
        help="Maximum allowed deviation of a total from the 3-month average.",
    )
    is_fixed = fields.Boolean("Always blocking", compute="_compute_is_fixed")

    _code_unique = models.Constraint(
        "UNIQUE(code)", "This item is already on the list."
    )
    _limit_positive = models.Constraint(
        'CHECK("limit" >= 0)', "Enter a limit of 0 % or more."
    )

    @api.depends("code")
    def _compute_is_fixed(self):
        fixed = {
            code for codes in declared(type(self), "_fixed_codes") for code in codes
        }
        for rule in self:
            rule.is_fixed = rule.code in fixed

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        if vals.get("severity", "block") != "block":
            self._check_softened()
        before = {rule: rule.severity for rule in self}
        result = super().write(vals)
        self._record(before)
        return result

    def _check_softened(self):
        labels = dict(self._fields["code"]._description_selection(self.env))
        for rule in self:
            if rule.is_fixed:
                raise UserError(
                    self.env._(
                        "“%s” is always blocking and can't be set to warn.",
                        labels[rule.code],
                    )
                )

    def _record(self, before):
        events = self.env["nka.audit.event"]
        events._append(
            [
                events._prepare_entry(rule, "state", old=severity, new=rule.severity)
                for rule, severity in before.items()
                if severity != rule.severity
            ]
        )

    # ------------------------------------------------------------ finders: employees
    def _find(self, close):
        """Return the issues this item finds in a month.

        :param close: nka.month.close, as superuser
        :return: records; None if the result isn't known yet; Found by code if other
            items are answered as well
        """
        return getattr(self, f"_find_{self.code}")(close)

    def _find_all(self, close):
        """Return what these items find, running each comparison once.

        :rtype: dict[str, Found]
        """
        found = {}
        for rule in self:
            if rule.code not in found:
                answer = rule._find(close)
                answers = answer if isinstance(answer, dict) else {rule.code: answer}
                found |= {code: Found.of(told) for code, told in answers.items()}
        return found

    def _find_exception(self, close):
        """Find employees who couldn't be calculated, or weren't yet."""
        return close.statement_ids.filtered(
            lambda row: row.exception or row.state == "open"
        )

    def _find_plan(self, close):
        """Find a missing plan: no version approved by then starts by the first day."""
        return Found(int(not has_plan(close)), "nka.pay.plan.version")

    def _find_agreement(self, close):
        agreements = self.env["nka.pay.agreement"].search(
            during(close)
            & Domain("state", "in", ("accepted", "ended"))
            & Domain("version_id.date_start", "<=", close.month)
        )
        agreed = set(agreements.employee_id.ids)
        rest = close.statement_ids - close.statement_ids._only_owed()
        return rest.filtered(lambda row: row.employee_id.id not in agreed)

    def _find_contract(self, close):
        """Find employees without exactly one contract on days of the month.

        Leavers are paid under their last contract, so they need one, even if it ended.
        """
        counts = self._contract_counts(close)
        left = close.statement_ids._only_owed()

        here = close.statement_ids - left
        return left.filtered(
            lambda row: counts.get(row.employee_id.id) not in (0, 1)
        ) | here.filtered(lambda row: counts.get(row.employee_id.id) != 1)

    def _contract_counts(self, close):
        """Count contracts on days of the month, for employees who had one by then."""
        return dict(
            self.env.execute_query(
                SQL(
                    """SELECT employee_id, COUNT(DISTINCT contract_date_start)
                              FILTER (WHERE COALESCE(contract_date_end, %(last)s)
                                            >= %(first)s)
                         FROM hr_version
                        WHERE employee_id = ANY(%(ids)s) AND active
                          AND contract_date_start <= %(last)s
                        GROUP BY employee_id""",
                    first=close.month,
                    last=close.month_end,
                    ids=close.statement_ids.employee_id.ids,
                )
            )
        )

    def _find_slip(self, close):
        """Find 40/10/50 payslips of the month that pay none of these statements."""
        slips = self.env["hr.payslip"].search(
            [
                ("employee_id", "in", close.statement_ids.employee_id.ids),
                ("company_id", "=", close.company_id.id),
                ("date_from", "<=", close.month_end),
                ("date_to", ">=", close.month),
                ("state", "=", "done"),
                ("is_nka", "=", True),
            ]
        )
        others = slips - close.statement_ids.payslip_id
        if others:
            left = close.statement_ids._left_behind(close.statement_ids)
            for statement, slip in left.items():
                if statement._is_paid_by(slip):
                    # Taken over when the month is locked.
                    others -= slip
        return others

    def _find_coverage(self, close):
        return close.statement_ids.filtered(
            lambda row: row.state != "open" and row.covered_days < row.employed_days
        )

    def _find_leave(self, close):
        """Find closed statements that change through unpaid leave decided since."""
        corrections = self.env["nka.pay.correction"]
        return corrections._changed_by_leave(close.company_id, close.month)

    def _find_season(self, close):
        """Find a missing season; seasons consist of whole months."""
        season = self.env["nka.season"]._season_on(close.month, close.company_id)
        return Found(int(not season), season._name)

    def _find_goals(self, close):
        """Find goals that aren't frozen, of a season that ends with the month."""
        return self.env["nka.season.goal"].search(
            [
                ("season_id.company_id", "=", close.company_id.id),
                ("season_id.date_end", "=", close.month_end),
                ("employee_id", "in", close.statement_ids.employee_id.ids),
                ("state", "!=", "frozen"),
            ]
        )

    def _find_dispute(self, close):
        return self.env["nka.pay.dispute"].search(
            [("statement_id", "in", close.statement_ids.ids), ("state", "=", "open")]
        )

    def _find_left_out(self, close):
        """Find employees of this month who are still excluded from an earlier one."""
        return self.env["nka.month.close.exclusion"].search(
            [
                ("company_id", "=", close.company_id.id),
                ("close_id.month", "<", close.month),
                ("employee_id", "in", close.statement_ids.employee_id.ids),
                ("state", "!=", "closed"),
            ]
        )

    # ------------------------------------------------------------ finders: money
    def _find_previous(self, close):
        """Find statements of earlier months that are calculated but not locked."""
        return self.env[STATEMENT].search(
            [
                ("company_id", "=", close.company_id.id),
                ("month", "<", close.month),
                ("state", "in", ("calculated", "approved")),
            ]
        )

    def _find_credits(self, close):
        """Compare credits with accounting by payment, to the cent.

        Also find sales to key accounts that aren't credited to anyone.
        """
        check = self.env["nka.bonus.check"]._check_month(
            close.company_id, close.month, close.month_end
        )
        differing = check.line_ids.filtered("is_different")
        unowned = check.line_ids.filtered("rest") - differing
        found = {
            "credits": Found.of(differing),
            "unowned": Found.of(unowned, sum(unowned.mapped("rest"))),
        }
        check.unlink()
        return found

    def _find_unowned(self, close):
        return self._find_credits(close)

    def _find_own_posting(self, close):
        """Find credits based on entries that the credited person posted."""
        credits = self.env["nka.bonus.line"]._posted_by_credited(
            close.company_id, close.month, close.month_end
        )
        return Found.of(credits, sum(credits.mapped("amount")))

    def _find_held_credits(self, close):
        """Find credits that wait for documents; the lines say for which."""
        lines = self._lines_of(close, "credit_held")
        return Found.of(lines, sum(close.statement_ids.mapped("held_credits")))

    def _find_lapsed(self, close):
        """Find held bonus that lapses, or is paid, because the employment ended before
        twelve months: one officer said who ended it.
        """
        vesting = self._lines_of(close, "vesting").filtered(
            lambda line: line.explanation["code"] == "loyalty.vested_at_end"
        )
        return Found.of(self._lines_of(close, "lapsed") | vesting)

    @api.model
    def _lines_of(self, close, kind):
        return self.env["nka.pay.statement.line"].search(
            [("statement_id", "in", close.statement_ids.ids), ("kind", "=", kind)]
        )

    def _find_shares(self, close):
        """Find accounts whose shares don't total 100 % on a day of the month.

        Returned as statements of the people concerned: officers can't read accounts.
        """
        rows = self.env.execute_query(
            SQL(
                """WITH own AS (
                       SELECT key_account_id, user_id, share, date_from,
                              COALESCE(date_to, 'infinity'::date) AS date_to
                         FROM nka_assignment
                        WHERE company_id = %(company)s AND date_from <= %(last)s
                          AND COALESCE(date_to, 'infinity'::date) >= %(first)s
                   ), days AS (
                       SELECT key_account_id, GREATEST(date_from, %(first)s) AS day
                         FROM own
                        UNION
                       SELECT key_account_id, date_to + 1 FROM own
                        WHERE date_to < %(last)s
                   ), wrong AS (
                       SELECT days.key_account_id
                         FROM days JOIN own USING (key_account_id)
                        WHERE days.day BETWEEN own.date_from AND own.date_to
                        GROUP BY days.key_account_id, days.day
                       HAVING SUM(own.share) != 100
                   )
                   SELECT DISTINCT own.user_id
                     FROM own JOIN wrong USING (key_account_id)""",
                company=close.company_id.id,
                first=close.month,
                last=close.month_end,
            )
        )
        users = {user_id for (user_id,) in rows}
        return close.statement_ids.filtered(lambda row: row.user_id.id in users)

    def _find_balance(self, close):
        """Find draw balances other than opening balance plus the month's change, and
        held bonus that doesn't follow from the last statement.

        The opening balance is that of the last statement or, if newer, the approved one
        brought forward; else 0.
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT own.id
                     FROM nka_pay_statement own
                     LEFT JOIN LATERAL (
                         SELECT month, balance, loyalty_held, loyalty_lapsed
                           FROM nka_pay_statement earlier
                          WHERE earlier.employee_id = own.employee_id
                            AND earlier.company_id = own.company_id
                            AND earlier.month < own.month AND earlier.state != 'open'
                          ORDER BY earlier.month DESC LIMIT 1
                     ) AS last ON TRUE
                     LEFT JOIN LATERAL (
                         SELECT month, balance FROM nka_pay_opening brought
                          WHERE brought.employee_id = own.employee_id
                            AND brought.company_id = own.company_id
                            AND brought.month <= own.month AND brought.state = 'approved'
                          ORDER BY brought.month DESC LIMIT 1
                     ) AS opening ON TRUE
                    WHERE own.close_id = %s AND own.state != 'open'
                      AND (own.balance_before != CASE
                               WHEN opening.month > COALESCE(last.month, '-infinity')
                               THEN opening.balance ELSE COALESCE(last.balance, 0) END
                           OR own.balance != own.balance_before + own.carry_amount
                           OR COALESCE(own.loyalty_held + own.loyalty_lapsed, 0)
                              != COALESCE(last.loyalty_held + last.loyalty_lapsed, 0)
                                 + COALESCE(own.loyalty_amount, 0)
                                 - COALESCE((SELECT SUM(amount)
                                               FROM nka_pay_statement_line line
                                              WHERE line.statement_id = own.id
                                                AND line.kind = 'vesting'), 0))""",
                close.id,
            )
        )
        return self.env[STATEMENT].browse(id_ for (id_,) in rows)

    def _find_deviation(self, close):
        """Find totals far from the person's average of the three months before."""
        key = close.company_id.id, close.month
        means = self.env["nka.pay.variance"]._person_means([key])[key]

        def is_far(row):
            mean = means.get(row.employee_id.id)
            return mean is not None and (
                abs(row.total_amount - mean) > abs(mean) * self.limit / 100
            )

        return close.statement_ids.filtered(lambda row: row.state != "open").filtered(
            is_far
        )

    def _find_payslip(self, close):
        """Find statements whose payslip is missing or differs."""
        locked = close.statement_ids.filtered(lambda row: row.state == "locked")
        waiting = locked.filtered(
            lambda row: (
                row.payslip_job_id
                and row.payslip_id.state != "done"
                and not row.payslip_error
            )
        )
        wrong = (locked - waiting).filtered(_is_paid_otherwise)
        return wrong if wrong or (locked and not waiting) else None


def _is_paid_otherwise(statement):
    """Return whether a statement's payslip is missing or differs by a cent or more."""
    slip = statement.payslip_id
    if slip.state != "done":
        return True
    digits = statement.currency_id.decimal_places
    return any(
        float_compare(paid, due, precision_digits=digits)
        for paid, due in _compared(slip.line_ids, statement)
    )


def _compared(lines, statement):
    """Yield (paid, due) pairs: by code, in total, and net."""
    paid = {line.code: line.total for line in lines}
    for code, due in statement._pay_by_code().items():
        yield paid.get(code, 0), due
    yield sum(line.total for line in lines if line.code in PAID), statement.total_amount
    if "NET" in paid:
        parts = [
            line.total
            for line in lines
            if line.category_id.code in SUMS["NET"] and line.code not in SUMS
        ]
        yield paid["NET"], sum(parts)
