"""The approval gate: a key account deal enters a stage only with what it requires.
Changes of such deals are logged in the audit trail.
"""

from contextlib import contextmanager, nullcontext

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, LazyTranslate

from ..facts import calendars
from ..trail.base import as_a_whole
from ..trail.opening import open_action, open_records
from ..trail.permits import find_permit, granted
from ..trail.roles import SUPERVISOR
from .gate import GateClosed, Missing, Standing

_lt = LazyTranslate(__name__)

#: Kind of audit event by field of the deal.
COURSE = {
    "stage_id": "stage",
    "expected_revenue": "amount",
    "won_status": "outcome",
    "is_vip": "vip",
}

MOVERS = {"stage_id", "expected_revenue", "active", "probability", "is_vip"}
#: Fields that can bring a deal into a stage, or under the gate of its current stage.
ENTRANCES = {
    "stage_id",
    "active",
    "is_vip",
    "type",
    "partner_id",
    "company_id",
    "team_id",
    "user_id",
}
#: Fields that an assignment changes; the stage can follow the team.
ASSIGNED = {"team_id", "user_id", "date_open"}
REVIEW_GATE = "nka_key_accounts.mail_activity_type_gate_owed"


class CrmLead(models.Model):
    """Documents of a deal, the gates of its stages, and its audit events."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "nka.read.mixin"]
    _audit_kinds = {
        "gate": _lt("Blocked at the approval gate"),
        "gate_owed": _lt("In a stage without meeting its requirements"),
        "gate_pass": _lt("Gate override"),
        "stage": _lt("Deal stage"),
        "amount": _lt("Expected revenue"),
        "outcome": _lt("Deal won or lost"),
        "vip": _lt("VIP lead"),
    }

    nka_document_ids = fields.One2many("nka.document", "lead_id", "Documents")
    nka_document_count = fields.Integer(
        "Number of documents", compute="_compute_nka_document_count"
    )
    gate_message = fields.Text(
        "Required before the next stage", compute="_compute_gate_message"
    )
    is_gate_owed = fields.Boolean(
        "Gate not passed",
        compute="_compute_is_gate_owed",
        search="_search_is_gate_owed",
        compute_sudo=True,
        help="Key account deal or VIP lead in a stage whose requirements it never met, "
        "without a gate override.",
    )
    gate_owed_message = fields.Text(
        "Missing for this stage", compute="_compute_is_gate_owed", compute_sudo=True
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

    @api.depends("stage_id", "key_account_id", "is_vip", "nka_document_ids.state")
    def _compute_is_gate_owed(self):
        owed = self._gated()._owed()
        for lead in self:
            lead.is_gate_owed = lead._origin in owed
            missing = lead.is_gate_owed and lead._missing_for(lead.stage_id)
            lead.gate_owed_message = missing and self.env._(
                "Required for “%(stage)s”: %(list)s. %(advice)s",
                stage=lead.stage_id.name,
                list=", ".join(missing.words()),
                advice=lead._gate_advice(missing),
            )

    @api.model
    def _search_is_gate_owed(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._flush_gates()
        owed = Domain.custom(to_sql=lambda model, alias, _query: model._sql_owed(alias))
        if set(value) == {True, False}:
            return Domain.TRUE
        return owed if True in value else ~owed

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
        enters = not vals.keys().isdisjoint(ENTRANCES)
        moves = enters or not vals.keys().isdisjoint(MOVERS)
        gated = self._gated() if moves else self.browse()
        course = gated._prepare_course()
        if not vals.get("is_vip", True):
            self._check_may_drop_vip()
        if not enters:
            result = super().write(vals)
        else:
            # Before the write: Odoo adds to the values, and it uses up the permit.
            allowed = self._is_let_in(vals)
            assigned = self._is_assigned(vals)
            before = self._prepare_standing()
            kept = gated or self._may_come_under_gate(vals)
            with as_a_whole(self.env) if kept else nullcontext():
                result = super().write({**vals})
                self._check_entered(before, allowed, assigned)
        gated._record_course(course)
        return result

    # ------------------------------------------------------------ actions
    def action_open_documents(self):
        """Open the documents of this deal."""
        self.ensure_one()
        return open_action(
            self.env,
            "nka_document_action",
            domain=[("lead_id", "=", self.id)],
            context={"default_lead_id": self.id},
        )

    def action_submit_documents(self):
        """Submit all drafts of this deal that have a file.

        Drafts without a type get one that the next stage still requires.

        :return: True, or the action that opens the documents if there is no such draft
        """
        self.ensure_one()
        drafts = self.nka_document_ids.filtered(
            lambda row: row.state in ("draft", "returned") and row.attachment_ids
        )
        if not drafts:
            return self.action_open_documents()
        missing = self._missing_for(self._next_stage()).types.filtered(
            lambda kind: kind.applies_to != "account"
        )
        for document, kind in zip(
            drafts.filtered(lambda row: not row.type_id), missing
        ):
            document.type_id = kind
        drafts.action_submit()
        return True

    def action_open_course(self):
        """Open the events of this deal in the audit trail."""
        self.ensure_one()
        return self.env["nka.audit.event"]._action_of(self)

    def action_set_won(self):
        """Win deals. A lost deal goes straight to the stage of won deals: only the gate
        of that stage is checked, even if the deal was in it before.
        """
        lost = self.filtered(lambda lead: not lead.active)
        with granted("win", lost, [{"active": True}]) if lost else nullcontext():
            result = super().action_set_won()
        lost._gated()._check_stages()
        return result

    def action_open_owed(self):
        """Open the key account deals in stages whose gate they haven't passed."""
        self._check_supervisor()
        return open_action(self.env, "crm_lead_action_owed")

    def _with_course(self):
        return super()._with_course() | self.filtered("nka_document_ids")

    # ------------------------------------------------------------ gate
    def _key_records(self):
        return self._gated()

    def _key_domain(self):
        return Domain("is_vip", "=", True) | Domain("key_account_id.state", "=", "key")

    def _gated(self):
        """Return the deals under the gate: VIP leads and deals of key accounts.

        Other deals cost no query.
        """
        vips = self.sudo().filtered("is_vip").with_env(self.env)
        return vips | self._of_key_accounts()

    def _prepare_standing(self):
        """Return the state of these deals, to compare it after a write.

        :rtype: dict[int, Standing]
        """
        gated = set(self._gated()._ids)
        return {
            lead.id: Standing(
                lead.id in gated,
                lead.active,
                lead.sudo().stage_id,
                lead.sudo().key_account_id,
            )
            for lead in self
        }

    def _may_come_under_gate(self, vals):
        """Return whether ``vals`` can make these VIP leads or deals of a key account;
        other deals need no savepoint.
        """
        return bool(vals.get("is_vip")) or self._may_become_key(vals)

    def _is_let_in(self, vals):
        """Return whether this write is a supervisor's gate override, or restores deals
        that are being won and whose gate is checked afterwards.
        """
        return bool(
            find_permit("gate", self, [vals]) or find_permit("win", self, [vals])
        )

    def _check_entered(self, before, is_allowed, is_assigned):
        """Refuse a write that leaves deals in a stage without meeting its requirements.

        Handovers and assignments by the system aren't refused: the deals are listed for
        the supervisors instead.
        """
        come = self._gated().filtered(lambda lead: lead._has_entered(before[lead.id]))
        if not come:
            return
        moved = come.filtered(lambda lead: lead.stage_id != before[lead.id].stage)
        self.env["nka.gate.exception"]._end(moved)
        if is_allowed:
            return
        if is_assigned:
            come._tell_owed(self.env._("Assigned to another salesperson"))
            return
        for stage, leads in come.grouped("stage_id").items():
            leads._check_gate(stage, {lead.id: before[lead.id] for lead in leads})

    def _has_entered(self, before):
        """Return whether this write brought the deal under the gate of its stage."""
        self.ensure_one()
        return self.active and (
            not before.is_gated
            or not before.is_active
            or self.stage_id != before.stage
            or (self.sudo().key_account_id != before.account)
        )

    def _is_assigned(self, vals):
        """Return whether only the salesperson changes, by a handover or the system."""
        own = self._is_unlocked(vals) or self.env.uid == SUPERUSER_ID
        return own and vals.keys() <= ASSIGNED

    def _find_key_account(self):
        """Check the gates of deals whose contact moved to a key account."""
        before = self._gated()
        result = super()._find_key_account()
        come = (self._gated() - before).filtered("active")
        if not come:
            return result
        if self.env.uid == SUPERUSER_ID or self.env.user.has_group(SUPERVISOR):
            come._tell_owed(self.env._("The customer now belongs to a key account"))
            return result
        come._check_stages()
        return result

    def _check_stages(self):
        """Check the gates of the stages that these deals are in."""
        for stage, leads in self.grouped("stage_id").items():
            leads._check_gate(stage)

    def _check_gate(self, stage, before=None):
        """Refuse deals in ``stage`` that don't meet its requirements.

        :param dict before: states of the deals by id before they came under this gate
        :raise GateClosed: naming what is missing
        """
        excepted = self.env["nka.gate.exception"]._of(self)
        missing = self._missing_by_lead(stage)
        for lead in self:
            if missing[lead] and lead not in excepted:
                standing = before and before[lead.id]
                lead._refuse_gate(stage, missing[lead], standing)

    def _check_may_drop_vip(self):
        """Check that only a supervisor removes a VIP mark: a lead without it bypasses
        the gates. If the origin is confirmed, the mark is locked anyway.
        """
        if self.env.uid == SUPERUSER_ID or self.env.user.has_group(SUPERVISOR):
            return
        for lead in self:
            if lead.is_vip and lead.origin_state != "confirmed":
                raise AccessError(
                    self.env._(
                        "Only a supervisor can remove the VIP mark from “%(deal)s”. "
                        "Ask %(person)s.",
                        deal=lead.display_name,
                        person=lead._deciding_supervisor().name
                        or self.env._("a supervisor"),
                    )
                )

    def _refuse_gate(self, stage, missing, before=None):
        stays = before and before.stage == stage
        words = self._staying_message if stays else self._missing_message
        message = words(stage, missing)
        self.env["nka.audit.event"]._append_refusal(
            self,
            "gate",
            old=before.stage if before else self.sudo().stage_id,
            new=stage.sudo(),
            note=", ".join(missing.words()),
        )
        raise GateClosed(message, *self._way_out(missing))

    def _missing_message(self, stage, missing):
        return self.env._(
            "“%(deal)s” can't move to “%(stage)s” yet. Required: %(list)s. %(advice)s",
            deal=self.display_name,
            stage=stage.sudo().name,
            list=", ".join(missing.words()),
            advice=self._gate_advice(missing),
        )

    def _staying_message(self, stage, missing):
        return self.env._(
            "“%(deal)s” is in “%(stage)s”, and as an active key account deal or VIP "
            "lead it doesn't meet the requirements of this stage. Required: %(list)s. "
            "%(advice)s You can also move the deal to an earlier stage first.",
            deal=self.display_name,
            stage=stage.sudo().name,
            list=", ".join(missing.words()),
            advice=self._gate_advice(missing),
        )

    def _gate_advice(self, missing):
        """Name the users who can do what is missing."""
        reviewer = self._deciding_supervisor().name or self.env._("a supervisor")
        advice = [self.env._("Once it is submitted, %s can approve it.", reviewer)]
        account = self.sudo().key_account_id
        for kind in missing.types:
            if kind.applies_to == "account" and not account:
                advice.insert(
                    0,
                    self.env._(
                        "“%s” is a document of the client, so nominate the client as "
                        "a key account first.",
                        kind.name,
                    ),
                )
                break
        return " ".join(advice)

    def _way_out(self, missing):
        """Return the action and label of the button that opens what is missing."""
        account, kind = self.sudo().key_account_id, missing.types[:1]
        if account and not self.env["nka.document"].has_access("create"):
            asked = self.env["nka.help.request"]._action_ask(self, False)
            return asked, self.env._("Ask %s", account._user_to_tell().name or "")
        if not kind:
            action = open_records(account or self, views=[(False, "form")])
            label = self.env._("Open account")
            return action, label if account else self.env._("Open deal")
        if kind.applies_to == "account" and not account:
            action = open_records(self, views=[(False, "form")])
            return action, self.env._("Open deal")
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
        return action, self.env._("Create “%s”", kind.name)

    def _missing_for(self, stage):
        """Return what this deal lacks for a stage.

        :rtype: Missing
        """
        self.ensure_one()
        return self._missing_by_lead(stage)[self]

    def _missing_by_lead(self, stage):
        """Return what each of these deals lacks for a stage, with two queries in total.

        :rtype: dict[crm.lead, Missing]
        """
        required = stage.sudo().nka_document_type_ids.filtered("active")
        approved = self._approved_types(required)
        asks = stage.sudo().requires_qualification
        qualified = self.sudo().filtered("qualification_id") if asks else self
        return {
            lead: Missing(
                (required - approved[lead]).with_env(self.env).sudo(),
                [] if lead in qualified else [self.env._("an approved qualification")],
            )
            for lead in self
        }

    def _approved_types(self, types):
        """Return the types of which each deal or its account has a valid document.

        :rtype: dict[crm.lead, nka.document.type]
        """
        if not types:
            return dict.fromkeys(self, types)
        today = calendars.today(self.company_id[:1] or self.env.company)
        about = Domain("lead_id", "in", self._origin.ids)
        about |= (
            Domain("key_account_id", "in", self.sudo().key_account_id.ids)
            & Domain("lead_id", "=", False)
            & Domain("type_id.applies_to", "!=", "lead")
        )
        valid = Domain("valid_until", "=", False) | Domain("valid_until", ">=", today)
        valid &= Domain("state", "=", "approved") & Domain("type_id", "in", types.ids)
        documents = (
            self.env["nka.document"]
            .sudo()
            .search_fetch(about & valid, ["type_id", "lead_id", "key_account_id"])
        )
        own = documents.grouped(lambda document: document.lead_id.id)
        shared = own.pop(False, documents.browse()).grouped("key_account_id")
        nothing = documents.browse()
        return {
            lead: (
                own.get(lead._origin.id, nothing)
                | shared.get(lead.sudo().key_account_id, nothing)
            ).type_id
            for lead in self
        }

    # ------------------------------------------------------------ gates not passed
    def _owed(self):
        """Return those of these deals in a stage whose gate they never passed.

        :rtype: crm.lead
        """
        return self.browse(
            self._owed_ids(SQL("lead.id = ANY(%s)", list(self._origin._ids)))
        )

    @api.model
    def _owed_ids(self, condition):
        """Return the ids of active deals that never passed their gate, with one query.

        :param SQL condition: on the table ``lead``
        """
        self._flush_gates()
        rows = self.env.execute_query(
            SQL(
                """SELECT lead.id FROM crm_lead lead
                    WHERE lead.active AND %s AND %s ORDER BY lead.id""",
                condition,
                self._sql_owed("lead"),
            )
        )
        return [lead_id for (lead_id,) in rows]

    @api.model
    def _flush_gates(self):
        for name in (
            "crm.lead",
            "crm.stage",
            "nka.key.account",
            "nka.document.type",
            "nka.document",
            "nka.qualification",
            "nka.gate.exception",
        ):
            self.env[name].flush_model()

    @api.model
    def _sql_owed(self, alias):
        """Return SQL for: a requirement of the stage was never met, without override.

        Earlier approvals count even after they expired, so that an expired contract
        isn't reported on old deals.
        """
        return SQL(
            """((%(lead)s.is_vip OR EXISTS (
                    SELECT 1 FROM nka_key_account account
                     WHERE account.id = %(lead)s.key_account_id
                       AND account.state = 'key'))
                AND (EXISTS (
                    SELECT 1 FROM nka_document_type_stage_rel required
                      JOIN nka_document_type kind
                        ON kind.id = required.type_id AND kind.active
                     WHERE required.stage_id = %(lead)s.stage_id
                       AND NOT EXISTS (
                           SELECT 1 FROM nka_document document
                            WHERE document.type_id = kind.id
                              AND document.approve_date IS NOT NULL
                              AND (document.lead_id = %(lead)s.id
                                   OR (document.lead_id IS NULL
                                       AND kind.applies_to != 'lead'
                                       AND document.key_account_id
                                           = %(lead)s.key_account_id))))
                  OR EXISTS (
                    SELECT 1 FROM crm_stage stage
                     WHERE stage.id = %(lead)s.stage_id
                       AND stage.requires_qualification
                       AND NOT EXISTS (
                           SELECT 1 FROM nka_qualification qualification
                            WHERE qualification.key_account_id
                                  = %(lead)s.key_account_id
                              AND qualification.state = 'approved'
                              AND qualification.verdict != 'rejected')))
                AND NOT EXISTS (%(exception)s))""",
            lead=SQL.identifier(alias),
            exception=self.env["nka.gate.exception"]._sql_in_force(alias),
        )

    @api.model
    @contextmanager
    def _watching_gates(self, condition, cause):
        """List for the supervisors the deals that another change leaves in a stage
        whose gate they haven't passed. Nothing is undone.

        :param SQL condition: the deals it can affect, on the table ``lead``
        :param str cause: description of the change
        """
        leads = self.env["crm.lead"].sudo()
        before = set(leads._owed_ids(condition))
        yield
        come = [lead for lead in leads._owed_ids(condition) if lead not in before]
        leads.browse(come)._tell_owed(cause)

    def _tell_owed(self, cause):
        """Log which of these deals haven't passed the gate of their stage, and ask the
        supervisors to review them.
        """
        owed = self.sudo()._owed()
        if not owed:
            return
        missing = {}
        for stage, leads in owed.grouped("stage_id").items():
            missing |= leads._missing_by_lead(stage)
        self.env["nka.audit.event"]._record(
            owed,
            "gate_owed",
            new=lambda lead: lead.stage_id,
            note=lambda lead: f"{cause}: {', '.join(missing[lead].words())}",
        )
        for account, leads in owed.grouped("key_account_id").items():
            # One activity for each account; VIP leads without one get their own.
            for subject, deals in [(account, leads)] if account else zip(leads, leads):
                deals._ask_about_gate(subject, cause)

    def _ask_about_gate(self, subject, cause):
        """Create one activity on an account, or on a deal without an account."""
        reviewer = self[:1]._deciding_supervisor()
        if not reviewer or subject.activity_search([REVIEW_GATE]):
            return
        subject.activity_schedule(
            REVIEW_GATE,
            user_id=reviewer.id,
            note=self.env._(
                "%(cause)s. Requirements of their stage not met: %(deals)s",
                cause=cause,
                deals=", ".join(self[:10].mapped("display_name")),
            ),
        )

    # ------------------------------------------------------------ gate override
    def action_ask_let_through(self):
        """Open the wizard for the stage and the reason of a gate override."""
        self.ensure_one()
        self._check_may_let_through()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Gate override"),
            "res_model": "nka.gate.pass",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_lead_id": self.id,
                "default_stage_id": (
                    self.stage_id if self.is_gate_owed else self._next_stage()
                ).id,
            },
        }

    def action_let_through(self, stage_id, reason):
        """Let a deal enter a stage despite missing requirements, once, and log it.

        :param int stage_id: the stage it enters now
        :param str reason: why; required, for the audit trail
        :raise AccessError: unless a supervisor without a part in the deal calls it
        """
        self.ensure_one()
        self._check_may_let_through()
        if not (reason or "").strip():
            raise UserError(self.env._("Enter a reason. It is logged with your name."))
        stage = self.env["crm.stage"].browse(stage_id)
        events = self.env["nka.audit.event"]
        entry = events._prepare_entry(
            self, "gate_pass", old=self.stage_id, new=stage, note=reason
        )
        vals = {"stage_id": stage.id}
        with granted("gate", self, [vals]):
            self.write(vals)
        exception = self.env["nka.gate.exception"]._except(self, reason)
        events._append([{**entry, "file_digest": exception._digest()}])
        return True

    def _check_may_let_through(self):
        self._check_supervisor()
        lead = self.sudo()
        owners = self.env["nka.assignment"]._owners(lead.key_account_id, lead)
        if self.env.user in owners or self.env.uid == SUPERUSER_ID:
            raise AccessError(
                self.env._(
                    "You can't override the gate for your own deal. Another "
                    "supervisor can: %s.",
                    (lead._deciding_supervisor() - self.env.user).name
                    or self.env._("none in this company yet"),
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
        """Return whether to log a change; amounts only above the company's limit."""
        if name != "expected_revenue":
            return old != new
        company = (self.sudo().company_id or self.env.company).sudo()
        return abs(new - old) * 100 > abs(old) * company.nka_amount_change
