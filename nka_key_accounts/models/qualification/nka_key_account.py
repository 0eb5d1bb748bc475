from odoo import api, fields, models
from odoo.exceptions import RedirectWarning
from odoo.tools import SQL


class KeyAccount(models.Model):
    """Require an approved qualification before a candidate is confirmed."""

    _inherit = "nka.key.account"

    qualification_ids = fields.One2many("nka.qualification", "key_account_id")
    qualification_id = fields.Many2one(
        "nka.qualification",
        "Valid qualification",
        compute="_compute_qualification_id",
        help="Latest approved qualification that hasn't expired. Empty if a later one "
        "found the client not qualified.",
    )
    qualification_count = fields.Integer(
        "Number of qualifications", compute="_compute_qualification_id"
    )
    credit_limit = fields.Monetary(
        "Credit limit",
        compute="_compute_figures",
        aggregator="sum",
        help="Credit limit in the valid qualification.",
    )

    # ------------------------------------------------------------ compute
    def _compute_qualification_id(self):
        today = fields.Date.context_today(self)
        model = self.env["nka.qualification"]
        domain = [("key_account_id", "in", self.ids)]
        judged = model.search(domain + model._judged_domain(today), order="date, id")
        latest = {item.key_account_id.id: item for item in judged}
        counts = dict(model._read_group(domain, ["key_account_id"], ["__count"]))
        for account in self:
            last = latest.get(account.id, model)
            account.qualification_id = last if last.verdict != "rejected" else False
            account.qualification_count = counts.get(account, 0)

    @api.model
    def _sql_credit_limit(self, alias):
        """Return SQL for the limit in ``qualification_id``, 0 without one."""
        return SQL(
            """COALESCE((SELECT CASE WHEN last.verdict != 'rejected'
                                     THEN last.credit_limit END
                           FROM nka_qualification last
                          WHERE last.key_account_id = %s AND last.state = 'approved'
                            AND (last.verdict = 'rejected' OR last.date_valid >= %s)
                          ORDER BY last.date DESC, last.id DESC LIMIT 1), 0)""",
            SQL.identifier(alias, "id"),
            fields.Date.context_today(self),
        )

    # ------------------------------------------------------------ confirmation
    def _check_confirmable(self):
        """Check for a valid approved qualification, in addition to a manager."""
        result = super()._check_confirmable()
        for account in self:
            if not account.qualification_id:
                raise RedirectWarning(
                    self.env._(
                        "%s has no approved qualification yet. The manager must submit "
                        "one and a supervisor must approve it before you can confirm.",
                        account.display_name,
                    ),
                    account.action_open_qualifications(),
                    self.env._("Open qualifications"),
                )
        return result

    def _describe_candidate_step(self):
        if self.manager_id and not self.qualification_id:
            return self.env._("Qualify the client; then a supervisor confirms")
        return super()._describe_candidate_step()

    # ------------------------------------------------------------ actions
    def action_open_qualifications(self):
        """Open the qualifications of this client, newest first."""
        self.ensure_one()
        name = self.env._("Qualifications")
        return self._prepare_open(
            name,
            "nka.qualification",
            [("key_account_id", "=", self.id)],
            context={"default_key_account_id": self.id},
            views=[(False, "list"), (False, "form")],
        )
