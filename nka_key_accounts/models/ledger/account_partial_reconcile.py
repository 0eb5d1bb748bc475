from odoo import models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    # A month's reconciliations, for the bonus ledger: without it a full scan.
    _nka_max_date_idx = models.Index("(max_date)")
