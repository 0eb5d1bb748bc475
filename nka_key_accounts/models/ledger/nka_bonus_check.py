from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, LazyTranslate, clean_context

from ... import paycalc
from ..facts.companies import with_branches
from ..trail.opening import open_list
from ..trail.roles import PAYROLL_OFFICER
from . import check_rows_sql, planner
from .check_people_sql import people_steps
from .check_sql import Asked, accounting_steps

_lt = LazyTranslate(__name__)

#: Results of a comparison for a part of the money.
REASONS = [
    ("credited", "Credited"),
    ("partly", "Partly credited"),
    ("missing", "Not in the ledger yet"),
    ("gone", "No longer due, but still in the ledger"),
    ("no_owner", "The account had no manager on the order date"),
    ("no_agreement", "The manager has no pay agreement on that date"),
    ("order_after", "Ordered after the manager's agreement ended"),
    ("left", "The manager has left, and the plan credits no one after that"),
    ("no_successor", "The manager has left, and no successor has an agreement"),
    ("other_basis", "The manager's plan uses the other bonus basis"),
    ("other_owner", "Belongs to the account's manager on the order date"),
    ("other_order", "Ordered by another client, so it doesn't count"),
    ("before_joining", "Bought before the contact became part of the client"),
    ("branch", "Belongs to a parent company of the key account's company"),
    ("nothing", "No credit: no untaxed amount, or already credited in full"),
    ("credit_note", "Credit notes don't count as money received"),
    ("exchange", "Exchange differences don't count as money received"),
    (
        "write_off",
        "Discounts, write-offs and other entries don't count as money received",
    ),
    ("unposted", "Not posted"),
    ("unmatched", "Not matched with an invoice"),
    ("no_entry", "The payment isn't confirmed by the bank and has no entry yet"),
    ("no_invoice", "Matched with a receivable that isn't an invoice"),
    ("returned", "Refunded to the client"),
]
#: Advice by result, where something can be done.
ADVICE = {
    "missing": _lt("Calculate the month again."),
    "gone": _lt("Calculate the month again."),
    "no_owner": _lt(
        "If the account had a manager on that date, ask a supervisor to correct its "
        "ownership. That is possible until a closed month covers the order date."
    ),
    "no_agreement": _lt(
        "If an agreement was promised, propose one that starts in an earlier month. "
        "The manager has to accept it."
    ),
    "left": _lt(
        "The next version of the pay plan can credit the leaver or the successor."
    ),
    "no_successor": _lt("Hand over the account to someone with an accepted agreement."),
    "other_order": _lt(
        "The invoice date applies instead. If the client has an order of its own, link "
        "the invoice lines to it."
    ),
    "branch": _lt("Nominate the client in the company that has its invoices."),
    "before_joining": _lt(
        "No action needed: what a contact bought before it became part of the client "
        "isn't a sale to the client. Purchases from that date on count."
    ),
    "unposted": _lt("Post the payment or entry, or undo the match."),
    "unmatched": _lt("Match the payment with the invoice it pays."),
    "no_entry": _lt(
        "Match the bank statement line with the payment or invoice, or set an "
        "outstanding account for the payment method."
    ),
    "no_invoice": _lt(
        "If earlier sales should count, enter them as an invoice with its own date "
        "instead of a journal entry, and match the payment with it. Otherwise no "
        "action is needed: sales before the start aren't credited."
    ),
}


