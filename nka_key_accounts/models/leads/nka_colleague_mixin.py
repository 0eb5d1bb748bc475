from odoo import api, models
from odoo.exceptions import AccessError, UserError

from ..accounts.asking import tell


class ColleagueMixin(models.AbstractModel):
    """Mixin for models of which only some records belong to key accounts.

    A batch action changes the records that the user can change; a message names those
    that were not changed.
    """

    _name = "nka.colleague.mixin"
    _description = "Batch actions on lists that include key accounts"

    def _protected(self):
        """Hook: return those of these records that the current user may be refused."""
        return self.browse()

    def _explain_refusal(self, operation):
        """Hook: return the error for records that the current user can't access, naming
        the people to ask, or None.

        :rtype: Exception | None
        """

    # ------------------------------------------------------------ batches
    def _each_apart(self, step):
        """Apply ``step`` to all records or, if that is refused, to the key account
        records one by one and to the others together.

        :param step: function of a recordset
        :return: the result of the last call
        :raise UserError: if every record is refused
        """
        if self.env.su or len(self) < 2 or not self._protected():
            return step(self)
        try:
            with self.env.cr.savepoint():
                return step(self)
        except UserError as refused:
            return self._step_apart(step, refused)

    def _step_apart(self, step, refused):
        apart = self._protected()
        others = self - apart
        left, result = {}, others and step(others)
        for record in apart:
            try:
                with self.env.cr.savepoint():
                    result = step(record) or result
            except UserError as error:
                left[record] = error
        if len(left) == len(self):
            raise refused
        self._tell_left(left)
        return result

    def _tell_left(self, left):
        """Show which records were not changed, with the reason for the first one."""
        if not left:
            return
        records = self.browse(record.id for record in left)._filtered_access("read")
        names = ", ".join(f"“{record.display_name}”" for record in records)
        self._tell(
            self.env._(
                "%(done)s of %(all)s records were changed. Not changed: %(names)s. "
                "%(reason)s",
                done=len(self) - len(left),
                all=len(self),
                names=names or len(left),
                reason=next(iter(left.values())).args[0],
            )
        )

    def _tell(self, message):
        """Show a message to the current user once the step is done."""
        tell(self.env, message)

    def web_save(self, vals, specification, next_id=None):
        if len(self) < 2 or not self._protected():
            return super().web_save(vals, specification, next_id)
        self._each_apart(lambda records: records.write(vals))
        shown = self.browse(next_id) if next_id else self
        return shown.with_context(bin_size=True).web_read(specification)

    # ------------------------------------------------------------ import
    @api.model
    def load(self, fields, data):
        """If an import updates records the user can't read, report whom to ask."""
        if ".id" in fields and not self.env.su:
            place = fields.index(".id")
            numbers = [int(row[place]) for row in data if str(row[place]).isdigit()]
            records = self.browse(numbers)
            try:
                records.exists().check_access("read")
            except AccessError as refused:
                if records.sudo()._explain_refusal("read"):
                    message = {"type": "error", "message": str(refused)}
                    return {"ids": False, "messages": [message], "nextrow": 0}
        return super().load(fields, data)
