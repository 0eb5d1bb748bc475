from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import LeadCase


class RoleCase(LeadCase):
    """The deals of ``manager``'s key account, tried by each role through RPC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls._new_lead(cls.client, cls.colleague, name="By a colleague")
        cls.unowned = cls._new_lead(cls.client, name="Unowned")

    def _assert_reads(self, user, *leads):
        for lead in leads:
            self.assertTrue(self._sees(user, lead), lead.name)
            self._rpc(user, lead, "read", ["name", "key_account_id", "origin"])

    def _assert_blind(self, user, *leads):
        for lead in leads:
            with self.assertRaises(AccessError):
                self._rpc(user, lead, "read", ["name"])
            with self.assertRaises(AccessError):
                self._rpc(user, lead, "write", {"name": "Mine"})

    def _assert_writes(self, user, *leads):
        for lead in leads:
            self._rpc(user, lead, "write", {"description": "Called"})

    def _assert_reads_only(self, user, *leads):
        self._assert_reads(user, *leads)
        for lead in leads:
            with self.assertRaises(AccessError):
                self._rpc(user, lead, "write", {"description": "Called"})


@tagged("nka_leads", "nka_roles")
class TestManagerOfLeads(RoleCase):
    def test_all_leads_of_their_accounts(self):
        self._assert_reads(self.manager, self.lead, self.elsewhere, self.unowned)
        self._assert_writes(self.manager, self.lead, self.elsewhere, self.unowned)

    def test_lists_and_form(self):
        found = self._rpc(
            self.manager,
            self.env["crm.lead"],
            "web_search_read",
            [("key_account_id", "=", self.account.id)],
            {"name": {}, "key_account_id": {"fields": {"display_name": {}}}},
        )
        self.assertEqual(found["length"], 3)

    def test_colleague_sees_their_own_lead_only(self):
        self._assert_reads(self.colleague, self.elsewhere)
        self._assert_writes(self.colleague, self.elsewhere)
        self.assertFalse(self._sees(self.colleague, self.lead))
        self._assert_blind(self.colleague, self.lead, self.unowned)

    def test_colleague_lists_by_account(self):
        """Colleagues can read the account's name on their lead, but not the account."""
        result = self._rpc(
            self.colleague,
            self.env["crm.lead"],
            "web_read_group",
            [("id", "in", (self.elsewhere | self.lead).ids)],
            ["key_account_id"],
            ["__count"],
        )
        [group] = result["groups"]
        self.assertEqual(group["__count"], 1)
        self.assertEqual(
            tuple(group["key_account_id"]), (self.account.id, "Northwind Steel")
        )

    def test_a_colleague_keeps_their_deal_when_it_is_closed(self):
        self.elsewhere.action_set_lost()
        self.assertTrue(self._sees(self.colleague, self.elsewhere))

    def test_new_manager_after_the_handover(self):
        self.account._unlocked().write({"manager_id": self.colleague.id})
        self._assert_reads(self.colleague, self.lead, self.unowned)
        self.lead._unlocked().write({"user_id": self.colleague.id})
        self._assert_blind(self.manager, self.lead, self.unowned)

    def test_candidates_give_no_access(self):
        """Nominating a client gives no access to a colleague's leads."""
        theirs = self._new_lead(self.other_client, self.colleague)
        self._nominate(self.other_client, self.manager)
        self._assert_blind(self.manager, theirs)
        self._assert_reads(self.colleague, theirs)


@tagged("nka_leads", "nka_roles")
class TestDeputyOfLeads(RoleCase):
    def test_reads_all_and_writes_their_own_only(self):
        self._assert_reads_only(self.deputy, self.lead, self.elsewhere, self.unowned)
        own = self._new_lead(self.client, self.deputy)
        self._assert_writes(self.deputy, own)

    def test_decides_nothing(self):
        self.lead.with_user(self.manager).origin = "self_sourced"
        with self.assertRaises(AccessError):
            self._rpc(self.deputy, self.lead, "action_confirm_origin")


@tagged("nka_leads", "nka_roles")
class TestSupervisorOfLeads(RoleCase):
    def test_all_leads(self):
        leads = self.lead, self.elsewhere, self.unowned, self.free_lead
        self._assert_reads(self.supervisor, *leads)
        self._assert_writes(self.supervisor, *leads)

    def test_only_in_their_companies(self):
        company = self.env["res.company"].create({"name": "Second company"})
        lead = self._new_lead(self.client, company_id=company.id)
        self.assertFalse(self._sees(self.supervisor, lead))


