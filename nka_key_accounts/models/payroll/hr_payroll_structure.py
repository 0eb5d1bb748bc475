from odoo import api, models, tools
from odoo.exceptions import UserError


class HrPayrollStructure(models.Model):
    _inherit = "hr.payroll.structure"

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        structures = super().create(vals_list)
        self.env.registry.clear_cache()
        return structures

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint({"rule_ids", "parent_id", "children_ids"}):
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    @api.ondelete(at_uninstall=True)
    def _check_nka_unlink(self):
        used = self & self.env["nka.pay.statement"].sudo()._paying_structures()
        if used:
            raise UserError(
                self.env._(
                    "The structure %s was used for payslips of statements, so it "
                    "can't be deleted. Choose another structure for future months.",
                    used[0].name,
                )
            )

    # ------------------------------------------------------------ business
    @api.model
    @tools.ormcache()
    def _nka_ids(self):
        """Return the ids of structures whose own or inherited rules read the statement.

        Cached, so that payslips of other structures cost no query. Structures that have
        paid a statement stay included, even if their rules change.

        :rtype: frozenset[int]
        """
        structures = self.sudo().with_context(active_test=False)
        rules = structures.env["hr.salary.rule"].search([("amount_select", "=", "nka")])
        above = rules
        while above := above.parent_rule_id:
            rules |= above
        own = structures.search([("rule_ids", "in", rules.ids)])
        used = structures.env["nka.pay.statement"]._paying_structures()
        found = structures.search([("id", "child_of", own.ids)])
        return frozenset((found | used).ids)
