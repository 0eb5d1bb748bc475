from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..trail.confined import check_reader
from .border import refusing


class PayAgreementSteps(models.Model):
    """From proposal to acceptance to the end of an agreement."""

    _inherit = "nka.pay.agreement"

    # ------------------------------------------------------------ checks
    def _check_proposable(self):
        """What a draft still needs before the employee may see it."""
        for agreement in self:
            if not agreement.user_id:
                raise UserError(
                    self.env._(
                        "%s has no login, so nobody could accept this. Link a user "
                        "to the employee first.",
                        agreement.employee_id.sudo().name,
                    )
                )
            if agreement.user_id == self.env.user:
                raise UserError(
                    self.env._("Your own pay is proposed by another payroll officer.")
                )
            if not agreement.version_id:
                raise UserError(agreement._say_no_version())
            with refusing(self.env):
                agreement._agreement_terms().bonus_terms(agreement._plan_terms())

    def _say_no_version(self):
        return self.env._(
            "“%(plan)s” has no approved version on %(date)s. Let an administrator "
            "approve one, or start later.",
            plan=self.plan_id.name,
            date=format_date(self.env, self.date_from),
        )

    def _check_own(self):
        """Only the employee himself accepts, whatever rights anybody else has."""
        for agreement in self:
            if not agreement.user_id or agreement.user_id != self.env.user:
                raise UserError(
                    self.env._(
                        "Only %s can accept this agreement, with his own login. "
                        "Nothing was changed.",
                        agreement.employee_id.sudo().name,
                    )
                )

    def _check_unchanged(self):
        for agreement in self:
            if agreement.digest != agreement._make_digest():
                raise UserError(
                    self.env._(
                        "The terms changed after they were proposed. Ask the payroll "
                        "officer to propose them again."
                    )
                )

    # ------------------------------------------------------------ actions
    def action_propose(self):
        """Show drafts to their employees, with a digest of the terms.

        :raise AccessError: for anybody but a payroll officer
        :raise UserError: when something is missing, saying what
        """
        self._check_officer()
        self._check_state("draft")
        for agreement in self:
            agreement._unlocked().write({"version_id": agreement._find_version().id})
        self._check_proposable()
        for agreement in self:
            agreement._move_to("proposed", **agreement._prepare_proposal())
            agreement._ask_employee()
        return True

    def action_withdraw(self):
        """Take a proposal back to a draft."""
        self._check_officer()
        self._check_state("proposed")
        self._move_to("draft", digest=False, proposed_by_id=False, proposed_date=False)
        self.sudo().activity_unlink(["mail.mail_activity_data_todo"])
        return True

    def action_accept(self):
        """The employee accepts his own proposal; the terms are frozen from here on.

        :raise UserError: for anybody else, or when the terms changed meanwhile
        """
        self.check_access("read")
        self._check_own()
        self._check_state("proposed")
        self.sudo()._check_unchanged()
        for agreement in self.sudo():
            agreement._move_to(
                "accepted",
                note=agreement.digest,
                accepted_by_id=self.env.uid,
                accepted_date=fields.Datetime.now(),
            )
            agreement.activity_feedback(["mail.mail_activity_data_todo"])
        return True

    def action_end(self):
        """Ask from when on the agreement ends, and whether new terms follow."""
        self.ensure_one()
        self._check_officer()
        self._check_state("accepted")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("End or new terms"),
            "res_model": "nka.pay.agreement.end",
            "view_mode": "form",
            "target": "new",
            "context": {"default_agreement_id": self.id},
        }

    def action_what_if(self):
        """Show what these terms pay at several levels of success."""
        self.ensure_one()
        return self.env["nka.pay.what.if"]._action_for(self)

    @api.model
    def action_open_mine(self):
        """Open the acting person's own agreement: a pending one, else the running."""
        mine = self.search([("user_id", "=", self.env.uid)])
        order = {"proposed": 0, "accepted": 1, "draft": 2, "ended": 3}
        first = mine.sorted(lambda row: order[row.state])[:1]
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "nka_key_accounts.nka_pay_agreement_action_mine"
        )
        if first:
            action.update(res_id=first.id, view_mode="form", views=[(False, "form")])
        return action

    # ------------------------------------------------------------ business
    def _check_officer(self):
        self.env["nka.pay.plan.version"]._check_officer()

    def _find_version(self):
        self.ensure_one()
        if not (self.plan_id and self.date_from):
            return self.env["nka.pay.plan.version"]
        # A client's unsaved draft names whichever plan, and its rate is worked out.
        check_reader(self.plan_id._origin)
        versions = self.plan_id.sudo()._versions_on(self.date_from)
        found = versions.get(self.plan_id._origin.id or self.plan_id.id)
        return found or self.env["nka.pay.plan.version"]

    def _previous(self):
        """The employee's agreement right before this one."""
        self.ensure_one()
        return self.sudo().search(
            [
                ("employee_id", "=", self.employee_id.id),
                ("date_from", "<", self.date_from),
                ("state", "in", ("accepted", "ended")),
            ],
            order="date_from desc",
            limit=1,
        )

    def _first_day_on_plan(self):
        """Since when the employee has been on this plan without a break."""
        day, agreement = self.date_from, self
        while agreement and agreement.plan_id == self.plan_id:
            day, agreement = agreement.date_from, agreement._previous()
        return day

    def _prepare_proposal(self):
        return {
            "digest": self._make_digest(),
            "proposed_by_id": self.env.uid,
            "proposed_date": fields.Datetime.now(),
        }

    def _ask_employee(self):
        self.sudo().activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=self.user_id.id,
            summary=self.env._("Read and accept your pay agreement"),
        )

    def _finish(self, last_day, reason):
        """End accepted agreements on ``last_day``; a later day keeps them running.

        :param date last_day: their last day
        :param str reason: kept in the trail
        """
        events = self.env["nka.audit.event"]
        for agreement in self:
            agreement._unlocked().write({"date_to": last_day})
        events._append(
            [
                events._prepare_entry(row, "end", new=last_day, note=reason)
                for row in self
            ]
        )
        self._end_expired()

    def _end_expired(self):
        today = fields.Date.context_today(self)
        expired = self.filtered(
            lambda row: row.state == "accepted" and row.date_to and row.date_to < today
        )
        if expired:
            expired._move_to("ended")

    @api.model
    def _cron_end_expired(self):
        """Move accepted agreements whose last day has passed to their end."""
        today = fields.Date.context_today(self)
        self.search(
            [("state", "=", "accepted"), ("date_to", "<", today)]
        )._end_expired()

    @api.model
    def _in_force(self, date_from, date_to, company=None):
        """Agreements that somebody accepted and that cover a day of a span.

        :param date date_from: first day
        :param date date_to: last day
        :param company: res.company, all when not given
        :rtype: nka.pay.agreement
        """
        domain = [
            ("state", "in", ("accepted", "ended")),
            ("date_from", "<=", date_to),
            "|",
            ("date_to", "=", False),
            ("date_to", ">=", date_from),
        ]
        if company:
            domain.append(("company_id", "=", company.id))
        return self.search(domain, order="employee_id, date_from")
