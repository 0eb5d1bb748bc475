from importlib import import_module

from odoo import api, models


class Demo(models.AbstractModel):
    """Runs the steps of the demo data.

    They lie outside ``models`` and are imported by this call only, so that a company
    without demo data never loads them.
    """

    _name = "nka.demo"
    _description = "Demo data"

    @api.model
    def _call(self, step, *args):
        """Run one step; a step that has run already adds nothing.

        :param str step: a function that takes the environment, by its file in the
            addon's folder ``demo``, for example ``accounts.nominate``
        """
        file, function = step.split(".")
        module = import_module(f"odoo.addons.nka_key_accounts.demo.{file}")
        getattr(module, function)(self.env, *args)
