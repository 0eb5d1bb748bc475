from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ..facts import calendars, companies, orders, payments
from . import (
    append_sql,
    candidates_sql,
    events_sql,
    invoices_sql,
    ordered,
    planner,
    shares_sql,
)
from .ownership import LAST_DAY, Owner, Split, parts_by_basis
from .terms import FIRST_DAY, CreditTerms, absences, basis_spans, counted_spans

#: Number of new lines after which the planner needs new statistics of the ledger.
MANY_LINES = 1000


class BonusBuilder(models.AbstractModel):
    """Updates the bonus ledger of a company from accounting.

    Reads invoices and payments regardless of access rights: payroll officers have none
    in accounting and need none. All queries name the company explicitly.
    """

    _name = "nka.bonus.builder"
    _description = "Bonus ledger update"

    @api.model
    def _build(self, company, date_to=LAST_DAY, is_full=False):
        """Append what the ledger lacks, with a fixed number of queries.

        :param company: res.company
        :param date date_to: new events after this day are for a later build
        :param bool is_full: read every invoice again, not only those that could have
            changed
        :return: number of lines written
        :rtype: int
        """
        self.env.flush_all()
        head = self.env["nka.bonus.head"]
        built_on, mark = head._lock_row(company)
        known = head._known_money(company)
        # Rebuild in full if the money accounts of the last build aren't known.
        is_full = is_full or bool(built_on and known is None)
        build = self._prepare_build(company, date_to, is_full, built_on, mark)
        build = build.since_money(known)
        if not build.terms:
            if not built_on:
                # The first build reads everything, so what changed before isn't needed.
                self._forget_touched(company)
            return 0
        planner.refresh_statistics(self.env)
        with planner.planned_for(self.env.cr, build.is_wide):
            written = sum(self._write_basis(build, name) for name in self._bases(build))
        if written >= MANY_LINES:
            # Update statistics for the next build, which would otherwise be planned for
            # an empty table. Skip if another company's build does the same, instead of
            # waiting.
            self.env.cr.execute("ANALYZE (SKIP_LOCKED) nka_bonus_line")
        self._forget_touched(company)
        head._advance(company, build.accounts.ids)
        self.env["nka.bonus.line"].invalidate_model()
        return written

    @api.model
    def _forget_touched(self, company):
        self.env.cr.execute(
            "DELETE FROM nka_bonus_touched WHERE company_ref = %s", [company.id]
        )

    @api.model
    def _cron_build(self):
        """Update the ledgers of all companies, for forecasts and a faster close."""
        for company in self.env["res.company"].sudo().search([]):
            self.sudo()._build(company)

    @api.model
    def _pending(self, company, users):
        """Return credits of people that the next build will append, without writing.

        Reads only their clients' documents with events in months that are still open.

        :param company: res.company
        :param users: res.users
        :return: tuples of user id, document id, month, month of origin and amount
        :rtype: list[tuple]
        """
        self.env.flush_all()
        build = self._prepare_build(company, LAST_DAY, False, None, None)
        accounts = self.env["nka.bonus.check"]._accounts_owned(company, users)
        build = replace(build, is_wide=False, only_accounts=accounts)
        if not (build.terms and accounts):
            return []
        rows = []
        with planner.planned_for(self.env.cr, is_wide=False):
            for basis in self._bases(build):
                steps = [*self._due_ctes(build, basis)]
                query = append_sql.pending_sql(build, basis)
                rows += self.env.execute_query(
                    SQL("WITH %s", SQL(", ").join([*steps, query]))
                )
        return [
            (user_id, move_id, month, origin, Decimal(amount))
            for user_id, move_id, month, origin, amount in rows
            if user_id in users.ids
        ]

    # ------------------------------------------------------------ preparing
    @api.model
    def _prepare_build(self, company, date_to, is_full, built_on, mark):
        terms = self._credit_terms(company)
        first_open = self._first_open_day(company)
        start = min((row.date_from for row in terms), default=FIRST_DAY)
        days = max(first_open, start), date_to
        is_wide = is_full or planner.is_wide(self.env, *days)
        return Build(
            company=company,
            companies=companies.with_branches(company),
            digits=company.sudo().currency_id.decimal_places,
            zone=calendars.zone_name(company),
            first_open=first_open,
            events_from=days[0],
            date_to=date_to,
            is_built=bool(built_on),
            mark=mark or 0,
            is_full=is_full,
            is_wide=is_wide,
            changed_accounts=self._changed_accounts(company, built_on),
            terms=terms,
            parts=self._parts(company, terms),
            accounts=payments.money_accounts(company),
        )

    @api.model
    def _first_open_day(self, company):
        """Hook: return the first day after the company's last closed month.

        Without the month-end close, no month is closed.

        :rtype: date
        """
        return FIRST_DAY

    @api.model
    def _credit_terms(self, company):
        """Return basis and days of all agreements, and what applies after them.

        This is the ledger's only access to agreements. They also count for the user who
        accepted them, so that credits are kept if the employee loses or changes the
        user.

        :rtype: list[CreditTerms]
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT person.user_id, version.bonus_basis,
                          agreement.date_from, COALESCE(agreement.date_to, %s),
                          version.after_leaving, version.leaver_months
                     FROM nka_pay_agreement agreement
                     JOIN nka_pay_plan_version version
                       ON version.id = agreement.version_id
                     JOIN LATERAL (VALUES (agreement.user_id), (agreement.accepted_by_id))
                       AS person(user_id) ON person.user_id IS NOT NULL
                    WHERE agreement.company_id = %s
                      AND agreement.state IN ('accepted', 'ended')
                    ORDER BY person.user_id, agreement.date_from""",
                LAST_DAY,
                company.id,
            )
        )
        return [CreditTerms(*row) for row in rows]

    @api.model
    def _parts(self, company, terms=()):
        """Return who gets which part of the orders of which account.

        :param company: res.company
        :param list[CreditTerms] terms: of all agreements
        :return: pairs of account id and part
        :rtype: list[tuple[int, ownership.Part]]
        """
        splits, left = self._splits(company), absences(terms)
        return [
            (account_id, part)
            for account_id, owners in self._owners(company).items()
            for part in parts_by_basis(owners, splits.get(account_id, ()), left)
        ]

    @api.model
    def _owners(self, company):
        rows = self.env.execute_query(
            SQL(
                """SELECT key_account_id, user_id, share::text, date_from,
                          COALESCE(date_to, %s)
                     FROM nka_assignment WHERE company_id = %s""",
                LAST_DAY,
                company.id,
            )
        )
        owners = {}
        for account_id, user_id, share, first, last in rows:
            owner = Owner(user_id, Decimal(share), first, last)
            owners.setdefault(account_id, []).append(owner)
        return owners

    @api.model
    def _splits(self, company):
        """Return handovers that leave a part of earlier orders to outgoing managers."""
        rows = self.env.execute_query(
            SQL(
                """SELECT rel.nka_key_account_id, handover.from_user_id,
                          handover.to_user_id, handover.date, handover.credit_share::text,
                          handover.credit_days
                     FROM nka_handover handover
                     JOIN nka_handover_nka_key_account_rel rel
                       ON rel.nka_handover_id = handover.id
                    WHERE handover.company_id = %s AND handover.state = 'done'
                      AND handover.credit_days > 0
                    ORDER BY handover.date, handover.id""",
                company.id,
            )
        )
        splits = {}
        for account_id, giver, receiver, day, share, days in rows:
            split = Split(giver, receiver, day, Decimal(share), days)
            splits.setdefault(account_id, []).append(split)
        return splits

    @api.model
    def _changed_accounts(self, company, built_on):
        """Return the ids of accounts whose beneficiaries could have changed since
        the last build.
        """
        if not built_on:
            return []
        # Look back one day: rows of long transactions become visible long after their
        # ``write_date``. After the clock was set back, that would leave some out.
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM nka_key_account WHERE company_id = %(company)s AND (
                       %(build)s > now() AT TIME ZONE 'UTC' OR id IN (
                       SELECT key_account_id FROM nka_assignment
                        WHERE write_date > %(day)s
                        UNION
                       SELECT rel.nka_key_account_id
                         FROM nka_handover handover
                         JOIN nka_handover_nka_key_account_rel rel
                           ON rel.nka_handover_id = handover.id
                        WHERE handover.write_date > %(day)s
                          AND handover.credit_days > 0 AND handover.state = 'done'
                        UNION
                       SELECT assignment.key_account_id
                         FROM nka_pay_agreement agreement
                         JOIN nka_assignment assignment
                           ON assignment.user_id IN (agreement.user_id,
                                                    agreement.accepted_by_id)
                        WHERE agreement.write_date > %(day)s))""",
                company=company.id,
                build=built_on,
                day=built_on - timedelta(days=1),
            )
        )
        return [account_id for (account_id,) in rows]

    # ------------------------------------------------------------ writing
    @api.model
    def _bases(self, build):
        """Return the bases of the agreements and of existing lines.

        A changed agreement can require existing lines to be reversed.
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT basis FROM unnest(ARRAY['paid', 'invoiced']) AS t(basis)
                    WHERE EXISTS (SELECT FROM nka_bonus_line line
                                   WHERE line.company_id = %s
                                     AND line.basis = t.basis)""",
                build.company.id,
            )
        )
        return sorted({row.basis for row in build.terms} | {basis for (basis,) in rows})

    @api.model
    def _write_basis(self, build, basis):
        """Write what is due and missing. Return the number of lines written."""
        self.env.cr.execute(self._basis_sql(build, basis))
        return self.env.cr.rowcount

    @api.model
    def _basis_sql(self, build, basis):
        """Return the query that appends what is due, less what the ledger has."""
        steps = [*self._due_ctes(build, basis), append_sql.append_sql(build, basis)]
        return SQL("WITH %s", SQL(", ").join(steps))

    @api.model
    def _due_ctes(self, build, basis):
        """Return the CTEs up to ``due``."""
        if basis == "paid":
            events = events_sql.paid_events(build.digits, build.accounts)
        else:
            events = events_sql.invoiced_events(build.digits)
        spans = [row for row in basis_spans(build.terms) if row.basis == basis]
        wanted = self._wanted_ctes(build, basis)
        return [
            shares_sql.parts_cte(build.parts_of(basis)),
            shares_sql.terms_cte("basis", spans),
            shares_sql.terms_cte("span", counted_spans(build.terms)),
            *wanted,
            invoices_sql.invoices_cte(build, self._ordered_parts(build, basis)),
            events,
            shares_sql.shares_cte(build, basis),
        ]

    @api.model
    def _wanted_ctes(self, build, basis):
        return [] if build.looks_at_all else [candidates_sql.wanted_cte(build, basis)]

    @api.model
    def _ordered_parts(self, build, basis):
        """Return parts of documents with several order dates: one query."""
        query = orders.claims_query(
            candidates_sql.only_wanted(build, "line.move_id"),
            build.companies,
            is_narrow=not build.looks_at_all,
        )
        steps = [*self._wanted_ctes(build, basis), query]
        rows = self.env.execute_query(SQL("WITH %s", SQL(", ").join(steps)))
        return ordered.parts_of(rows)


@dataclass(frozen=True, slots=True)
class Build:
    """Parameters of one build of a company's ledger.

    :param companies: ids of the company and its branches, whose documents count
    :param first_open: first day that no closed month covers
    :param events_from: earlier events were processed before, or never count
    :param date_to: new events after this day are for a later build
    :param is_built: whether there was a build before
    :param mark: reconciliations with a higher id can be new since the last build; 0 if
        none was old enough to be skipped
    :param is_full: read every invoice, not only those that could have changed
    :param is_wide: whether most data of accounting is in the period
    :param changed_accounts: ids of accounts whose owners or owners' terms changed
    :param accounts: payments.MoneyAccounts that count as money
    :param changed_money: ids of accounts that count as money now and didn't at the last
        build, or the reverse
    :param only_accounts: ids of the key accounts to read; all of them if None
    """

    company: object
    companies: list
    digits: int
    zone: str
    first_open: date
    events_from: date
    date_to: date
    is_built: bool = False
    mark: int = 0
    is_full: bool = False
    is_wide: bool = False
    changed_accounts: list = field(default_factory=list)
    terms: list = field(default_factory=list)
    parts: list = field(default_factory=list)
    accounts: object = None
    changed_money: list = field(default_factory=list)
    only_accounts: list | None = None

    @property
    def days(self):
        """Return the first and last day of the events that are new to this build."""
        return self.events_from, self.date_to

    @property
    def looks_at_all(self):
        """Return whether to read all invoices; with many changes that is cheaper
        than selecting the changed ones.
        """
        return self.is_full or self.is_wide

    def since_money(self, known):
        """Return a copy with the accounts that have changed since the last build.

        :param known: ids of money accounts at the last build; None if not stored
        :rtype: Build
        """
        changed = {*self.accounts.ids} ^ {*(known or self.accounts.ids)}
        return replace(self, changed_money=sorted(changed))

    def is_own(self, column):
        """Return whether a document's company is this one or a branch of it.

        With a single company it is a plain comparison, which the planner estimates
        better.

        :param str column: column with the document's company, such as
            ``move.company_id``
        :rtype: SQL
        """
        if len(self.companies) == 1:
            return SQL("%s = %s", SQL(column), self.companies[0])
        return SQL("%s = ANY(%s)", SQL(column), self.companies)

    def parts_of(self, basis):
        """Return pairs of account id and part that apply to a basis."""
        return [row for row in self.parts if row[1].basis in (None, basis)]

    def since(self, day, is_wide):
        """Return a copy with all events from ``day`` on."""
        return replace(self, events_from=day, is_wide=is_wide)
