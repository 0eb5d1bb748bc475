from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import LazyTranslate, format_date

from ..ledger.terms import FIRST_DAY
from ..proof.contents import digest_of

_lt = LazyTranslate(__name__)

#: Activity that asks a supervisor for a correction.
ASK_ACTIVITY = "nka_key_accounts.mail_activity_type_correct_ownership"


class Assignment(models.Model):
    """Correction of a first day or an earlier owner that was recorded wrongly.

    Handovers change ownership from today on. A correction changes what was recorded for
    past days, so it is possible only for days that no closed month covers.
    """

    _inherit = "nka.assignment"
    _audit_kinds = {"ownership": _lt("Ownership corrected")}

    # ------------------------------------------------------------ correction
    @api.model
    def _correct(self, accounts, day, reason, user=None):
        """Let the owner of accounts begin on another day, or record who owned them
        before. The next build of the ledger credits their orders accordingly.

        :param accounts: nka.key.account
        :param date day: first day of the owner
        :param str reason: recorded in the audit trail
        :param user: res.users who owned the accounts from ``day`` until the present
            owner began; the present owner by default
        :return: the accounts that changed
        :raise AccessError: unless the current user is a supervisor who neither owns the
            accounts nor gains from the correction
        :raise UserError: if a closed month covers the days, or they can't be changed
        """
        self._check_correction(accounts, reason, user)
        changed = accounts.filtered(lambda account: self._is_other(account, day, user))
        if not changed:
            raise UserError(
                self.env._("These accounts have had this owner since that day already.")
            )
        before = {account: self._say_history(account) for account in changed}
        for account in changed:
            self._check_correctable(account, day)
            self._correct_account(account.sudo(), day, user)
        self._check_whole(changed)
        self._record_correction(before, reason)
        return changed

    @api.model
    def _is_other(self, account, day, user):
        latest = account.sudo().assignment_ids._latest()
        if not user or latest._is_sole(user):
            return latest[:1].date_from != day
        return not self._in_force(account, day)._is_sole(user)

    def _is_sole(self, user):
        return len(self) == 1 and self.user_id == user and self.share == 100

    def _latest(self):
        """Return the running assignments of one account that began last."""
        running = self.filtered(lambda row: not row.date_to)
        last = max(running.mapped("date_from"), default=None)
        return running.filtered(lambda row: row.date_from == last)

    @api.model
    def _correct_account(self, account, day, user):
        rows = account.assignment_ids
        latest = rows._latest()
        start = latest[:1].date_from
        if day < start:
            (rows - latest)._give_way(day)
        if user and not latest._is_sole(user):
            self.sudo()._unlocked().create(
                self._prepare_earlier(account, user, day, start)
            )
        else:
            if day > start:
                rows._last_until(start, day)
            latest._unlocked().write({"date_from": day})
        account.invalidate_recordset(["assignment_ids"])
        first = account.assignment_ids._first_of_status()
        account._unlocked().write({"date_start": first})

    @api.model
    def _prepare_earlier(self, account, user, day, start):
        return {
            "key_account_id": account.id,
            "user_id": user.id,
            "share": 100.0,
            "date_from": day,
            "date_to": start - timedelta(days=1),
        }

    def _give_way(self, day):
        """End these assignments the day before ``day``; delete those that begin later."""
        ended = self.filtered(lambda row: row.date_to and row.date_to >= day)
        self._end(ended, day)

    def _last_until(self, start, day):
        """Let the assignments that ended before ``start`` end before ``day`` instead."""
        eve = start - timedelta(days=1)
        previous = self.filtered(lambda row: row.date_to == eve and not row.is_final)
        previous._unlocked().write({"date_to": day - timedelta(days=1)})

    def _first_of_status(self):
        """Return the first day of ownership since the account last was retired."""
        retired = max(self.filtered("is_final").mapped("date_to"), default=FIRST_DAY)
        return min(day for day in self.mapped("date_from") if day > retired)

    # ------------------------------------------------------------ correction: checks
    @api.model
    def _check_correction(self, accounts, reason, user):
        accounts._check_supervisor()
        accounts.check_access("read")
        accounts._check_state("key")
        if not (reason or "").strip():
            raise UserError(self.env._("Enter the reason for the correction."))
        self._check_uninvolved(accounts)
        if user:
            self._check_earlier_owner(accounts, user)
        for company in accounts.company_id.sudo().sorted("id"):
            # Approving a month takes the same row, so neither overlooks the other.
            self.env["nka.bonus.head"].sudo()._lock_row(company)

    @api.model
    def _check_earlier_owner(self, accounts, user):
        if user == self.env.user:
            raise AccessError(
                self.env._(
                    "You would be credited for these sales, so another supervisor has "
                    "to correct the ownership."
                )
            )
        accounts._check_manager_group(user)
        for company in accounts.company_id.sudo():
            if company not in user.sudo().company_ids:
                raise UserError(
                    self.env._(
                        "%(person)s has no access to %(company)s, so they can't have "
                        "owned its accounts. Choose another person.",
                        person=user.name,
                        company=company.name,
                    )
                )

    @api.model
    def _check_correctable(self, account, day):
        """Check the days that would change owner."""
        start = account.sudo().assignment_ids._latest()[:1].date_from
        if day > fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "%s: choose today or an earlier day. Use “Hand over” to change the "
                    "manager from a later day on.",
                    account.display_name,
                )
            )
        self._check_unpaid(account, min(day, start))
        retired = account.sudo().assignment_ids.filtered(
            lambda row: row.is_final and row.date_to >= day
        )
        if retired:
            raise UserError(
                self.env._(
                    "%(account)s was retired on %(date)s. Choose a later day.",
                    account=account.display_name,
                    date=format_date(self.env, retired[0].date_to),
                )
            )

    @api.model
    def _check_unpaid(self, account, first_day):
        """Refuse to change the owner of a day that an approved or locked month covers."""
        company = account.company_id
        open_day = self._first_open_day(company)
        if first_day < open_day:
            raise UserError(
                self.env._(
                    "%(account)s: the month of %(date)s is closed, so its owner can't "
                    "be corrected any more. Days from %(open)s on can be corrected. "
                    "Pay what is missing as an adjustment of the closed month.",
                    account=account.display_name,
                    date=format_date(self.env, first_day),
                    open=format_date(self.env, open_day),
                )
            )

    @api.model
    def _first_open_day(self, company):
        """Return the first day after the last month that is approved or locked."""
        return self.env["nka.bonus.builder"].sudo()._first_open_day(company)

    # ------------------------------------------------------------ correction: record
    @api.model
    def _say_history(self, account):
        rows = account.sudo().assignment_ids.sorted("date_from")
        return "; ".join(rows.mapped("display_name"))

    @api.model
    def _record_correction(self, before, reason):
        """Record the owners before and after in the audit trail and on the account."""
        accounts = self.env["nka.key.account"].union(*before)
        self.env.flush_all()
        accounts.invalidate_recordset(["assignment_ids"])
        contents = self._contents(accounts)
        self.env["nka.audit.event"]._record(
            accounts,
            "ownership",
            old=before.get,
            new=self._say_history,
            note=reason,
            digest=lambda account: digest_of(contents[account.id]),
        )
        accounts.sudo().activity_feedback([ASK_ACTIVITY])
        for account in accounts:
            account.message_post(
                body=self.env._(
                    "Ownership corrected. Before: %(before)s. Now: %(after)s. Reason: "
                    "%(reason)s",
                    before=before[account],
                    after=self._say_history(account),
                    reason=reason,
                )
            )
