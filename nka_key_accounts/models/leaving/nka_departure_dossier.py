import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..trail.frozen_rows import frozen
from . import dossier

#: What is sealed; none of it can be changed afterwards.
SEALED = ("departure_id", "number", "purpose", "digest", "user_id", "date")


class DepartureDossier(models.Model):
    """Sealed dossier of a departure: a PDF whose hash is in the audit trail."""

    _name = "nka.departure.dossier"
    _description = "Departure dossier"
    _inherit = ["nka.guard.mixin"]
    _order = "departure_id, number desc"
    _rec_name = "file_name"
    _guarded_fields = (*SEALED, "file", "file_name")
    _company_fields = ("departure_id",)

    departure_id = fields.Many2one(
        "nka.departure", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="departure_id.company_id")
    number = fields.Integer(required=True, readonly=True)
    purpose = fields.Text("For whom and what", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Locked by", required=True, readonly=True)
    date = fields.Datetime("Locked on", required=True, readonly=True)
    digest = fields.Char("SHA-256 hash", required=True, readonly=True)
    # Handed out by ``_hand_out`` only, which records who got it.
    file = fields.Binary(
        "Dossier", readonly=True, attachment=True, groups=fields.NO_ACCESS
    )
    file_name = fields.Char("Output file name", readonly=True)

    _number_unique = models.Constraint(
        "UNIQUE(departure_id, number)",
        "Each dossier of a departure has its own number.",
    )

    @api.model
    def _guards(self):
        """Keep what is sealed, in the database as well."""
        return [*super()._guards(), *frozen(self._table, "TRUE", SEALED)]

    # ------------------------------------------------------------ CRUD
    @api.ondelete(at_uninstall=False)
    def _check_unlink(self):
        raise UserError(self.env._("Dossiers can't be deleted."))

    # ------------------------------------------------------------ sealing
    @api.model
    def _seal(self, departure, purpose):
        """Print a departure, seal the PDF and record its hash.

        :param str purpose: who has to decide, and about what
        :return: the new dossier
        """
        number = len(departure.sudo().dossier_ids) + 1
        content = dossier.render(departure, number, purpose)
        digest = hashlib.sha256(content).hexdigest()
        name = self.env._(
            "Departure %(person)s, dossier %(number)s.pdf",
            person=departure.sudo().employee_id.name,
            number=number,
        )
        sealed = (
            self.sudo()
            ._unlocked()
            .create(
                {
                    "departure_id": departure.id,
                    "number": number,
                    "purpose": purpose,
                    "user_id": self.env.uid,
                    "date": fields.Datetime.now(),
                    "digest": digest,
                    "file": base64.b64encode(content),
                    "file_name": name,
                }
            )
        )
        self.env["nka.audit.event"]._record(
            departure, "dossier", new=name, note=purpose, digest=digest
        )
        return sealed.with_env(self.env)

    def _contradiction(self):
        """Return what differs between the file and its hash; None if nothing does."""
        self.ensure_one()
        content = base64.b64decode(self.with_context(bin_size=False).file or b"")
        if hashlib.sha256(content).hexdigest() != self.digest:
            return self.env._("The file of “%s” differs from its hash.", self.file_name)
        return None

    def _check_reader(self):
        self.check_access("read")
        self.departure_id._check_decider()
        problem = self.sudo()._contradiction()
        if problem:
            raise AccessError(problem)

    def _hand_out(self):
        """Record that the current user gets the file; return the dossier as superuser."""
        self.ensure_one()
        self._check_reader()
        self.env["nka.audit.event"]._record(
            self.departure_id,
            "dossier",
            new=self.env._("Downloaded: %s", self.file_name),
            digest=self.digest,
        )
        return self.sudo()

    # ------------------------------------------------------------ actions
    def action_download(self):
        """Download the dossier; who did is recorded when the file is handed out."""
        self.ensure_one()
        self._check_reader()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/file/{self.file_name}"
            "?download=true",
            "target": "download",
        }
