from lxml import etree

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import LazyTranslate

from .roles import ADMIN, SUPERVISOR

_lt = LazyTranslate(__name__)

TRAIL_BUTTON = {
    "name": "action_open_trail",
    "type": "object",
    "class": "oe_stat_button",
    "icon": "fa-history",
    "groups": f"{SUPERVISOR},{ADMIN}",
    "invisible": "not id",
}


class StateMixin(models.AbstractModel):
    """A record whose state moves by ``action_*`` methods and leaves a trail.

    The inheriting model defines ``state`` (a Selection) and calls :meth:`_move_to` from its
    actions; the guard refuses every other way to write it.
    """

    _name = "nka.state.mixin"
    _inherit = ["nka.guard.mixin"]
    _description = "Status changed only by actions"

    _guarded_fields = ("state",)
    _audit_kinds = {"state": _lt("Status")}

    #: Actions that need a reason: method name -> title of the question.
    _reason_actions = {}
    #: Whether making a record is an event, too: recorded here, or by the model itself.
    _audit_creation = False
    _audit_own_creation = False
    #: Statuses in which records may be deleted, besides their first one.
    _removable_states = ()
    #: Whether events keep the digest of the files that are there at the moment, which
    #: needn't be the one that the record keeps.
    _audit_digest_varies = False

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        told = records if self._audit_creation else records._made_in_a_later_state()
        if told:
            self.env["nka.audit.event"]._record(
                told,
                "state",
                new=lambda record: record.state,
                note=lambda record: record._creation_note(),
            )
        return records

    def _made_in_a_later_state(self):
        """Records that our own code made in another state than the first: nothing is
        there without an event that says how it came there.
        """
        if self._audit_own_creation or "state" not in self._fields:
            return self.browse()
        first = self._initial_value("state")
        return self.filtered(lambda record: record.state != first)

    def _creation_note(self):
        """Hook: what the event of a new record tells of it."""

    def _move_to(self, state, note=False, **vals):
        """Set the state (with further guarded values) and record it in the trail.

        :param str state: the new key of the selection
        :param str note: what the person said about it (reason, comment)
        :param vals: other fields changed by the same step
        """
        entries = [
            self.env["nka.audit.event"]._prepare_entry(
                record,
                "state",
                old=record.state,
                new=state,
                note=note,
                digest=vals.get("digest") or record._event_digest(),
            )
            for record in self
        ]
        self._unlocked().write({"state": state, **vals})
        self.env["nka.audit.event"]._append(entries)

    def _event_digest(self):
        """Hook: digest over the record's files, kept with every step."""
        return

    def _check_state(self, *states):
        """Refuse when a record isn't in one of ``states``; says where it is."""
        selection = dict(self._fields["state"]._description_selection(self.env))
        for record in self:
            if record.state not in states:
                raise UserError(
                    self.env._(
                        "%(record)s is “%(state)s”. This action is available only in "
                        "status %(expected)s.",
                        record=record.display_name,
                        state=selection[record.state],
                        expected=" / ".join(f"“{selection[key]}”" for key in states),
                    )
                )

    def _check_group(self, group, message):
        """Refuse unless the acting person (never the superuser flag) is in a group.

        ``env.user`` is asked, not ``env.su``: code that runs as superuser on
        behalf of somebody keeps that somebody's rights to decide.
        """
        if not self.env.user.has_group(group):
            raise AccessError(message)

    def _check_supervisor(self):
        self._check_group(
            SUPERVISOR,
            self.env._("Only a key account supervisor can do this. Ask one of them."),
        )

    def _makers(self):
        """Users who made, edited or submitted the record; they can't approve it.

        :rtype: res.users
        """
        self.ensure_one()
        return self.create_uid

    def _check_not_maker(self):
        """Segregation of duties: nobody approves their own work, whatever their rights."""
        for record in self.sudo():
            if self.env.user in record._makers():
                raise AccessError(
                    self.env._(
                        "You worked on %(record)s or your pay depends on it, so another "
                        "supervisor has to approve it.",
                        record=record.display_name,
                    )
                )

    # ------------------------------------------------------------ trail
    def action_open_trail(self):
        """Open what the audit trail knows of these records."""
        self.check_access("read")
        return self.env["nka.audit.event"]._action_of(self)

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Put the button to the audit trail on the form of every inheriting model."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "form":
            self._add_trail_button(arch)
        return arch, view

    @api.model
    def _add_trail_button(self, arch):
        boxes = arch.xpath("//div[@name='button_box']")
        if not boxes or arch.xpath("//button[@name='action_open_trail']"):
            return
        button = etree.SubElement(boxes[0], "button", TRAIL_BUTTON)
        button.set("string", self.env._("Audit trail"))

    def _ask_reason(self, action):
        """Open the question for a reason, then ``action`` runs with the answer."""
        return self.env["nka.reason.wizard"]._ask(self, action)
