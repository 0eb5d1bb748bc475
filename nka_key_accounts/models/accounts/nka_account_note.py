from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..trail.roles import SUPERVISOR


class AccountNote(models.Model):
    """A note about a client that remains when the manager changes.

    It belongs to the account and passes to the next manager with it. Only supervisors
    can delete notes, and all earlier versions are kept.
    """

    _name = "nka.account.note"
    _description = "Account note"
    _inherit = ["nka.account.item.mixin"]
    _order = "is_pinned desc, date desc, id desc"

    name = fields.Char("Subject", required=True)
    kind = fields.Selection(
        [
            ("business", "Their business"),
            ("people", "Their people"),
            ("decision", "How they decide"),
            ("working", "How we work together"),
            ("trap", "Pitfalls"),
        ],
        "Topic",
        default="business",
        required=True,
    )
    body = fields.Html("Note", required=True)
    is_pinned = fields.Boolean("Pinned")
    key_account_id = fields.Many2one(
        "nka.key.account", "Key account", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="key_account_id.company_id", store=True, index=True
    )
    author_id = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        default=lambda self: self.env.uid,
        ondelete="restrict",
    )
    date = fields.Date(
        "Last changed", readonly=True, required=True, default=fields.Date.context_today
    )
    active = fields.Boolean(default=True)
    current_id = fields.Many2one(
        "nka.account.note",
        "Newer version",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    earlier_ids = fields.One2many(
        "nka.account.note",
        "current_id",
        "Earlier versions",
        context={"active_test": False},
    )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        if self.env.su:
            return super().create(vals_list)
        fixed = {
            "current_id": False,
            "author_id": self.env.uid,
            "date": fields.Date.context_today(self),
        }
        return super().create([{**vals, **fixed} for vals in vals_list])

    def write(self, vals):
        self._check_wording_kept(vals)
        changed = self.filtered(
            lambda note: any(
                name in vals and vals[name] != note[name] for name in ("name", "body")
            )
        )
        changed._keep_wording()
        if changed:
            today = fields.Date.context_today(self)
            super(AccountNote, changed.sudo()).write(
                {"author_id": self.env.uid, "date": today}
            )
        return super().write(vals)

    def _check_wording_kept(self, vals):
        fixed = {"author_id", "date", "current_id"} & vals.keys()
        if fixed and not self.env.su:
            raise AccessError(
                self.env._(
                    "The author and date of a note are set automatically. Change its "
                    "text instead."
                )
            )
        if self.sudo().current_id:
            raise AccessError(
                self.env._(
                    "This is an earlier version and can't be changed. Change the "
                    "current note instead."
                )
            )

    def _keep_wording(self):
        """Save the current version as an archived note before it changes."""
        kept = [
            {
                "name": note.name,
                "kind": note.kind,
                "body": note.body,
                "key_account_id": note.key_account_id.id,
                "author_id": note.author_id.id,
                "date": note.date,
                "active": False,
                "current_id": note.id,
            }
            for note in self.sudo()
        ]
        return self.sudo().create(kept)

    @api.ondelete(at_uninstall=False)
    def _check_unlink(self):
        if not self.env.user.has_group(SUPERVISOR):
            raise AccessError(
                self.env._(
                    "Notes stay with the client, so only a supervisor can delete one. "
                    "Archive an outdated note instead."
                )
            )
