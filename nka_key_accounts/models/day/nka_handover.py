"""Handover pack: a printout of each account for the incoming manager; activities that
an approved handover launches.
"""

from odoo import models
from odoo.exceptions import AccessError

from ..trail.roles import SUPERVISOR
from .mail_activity_plan import HANDOVER, LEAVING

PACK_DOCUMENTS = 20


class Handover(models.Model):
    _inherit = "nka.handover"

    # ------------------------------------------------------------ activities
    def _approve(self):
        """Schedule the activities of an approved handover around its date."""
        result = super()._approve()
        plans = self.env["mail.activity.plan"]
        for event, handovers in self.grouped(
            lambda handover: LEAVING if handover.is_leaving else HANDOVER
        ).items():
            plans._nka_launch(event, handovers, lambda handover: handover.date)
        return result

    def _nka_any_supervisor(self):
        return self._reviewers()[:1]

    # ------------------------------------------------------------ pack
    def action_print_pack(self):
        """Print the pack and log the export.

        :raise AccessError: unless the user is a supervisor or, once the handover is
            approved, the incoming manager; the outgoing manager can't take a copy of
            the account files when leaving the company
        """
        self._check_pack()
        events = self.env["nka.audit.event"]
        events._append(
            [
                events._prepare_entry(
                    handover, "export", note=self.env._("Handover pack")
                )
                for handover in self
            ]
        )
        return self.env.ref("nka_key_accounts.nka_handover_report_pack").report_action(
            self
        )

    def _check_pack(self):
        self.check_access("read")
        if self.env.user.has_group(SUPERVISOR):
            return
        for handover in self:
            receives = handover.to_user_id == self.env.user
            if not receives or handover.state not in ("approved", "done"):
                raise AccessError(
                    self.env._(
                        "The handover pack is available to supervisors and, once the "
                        "handover is approved, to the incoming manager. You keep "
                        "access to the accounts until the effective date."
                    )
                )

    def _prepare_pack(self):
        """Return the contents of the pack, as the incoming manager will see them.

        :return: one dictionary of records and figures for each account
        :rtype: list[dict]
        """
        self.ensure_one()
        self._check_pack()
        return [
            self._prepare_pack_of(account)
            for account in self.sudo().key_account_ids.sorted("display_name")
        ]

    def _prepare_pack_of(self, account):
        return {
            "account": account,
            "people": account._known_people(),
            "deals": account._open_deals(),
            "commitments": account._open_commitments(),
            "presences": account._open_presences(),
            "invoices": account._overdue_invoices(),
            "notes": account.note_ids,
            "years": account._sales_by_year(),
            "documents": self._pack_documents(account),
            "lines": self.sudo().line_ids.filtered(
                lambda line: line.key_account_id == account
            ),
        }

    def _pack_documents(self, account):
        return (
            self.env["nka.document"]
            .sudo()
            .search(
                [
                    ("key_account_id", "=", account.id),
                    ("state", "not in", ("superseded",)),
                ],
                order="write_date desc",
                limit=PACK_DOCUMENTS,
            )
        )
