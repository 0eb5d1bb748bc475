"""Version 2 of a month's integrity hash: everything that affects pay, by content.

Times of the close's own steps, payslip numbers and ids that the close creates aren't
covered: a close that was interrupted and runs again has others, but must have the same
hash. Users and times of the steps are compared with the audit trail instead.
"""

from odoo.tools import SQL

from ..pay.version_terms import TERM_FIELDS as PLAN_TERMS
from ..proof.contents import digest_of, recorded, values_of
from ..statements.nka_pay_statement import HELD_FIELDS
from .seal import LEDGER, Seal

AGREEMENT = (
    "employee_id",
    "company_id",
    "plan_id",
    "version_id",
    "target_earnings",
    "monthly_quota",
    "draw",
    "recovery_rate",
    "floor",
    "rate",
    "date_from",
    "digest",
    "proposed_by_id",
    "proposed_date",
    "accepted_by_id",
    "accepted_date",
)
VERSION = (
    "plan_id",
    "company_id",
    "number",
    "date_start",
    *PLAN_TERMS,
    "holding_confirmed",
    "loyalty_confirmed",
    "submitted_by_id",
    "approved_by_id",
    "approved_date",
    "digest",
)
MEASURE = (
    "code",
    "measure",
    "direction",
    "is_count",
    "counts_colleagues",
    "domain",
    "aggregate",
)
SLIP = (
    "employee_id",
    "company_id",
    "contract_id",
    "struct_id",
    "date_from",
    "date_to",
    "credit_note",
    "refunded_id",
    "state",
)
RUN = ("date_start", "date_end", "company_id", "credit_note")
SLIP_LINE = (
    "code",
    "sequence",
    "salary_rule_id",
    "category_id",
    "employee_id",
    "contract_id",
    "quantity",
    "rate",
    "amount",
    "total",
    "appears_on_payslip",
    "active",
)
SLIP_INPUT = ("code", "sequence", "contract_id", "amount", "amount_qty")
WORKED_DAYS = (
    "code",
    "sequence",
    "contract_id",
    "number_of_days",
    "number_of_hours",
)
GOAL = (
    "kpi_id",
    "weight",
    "target",
    "actual",
    "score",
    "decision",
    "agreement_id",
    "proposed_by_id",
)
SEASON = ("date_start", "date_end")
OPENING = (
    "employee_id",
    "company_id",
    "month",
    "credits",
    "quota_months",
    "balance",
    "note",
    "submitted_by_id",
    "approved_by_id",
    "approved_date",
)
CORRECTION = (
    "component",
    "amount",
    "reason",
    "state",
    "approved_by_id",
    "approved_date",
)
DISPUTE = (
    "user_id",
    "line_kind",
    "line_amount",
    "text",
    "answer",
    "outcome",
    "state",
    "answered_by_id",
)

#: A credit: its source, account, payment and invoice, and share.
_CREDIT = SQL(
    """ROW(basis, source_ref, source_name, revision, user_id, key_account_id, move_ref, kind,
       reason, date, event_date, origin_date, amount, untaxed, part_untaxed, total, money,
       money_to_date, percent)::text"""
)


