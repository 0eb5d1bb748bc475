"""How far a step has come: told while it is at work, to those who close months, and gone with it."""

from unittest.mock import patch

from odoo.addons.nka_key_accounts.models.close.nka_month_close import (
    STAGE_NAMES,
    STEP_NAMES,
)
from odoo.addons.nka_key_accounts.models.pay.step_progress import (
    STEPS,
    told,
    understood,
)
from odoo.exceptions import AccessError

from .common import NOVEMBER, CloseCase


class Undone(Exception):
    """Takes a savepoint back."""


class TestProgress(CloseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._accepted(cls.other_employee, date_from=NOVEMBER)
        cls.close = cls._new_close()

    def _while_calculating(self, look):
        """Call ``look`` when a statement is worked out; then all is taken back."""
        statements = self.env.registry["nka.pay.statement"]
        calculate_one = statements._calculate_one

        def watched(statement, facts):
            look()
            return calculate_one(statement, facts)

        with patch.object(statements, "_calculate_one", watched):
            with self.assertRaises(Undone), self.cr.savepoint():
                self.close.action_calculate()
                raise Undone

    def test_another_officer_sees_whose_step_has_come_how_far(self):
        seen, page = [], self.close.with_user(self.second)
        self.assertFalse(page.get_progress()["now"])
        self._while_calculating(lambda: seen.append(page.get_progress()["now"]))
        texts = [row["text"] for row in seen]
        wanted = "Step 3 of 5: Statements, {} of 2"
        self.assertEqual(texts, [wanted.format(0), wanted.format(1)])
        self.assertEqual([row["percent"] for row in seen], [40, 50])
        self.assertEqual({row["person"] for row in seen}, {self.officer.name})
        self.assertFalse(page.get_progress()["now"], "it ends with what it was about")

    def test_it_is_told_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self.env["ir.module.module"]._load_module_terms(["nka_key_accounts"], ["ru_RU"])
        self.second.lang, seen = "ru_RU", []
        page = self.close.with_user(self.second).with_context(lang="ru_RU")
        self._while_calculating(lambda: seen.append(page.get_progress()["now"]))
        self.assertEqual(seen[1]["text"], "Шаг 3 из 5: Расчётные листы, 1 из 2")

    def test_a_step_without_stages_names_its_person(self):
        page = self.close.with_user(self.second)
        with self.assertRaises(Undone), self.cr.savepoint():
            self.close._seize()
            progress = page.get_progress()["now"]
            self.assertEqual((progress["percent"], progress["text"]), (0, ""))
            self.assertEqual(progress["person"], self.officer.name)
            raise Undone

    def test_every_stage_has_a_name(self):
        stages = [stage for stages in STEPS.values() for stage in stages]
        self.assertEqual(list(STAGE_NAMES), stages)
        self.assertEqual(list(STEP_NAMES), list(STEPS))

    def test_who_doesnt_close_months_is_told_nothing(self):
        for user in (self.manager, self.supervisor, self.colleague):
            with self.subTest(user.login), self.refused(AccessError):
                self.close.with_user(user).get_progress()
        self.assertFalse(self.close.with_user(self.kam_admin).get_progress()["now"])

    def test_telling_costs_the_same_for_a_thousand(self):
        costs = []
        for count in (10, 1000):
            before = self.cr.sql_log_count
            self.assertEqual(
                list(told(self.env, "statements", range(count))), list(range(count))
            )
            costs.append(self.cr.sql_log_count - before)
        self.assertEqual(costs, [10, 10])

    def test_what_locks_say(self):
        self.assertIsNone(understood([(1, 2)]))
        with self.assertRaises(Undone), self.cr.savepoint():
            list(told(self.env, "payslips", range(200), 2))
            self.close._seize()
            self.assertEqual(
                understood(self.close._locks_at_work()), ("lock", "payslips", 100, 200)
            )
            raise Undone
