from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import ormcache

from .base import declared


class CompanyMixin(models.AbstractModel):
    """Mixin that prevents users from moving records to companies they can't access.

    Odoo checks record rules before a write, not after it, so changing the company needs
    a check of its own (docs: audit).
    """

    _name = "nka.company.mixin"
    _inherit = ["nka.known.mixin"]
    _description = "Record limited to its author's companies"

    #: Fields that determine the company of a record: the company or a parent record.
    #: Those of all classes of a model are merged, so a class declares only its own.
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
        """Refuse the change if the current user can no longer write the records."""
        if self - self._filtered_access("write"):
            raise AccessError(
                self.env._(
                    "This record would belong to a company you aren't working in. "
                    "Switch to that company first, or ask a colleague there."
                )
            )
