"""What belongs to an account, listed for the two managers by the system."""

from odoo import fields, models
from odoo.fields import Domain


class HandoverChecklist(models.Model):
    _inherit = "nka.handover"

    # ------------------------------------------------------------ hooks
    def _owned_domains(self, accounts):
        """Hook: where things of these accounts live.

        :return: for each model the domain of its records that belong to ``accounts``;
            activities, files and followers of all of them go along
        :rtype: dict[str, Domain]
        """
        clients = self._clients_given_up(accounts)
        of_client = Domain("commercial_partner_id", "in", clients.ids)
        return {
            "nka.key.account": Domain("id", "in", accounts.ids),
            "crm.lead": Domain("key_account_id", "in", accounts.ids),
            "nka.qualification": Domain("key_account_id", "in", accounts.ids),
            "res.partner": of_client,
            "sale.order": Domain(
                "partner_id.commercial_partner_id", "in", accounts.partner_id.ids
            )
            & Domain("company_id", "=", self.company_id.id),
        }

    def _checklist_sources(self, accounts):
        """Hook: kinds of checklist items in their order on the screen.

        :return: pairs of a kind and its records
        :rtype: list[tuple[str, models.BaseModel]]
        """
        return [
            ("lead", self._open_leads(accounts)),
            ("order", self._open_orders(accounts)),
            ("activity", self._open_activities(accounts)),
            ("meeting", self._planned_meetings(accounts)),
            ("contact", self._contacts(accounts)),
            ("file", self._files(accounts)),
        ]

    def _account_by_record(self, accounts, records):
        """Hook: the account each record belongs to.

        :rtype: dict[int, nka.key.account]
        """
        by_client = {account.partner_id: account for account in accounts}
        find = {
            "crm.lead": lambda lead: lead.key_account_id,
            "nka.qualification": lambda item: item.key_account_id,
            "res.partner": lambda partner: by_client.get(partner.commercial_partner_id),
            "sale.order": lambda order: by_client.get(
                order.partner_id.commercial_partner_id
            ),
            "calendar.event": lambda event: self._account_of_meeting(event, by_client),
            "nka.key.account": lambda account: account,
        }.get(records._name)
        if find:
            return {record.id: find(record) for record in records}
        return self._account_by_owner(accounts, records)

    def _account_by_owner(self, accounts, records):
        """Follow ``res_model`` / ``res_id`` of activities and files."""
        found = {}
        for model, children in records.grouped("res_model").items():
            owners = self.env[model].sudo().browse(children.mapped("res_id"))
            account_of = self._account_by_record(accounts, owners)
            found.update({child.id: account_of.get(child.res_id) for child in children})
        return found

    def _account_of_meeting(self, event, by_client):
        for client in event.partner_ids.commercial_partner_id:
            if client in by_client:
                return by_client[client]
        return event.opportunity_id.key_account_id

    # ------------------------------------------------------------ what is there
    def _clients_given_up(self, accounts):
        """Clients the giver doesn't also own through another company's account."""
        kept = self.env["nka.key.account"].search(
            [
                ("partner_id", "in", accounts.partner_id.ids),
                ("manager_id", "=", self.from_user_id.id),
                ("id", "not in", accounts.ids),
            ]
        )
        return accounts.partner_id - kept.partner_id

    def _owned_records(self, model, accounts):
        domain = self._owned_domains(accounts)[model]
        return self.env[model].with_context(active_test=False).search(domain)

    def _open_leads(self, accounts):
        return self.env["crm.lead"].search(
            [("key_account_id", "in", accounts.ids), ("won_status", "=", "pending")]
        )

    def _open_orders(self, accounts):
        """Quotations, and orders that still have something to bill."""
        return self.env["sale.order"].search(
            self._owned_domains(accounts)["sale.order"]
            & (
                Domain("state", "in", ("draft", "sent"))
                | (
                    Domain("state", "=", "sale")
                    & Domain("invoice_status", "!=", "invoiced")
                )
            )
        )

    def _open_activities(self, accounts):
        """Activities of the giving manager on anything that belongs to the accounts."""
        domain = Domain.OR(
            Domain("res_model", "=", model)
            & Domain("res_id", "in", self._owned_query(model, owned))
            for model, owned in self._owned_domains(accounts).items()
        )
        return self.env["mail.activity"].search(
            domain & Domain("user_id", "=", self.from_user_id.id)
        )

    def _owned_query(self, model, domain):
        return self.env[model].with_context(active_test=False)._search(domain)

    def _planned_meetings(self, accounts):
        """Coming meetings about the accounts that the giving manager takes part in."""
        clients = self._clients_given_up(accounts)
        about = Domain("opportunity_id.key_account_id", "in", accounts.ids) | Domain(
            "partner_ids.commercial_partner_id", "in", clients.ids
        )
        person = Domain("user_id", "=", self.from_user_id.id) | Domain(
            "partner_ids", "in", self.from_user_id.partner_id.ids
        )
        coming = Domain("stop", ">", fields.Datetime.now())
        return self.env["calendar.event"].search(about & person & coming)

    def _contacts(self, accounts):
        return self.env["res.partner"].search(
            [
                ("commercial_partner_id", "in", accounts.partner_id.ids),
                ("is_company", "=", False),
                ("type", "=", "contact"),
            ]
        )

    def _files(self, accounts):
        domain = Domain.OR(
            Domain("res_model", "=", model)
            & Domain("res_id", "in", self._owned_query(model, owned))
            for model, owned in self._owned_domains(accounts).items()
        )
        return self.env["ir.attachment"].search(
            domain & Domain("res_field", "=", False)
        )

    # ------------------------------------------------------------ checklist
    def action_refresh_checklist(self):
        """List what belongs to the accounts now; ticks and remarks are kept."""
        self.check_access("write")
        self._check_state("draft", "returned", "submitted", "approved")
        for handover in self.sudo():
            handover._refresh_checklist()
        return True

    def _refresh_checklist(self):
        wanted = self._prepare_lines(self.key_account_ids)
        listed = {(line.res_model, line.res_id): line for line in self.line_ids}
        gone = self.line_ids.browse(
            line.id
            for key, line in listed.items()
            if key not in wanted and not line.done and not line.note
        )
        gone.unlink()
        fresh = [vals for key, vals in wanted.items() if key not in listed]
        self.env["nka.handover.line"]._unlocked().create(fresh)

    def _prepare_lines(self, accounts):
        """Values of all checklist items by model and id of their record."""
        lines = {}
        if self.scope == "credit":
            return lines
        for sequence, (kind, records) in enumerate(self._checklist_sources(accounts)):
            account_of = self._account_by_record(accounts, records)
            for record in records:
                account = account_of.get(record.id) or accounts[:1]
                lines[record._name, record.id] = {
                    "handover_id": self.id,
                    "key_account_id": account.id,
                    "kind": kind,
                    "kind_sequence": sequence,
                    "res_model": record._name,
                    "res_id": record.id,
                    "name": record.display_name or kind,
                }
        return lines
