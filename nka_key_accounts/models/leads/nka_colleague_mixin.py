from odoo import api, models
from odoo.exceptions import AccessError, UserError

from ..accounts.asking import tell
from ..trail.roles import SUPERVISOR


class ColleagueMixin(models.AbstractModel):
    """Lists in which some records belong to key accounts and the others to everybody.

    What is done to several records at once is done to those where it may be, and the
    person reads which were left as they are.
    """

    _name = "nka.colleague.mixin"
    _description = "Batch actions on lists that include key accounts"

    def _protected(self):
        """Hook: those of these records that the acting person may be refused."""
        return self.browse()

    # ------------------------------------------------------------ batches
    def _each_apart(self, step):
        """Take a step on all records, or, where key accounts' are among them and one is
        refused, on the others together and on each of those by itself.

        :param step: called with records; what it returns for the last ones is returned
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
        """Name the records that stay as they were, with the reason of the first."""
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
        """Show a message to the acting person once the step is done."""
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
        """An import of changes says of a record that can't be read whom to ask."""
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

    # ------------------------------------------------------------ export
    def export_data(self, fields_to_export):
        """Leave records of key accounts out, say how many, and whom to ask for them.

        :raise AccessError: when nothing else is left
        """
        apart = self._kept_from_export()
        if not apart:
            return super().export_data(fields_to_export)
        if apart == self:
            # In the words and with the event of what guards these records.
            return super().export_data(fields_to_export)
        self._tell(
            self.env._(
                "%(count)s of %(all)s records belong to key accounts and weren't "
                "exported. Ask a supervisor for them: %(people)s.",
                count=len(apart),
                all=len(self),
                people=apart._name_exporters(),
            )
        )
        return super(ColleagueMixin, self - apart).export_data(fields_to_export)

    def _kept_from_export(self):
        """Those of these records that a supervisor exports, for anybody else."""
        if self.env.su or self._is_inside() or self._may_export():
            return self.browse()
        return self.exists().sudo()._key_records().with_env(self.env)

    def _name_exporters(self):
        users = self.env["res.users"]
        return users._nka_name_holders(SUPERVISOR, self.env.company)
