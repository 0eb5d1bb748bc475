from odoo import api, fields, models
from odoo.exceptions import UserError

from .border import to_decimal
from .nka_season_goal_decisions import NOTHING_PENDING


class SeasonGoalSteps(models.Model):
    """Setting goals and accepting them."""

    _inherit = "nka.season.goal"

    # ------------------------------------------------------------ actions
    def action_propose(self, reason=None):
        """Show drafts to their managers; after the season's start with a reason only.

        :raise AccessError: for anybody but a supervisor
        :raise UserError: for one's own goals, or without an agreement
        """
        self._check_supervisor()
        self._check_not_own()
        self._check_state("draft")
        self._resolve_agreements()
        self._check_agreed()
        if not reason and self._is_late():
            return self._ask_reason("action_propose")
        self._move_to("proposed", note=reason or False, proposed_by_id=self.env.uid)
        self._ask_managers()
        return True

    def action_accept(self):
        """The manager accepts his own goals, one or all of a season.

        :raise UserError: for anybody else
        """
        self.check_access("read")
        self._check_own()
        self._check_state("proposed")
        self.sudo()._move_to("accepted", **NOTHING_PENDING)
        self.sudo().activity_feedback(["mail.mail_activity_data_todo"])
        return True

    def action_object(self, reason=None):
        """The manager sends a goal back, saying why.

        A goal that was agreed before its change stays as it was agreed.
        """
        self.check_access("read")
        self._check_own()
        self._check_state("proposed")
        if not reason:
            return self._ask_reason("action_object")
        changed = self.sudo().filtered("is_changed")
        changed._restore(reason)
        (self.sudo() - changed)._move_to("draft", note=reason)
        for goal in self.sudo():
            goal.activity_feedback(["mail.mail_activity_data_todo"])
            goal.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=goal.proposed_by_id.id,
                summary=self.env._("Objection to a goal"),
                note=reason,
            )
        return True

    def action_open_evidence(self):
        """The records that were counted: frozen ones, else those of now."""
        self.ensure_one()
        evidence = self.evidence if self.state == "frozen" else None
        evidence = evidence or self._measure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": evidence["model"],
            "view_mode": "list,form",
            "domain": [("id", "in", evidence["ids"])],
            "context": {"active_test": False, "create": False},
        }

    @api.model
    def action_open_mine(self):
        """Open the acting person's goals, measured as of now."""
        self._refresh_mine()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "nka_key_accounts.nka_season_goal_action_mine"
        )

    # ------------------------------------------------------------ business
    @api.model
    def _refresh_mine(self):
        self.search([("user_id", "=", self.env.uid)])._refresh()

    def _today(self):
        return fields.Date.context_today(self)

    def _is_late(self):
        today = self._today()
        return any(goal.season_id.date_start <= today for goal in self)

    def _check_own(self):
        for goal in self.sudo():
            if not goal.user_id or goal.user_id != self.env.user:
                raise UserError(
                    self.env._(
                        "Only %s can answer for his own goals. Nothing was changed.",
                        goal.employee_id.name,
                    )
                )

    def _check_agreed(self):
        for goal in self:
            if not goal.agreement_id:
                raise UserError(
                    self.env._(
                        "%s has no agreement in this season. Ask the payroll officer "
                        "to propose one first.",
                        goal.employee_id.sudo().name,
                    )
                )
            if not to_decimal(goal.weight):
                raise UserError(self.env._("A goal needs a weight from the plan."))

    def _ask_managers(self):
        """One activity per manager and season, on the first of his goals."""
        asked = set()
        for goal in self.sudo():
            key = (goal.season_id.id, goal.user_id.id)
            if key not in asked and goal.user_id:
                asked.add(key)
                goal.activity_schedule(
                    "mail.mail_activity_data_todo",
                    user_id=goal.user_id.id,
                    summary=self.env._(
                        "Accept your goals of %s", goal.season_id.display_name
                    ),
                )
