import logging
from functools import partial
from typing import NamedTuple

from psycopg2 import OperationalError
from psycopg2.errors import SerializationFailure
from psycopg2.pool import PoolError

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..control.nka_reading import TAKEN_KINDS
from ..trail.roles import SUPERVISOR

_logger = logging.getLogger(__name__)


class Standing(NamedTuple):
    """What a person has read today, and what they usually read on this weekday."""

    read: int
    taken: int
    usual_read: float | None
    usual_taken: float | None
    #: Levels of which their supervisors were told today.
    levels: list
    is_released: bool
    is_restricted: bool
    #: Whether they are compared with colleagues, for lack of days of their own.
    is_against_peers: bool


class Reading(models.Model):
    """Compare what a person reads in a day with their own baseline."""

    _inherit = "nka.reading"

    @api.model
    def _policy(self):
        """Return the policy for the current user, None if no totals are kept.

        :rtype: Policy or None
        """
        return self.env.user.sudo().company_ids._nka_reading_policy(self._today())

    @api.model
    def _stand(self, numbers):
        day, user = self._today(), self.env.user
        restrictions = self.env["nka.reading.restriction"]._in_force(user, day)
        restrictions._check_closed(numbers)
        policy = self._policy()
        if not policy:
            return super()._stand(numbers)
        usual = self.env["nka.reading.day"]._baselines(user, day, policy)[user.id]
        is_new = usual["read_count"] is None
        if is_new and not restrictions:
            peers = user._nka_reading_peers()
            usual = self.env["nka.reading.day"]._peers_usual(peers, day, policy)
        return restrictions._tighten(policy), Standing(
            *self._read_today(day),
            usual["read_count"],
            usual["taken_count"],
            *self._alerts_of(day),
            is_restricted=bool(restrictions),
            is_against_peers=is_new,
        )

    @api.model
    def _read_today(self, day):
        """Return how many records the current user has read today, and taken out."""
        [found] = self.env.execute_query(
            SQL(
                """SELECT COALESCE(SUM(count)
                                   FILTER (WHERE COALESCE(kind, '') NOT IN %(taken)s), 0),
                          COALESCE(SUM(count) FILTER (WHERE kind IN %(taken)s), 0)
                     FROM nka_reading WHERE user_id = %(user)s AND day = %(day)s""",
                taken=TAKEN_KINDS,
                user=self.env.uid,
                day=day,
            )
        )
        return found

    @api.model
    def _alerts_of(self, day):
        self.env["nka.reading.alert"].flush_model(["is_released"])
        [found] = self.env.execute_query(
            SQL(
                """SELECT COALESCE(array_agg(level), '{}'),
                          COALESCE(bool_or(is_released), FALSE)
                     FROM nka_reading_alert WHERE user_id = %s AND day = %s""",
                self.env.uid,
                day,
            )
        )
        return found

    @api.model
    def _judge(self, numbers, standing):
        super()._judge(numbers, standing)
        if not standing:
            return
        policy, today = standing
        is_reading = not numbers.keys() <= set(TAKEN_KINDS)
        if is_reading and not today.is_released and self._is_stopped():
            # Once stopped, smaller reads that would fit are stopped as well.
            stopped = "stopped" in today.levels and policy.stopped
            own = today.is_restricted or not today.is_against_peers
            if stopped or (
                own and self._is_beyond_usual(today, policy, policy.stopped, "read")
            ):
                self._refuse_day(today)
        if "told" not in today.levels and (
            self._is_beyond_usual(today, policy, policy.told, "read")
            or self._is_beyond_usual(today, policy, policy.told, "taken")
        ):
            self._tell_day(today)

    @api.model
    def _is_beyond_usual(self, today, policy, multiple, what):
        """Return whether today's number is above a multiple of the baseline.

        People without a baseline are compared with colleagues, if there are enough, or
        with the smallest baseline if they are restricted.

        :param str what: ``read`` or ``taken``
        """
        number, usual = getattr(today, what), getattr(today, f"usual_{what}")
        if not multiple or (usual is None and not today.is_restricted):
            return False
        return number > multiple * max(usual or 0, policy.floor)

    @api.model
    def _prepare_alert(self, level, today):
        return {
            "user_id": self.env.uid,
            "company_id": self.env.user._nka_home_company().id,
            "day": self._today(),
            "level": level,
            "read_count": today.read,
            "taken_count": today.taken,
            "baseline": today.usual_read or 0,
            "taken_baseline": today.usual_taken or 0,
            "is_against_peers": today.is_against_peers and not today.is_restricted,
        }

    @api.model
    def _tell_day(self, today):
        """Tell the supervisors; a request at the same time may have done it.

        If the primary gives no connection, the next read tells them: a read is counted
        already and needn't fail for this.
        """
        values = self._prepare_alert("told", today)
        try:
            with self._writable() as readings, readings.env.cr.savepoint():
                readings.env["nka.reading.alert"]._tell(values)
        except SerializationFailure:
            _logger.info("Supervisors are told by another request")
        except (OperationalError, PoolError) as error:
            if not self._is_apart():
                raise
            _logger.error("Supervisors weren't told: %s", values, exc_info=error)

    @api.model
    def _refuse_day(self, today):
        """Stop reading, and tell the supervisors after the rollback.

        :raise AccessError: always
        """
        if "stopped" not in today.levels:
            tell = partial(self._tell_apart, self._prepare_alert("stopped", today), [])
            self.env.cr.postrollback.add(tell)
            self.env.cr.postcommit.add(tell)
        user, users = self.env.user, self.env["res.users"]
        raise AccessError(
            self.env._(
                "You have read %(read)s key account records today, far more than you "
                "usually do on this weekday (%(usual)s). Reading is stopped until "
                "tomorrow, and your supervisors are informed. If your work requires it, "
                "ask one of them to let you continue: %(people)s.",
                read=today.read,
                usual=round(today.usual_read or 0),
                people=users._nka_name_holders(
                    SUPERVISOR,
                    user._nka_home_company(),
                    user,
                    users._nka_supervisors_of(user),
                ),
            )
        )

    def _tell_apart(self, values, done):
        """Tell the supervisors in a transaction of its own, at most once.

        Errors are logged: reading has been refused already, and the next attempt tells
        them again.
        """
        if done:
            return
        done.append(True)
        try:
            with self.env.registry.cursor() as cr:
                env = self.with_env(self.env(cr=cr)).env
                env["nka.reading.alert"]._tell(values)
        except SerializationFailure:
            _logger.info("The supervisors are told by another request")
        except (OperationalError, PoolError) as error:
            _logger.error("Supervisors weren't told: %s", values, exc_info=error)
