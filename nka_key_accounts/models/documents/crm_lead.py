"""The approval gate of key deals: a deal enters a stage with what it requires, or not at
all. What happens to such a deal on its way is kept in the audit trail.
"""

from typing import NamedTuple

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.fields import Domain
from odoo.tools import LazyTranslate

from ..trail.opening import open_action, open_records
from ..trail.permits import find_permit, granted
from ..trail.roles import SUPERVISOR

_lt = LazyTranslate(__name__)

#: Field of the deal -> kind of event.
COURSE = {
    "stage_id": "stage",
    "expected_revenue": "amount",
    "won_status": "outcome",
    "is_vip": "vip",
}

MOVERS = {"stage_id", "expected_revenue", "active", "probability", "is_vip"}


class CrmLead(models.Model):
    """Documents of a deal, the gates before its stages, and its events."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "nka.read.mixin"]
    _audit_kinds = {
        "gate": _lt("Gate refused"),
        "gate_pass": _lt("Let through the gate"),
        "stage": _lt("Stage of a deal"),
        "amount": _lt("Expected revenue"),
        "outcome": _lt("Won or lost"),
        "vip": _lt("VIP lead"),
    }

    nka_document_ids = fields.One2many("nka.document", "lead_id", "Documents")
    nka_document_count = fields.Integer(
        "Number of documents", compute="_compute_nka_document_count"
    )
    gate_message = fields.Text(
        "Missing for the next stage", compute="_compute_gate_message"
    )

    @api.depends("nka_document_ids")
    def _compute_nka_document_count(self):
        groups = (
            self.env["nka.document"]
            .sudo()
            ._read_group([("lead_id", "in", self.ids)], ["lead_id"], ["__count"])
        )
        counts = {lead.id: count for lead, count in groups}
        for lead in self:
            lead.nka_document_count = counts.get(lead._origin.id, 0)

    @api.depends("stage_id", "key_account_id", "is_vip", "nka_document_ids.state")
    def _compute_gate_message(self):
        self.gate_message = False
        for lead in self._gated():
            stage = lead._next_stage()
            if missing := lead._missing_for(stage):
                lead.gate_message = lead._missing_message(stage, missing)

    def _next_stage(self):
        self.ensure_one()
        teams = [False, *self.team_id.ids]
        later = [("sequence", ">", self.stage_id.sequence), ("team_ids", "in", teams)]
        return self.env["crm.stage"].sudo().search(later, order="sequence, id", limit=1)

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        for stage, entering in leads._gated().grouped("stage_id").items():
            entering._check_gate(stage)
        return leads

    def write(self, vals):
        moves = not vals.keys().isdisjoint(MOVERS)
        gated = self._gated() if moves else self.browse()
        before = gated._prepare_course()
        if vals.get("stage_id") and not self._is_let_through(vals["stage_id"]):
            stage = self.env["crm.stage"].browse(vals["stage_id"])
            gated.filtered(lambda lead: lead.stage_id != stage)._check_gate(stage)
        if not vals.get("is_vip", True):
            self._check_may_drop_vip()
        result = super().write(vals)
        gated._record_course(before)
        return result

    # ------------------------------------------------------------ actions
    def action_open_documents(self):
        """Open the documents of this deal and those of its account."""
        self.ensure_one()
        return open_action(
            self.env,
            "nka_document_action",
            domain=[("lead_id", "=", self.id)],
            context={"default_lead_id": self.id},
        )

    def action_submit_documents(self):
        """Submit all drafts of these deals that have a file.

        Drafts without a type take the one that the next stage misses.

        :return: what was done, or the list when something is left to say
        """
        self.ensure_one()
        drafts = self.nka_document_ids.filtered(
            lambda row: row.state in ("draft", "returned") and row.attachment_ids
        )
        if not drafts:
            return self.action_open_documents()
        missing = self._missing_for(self._next_stage()).types
        for document, kind in zip(
            drafts.filtered(lambda row: not row.type_id), missing
        ):
            document.type_id = kind
        drafts.action_submit()
        return True

    def action_open_course(self):
        """Open the course of this deal in the audit trail."""
        self.ensure_one()
        return self.env["nka.audit.event"]._action_of(self)

    # ------------------------------------------------------------ gate
    def _key_records(self):
        return self._gated()

    def _gated(self):
        """Deals that meet the gate: VIP leads and those of key accounts.

        Costs nothing for others.
        """
        vips = self.sudo().filtered("is_vip").with_env(self.env)
        return vips | self._of_key_accounts()

    def _is_let_through(self, stage_id):
        """Whether a supervisor lets these deals into this stage right now."""
        return bool(find_permit("gate", self, [{"stage_id": stage_id}]))

    def _check_gate(self, stage):
        """Refuse a move into ``stage``, naming what is missing."""
        for lead in self:
            if missing := lead._missing_for(stage):
                lead._refuse_gate(stage, missing)

    def _check_may_drop_vip(self):
        """Without its mark a VIP lead would pass every gate; a confirmed origin keeps it
        by itself.
        """
        if self.env.uid == SUPERUSER_ID or self.env.user.has_group(SUPERVISOR):
            return
        for lead in self:
            if lead.is_vip and lead.origin_state != "confirmed":
                raise AccessError(
                    self.env._(
                        "“%s” is a VIP lead until a supervisor takes the mark off. Ask "
                        "yours; nothing was changed.",
                        lead.display_name,
                    )
                )

    def _refuse_gate(self, stage, missing):
        message = self._missing_message(stage, missing)
        self.env["nka.audit.event"]._append_refusal(
            self,
            "gate",
            old=self.sudo().stage_id,
            new=stage.sudo(),
            note=", ".join(missing.words()),
        )
        raise GateClosed(message, *self._way_out(missing))

    def _missing_message(self, stage, missing):
        return self.env._(
            "“%(deal)s” can't enter “%(stage)s” yet. Missing: %(list)s.",
            deal=self.display_name,
            stage=stage.sudo().name,
            list=", ".join(missing.words()),
        )

    def _way_out(self, missing):
        """Action and label of the button that makes what is missing."""
        account, kind = self.sudo().key_account_id, missing.types[:1]
        if not kind:
            action = open_records(account, views=[(False, "form")])
            return action, self.env._("Open the account")
        # A document of the account serves all its deals.
        of_account = account and kind.applies_to == "account"
        link = {"default_key_account_id": account.id} if of_account else None
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("New document"),
            "res_model": "nka.document",
            "views": [(False, "form")],
            "view_mode": "form",
            "context": {
                **(link or {"default_lead_id": self.id}),
                "default_type_id": kind.id,
            },
        }
        return action, self.env._("Make “%s”", kind.name)

    def _missing_for(self, stage):
        """What this deal misses for a stage.

        :rtype: Missing
        """
        self.ensure_one()
        required = stage.sudo().nka_document_type_ids.filtered("active")
        others = []
        qualified = self.sudo().key_account_id.qualification_id
        if stage.sudo().requires_qualification and not qualified:
            others = [self.env._("an approved qualification")]
        missing = required - self._approved_types(required)
        return Missing(missing.with_env(self.env).sudo(), others)

    def _approved_types(self, types):
        """Types of which the deal, or its account, has a valid approved document."""
        if not types:
            return types
        today = fields.Date.context_today(self)
        about = Domain("lead_id", "=", self.id)
        if account := self.sudo().key_account_id:
            about |= (
                Domain("key_account_id", "=", account.id)
                & Domain("lead_id", "=", False)
                & Domain("type_id.applies_to", "!=", "lead")
            )
        valid = Domain("valid_until", "=", False) | Domain("valid_until", ">=", today)
        valid &= Domain("state", "=", "approved") & Domain("type_id", "in", types.ids)
        documents = self.env["nka.document"].sudo()
        return documents.search_fetch(about & valid, ["type_id"]).type_id

    # ------------------------------------------------------------ gate override
    def action_ask_let_through(self):
        """Open the question for the stage and the reason."""
        self.ensure_one()
        self._check_may_let_through()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Let through the gate"),
            "res_model": "nka.gate.pass",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_lead_id": self.id,
                "default_stage_id": self._next_stage().id,
            },
        }

    def action_let_through(self, stage_id, reason):
        """Move a deal into a stage once though something is missing, on record.

        :param int stage_id: the stage it enters now
        :param str reason: why
        :raise AccessError: for anybody but a supervisor who isn't its salesperson
        """
        self.ensure_one()
        self._check_may_let_through()
        if not (reason or "").strip():
            raise UserError(self.env._("Give the reason: it is kept with your name."))
        stage = self.env["crm.stage"].browse(stage_id)
        events = self.env["nka.audit.event"]
        entry = events._prepare_entry(
            self, "gate_pass", old=self.stage_id, new=stage, note=reason
        )
        vals = {"stage_id": stage.id}
        with granted("gate", self, [vals]):
            self.write(vals)
        events._append([entry])
        return True

    def _check_may_let_through(self):
        self._check_supervisor()
        lead = self.sudo()
        owners = lead.user_id | lead.key_account_id.manager_id
        if self.env.user in owners or self.env.uid == SUPERUSER_ID:
            raise AccessError(
                self.env._(
                    "The deal is your own: another supervisor may let it through."
                )
            )

    # ------------------------------------------------------------ course
    def _prepare_course(self):
        return {lead.id: {name: lead[name] for name in COURSE} for lead in self.sudo()}

    def _record_course(self, before):
        events = self.env["nka.audit.event"]
        after = self._prepare_course()
        events._append(
            [
                events._prepare_entry(
                    lead,
                    kind,
                    old=self._in_words(name, before[lead.id][name]),
                    new=self._in_words(name, after[lead.id][name]),
                )
                for lead in self
                for name, kind in COURSE.items()
                if lead._is_worth_telling(
                    name, before[lead.id][name], after[lead.id][name]
                )
            ]
        )

    def _in_words(self, name, value):
        if name != "won_status":
            return value
        return dict(self._fields[name]._description_selection(self.env)).get(value)

    def _is_worth_telling(self, name, old, new):
        """An amount counts from the company's share of change on."""
        if name != "expected_revenue":
            return old != new
        company = (self.sudo().company_id or self.env.company).sudo()
        return abs(new - old) * 100 > abs(old) * company.nka_amount_change


class GateClosed(UserError, RedirectWarning):
    """A deal misses something for its next stage.

    A UserError to code, imports and other clients; the browser shows it as a
    RedirectWarning, with a button that leads to what is missing.
    """

    def __init__(self, message, action, button_text):
        Exception.__init__(self, message, action, button_text, None)


# Odoo's own RedirectWarning is no UserError: imports and batches would show a traceback
# instead of words. The web client chooses the dialog with the button by this name alone.
GateClosed.__name__ = "RedirectWarning"
GateClosed.__module__ = "odoo.exceptions"


class Missing(NamedTuple):
    """What a deal misses for a stage."""

    types: object
    others: list

    def words(self):
        """Everything that is missing, in words."""
        return [*self.types.mapped("name"), *self.others]

    def __bool__(self):
        return bool(self.types or self.others)
