from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import clean_context, format_date, formatLang

from ... import paycalc
from ..facts import orders, payments
from ..ledger.deal_documents import DealDocuments
from ..pay.border import to_money
from ..trail.opening import open_action, open_records
from . import texts
from .gathered import Gathered
from .person_month import PersonMonth

ZERO = paycalc.rnd(0)
#: Age from which the ledger is updated before it is shown.
FRESH = timedelta(minutes=5)
#: Days after the due date from which a payment is no longer expected this month.
LATE_DAYS = 30
#: Part of the monthly quota for which the next bonus is shown at first.
SAMPLE = 10
#: Pay components whose reason for being zero is shown.
PARTS = ("fixed", "soft", "bonus")


class PayForecast(models.TransientModel):
    """A person's current month: earned pay, expected pay and progress of goals."""

    _name = "nka.pay.forecast"
    _description = "Pay forecast"

    user_id = fields.Many2one("res.users", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    month = fields.Date(readonly=True)
    built_on = fields.Datetime("As of", readonly=True)
    credits_before = fields.Monetary(
        "Half-year credits before this month", readonly=True
    )
    credits = fields.Monetary("Credits this month", readonly=True)
    expected = fields.Monetary("Expected by the end of the month", readonly=True)
    late = fields.Monetary(
        "Long overdue, not expected",
        readonly=True,
        help="Credits for invoices more than 30 days overdue. The forecast leaves them "
        "out; they count when the client pays.",
    )
    quota = fields.Monetary("Monthly quota", readonly=True)
    fixed_target = fields.Monetary("Target fixed pay", readonly=True)
    soft_target = fields.Monetary("Target goal pay", readonly=True)
    bonus_target = fields.Monetary("Target bonus", readonly=True)
    attainment = fields.Float(
        "Quota attainment (%)",
        compute="_compute_attainment",
        digits=(16, 0),
        help="Credits this month / monthly quota.",
    )
    picture = fields.Html(
        "Progress",
        compute="_compute_picture",
        sanitize=False,
        export_string_translation=False,
    )
    next_amount = fields.Monetary(
        "Next invoice", help="Untaxed amount of an invoice, to see its bonus."
    )
    next_bonus = fields.Monetary(
        "It would bring",
        compute="_compute_next_bonus",
        help="Bonus for your credit of that amount, once the invoice counts, on top of "
        "the credits so far.",
    )
    fixed_sure = fields.Monetary("Fixed pay so far", readonly=True)
    fixed_expected = fields.Monetary(
        "Fixed pay if all reports are approved", readonly=True
    )
    soft_sure = fields.Monetary("Goal pay so far", readonly=True)
    soft_expected = fields.Monetary("Goal pay at current attainment", readonly=True)
    bonus_sure = fields.Monetary("Bonus earned so far", readonly=True)
    bonus_expected = fields.Monetary("Bonus including expected sales", readonly=True)
    other_sure = fields.Monetary(
        "Draw and retroactive adjustments",
        readonly=True,
        help="Draw paid or recovered, plus retroactive adjustments.",
    )
    other_expected = fields.Monetary(
        "Expected draw and retroactive adjustments", readonly=True
    )
    total_sure = fields.Monetary("Pay so far", readonly=True)
    total_expected = fields.Monetary("Pay including expected sales", readonly=True)
    fixed_reason = fields.Char("Why no fixed pay yet", readonly=True)
    soft_reason = fields.Char("Why no goal pay yet", readonly=True)
    bonus_reason = fields.Char("Why no bonus yet", readonly=True)
    note = fields.Char(readonly=True)
    held_note = fields.Text("Held until later", readonly=True)
    line_ids = fields.One2many("nka.pay.forecast.line", "forecast_id", readonly=True)

    # ------------------------------------------------------------ compute
    @api.depends("month")
    def _compute_display_name(self):
        for forecast in self:
            forecast.display_name = format_date(
                self.env, forecast.month, date_format="LLLL yyyy"
            )

    @api.depends("credits", "quota")
    def _compute_attainment(self):
        for forecast in self:
            quota = forecast.quota
            forecast.attainment = 100 * forecast.credits / quota if quota else 0.0

    @api.depends("next_amount")
    def _compute_next_bonus(self):
        for forecast in self:
            facts = forecast._bonus_facts() if forecast.next_amount else None
            amount = to_money(forecast.next_amount, forecast.currency_id)
            forecast.next_bonus = (
                float(self._added_bonus(facts, amount)) if facts else 0
            )

    @api.depends(
        "credits", "expected", "quota", "fixed_sure", "soft_sure", "bonus_sure"
    )
    @api.depends_context("lang")
    def _compute_picture(self):
        for forecast in self:
            forecast.picture = False
            if forecast.quota:
                bars = [forecast._quota_bar(), *forecast._part_bars()]
                forecast.picture = self.env["ir.qweb"]._render(
                    "nka_key_accounts.pay_forecast_picture", {"bars": bars}
                )

    def _quota_bar(self):
        hoped = self.credits + max(self.expected, 0)
        return {
            "name": self.env._("Quota"),
            **self._prepare_bar(self.credits, hoped, self.quota),
        }

    def _part_bars(self):
        """Return the bars of the pay components: so far, expected and at target."""
        return [
            {
                **self._prepare_bar(
                    self[f"{part}_sure"],
                    self[f"{part}_expected"],
                    self[f"{part}_target"],
                ),
                "name": name,
            }
            for part, name in zip(
                PARTS,
                (self.env._("Fixed pay"), self.env._("Goal pay"), self.env._("Bonus")),
                strict=True,
            )
        ]

    def _prepare_bar(self, sure, hoped, target):
        """Return the texts and widths of a bar; its scale ends above 100 % if needed."""
        scale = max(sure, hoped, target) or 1.0
        shown = self.currency_id.format
        is_more = not self.currency_id.is_zero(hoped - sure)
        return {
            "percent": self._percent(sure, target),
            "text": self.env._(
                "%(amount)s of %(target)s", amount=shown(sure), target=shown(target)
            ),
            "hoped_text": is_more
            and self.env._(
                "Expected: %(amount)s (%(percent)s %%)",
                amount=shown(hoped),
                percent=self._percent(hoped, target),
            ),
            "sure_width": max(100 * sure / scale, 0),
            "hoped_width": max(100 * (hoped - max(sure, 0)) / scale, 0),
            "target_at": 100 * target / scale,
        }

    def _percent(self, amount, target):
        return formatLang(self.env, 100 * amount / target if target else 0, 0)

    # ------------------------------------------------------------ actions
    @api.model
    def action_open_mine(self):
        """Open the current user's forecast, with credits and goals updated now.

        :return: window action
        """
        self._bring_up_to_date(self.env.company)
        self.env["nka.season.goal"]._refresh_mine()
        forecast = self._make(self.env.user, self.env.company)
        return open_records(forecast, self.env._("Pay forecast"))

    def action_open_credits(self):
        """Open the credits of the month: every payment or invoice that counts in it.

        :return: window action
        """
        end = paycalc.add_months(self.month, 1)
        days = [("date", ">=", self.month), ("date", "<", end)]
        return self._open_own("nka_bonus_line_action", days)

    def action_open_money(self):
        """Open the results for the money of the user's clients in the month so far.

        :return: window action
        """
        self.ensure_one()
        self.check_access("read")
        last = paycalc.add_months(self.month, 1) - timedelta(1)
        return self.env["nka.bonus.check"]._open_own(
            self.user_id, self.company_id, self.month, last
        )

    def action_open_reports(self):
        """Open the weekly reports of the month, which fixed pay depends on.

        :return: window action
        """
        end = paycalc.add_months(self.month, 1)
        days = [("date_from", "<", end), ("date_to", ">=", self.month)]
        return self._open_own("nka_work_report_action", days)

    def _open_own(self, xmlid, domain):
        self.ensure_one()
        self.check_access("read")
        own = [
            ("user_id", "=", self.user_id.id),
            ("company_id", "=", self.company_id.id),
        ]
        return open_action(
            self.env, xmlid, domain=[*own, *domain], context={"create": False}
        )

    # ------------------------------------------------------------ business
    @api.model
    def _bring_up_to_date(self, company):
        """Update the ledger, unless another transaction is updating it.

        The first build is left to its scheduled action, because it can take long.
        """
        self.env.cr.execute(
            """SELECT date FROM nka_bonus_head WHERE company_id = %s
                  FOR UPDATE SKIP LOCKED""",
            [company.id],
        )
        found = self.env.cr.fetchone()
        if found and found[0] and found[0] < fields.Datetime.now() - FRESH:
            self.env["nka.bonus.builder"].sudo()._build(company)

    @api.model
    def _make(self, user, company, day=None):
        """Create a forecast of a user's current month.

        :param user: res.users
        :param company: res.company
        :param date day: today if not given
        :rtype: nka.pay.forecast
        """
        day = day or fields.Date.context_today(self)
        month = paycalc.month_start(day)
        in_force = self._agreement(user, company, month)
        agreement = in_force or self._counting_agreement(user, company, day)
        credit_lines = self._credit_lines(user, company, agreement, day)
        values = {
            "user_id": user.id,
            "company_id": company.id,
            "month": month,
            "built_on": self._built_on(company),
        }
        if agreement:
            values |= self._prepare_pay(agreement, company, month, credit_lines)
        if not in_force:
            values["note"] = self._say_none(agreement)
        lines = [*credit_lines, *self._goal_lines(user, company, day)]
        values["late"] = sum(row["amount"] for row in lines if row.get("is_late"))
        values |= self._say_uncredited(values, user, company, day)
        own = self.with_context(clean_context(self.env.context))
        return own.create({**values, "line_ids": [(0, 0, row) for row in lines]})

    @api.model
    def _say_uncredited(self, values, user, company, day):
        """Return which money was received and why none of it is credited, if so."""
        if values.get("credits") or not values.get("bonus_reason"):
            return {}
        if values["bonus_reason"] == texts.reason(self.env, "credits_held"):
            return {}
        checks = self.env["nka.bonus.check"].sudo()
        lost = checks._uncredited(company, user, values["month"], day)[user.id]
        reason = texts.uncredited(self.env, lost, company.currency_id)
        return {"bonus_reason": reason} if reason else {}

    @api.model
    def _built_on(self, company):
        heads = self.env["nka.bonus.head"].sudo()
        return heads.search([("company_id", "=", company.id)]).date

    @api.model
    def _agreement(self, user, company, month):
        last = paycalc.add_months(month, 1) - timedelta(1)
        agreements = self.env["nka.pay.agreement"].sudo()
        found = agreements._in_force(month, last, company)
        return found.filtered(lambda row: row.user_id == user)[-1:]

    @api.model
    def _say_none(self, ended):
        """Return why the month has no pay of its own.

        :param ended: nka.pay.agreement by which earlier orders still count, or empty
        """
        if ended:
            return ended._say_leaving(ended.date_to)
        return self.env._("You have no accepted pay agreement for this month.")

    @api.model
    def _counting_agreement(self, user, company, day):
        """Return the user's last agreement if it has ended but still credits
        earlier orders.
        """
        ended = (
            self.env["nka.pay.agreement"]
            .sudo()
            .search(
                [
                    ("user_id", "=", user.id),
                    ("company_id", "=", company.id),
                    ("state", "in", ("accepted", "ended")),
                    ("date_to", "<", day),
                ],
                order="date_to desc",
                limit=1,
            )
        )
        return ended.filtered(
            lambda row: row.version_id._last_credited_day(row.date_to) >= day
        )

    @api.model
    def _prepare_pay(self, agreement, company, month, lines):
        """Return the amounts of the statement by now, and with what is expected.

        For the expected amounts, every day counts as reported and approved.
        """
        self._mark_held(agreement, company, lines)
        due = self._due_amounts(agreement, month, lines)
        expected = sum((to_money(each, company.currency_id) for each in due), ZERO)
        employee = agreement.employee_id.sudo()
        gathered = Gathered(employee, month, company)
        facts = PersonMonth(gathered, employee, agreement).month_facts()
        for row in lines:
            amount = to_money(row["amount"], company.currency_id)
            row["bonus"] = float(self._added_bonus(facts, amount))
        split = facts.agreement.split(facts.plan)
        days = replace(facts.days, covered=facts.days.employed)
        hoped = replace(facts, credits=facts.credits + max(expected, ZERO), days=days)
        sure, hoped = (self._pay(each) for each in (facts, hoped))
        return {
            "credits_before": float(facts.standing.credits),
            "credits": float(facts.credits),
            "expected": float(expected),
            "quota": float(facts.agreement.monthly_quota),
            "next_amount": float(
                paycalc.rnd(facts.agreement.monthly_quota / SAMPLE, 0)
            ),
            "fixed_target": float(split.fixed),
            "soft_target": float(split.soft),
            "bonus_target": float(split.bonus),
            "held_note": self._say_held(gathered, employee, facts),
            **self._prepare_parts("sure", sure),
            **self._prepare_reasons(sure),
            **self._say_all_held(gathered, employee, sure),
            **self._prepare_parts("expected", hoped),
        }

    @api.model
    def _mark_held(self, agreement, company, lines):
        """Mark unpaid invoices whose credits would be held, and say for which documents.

        :param lines: values of forecast lines; changed in place
        """
        agreement = agreement.sudo()
        types = agreement.version_id.release_document_type_ids
        unpaid = {row["res_id"]: row for row in lines if row["kind"] == "unpaid"}
        if not types or not unpaid:
            return
        moves = agreement.env["account.move"].browse(unpaid)
        accounts = agreement.env["nka.key.account"].search(
            [
                ("partner_id", "in", moves.commercial_partner_id.ids),
                ("company_id", "=", company.id),
            ]
        )
        of_client = {account.partner_id: account for account in accounts}
        credited = {
            (move.id, of_client[move.commercial_partner_id])
            for move in moves
            if move.commercial_partner_id in of_client
        }
        documents = DealDocuments(agreement.env, company, credited, types)
        for move_id, account in credited:
            found = documents.missing(move_id, account, types)
            if not found:
                continue
            unpaid[move_id]["is_held"] = True
            unpaid[move_id]["name"] = self.env._(
                "%(invoice)s. Credited once approved: %(documents)s",
                invoice=unpaid[move_id]["name"],
                documents=", ".join(found.types.with_env(self.env).mapped("name")),
            )

    @api.model
    def _say_all_held(self, gathered, employee, statement):
        """Return why there is no bonus yet, if all credits are held."""
        codes = {line.result.reason for line in statement.lines if line.kind == "bonus"}
        if "no_credits" not in codes or not gathered.bound.held_amount(employee):
            return {}
        return {"bonus_reason": texts.reason(self.env, "credits_held")}

    @api.model
    def _say_held(self, gathered, employee, facts):
        """Return what is held of credits and bonus, and until when; empty if nothing."""
        notes, currency = [], gathered.currency
        for row in gathered.bound.prepare_lines(employee):
            if row["kind"] == "credit_held":
                inputs = dict(row["explanation"]["inputs"])
                notes.append(
                    self.env._(
                        "%(amount)s of credits held until these documents are "
                        "approved: %(documents)s",
                        amount=formatLang(
                            self.env,
                            float(inputs["held_credits"]),
                            currency_obj=currency,
                        ),
                        documents=texts.bound(self.env, row["explanation"]["bound"]),
                    )
                )
        held = paycalc.month_pay(replace(facts, season=None)).loyalty.held
        if held:
            notes.append(
                self.env._(
                    "%(amount)s of bonus held as a loyalty share until %(day)s",
                    amount=formatLang(self.env, float(held), currency_obj=currency),
                    day=format_date(self.env, gathered.vesting_day(employee)),
                )
            )
        return "\n".join(notes)

    def _bonus_facts(self):
        """Return the user's own facts of the month; None without an agreement."""
        user, company = self.env.user, self.company_id
        found = self._agreement(user, company, self.month)
        agreement = found or self._counting_agreement(user, company, self.month)
        if not agreement or self.user_id != user:
            return None
        employee = agreement.employee_id.sudo()
        gathered = Gathered(employee, self.month, company)
        return PersonMonth(gathered, employee, agreement).month_facts()

    @api.model
    def _added_bonus(self, facts, amount):
        """Return what a further credit adds to the bonus of the month.

        :param paycalc.MonthFacts facts: of the month so far
        :param Decimal amount: the credit
        """
        credits = facts.standing.credits + facts.credits
        digits = facts.agreement.digits
        return paycalc.month_bonus(credits, amount, facts.bonus_terms, digits).amount

    @api.model
    def _prepare_parts(self, suffix, statement):
        return {
            f"fixed_{suffix}": float(statement.fixed_amount),
            f"soft_{suffix}": float(statement.soft_amount),
            f"bonus_{suffix}": float(statement.bonus_amount),
            f"other_{suffix}": float(statement.carry_amount + statement.retro_amount),
            f"total_{suffix}": float(statement.total_amount),
        }

    @api.model
    def _prepare_reasons(self, statement):
        """Return why components are zero by now, in the user's language."""
        return {
            f"{line.kind}_reason": texts.reason(self.env, line.result.reason)
            for line in statement.lines
            if line.kind in PARTS and not line.amount
        }

    @api.model
    def _pay(self, facts):
        """Return the statement of these facts; without the season while its goals
        can't be scored.
        """
        try:
            return paycalc.month_pay(facts).statement
        except paycalc.PayError:
            return paycalc.month_pay(replace(facts, season=None)).statement

    @api.model
    def _due_amounts(self, agreement, month, lines):
        """Return the amounts that should still be credited this month.

        These are unpaid invoices due by its end, except those long overdue, or, on the
        basis of invoices, orders to invoice.
        """
        if agreement.version_id.sudo().bonus_basis == "invoiced":
            return [row["amount"] for row in lines if row["kind"] == "order"]
        end = paycalc.add_months(month, 1)
        unpaid = [row for row in lines if row["kind"] == "unpaid"]
        due = [
            row
            for row in unpaid
            if row["date"] < end and not row["is_late"] and not row.get("is_held")
        ]
        return [row["amount"] for row in due]

    # ------------------------------------------------------------ lines
    @api.model
    def _credit_lines(self, user, company, agreement, day):
        """Return the lines for unpaid invoices and for won orders to invoice."""
        shares = self._shares(user, company)
        lines = self._order_lines(shares, company)
        if agreement.version_id.sudo().bonus_basis != "invoiced":
            lines += self._unpaid_lines(shares, company, day)
        return sorted(lines, key=lambda row: (row["kind"] != "unpaid", row["date"]))

    @api.model
    def _shares(self, user, company):
        """Return the user's present share of each client's sales, by client."""
        owned = [
            ("company_id", "=", company.id),
            ("user_id", "=", user.id),
            ("date_to", "=", False),
        ]
        rows = self.env["nka.assignment"].sudo().search(owned)
        return {row.partner_id: Decimal(repr(row.share)) / 100 for row in rows}

    @api.model
    def _unpaid_lines(self, shares, company, day=None):
        domain = payments.domain_unpaid(company, self.env["res.partner"].union(*shares))
        moves = self.env["account.move"].sudo().search(domain, order="invoice_date_due")
        day = day or fields.Date.context_today(self)
        expected_from = day - timedelta(LATE_DAYS)
        return [
            self._prepare_line(
                "unpaid",
                move,
                f"{move.name} · {move.commercial_partner_id.name}",
                move.invoice_date_due or move.invoice_date,
                is_late=(move.invoice_date_due or move.invoice_date) < expected_from,
                amount=move.amount_untaxed_signed
                * move.amount_residual
                / (move.amount_total or 1)
                * float(shares[move.commercial_partner_id]),
            )
            for move in moves
        ]

    @api.model
    def _order_lines(self, shares, company):
        domain = [
            *orders.domain(company, self.env["res.partner"].union(*shares)),
            ("invoice_status", "=", "to invoice"),
        ]
        found = self.env["sale.order"].sudo().search(domain, order="date_order")
        return [
            self._prepare_line(
                "order",
                order,
                f"{order.name} · {order.partner_id.commercial_partner_id.name}",
                order.nka_order_day,
                amount=sum(order.order_line.mapped("untaxed_amount_to_invoice"))
                / (order.currency_rate or 1)
                * float(shares[order.partner_id.commercial_partner_id]),
            )
            for order in found
        ]

    @api.model
    def _goal_lines(self, user, company, day):
        season = self.env["nka.season"].sudo()._season_on(day, company)
        goals = season.goal_ids.filtered(
            lambda goal: goal.user_id == user and goal.state != "draft"
        )
        return [
            self._prepare_line(
                "goal",
                goal,
                self._goal_text(goal),
                season.date_end,
                progress=goal.progress,
            )
            for goal in goals
        ]

    @api.model
    def _prepare_line(self, kind, record, name, date, **values):
        return {
            "kind": kind,
            "res_model": record._name,
            "res_id": record.id,
            "name": name,
            "date": date,
            **values,
        }

    @api.model
    def _goal_text(self, goal):
        actual, target = (
            formatLang(self.env, value, 0 if value == int(value) else 2)
            for value in (goal.actual, goal.target)
        )
        return self.env._(
            "%(goal)s: %(actual)s of %(target)s",
            goal=goal.kpi_id.name,
            actual=actual,
            target=target,
        )
