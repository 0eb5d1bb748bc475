from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import AccessError
from odoo.tools import LazyTranslate

from ..trail.roles import ROLES

_lt = LazyTranslate(__name__)
#: What Odoo computes of a document and credits are worked out from, in any currency.
_AMOUNTS = ("amount_untax", "amount_total")
#: Days of a posted document, which Odoo keeps but for a key in the context.
_DAYS = frozenset({"invoice_date", "date"})


class AccountMove(models.Model):
    """Whose sale an invoice is follows from the contact it was posted for, and who posts
    what pays them is on record.
    """

    _inherit = "account.move"
    _audit_kinds = {"own_posting": _lt("Posted by the person paid for it")}

    def _record_own_posting(self):
        """Keep that the login posted invoices and money of clients they have a part in.

        An entry has no field for who posted it, and accounting rights are given freely.
        """
        clients = (self.partner_id | self.line_ids.partner_id).commercial_partner_id
        parts = self.env["nka.assignment"].sudo()
        parts = parts.search(
            [
                ("user_id", "=", self.env.uid),
                ("key_account_id.partner_id", "in", clients.ids),
            ]
        )
        accounts = parts.key_account_id.grouped("partner_id")
        events, entries = self.env["nka.audit.event"], []
        for move in self:
            involved = move.partner_id | move.line_ids.partner_id
            for client in involved.commercial_partner_id:
                if client in accounts:
                    entry = events._prepare_entry(move, "own_posting", new=move.name)
                    entries.append({**entry, "key_account_ref": accounts[client][0].id})
        events._append(entries)

    def write(self, vals):
        if not self.env.su:
            self._check_client_kept(vals)
            self._check_amounts_kept(vals)
        if vals.get("state") != "posted":
            return super().write(vals)
        # Odoo's action writes the status, and so may whoever writes entries.
        posted = self.filtered(lambda move: move.state != "posted")
        result = super().write(vals)
        for user, moves in posted._by_poster().items():
            if any(user.has_group(role) for role in ROLES):
                moves.with_user(user).sudo()._record_own_posting()
        return result

    def _by_poster(self):
        """Entries by whoever is responsible for their posting: the login; for what the
        system posts on its day, whoever scheduled it.
        """
        if self.env.uid != SUPERUSER_ID:
            return {self.env.user: self} if self else {}
        found = {}
        for move in self.filtered(lambda move: move.auto_post != "no"):
            people = (
                move.create_uid | move.write_uid | move.auto_post_origin_id.create_uid
            )
            for user in people:
                found[user] = found.get(user, self.browse()) | move
        return found

    def _check_client_kept(self, vals):
        """Refuse to give entries to another client than their contact's.

        The client is computed, and yet Odoo lets whoever may write an entry write over
        it; of a posted entry it lets them change the contact by a key in the context.
        """
        client_id = vals.get("commercial_partner_id")
        moved = self.browse()
        if client_id:
            moved = self.filtered(
                lambda move: move.partner_id.commercial_partner_id.id != client_id
            )
        if "partner_id" in vals and self.env.context.get("skip_readonly_check"):
            moved |= self.filtered(
                lambda move: (
                    move.state == "posted" and move.partner_id.id != vals["partner_id"]
                )
            )
        if moved:
            raise AccessError(
                self.env._(
                    "%s is posted, so its contact and client can't be changed. Reverse "
                    "it with a credit note and invoice the right client.",
                    moved[0].display_name,
                )
            )

    def _check_amounts_kept(self, vals):
        """Refuse to write what a customer document amounts to, and when a posted one was.

        Odoo works the amounts out of the lines, and lets whoever may write a document
        write over them: whoever posts it sees nothing of that.
        """
        kept = {name for name in vals if name.startswith(_AMOUNTS)}
        if self.env.context.get("skip_readonly_check"):
            kept |= _DAYS & vals.keys()
        for move in self if kept else ():
            if any(move._is_kept(name, vals[name]) for name in kept):
                raise AccessError(
                    self.env._(
                        "You can't change the amounts of %s directly, or its dates "
                        "while it is posted. Reset it to draft, change its lines or "
                        "dates, and post it again.",
                        move.display_name,
                    )
                )

    def _is_kept(self, name, value):
        """Whether a value would change what the document says."""
        if not self.is_sale_document(include_receipts=True):
            return False
        if name in _DAYS:
            return self.state == "posted" and self[name] != fields.Date.to_date(value)
        if self._fields[name].type != "monetary":
            return False
        return self.currency_id.compare_amounts(self[name], value or 0) != 0