class Sealed(Seal):
    """Version 2 of the integrity hash: everything that affects pay."""

    def __init__(self, close):
        super().__init__(close)
        self.versions = self.statements.agreement_id.version_id
        self.credits = self._hash_credits(_CREDIT)
        self.counted = self._counted_credits()

    def content(self):
        return {"version": "2", **self.month(), "people": self.people()}

    def parts(self):
        return {
            "statement": self._statements(),
            "lines": self._lines(),
            "agreement": self._agreements(),
            "credits": self._by_statement(self.credits),
            "goals": self._goals(),
            "reports": self._reports(),
            "openings": self._openings(),
            "corrections": self._corrections(),
            "payslip": self._payslips(),
        }

    # ------------------------------------------------------------ month
    def month(self):
        """Return the covered data of the month as a whole."""
        close = self.close
        return {
            "company": close.company_id.id,
            "currency": close.currency_id.name,
            "month": str(close.month),
            "steps": {
                "calculated_by": close.calculated_by_id.id,
                "approved_by": close.approved_by_id.id,
                # The hash is made before this field is written: at the first lock, it
                # is the current user.
                "locked_by": close.locked_by_id.id
                if close.state == "locked"
                else self.env.uid,
            },
            "left_out": sorted(
                [row.employee_id.id, row.reason, row.create_uid.id]
                for row in close.exclusion_ids
            ),
            "versions": {str(row.id): self._version(row) for row in self.versions},
            "other_credits": {
                str(user_id): found
                for user_id, found in self.credits.items()
                if user_id not in self.statements.user_id.ids
            },
        }

    def _version(self, version):
        """Return the terms of a plan version, with goals and tiers."""
        goals = version.line_ids.sorted(lambda row: row.kpi_id.id)
        return {
            "terms": dict(zip(VERSION, values_of(version, VERSION), strict=True)),
            "goals": [
                [row.kpi_id.id, f"{row.weight:.4f}", *values_of(row.kpi_id, MEASURE)]
                for row in goals
            ],
            "tiers": [
                [f"{row.from_percent:.4f}", f"{row.factor:.6f}"]
                for row in version.tier_ids.sorted("from_percent")
            ],
            "released_by": sorted(version.release_document_type_ids.ids),
        }

    # ------------------------------------------------------------ statements
    def _statements(self):
        return {
            row.id: {
                **self._amounts(row),
                "agreement": row.agreement_id.id or None,
                "unpaid_days": f"{row.unpaid_days:.4f}",
                **dict(zip(HELD_FIELDS, values_of(row, HELD_FIELDS), strict=True)),
                "exception": row.exception or None,
            }
            for row in self.statements
        }

    def _line(self, line):
        return [line.sequence, *super()._line(line)]

    def _sources(self, line):
        is_credit = line.res_model == LEDGER
        return self.counted.get(line.id) if is_credit else super()._sources(line)

    def _counted_credits(self):
        """Hash in SQL which credits each line was calculated from: there may be many.

        Credits are identified by content, because they get new ids when the ledger is
        rebuilt.

        :return: ``{line id: [source count, count of existing credits, hash]}``
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT line.id, COUNT(*), COUNT(credit.id),
                          encode(sha256(convert_to(string_agg(
                              concat_ws('|', credit.basis, credit.source_ref,
                                        credit.user_id, credit.revision),
                              ';' ORDER BY credit.basis, credit.source_ref,
                                           credit.user_id, credit.revision), 'UTF8')),
                          'hex')
                     FROM nka_pay_statement_line line
                    CROSS JOIN LATERAL jsonb_array_elements_text(
                          CASE WHEN jsonb_typeof(line.res_ids) = 'array'
                               THEN line.res_ids ELSE '[]' END) AS source(ref)
                     LEFT JOIN nka_bonus_line credit
                       ON credit.id = CASE WHEN source.ref ~ '^[0-9]{1,9}$'
                                           THEN source.ref::integer END
                    WHERE line.statement_id = ANY(%s) AND line.res_model = %s
                    GROUP BY line.id""",
                self.statements.ids,
                LEDGER,
            )
        )
        return {line_id: rest for line_id, *rest in rows}

    def _agreements(self):
        """Return the agreed terms; the end date only if it is before the month's end.

        A later end can still be recorded after the lock, and belongs to a later month.
        """
        found = {}
        for row in self.statements:
            agreement = row.agreement_id
            end = agreement.date_to
            is_ended = end and end < self.close.month_end
            found[row.id] = agreement and {
                "id": agreement.id,
                **dict(zip(AGREEMENT, values_of(agreement, AGREEMENT), strict=True)),
                "date_to": str(end) if is_ended else None,
                "ended_by": (is_ended and agreement.ended_by) or None,
            }
        return {key: value or None for key, value in found.items()}

    # ------------------------------------------------------------ inputs
    def _goal_rows(self, goals):
        """Return the values to show, besides the hash of the whole goal.

        Season dates and agreement tell what each goal was measured by.
        """
        contents = goals._content()
        return [
            [
                goal.id,
                goal.state,
                digest_of(contents[goal.id]),
                *values_of(goal, GOAL),
                *values_of(goal.season_id, SEASON),
            ]
            for goal in goals
        ]

    def _report_rows(self, reports):
        """Return days and state of each report, and who submitted and approved it.

        Its text is covered only by the hash, because not everyone who can read the
        locked data can read reports.
        """
        submitted = recorded(self.env, reports._name, reports.ids, ["submitted"])
        contents = reports._content()
        steps = ("submitted_date", "approved_by_id", "approved_date")
        return [
            [
                *row,
                *values_of(report, steps),
                submitted.get(report.id, (None, None))[1],
                digest_of(contents[report.id]),
            ]
            for report, row in zip(reports, super()._report_rows(reports), strict=True)
        ]

    def _openings(self):
        """Return the opening balances up to this month, by statement id."""
        openings = self.env["nka.pay.opening"].search(
            [
                ("company_id", "=", self.close.company_id.id),
                ("employee_id", "in", self.statements.employee_id.ids),
                ("month", "<=", self.close.month),
                ("state", "=", "approved"),
            ],
            order="id",
        )
        by_employee = openings.grouped("employee_id")
        return {
            row.id: [
                values_of(opening, OPENING)
                for opening in by_employee.get(row.employee_id, ())
            ]
            for row in self.statements
        }

    def _corrections(self):
        """Return the adjustments each statement pays, and the disputes they answer."""
        corrections = self.env["nka.pay.correction"].search(
            [("settled_id", "in", self.statements.ids)], order="id"
        )
        by_statement = corrections.grouped("settled_id")
        return {
            row.id: [
                [
                    str(each.statement_id.month),
                    *values_of(each, CORRECTION),
                    values_of(each.dispute_id, DISPUTE) if each.dispute_id else None,
                ]
                for each in by_statement.get(row, ())
            ]
            for row in self.statements
        }

    # ------------------------------------------------------------ payslips
    def _payslip(self, slip):
        run = slip.payslip_run_id
        return {
            "slip": dict(zip(SLIP, values_of(slip, SLIP), strict=True)),
            "run": values_of(run, RUN) if run else None,
            "lines": _rows(slip.line_ids, SLIP_LINE),
            "inputs": _rows(slip.input_line_ids, SLIP_INPUT),
            "worked_days": _rows(slip.worked_days_line_ids, WORKED_DAYS),
        }


def _rows(records, names):
    """Return the values of payslip parts in an order that doesn't depend on ids."""
    return sorted((values_of(row, names) for row in records), key=str)
