from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merge a person's stakeholder entries of one account when contacts are merged.

    A contact can be a stakeholder of an account only once, so Odoo would delete one of
    the entries, possibly the decision maker.
    """

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        people = self.env["nka.stakeholder"].sudo().with_context(active_test=False)
        people = people.search([("partner_id", "in", partner_ids)])
        for twins in people.grouped("key_account_id").values():
            if len(twins) > 1:
                self._merge_stakeholders(twins)
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        # Odoo moves foreign keys by plain SQL, which bypasses constraints.
        people = people.exists()
        people.invalidate_recordset()
        people._check_person_of_client()
        return result

    def _merge_stakeholders(self, twins):
        """Merge several entries of one account into the most decisive one."""
        kept = twins._most_decisive()
        others = twins - kept
        names = ", ".join(twins.mapped("display_name"))
        values = twins._prepare_merged(kept)
        # Done first, so that reporting lines can't form a loop during the merge.
        twins.reports_to_id = False
        self.env.flush_all()
        self._update_foreign_keys_generic("nka.stakeholder", others, kept)
        self._update_reference_fields_generic("nka.stakeholder", others, kept)
        self.env.invalidate_all()
        others.unlink()
        kept.write(values)
        kept._check_reports_to()
        self._record_stakeholders(kept, names)

    def _record_stakeholders(self, kept, names):
        roles = dict(kept._fields["role"]._description_selection(self.env))
        self.env["nka.audit.event"]._record(
            kept.key_account_id,
            "merge",
            old=names,
            new=f"{kept.display_name}: {roles[kept.role]}",
        )
