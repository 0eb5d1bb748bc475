"""Every role tries what the table of roles allows and what it forbids."""

from lxml import etree

from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.tests import tagged

from .common import ACCOUNT, HANDOVER, RoleCase


@tagged("nka_accounts")
class TestManagerRole(RoleCase):
    """Managers work on their own accounts and make proposals, but decide nothing."""

    @classmethod
    def _person(cls):
        return cls.manager

    def test_reads_and_writes_their_own_accounts(self):
        accounts = self.account | self.other_account | self.foreign
        own = self.account | self.other_account
        self.assertEqual(self.seen(domain=[("id", "in", accounts.ids)]), set(own.ids))
        self.call(ACCOUNT, "write", self.account.ids, {"note": "Buys in spring"})
        self.assertMayNot(ACCOUNT, "read", self.foreign.ids, ["note"])
        self.assertMayNot(ACCOUNT, "write", self.foreign.ids, {"note": "x"})

    def test_nominates_for_themselves(self):
        client = self._new_client("Old Mill")
        [account_id] = self.call(ACCOUNT, "create", [{"partner_id": client.id}])
        account = self.env[ACCOUNT].browse(account_id)
        self.assertEqual(account.manager_id, self.manager)
        second = self._new_client("New Mill")
        for_another = {"partner_id": second.id, "manager_id": self.colleague.id}
        self.assertMayNot(ACCOUNT, "create", [for_another])

    def test_decides_nothing(self):
        candidate = self._nominate(self._new_client("Old Mill"))
        for action in ("action_confirm", "action_decline"):
            self.assertMayNot(ACCOUNT, action, candidate.ids)
        self.assertMayNot(ACCOUNT, "action_retire", self.account.ids, reason="Bored")

    def test_cant_write_supervised_fields(self):
        for vals in (
            {"tier_id": False},
            {"deputy_id": self.colleague.id},
            {"supervisor_id": self.supervisor_2.id},
            {"cadence_days": 900},
            {"date_start": "2020-01-01"},
            {"state": "former"},
            {"nominated_by_id": self.colleague.id},
        ):
            self.assertMayNot(ACCOUNT, "write", self.account.ids, vals)
            self.assertMayNot(
                ACCOUNT, "web_save", self.account.ids, vals, specification={}
            )
        for vals in ({"manager_id": self.colleague.id}, {"manager_id": False}):
            self.assertMayNot(ACCOUNT, "write", self.account.ids, vals, error=UserError)

    def test_deletes_nothing(self):
        self.assertMayNot(ACCOUNT, "unlink", self.account.ids)

    def test_load_cant_change_a_state(self):
        result = self.call(
            ACCOUNT, "load", [".id", "state"], [[str(self.account.id), "former"]]
        )
        self.assertFalse(result["ids"])
        self.assertEqual(self.account.state, "key")

    def test_private_methods_cant_be_called(self):
        for method in ("_move_to", "_unlocked", "_refresh_health"):
            self.assertMayNot(ACCOUNT, method, self.account.ids)
        self.assertMayNot("nka.assignment", "_distribute", {}, "2026-01-01")
        self.assertMayNot(HANDOVER, "_execute", [])

    def test_reads_assignments_of_their_accounts(self):
        rows = self.account.assignment_ids | self.foreign.assignment_ids
        seen = self.seen("nka.assignment", [("id", "in", rows.ids)])
        self.assertEqual(seen, set(self.account.assignment_ids.ids))
        self.assertMayNot("nka.assignment", "write", list(seen), {"share": 1})

    def test_proposes_a_handover_of_their_own_account(self):
        vals = self._prepare_handover(self.account, self.manager, self.colleague)
        [handover_id] = self.call(HANDOVER, "create", [vals])
        self.call(HANDOVER, "action_submit", [handover_id])
        self.assertMayNot(HANDOVER, "action_approve", [handover_id])
        self.assertMayNot(HANDOVER, "write", [handover_id], {"state": "approved"})
        self.assertEqual(self.account.manager_id, self.manager)
        vals = self._prepare_handover(self.foreign, self.colleague, self.manager)
        self.assertMayNot(HANDOVER, "create", [vals])

    def test_cannot_see_others_handovers(self):
        handover = self._propose(
            self.foreign,
            self.colleague,
            from_user_id=self.colleague.id,
            to_user_id=self.manager.id,
        )
        self.assertNotIn(handover.id, self.seen(HANDOVER))
        handover.with_user(self.colleague).action_submit()
        self.assertNotIn(handover.id, self.seen(HANDOVER))
        handover.with_user(self.supervisor).action_approve()
        self.assertIn(handover.id, self.seen(HANDOVER))

    def test_cant_change_tiers(self):
        self.assertMayNot("nka.tier", "write", self.tier.ids, {"cadence_days": 900})

    def test_figures_cover_their_own_accounts(self):
        groups = self.call(
            ACCOUNT,
            "formatted_read_group",
            [],
            ["manager_id"],
            ["__count", "trailing_revenue:sum"],
        )
        managers = {group["manager_id"][0] for group in groups}
        self.assertEqual(managers, {self.manager.id})


