from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..pay.step_progress import tell
from ..trail.roles import ADMIN, PAYROLL_OFFICER


class MonthCloseSteps(models.Model):
    """Calculate, approve, lock, reopen: each one transaction that stands or falls."""

    _inherit = "nka.month.close"

    # ------------------------------------------------------------ checks
    def _check_officer(self):
        self._check_group(
            PAYROLL_OFFICER,
            self.env._(
                "Months are closed by payroll officers only. Ask one of yours; nothing "
                "was changed."
            ),
        )

    def _check_admin(self):
        self._check_group(
            ADMIN,
            self.env._(
                "A locked month is reopened by a key account administrator only. Ask "
                "yours; nothing was changed."
            ),
        )

    def _check_over(self):
        """A month is closed when it is over: until then everything may still move."""
        for close in self:
            if close.month_end >= fields.Date.context_today(self):
                raise UserError(
                    self.env._(
                        "%s isn't over yet. Until then people see their forecast.",
                        close.display_name,
                    )
                )

    def _check_not_preparer(self):
        if self.env.user in self.sudo()._preparers():
            raise AccessError(
                self.env._(
                    "You calculated %s, so another payroll officer approves it. "
                    "Nothing was changed.",
                    self.display_name,
                )
            )

    def _check_reopenable(self):
        """Hook: what stands against reopening a locked month.

        :raise UserError: once the month is paid, or a later one is built on it
        """
        if self.paid_date:
            raise UserError(
                self.env._(
                    "%s is paid, so it stays as it is. What turned out otherwise is "
                    "settled by itself in the first open month.",
                    self.display_name,
                )
            )
        later = self._later()
        if later:
            raise UserError(
                self.env._(
                    "%(later)s is built on %(month)s. Reopen the later one first.",
                    later=later.display_name,
                    month=self.display_name,
                )
            )

    def _later(self):
        """The last month after this one that somebody has worked on."""
        return self.sudo().search(
            [
                ("company_id", "=", self.company_id.id),
                ("month", ">", self.month),
                ("state", "!=", "open"),
            ],
            order="month desc",
            limit=1,
        )

    def _check_last(self):
        """Months are closed one after the other."""
        later = self._later()
        if later:
            raise UserError(
                self.env._(
                    "%(later)s is worked on already, and what came into %(month)s since "
                    "is paid with it. Reopen the later month first.",
                    later=later.display_name,
                    month=self.display_name,
                )
            )

    # ------------------------------------------------------------ actions
    def action_calculate(self):
        """Calculate the month of everybody who is in, and go through the checklist.

        :raise AccessError: for anybody but a payroll officer
        :raise UserError: while somebody else is at it, or once it is approved
        """
        self._check_officer()
        for close in self:
            close._seize()
            close._check_state("open", "calculated")
            close._check_over()
            close._calculate()
        return True

    def action_check(self):
        """Go through the checklist again, without calculating."""
        self._check_officer()
        for close in self:
            close._seize()
            close._check_state("calculated", "approved")
            close._run_checks()
        return True

    def action_approve(self):
        """Approve a calculated month: another officer than who calculated it.

        :raise AccessError: for whoever calculated, or another role
        :raise UserError: while a blocking item of the checklist is open
        """
        self._check_officer()
        for close in self:
            close._seize()
            close._check_state("calculated")
            close._check_not_preparer()
            close._approve()
        return True

    def action_lock(self):
        """Lock an approved month: payslips are made and everything is sealed."""
        self._check_officer()
        for close in self:
            close._seize()
            close._check_state("approved")
            close._lock()
        return True

    def action_return(self, reason=None):
        """Take an approved month back to be calculated again; asks why."""
        self._check_officer()
        self._check_state("approved")
        if not reason:
            return self._ask_reason("action_return")
        for close in self:
            close._seize()
            close._check_state("approved")
            close._take_back("approved", reason)
        return True

    def action_reopen(self, reason=None):
        """Open a locked month again; the sealed revision is kept.

        :raise AccessError: for anybody but an administrator of key accounts
        :raise UserError: once it is paid, or while a later month is built on it
        """
        self._check_admin()
        self._check_state("locked")
        for close in self:
            close._check_reopenable()
        if not reason:
            return self._ask_reason("action_reopen")
        for close in self:
            close._seize()
            close._check_state("locked")
            close._check_reopenable()
            close._take_back("locked", reason)
        return True

    def action_mark_paid(self):
        """Note that the money is out: from here on nothing is reopened."""
        self._check_officer()
        for close in self:
            close._seize()
            close._check_state("locked")
            close._check_sealed()
            close._check_slips_complete()
            if not close.paid_date:
                close._mark_paid()
        return True

    # ------------------------------------------------------------ business
    def _calculate(self):
        self._check_last()
        tell(self.env, "ledger")
        # Before asking who is in: the ledger tells who is owed something.
        self.env["nka.bonus.builder"].sudo()._build(self.company_id.sudo())
        members = self._members()
        if not members:
            raise UserError(self._say_nobody())
        statements = self.env["nka.pay.statement"]._calculate(
            members, self.month, self.company_id, build=False
        )
        self._adopt(statements)
        self.sudo()._move_to(
            "calculated",
            calculated_by_id=self.env.uid,
            calculated_date=fields.Datetime.now(),
            approved_by_id=False,
            approved_date=False,
        )
        tell(self.env, "checklist")
        self._run_checks()

    def _say_nobody(self):
        return self.env._(
            "Nobody has a pay agreement in %s, so there is nothing to close. Let a "
            "payroll officer propose agreements first.",
            self.display_name,
        )

    def _adopt(self, statements):
        """The month's statements are those of its members, no others."""
        own = self.sudo().statement_ids
        wanted = statements.sudo()
        (own - wanted)._leave_month()
        (wanted - own)._unlocked().write({"close_id": self.id})

    def _approve(self):
        tell(self.env, "news")
        self.env["nka.bonus.builder"].sudo()._build(self.company_id.sudo())
        tell(self.env, "review")
        self._run_checks()
        self._check_unblocked()
        tell(self.env, "approval")
        self.sudo().statement_ids.with_user(self.env.user)._approve_waiting()
        self.sudo()._move_to(
            "approved",
            note=self._say_warnings(),
            approved_by_id=self.env.uid,
            approved_date=fields.Datetime.now(),
        )

    def _lock(self):
        statements = self.sudo().statement_ids
        tell(self.env, "locking")
        statements.with_user(self.env.user)._lock_waiting()
        self._make_slips(statements)
        tell(self.env, "comparison")
        self._run_checks()
        self._check_unblocked()
        tell(self.env, "seal")
        self._seal()

    def _take_back(self, state, reason):
        """Back to the calculation, with the reason on record."""
        is_locked = state == "locked"
        # The month first: the database lets statements go only after it.
        self.sudo()._move_to(
            "open" if is_locked else "calculated",
            note=reason,
            approved_by_id=False,
            approved_date=False,
            locked_by_id=False,
            locked_date=False,
            digest=False,
            payslip_run_id=False,
            reopen_reason=reason if is_locked else self.reopen_reason,
        )
        self.env.flush_all()
        statements = self.sudo().statement_ids.filtered(lambda row: row.state == state)
        statements._take_back(reason)
        if is_locked:
            self.env.flush_all()
            self.env["hr.payslip"].sudo()._nka_withdraw(statements)

    def _mark_paid(self):
        day = fields.Date.context_today(self)
        self.sudo()._unlocked().write({"paid_date": day, "paid_by_id": self.env.uid})
        events = self.env["nka.audit.event"]
        events._append([events._prepare_entry(self, "paid", new=day)])

    # ------------------------------------------------------------ opening
    def action_open_statements(self):
        """The statements of the month."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "nka_key_accounts.nka_pay_statement_action"
        )
        domain = [("close_id", "=", self.id)]
        return {**action, "domain": domain, "context": {}}

    def action_open_trouble(self):
        """The statements that couldn't be calculated."""
        self.ensure_one()
        self.check_access("read")
        action = self.action_open_statements()
        return {**action, "domain": [("id", "in", self.sudo()._trouble().ids)]}
