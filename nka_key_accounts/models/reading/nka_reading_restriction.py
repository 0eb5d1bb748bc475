from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import LazyTranslate, format_date

from ..trail.frozen_rows import frozen
from ..trail.roles import SUPERVISOR

_lt = LazyTranslate(__name__)

#: What was decided; it can't be changed afterwards.
DECIDED_FIELDS = (
    "user_id",
    "company_id",
    "date_from",
    "told",
    "stopped",
    "is_export_closed",
    "is_print_closed",
    "reason",
    "res_model",
    "res_id",
)


class ReadingRestriction(models.Model):
    """Stricter rules for the reading of one person from a day on.

    Made by other records, such as a departure; lifted by a supervisor or by them. Its
    multiples of the baseline apply while day totals are kept. Closed exports and prints
    don't need them.
    """

    _name = "nka.reading.restriction"
    _description = "Reading restriction"
    _inherit = ["nka.state.mixin"]
    _order = "date_from desc, id desc"
    _rec_name = "user_id"

    _guarded_fields = (*DECIDED_FIELDS, "state", "date_to")
    _audit_kinds = {"reading_restricted": _lt("Reading restriction")}
    _audit_readers = "record"
    _audit_creation = True
    _reason_actions = {"action_lift": _lt("Why is the restriction lifted?")}

    user_id = fields.Many2one(
        "res.users",
        "Person",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    date_from = fields.Date("Since", required=True, readonly=True)
    date_to = fields.Date("Lifted on", readonly=True)
    told = fields.Float(
        "Supervisors are told at (times the baseline)",
        digits=(16, 1),
        readonly=True,
        help="0 = as set for the company.",
    )
    stopped = fields.Float(
        "Reading stops at (times the baseline)",
        digits=(16, 1),
        readonly=True,
        help="0 = as set for the company.",
    )
    is_export_closed = fields.Boolean("No exports", readonly=True)
    is_print_closed = fields.Boolean("No prints", readonly=True)
    reason = fields.Text(required=True, readonly=True)
    res_model = fields.Char("Decided in (model)", readonly=True)
    res_id = fields.Many2oneReference(
        "Decided in", model_field="res_model", readonly=True
    )
    state = fields.Selection(
        [("in_force", "In force"), ("lifted", "Lifted")],
        default="in_force",
        required=True,
        readonly=True,
    )

    @api.model
    def _guards(self):
        return [
            *super()._guards(),
            *frozen(self._table, "TRUE", DECIDED_FIELDS, "UPDATE"),
        ]

    # ------------------------------------------------------------ compute
    @api.depends("user_id", "date_from")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for restriction in self:
            restriction.display_name = self.env._(
                "%(person)s, from %(day)s",
                person=restriction.sudo().user_id.name,
                day=format_date(self.env, restriction.date_from),
            )

    # ------------------------------------------------------------ checks
    def _check_closed(self, numbers):
        """Refuse exports and prints of the person if they are closed.

        :param dict numbers: number of records by kind
        """
        closed = [
            ("export", any(self.mapped("is_export_closed"))),
            ("print", any(self.mapped("is_print_closed"))),
        ]
        if any(kind in numbers and is_closed for kind, is_closed in closed):
            self.env["nka.audit.event"]._append_refusal(
                self[:1], "reading_restricted", note=self.env._("Refused")
            )
            raise AccessError(
                self.env._(
                    "Exports and prints of key account data are closed for you from "
                    "%(day)s on. Ask your supervisor for the document you need.",
                    day=format_date(self.env, min(self.mapped("date_from"))),
                )
            )

    def _check_lifter(self):
        for restriction in self.sudo():
            user = self.env.user
            if user == restriction.user_id or not user.has_group(SUPERVISOR):
                raise AccessError(
                    self.env._(
                        "Only a supervisor other than %s can lift this restriction.",
                        restriction.user_id.name,
                    )
                )

    # ------------------------------------------------------------ actions
    def action_lift(self, reason=None):
        """Lift restrictions from now on, as a supervisor other than the person.

        :param str reason: for the audit trail; a wizard asks for it if missing
        """
        self.check_access("read")
        self._check_lifter()
        self._check_state("in_force")
        if not reason:
            return self._ask_reason("action_lift")
        self.sudo()._lift(reason)
        return True

    # ------------------------------------------------------------ business
    @api.model
    def _restrict(
        self,
        user,
        date_from,
        reason,
        told=0,
        stopped=0,
        exports=False,
        prints=False,
        source=None,
    ):
        """Restrict the reading of a person from a day on.

        :param res.users user: the person
        :param date date_from: first day
        :param str reason: for the audit trail
        :param float told: multiple of the baseline at which supervisors are told
        :param float stopped: multiple at which reading stops; 0: as the company set it
        :param bool exports: whether exports are refused
        :param bool prints: whether prints are refused
        :param source: record that decided it
        :return: the restriction, as superuser
        """
        vals = {
            "user_id": user.id,
            "company_id": user._nka_home_company().id,
            "date_from": date_from,
            "told": told,
            "stopped": stopped,
            "is_export_closed": exports,
            "is_print_closed": prints,
            "reason": reason,
            "res_model": source._name if source else False,
            "res_id": source.id if source else False,
        }
        return self.sudo()._unlocked().create([vals])

    def _creation_note(self):
        return self.reason

    def _lift(self, reason):
        """End restrictions today, with an event in the audit trail."""
        today = fields.Date.context_today(self)
        self._move_to("lifted", note=reason, date_to=today)

    @api.model
    def _of_source(self, record):
        """Return the restrictions in force that a record has decided, as superuser."""
        return self.sudo().search(
            [
                ("res_model", "=", record._name),
                ("res_id", "in", record.ids),
                ("state", "=", "in_force"),
            ]
        )

    @api.model
    def _in_force(self, user, day):
        """Return the restrictions of a person on a day, as superuser."""
        return self.sudo().search(
            Domain("user_id", "=", user.id)
            & Domain("state", "=", "in_force")
            & Domain("date_from", "<=", day)
        )

    def _tighten(self, policy):
        """Return a policy with the smallest of its multiples and these.

        :type policy: Policy
        """
        return policy._replace(
            told=min(filter(None, [policy.told, *self.mapped("told")]), default=0),
            stopped=min(
                filter(None, [policy.stopped, *self.mapped("stopped")]), default=0
            ),
        )