@tagged("nka_accounts")
class TestDeputyRole(RoleCase):
    """Deputies read the account and log contacts, but can't change or transfer it."""

    @classmethod
    def _person(cls):
        cls.account.with_user(cls.supervisor).deputy_id = cls.colleague
        return cls.colleague

    def test_reads_the_account(self):
        self.assertIn(self.account.id, self.seen())
        self.call(ACCOUNT, "read", self.account.ids, ["note", "trailing_revenue"])
        self.assertNotIn(self.other_account.id, self.seen())

    def test_logs_messages_and_activities(self):
        self.call(ACCOUNT, "message_post", self.account.ids, body="Called them")
        vals = {
            "res_model_id": self.env["ir.model"]._get_id(ACCOUNT),
            "res_id": self.account.id,
            "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
            "user_id": self.colleague.id,
        }
        self.assertTrue(self.call("mail.activity", "create", [vals]))

    def test_changes_nothing(self):
        for vals in ({"note": "x"}, {"deputy_id": False}, {"cadence_days": 3}):
            self.assertMayNot(ACCOUNT, "write", self.account.ids, vals)
        self.assertMayNot(ACCOUNT, "action_retire", self.account.ids, reason="x")

    def test_cant_take_over_the_account(self):
        vals = self._prepare_handover(self.account, self.manager, self.colleague)
        self.assertMayNot(HANDOVER, "create", [vals])


