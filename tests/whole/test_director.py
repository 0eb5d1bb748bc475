"""A director changes nothing by the public methods of what they read."""

from odoo.exceptions import UserError
from odoo.tools import mute_logger

from ..overview.common import DirectorCase
from ..overview.test_director import READ
from .public_methods import PUBLIC


class TestDirectorByRpc(DirectorCase):
    """Every public method of what a director reads leaves the data as it is."""

    #: Counted reads, the director's own page, and dialogs that are filled in first.
    OWN_TABLES = {"nka_reading", "nka_overview", "nka_reason_wizard"}
    #: Methods of Odoo that change records, tried on every model.
    VERBS = (
        ("write", [{}]),
        ("write", [{"active": False}]),
        ("unlink", []),
        ("copy", []),
        ("message_post", []),
        ("activity_schedule", ["mail.mail_activity_data_todo"]),
        ("message_unsubscribe", [[]]),
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        env, account, lead = cls.env, cls.account, cls.lead
        competitor = env["nka.competitor"].create({"name": "Rival Ltd"})
        env["nka.competitor.presence"].create(
            {"competitor_id": competitor.id, "key_account_id": account.id}
        )
        env["nka.commitment"].create(
            {
                "text": "Delivery within a week",
                "key_account_id": account.id,
                "promised_date": cls.today,
            }
        )
        env["nka.account.plan"].create(
            {"key_account_id": account.id, "year": cls.today.year}
        )
        person = env["res.partner"].create(
            {"name": "Buyer", "parent_id": cls.client.id}
        )
        env["nka.stakeholder"].create(
            {"key_account_id": account.id, "partner_id": person.id}
        )
        env["nka.account.week"]._take(env.company, cls.today)
        lead.flush_recordset()

    @staticmethod
    def _is_no_archive(record, args):
        return args == [{"active": False}] and "active" not in record._fields

    def _changed_rows(self):
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT relname, n_tup_ins + n_tup_upd + n_tup_del
                 FROM pg_stat_xact_user_tables"""
        )
        return {
            table: count
            for table, count in self.env.cr.fetchall()
            if table not in self.OWN_TABLES
        }

    def test_public_methods_change_nothing(self):
        tried = 0
        for model in sorted(READ):
            record = self.env[model].with_user(self.director).search([], limit=1)
            own = PUBLIC.get(model, ("", ""))[1].split()
            calls = [(name, []) for name in own] + list(self.VERBS)
            for name, args in calls if record else ():
                if not hasattr(record, name) or self._is_no_archive(record, args):
                    continue
                with self.subTest(f"{model}.{name}"):
                    tried += 1
                    before = self._changed_rows()
                    # PostgreSQL counts the rows of a refused call that was rolled back.
                    if self._call(record, name, args):
                        self.assertEqual(self._changed(before), [])
        self.assertGreater(tried, 100)

    def _changed(self, before):
        """Return the tables with other counts than before."""
        after = self._changed_rows()
        return sorted(table for table in after if after[table] != before.get(table))

    def _call(self, record, name, args):
        """Call a method as a client does; return whether it was not refused."""
        try:
            with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                getattr(record, name)(*args)
                self.env.flush_all()
        except (UserError, ValueError, TypeError, KeyError):
            return False
        return True

    def test_tables_are_found(self):
        """The check sees a change of an account."""
        before = self._changed_rows()
        self.account.note = "Seen"
        self.assertIn("nka_key_account", self._changed(before))
