from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..trail.roles import ADMIN, PAYROLL_OFFICER
from .border import refusing


class PayPlanVersionSteps(models.Model):
    """From the draft to the approval of a version."""

    _inherit = "nka.pay.plan.version"

    # ------------------------------------------------------------ checks
    def _check_not_maker(self):
        for version in self.sudo():
            if self.env.user in version._makers():
                raise AccessError(
                    self.env._(
                        "You prepared %s yourself, so another administrator has to "
                        "approve it. Nothing was changed.",
                        version.display_name,
                    )
                )

    def _check_officer(self):
        self._check_group(
            PAYROLL_OFFICER,
            self.env._(
                "Pay plans and agreements are prepared by a payroll officer. "
                "Ask yours; nothing was changed."
            ),
        )

    def _check_admin(self):
        self._check_group(
            ADMIN,
            self.env._(
                "Versions of a pay plan are decided by a key account administrator. "
                "Ask yours; nothing was changed."
            ),
        )

    # ------------------------------------------------------------ actions
    def action_submit(self):
        """Put drafts before the administrator; the terms are complete from here on.

        :raise AccessError: for anybody but a payroll officer
        :raise ValidationError: for terms nobody can be paid by
        """
        self._check_officer()
        return self._submit()

    def action_approve(self):
        """Approve submitted versions; from their first day on they are frozen.

        :raise AccessError: for anybody but an administrator who didn't prepare it
        """
        self._check_admin()
        self._check_state("submitted")
        self._check_not_maker()
        versions = self.sudo()
        # Two approvals at once could pass the half-year rule side by side.
        versions.plan_id.lock_for_update()
        versions._check_terms()
        versions._check_date_start()
        for version in versions:
            version._move_to("approved", **version._prepare_approval())
        return True

    def action_return(self, reason=None):
        """Send a submitted version back to its makers; asks for the reason."""
        self._check_admin_or_officer()
        self._check_state("submitted")
        if not reason:
            return self._ask_reason("action_return")
        self.sudo()._move_to("draft", note=reason, submitted_by_id=False)
        return True

    def action_withdraw(self, reason=None):
        """Take back the approval of a version that hasn't started; asks why."""
        self._check_admin()
        self._check_state("approved")
        for version in self:
            if version.is_started:
                raise UserError(version._say_frozen())
        self._check_unused()
        if not reason:
            return self._ask_reason("action_withdraw")
        values = dict.fromkeys(
            ("submitted_by_id", "approved_by_id", "approved_date", "digest"), False
        )
        self.sudo()._move_to("draft", note=reason, **values)
        return True

    # ------------------------------------------------------------ business
    def _check_admin_or_officer(self):
        if not self.env.user.has_group(PAYROLL_OFFICER):
            self._check_admin()

    def _check_unused(self):
        used = self.env["nka.pay.agreement"].sudo()
        if used.search_count(
            [("version_id", "in", self.ids), ("state", "!=", "draft")], limit=1
        ):
            raise UserError(
                self.env._(
                    "People have agreed to this version already. Withdraw or end "
                    "their agreements first."
                )
            )

    def _submit(self):
        self._check_state("draft")
        self._check_terms()
        for version in self:
            version._add_maker()
            version._move_to("submitted", submitted_by_id=self.env.uid)
        return True

    def _makers(self):
        return super()._makers() | self.maker_ids | self.submitted_by_id

    def _check_terms(self):
        with refusing(self.env):
            for version in self:
                version._plan_terms()

    def _prepare_approval(self):
        return {
            "approved_by_id": self.env.uid,
            "approved_date": fields.Datetime.now(),
            "digest": self._make_digest(),
        }

    def _action_open(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "view_mode": "form",
            "res_id": self.id,
        }
