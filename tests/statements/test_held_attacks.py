"""Who gains if credits are released early: each way tried by those who are paid."""

import base64
from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError

from ..documents.common import PDF
from .test_held_credits import APRIL, JULY, MARCH, MAY, HeldCase

REFUSALS = (AccessError, UserError, ValidationError)


class TestEarlyRelease(HeldCase):
    """An order of a deal without documents; another deal has them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager.group_ids += cls.env.ref("sales_team.group_sale_salesman_all_leads")
        cls.complete = cls._new_deal(name="Complete")
        cls.documents = cls._approve(lead=cls.complete)
        cls.invoice = cls._sold(MARCH)
        cls.order = cls.invoice.line_ids.sale_line_ids.order_id

    def _assert_held(self, month=MARCH, amount=1000000):
        statement = self._calculate(month)
        self.assertEqual((statement.credit_amount, statement.held_credits), (0, amount))
        return statement

    # ------------------------------------------------------------ orders
    def test_an_order_that_was_cancelled_stays_with_its_deal(self):
        order = self.order.with_user(self.manager)
        order._action_cancel()
        order.action_draft()
        with self.refused(REFUSALS):
            order.write({"opportunity_id": self.complete.id})
        with self.refused(REFUSALS):
            self.complete.with_user(self.manager).write(
                {"order_ids": [Command.link(self.order.id)]}
            )
        self.assertEqual(self.order.opportunity_id, self.lead)

    def test_a_quotation_can_move(self):
        quotation = self._quotation(1000, opportunity_id=self.lead.id)
        quotation.with_user(self.manager).write({"opportunity_id": self.complete.id})
        self.assertEqual(quotation.opportunity_id, self.complete)

    def test_merging_moves_no_order_to_other_documents(self):
        for leads in (self.complete | self.lead, self.lead | self.complete):
            with self.refused(REFUSALS):
                leads.with_user(self.manager).merge_opportunity()
        self._assert_held()

    # ------------------------------------------------------------ deals
    def test_the_deal_of_another_client_doesnt_become_one_of_the_client(self):
        """Of a key account, or of a client that isn't one."""
        account = self._owned_since(self.other_client, date(2025, 1, 1))
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        for month, client, held in (
            (APRIL, self.other_client, 50000),
            (MAY, stranger, 100000),
        ):
            foreign = self._new_deal(name="Foreign", partner_id=client.id)
            self.assertEqual(
                foreign.key_account_id,
                account.filtered(lambda row, of=client: row.partner_id == of),
            )
            self._approve(lead=foreign)
            order = self._order(month.replace(day=3), 50000, opportunity_id=foreign.id)
            self._bill(order, month.replace(day=5))
            self.assertEqual(self._calculate(month).held_credits, held)
            with self.refused(REFUSALS):
                foreign.with_user(self.manager).write({"partner_id": self.client.id})
            self.assertEqual(self._calculate(month).held_credits, held)

    def test_a_lost_deal_keeps_its_documents(self):
        """Lost and reopened: what is approved for it stays approved."""
        self._sold(APRIL, 300000, lead=self.complete)
        self.complete.with_user(self.manager).action_set_lost()
        april = self._calculate(APRIL)
        self.assertEqual(april.credit_amount, 300000)
        self.complete.with_user(self.manager).action_unarchive()
        self.assertEqual(self._calculate(APRIL).credit_amount, 300000)

    # ------------------------------------------------------------ documents
    def test_approved_documents_stay_with_their_deal_and_type(self):
        other = self.env["nka.document.type"].create({"name": "Note", "code": "T-N"})
        for user in (self.manager, self.supervisor, self.kam_admin):
            for vals in (
                {"lead_id": self.lead.id},
                {"type_id": other.id},
                {"state": "draft"},
            ):
                with self.refused(REFUSALS):
                    self.documents.with_user(user).write(vals)
        self._assert_held()

    def test_former_owners_dont_approve_what_releases_their_credits(self):
        """Promoted to supervisor, and their accounts handed over."""
        self.account.assignment_ids._unlocked().write({"date_to": date(2025, 4, 30)})
        self._new_owner(self.account, self.colleague, date(2025, 5, 1))
        self.account.sudo()._unlocked().write({"manager_id": self.colleague.id})
        self.lead.user_id = self.colleague
        self.manager.group_ids += self.env.ref(
            "nka_key_accounts.group_key_account_supervisor"
        )
        document = self._submitted(self.types[0], self.colleague)
        reviewed = document.with_user(self.manager)
        reviewed.check_ids.is_done = True
        with self.refused(AccessError, "were\\s+credited|are or were"):
            reviewed.action_approve()
        document.with_user(self.supervisor).action_approve()
        self.assertEqual(document.state, "approved")

    def _submitted(self, kind, user):
        document = (
            self.env["nka.document"]
            .with_user(user)
            .create({"lead_id": self.lead.id, "type_id": kind.id})
        )
        document.env["ir.attachment"].create(
            {
                "name": "Contract.pdf",
                "datas": base64.b64encode(PDF),
                "res_model": document._name,
                "res_id": document.id,
            }
        )
        document.action_submit()
        return document

    def test_an_archived_type_is_still_required(self):
        with self.refused(REFUSALS):
            self.types.with_user(self.manager).write({"active": False})
        self.types.active = False
        march = self._assert_held()
        line = self._lines_of(march, "credit_held")
        self.assertIn("Contract of test, Act of test", line.formula)

    def test_documents_withdrawn_after_the_release_take_nothing_back(self):
        self._approve()
        march = self._closed(MARCH)
        self.assertEqual(march.credit_amount, 1000000)
        documents = self.env["nka.document"].search([("lead_id", "=", self.lead.id)])
        documents._unlocked().write({"state": "superseded"})
        april = self._calculate(APRIL)
        self.assertEqual((april.credit_amount, april.held_credits), (0, 0))
        corrections = self.env["nka.pay.correction"].with_user(self.officer)
        self.assertFalse(corrections._propose(march))

    # ------------------------------------------------------------ terms
    def test_the_types_of_the_month_of_the_credit_apply(self):
        """From July on, an acceptance act is required too: not for what was sold before,
        in one invoice or in several.
        """
        note = self.env["nka.document.type"].create({"name": "Note", "code": "T-N"})
        self._closed(MARCH)
        self._approved_version(
            JULY,
            bonus_basis="invoiced",
            release_document_type_ids=[Command.set((self.types | note).ids)],
        )
        self.agreement._unlocked().write({"date_to": date(2025, 6, 30)})
        self._accepted(date_from=JULY)
        self._sold(JULY, 200000)
        self._approve()
        july = self._calculate(JULY)
        self.assertEqual((july.credit_amount, july.held_credits), (1000000, 200000))
        self.assertIn("Note", self._lines_of(july, "credit_held").formula)
        self.assertNotIn("Contract", self._lines_of(july, "credit_held").formula)

    def test_a_plan_without_documents_holds_nothing_new(self):
        self._closed(MARCH)
        self._approved_version(
            JULY, bonus_basis="invoiced", release_document_type_ids=[Command.clear()]
        )
        self.agreement._unlocked().write({"date_to": date(2025, 6, 30)})
        self._accepted(date_from=JULY)
        self._sold(JULY, 200000)
        self._credit_note(self.invoice, JULY.replace(day=9), 100000)
        july = self._calculate(JULY)
        self.assertEqual((july.credit_amount, july.held_credits), (200000, 900000))

    def test_what_the_employee_sees_cant_be_written(self):
        march = self._closed(MARCH)
        held = self._lines_of(march, "credit_held")
        for user in (self.manager, self.officer, self.kam_admin):
            with self.refused(REFUSALS):
                march.with_user(user).write({"held_credits": 0})
            with self.refused(REFUSALS):
                held.with_user(user).write({"res_ids": []})
            with self.refused(REFUSALS):
                held.with_user(user).unlink()


