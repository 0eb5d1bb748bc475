"""What the audit trail keeps of a key deal's course."""

from odoo import models

#: Field of the deal -> kind of event.
COURSE = {
    "stage_id": "stage",
    "expected_revenue": "amount",
    "won_status": "outcome",
    "is_vip": "vip",
}
MOVERS = {"stage_id", "expected_revenue", "active", "probability", "is_vip"}


class CrmLeadCourse(models.Model):
    _inherit = "crm.lead"

    def write(self, vals):
        watched = self._gated() if not vals.keys().isdisjoint(MOVERS) else None
        if not watched:
            return super().write(vals)
        before = watched._prepare_course()
        result = super().write(vals)
        watched._record_course(before)
        return result

    def _prepare_course(self):
        return {lead.id: {name: lead[name] for name in COURSE} for lead in self.sudo()}

    def _record_course(self, before):
        events = self.env["nka.audit.event"]
        after = self._prepare_course()
        events._append(
            [
                events._prepare_entry(
                    lead,
                    kind,
                    old=self._in_words(name, before[lead.id][name]),
                    new=self._in_words(name, after[lead.id][name]),
                )
                for lead in self
                for name, kind in COURSE.items()
                if lead._is_worth_telling(
                    name, before[lead.id][name], after[lead.id][name]
                )
            ]
        )

    def _in_words(self, name, value):
        if name != "won_status":
            return value
        return dict(self._fields[name]._description_selection(self.env)).get(value)

    def _is_worth_telling(self, name, old, new):
        """An amount counts from the company's share of change on."""
        if name != "expected_revenue":
            return old != new
        company = (self.sudo().company_id or self.env.company).sudo()
        return abs(new - old) * 100 > abs(old) * company.nka_amount_change
