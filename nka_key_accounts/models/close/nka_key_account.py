from odoo import api, fields, models


class KeyAccount(models.Model):
    _inherit = "nka.key.account"

    can_correct_ownership = fields.Boolean(
        compute="_compute_can_correct_ownership",
        compute_sudo=True,
        help="No closed month covers the days of the present owner.",
    )

    # ------------------------------------------------------------ compute
    @api.depends("state", "assignment_ids.date_from", "assignment_ids.date_to")
    def _compute_can_correct_ownership(self):
        assignments = self.env["nka.assignment"]
        open_days = {
            company: assignments._first_open_day(company) for company in self.company_id
        }
        for account in self:
            latest = account.assignment_ids._latest()
            account.can_correct_ownership = (
                account.state == "key"
                and latest
                and latest[0].date_from >= open_days[account.company_id]
            )

    # ------------------------------------------------------------ actions
    def action_correct_ownership(self):
        """Open the wizard in which a supervisor corrects since when, or whose, these
        accounts are.

        :return: window action
        :raise AccessError: if the user isn't a supervisor
        """
        self._check_supervisor()
        self.check_access("read")
        self._check_state("key")
        starts = [
            account.assignment_ids._latest()[:1].date_from for account in self.sudo()
        ]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Correct ownership"),
            "res_model": "nka.ownership.correction",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_key_account_ids": self.ids,
                "default_date": min(filter(None, starts), default=False),
            },
        }
