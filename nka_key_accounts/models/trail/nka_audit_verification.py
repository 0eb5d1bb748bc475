from odoo import api, fields, models
from odoo.tools import SQL

from .audit_chain_walk import Walk
from .opening import open_action


class AuditVerification(models.Model):
    """One walk along the audit chain of a company, and what it found."""

    _name = "nka.audit.verification"
    _description = "Verification of the audit trail"
    _order = "id desc"
    _rec_name = "date"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users", "Started by", default=lambda self: self.env.uid
    )
    count = fields.Integer("Events", help="Links that hold, from the first on.")
    head_digest = fields.Char("Digest of the last link")
    is_whole = fields.Boolean("Everything holds")
    broken_seq = fields.Integer("First broken link")
    message = fields.Text("Result")

    @api.model
    def _verify(self, companies):
        """Walk the chains of ``companies`` and keep what was found.

        Memory stays constant whatever the length of a chain.

        :return: one verification for each company
        :rtype: nka.audit.verification
        """
        self.env.flush_all()
        vals_list = [self._prepare_verification(company) for company in companies]
        return self.sudo().create(vals_list)

    @api.model
    def _prepare_verification(self, company):
        walk = Walk(self.env, company.id)
        broken = walk.first_break()
        findings = [broken.message] if broken else []
        findings += self._findings(company)
        return {
            "company_id": company.id,
            "count": walk.count,
            "head_digest": walk.digest,
            "broken_seq": broken.seq if broken else 0,
            "is_whole": not findings,
            "message": "\n".join(findings) or self._whole_message(walk.count),
        }

    @api.model
    def _whole_message(self, count):
        return self.env._(
            "All %s events follow from each other, and every record and file they "
            "speak of is unchanged.",
            count,
        )

    @api.model
    def _findings(self, company):
        """Hook: what else contradicts the trail, in words; a room adds its own.

        :rtype: list[str]
        """
        return self._trigger_findings() + self._state_findings(company)

    # ------------------------------------------------------------ the database's guard
    @api.model
    def _guarding_triggers(self):
        """Hook: triggers that must be enabled: name -> table."""
        return {
            "nka_audit_event_append_only": "nka_audit_event",
            "nka_audit_event_no_truncate": "nka_audit_event",
            "nka_audit_head_forward_only": "nka_audit_head",
            "nka_audit_head_no_truncate": "nka_audit_head",
        }

    @api.model
    def _trigger_findings(self):
        """Triggers somebody dropped or disabled."""
        rows = self.env.execute_query(
            SQL(
                "SELECT tgname FROM pg_trigger WHERE tgname IN %s AND tgenabled = 'A'",
                tuple(self._guarding_triggers()),
            )
        )
        enabled = {name for (name,) in rows}
        return [
            self.env._(
                "The database's guard %(trigger)s of table %(table)s is missing or "
                "disabled.",
                trigger=trigger,
                table=table,
            )
            for trigger, table in self._guarding_triggers().items()
            if trigger not in enabled
        ]

    # ------------------------------------------------------------ states
    @api.model
    def _state_models(self):
        """Models whose stored state must be the last one in the trail."""
        mixin = self.env.registry["nka.state.mixin"]
        return [
            self.env[name]
            for name, model in self.env.registry.items()
            if issubclass(model, mixin)
            and not model._abstract
            and {"state", "company_id"} <= model._fields.keys()
            and model._fields["state"].store
        ]

    @api.model
    def _state_findings(self, company):
        """Records whose state was written behind the trail's back, by bare SQL."""
        findings = []
        for model in self._state_models():
            rows = self.env.execute_query(self._select_strays(model, company))
            findings += [self._stray_message(model, *row) for row in rows]
        return findings

    @api.model
    def _select_strays(self, model, company):
        return SQL(
            """SELECT rec.id, rec.state, event.new
                 FROM %(table)s rec
                 JOIN LATERAL (
                        SELECT new FROM nka_audit_event
                         WHERE res_model = %(model)s AND res_id = rec.id
                           AND kind = 'state' AND company_id = %(company)s
                         ORDER BY id DESC LIMIT 1) event ON TRUE
                WHERE rec.company_id = %(company)s AND event.new != rec.state
                ORDER BY rec.id LIMIT 20""",
            table=SQL.identifier(model._table),
            model=model._name,
            company=company.id,
        )

    @api.model
    def _stray_message(self, model, record_id, state, recorded):
        selection = dict(model._fields["state"]._description_selection(self.env))
        return self.env._(
            "%(record)s is “%(state)s”, but the trail says “%(recorded)s”: it was "
            "changed behind the trail.",
            record=model.sudo().browse(record_id).display_name,
            state=selection.get(state, state),
            recorded=selection.get(recorded, recorded),
        )

    # ------------------------------------------------------------ actions
    @api.model
    def _open_latest(self, verifications):
        changes = {}
        if len(verifications) == 1:
            changes = {
                "view_mode": "form",
                "views": [(False, "form")],
                "res_id": verifications.id,
            }
        return open_action(self.env, "nka_audit_verification_action", **changes)

    @api.model
    def _cron_verify(self):
        """Nightly: verify every chain; a break is mailed to the supervisors."""
        companies = self.env["nka.audit.head"].sudo().search([]).company_id
        for company in companies:
            verification = self.with_company(company)._verify(company)
            if not verification.is_whole:
                verification._alarm()

    def _alarm(self):
        """Tell the supervisors of the company what doesn't hold."""
        self.ensure_one()
        self.env["nka.audit.seal"]._mail_supervisors(
            self.company_id,
            self.env._("The audit trail of %s doesn't hold", self.company_id.name),
            self.message,
        )
