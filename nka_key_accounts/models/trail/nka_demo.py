from importlib import import_module

from odoo import api, models


class Demo(models.AbstractModel):
    """Run the steps of the demo data.

    The steps are outside ``models`` and imported only by this call, so that databases
    without demo data never load them. They run in the language of the demo.
    """

    _name = "nka.demo"
    _description = "Demo data"

    @api.model
    def _call(self, step, *args):
        """Run one step; running a step again adds nothing.

        :param str step: ``file.function`` in the addon's ``demo`` folder, for example
            ``accounts.nominate``; the function takes the environment
        :param args: further arguments of the function
        """
        file, function = step.split(".")
        module = import_module(f"odoo.addons.nka_key_accounts.demo.{file}")
        spoken = import_module("odoo.addons.nka_key_accounts.demo.language").spoken
        env = self.env(context={**self.env.context, "lang": spoken(self.env)})
        getattr(module, function)(env, *args)
