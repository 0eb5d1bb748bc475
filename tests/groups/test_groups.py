"""Groups of legal entities: totals for all, figures of one's own, made by supervisors."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from ..common import NkaCase, qualify

TOTALS = (
    "trailing_revenue",
    "overdue_amount",
    "credit_limit",
    "pipeline_amount",
    "whitespace_amount",
)


class GroupCase(NkaCase):
    """A group of two entities: one of the manager, one of the colleague."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._key_account(cls.client)
        cls.foreign = cls._key_account(cls._new_client("Baltic Film"), cls.colleague)
        cls.outside = cls._key_account(cls._new_client("Alone"))
        cls.group = cls._new_group(cls.account | cls.foreign)

    @classmethod
    def _new_group(cls, accounts, name="Baltic holding"):
        groups = cls.env["nka.account.group"].with_user(cls.supervisor)
        group = groups.create(
            {"name": name, "key_account_ids": [Command.set(accounts.ids)]}
        )
        return group.with_user(cls.env.user)


class TestFigures(GroupCase):
    @classmethod
    def _qualify(cls, account):
        qualify(account, cls.supervisor_2, credit_limit=5000)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for account, elsewhere in ((cls.account, 1000), (cls.foreign, 3000)):
            cls._new_invoice(account.partner_id, 1000, cls.today - cls._days(40))
            cls._buys_elsewhere(account, elsewhere)
        cls.env["nka.whitespace.line"]._fill(cls.account | cls.foreign)
        cls._new_invoice(cls.outside.partner_id, 9000, cls.today - cls._days(40))
        (cls.account | cls.foreign).action_refresh_health()
        cls.env.invalidate_all()

    @classmethod
    def _buys_elsewhere(cls, account, amount):
        category = cls.env["product.category"].create({"name": f"Films {amount}"})
        cls.env["nka.whitespace.line"].create(
            {
                "key_account_id": account.id,
                "categ_id": category.id,
                "spend": amount,
                "supplier": "competitor",
            }
        )

    def test_totals_are_the_sums_of_the_entities(self):
        members = self.account | self.foreign
        for name in TOTALS:
            self.assertEqual(self.group[name], sum(members.mapped(name)), name)
        self.assertEqual(self.group.trailing_revenue, 2000)
        self.assertEqual(self.group.overdue_amount, 2000)
        self.assertEqual(self.group.credit_limit, 10000)
        self.assertEqual(self.group.whitespace_amount, 4000)
        self.assertEqual(self.group.entity_count, 2)

    def test_share_of_wallet_is_of_all_spend(self):
        self.assertEqual(self.account.wallet_share, 50)
        self.assertEqual(self.foreign.wallet_share, 25)
        self.assertEqual(self.group.wallet_share, 33.3)

    def test_health_is_the_average_and_names_the_weakest(self):
        scores = (self.account | self.foreign).mapped("health")
        self.assertTrue(all(scores))
        self.assertEqual(self.group.health, round(sum(scores) / 2))
        self.assertEqual(self.group.lowest_health, min(scores))
        self.assertTrue(self.group.health_level)

    def test_entities_that_left_do_not_count(self):
        self.foreign.with_user(self.supervisor).action_retire("Sold")
        self.env.invalidate_all()
        self.assertEqual(self.group.trailing_revenue, 1000)
        self.assertEqual(self.group.entity_count, 1)

    def test_lists_total_and_sort_by_the_same_figures(self):
        groups = self.env["nka.account.group"].with_user(self.supervisor)
        empty = groups.create({"name": "Empty"})
        both = [("id", "in", (self.group | empty).ids)]
        self.assertEqual(
            groups.search(both, order="trailing_revenue desc").ids,
            [self.group.id, empty.id],
        )
        [total] = groups._read_group(both, [], ["trailing_revenue:sum"])
        self.assertEqual(total, (2000,))
        self.assertFalse(empty.health_level)

    def test_account_shows_its_group_beside_itself(self):
        table = self.account.with_user(self.manager).group_figures
        self.assertIn("Baltic holding", table)
        self.assertIn("2,000.00", table)
        self.assertIn("1,000.00", table)
        self.assertFalse(self.outside.group_figures)
        self.env["res.lang"]._activate_lang("ru_RU")
        table = self.account.with_user(self.manager).with_context(lang="ru_RU")
        self.assertIn("33,3", table.group_figures)

    def test_figures_of_many_groups_take_two_queries(self):
        groups = self.group
        for number in range(3):
            client = self._new_client(f"Entity {number}")
            groups |= self._new_group(self._key_account(client), f"Group {number}")
        self.env.flush_all()
        groups.invalidate_recordset()
        groups.fetch(["name"])
        with self.assertQueryCount(2):
            groups.mapped("trailing_revenue")


