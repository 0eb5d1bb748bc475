import hashlib
import json
from collections import defaultdict

from odoo import fields, models
from odoo.exceptions import UserError

from ..trail.roles import ADMIN, PAYROLL_OFFICER

#: Version of what is sealed and how; an old one stays verifiable by its own method.
SEAL_VERSION = "1"


class MonthCloseSeal(models.Model):
    """The digest over a month: what went in, what came out."""

    _inherit = "nka.month.close"

    # ------------------------------------------------------------ business
    def _seal(self, reason=False):
        """Seal the month as it is now, as its next revision.

        :param str reason: why it is sealed again, for a later revision
        """
        self.env.flush_all()
        self.env.invalidate_all()
        close = self.sudo()
        sealed = close._prepare_sealed(SEAL_VERSION)
        digest = self._digest_of(sealed)
        number = close.revision + 1
        self.env["nka.month.close.revision"].sudo()._unlocked().create(
            close._prepare_revision(number, digest, sealed, reason)
        )
        close._move_to(
            "locked",
            note=reason,
            digest=digest,
            revision=number,
            reopen_reason=False,
            **close._prepare_lock(),
        )
        self.env.flush_all()

    def _prepare_lock(self):
        """Who locked and when: of the first seal, not of people closed later."""
        if self.state == "locked":
            return {}
        return {"locked_by_id": self.env.uid, "locked_date": fields.Datetime.now()}

    def _prepare_revision(self, number, digest, sealed, reason):
        before = self._last_revision()
        return {
            "close_id": self.id,
            "number": number,
            "digest": digest,
            "sealed": sealed,
            "reason": reason or self.reopen_reason,
            "differences": _differences(before.sealed, sealed) if before else [],
            "sealed_by_id": self.env.uid,
            "sealed_date": fields.Datetime.now(),
        }

    def _has_unsealed_slips(self):
        people = self._last_revision().sealed["people"].values()
        return any(person["payslip"] is False for person in people)

    def _last_revision(self):
        return self.revision_ids.sorted("number")[-1:]

    def _digest_of(self, sealed):
        """Version-prefixed SHA-256 over canonical, sorted JSON."""
        text = json.dumps(
            sealed, sort_keys=True, separators=(",", ":"), ensure_ascii=True
        )
        version = sealed["version"]
        return f"{version}:{hashlib.sha256(text.encode()).hexdigest()}"

    # ------------------------------------------------------------ checks
    def _check_sealed(self):
        """Refuse unless the month is locked and still exactly what was sealed.

        Called before everything that leaves the house: prints, exports, mails.

        :raise UserError: naming what differs
        """
        self._check_state("locked")
        self.env.flush_all()
        for close in self.sudo():
            revision = close._last_revision()
            now = close._prepare_sealed(close.digest.partition(":")[0])
            _without_later_slips(now, revision.sealed)
            if close.digest == revision.digest == self._digest_of(now):
                continue
            raise UserError(
                self.env._(
                    "%(month)s isn't what was sealed: %(parts)s. Nothing is printed or "
                    "exported from it. Ask an administrator who worked past the "
                    "program; nothing was changed.",
                    month=close.display_name,
                    parts="; ".join(close._say_broken(revision.sealed, now)),
                )
            )

    def action_verify(self):
        """Compare the month with its seal, and say that it is unchanged.

        :raise AccessError: for other roles
        :raise UserError: naming what differs
        """
        self.check_access("read")
        if not self.env.user.has_group(ADMIN):
            self._check_group(
                PAYROLL_OFFICER, self.env._("Only payroll officers verify a month.")
            )
        self._check_sealed()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": self.env._("Unchanged"),
                "message": self.env._(
                    "Everything is exactly what was sealed: inputs, statements and "
                    "payslips."
                ),
            },
        }

    def _say_broken(self, sealed, now):
        """People and parts that differ from the seal, in words."""
        names = {
            str(row.employee_id.id): row.user_id.name for row in self.statement_ids
        }
        titles = self._section_titles()
        parts = []
        before, after = sealed.get("people", {}), now["people"]
        for key in sorted({*before, *after}):
            old, new = before.get(key), after.get(key)
            name = names.get(key) or self.env._("employee %s", key)
            if not old or not new:
                parts.append(self.env._("%s: missing or added", name))
                continue
            parts += [
                f"{name}: {title}"
                for section, title in titles.items()
                if json.loads(json.dumps(new[section])) != old[section]
            ]
        return parts or [self.env._("the seal itself")]

    def _section_titles(self):
        return {
            "statement": self.env._("statement"),
            "lines": self.env._("lines of the statement"),
            "agreement": self.env._("agreement"),
            "credits": self.env._("credits"),
            "goals": self.env._("goals"),
            "reports": self.env._("work reports"),
            "payslip": self.env._("payslip"),
        }

    # ------------------------------------------------------------ preparing
    def _prepare_sealed(self, version):
        """What the digest covers, as plain JSON; the same however often it is asked.

        :param str version: of the seal; ``1`` is the only one so far
        """
        self.ensure_one()
        locked = self.statement_ids.filtered(lambda row: row.state == "locked")
        sections = {
            name: getattr(self, f"_seal_{name}")(locked)
            for name in self._section_titles()
        }
        return {
            "version": version,
            "company": self.company_id.id,
            "currency": self.currency_id.name,
            "month": str(self.month),
            "left_out": sorted(
                [row.employee_id.id, row.reason] for row in self.exclusion_ids
            ),
            "people": {
                str(row.employee_id.id): {
                    name: found.get(row.id) for name, found in sections.items()
                }
                for row in locked
            },
        }


def _without_later_slips(now, sealed):
    """Payslips made in the background since the seal: it knew of none.

    They are compared with their statements, and sealed, when the last one is made.
    """
    for key, person in now["people"].items():
        if sealed["people"].get(key, {}).get("payslip") is False:
            person["payslip"] = False


def _differences(before, after):
    """What a revision changed of the one before: amounts by person.

    :return: list of ``[employee id, field, before, after]``; None where nobody was
    """
    old, new = before.get("people", {}), after["people"]
    found = []
    for key in sorted({*old, *new}, key=int):
        was = (old.get(key) or {}).get("statement") or defaultdict(lambda: None)
        now = (new.get(key) or {}).get("statement") or defaultdict(lambda: None)
        found += [
            [int(key), name, was[name], now[name]]
            for name in sorted({*was, *now})
            if name.endswith("_amount") and was[name] != now[name]
        ]
    return found
