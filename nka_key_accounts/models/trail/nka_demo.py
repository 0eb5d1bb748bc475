from importlib import import_module

from odoo import api, models

#: Demo people learn of nothing by mail: their addresses don't exist.
QUIET = {
    "dont_notify": True,
    "mail_activity_quick_update": True,
    "mail_auto_subscribe_no_notify": True,
    "mail_create_nolog": True,
    "mail_notify_force_send": False,
    "no_mail_to_attendees": True,
}


class Demo(models.AbstractModel):
    """Runs the Python steps of the demo data.

    The steps lie outside ``models`` and are imported by this call only, so that a
    company without demo data never loads them.
    """

    _name = "nka.demo"
    _description = "Demo data"

    @api.model
    def _load(self, step):
        """Run one step; a step that has run already adds nothing.

        :param str step: module in the addon's folder ``demo`` with a function
            ``load(env)``, for example ``accounts.nomination``
        """
        module = import_module(f"odoo.addons.nka_key_accounts.demo.{step}")
        module.load(self.with_context(**QUIET).env)
