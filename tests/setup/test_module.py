"""Installing beside Enterprise's payroll, and what the dialog says before uninstalling."""

from odoo.addons.nka_key_accounts import hooks
from odoo.exceptions import UserError
from odoo.tests import Form

from ..close.common import NOVEMBER, NOVEMBER_END, CloseCase
from ..common import NkaCase

ADDON = "nka_key_accounts"


class TestEnterprise(NkaCase):
    def _with_enterprise(self, state):
        modules = self.env["ir.module.module"]
        module = modules.search([("name", "=", "hr_payroll")]) or modules.create(
            {"name": "hr_payroll", "shortdesc": "Payroll"}
        )
        module.state = state

    def test_apps_refuse_it_before_any_code_is_loaded(self):
        addon = self.env["ir.module.module"].search([("name", "=", ADDON)])
        self.assertEqual(addon.exclusion_ids.mapped("name"), ["hr_payroll"])
        addon.state = "uninstalled"
        self._with_enterprise("installed")
        with self.refused(UserError, "Key Account Management.*incompatible"):
            addon.button_install()

    def test_hook_refuses_it_with_one_sentence(self):
        self._with_enterprise("installed")
        with self.refused(UserError, "beside Odoo Enterprise's Payroll"):
            hooks.pre_init_hook(self.env)
        self._with_enterprise("uninstalled")
        hooks.pre_init_hook(self.env)

    def test_hook_leaves_records_with_external_ids_alone(self):
        rows = "SELECT module, name, model, res_id FROM ir_model_data"
        self.env.flush_all()
        before = set(self.env.execute_query(hooks.SQL(rows)))
        hooks.pre_init_hook(self.env)
        self.assertEqual(set(self.env.execute_query(hooks.SQL(rows))), before)


class TestUninstallDialog(CloseCase):
    def _dialog(self, name):
        module = self.env["ir.module.module"].search([("name", "=", name)])
        action = module.button_uninstall_wizard()
        return self.env["base.module.uninstall"].create(
            {"module_ids": action["context"]["default_module_ids"]}
        )

    def test_it_says_what_goes_and_what_stays(self):
        text = self._dialog(ADDON).nka_consequences
        self.assertIn("no payslips of statements yet", text)
        self._cover(NOVEMBER, NOVEMBER_END)
        self._invoice(2000000, NOVEMBER.replace(day=12))
        self._locked_close()
        text = self._dialog(ADDON).nka_consequences
        self.assertIn("Payslips stay (1)", text)
        self.assertIn("statements (1)", text)
        self.assertIn("audit trail", text)

    def test_it_speaks_for_modules_that_take_the_addon_along(self):
        self.assertTrue(self._dialog("payroll").nka_consequences)

    def test_it_is_silent_about_other_modules(self):
        modules = self.env["ir.module.module"]
        other = modules.search([("state", "=", "installed")]).filtered(
            lambda module: (
                ADDON not in module.downstream_dependencies(module).mapped("name")
            )
        )[:1]
        self.assertTrue(other)
        self.assertFalse(self._dialog(other.name).nka_consequences)

    def test_the_form_opens(self):
        module = self.env["ir.module.module"].search([("name", "=", ADDON)])
        dialog = self.env["base.module.uninstall"].with_context(
            default_module_ids=[(6, 0, module.ids)]
        )
        with Form(dialog) as form:
            self.assertIn("audit trail", form.nka_consequences)
