from odoo import http
from odoo.addons.web.controllers.home import Home
from odoo.http import request


def writes(_controller, _rule, _args):
    """Return that a route needs the primary.

    A function, because Odoo warns at every start of a process about a route that
    changes a plain value.
    """
    return False


class Become(Home):
    """Log switches to the superuser, who can read everything."""

    # Odoo's route uses a read-only cursor; this override appends an audit event.
    @http.route(readonly=writes)
    def switch_to_admin(self):
        """Record the switch and continue as Odoo does.

        Users who aren't administrators are not switched, so nothing is recorded for
        them.
        """
        if request.env.user._is_system():
            request.env.user._record_superuser()
        return super().switch_to_admin()
