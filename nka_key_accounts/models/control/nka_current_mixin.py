from odoo import api, models


def on_primary(method):
    """Let requests for a method of clients run on the primary, not on a replica."""
    method._readonly = False
    return method


class CurrentMixin(models.AbstractModel):
    """Records that are read from the primary, even if the company has a replica.

    A replica is late. A month that was just calculated is approved by what its page
    shows next, so the page has to show what was calculated.
    """

    _name = "nka.current.mixin"
    _description = "Records read from the primary database"

    @on_primary
    def read(self, fields=None, load="_classic_read"):
        return super().read(fields, load)

    @on_primary
    def web_read(self, specification):
        return super().web_read(specification)

    @api.model
    @on_primary
    def search_read(self, *args, **kwargs):
        return super().search_read(*args, **kwargs)

    @api.model
    @on_primary
    def web_search_read(self, *args, **kwargs):
        return super().web_search_read(*args, **kwargs)
