"""A lead of a key account stays with the account.

Its manager works on it, wins it or loses it, but he alone doesn't give it away,
archive, merge or delete it. A supervisor may, and the audit trail keeps it; a
handover moves leads through ``_unlocked()``, which no client can call.
"""

from odoo import api, models
from odoo.exceptions import AccessError

from ..trail.permits import find_permit, granted
from ..trail.roles import SUPERVISOR


class CrmLeadCustody(models.Model):
    _inherit = "crm.lead"

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        kept = self._kept_from(vals)
        if not kept:
            return super().write(vals)
        before = kept._prepare_custody()
        is_loss = kept._is_being_lost(vals)
        kept._check_not_given_away(vals)
        # Whether a lead leaves its account shows only afterwards; a refusal takes
        # the write back, even from a caller who goes on after it.
        with self.env.cr.savepoint():
            result = super().write(vals)
            kept._check_still_with_account(before)
        kept._record_custody(before, is_loss)
        return result

    @api.ondelete(at_uninstall=True)
    def _check_unlink_of_key_leads(self):
        leads = self._of_key_accounts()
        leads._check_may_part(self.env._("be deleted"))
        leads._record_parting("lead_deleted")

    def action_set_lost(self, **additional_values):
        """Losing a deal is never refused, though it archives the lead."""
        with granted("lose", self, [{**additional_values, "active": False}]):
            return super().action_set_lost(**additional_values)

    def _merge_opportunity(
        self, user_id=False, team_id=False, auto_unlink=True, max_length=5
    ):
        # What can't be read isn't named in a refusal either.
        self.check_access("read")
        leads = self._of_key_accounts()
        leads._check_may_part(self.env._("be merged"))
        leads._record_parting("lead_merged")
        return super()._merge_opportunity(user_id, team_id, auto_unlink, max_length)

    # ------------------------------------------------------------ checks
    @api.model
    def _custody_fields(self):
        """Fields whose change may part a lead from its account or its owner."""
        return {"user_id", "partner_id", "company_id", "team_id", "active"}

    def _kept_from(self, vals):
        """The key leads a write may part from their account; mostly none."""
        if self._is_unlocked(vals) or vals.keys().isdisjoint(self._custody_fields()):
            return self.browse()
        return self._of_key_accounts()

    @api.model
    def _may_part(self):
        """Whether the acting person decides about leads of key accounts."""
        return self.env.user.has_group(SUPERVISOR)

    def _check_may_part(self, step):
        if self and not self._may_part():
            raise AccessError(self._custody_message(step))

    def _check_not_given_away(self, vals):
        for lead in self._changed_by(vals, "user_id"):
            if not lead._is_taken_home(vals["user_id"]):
                lead._check_may_part(self.env._("be given away or left unassigned"))
        if not self._is_loss(vals):
            parted = self.filtered("active") if not vals.get("active", True) else None
            (parted or self.browse())._check_may_part(self.env._("be archived"))

    def _is_taken_home(self, user_id):
        """Nobody owned the lead, or it comes to the manager of its account."""
        lead = self.sudo()
        return not lead.user_id or user_id == lead.key_account_id.manager_id.id

    def _is_loss(self, vals):
        """A lost deal is archived with probability 0, in one step or in two."""
        return self._is_being_lost(vals) or (
            "probability" in vals and not vals["probability"]
        )

    def _is_being_lost(self, vals):
        """Whether “Lost” archives these leads right now."""
        return bool(find_permit("lose", self, [vals]))

    def _check_in_own_companies(self):
        """Leads of key accounts are kept by their account; others are Odoo's affair."""

    def _check_still_with_account(self, before):
        for lead in self:
            if lead.sudo().key_account_id != before[lead.id]["lead_account"]:
                lead._check_may_part(
                    self.env._("leave its account by another customer or company")
                )

    def _custody_message(self, step):
        return self.env._(
            "“%(lead)s” belongs to a key account, so it can't %(step)s by one person "
            "alone. Ask a supervisor, or propose a handover of the account. If the "
            "deal is lost, use “Lost”. Nothing was changed.",
            lead=self[:1].sudo().display_name,
            step=step,
        )

    # ------------------------------------------------------------ trail
    def _prepare_custody(self):
        return {
            lead.id: {
                "lead_account": lead.key_account_id,
                "lead_owner": lead.user_id,
                "lead_archived": not lead.active,
            }
            for lead in self.sudo()
        }

    def _record_custody(self, before, is_loss=False):
        """Keep in the audit trail what changed; losing isn't a change of hands."""
        events = self.env["nka.audit.event"]
        after = self._prepare_custody()
        events._append(
            [
                events._prepare_entry(lead, kind, old=old, new=after[lead.id][kind])
                for lead in self
                for kind, old in before[lead.id].items()
                if old != after[lead.id][kind]
                and not (is_loss and kind == "lead_archived")
            ]
        )

    def _record_parting(self, kind):
        events = self.env["nka.audit.event"]
        events._append(
            [
                events._prepare_entry(lead, kind, old=lead.sudo().user_id)
                for lead in self
            ]
        )
