import random
from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..trail.frozen_rows import frozen
from .audit_chain_walk import PART
from .checked import Check
from .scope import GROUPS

#: Every part is verified again within this time.
LONGEST = timedelta(days=27)
#: Not predictable: drawn from the random source of the operating system.
DRAW = random.SystemRandom()
#: Columns that never change.
IDENTITY = ("company_id", "kind", "number", "digest")
#: What is signed: these columns and the date, in this format.
FORMAT = "nka-audit-part-1"
SIGNED = ("format", *IDENTITY, "date", "signing_key")


class Part(NamedTuple):
    """A part that was verified: number, hash of its last event, and when."""

    number: int
    digest: str
    date: str


class AuditPart(models.Model):
    """When each part of a company's audit trail was last verified.

    A part is a stretch of the chain, or a group of records. Nightly verifications begin
    after the parts already verified, and repeat some of them. Each row is signed like a
    checkpoint, so that nobody can exclude a part by changing its row. If rows are
    missing, everything is verified.
    """

    _name = "nka.audit.part"
    _inherit = ["nka.append.only.mixin"]
    _description = "Verified part of the audit trail"
    _log_access = False
    _order = "company_id, kind, number"
    _rec_name = "number"

    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", readonly=True
    )
    kind = fields.Selection(
        [("events", "Events"), ("records", "Records")],
        required=True,
        readonly=True,
    )
    number = fields.Integer("Part no.", required=True, readonly=True)
    first_seq = fields.Integer("First event", compute="_compute_seqs")
    last_seq = fields.Integer("Last event", compute="_compute_seqs")
    digest = fields.Char("Hash of the last event", readonly=True)
    date = fields.Datetime("Last verified", required=True, readonly=True)
    signing_key = fields.Char("Signing key", readonly=True)
    signature = fields.Char(readonly=True)

    _part_unique = models.Constraint(
        "UNIQUE(company_id, kind, number)", "A part can have only one row."
    )

    @api.model
    def _guards(self):
        """Refuse changes of what a row stands for. A deleted row has its part verified
        again at once, so deleting is no way around a verification.
        """
        table = self._table
        return [
            *super()._guards(),
            *frozen(table, "TRUE", IDENTITY, "UPDATE"),
            *frozen(table, "TRUE", operations="TRUNCATE", name=f"{table}_no_truncate"),
        ]

    # ------------------------------------------------------------ compute
    @api.depends("kind", "number")
    def _compute_seqs(self):
        for part in self:
            is_stretch = part.kind == "events"
            part.first_seq = (part.number - 1) * PART + 1 if is_stretch else 0
            part.last_seq = part.number * PART if is_stretch else 0

    # ------------------------------------------------------------ CRUD
    @api.model
    def _refuse_change(self):
        raise AccessError(
            self.env._(
                "Only a verification writes which parts of the audit trail it covered. "
                "To verify all of them, choose “Verify now”."
            )
        )

    # ------------------------------------------------------------ reading
    @api.model
    def _kept(self, rows):
        """Return the parts by kind, in order.

        :param rows: what :meth:`_rows_of` returns
        :rtype: dict[str, list[Part]]
        """
        kept = {"events": [], "records": []}
        for kind, number, digest, date, _signature in rows:
            kept[kind].append(Part(number, digest, date))
        return kept

    @api.model
    def _rows_of(self, company):
        """Return the parts of a company that were signed with the current key here."""
        return self.env.execute_query(
            SQL(
                """SELECT kind, number, COALESCE(digest, ''),
                          to_char(date, 'YYYY-MM-DD HH24:MI:SS'), signature
                     FROM nka_audit_part
                    WHERE company_id = %s AND signing_key = %s ORDER BY kind, number""",
                company.id,
                self._key_name(),
            )
        )

    @api.model
    def _key_name(self):
        """Return a name of the key and of this database: the server also signs for
        copies of it, in which other rows can be intact.
        """
        return f"{self.env['nka.audit.seal']._key_name()}-{self._database_number()}"

    @api.model
    def _database_number(self):
        [(number,)] = self.env.execute_query(
            SQL("SELECT oid FROM pg_database WHERE datname = current_database()")
        )
        return number

    @api.model
    def _signature_of(self, company, kind, number, digest, date, key):
        values = (FORMAT, company.id, kind, number, digest, date, key)
        return self.env["nka.audit.seal"]._sign(dict(zip(SIGNED, values, strict=True)))

    # ------------------------------------------------------------ checking
    @api.model
    def _check_parts(self, company, rows):
        """Compare the parts with their signature and with the events of the chain.

        :param rows: what :meth:`_rows_of` returns
        :rtype: Check
        """
        digests, key = self._digests_of(company), self._key_name()
        findings = []
        for kind, number, digest, date, signature in rows:
            signed = self._signature_of(company, kind, number, digest, date, key)
            if signature != signed:
                findings.append(self._say_changed(kind, number))
            elif kind == "events" and digests.get(number) != digest:
                findings.append(self._say_rewritten(number, date))
        return Check(
            self.env._("Parts verified before, against their signature and the chain"),
            len(rows),
            findings,
            self.env._("Parts"),
        )

    @api.model
    def _digests_of(self, company):
        """Return the hash of the last event of each part, by number of the part."""
        return dict(
            self.env.execute_query(
                SQL(
                    """SELECT part.number, event.digest
                         FROM nka_audit_part part
                         JOIN nka_audit_event event
                           ON event.company_id = part.company_id
                          AND event.seq = part.number * %s
                        WHERE part.company_id = %s AND part.kind = 'events'""",
                    PART,
                    company.id,
                )
            )
        )

    @api.model
    def _say_changed(self, kind, number):
        if kind == "events":
            return self.env._(
                "The row that says when events %(first)s to %(last)s were verified was "
                "changed outside the program.",
                first=(number - 1) * PART + 1,
                last=number * PART,
            )
        return self.env._(
            "The row that says when the records of group %s were verified was changed "
            "outside the program.",
            number,
        )

    @api.model
    def _say_rewritten(self, number, date):
        return self.env._(
            "Event %(seq)s isn't the one that was verified on %(date)s: the chain was "
            "rewritten or cut at or before this event.",
            seq=number * PART,
            date=date,
        )

    # ------------------------------------------------------------ writing
    @api.model
    def _renew(self, company, night, ends, rows, is_whole):
        """Keep what a verification covered; nothing if it found a contradiction.

        After a contradiction, and until a verification finds none, everything is
        verified every night.

        :param night: a :class:`.nightly.Night`, or why everything was verified
        :param dict ends: hash of the last event of the verified parts, by number
        :param rows: what :meth:`_rows_of` returned before
        :return: since when everything was verified; False if that isn't known
        """
        is_everything = isinstance(night, str)
        if is_everything or not is_whole:
            self._forget(company)
        if not is_whole:
            return False
        groups = range(GROUPS) if is_everything else night.scope.groups
        now = fields.Datetime.to_string(fields.Datetime.now())
        dates = {} if is_everything else {row[:2]: row[3] for row in rows}
        dates |= self._keep(company, now, ends, groups)
        return min(dates.values())

    @api.model
    def _keep(self, company, now, ends, groups):
        """Write that parts were verified.

        :param res.company company: company of the audit trail
        :param str now: when
        :param dict ends: hash of the last event of parts of the chain, by number
        :param groups: numbers of groups of records
        :return: the date by kind and number
        :rtype: dict
        """
        key = self._key_name()
        verified = [
            *(("events", number, digest) for number, digest in ends.items()),
            *(("records", number, "") for number in groups),
        ]
        rows = [
            (company.id, *part, now, key, self._signature_of(company, *part, now, key))
            for part in verified
        ]
        self.env.cr.execute(
            SQL(
                """INSERT INTO nka_audit_part
                          (company_id, kind, number, digest, date, signing_key, signature)
                   VALUES %s
                   ON CONFLICT (company_id, kind, number) DO UPDATE
                      SET date = EXCLUDED.date, signing_key = EXCLUDED.signing_key,
                          signature = EXCLUDED.signature""",
                SQL(", ").join(rows),
            )
        )
        self.invalidate_model(flush=False)
        return dict.fromkeys(
            ((kind, number) for kind, number, _digest in verified), now
        )

    @api.model
    def _forget(self, company):
        """Delete the parts of a company, so that everything is verified next."""
        self.env.cr.execute(
            SQL("DELETE FROM nka_audit_part WHERE company_id = %s", company.id)
        )
        self.invalidate_model(flush=False)
