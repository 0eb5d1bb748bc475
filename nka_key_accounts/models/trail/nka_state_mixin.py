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
    """Mixin for models whose ``state`` changes only through ``action_*`` methods.

    Every change is logged in the audit trail. The inheriting model defines ``state`` (a
    Selection) and calls :meth:`_move_to` from its actions; the guard refuses all other
    writes to it.
    """

    _name = "nka.state.mixin"
    _inherit = ["nka.guard.mixin"]
    _description = "Status changed only by actions"

    _guarded_fields = ("state",)
    _audit_kinds = {"state": _lt("Status")}

    #: Actions that need a reason: method name -> window title.
    _reason_actions = {}
    #: Whether creating a record is logged too: by this mixin, or by the model itself.
    _audit_creation = False
    _audit_own_creation = False
    #: States in which records can be deleted, besides their initial state.
    _removable_states = ()
    #: Whether events store the hash of the files present at that moment, which can
    #: differ from the hash stored on the record.
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
        """Return the records created by our own code in another than the initial state.

        Their creation is logged, so that every such state is explained by an event.
        """
        if self._audit_own_creation or "state" not in self._fields:
            return self.browse()
        first = self._initial_value("state")
        return self.filtered(lambda record: record.state != first)

    def _creation_note(self):
        """Hook: return the note for the event of a new record."""

    def _move_to(self, state, note=False, **vals):
        """Set the state (with further guarded values) and log it in the audit trail.

        :param str state: the new key of the selection
        :param str note: reason or comment entered by the user
        :param vals: other fields changed by the same step
        :raise UserError: if the note is blank
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
        if "message_ids" in self._fields:
            # Two people's steps in one transaction are posted as one change of state,
            # which is the last one's and not the first one's.
            self._track_set_author(self.env.user.partner_id)
        self.env["nka.audit.event"]._append(entries)

    def _event_digest(self):
        """Hook: return the hash of the record's files, stored with every step."""
        return

    def _check_state(self, *states):
        """Refuse records in other states; the error names their status."""
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
        """Refuse unless the current user belongs to a group.

        Checks ``env.user``, not ``env.su``: code that runs as superuser on behalf of a
        user must not give that user more rights to decide.
        """
        if not self.env.user.has_group(group):
            raise AccessError(message)

    def _check_supervisor(self):
        self._check_group(
            SUPERVISOR,
            self.env._("Only a key account supervisor can do this. Ask one of them."),
        )

    def _makers(self):
        """Return the users who created, edited or submitted the record.

        They can't approve it.

        :rtype: res.users
        """
        self.ensure_one()
        return self.create_uid

    def _check_not_maker(self):
        """Enforce segregation of duties: users can't approve their own work, whatever
        their access rights.
        """
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
        """Open the audit events of these records."""
        self.check_access("read")
        return self.env["nka.audit.event"]._action_of(self)

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Add the audit trail button to the form view of every inheriting model."""
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
        """Open the reason wizard; it calls ``action`` with the reason entered."""
        return self.env["nka.reason.wizard"]._ask(self, action)
