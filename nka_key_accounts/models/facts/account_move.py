from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import AccessError
from odoo.tools import LazyTranslate

from ..trail.roles import ROLES

_lt = LazyTranslate(__name__)
#: Prefixes of the computed amount fields that credits are calculated from, in any
#: currency.
_AMOUNTS = ("amount_untax", "amount_total")
#: Dates of a posted document. Odoo protects them unless ``skip_readonly_check`` is in
#: the context.
_DAYS = frozenset({"invoice_date", "date"})


class AccountMove(models.Model):
    """Protect the client and the amounts of invoices, which decide who is
    credited and with how much, and log postings by users who are credited for the
    client.
    """

    _inherit = "account.move"
    _audit_kinds = {"own_posting": _lt("Posted by the person paid for it")}

    def _record_own_posting(self):
        """Log that the current user posted entries of clients they have a share in.

        Entries have no field for the user who posted them, and accounting rights are
        granted freely.
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
        # Users who can write entries can post them through ``state`` as well.
        posted = self.filtered(lambda move: move.state != "posted")
        result = super().write(vals)
        for user, moves in posted._by_poster().items():
            if any(user.has_group(role) for role in ROLES):
                moves.with_user(user).sudo()._record_own_posting()
        return result

    def _by_poster(self):
        """Return the entries by the user responsible for their posting.

        That is the current user. Entries that the system posts on their date belong to
        the users who scheduled them.

        :rtype: dict[res.users, account.move]
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
        """Raise if entries are given to another client than that of their contact.

        Odoo lets users overwrite the computed client, and with a context key even the
        contact of a posted entry.
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
        """Raise if amounts of a customer document, or dates of a posted one, change.

        Odoo computes the amounts from the lines, but lets users overwrite them,
        unnoticed by the user who posts the document.
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
        """Return whether writing ``value`` would change a protected field."""
        if not self.is_sale_document(include_receipts=True):
            return False
        if name in _DAYS:
            return self.state == "posted" and self[name] != fields.Date.to_date(value)
        if self._fields[name].type != "monetary":
            return False
        return self.currency_id.compare_amounts(self[name], value or 0) != 0