class BonusCheck(models.TransientModel):
    """Comparison of ledger and accounting: the result for each part of the money.

    Calculated a second time, directly from accounting and without the ledger's builder.
    """

    _name = "nka.bonus.check"
    _description = "Credit reconciliation"
    _inherit = ["nka.company.mixin"]

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        "First day",
        required=True,
        default=lambda self: paycalc.add_months(fields.Date.context_today(self), -1),
    )
    date_to = fields.Date(
        "Last day",
        required=True,
        default=lambda self: (
            paycalc.month_start(fields.Date.context_today(self)) - timedelta(1)
        ),
    )
    person_id = fields.Many2one(
        "res.users", readonly=True, help="Person whose client payments are shown."
    )
    line_ids = fields.One2many("nka.bonus.check.line", "check_id", readonly=True)
    difference_count = fields.Integer("Differences", readonly=True)

    # ------------------------------------------------------------ actions
    def action_check(self):
        """Open the list of the period's money, with results and ledger amounts.

        :return: window action
        :raise AccessError: if the user isn't a payroll officer
        """
        self.ensure_one()
        self.env["nka.state.mixin"]._check_group(
            PAYROLL_OFFICER,
            self.env._("Only a payroll officer can compare credits with accounting."),
        )
        self._fill()
        return self._open_lines()

    def _open_lines(self, **defaults):
        return open_list(
            self.env,
            "nka.bonus.check.line",
            [("check_id", "=", self.id)],
            self.env._("Credit reconciliation"),
            view_mode="list,kanban,pivot,form",
            views=[(False, mode) for mode in ("list", "kanban", "pivot", "form")],
            context={"search_default_group_reason": 1, "create": False, **defaults},
        )

    # ------------------------------------------------------------ business
    @api.model
    def _check(self, company, date_from, date_to, only_different=False):
        """Compare a range of days, for the month-end close.

        :param company: res.company
        :param bool only_different: list only differences, so that a month without any
            is read but not written
        :return: the comparison with its lines and ``difference_count``
        :rtype: nka.bonus.check
        """
        check = self._start(company, date_from, date_to)
        check._fill(only_different)
        return check

    @api.model
    def _check_month(self, company, date_from, date_to):
        """Compare a month for its close: differences, and money credited to no one.

        :rtype: nka.bonus.check
        """
        check = self._start(company, date_from, date_to)
        check._list(
            SQL(
                "(listed.is_different OR listed.rest != 0 AND listed.reason IN %s)",
                check_rows_sql.UNOWNED,
            )
        )
        return check

    @api.model
    def _open_own(self, user, company, date_from, date_to):
        """Open the results for the money of a person's clients.

        :param user: res.users
        :return: window action
        :raise UserError: if the user is neither that person nor a payroll officer
        """
        if self.env.user != user and not self.env.user.has_group(PAYROLL_OFFICER):
            raise UserError(
                self.env._(
                    "Only %s and payroll officers can see these client payments.",
                    user.sudo().name,
                )
            )
        own = self._of_person(user, company, date_from, date_to)
        return own.with_env(self.env)._open_lines()

    @api.model
    def _of_person(self, user, company, date_from, date_to):
        """Return the comparison for a person's clients, as far as it concerns them.

        :param user: res.users
        :rtype: nka.bonus.check
        """
        whole = self._start(company, date_from, date_to)
        whole._list(SQL("TRUE"), users=user, tells_unmatched=True)
        own = self._start(company, date_from, date_to, person_id=user.id)
        steps = check_rows_sql.own_steps(whole, user.ids)
        kept = check_rows_sql.keep_own(own)
        self.env.cr.execute(SQL("; ").join([*steps, kept]))
        whole.unlink()
        own._lines_changed()
        return own

    @api.model
    def _uncredited(self, company, users, date_from, date_to):
        """Return money of people's clients that they weren't credited for.

        The number of queries doesn't depend on the number of people.

        :param users: res.users
        :return: ``{user id: [(account id, reason, amount including tax, first order
            date)]}``, highest amounts first
        """
        check = self._start(company, date_from, date_to)
        check._list(SQL("TRUE"), users=users, tells_unmatched=True)
        steps = check_rows_sql.own_steps(check, users.ids)
        self.env.cr.execute(SQL("; ").join(steps))
        rows = self.env.execute_query(check_rows_sql.uncredited())
        check.unlink()
        found = {user_id: [] for user_id in users.ids}
        for user_id, *loss in rows:
            found[user_id].append(tuple(loss))
        return found

    @api.model
    def _start(self, company, date_from, date_to, **vals):
        check = self.sudo().with_context(clean_context(self.env.context))
        days = {"date_from": date_from, "date_to": date_to}
        return check.create({"company_id": company.id, **days, **vals})

    def _fill(self, only_different=False):
        if only_different:
            self._list(SQL("listed.is_different"))
        else:
            self._list(SQL("TRUE"), tells_unmatched=True)

    def _list(self, shown, users=None, tells_unmatched=False):
        """Recalculate and list everything, with the queries of each basis.

        :param SQL shown: condition for the rows to write
        :param users: res.users; only accounts they ever owned
        :param bool tells_unmatched: whether to list unmatched money as well
        """
        self.env.flush_all()
        self.sudo().line_ids.unlink()
        planner.refresh_statistics(self.env)
        with planner.planned_for(self.env.cr, is_wide=False):
            for asked in self._asked(users):
                steps = [*accounting_steps(asked), *people_steps(asked)]
                steps += check_rows_sql.compare_steps(self, asked, shown)
                if tells_unmatched and asked.basis == "paid" and asked.is_main:
                    steps += check_rows_sql.unmatched_steps(self, asked, shown)
                self.env.cr.execute(SQL("; ").join(steps))
        self._lines_changed()

    def _lines_changed(self):
        self.line_ids.invalidate_model()
        self.invalidate_recordset(["line_ids"])
        self.difference_count = (
            self.env["nka.bonus.check.line"]
            .sudo()
            .search_count([("check_id", "=", self.id), ("is_different", "=", True)])
        )

    def _asked(self, users):
        """Return the parameters for each basis in use.

        :rtype: list[Asked]
        """
        company = self.company_id.sudo()
        covered = with_branches(company)
        above = [int(part) for part in (company.parent_path or "").split("/") if part]
        main, used = self._bases()
        return [
            Asked(
                company=company,
                basis=basis,
                date_from=self.date_from,
                date_to=self.date_to,
                first_open=self._first_open_day(company),
                companies=covered,
                chain=sorted({*covered, *above}),
                family=with_branches(company.root_id),
                digits=company.currency_id.decimal_places,
                is_main=basis == main,
                account_ids=users and self._accounts_of(users),
                keeps_orders="nka.order.confirmation" in self.env,
                has_leavers="after_leaving" in self.env["nka.pay.plan.version"]._fields,
            )
            for basis in used
        ]

    @api.model
    def _first_open_day(self, company):
        """Hook: return the first day after the company's last closed month.

        Without the month-end close, no month is closed.

        :rtype: date
        """
        return date.min

    def _bases(self):
        """Return the basis for listing what no one gets, and all bases in use.

        The first is payments, unless all agreements are on invoices. In use are the
        bases of agreements, and of credits in the period.

        :rtype: tuple[str, list[str]]
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT version.bonus_basis, TRUE
                     FROM nka_pay_agreement agreement
                     JOIN nka_pay_plan_version version
                       ON version.id = agreement.version_id
                    WHERE agreement.company_id = %(company)s
                      AND agreement.state IN ('accepted', 'ended')
                    UNION
                   SELECT DISTINCT basis, FALSE FROM nka_bonus_line
                    WHERE company_id = %(company)s AND date BETWEEN %(first)s AND %(last)s
                """,
                company=self.company_id.id,
                first=self.date_from,
                last=self.date_to,
            )
        )
        agreed = {basis for basis, is_agreed in rows if is_agreed}
        main = "invoiced" if agreed == {"invoiced"} else "paid"
        return main, sorted({main, *(basis for basis, _is_agreed in rows)})

    def _accounts_of(self, users):
        return self._accounts_owned(self.company_id, users)

    @api.model
    def _accounts_owned(self, company, users):
        """Return ids of accounts that people ever owned or took over with a split."""
        rows = self.env.execute_query(
            SQL(
                """SELECT key_account_id FROM nka_assignment
                    WHERE company_id = %(company)s AND user_id = ANY(%(users)s)
                    UNION
                   SELECT rel.nka_key_account_id
                     FROM nka_handover handover
                     JOIN nka_handover_nka_key_account_rel rel
                       ON rel.nka_handover_id = handover.id
                    WHERE handover.company_id = %(company)s
                      AND handover.to_user_id = ANY(%(users)s)""",
                company=company.id,
                users=users.ids,
            )
        )
        return [account_id for (account_id,) in rows]
