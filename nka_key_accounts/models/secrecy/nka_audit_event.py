from odoo import api, fields, models
from odoo.fields import Domain


class AuditEvent(models.Model):
    """Number of a print, as it stands on each printed page.

    It is the id of the print's first event: known before the page is printed, unique in
    all companies, and protected by the database like the rest of the event.
    """

    _inherit = "nka.audit.event"

    print_number = fields.Char(
        "Print no.", compute="_compute_print_number", search="_search_print_number"
    )

    # ------------------------------------------------------------ compute
    @api.depends("kind", "new")
    def _compute_print_number(self):
        for event in self:
            is_print = event.kind == "print"
            event.print_number = is_print and (event.new or str(event.id))

    @api.model
    def _search_print_number(self, operator, value):
        if operator not in ("in", "ilike", "=ilike"):
            return NotImplemented
        texts = [value] if isinstance(value, str) else list(value)
        texts = [str(text).strip() for text in texts]
        ids = [int(text) for text in texts if text.isdecimal()]
        return Domain("kind", "=", "print") & (
            Domain("new", "in", texts)
            | Domain("new", "=", False) & Domain("id", "in", ids)
        )

    # ------------------------------------------------------------ access
    @api.model
    def _needs_regime(self):
        """Return True, as events say what changed at which client."""
        return True

    # ------------------------------------------------------------ business
    @api.model
    def _append_print(self, records, note):
        """Append the events of one print, one for each record and key account.

        The access register of each account finds the number by its own event.

        :param records: the records printed; the user's own, if it has none
        :param str note: name of the report
        :return: number of the print
        :rtype: int
        """
        first, *others = [
            entry for record in records for entry in self._prepare_prints(record, note)
        ]
        self._append([first])
        self.env.cr.execute(
            "SELECT currval(pg_get_serial_sequence('nka_audit_event', 'id'))"
        )
        [number] = self.env.cr.fetchone()
        self._append([{**entry, "new": str(number)} for entry in others])
        return number

    @api.model
    def _prepare_prints(self, record, note):
        entry = self._prepare_entry(record, "print", note=note)
        accounts = self.env["nka.secrecy.access"]._accounts_of(record)
        if entry["key_account_ref"] or not accounts:
            return [entry]
        return [{**entry, "key_account_ref": account.id} for account in accounts]