class TestRights(GroupCase):
    def test_manager_reads_totals_and_only_their_own_entity(self):
        group = self.group.with_user(self.manager)
        self.env.invalidate_all()
        self.assertEqual(group.entity_count, 2)
        self.assertEqual(group.key_account_ids.ids, self.account.ids)
        self.assertEqual(group.manager_ids, self.manager | self.colleague)
        told = group.other_entities
        self.assertIn("Baltic Film", told)
        self.assertIn(self.colleague.name, told)
        self.assertNotIn(self.client.name, told)
        action = group.action_open_entities()
        found = self.env["nka.key.account"].with_user(self.manager)
        self.assertEqual(found.search(action["domain"]), self.account)

    def test_manager_of_no_entity_reads_nothing(self):
        stranger = self._new_user("nka_gr_stranger", "group_key_account_manager")
        groups = self.env["nka.account.group"].with_user(stranger)
        self.assertFalse(groups.search([]))
        with self.refused(AccessError):
            self.group.with_user(stranger).read(["trailing_revenue"])

    def test_handover_ends_access(self):
        self.account._unlocked().write({"manager_id": self.colleague.id})
        self.env.invalidate_all()
        groups = self.env["nka.account.group"]
        self.assertFalse(groups.with_user(self.manager).search([]))
        self.assertEqual(groups.with_user(self.colleague).search([]), self.group)

    def test_others_have_no_access(self):
        for user in (self.officer, self.employee_user, self.salesman):
            with self.refused(AccessError):
                self.env["nka.account.group"].with_user(user).search([])

    def test_only_supervisors_make_and_change_groups(self):
        for user in (self.manager, self.colleague, self.kam_admin):
            group = self.group.with_user(user)
            with self.refused(AccessError):
                group.create({"name": "Mine"})
            with self.refused(AccessError):
                group.write({"name": "Mine"})
            with self.refused(AccessError):
                group.unlink()

    def test_manager_cannot_move_their_account(self):
        other = self._new_group(self.outside, "Other")
        account = self.account.with_user(self.manager)
        for account_group_id in (False, other.id):
            with self.refused(AccessError, "supervisor"):
                account.write({"account_group_id": account_group_id})
        candidate = self._nominate(self._new_client("Newcomer"))
        with self.refused(AccessError, "supervisor"):
            candidate.with_user(self.manager).write({"account_group_id": other.id})
        account.write({"account_group_id": self.group.id})

    def test_manager_cannot_nominate_into_a_group(self):
        accounts = self.env["nka.key.account"].with_user(self.manager)
        values = {"partner_id": self._new_client("Newcomer").id}
        with self.refused(AccessError, "supervisor"):
            accounts.create({**values, "account_group_id": self.group.id})
        with self.refused(AccessError, "supervisor"):
            accounts.with_context(default_account_group_id=self.group.id).create(values)

    def test_manager_does_not_return_into_the_group(self):
        """Nominating a former client again doesn't show them the group's totals."""
        group = self.group.with_user(self.manager)
        self.account.with_user(self.supervisor).action_retire("Ended")
        with self.refused(AccessError):
            group.read(["trailing_revenue"])
        self.account.with_user(self.manager).action_nominate()
        self.assertEqual(self.account.state, "candidate")
        self.assertFalse(self.account.account_group_id)
        self.assertEqual(len(self._events(self.account, "group")), 2)
        with self.refused(AccessError):
            group.read(["trailing_revenue"])

    def test_supervisor_moves_and_it_is_on_record(self):
        [joined] = self._events(self.account, "group")
        self.assertFalse(joined.old)
        self.assertEqual(joined.new, "Baltic holding")
        self.account.with_user(self.supervisor).account_group_id = False
        left = self._events(self.account, "group")[-1]
        self.assertEqual((left.old, left.new or ""), ("Baltic holding", ""))
        self.account.with_user(self.supervisor).account_group_id = False
        self.assertEqual(len(self._events(self.account, "group")), 2)

    def test_supervisor_edits_entities_on_the_form(self):
        with Form(self.group.with_user(self.supervisor)) as form:
            form.key_account_ids.add(self.outside)
            form.key_account_ids.remove(id=self.foreign.id)
        self.assertEqual(self.group.key_account_ids, self.account | self.outside)
        self.assertEqual(self._events(self.outside, "group").new, "Baltic holding")

    def test_deleting_a_group_releases_its_entities_on_record(self):
        self.group.with_user(self.supervisor).unlink()
        self.assertFalse(self.account.account_group_id)
        self.assertEqual(len(self._events(self.foreign, "group")), 2)

    def test_group_keeps_its_company(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.supervisor.company_ids |= company
        group = self.group.with_user(self.supervisor)
        with self.refused(UserError, "entities of this company"):
            group.with_context(
                allowed_company_ids=(self.env.company | company).ids
            ).company_id = company
        elsewhere = self.env["nka.account.group"].create(
            {"name": "Elsewhere", "company_id": company.id}
        )
        with self.refused(UserError):
            self.account.with_user(self.supervisor).account_group_id = elsewhere

    def test_buttons_open_what_one_reads(self):
        account = self.account.with_user(self.manager)
        self.assertEqual(account.action_open_group()["res_id"], self.group.id)
        action = self.group.with_user(self.manager).action_open_whitespace()
        self.assertEqual(action["res_model"], "nka.whitespace.line")
        with self.refused(AccessError):
            account.with_user(self.colleague).action_open_group()
