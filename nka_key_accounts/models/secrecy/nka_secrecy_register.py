from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL, LazyTranslate, format_date

from ..facts.calendars import zone_name
from ..trail.opening import open_action
from ..trail.roles import ADMIN, SUPERVISOR

_lt = LazyTranslate(__name__)

REPORT = "nka_key_accounts.nka_secrecy_register_report"
USUAL_DAYS = 90
READ_KINDS = ("account", "contact", "document")
#: Kinds of events that have a column of their own.
OWN_COLUMNS = ("print", "file_sent", "export")


class SecrecyRegister(models.TransientModel):
    """Access register of a key account for a period: who read, printed, exported or was
    sent something.
    """

    _name = "nka.secrecy.register"
    _description = "Access register"
    _inherit = ["nka.known.mixin"]
    _audit_kinds = {"access_register": _lt("Access register printed")}

    key_account_id = fields.Many2one("nka.key.account", "Key account", required=True)
    company_id = fields.Many2one(related="key_account_id.company_id")
    date_from = fields.Date(
        "First day",
        required=True,
        default=lambda self: (
            fields.Date.context_today(self) - timedelta(days=USUAL_DAYS)
        ),
    )
    date_to = fields.Date(
        "Last day", required=True, default=lambda self: fields.Date.context_today(self)
    )

    # ------------------------------------------------------------ constraints
    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for register in self:
            if register.date_to < register.date_from:
                raise ValidationError(
                    self.env._("The period ends before it starts. Change its dates.")
                )

    # ------------------------------------------------------------ actions
    def action_print(self):
        """Print the register as PDF."""
        self.ensure_one()
        self._check_may_print(self.key_account_id)
        return self.env.ref(REPORT).report_action(self, config=False)

    @api.model
    def _action_for(self, account):
        return open_action(
            self.env,
            "nka_secrecy_register_action",
            context={"default_key_account_id": account.id},
        )

    # ------------------------------------------------------------ checks
    @api.model
    def _check_may_print(self, account):
        """Refuse everybody but supervisors and administrators without part in its pay.

        :raise AccessError: for others; names whom to ask
        """
        account.check_access("read")
        if not self.env.user.has_groups(f"{SUPERVISOR},{ADMIN}"):
            raise AccessError(
                self.env._(
                    "Only supervisors and key account administrators can print the access "
                    "register of a client. Ask one of them."
                )
            )
        self.env["nka.assignment"]._check_uninvolved(account)

    # ------------------------------------------------------------ register
    def _record_print(self):
        """Record who printed which period, also if no regime is in force."""
        for register in self:
            self.env["nka.audit.event"]._record(
                register.key_account_id,
                "access_register",
                new=self.env._(
                    "%(first)s to %(last)s",
                    first=format_date(self.env, register.date_from),
                    last=format_date(self.env, register.date_to),
                ),
            )

    def _prepare_register(self):
        """Return what is known of accesses to the account in the period.

        :return: people with their accesses; what was sent; what isn't known
        :rtype: dict
        """
        self.ensure_one()
        self._check_may_print(self.key_account_id)
        people = defaultdict(lambda: defaultdict(list))
        for user_id, kind, days, first, last in self._read_accesses():
            people[user_id][kind].append((days, first, last))
        events = self._read_events()
        for event in events:
            kind = event.kind if event.kind in OWN_COLUMNS else "worked"
            people[event.user_id.id][kind].append(event)
        totals = self._read_totals(list(people))
        users = self.env["res.users"].sudo().with_context(active_test=False)
        rows = [
            self._prepare_row(user, people[user.id], totals.get(user.id))
            for user in users.browse(people).sorted("name")
        ]
        return {
            "rows": rows,
            "sent": events.filtered(lambda event: event.kind == "file_sent"),
            "since": self._kept_since(),
            "has_totals": bool(totals),
            "unknown": self._unknown(),
        }

    def _prepare_row(self, user, found, totals):
        reads = [span for kind in READ_KINDS for span in found.get(kind, ())]
        prints = found.get("print", [])
        numbers = [row.print_number for row in prints if not isinstance(row, tuple)]
        return {
            "name": user.name,
            "login": user.login,
            "read": self._say_spans(reads),
            "files": self._say_spans(found.get("file", ())),
            "printed": self._say_spans([r for r in prints if isinstance(r, tuple)]),
            "numbers": ", ".join(dict.fromkeys(numbers)),
            "exported": self._say_spans(
                [r for r in found.get("export", ()) if isinstance(r, tuple)]
            ),
            "sent": len(found.get("file_sent", ())),
            "worked": len(found.get("worked", ())),
            "totals": totals,
        }

    def _say_spans(self, spans):
        """Return the number of days of an access, with the first and the last one."""
        if not spans:
            return ""
        days = max(days for days, _first, _last in spans)
        first = min(first for _days, first, _last in spans)
        last = max(last for _days, _first, last in spans)
        if first == last:
            return format_date(self.env, first)
        return self.env._(
            "%(days)s days, %(first)s to %(last)s",
            days=days,
            first=format_date(self.env, first),
            last=format_date(self.env, last),
        )

    def _read_accesses(self):
        """Return user, kind, number of days, first and last day.

        Account records, contacts and documents are one kind, to count each day once.
        """
        return self.env.execute_query(
            SQL(
                """SELECT user_id,
                          CASE WHEN kind IN %(read)s THEN 'account' ELSE kind END AS what,
                          COUNT(DISTINCT day), MIN(day), MAX(day)
                     FROM nka_secrecy_access
                    WHERE key_account_ref = %(account)s
                      AND day BETWEEN %(first)s AND %(last)s
                    GROUP BY user_id, what""",
                read=READ_KINDS,
                account=self.key_account_id.id,
                first=self.date_from,
                last=self.date_to,
            )
        )

    def _read_events(self):
        """Return the account's events of the period, by days of its company.

        As superuser: a register with gaps where the reader can't see a record would
        name too few people. It shows kinds and numbers, not what the events say.
        """
        zone = zone_name(self.sudo().company_id)
        numbers = self.env.execute_query(
            SQL(
                """SELECT id FROM nka_audit_event
                    WHERE key_account_ref = %(account)s
                      AND (date AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date
                          BETWEEN %(first)s AND %(last)s
                      AND user_id != %(system)s
                    ORDER BY id""",
                account=self.key_account_id.id,
                zone=zone,
                first=self.date_from,
                last=self.date_to,
                system=self.env.ref("base.user_root").id,
            )
        )
        events = self.env["nka.audit.event"].sudo()
        return events.browse(number for [number] in numbers)

    def _read_totals(self, user_ids):
        """Return the day totals of these people, for all accounts together."""
        rows = self.env["nka.reading.day"]._read_group(
            [
                ("user_id", "in", user_ids),
                ("day", ">=", self.date_from),
                ("day", "<=", self.date_to),
            ],
            ["user_id"],
            ["read_count:sum", "print_count:sum", "export_count:sum", "mail_count:sum"],
        )
        return {user.id: numbers for user, *numbers in rows}

    def _kept_since(self):
        """Return the first day of which single accesses to accounts are kept."""
        regime = self.env["nka.secrecy.regime"].sudo()
        first = regime.search(
            [
                ("company_id", "=", self.sudo().company_id.id),
                ("date_approved", "!=", False),
            ],
            order="date_approved",
            limit=1,
        )
        return first.date_approved

    def _unknown(self):
        """Return sentences that say what the register can't know.

        :rtype: list[str]
        """
        return [
            self.env._(
                "Single accesses are kept while a secrecy regime is in force. Of days "
                "before it, the register has only events of the audit trail."
            ),
            self.env._(
                "Colleagues without a key account role: their reading isn't recorded. "
                "What they export, print and send is."
            ),
            self.env._(
                "Totals, charts and lists of names of other records: they show a client "
                "without opening one of its records."
            ),
            self.env._(
                "What happens outside the program: photos of the screen, pages and files "
                "passed on, calls, private mailboxes, other software."
            ),
            self.env._(
                "Direct access to the database or its backups. A verification of the "
                "audit trail finds changes made that way, not reading."
            ),
            self.env._(
                "Whether somebody really looked at a record that was shown to them."
            ),
        ]


class ReportAccessRegister(models.AbstractModel):
    """Access register as a report. Every rendering is recorded."""

    _name = "report.nka_key_accounts.report_access_register"
    _description = "Access register of an account"

    @api.model
    def _get_report_values(self, docids, data=None):
        registers = self.env["nka.secrecy.register"].browse(docids)
        registers.check_access("read")
        for register in registers:
            register._check_may_print(register.key_account_id)
        registers._record_print()
        return {"doc_ids": docids, "doc_model": registers._name, "docs": registers}
