import hashlib
import json
from collections import defaultdict

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, formatLang

from ..statements.nka_pay_statement import AMOUNTS
from ..trail.roles import PAYROLL_OFFICER
from .frozen_months import guards_of_revisions

#: Version of what is sealed and how; an old one stays verifiable by its own method.
SEAL_VERSION = "1"

#: Fields of a statement that are sealed: money and days.
MONEY = (
    *AMOUNTS,
    "balance_before",
    "balance",
    "credit_amount",
    "half_year_credits",
    "half_year_quota",
    "quota_to_date",
)
DAYS = ("employed_days", "covered_days")

LEDGER = "nka.bonus.line"


class MonthCloseRevision(models.Model):
    """A sealed state of a month, kept for ever: what went in, and what came out."""

    _name = "nka.month.close.revision"
    _description = "Sealed revision of a month"
    _inherit = ["nka.guard.mixin"]
    _order = "close_id desc, number desc"
    _rec_name = "number"

    _guarded_fields = (
        "close_id",
        "number",
        "digest",
        "sealed",
        "reason",
        "differences",
        "sealed_by_id",
        "sealed_date",
    )
    _company_fields = ("close_id",)

    close_id = fields.Many2one(
        "nka.month.close", required=True, index=True, ondelete="restrict", readonly=True
    )
    company_id = fields.Many2one(related="close_id.company_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    number = fields.Integer("Revision", required=True, readonly=True)
    digest = fields.Char(required=True, readonly=True)
    # What the digest covers, word for word: shows later what has changed.
    # An administrator reopens months and sees totals: both are of every person's pay.
    sealed = fields.Json(readonly=True, groups=PAYROLL_OFFICER)
    reason = fields.Char(readonly=True)
    differences = fields.Json("Changed amounts", readonly=True, groups=PAYROLL_OFFICER)
    difference_html = fields.Html(
        "Difference", compute="_compute_difference_html", groups=PAYROLL_OFFICER
    )
    sealed_by_id = fields.Many2one("res.users", "Sealed by", readonly=True)
    sealed_date = fields.Datetime("Sealed on", readonly=True)

    _number_unique = models.Constraint(
        "UNIQUE(close_id, number)", "Revisions of a month are numbered."
    )

    @api.model
    def _guards(self):
        return [*super()._guards(), *guards_of_revisions()]

    # ------------------------------------------------------------ compute
    @api.depends("differences")
    @api.depends_context("lang")
    def _compute_difference_html(self):
        fields_ = self.env["nka.pay.statement"]._fields
        ids = {row[0] for rev in self for row in rev.differences or ()}
        names = {
            employee.id: employee.name
            for employee in self.env["hr.employee"].sudo().browse(ids).exists()
        }
        for revision in self:
            rows = [
                Markup("<li>%s · %s: %s → <b>%s</b></li>")
                % (
                    names.get(key, key),
                    fields_[name]._description_string(self.env)
                    if name in fields_
                    else name,
                    revision._show(before),
                    revision._show(after),
                )
                for key, name, before, after in revision.differences or ()
            ]
            revision.difference_html = (
                Markup("<ul class='mb-0'>%s</ul>") % Markup("").join(rows)
                if rows
                else False
            )

    def _show(self, amount):
        if amount is None:
            return "–"
        return formatLang(self.env, float(amount), self.currency_id.decimal_places)

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        self._refuse()
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        self._refuse()

    def _refuse(self):
        raise AccessError(
            self.env._("Sealed revisions are kept as they are. Nothing was changed.")
        )

    # ------------------------------------------------------------ sealing
    @api.model
    def _seal(self, close, reason):
        """Keep a month as it is now, as its next revision.

        :param close: nka.month.close, as superuser
        :param str reason: why it is sealed again, for a later revision
        """
        before, sealed = close._last_revision(), self._prepare_sealed(close)
        return self._unlocked().create(
            {
                "close_id": close.id,
                "number": close.revision + 1,
                "digest": self._digest_of(sealed),
                "sealed": sealed,
                "reason": reason or close.reopen_reason,
                "differences": _differences(before.sealed, sealed) if before else [],
                "sealed_by_id": self.env.uid,
                "sealed_date": fields.Datetime.now(),
            }
        )

    @api.model
    def _digest_of(self, sealed):
        """Version-prefixed SHA-256 over canonical, sorted JSON."""
        text = json.dumps(
            sealed, sort_keys=True, separators=(",", ":"), ensure_ascii=True
        )
        version = sealed["version"]
        return f"{version}:{hashlib.sha256(text.encode()).hexdigest()}"

    def _lacks_payslips(self):
        """Whether payslips were still being made when this was sealed."""
        people = self.sealed["people"].values()
        return any(person["payslip"] is False for person in people)

    # ------------------------------------------------------------ verifying
    def _check_unchanged(self):
        """Refuse unless the month is still exactly what was sealed.

        :raise UserError: naming what differs
        """
        self.ensure_one()
        close = self.close_id
        now = self._prepare_sealed(close, close.digest.partition(":")[0])
        _without_later_slips(now, self.sealed)
        if close.digest == self.digest == self._digest_of(now):
            return
        raise UserError(
            self.env._(
                "%(month)s isn't what was sealed: %(parts)s. Nothing is printed or "
                "exported from it. Ask an administrator who worked past the "
                "program; nothing was changed.",
                month=close.display_name,
                parts="; ".join(self._say_broken(now)),
            )
        )

    def _say_broken(self, now):
        """People and parts that differ from the seal, in words."""
        statements = self.close_id.statement_ids
        names = {str(row.employee_id.id): row.user_id.name for row in statements}
        titles = self._part_titles()
        before, after = self.sealed.get("people", {}), now["people"]
        broken = []
        for key in sorted({*before, *after}):
            old, new = before.get(key), after.get(key)
            name = names.get(key) or self.env._("employee %s", key)
            if not old or not new:
                broken.append(self.env._("%s: missing or added", name))
                continue
            broken += [
                f"{name}: {title}"
                for part, title in titles.items()
                if json.loads(json.dumps(new[part])) != old[part]
            ]
        return broken or [self.env._("the seal itself")]

    # ------------------------------------------------------------ preparing
    @api.model
    def _prepare_sealed(self, close, version=SEAL_VERSION):
        """What the digest covers, as plain JSON; the same however often it is asked.

        :param str version: of the seal; ``1`` is the only one so far
        """
        locked = close.statement_ids.filtered(lambda row: row.state == "locked")
        parts = {
            name: getattr(self, f"_seal_{name}")(close, locked)
            for name in self._part_titles()
        }
        return {
            "version": version,
            "company": close.company_id.id,
            "currency": close.currency_id.name,
            "month": str(close.month),
            "left_out": sorted(
                [row.employee_id.id, row.reason] for row in close.exclusion_ids
            ),
            "people": {
                str(row.employee_id.id): {
                    name: found.get(row.id) for name, found in parts.items()
                }
                for row in locked
            },
        }

    @api.model
    def _part_titles(self):
        """What is sealed of every statement, and the names of these parts.

        For each a method ``_seal_<part>`` takes the month and its locked statements
        and returns plain JSON by statement id, for all people at once.
        """
        return {
            "statement": self.env._("statement"),
            "lines": self.env._("lines of the statement"),
            "agreement": self.env._("agreement"),
            "credits": self.env._("credits"),
            "goals": self.env._("goals"),
            "reports": self.env._("work reports"),
            "payslip": self.env._("payslip"),
        }

    @api.model
    def _seal_statement(self, close, statements):
        digits = close.currency_id.decimal_places
        return {
            row.id: {
                "employee": row.employee_id.id,
                "user": row.user_id.id,
                "calculated_by": row.calculated_by_id.id,
                "approved_by": row.approved_by_id.id,
                **{name: f"{row[name]:.{digits}f}" for name in MONEY},
                **{name: f"{row[name]:.2f}" for name in DAYS},
                "shares": row.shares,
            }
            for row in statements
        }

    @api.model
    def _seal_lines(self, close, statements):
        digits = close.currency_id.decimal_places
        found = {row.id: [] for row in statements}
        for line in statements.line_ids.sorted(lambda row: (row.sequence, row.id)):
            found[line.statement_id.id].append(
                [
                    line.kind,
                    line.component,
                    f"{line.amount:.{digits}f}",
                    line.is_shown_only,
                    str(line.source_month or ""),
                    line.explanation,
                    line.res_model or "",
                    [] if line.res_model == LEDGER else line.res_ids or [],
                ]
            )
        return found

    @api.model
    def _seal_agreement(self, close, statements):
        return {
            row.id: [
                row.agreement_id.id,
                row.agreement_id.digest or "",
                row.agreement_id.version_id.id,
                row.agreement_id.version_id.digest or "",
            ]
            for row in statements
        }

    @api.model
    def _seal_credits(self, close, statements):
        """The month's ledger lines, hashed where they are: there may be many.

        By what they are about, not by their ids: a close that was killed and runs
        again gives other ids and the same digest.
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT user_id, COUNT(*), SUM(amount)::text,
                          encode(sha256(convert_to(string_agg(
                              concat_ws('|', basis, source_ref, revision, date,
                                        origin_date, kind, reason, amount, move_ref),
                              ';' ORDER BY basis, source_ref, revision), 'UTF8')), 'hex')
                     FROM nka_bonus_line
                    WHERE company_id = %s AND user_id = ANY(%s)
                      AND date BETWEEN %s AND %s
                    GROUP BY user_id""",
                close.company_id.id,
                statements.user_id.ids,
                close.month,
                close.month_end,
            )
        )
        found = {user_id: rest for user_id, *rest in rows}
        return {row.id: found.get(row.user_id.id, [0, "0", ""]) for row in statements}

    @api.model
    def _seal_goals(self, close, statements):
        goals = self.env["nka.season.goal"].search(
            [
                ("season_id.company_id", "=", close.company_id.id),
                ("season_id.date_end", "=", close.month_end),
                ("employee_id", "in", statements.employee_id.ids),
            ],
            order="id",
        )
        by_employee = goals.grouped("employee_id")
        return {
            row.id: [
                [
                    goal.id,
                    goal.kpi_id.id,
                    f"{goal.weight:.4f}",
                    f"{goal.target:.4f}",
                    f"{goal.zero_value:.4f}",
                    f"{goal.actual:.4f}",
                    goal.is_measured,
                    goal.decision or "",
                    goal.state,
                ]
                for goal in by_employee.get(row.employee_id, ())
            ]
            for row in statements
        }

    @api.model
    def _seal_reports(self, close, statements):
        """The reports a statement says that it went by; later ones are another month's."""
        ids = {
            row.id: {
                id_
                for line in row.line_ids
                if line.res_model == "nka.work.report"
                for id_ in line.res_ids or ()
            }
            for row in statements
        }
        reports = self.env["nka.work.report"].browse(set().union(*ids.values()))
        known = {
            report.id: [
                report.id,
                str(report.date_from),
                str(report.date_to),
                report.state,
            ]
            for report in reports.exists()
        }
        return {
            key: [known.get(id_, [id_, "gone"]) for id_ in sorted(own)]
            for key, own in ids.items()
        }

    @api.model
    def _seal_payslip(self, close, statements):
        """The payslip that pays a statement, with its lines; none while it is waiting."""
        found = {}
        for row in statements:
            slip = row.payslip_id
            found[row.id] = slip.state == "done" and sorted(
                [line.code, f"{line.quantity:.4f}", f"{line.total:.4f}"]
                for line in slip.line_ids
            )
        return found


def _without_later_slips(now, sealed):
    """Payslips made in the background since the seal: it knew of none.

    They are compared with their statements, and sealed, when the last one is made.
    """
    for key, person in now["people"].items():
        if sealed["people"].get(key, {}).get("payslip") is False:
            person["payslip"] = False


def _differences(before, after):
    """What a revision changed of the one before: amounts by person.

    :return: list of ``[employee id, field, before, after]``; None where nobody was
    """
    old, new = before.get("people", {}), after["people"]
    found = []
    for key in sorted({*old, *new}, key=int):
        was = (old.get(key) or {}).get("statement") or defaultdict(lambda: None)
        now = (new.get(key) or {}).get("statement") or defaultdict(lambda: None)
        found += [
            [int(key), name, was[name], now[name]]
            for name in sorted({*was, *now})
            if name.endswith("_amount") and was[name] != now[name]
        ]
    return found
