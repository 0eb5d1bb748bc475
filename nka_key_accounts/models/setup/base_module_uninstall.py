from markupsafe import Markup

from odoo import api, fields, models

ADDON = "nka_key_accounts"


class BaseModuleUninstall(models.TransientModel):
    """Tell what stays and what goes, before the addon is uninstalled."""

    _inherit = "base.module.uninstall"

    nka_consequences = fields.Html(
        "Consequences", compute="_compute_nka_consequences", compute_sudo=True
    )

    # ------------------------------------------------------------ compute
    @api.depends("module_ids")
    def _compute_nka_consequences(self):
        for wizard in self:
            is_ours = ADDON in wizard._get_modules().mapped("name")
            wizard.nka_consequences = is_ours and self._nka_say_consequences()

    # ------------------------------------------------------------ business
    @api.model
    def _nka_say_consequences(self):
        """Return a list of what is deleted, what stays, and what to save first.

        :rtype: Markup
        """
        texts = [
            self._nka_say_deleted(),
            self._nka_say_kept(),
            self.env._(
                "Invoices, payments, orders, deals, meetings and contacts stay, with "
                "their messages and files. Emails that were sent can't be recalled."
            ),
            self.env._(
                "If you install the addon again, it starts empty. It takes the "
                "remaining payslips over: a month that is closed again doesn't pay "
                "them a second time."
            ),
        ]
        items = Markup("").join(Markup("<li>%s</li>") % text for text in texts)
        return Markup("<ul class='mb-0'>%s</ul>") % items

    @api.model
    def _nka_say_deleted(self):
        counts = {
            name: self.env[name].sudo().search_count([])
            for name in ("nka.key.account", "nka.document", "nka.audit.event")
        }
        locked = self.env["nka.month.close"].sudo()
        return self.env._(
            "Deleted for good: key accounts (%(accounts)s), documents with their files "
            "(%(documents)s), locked months with their statements (%(months)s), and the "
            "audit trail (%(events)s events). First save what you must keep: statements "
            "as PDF, the payroll file, and the last signed checkpoint.",
            accounts=counts["nka.key.account"],
            documents=counts["nka.document"],
            events=counts["nka.audit.event"],
            months=locked.search_count([("state", "=", "locked")]),
        )

    @api.model
    def _nka_say_kept(self):
        slips = self.env["hr.payslip"].sudo()
        count = slips.search_count([("is_nka", "=", True)])
        if not count:
            return self.env._("There are no payslips of statements yet.")
        return self.env._(
            "Payslips stay (%(count)s), with their batches, structure and salary rules. "
            "They can then be read and changed by everyone with rights to Odoo's "
            "payslips, because no statement protects them any more.",
            count=count,
        )