class TestSplitCredits(HeldCase):
    """Two managers share the account; the plan of one binds the bonus to documents."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.assignment_ids._unlocked().write({"share": 60})
        cls._new_owner(cls.account, cls.colleague, date(2025, 1, 1), 40)
        cls.free = cls.env["nka.pay.plan"].create({"name": "Without documents"})

    def _both(self, month):
        return [
            self._calculate(month, employee)
            for employee in (self.employee, self.other_employee)
        ]

    def _sums(self, statements):
        return [(row.credit_amount, row.held_credits) for row in statements]

    def test_each_waits_by_their_own_plan(self):
        for types in (Command.clear(), Command.set(self.types[0].ids)):
            with self.subTest(types=types):
                plan = self.free.copy()
                self._approved_version(
                    date(2025, 1, 1),
                    plan,
                    bonus_basis="invoiced",
                    release_document_type_ids=[types],
                )
                self._check_own_plan(plan, bool(types[2]))

    def _check_own_plan(self, plan, is_bound):
        with self.env.cr.savepoint() as savepoint:
            self._accepted(
                self.other_employee, plan_id=plan.id, date_from=date(2025, 1, 1)
            )
            self._sold(MARCH)
            march = self._both(MARCH)
            own, other = ((0, 600000), (0, 400000) if is_bound else (400000, 0))
            self.assertEqual(self._sums(march), [own, other])
            self._approve(self.types[0])
            self.assertEqual(self._sums(self._both(MARCH)), [own, (400000, 0)])
            self._approve(self.types[1])
            self.assertEqual(self._sums(self._both(MARCH)), [(600000, 0), (400000, 0)])
            savepoint.rollback()
        self.env.invalidate_all()
