from odoo import models
from odoo.exceptions import UserError

PROMISE = "nka.promise"
#: Fields that tell what a file contains and where it is.
CONTENT = ("raw", "datas", "db_datas", "res_model", "res_id", "name", "type", "url")


class IrAttachment(models.Model):
    """Keep the files of promises: they prove whether one was kept.

    Supervisors can change promises, and Odoo would let them delete what the manager
    attached. Superuser mode doesn't bypass this, because the chatter deletes files in it.
    """

    _inherit = "ir.attachment"

    def write(self, vals):
        if not vals.keys().isdisjoint(CONTENT) and not self._is_repeated(vals):
            self._check_not_promised()
        return super().write(vals)

    def unlink(self):
        self._check_not_promised()
        return super().unlink()

    def _is_repeated(self, vals):
        """Return whether a move of the storage writes the same content again."""
        return all(file._is_same_content(vals) for file in self.sudo())

    def _check_not_promised(self):
        """Refuse all but the author, and them once the promise is closed."""
        files = self.sudo().filtered(lambda file: file.res_model == PROMISE)
        for file in files:
            promise = self.env[PROMISE].sudo().browse(file.res_id).exists()
            is_author = file.create_uid == self.env.user
            if promise and not (is_author and promise.state == "open"):
                raise UserError(
                    self.env._(
                        "Files of a promise stay on record. Only who added one can change "
                        "it, while the promise is open. Add another file instead."
                    )
                )
