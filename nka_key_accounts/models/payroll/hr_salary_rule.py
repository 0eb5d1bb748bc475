from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .components import PAID, SUMS

KINDS = ("amount_select", "parent_rule_id", "child_ids")


class HrSalaryRule(models.Model):
    """Salary rule type that reads the locked statement (docs: pay, payroll).

    Payslip lines inherit from this model, so code for rules checks the model first.
    """

    _inherit = "hr.salary.rule"

    amount_select = fields.Selection(
        selection_add=[("nka", "Compensation statement")],
        ondelete={"nka": "set default"},
    )
    condition_select = fields.Selection(
        selection_add=[("nka", "The statement contains this amount")],
        ondelete={"nka": "set default"},
    )

    # ------------------------------------------------------------ checks
    @api.constrains("amount_select", "condition_select", "code")
    def _check_nka_code(self):
        """Require a code that tells which amount of the statement a rule pays."""
        if not self._nka_is_rule_model():
            return
        for rule in self:
            is_paid = "nka" in (rule.amount_select, rule.condition_select)
            if is_paid and rule.code not in {**PAID, **SUMS}:
                raise ValidationError(
                    self.env._(
                        "Salary rules that read the statement must use one of these "
                        "codes: %(codes)s. “%(rule)s” uses “%(code)s”. Choose the code "
                        "of the amount to pay.",
                        codes=", ".join([*PAID, *SUMS]),
                        rule=rule.name,
                        code=rule.code or "",
                    )
                )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        if self._nka_is_rule_model():
            self.env.registry.clear_cache()
        return rules

    def write(self, vals):
        result = super().write(vals)
        if self._nka_is_rule_model() and not vals.keys().isdisjoint(KINDS):
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        if self._nka_is_rule_model():
            self.env.registry.clear_cache()
        return super().unlink()

    # ------------------------------------------------------------ business
    @api.model
    def _nka_is_rule_model(self):
        return self._name == "hr.salary.rule"

    def _satisfy_condition_nka(self, localdict):
        """Return whether the statement has an amount for this rule."""
        return bool(self._nka_amount(localdict))

    def _compute_rule_nka(self, localdict):
        """Return the values of the payslip line, with the amount of the statement.

        :param dict localdict: evaluation context of the payroll engine
        :rtype: dict
        :raise UserError: on a payslip without a statement
        """
        return {
            "name": self.name,
            "quantity": 1.0,
            "rate": 100.0,
            "amount": self._nka_amount(localdict),
        }

    def _nka_amount(self, localdict):
        if self.code in SUMS:
            categories = localdict["categories"]
            total = sum(getattr(categories, code) for code in SUMS[self.code])
            return localdict["payslip"].company_id.currency_id.round(total)
        pay = localdict["payroll"].nka
        if not pay.month:
            raise UserError(
                self.env._(
                    "“%s” pays an amount from a statement, and this payslip has none. "
                    "Use the rule only in the 40/10/50 structure.",
                    self.name,
                )
            )
        return getattr(pay, PAID[self.code])
