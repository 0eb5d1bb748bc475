"""Every figure of an account opens the records it was made of."""

from odoo import fields, models


class KeyAccountOpen(models.Model):
    _inherit = "nka.key.account"

    def _action_open(self):
        """Open these accounts: the form for one, the list for several."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "nka_key_accounts.nka_key_account_action"
        )
        if len(self) == 1:
            return {**action, "view_mode": "form", "views": [], "res_id": self.id}
        return {**action, "domain": [("id", "in", self.ids)], "context": {}}

    def _prepare_open(self, name, model, domain, **action):
        return {
            "type": "ir.actions.act_window",
            "name": f"{name}: {self.display_name}",
            "res_model": model,
            "view_mode": "list,form",
            "domain": domain,
            **action,
        }

    def action_open_invoices(self):
        """Invoices and credit notes behind ``trailing_revenue``."""
        self.ensure_one()
        return self._prepare_open(
            self.env._("Revenue of twelve months"),
            "account.move",
            self._domain_invoices(),
            context={"create": False},
        )

    def _domain_invoices(self):
        return [
            ("partner_id.commercial_partner_id", "=", self.partner_id.id),
            ("company_id", "=", self.company_id.id),
            ("move_type", "in", ("out_invoice", "out_refund")),
            ("state", "=", "posted"),
            ("invoice_date", ">", self._trailing_since()),
            ("invoice_date", "<=", fields.Date.context_today(self)),
        ]

    def action_open_overdue(self):
        """Open receivable items behind ``overdue_amount``."""
        self.ensure_one()
        return self._prepare_open(
            self.env._("Overdue receivables"),
            "account.move.line",
            self._domain_overdue(),
            view_mode="list",
            context={"create": False},
        )

    def _domain_overdue(self):
        return [
            ("partner_id", "=", self.partner_id.id),
            ("company_id", "=", self.company_id.id),
            ("account_id.account_type", "=", "asset_receivable"),
            ("reconciled", "=", False),
            ("parent_state", "=", "posted"),
            ("date_maturity", "<", fields.Date.context_today(self)),
        ]

    def action_open_leads(self):
        """Open opportunities behind ``pipeline_amount``."""
        self.ensure_one()
        return self._prepare_open(
            self.env._("Pipeline"),
            "crm.lead",
            [("key_account_id", "=", self.id), ("won_status", "=", "pending")],
            view_mode="kanban,list,graph,pivot,form",
            context={
                "default_partner_id": self.partner_id.id,
                "default_type": "opportunity",
            },
        )

    def action_open_referrals(self):
        """Leads this client referred to us, and what came of them."""
        self.ensure_one()
        return self._prepare_open(
            self.env._("Referred leads"),
            "crm.lead",
            [("referrer_id", "=", self.id)],
            context={
                "default_origin": "referral",
                "default_referrer_id": self.id,
                "active_test": False,
            },
        )

    def action_open_meetings(self):
        """Meetings with the client's people, past and planned."""
        self.ensure_one()
        return self._prepare_open(
            self.env._("Meetings"),
            "calendar.event",
            [("partner_ids.commercial_partner_id", "=", self.partner_id.id)],
            view_mode="list,calendar,form",
        )

    def action_open_contacts(self):
        """People and addresses of the client."""
        self.ensure_one()
        return self._prepare_open(
            self.env._("Contacts"),
            "res.partner",
            [("id", "child_of", self.partner_id.id)],
            view_mode="kanban,list,form",
            context={"default_parent_id": self.partner_id.id},
        )

    def action_open_assignments(self):
        """Who owned the account, when, with which share."""
        self.ensure_one()
        return self._prepare_open(
            self.env._("Assignments"),
            "nka.assignment",
            [("key_account_id", "=", self.id)],
            view_mode="list",
        )
