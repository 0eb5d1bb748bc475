import logging
from functools import partial

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, format_date
from odoo.tools.mail import plaintext2html

from ..trail.nka_audit_head import PATIENCE
from ..trail.opening import open_action
from ..trail.roles import ADMIN, SUPERVISOR
from .audit_chain_walk import PART, Walk
from .checked import Check
from .contents import contradictions, in_batches, misnamed, recorded_by_state
from .guard_check import guard_checks
from .job_check import JOBS, job_warnings
from .nightly import ASKED, CONTRADICTED, FIRST, FOUND, Night, plan, program_version
from .reporting import message_of, prepare_line
from .scope import GROUPS, KEY, scope_of
from .state_check import StateCheck, StateChecks

_logger = logging.getLogger(__name__)


class AuditVerification(models.Model):
    """One verification of a company's audit trail: what was checked and what was found.

    It lists every check it made and claims nothing beyond them.
    """

    _name = "nka.audit.verification"
    _description = "Audit trail verification"
    _order = "id desc"
    _rec_name = "date"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users", "Started by", default=lambda self: self.env.uid
    )
    count = fields.Integer(
        "Events", help="Events that are linked correctly, counted from the first one."
    )
    head_digest = fields.Char("Hash of the last event")
    is_whole = fields.Boolean(
        "No contradictions", help="No contradictions were found in what was checked."
    )
    has_warnings = fields.Boolean(
        "Attention required",
        help="Nothing contradicts the audit trail, but the proof itself needs attention.",
    )
    broken_seq = fields.Integer("First broken event")
    reason = fields.Selection(
        [
            (ASKED, "“Verify now” was selected"),
            (FIRST, "Nothing was verified before by this version of the program"),
            (FOUND, "The verification before found contradictions"),
            (CONTRADICTED, "What was verified before was contradicted"),
        ],
        "Why everything was verified",
        help="Otherwise, a nightly verification covers what changed and a part of what "
        "was verified before.",
    )
    first_seq = fields.Integer("First event of the new ones")
    verified_count = fields.Integer(
        "Events verified", help="Events verified by this verification itself."
    )
    part_count = fields.Integer("Parts verified before")
    drawn_count = fields.Integer("Parts verified again")
    group_count = fields.Integer("Groups of records compared again")
    oldest_date = fields.Datetime(
        "Everything verified since",
        help="Every part of the audit trail and every group of records was verified on "
        "this date or later.",
    )
    program = fields.Char("Program version")
    coverage = fields.Text("Covered", compute="_compute_coverage")
    result = fields.Text(compute="_compute_result")
    message = fields.Text("Report", help="Result, what was checked and what wasn't.")
    unchecked = fields.Text("What was not checked")
    line_ids = fields.One2many(
        "nka.audit.verification.line", "verification_id", "What was checked"
    )

    # ------------------------------------------------------------ compute
    @api.depends("line_ids.message", "message")
    @api.depends_context("lang")
    def _compute_result(self):
        """Show the messages of the lines, or the stored report if there are none."""
        for verification in self:
            lines = verification.line_ids
            told = [text for text in lines.mapped("message") if text]
            if lines and not told:
                told = [self.env._("No contradictions were found in what was checked.")]
            verification.result = "\n".join(told) or verification.message

    @api.depends(
        "reason", "count", "first_seq", "part_count", "drawn_count", "oldest_date"
    )
    @api.depends_context("lang", "tz")
    def _compute_coverage(self):
        for verification in self:
            verification.coverage = verification._say_coverage()

    def _say_coverage(self):
        if self.reason or not self.oldest_date:
            return self.env._("All %s events and all records.", self.count)
        events = self.env._("All %s events.", self.count)
        if self.part_count:
            events = self.env._(
                "Events %(first)s to %(last)s, and %(drawn)s of %(parts)s earlier parts "
                "of %(size)s events.",
                first=self.first_seq,
                last=self.count,
                drawn=self.drawn_count,
                parts=self.part_count,
                size=PART,
            )
        return f"{events} " + self.env._(
            "Records that changed, and %(groups)s of %(all)s groups of the others. "
            "Everything was verified since %(date)s.",
            groups=self.group_count,
            all=GROUPS,
            date=format_date(self.env, self.oldest_date),
        )

    # ------------------------------------------------------------ verifying
    @api.model
    def _verify(self, companies, nightly=False):
        """Verify the audit trails of ``companies`` and store the results.

        Memory use is constant whatever the length of the chain.

        :param res.company companies: companies to verify
        :param bool nightly: whether to go on from the verification before, if it found
            nothing, and to repeat only a part of it
        :return: one verification per company
        :rtype: nka.audit.verification
        """
        self.env.flush_all()
        heads = self.env["nka.audit.head"]
        # Counted before numbering: events that waited too long are reported even if
        # they can be numbered now.
        overdue = {company: heads._count_overdue(company) for company in companies}
        heads._sequence_all()
        vals_list = [
            self._prepare_verification(company, overdue[company], nightly)
            for company in companies
        ]
        return self.sudo().create(vals_list)

    @api.model
    def _prepare_verification(self, company, overdue, nightly):
        parts = self.env["nka.audit.part"].sudo()
        rows = parts._rows_of(company)
        of_parts = parts._check_parts(company, rows)
        night = plan(self.env, company, parts._kept(rows)) if nightly else ASKED
        if of_parts.findings:
            night = CONTRADICTED
        night, walk, ends, broken = self._walk(company, night)
        is_night = isinstance(night, Night)
        trail = self.with_context(**{KEY: night.scope if is_night else None})
        checks = [
            self._check_chain(company, walk, broken),
            self._check_waiting(company, overdue),
            *self._attempt(company, self._check_guards, otherwise=self._broken_off),
            of_parts,
            *self._attempt(company, trail._checks, company, otherwise=self._broken_off),
        ]
        is_whole = not any(check.findings for check in checks)
        return {
            "company_id": company.id,
            "count": walk.count,
            "head_digest": walk.digest,
            "broken_seq": broken.seq if broken else 0,
            "is_whole": is_whole,
            "has_warnings": any(check.warnings for check in checks),
            "program": program_version(),
            **trail._prepare_result(company, checks),
            **self._prepare_coverage(night, walk),
            "oldest_date": parts._renew(company, night, ends, rows, is_whole),
        }

    @api.model
    def _walk(self, company, night):
        """Verify the chain as planned; all of it if that finds a contradiction.

        :param night: what :func:`.nightly.plan` returned
        :return: the plan carried out, the walk, hashes of the parts it covered, and the
            first break
        """
        if isinstance(night, Night):
            walk, ends, is_intact = night.walk(self.env, company)
            if is_intact:
                return night, walk, ends, None
            night = CONTRADICTED
        walk = Walk(self.env, company.id)
        broken = walk.first_break()
        return night, walk, walk.ends, broken

    @api.model
    def _prepare_coverage(self, night, walk):
        if not isinstance(night, Night):
            return {"reason": night, "first_seq": 1, "verified_count": walk.count}
        begun, drawn = len(night.before) * PART, len(night.drawn)
        return {
            "first_seq": begun + 1,
            "verified_count": walk.count - begun + drawn * PART,
            "part_count": len(night.before),
            "drawn_count": drawn,
            "group_count": len(night.scope.groups),
        }

    @api.model
    def _attempt(self, company, step, *args, otherwise):
        """Return the result of a step; if it raises, return ``otherwise(error)``.

        Catches any error, such as an unreadable row or a full disk, because it must
        neither hide the findings of other steps nor delay the next company.

        :param res.company company: company of the audit trail, for the log
        :param step: function to call in a savepoint
        :param args: arguments of the step
        :param otherwise: function of the error
        """
        try:
            with self.env.cr.savepoint():
                return step(*args)
        except Exception as error:
            _logger.exception(
                "A step of verifying or signing the audit trail of company %s broke off",
                company.id,
            )
            return otherwise(error)

    @api.model
    def _broken_off(self, error):
        if isinstance(error, PG_CONCURRENCY_EXCEPTIONS_TO_RETRY):
            # A conflict with a concurrent transaction says nothing about the data.
            raise error
        return [
            Check(
                self.env._("Checks that couldn't be completed"),
                1,
                [
                    self.env._(
                        "A check couldn't be completed, so the checks after it weren't "
                        "run: something in the database isn't what the program expects "
                        "(%s). See the server log.",
                        type(error).__name__,
                    )
                ],
            )
        ]

    @api.model
    def _unsayable(self, error):
        return [self.env._("further items, see the server log")]

    @api.model
    def _prepare_result(self, company, checks):
        unchecked = self._attempt(
            company, self._not_checked, company, otherwise=self._unsayable
        )
        return {
            "message": message_of(self.env, checks, unchecked),
            "unchecked": "\n".join(unchecked),
            "line_ids": [
                fields.Command.create(prepare_line(self.env, check)) for check in checks
            ],
        }

    # ------------------------------------------------------------ what is checked
    @api.model
    def _checks(self, company):
        """Hook: return further checks against the audit trail; rooms add their own.

        Each check is included even if nothing was found.

        :param res.company company: one company; its branches aren't included
        :rtype: list[Check]
        """
        return [
            self._check_jobs(),
            self._check_states(company),
            self._check_digests(company),
            self._check_roles(company),
            self._check_settings(company),
            *self.env["nka.audit.seal"]._check_all(company),
        ]

    @api.model
    def _not_checked(self, company):
        """Hook: return labels of what readers might wrongly assume was checked.

        :rtype: list[str]
        """
        unproven = StateChecks(self.env, self._state_checks()).count_unproven(company)
        return [
            *self._not_covered(),
            self.env._("whether what people entered is true"),
            self.env._(
                "records in their first status, which leaves no event (%s)",
                unproven,
            ),
            self.env._("fields that no hash covers"),
            self.env._(
                "records of Odoo: orders, invoices, payments, meetings and time off"
            ),
            self.env._(
                "settings that name an account, a journal or a salary structure"
            ),
            *self.env["nka.audit.seal"]._not_checked(company),
            self.env._("what was read, copied or photographed"),
            self.env._("the program files and the server clock"),
        ]

    @api.model
    def _not_covered(self):
        """Return what a nightly verification leaves to other nights.

        :rtype: list[str]
        """
        if not scope_of(self.env):
            return []
        return [
            self.env._(
                "events and records that didn't change and weren't drawn this night; "
                "each one's turn comes within four weeks"
            )
        ]

    # ------------------------------------------------------------ the chain
    @api.model
    def _check_chain(self, company, walk, broken):
        """Check the chain; a company with records must have one."""
        findings = [broken.message] if broken else []
        if not walk.count and not broken and self._is_used(company):
            findings.append(
                self.env._(
                    "The audit trail of %s has no events, although there are records "
                    "that must have left some: it was deleted or never written.",
                    company.name,
                )
            )
        return Check(
            self.env._("Events of the audit trail, each against the one before it"),
            walk.count,
            findings,
            self.env._("Events"),
        )

    @api.model
    def _check_waiting(self, company, overdue):
        """Check events without a number, and whether any have waited too long.

        :param int overdue: number of overdue events when the verification began
        """
        heads = self.env["nka.audit.head"]
        findings, warnings = [], []
        minutes = int(PATIENCE.total_seconds() // 60)
        if stuck := heads._count_stuck(company):
            findings.append(
                self.env._(
                    "%(count)s events have had no number for more than %(minutes)s "
                    "minutes and can't be numbered, so the chain doesn't prove them.",
                    count=stuck,
                    minutes=minutes,
                )
            )
        elif overdue:
            warnings.append(
                self.env._(
                    "%(count)s events had no number for more than %(minutes)s minutes "
                    "before this verification numbered them. Check that the scheduled "
                    "job that numbers events is running.",
                    count=overdue,
                    minutes=minutes,
                )
            )
        return Check(
            self.env._("Events that have no number yet"),
            heads._count_waiting(company),
            findings,
            self.env._("Events"),
            warnings,
        )

    # ------------------------------------------------------------ database triggers
    @api.model
    def _check_guards(self):
        """Compare triggers, functions and constraints of the database with the
        addon's.
        """
        return guard_checks(self.env)

    # ------------------------------------------------------------ jobs
    @api.model
    def _check_jobs(self):
        """Check that the scheduled jobs exist, are unchanged, active and not late."""
        return Check(
            self.env._("Scheduled jobs that number, sign and verify the audit trail"),
            len(JOBS),
            [],
            self.env._("Scheduled jobs"),
            job_warnings(self.env),
        )

    # ------------------------------------------------------------ states
    @api.model
    def _state_checks(self):
        """Return a check for every field whose changes the audit trail records.

        :rtype: list[StateCheck]
        """
        mixin = self.env.registry["nka.state.mixin"]
        return [
            StateCheck(self.env[name], kind, fname)
            for name, model in self.env.registry.items()
            if issubclass(model, mixin) and not model._abstract
            for kind, fname in model._audit_words.items()
            if fname in model._fields
            and model._fields[fname].store
            and model._fields["company_id"].store
        ]

    @api.model
    def _check_states(self, company):
        """Find records whose status was changed by SQL, without an event."""
        checks = StateChecks(self.env, self._state_checks())
        return Check(
            self.env._("Status of records, against every change in the audit trail"),
            checks.count(company),
            checks.findings(company),
            self.env._("Records"),
        )

    @api.model
    def _check_digests(self, company):
        """Compare hashes stored on records with those in the audit trail."""
        checks = StateChecks(self.env, self._state_checks())
        return Check(
            self.env._("Hashes of records, against the audit trail"),
            checks.count_digests(company),
            checks.digest_findings(company),
            self.env._("Hashes"),
        )

    @api.model
    def _record_standing(self):
        """Record the status of records without an event for it, for migrations.

        They were created before such events were recorded. From then on, the audit
        trail covers them. It can't prove that they were right before, and the note of
        the events says so.
        """
        events = self.env["nka.audit.event"]
        for check in self._state_checks():
            for record in check.unrecorded():
                state = record[check.fname]
                events._record(
                    record,
                    check.kind,
                    old=state,
                    new=state,
                    note=self._standing_note(),
                    digest=record.digest if check.has_digest else None,
                )
        self._record_standing_roles()
        for company in self.env["res.company"].sudo().search([]):
            company._nka_record_unproven(self._standing_note())

    @api.model
    def _standing_note(self):
        return self.env._("Status recorded when verification began to cover it")

    # ------------------------------------------------------------ contents
    @api.model
    def _check_contents(self, company, records, states, steps, title, unit):
        """Compare the content of records, and the users of their steps, with the trail.

        :param res.company company: company of the records
        :param records: empty recordset of a model with ``_content``
        :param states: states whose last event stores the hash of the content
        :param steps: as for :func:`.contents.misnamed`
        :param str title: title of the check
        :param str unit: what is counted
        :rtype: Check
        """
        count, found = 0, []
        recorded_states = {*states, *(state for state, _person, _moment in steps)}
        for batch in in_batches(records, company, ("state", "in", states)):
            events = recorded_by_state(batch, recorded_states)
            number, contradicting = contradictions(batch, states, events)
            count += number
            found += [*contradicting, *misnamed(batch, steps, events=events)]
        return Check(title, count, found, unit)

    # ------------------------------------------------------------ roles
    @api.model
    def _check_roles(self, company):
        """Compare the users' roles with the hash in the last event about them."""
        users = self.env["res.users"]
        holders = users._role_holders()
        people = users._role_people(company, holders)
        kept, found = users._recorded_roles(people), []
        for person in people:
            if kept.get(person.id) != people._role_digest(person, holders):
                found.append(
                    self.env._(
                        "The roles of %(person)s (%(login)s) differ from the audit "
                        "trail: %(roles)s.",
                        person=person.name,
                        login=person.login,
                        roles=people._role_names(person, holders) or "–",
                    )
                )
        return Check(
            self.env._("Roles of users, against their hash in the audit trail"),
            len(people),
            found,
            self.env._("Users"),
        )

    @api.model
    def _record_standing_roles(self):
        """Record the roles of users without an event that has a hash of them."""
        users = self.env["res.users"]
        holders = users._role_holders()
        people = users._role_people()
        kept = users._recorded_roles(people)
        people = people.filtered(lambda person: person.id not in kept)
        self.env["nka.audit.event"]._record(
            people,
            "group",
            old=lambda person: people._role_names(person, holders),
            new=lambda person: people._role_names(person, holders),
            note=self._standing_note(),
            digest=lambda person: people._role_digest(person, holders),
        )

    # ------------------------------------------------------------ settings
    @api.model
    def _check_settings(self, company):
        """Compare a company's settings with the hash in the last event about each."""
        words = company._nka_words(company._nka_compared())
        return Check(
            self.env._(
                "Settings of the company, against their hash in the audit trail"
            ),
            len(words),
            [
                self.env._(
                    "The setting “%(setting)s” is “%(value)s”, but the audit trail "
                    "says “%(recorded)s”: it was changed outside the program.",
                    setting=company._fields[name]._description_string(self.env),
                    value=words[name],
                    recorded=recorded,
                )
                for name, recorded, _is_recorded in company._nka_differing()
            ],
            self.env._("Settings"),
        )

    # ------------------------------------------------------------ companies
    @api.model
    def _is_used(self, company):
        """Return whether a company has records that must have events."""
        return StateChecks(self.env, self._state_checks()).is_used(company)

    @api.model
    def _companies(self):
        """Return the companies that have an audit chain or should have one.

        :rtype: res.company
        """
        every = self.env["res.company"].sudo().search([])
        [(known,)] = self.env.execute_query(
            SQL(
                """SELECT array_agg(id) FROM res_company company
                    WHERE EXISTS (SELECT FROM nka_audit_head
                                   WHERE company_id = company.id AND seq > 0)
                       OR EXISTS (SELECT FROM nka_audit_event
                                   WHERE company_id = company.id)"""
            )
        )
        chained = every.browse(known or ())
        return chained | (every - chained).filtered(self._is_used)

    # ------------------------------------------------------------ actions
    @api.model
    def _verify_and_open(self, companies):
        """Verify ``companies`` and return an action that opens the results."""
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
        """Scheduled job, nightly: verify every company and report what was found."""
        for company in self._companies():
            trail = self.with_company(company)
            failed = partial(trail._tell_failure, company)
            verify = partial(trail._verify, company, nightly=True)
            found = trail._attempt(company, verify, otherwise=failed)
            if found and (not found.is_whole or found.has_warnings):
                trail._attempt(company, found._alarm, otherwise=failed)

    # ------------------------------------------------------------ alarms
    def _alarm(self):
        """Report the findings to the supervisors and administrators of the company."""
        self.ensure_one()
        subject = self.env._(
            "Audit trail verification failed for %s", self.company_id.name
        )
        if self.is_whole:
            subject = self.env._(
                "The proof of the audit trail of %s needs your attention",
                self.company_id.name,
            )
        self._tell(self.company_id, subject, self.message)
        self.env["nka.audit.seal"]._mail_supervisors(
            self.company_id, subject, self.message
        )

    @api.model
    def _tell_failure(self, company, _error):
        """Report that a verification failed; otherwise only the log would show it."""
        self._tell_or_log(
            company,
            self.env._("The audit trail of %s couldn't be verified", company.name),
            self.env._(
                "Last night's verification was interrupted, or its result couldn't be "
                "emailed: see the server log. Fix the cause, then go to Control ‣ "
                "Audit ‣ Audit trail verifications and choose “Verify now”."
            ),
        )

    @api.model
    def _tell_or_log(self, company, subject, text):
        """Report a failure; if that fails as well, both are in the server log."""
        self._attempt(
            company, self._tell, company, subject, text, otherwise=lambda _error: None
        )

    @api.model
    def _tell(self, company, subject, text):
        """Create an activity for every supervisor and key account administrator.

        Activities need neither an email address nor a mail server. An open activity
        with the same subject gets the new text instead.

        :param res.company company: company of the users
        :param str subject: summary of the activity
        :param str text: plain text of its note
        :return: the users informed
        :rtype: res.users
        """
        users = self.env["res.users"].sudo()
        people = users._nka_holders(SUPERVISOR, company)
        people |= users._nka_holders(ADMIN, company)
        activities = self.env["mail.activity"].sudo()
        note = plaintext2html(text)
        open_ones = activities.search(
            [("user_id", "in", people.ids), ("summary", "=", subject)]
        )
        open_ones.note = note
        kind = self.env.ref("mail.mail_activity_data_todo")
        activities.create(
            [
                {
                    "activity_type_id": kind.id,
                    "user_id": person.id,
                    "summary": subject,
                    "note": note,
                }
                for person in people - open_ones.user_id
            ]
        )
        return people
