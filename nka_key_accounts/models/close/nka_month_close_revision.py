import hashlib
import json

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, formatLang

from ..trail.roles import PAYROLL_OFFICER
from . import payment
from .broken import Broken
from .frozen_months import guards_of_revisions
from .sealed import Sealed
from .sealed_first import FirstSeal

#: Version of content and method of the hash; older ones can still be verified.
SEAL_VERSION = "2"
METHODS = {"1": FirstSeal, "2": Sealed}


class MonthCloseRevision(models.Model):
    """Locked revision of a month: its inputs and results, kept permanently."""

    _name = "nka.month.close.revision"
    _description = "Locked revision of a month"
    _inherit = ["nka.guard.mixin"]
    _order = "close_id desc, number desc"
    _rec_name = "number"

    _guarded_fields = (
        "close_id",
        "number",
        "digest",
        "sealed",
        "reason",
        "differences",
        "sealed_by_id",
        "sealed_date",
    )
    _company_fields = ("close_id",)

    close_id = fields.Many2one(
        "nka.month.close",
        "Month-end close",
        required=True,
        index=True,
        ondelete="restrict",
        readonly=True,
    )
    company_id = fields.Many2one(related="close_id.company_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    number = fields.Integer("Revision", required=True, readonly=True)
    digest = fields.Char("Integrity hash", required=True, readonly=True)
    # The exact data that the hash covers, to show later what has changed. Officers
    # only: administrators reopen months and see totals, but not each person's pay.
    sealed = fields.Json("Locked data", readonly=True, groups=PAYROLL_OFFICER)
    reason = fields.Char(readonly=True)
    differences = fields.Json("Changed amounts", readonly=True, groups=PAYROLL_OFFICER)
    difference_html = fields.Html(
        "Difference", compute="_compute_difference_html", groups=PAYROLL_OFFICER
    )
    sealed_by_id = fields.Many2one("res.users", "Locked by", readonly=True)
    sealed_date = fields.Datetime("Locked on", readonly=True)

    _number_unique = models.Constraint(
        "UNIQUE(close_id, number)", "Each revision of a month must have its own number."
    )

    @api.model
    def _guards(self):
        return [*super()._guards(), *guards_of_revisions()]

    # ------------------------------------------------------------ compute
    @api.depends("differences")
    @api.depends_context("lang")
    def _compute_difference_html(self):
        fields_ = self.env["nka.pay.statement"]._fields
        ids = {row[0] for rev in self for row in rev._shown_differences()}
        names = {
            employee.id: employee.name
            for employee in self.env["hr.employee"].sudo().browse(ids).exists()
        }
        for revision in self:
            rows = [
                Markup("<li>%s · %s: %s → <b>%s</b></li>")
                % (
                    names.get(key, key),
                    fields_[name]._description_string(self.env)
                    if name in fields_
                    else name,
                    revision._show(before),
                    revision._show(after),
                )
                for key, name, before, after in revision._shown_differences()
            ]
            revision.difference_html = (
                Markup("<ul class='mb-0'>%s</ul>") % Markup("").join(rows)
                if rows
                else False
            )

    def _shown_differences(self):
        """Return the changed amounts, without rows damaged in the database."""
        rows = self.differences if isinstance(self.differences, list) else []
        return [
            row
            for row in rows
            if isinstance(row, list) and len(row) == 4 and isinstance(row[0], int)
        ]

    def _show(self, amount):
        try:
            float(amount)
        except (TypeError, ValueError):
            return "–"
        return formatLang(self.env, float(amount), self.currency_id.decimal_places)

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        self._refuse()
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        self._refuse()

    def _refuse(self):
        raise AccessError(self.env._("Locked revisions can't be changed or deleted."))

    # ------------------------------------------------------------ locking
    @api.model
    def _seal(self, close, reason):
        """Store the current data of a month as its next revision.

        :param close: nka.month.close, as superuser
        :param str reason: why it is locked again, for a later revision
        """
        before, sealed = close._last_revision(), self._prepare_sealed(close)
        return self._unlocked().create(
            {
                "close_id": close.id,
                "number": close.revision + 1,
                "digest": self._digest_of(sealed),
                "sealed": sealed,
                "reason": reason or close.reopen_reason,
                "differences": _differences(before._readable() or {}, sealed)
                if before
                else [],
                "sealed_by_id": self.env.uid,
                "sealed_date": fields.Datetime.now(),
            }
        )

    @api.model
    def _prepare_sealed(self, close, version=SEAL_VERSION):
        """Return the data that the hash covers, as plain, reproducible JSON.

        :param str version: version of the hash, a key of ``METHODS``
        """
        return METHODS[version](close).content()

    @api.model
    def _digest_of(self, sealed):
        """Return the versioned SHA-256 hash of canonical, sorted JSON."""
        text = json.dumps(
            sealed, sort_keys=True, separators=(",", ":"), ensure_ascii=True
        )
        version = sealed["version"]
        return f"{version}:{hashlib.sha256(text.encode()).hexdigest()}"

    def _readable(self):
        """Return the locked data, or None if it was damaged in the database.

        :rtype: dict
        """
        sealed = self.sealed
        people = isinstance(sealed, dict) and sealed.get("people")
        if not isinstance(people, dict) or sealed.get("version") not in METHODS:
            return None
        whole = all(
            isinstance(person, dict) and isinstance(person.get("statement"), dict)
            for person in people.values()
        )
        return sealed if whole and all(map(str.isdigit, people)) else None

    def _lacks_payslips(self):
        """Return whether payslips were still being generated when it was locked."""
        people = (self._readable() or {}).get("people", {}).values()
        return any(person.get("payslip") is False for person in people)

    # ------------------------------------------------------------ verifying
    def _check_unchanged(self, close):
        """Check that a month is unchanged since it was locked.

        :param close: nka.month.close, of which these are the revisions
        :raise UserError: names what differs
        """
        if broken := self._broken(close):
            raise UserError(
                self.env._(
                    "%(month)s no longer matches its integrity hash: %(parts)s. "
                    "Printing and export are blocked. Ask an administrator to find out "
                    "who changed the data outside the application.",
                    month=close.display_name,
                    parts="; ".join(broken.sentences()),
                )
            )

    def _broken(self, close):
        """Compare a locked month with its last revision and the audit trail.

        :param close: nka.month.close, of which these are the revisions
        :return: the differences; falsy if there are none
        :rtype: Broken
        """
        broken, last = Broken(self.env), self.sorted("number")[-1:]
        if not last:
            broken.of_seal(
                self.env._("the month is locked, but it has no locked revision")
            )
            return broken
        if (close.digest, close.revision) != (last.digest, last.number):
            broken.of_seal(
                self.env._(
                    "the month's integrity hash differs from that of its latest "
                    "revision"
                )
            )
        last._compare_now(broken)
        broken.of_seal(*last._compare_trail())
        broken.of_seal(*payment.contradictions(close))
        return broken

    def _compare_now(self, broken):
        """Compare current data with the locked data, and that with its hash."""
        broken.of_seal(*(unreadable := self._compare_kept()))
        sealed, version = self._readable(), (self.digest or "").partition(":")[0]
        if sealed is None or version not in METHODS:
            return
        now = self._prepare_sealed(self.close_id, version)
        _without_later_slips(now, sealed)
        if self._digest_of(now) != self.digest:
            self._compare_people(now, sealed, broken)
            if not broken and not unreadable:
                broken.of_seal(self.env._("the integrity hash itself"))

    def _compare_kept(self):
        """Return messages if the revision doesn't match its own hash."""
        sealed = self._readable()
        if (self.digest or "").partition(":")[0] not in METHODS:
            return [
                self.env._("the integrity hash was calculated with an unknown method")
            ]
        if sealed is None:
            return [
                self.env._(
                    "the locked data of revision %s was destroyed, so it can't show "
                    "what differs",
                    self.number,
                )
            ]
        if self._digest_of(sealed) != self.digest:
            return [
                self.env._(
                    "the integrity hash itself: revision %s was rewritten", self.number
                )
            ]
        return []

    def _compare_people(self, now, sealed, broken):
        """Add employees and parts that differ from the locked data."""
        names = {
            str(row.employee_id.id): row.user_id.name
            for row in self.close_id.statement_ids
        }
        titles = self._part_titles()
        before, after = sealed["people"], now["people"]
        for key in sorted({*before, *after}):
            old, new = before.get(key), after.get(key)
            name = names.get(key) or self.env._("employee %s", key)
            if old is None or new is None:
                broken.of_person("statement", self.env._("%s: missing or added", name))
                continue
            for part in new:
                if _as_kept(new[part]) != old.get(part):
                    broken.of_person(part, f"{name}: {titles.get(part, part)}")
        self._compare_month(now, sealed, broken)

    def _compare_month(self, now, sealed, broken):
        """Add parts of the month as a whole that differ from the locked data."""
        titles = self._month_titles()
        for part in now:
            if part != "people" and _as_kept(now[part]) != sealed.get(part):
                broken.of_person(part, titles.get(part, part))

    def _compare_trail(self):
        """Return messages if the audit trail has another hash or user for it.

        Lock events are in the order of the revisions. This finds changes even if month,
        hash and revision were all rewritten, because the event is part of the hash
        chain.
        """
        rows = self._recorded(self.close_id)
        if len(rows) < self.number:
            return [
                self.env._(
                    "the audit trail has no event for the lock of revision %s",
                    self.number,
                )
            ]
        digest, user_id, _date = rows[self.number - 1]
        found = []
        if digest != self.digest:
            found.append(
                self.env._(
                    "the audit trail has a different hash for revision %s: statements, "
                    "integrity hash and revision were all rewritten",
                    self.number,
                )
            )
        if self.sealed_by_id.id != user_id:
            found.append(
                self.env._(
                    "revision %(number)s names %(person)s, but the audit trail names "
                    "%(recorded)s",
                    number=self.number,
                    person=self.sealed_by_id.name,
                    recorded=self.env["res.users"].browse(user_id).name,
                )
            )
        return found

    def _contradictions(self, close):
        """Return where the revisions of a month and its lock events disagree.

        :param close: nka.month.close, of which these are the revisions
        :rtype: list[str]
        """
        numbers = self.mapped("number")
        found = [
            self.env._("revision %s is missing", number)
            for number in range(1, len(self._recorded(close)) + 1)
            if number not in numbers
        ]
        for revision in self:
            found += [*revision._compare_kept(), *revision._compare_trail()]
        return found

    @api.model
    def _recorded(self, close):
        """Return the lock events of a month, one per revision, in their order.

        :return: rows of hash, user id and time
        """
        return self.env.execute_query(
            SQL(
                """SELECT file_digest, user_id, date FROM nka_audit_event
                    WHERE res_model = 'nka.month.close' AND res_id = %s
                      AND kind = 'state' AND new = 'locked'
                    ORDER BY id""",
                close.id,
            )
        )

    # ------------------------------------------------------------ labels
    @api.model
    def _part_titles(self):
        """Return the names of the locked parts of a statement."""
        return {
            "statement": self.env._("the statement"),
            "lines": self.env._("the lines of the statement"),
            "agreement": self.env._("the agreement"),
            "credits": self.env._("the sales credits"),
            "goals": self.env._("the goals"),
            "reports": self.env._("the weekly reports"),
            "openings": self.env._("the opening balances"),
            "corrections": self.env._("the adjustments"),
            "payslip": self.env._("the payslip"),
        }

    @api.model
    def _month_titles(self):
        """Return the names of the locked parts of the month as a whole."""
        return {
            "steps": self.env._("who calculated, approved or locked the month"),
            "left_out": self.env._("who was excluded, and why"),
            "versions": self.env._("the terms of a plan version"),
            "other_credits": self.env._(
                "the sales credits of people without a statement"
            ),
            "company": self.env._("the company"),
            "currency": self.env._("the currency"),
            "month": self.env._("the month"),
        }


def _as_kept(content):
    """Return ``content`` as a JSON column returns it."""
    return json.loads(json.dumps(content))


def _without_later_slips(now, sealed):
    """Ignore payslips generated in the background after the lock.

    They are compared with their statements, and locked, when the last one is done.
    """
    for key, person in now["people"].items():
        if sealed["people"].get(key, {}).get("payslip") is False:
            person["payslip"] = False


def _differences(before, after):
    """Return the amounts in which a revision differs from the one before; amounts that
    only one of them covers can't be compared.

    :return: list of ``[employee id, field, before, after]``; None if the employee isn't
        in that revision
    """
    old, new = before.get("people", {}), after["people"]
    found = []
    for key in sorted({*old, *new}, key=int):
        was = (old.get(key) or {}).get("statement") or {}
        now = (new.get(key) or {}).get("statement") or {}
        names = {*was} & {*now} if was and now else {*was, *now}
        found += [
            [int(key), name, was.get(name), now.get(name)]
            for name in sorted(names)
            if name.endswith("_amount") and was.get(name) != now.get(name)
        ]
    return found
