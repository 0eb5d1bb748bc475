from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import ormcache

from .base import declared


class CompanyMixin(models.AbstractModel):
    """Records that nobody gives to a company they don't work in.

    Odoo asks its rules about a record as it was before a write, not as it is
    afterwards: giving one away needs a check of its own (docs: audit).
    """

    _name = "nka.company.mixin"
    _inherit = ["nka.known.mixin"]
    _description = "Record limited to its author's companies"

    #: Fields by which a record comes into a company: the company, or what it belongs to.
    #: Those of all classes of a model count: each names its own ones only.
    _company_fields = ("company_id",)

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        result = super().write(vals)
        if not self._all_company_fields().isdisjoint(vals):
            self._check_in_own_companies()
        return result

    @api.model
    @ormcache()
    def _all_company_fields(self):
        return frozenset().union(*declared(type(self), "_company_fields"))

    # ------------------------------------------------------------ checks
    def _check_in_own_companies(self):
        """Refuse what left the records that the acting person may write."""
        if self - self._filtered_access("write"):
            raise AccessError(
                self.env._(
                    "This record would belong to a company you aren't working in. "
                    "Switch to that company first, or ask a colleague there."
                )
            )