@tagged("nka_leads", "nka_roles")
class TestOthersAndLeads(RoleCase):
    def test_admin_reads_only(self):
        self._assert_reads_only(self.kam_admin, self.lead, self.elsewhere)
        self.assertFalse(self._sees(self.kam_admin, self.free_lead))
        with self.assertRaises(AccessError):
            self._rpc(self.kam_admin, self.env["crm.lead"], "create", {"name": "Mine"})

    def test_officer_and_employee_see_nothing(self):
        for user in (self.officer, self.employee_user):
            self._assert_blind(user, self.lead, self.free_lead)

    def test_salesperson_with_all_leads(self):
        """Odoo's right to all leads doesn't include leads of key accounts."""
        self.assertFalse(self._sees(self.salesman, self.lead))
        self._assert_blind(self.salesman, self.lead, self.unowned)
        self._assert_reads(self.salesman, self.free_lead)
        self._assert_writes(self.salesman, self.free_lead)

    def test_leads_of_candidates_are_unaffected(self):
        self._nominate(self.other_client)
        self._assert_reads(self.salesman, self.free_lead)
        self._assert_writes(self.salesman, self.free_lead)

    def test_activity_report(self):
        for lead in (self.lead, self.free_lead):
            lead.activity_schedule("mail.mail_activity_data_call").action_feedback()
        self.env.flush_all()
        report = self.env["crm.activity.report"]
        domain = [("lead_id", "in", (self.lead | self.free_lead).ids)]
        seen = report.with_user(self.salesman).search(domain).lead_id
        self.assertEqual(seen, self.free_lead)
        for user in (self.manager, self.supervisor):
            seen = report.with_user(user).search(domain).lead_id
            self.assertIn(self.lead, seen)


@tagged("nka_leads", "nka_roles")
class TestInvoicesOfClients(LeadCase):
    """The manager and the deputy of a key account can read its invoices."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        owner = {"invoice_user_id": cls.salesman.id}
        cls.invoice = cls._new_invoice(cls.client, 1000, **owner)
        cls.foreign = cls._new_invoice(cls.other_client, 700, **owner)

    def _found(self, user, model="account.move"):
        field = "id" if model == "account.move" else "move_id"
        domain = [(field, "in", (self.invoice | self.foreign).ids)]
        found = self.env[model].with_user(user).search(domain)
        return found if model == "account.move" else found.move_id

    def test_manager_and_deputy(self):
        for user in (self.manager, self.deputy):
            for model in ("account.move", "account.move.line"):
                self.assertEqual(self._found(user, model), self.invoice)
            self._rpc(user, self.invoice, "read", ["name", "amount_residual"])
            with self.assertRaises(AccessError):
                self._rpc(user, self.foreign, "read", ["name"])
            with self.assertRaises(AccessError):
                self._rpc(user, self.invoice, "write", {"ref": "X"})

    def test_figures_open_their_records(self):
        overdue = self._new_invoice(
            self.client, 50, self.today - self._days(30), invoice_user_id=1
        )
        for action, expected in (
            ("action_open_invoices", self.invoice | overdue),
            ("action_open_overdue", overdue),
        ):
            opened = self._rpc(self.manager, self.account, action)
            found = self.env[opened["res_model"]].with_user(self.manager)
            found = found.search(opened["domain"])
            moves = found if found._name == "account.move" else found.move_id
            self.assertEqual(moves, expected, action)

    def test_colleagues_cant_open_figures(self):
        for action in (
            "action_open_invoices",
            "action_open_overdue",
            "action_open_meetings",
        ):
            self.env.invalidate_all()
            with self.refused(AccessError):
                self._rpc(self.colleague, self.account, action)

    def test_form_of_an_invoice_opens(self):
        views = self._rpc(
            self.manager, self.invoice.browse(), "get_views", [(False, "form")]
        )
        arch = etree.fromstring(views["views"]["form"]["arch"])
        names = set(arch.xpath("//field[not(ancestor::field)]/@name"))
        for user in (self.manager, self.supervisor):
            told = self._rpc(user, self.invoice, "web_read", {key: {} for key in names})
            self.assertEqual(told[0]["name"], self.invoice.name)

    def test_payments(self):
        theirs, foreign = (self._pay(move) for move in (self.invoice, self.foreign))
        payments = self.env["account.payment"]
        domain = [("id", "in", (theirs | foreign).ids)]

        def found(user):
            return payments.with_user(user).search(domain)

        self.assertEqual(found(self.manager), theirs)
        self.assertEqual(found(self.supervisor), theirs | foreign)
        self.assertFalse(found(self.colleague))
        with self.assertRaises(AccessError):
            self._rpc(self.manager, theirs, "write", {"memo": "X"})

    def _pay(self, move):
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        return wizard.create({})._create_payments()

    def test_invoices_of_another_company_are_hidden(self):
        """A key account gives no access to the client's invoices in another company."""
        sister = self.env["res.company"].create({"name": "Sister company"})
        self.manager.company_ids |= sister
        self.env.cr.execute(
            "UPDATE account_move SET company_id = %s WHERE id = %s",
            [sister.id, self.invoice.id],
        )
        self.env.invalidate_all()
        moves = self.env["account.move"].with_user(self.manager)
        moves = moves.with_context(allowed_company_ids=self.manager.company_ids.ids)
        self.assertFalse(moves.search([("id", "=", self.invoice.id)]))
        self.assertFalse(moves.browse(self.invoice.id).has_access("read"))

    def test_invoices_of_candidates_are_hidden(self):
        self._nominate(self.other_client)
        self.assertEqual(self._found(self.manager), self.invoice)
        self.account.with_user(self.supervisor).action_retire(reason="Over")
        self.assertFalse(self._found(self.manager))

    def test_supervisor_reads_all(self):
        self.assertEqual(self._found(self.supervisor), self.invoice | self.foreign)
        lines = self._found(self.supervisor, "account.move.line")
        self.assertEqual(lines, self.invoice | self.foreign)

    def test_colleague_and_officer(self):
        self.assertFalse(self._found(self.colleague))
        for user in (self.employee_user, self.kam_admin):
            with self.assertRaises(AccessError):
                self._found(user)
