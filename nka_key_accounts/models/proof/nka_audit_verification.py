from odoo import api, fields, models
from odoo.tools import SQL

from ..trail.nka_audit_head import PATIENCE
from ..trail.opening import open_action
from .audit_chain_walk import Walk
from .checked import Check

#: How many contradictions a line tells one by one.
REPORTED = 20


class AuditVerification(models.Model):
    """One verification of a company's audit trail: what was looked at, what was found.

    It says what it compared, check by check, and claims nothing beyond that.
    """

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
    is_whole = fields.Boolean("Nothing contradicts")
    broken_seq = fields.Integer("First broken link")
    message = fields.Text("Result")
    line_ids = fields.One2many(
        "nka.audit.verification.line", "verification_id", "What was checked"
    )

    @api.model
    def _verify(self, companies):
        """Verify the chains of ``companies`` and keep what was looked at and found.

        Memory stays constant whatever the length of a chain.

        :return: one verification for each company
        :rtype: nka.audit.verification
        """
        self.env.flush_all()
        heads = self.env["nka.audit.head"]
        # Asked first: that it could be numbered now doesn't undo that it waited.
        overdue = {company: heads._count_overdue(company) for company in companies}
        heads._sequence_all()
        vals_list = [
            self._prepare_verification(company, overdue[company])
            for company in companies
        ]
        return self.sudo().create(vals_list)

    @api.model
    def _prepare_verification(self, company, overdue):
        walk = Walk(self.env, company.id)
        broken = walk.first_break()
        checks = [
            self._check_chain(walk, broken),
            self._check_waiting(company, overdue),
            *self._checks(company),
        ]
        return {
            "company_id": company.id,
            "count": walk.count,
            "head_digest": walk.digest,
            "broken_seq": broken.seq if broken else 0,
            "is_whole": not any(check.findings for check in checks),
            "message": self._message(checks, self._not_checked(company)),
            "line_ids": [
                fields.Command.create(self._prepare_line(check)) for check in checks
            ],
        }

    @api.model
    def _prepare_line(self, check):
        return {
            "title": check.title,
            "count": check.count,
            "unit": check.unit,
            "found": len(check.findings),
            "message": "\n".join(self._reported(check.findings)),
        }

    @api.model
    def _reported(self, findings):
        """The first findings, and how many more there are."""
        more = len(findings) - REPORTED
        if more <= 0:
            return findings
        return [*findings[:REPORTED], self.env._("… and %s more.", more)]

    @api.model
    def _message(self, checks, unchecked):
        """What was found, what was checked and what wasn't, in sentences."""
        found = [line for check in checks for line in self._reported(check.findings)]
        if not found:
            found = [self.env._("Nothing that was checked contradicts the trail.")]
        looked = ", ".join(self._in_words(check) for check in checks)
        parts = [*found, self.env._("Checked: %s.", looked)]
        if unchecked:
            parts.append(self.env._("Not checked: %s.", "; ".join(unchecked)))
        return "\n".join(parts)

    @api.model
    def _in_words(self, check):
        counted = f"{check.count} {check.unit}" if check.unit else check.count
        return f"{check.title} ({counted})"

    # ------------------------------------------------------------ what is checked
    @api.model
    def _checks(self, company):
        """Hook: what else is compared with the trail; a room adds its own.

        Each returns a :class:`.checked.Check`, also where nothing was found.

        :param company: one company, whatever its branches
        :rtype: list[Check]
        """
        return [self._check_guards(), self._check_states(company)]

    @api.model
    def _not_checked(self, company):
        """Hook: what a reader could think was checked and wasn't, in words.

        :rtype: list[str]
        """
        return []

    @api.model
    def _check_chain(self, walk, broken):
        return Check(
            self.env._("Chain of the trail, each event with the one before it"),
            walk.count,
            [broken.message] if broken else [],
            self.env._("events"),
        )

    @api.model
    def _check_waiting(self, company, overdue):
        """Events that aren't in the chain yet, and those that should have been by now.

        :param int overdue: how many had waited too long when the verification began
        """
        heads = self.env["nka.audit.head"]
        findings = [
            self.env._(
                "%(count)s events waited longer than %(minutes)s minutes for their "
                "number: until they have it, the chain doesn't prove them.",
                count=overdue,
                minutes=int(PATIENCE.total_seconds() // 60),
            )
        ]
        return Check(
            self.env._("Events that wait for their number in the chain"),
            heads._count_waiting(company),
            findings if overdue else [],
            self.env._("events"),
        )

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
    def _check_guards(self):
        """Triggers somebody dropped or disabled."""
        guards = self._guarding_triggers()
        rows = self.env.execute_query(
            SQL(
                "SELECT tgname FROM pg_trigger WHERE tgname IN %s AND tgenabled = 'A'",
                tuple(guards),
            )
        )
        enabled = {name for (name,) in rows}
        findings = [
            self.env._(
                "The database's guard %(trigger)s of table %(table)s is missing or "
                "disabled.",
                trigger=trigger,
                table=table,
            )
            for trigger, table in guards.items()
            if trigger not in enabled
        ]
        return Check(
            self.env._("Guards of the database"),
            len(guards),
            findings,
            self.env._("triggers"),
        )

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
    def _check_states(self, company):
        """Records whose state was written behind the trail's back, by bare SQL."""
        findings, count = [], 0
        for model in self._state_models():
            rows = self.env.execute_query(self._select_strays(model, company))
            findings += [self._stray_message(model, *row) for row in rows]
            count += (
                model.sudo()
                .with_context(active_test=False)
                .search_count([("company_id", "=", company.id)])
            )
        return Check(
            self.env._("Status of records, against the last one in the trail"),
            count,
            findings,
            self.env._("records"),
        )

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
    def _verify_and_open(self, companies):
        """Verify ``companies`` and open what was found: the one, or the list of them."""
        verifications = self._verify(companies)
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
