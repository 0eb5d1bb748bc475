from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, LazyTranslate, format_date

from ..trail.frozen_rows import frozen
from ..trail.opening import open_action
from ..trail.roles import ADMIN, SUPERVISOR
from .nka_reading_day import KEPT_RULE

_lt = LazyTranslate(__name__)

#: What was found; it can't be changed afterwards.
FOUND_FIELDS = (
    "user_id",
    "company_id",
    "day",
    "level",
    "read_count",
    "taken_count",
    "baseline",
    "taken_baseline",
    "is_against_peers",
)


class ReadingAlert(models.Model):
    """Somebody reads far more than they usually do: told to their supervisors.

    There is at most one alert of each level for a person and a day.
    """

    _name = "nka.reading.alert"
    _description = "Unusual reading"
    _inherit = ["nka.state.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "day desc, id desc"
    _mail_post_access = "read"
    _rec_name = "user_id"

    _guarded_fields = (
        *FOUND_FIELDS,
        "state",
        "supervisor_ids",
        "is_released",
        "answer",
    )
    _audit_kinds = {
        "reading_unusual": _lt("Unusual reading"),
        "reading_forgotten": _lt("Unusual reading: retention ended"),
    }
    _audit_readers = "record"
    # Reviewed or not, alerts are deleted when their retention ends.
    _removable_states = ("reviewed",)
    _reason_actions = {
        "action_review": _lt("What did you find out?"),
        "action_release": _lt("Why may they continue?"),
    }

    user_id = fields.Many2one(
        "res.users", "Person", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    day = fields.Date(required=True, readonly=True)
    level = fields.Selection(
        [("told", "Supervisors told"), ("stopped", "Reading stopped")],
        required=True,
        readonly=True,
    )
    read_count = fields.Integer("Records read", readonly=True)
    taken_count = fields.Integer("Exported or sent", readonly=True)
    baseline = fields.Float(
        "Own baseline",
        digits=(16, 1),
        readonly=True,
        help="Median of the person's records read on the same weekday in the weeks before.",
    )
    taken_baseline = fields.Float(
        "Usually exported or sent", digits=(16, 1), readonly=True
    )
    is_against_peers = fields.Boolean(
        "Compared with colleagues",
        readonly=True,
        help="The person has too few days for a baseline of their own. The baseline is the "
        "median of colleagues with the same role.",
    )
    supervisor_ids = fields.Many2many(
        "res.users", "nka_reading_alert_user_rel", string="Told", readonly=True
    )
    state = fields.Selection(
        [("open", "To review"), ("reviewed", "Reviewed")],
        default="open",
        required=True,
        readonly=True,
        index=True,
    )
    is_released = fields.Boolean(
        "May continue",
        readonly=True,
        help="A supervisor let the person continue reading on this day.",
    )
    answer = fields.Text("Finding", readonly=True)

    _level_unique = models.UniqueIndex(
        "(user_id, day, level)",
        "Supervisors are told of a person's unusual reading only once a day.",
    )

    @api.model
    def _guards(self):
        """Keep what was found, in the database as well."""
        return [*super()._guards(), *frozen(self._table, KEPT_RULE, FOUND_FIELDS)]

    # ------------------------------------------------------------ compute
    @api.depends("user_id", "day")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for alert in self:
            alert.display_name = (
                f"{alert.user_id.name}, {format_date(self.env, alert.day)}"
            )

    # ------------------------------------------------------------ CRUD
    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        if self._is_unlocked():
            return
        raise UserError(
            self.env._(
                "Alerts about unusual reading can't be deleted. They are removed when the "
                "retention period ends."
            )
        )

    # ------------------------------------------------------------ checks
    def _check_reviewer(self):
        """Refuse everybody but a supervisor other than the person concerned.

        The key account administrators who were told may review it too: they are told
        if there is no other supervisor.
        """
        for alert in self.sudo():
            told = self.env.user in alert.supervisor_ids
            if self.env.user == alert.user_id or not (
                self.env.user.has_group(SUPERVISOR)
                or (told and self.env.user.has_group(ADMIN))
            ):
                raise AccessError(
                    self.env._(
                        "Another supervisor has to review this: it is about the reading "
                        "of %s.",
                        alert.user_id.name,
                    )
                )

    # ------------------------------------------------------------ actions
    def action_review(self, reason=None):
        """Close alerts with a finding, as a supervisor other than the person.

        :param str reason: for the audit trail; a wizard asks for it if missing
        """
        self.check_access("read")
        self._check_reviewer()
        self._check_state("open")
        if not reason:
            return self._ask_reason("action_review")
        self.sudo()._move_to("reviewed", note=reason, answer=reason)
        self.sudo().activity_ids.unlink()
        return True

    def action_release(self, reason=None):
        """Let people whose reading stopped today continue until the end of the day.

        :param str reason: for the audit trail; a wizard asks for it if missing
        :raise UserError: if reading didn't stop, or the day is over
        """
        self.check_access("read")
        self._check_reviewer()
        for alert in self:
            if alert.level != "stopped" or alert.day != alert._person_today():
                raise UserError(
                    self.env._(
                        "Reading of %s isn't stopped today, so there is nothing to "
                        "release.",
                        alert.user_id.name,
                    )
                )
        if not reason:
            return self._ask_reason("action_release")
        self.sudo()._unlocked().write({"is_released": True})
        self.env["nka.audit.event"]._record(
            self, "reading_unusual", new=self.env._("May continue"), note=reason
        )
        return True

    def action_open_days(self):
        """Open the day totals of the person."""
        self.ensure_one()
        return open_action(
            self.env,
            "nka_reading_day_action",
            domain=[("user_id", "=", self.user_id.id)],
            context={},
        )

    # ------------------------------------------------------------ telling
    def _person_today(self):
        return self.env["nka.reading.day"]._today_in(self.user_id.sudo().company_id)

    @api.model
    def _tell(self, values):
        """Log unusual reading and tell the supervisors, once a day and level.

        :param dict values: user_id, company_id, day, level and the figures
        :return: the new alert; empty if there was one
        """
        names = SQL(", ").join(map(SQL.identifier, [*values, "state"]))
        made = self.env.execute_query(
            SQL(
                """INSERT INTO nka_reading_alert (%s) VALUES %s
                   ON CONFLICT DO NOTHING RETURNING id""",
                names,
                (*values.values(), "open"),
            )
        )
        alert = self.sudo().browse(number for [number] in made)
        if alert:
            alert._unlocked().write({"supervisor_ids": alert._people_to_tell().ids})
            self.env["nka.audit.event"]._record(
                alert,
                "reading_unusual",
                old=round(values["baseline"] or 0, 1),
                new=values["read_count"],
                note=alert._describe(),
            )
            alert._ask_supervisors()
        return alert

    def _ask_supervisors(self):
        note = self._describe()
        # As the system: whoever creates an activity can also delete it.
        alert = self.with_user(SUPERUSER_ID)
        for person in self.supervisor_ids:
            alert.activity_schedule(
                "nka_key_accounts.mail_activity_type_reading",
                user_id=person.id,
                note=note,
            )

    def _describe(self):
        """Return the figures as a sentence, for the activity and the audit trail."""
        self.ensure_one()
        words = {
            "person": self.user_id.name,
            "day": format_date(self.env, self.day),
            "read": self.read_count,
            "usual": round(self.baseline),
            "taken": self.taken_count,
            "usually": round(self.taken_baseline),
        }
        if self.level == "stopped":
            return self.env._(
                "%(person)s read %(read)s key account records on %(day)s, usually %(usual)s on "
                "this weekday. Reading was stopped for the rest of the day.",
                **words,
            )
        if self.is_against_peers:
            return self.env._(
                "%(person)s read %(read)s key account records on %(day)s, colleagues with the "
                "same role usually %(usual)s on this weekday; exported or sent: %(taken)s, "
                "usually %(usually)s. %(person)s has no baseline of their own yet.",
                **words,
            )
        return self.env._(
            "%(person)s read %(read)s key account records on %(day)s, usually %(usual)s on this "
            "weekday; exported or sent: %(taken)s, usually %(usually)s.",
            **words,
        )

    def _people_to_tell(self):
        """Return the person's supervisors, else all others of the company, else its key
        account administrators; never the person.

        Their supervisors in any of their companies are told.

        :rtype: res.users
        """
        self.ensure_one()
        users, person = self.env["res.users"].sudo(), self.user_id
        every = users.union(
            *(
                users._nka_holders(SUPERVISOR, company, person)
                for company in person.sudo().company_ids
            )
        )
        return (
            every & users._nka_supervisors_of(person)
            or users._nka_holders(SUPERVISOR, self.company_id, person)
            or every
            or users._nka_holders(ADMIN, self.company_id, person)
        )

    # ------------------------------------------------------------ retention
    @api.model
    def _forget(self):
        """Delete alerts whose retention has passed, with an event for each."""
        days = self.env["nka.reading.day"]
        rows = self.env.execute_query(
            SQL(
                """SELECT old.id FROM nka_reading_alert old, res_company company
                    WHERE %s ORDER BY old.id""",
                days._sql_passed(),
            )
        )
        if not rows:
            return
        passed = self.sudo().browse(number for [number] in rows)
        self.env["nka.audit.event"]._record(passed, "reading_forgotten")
        passed._unlocked().unlink()