@tagged("nka_accounts")
class TestSupervisorRole(RoleCase):
    """Supervisors see all accounts, but can't decide on their own work."""

    @classmethod
    def _person(cls):
        return cls.supervisor

    def test_sees_and_writes_all_accounts(self):
        accounts = self.account | self.other_account | self.foreign
        self.assertLessEqual(set(accounts.ids), self.seen())
        vals = {"deputy_id": self.supervisor_2.id, "cadence_days": 3}
        self.call(ACCOUNT, "write", self.account.ids, vals)
        self.assertEqual(self.account.cadence_days, 3)

    def test_manager_changes_by_handover_only(self):
        vals = {"manager_id": self.colleague.id}
        self.assertMayNot(ACCOUNT, "write", self.account.ids, vals, error=UserError)
        self.assertMayNot(ACCOUNT, "write", self.account.ids, {"state": "former"})

    def test_client_cant_be_changed(self):
        vals = {"partner_id": self._new_client("Old Mill").id}
        self.assertMayNot(ACCOUNT, "write", self.account.ids, vals, error=UserError)

    def test_assigns_a_manager_to_a_candidate(self):
        candidate = self._nominate(self._new_client("Old Mill"))
        vals = {"manager_id": self.colleague.id}
        self.call(ACCOUNT, "write", candidate.ids, vals)
        self.assertEqual(candidate.manager_id, self.colleague)

    def test_decides_with_a_reason(self):
        candidate = self._nominate(self._new_client("Old Mill"))
        question = self.call(ACCOUNT, "action_decline", candidate.ids)
        self.assertEqual(question["res_model"], "nka.reason.wizard")
        with self.assertRaisesRegex(UserError, "reason is blank"):
            self.call(ACCOUNT, "action_decline", candidate.ids, reason=" \n")
        self.assertEqual(candidate.state, "candidate")
        self.call(ACCOUNT, "action_decline", candidate.ids, reason="Too small")
        self.assertEqual(candidate.state, "declined")
        self.call(ACCOUNT, "action_retire", self.account.ids, reason="Closed")
        self.assertEqual(self.account.state, "former")

    def test_cant_confirm_their_own_nomination(self):
        client = self._new_client("Old Mill")
        vals = {"partner_id": client.id, "manager_id": self.manager.id}
        [account_id] = self.call(ACCOUNT, "create", [vals])
        self._qualify(self.env[ACCOUNT].browse(account_id))
        self.assertMayNot(ACCOUNT, "action_confirm", [account_id])

    def test_cant_delete_history(self):
        self.assertMayNot(ACCOUNT, "unlink", self.account.ids, error=UserError)
        rows = self.account.assignment_ids
        self.assertMayNot("nka.assignment", "unlink", rows.ids)

    def test_proposes_a_handover_for_any_manager(self):
        vals = self._prepare_handover(self.account, self.manager, self.colleague)
        [handover_id] = self.call(HANDOVER, "create", [vals])
        self.call(HANDOVER, "action_submit", [handover_id])
        self.assertMayNot(HANDOVER, "action_approve", [handover_id])


@tagged("nka_accounts")
class TestOfficerRole(RoleCase):
    """Payroll officers see no accounts, handovers or assignments."""

    @classmethod
    def _person(cls):
        return cls.officer

    def test_sees_nothing(self):
        for model in (ACCOUNT, HANDOVER, "nka.handover.line", "nka.assignment"):
            self.assertMayNot(model, "search", [])
        self.assertMayNot(ACCOUNT, "read", self.account.ids, ["state"])

    def test_cant_nominate(self):
        client = self._new_client("Old Mill")
        self.assertMayNot("res.partner", "action_nominate_key_account", client.ids)


@tagged("nka_accounts")
class TestAdminRole(RoleCase):
    """Administrators configure the addon and decide nothing."""

    @classmethod
    def _person(cls):
        return cls.kam_admin

    def test_configures_tiers(self):
        self.call("nka.tier", "write", self.tier.ids, {"cadence_days": 10})
        self.assertTrue(self.call("nka.tier", "create", [{"name": "Watched"}]))

    def test_reads_accounts_only(self):
        self.assertIn(self.account.id, self.seen())
        self.call(ACCOUNT, "read", self.account.ids, ["state", "trailing_revenue"])
        self.assertMayNot(ACCOUNT, "write", self.account.ids, {"note": "x"})
        vals = {"partner_id": self._new_client("Old Mill").id}
        self.assertMayNot(ACCOUNT, "create", [vals])

    def test_decides_nothing(self):
        candidate = self._nominate(self._new_client("Old Mill"))
        self._qualify(candidate)
        self.assertMayNot(ACCOUNT, "action_confirm", candidate.ids)
        self.assertMayNot(ACCOUNT, "action_retire", self.account.ids, reason="x")

    def test_cant_see_handovers_or_assignments(self):
        for model in (HANDOVER, "nka.assignment"):
            self.assertMayNot(model, "search", [])

    def test_form_opens(self):
        views = self.call(ACCOUNT, "get_views", [(False, "form")])
        arch = etree.fromstring(views["views"]["form"]["arch"])
        names = {
            node.get("name") for node in arch.xpath("//field[not(ancestor::field)]")
        }
        self.assertNotIn("assignment_ids", names)
        specification = {name: {} for name in names}
        self.call(ACCOUNT, "web_read", self.account.ids, specification)


