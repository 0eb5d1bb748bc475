from odoo import api, fields, models
from odoo.exceptions import AccessError

from . import look_back


class DepartureFigure(models.Model):
    """One line of the look-back: what a leaver did, beside their habit and their peers.

    Written by the system when the departure is opened and every night until the person
    has left.
    """

    _name = "nka.departure.figure"
    _description = "Look-back at a leaver"
    _log_access = False
    _order = "departure_id, sequence, id"
    _rec_name = "kind"

    departure_id = fields.Many2one(
        "nka.departure", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="departure_id.company_id")
    sequence = fields.Integer(readonly=True)
    kind = fields.Selection(
        [
            ("read", "Records read"),
            ("print", "Records printed"),
            ("export", "Records exported"),
            ("mail", "Emails sent with files"),
            ("export_event", "Exports and prints of several records"),
            ("file_sent", "Files sent or copied"),
            ("redirect", "Contacts and leads redirected"),
            ("refused", "Refused attempts and alerts"),
        ],
        "What",
        required=True,
        readonly=True,
    )
    total = fields.Integer("In these days", readonly=True)
    usual = fields.Float(
        "Own usual",
        digits=(16, 0),
        readonly=True,
        help="Day totals: their own median of a day, times the days recorded. Events of "
        "the audit trail: their own number in as many days before.",
    )
    has_usual = fields.Boolean("Has a usual number", readonly=True)
    peers = fields.Float(
        "Peers' median",
        digits=(16, 0),
        readonly=True,
        help="Median of colleagues with the same role in the same days. For information: "
        "it doesn't decide what stands out.",
    )
    most = fields.Integer(
        "Most in three days",
        readonly=True,
        help="Largest sum of three days in a row.",
    )
    most_from = fields.Date("First of these days", readonly=True)
    usual_most = fields.Float("Usual in three days", digits=(16, 0), readonly=True)
    ratio = fields.Float("Times the usual", digits=(16, 1), readonly=True)
    is_unusual = fields.Boolean("Stands out", readonly=True)

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        self._check_system()
        return super().create(vals_list)

    def write(self, vals):
        self._check_system()
        return super().write(vals)

    def unlink(self):
        self._check_system()
        return super().unlink()

    # ------------------------------------------------------------ checks
    @api.model
    def _check_system(self):
        if not self.env.su:
            raise AccessError(
                self.env._(
                    "The look-back is calculated by the system and can't be changed."
                )
            )

    # ------------------------------------------------------------ business
    @api.model
    def _replace(self, departure, figures, multiple):
        """Store the figures of a departure.

        :param figures: list of :class:`.look_back.Figure`
        :param float multiple: multiple of the usual above which a figure stands out
        """
        departure.figure_ids.unlink()
        return self.create(
            [
                {
                    "departure_id": departure.id,
                    "sequence": look_back.KINDS.index(figure.kind),
                    "kind": figure.kind,
                    "total": figure.total,
                    "usual": figure.usual or 0,
                    "has_usual": figure.usual is not None,
                    "peers": figure.peers or 0,
                    "most": figure.most,
                    "most_from": figure.most_from,
                    "usual_most": figure.usual_most or 0,
                    "ratio": figure.ratio,
                    "is_unusual": bool(multiple and figure.ratio > multiple),
                }
                for figure in figures
            ]
        )
