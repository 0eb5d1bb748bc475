from odoo import api, models


class AppendOnlyMixin(models.AbstractModel):
    """Refuse everybody to enter, change or delete rows; code inserts them by SQL.

    A readable error; a database trigger of the model enforces the same rule.
    """

    _name = "nka.append.only.mixin"
    _description = "Rows that only the system writes"

    # ------------------------------------------------------------ CRUD
    # pylint: disable=method-required-super
    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_change()

    def write(self, vals):
        self._refuse_change()

    def unlink(self):
        self._refuse_change()

    def copy(self, default=None):
        self._refuse_change()

    @api.model
    def load(self, fields, data):
        self._refuse_change()

    @api.model
    def _refuse_change(self):
        """Raise the model's own refusal, which says how its rows come about.

        :raises AccessError: always
        """
        raise NotImplementedError
