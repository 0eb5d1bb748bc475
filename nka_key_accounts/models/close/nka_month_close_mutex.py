from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

#: First halves of the advisory locks: the month at work, and who works on it.
WORK_KEY, PERSON_KEY = 0x6E6B6163, 0x6E6B6170


class MonthCloseMutex(models.Model):
    """One officer at a time; the other is told at once by whom, and waits for nothing."""

    _inherit = "nka.month.close"

    def _seize(self):
        """Take the month for this transaction, or say who has it.

        Two advisory locks of the transaction: on the month, and one that names the
        person, so that the refused one can read who it is. The row is updated before
        anything is read of it: whoever comes with a snapshot from before the other's
        commit starts again on what is true now.

        :raise UserError: when somebody else is at it
        """
        self.ensure_one()
        rows = self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock(%s, %s)", WORK_KEY, self.id)
        )
        if not rows[0][0]:
            raise UserError(self._say_seized())
        self.env.cr.execute(
            SQL("SELECT pg_advisory_xact_lock_shared(%s, %s)", PERSON_KEY, self.env.uid)
        )
        self.env.cr.execute(
            SQL("UPDATE nka_month_close SET state = state WHERE id = %s", self.id)
        )
        self.invalidate_recordset()

    def _say_seized(self):
        return self.env._(
            "%(month)s is being closed by %(person)s right now. Open the page again in "
            "a moment and see what became of it; nothing was changed.",
            month=self.display_name,
            person=self._person_of(self._locks_at_work()),
        )

    def _locks_at_work(self):
        """The advisory locks of whatever transaction has this month, seen at once.

        :return: list of pairs, the halves of each; empty when nobody is at it
        """
        return self.env.execute_query(
            SQL(
                """SELECT held.classid::bigint, held.objid::bigint
                     FROM pg_locks work
                     JOIN pg_locks held
                       ON held.pid = work.pid AND held.locktype = 'advisory'
                      AND held.database = work.database
                    WHERE work.locktype = 'advisory' AND work.classid = %s
                      AND work.objid = %s AND work.granted
                      AND work.database = (SELECT oid FROM pg_database
                                            WHERE datname = current_database())""",
                WORK_KEY,
                self.id,
            )
        )

    def _person_of(self, locks):
        """The name of whoever holds these locks."""
        ids = [second for first, second in locks if first == PERSON_KEY]
        users = self.env["res.users"].sudo().browse(ids[:1])
        return users.name or self.env._("somebody else")