@tagged("nka_accounts")
class TestColleagueRole(RoleCase):
    """Other employees see only the client, its status and its manager."""

    @classmethod
    def _person(cls):
        return cls.salesman

    def test_reads_the_status_on_the_contact(self):
        [values] = self.call(
            "res.partner",
            "read",
            self.client.ids,
            ["key_account_state", "key_account_manager_id", "key_account_tier_id"],
        )
        self.assertEqual(values["key_account_state"], "key")
        self.assertEqual(values["key_account_manager_id"][0], self.manager.id)
        found = self.seen("res.partner", [("key_account_state", "=", "key")])
        self.assertIn(self.client.id, found)

    def test_groups_contacts_by_status(self):
        groups = self.call(
            "res.partner",
            "formatted_read_group",
            [("id", "in", (self.client | self.contact).ids)],
            ["key_account_state", "key_account_manager_id"],
            ["__count"],
        )
        [group] = groups
        self.assertEqual(group["key_account_state"], "key")
        self.assertEqual(group["key_account_manager_id"][0], self.manager.id)
        self.assertEqual(group["__count"], 2)

    def test_sees_no_accounts(self):
        for model in (ACCOUNT, HANDOVER, "nka.handover.line", "nka.assignment"):
            self.assertMayNot(model, "search", [])
        self.assertMayNot(ACCOUNT, "name_search", "Northwind")

    def test_contact_form_and_list_open(self):
        for person in (self.salesman, self.employee_user):
            env = self.env(user=person.id, su=False)
            views = call_kw(
                env["res.partner"],
                "get_views",
                [[(False, "form"), (False, "list")]],
                {},
            )
            self.assertIn("form", views["views"])
            spec = {"key_account_state": {}, "key_account_id": {"fields": {}}}
            call_kw(env["res.partner"], "web_read", [self.client.ids, spec], {})


@tagged("nka_accounts")
class TestOtherCompany(RoleCase):
    """A supervisor of one company has no rights in another."""

    @classmethod
    def _person(cls):
        cls.branch = cls.env["res.company"].create({"name": "Far Branch"})
        return cls._new_user(
            "nka_far_super",
            "group_key_account_supervisor",
            company_ids=[(6, 0, cls.branch.ids)],
            company_id=cls.branch.id,
        )

    def test_sees_and_decides_nothing_here(self):
        self.assertFalse(self.seen())
        self.assertFalse(self.seen("nka.assignment"))
        self.assertMayNot(ACCOUNT, "write", self.account.ids, {"note": "x"})
        handover = self._submit(self.account)
        self.assertFalse(self.seen(HANDOVER))
        self.assertMayNot(HANDOVER, "action_approve", handover.ids)
        self.assertMayNot("nka.handover.line", "read", handover.line_ids.ids, ["name"])

    def test_status_is_per_company(self):
        [values] = self.call(
            "res.partner", "read", self.client.ids, ["key_account_state"]
        )
        self.assertFalse(values["key_account_state"])
        [account_id] = self.call(ACCOUNT, "create", [{"partner_id": self.client.id}])
        self.assertEqual(self.env[ACCOUNT].browse(account_id).company_id, self.branch)
        [values] = self.call(
            "res.partner", "read", self.client.ids, ["key_account_state"]
        )
        self.assertEqual(values["key_account_state"], "candidate")
        self.assertEqual(self.client.key_account_state, "key")

    def test_manager_must_belong_to_the_company(self):
        client = self._new_client("Old Mill")
        vals = {"partner_id": client.id, "manager_id": self.manager.id}
        self.assertMayNot(ACCOUNT, "create", [vals], error=UserError)
