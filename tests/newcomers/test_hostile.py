"""Mentor and mentee who gain by it, and supervisors of other people, try every road."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_path import ROOT, PathCase


@tagged("nka_newcomers")
class TestPathDoors(PathCase):
    def _as_supervisor(self, user):
        user.group_ids += self.env.ref(ROOT + "group_key_account_supervisor")

    def _quotation(self, price=100, user=None):
        product = self.env["product.product"].create(
            {"name": "Steel", "list_price": price}
        )
        line = {"product_id": product.id, "price_unit": price}
        orders = self.env["sale.order"].with_user(user or self.mentee).sudo()
        return orders.create(
            {
                "partner_id": self.other_client.id,
                "order_line": [Command.create(line)],
            }
        )

    # ------------------------------------------------------------ days
    def test_mentor_doesnt_widen_the_days_of_their_own_mentorship(self):
        """A record of the past would prove a step, and pay the mentor."""
        self.path.date_from = self.today - timedelta(days=1)
        self._as_supervisor(self.mentor)
        days = {"date_from": str(self.today - timedelta(days=60))}
        for user in (self.mentor, self.mentee):
            with self.refused(AccessError):
                self._rpc(user, self.path, "write", days)
        with self.refused(AccessError, "another supervisor"):
            self._rpc(
                self.mentor,
                self.path,
                "web_save",
                {"date_to": str(self.today)},
                specification={},
            )
        for method, args in (
            ("write", [{"mentor_id": self.supervisor_2.id}]),
            ("unlink", []),
        ):
            with self.refused(AccessError, "another supervisor"):
                self._rpc(self.mentor, self.path, method, *args)
        self._rpc(self.supervisor, self.path, "write", days)

    def test_form_of_a_new_mentorship(self):
        paths = self.path.browse().with_user(self.supervisor_2)
        vals = {"mentor_id": self.mentor.id, "mentee_id": self.mentee.id}
        spec = {"may_decide": {}}
        self.assertTrue(paths.onchange({}, [], spec)["value"]["may_decide"])
        self.own.supervisor_id = self.supervisor
        found = paths.onchange(vals, ["mentee_id"], spec)["value"]
        self.assertFalse(found.get("may_decide"))

    def test_lost_proofs_dont_move_to_another_mentor(self):
        """Proven again, they would count for the other one in a season that is over."""
        event = self._meet(self.mentor, self.mentee, self.contact)
        self._find()
        event.sudo().active = False
        self._find()
        self.assertEqual(self._state("shadow"), "open")
        for vals in (
            {"mentor_id": self.supervisor_2.id},
            {"mentee_id": self.supervisor_2.id},
        ):
            with self.refused(UserError, "proven with this mentor"):
                self._rpc(self.supervisor, self.path, "write", vals)

    def test_day_of_the_proof_is_the_companys(self):
        """The time zone in the context of a call doesn't move a step to another season."""
        self._meet(self.mentor, self.mentee, self.contact)
        self.env.company.partner_id.tz = "UTC"
        path = self.path.with_user(self.mentor)
        with freeze_time(self.now.replace(hour=11)):
            path.with_context(tz="Etc/GMT+12").action_find_proofs()
        self.assertEqual(self._state("shadow"), "proven")
        self.assertEqual(self.steps["shadow"].date_proven, self.today)

    # ------------------------------------------------------------ orders
    def test_orders_that_prove_no_offer(self):
        fellow = self._new_user("nka_fellow", "group_key_account_manager")
        self.env["nka.mentorship"].create(
            {"mentor_id": self.mentor.id, "mentee_id": fellow.id}
        )
        public = self.env.ref("base.public_user")
        for reason, price, user in (
            ("has no amount", 0, self.supervisor_2),
            ("without logging in", 100, public),
            ("their mentees confirmed it", 100, fellow),
            ("their mentees confirmed it", 100, self.mentor),
        ):
            with self.subTest(reason):
                order = self._quotation(price)
                order.with_user(user).sudo().action_confirm()
                self._find()
                self.assertEqual(self._state("offer"), "open")
                self.assertIn(reason, self.steps["offer"].missing)
                order.sudo()._action_cancel()

    # ------------------------------------------------------------ other supervisors
    def test_supervisor_of_other_people_doesnt_judge(self):
        """Otherwise they would continue a preparation that the person's own stopped."""
        self.own.supervisor_id = self.supervisor
        start = self.env["nka.manager.start"]._start_for(self.employee, "other")
        start.with_user(self.supervisor).action_stop(reason="Wants to sell alone")
        step, path = self.steps["shadow"], self.path
        vals = {"mentorship_id": path.id, "kind_id": step.kind_id.id}
        for records, method, args in (
            (step.browse(), "create", [[vals]]),
            (step, "write", [{"note": "Easier"}]),
            (step, "action_waive", ["Known"]),
            (step, "unlink", []),
            (path, "action_propose_path", []),
            (path, "action_confirm_manager", []),
        ):
            with self.subTest(method), self.refused(AccessError):
                self._rpc(self.supervisor_2, records, method, *args)
        self.assertEqual(start.state, "stopped")
        self.assertFalse(path.with_user(self.supervisor_2).may_decide)
        self.assertTrue(path.with_user(self.supervisor).may_decide)

    def test_supervisors_judge_where_the_mentor_is_the_superior(self):
        """Nobody else supervises the mentee, so any other supervisor may."""
        self._as_supervisor(self.mentor)
        self.own.supervisor_id = self.mentor
        self.assertTrue(self.path.with_user(self.supervisor_2).may_decide)
        self.steps["shadow"].with_user(self.supervisor_2).action_waive(reason="Known")
        self.assertFalse(self.path.with_user(self.mentor).may_decide)

    # ------------------------------------------------------------ documents
    def test_revision_proves_no_further_step(self):
        second = self._step("minutes")
        document = self._document("minutes", reviewer=self.supervisor_2)
        revision = document.browse(document.action_new_revision()["res_id"])
        revision.with_user(self.mentee).action_submit()
        reviewed = revision.with_user(self.supervisor_2)
        reviewed.check_ids.is_done = True
        reviewed.action_approve()
        self._find()
        both = self.steps["minutes"] | second
        self.assertEqual(sorted(both.mapped("state")), ["open", "proven"])
        left = both.filtered(lambda step: step.state == "open")
        self.assertIn("approved before", left.missing)

    def test_deputy_of_an_account_of_a_branch(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.env.company.id}
        )
        self.account.with_user(self.supervisor).deputy_id = self.mentee
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE nka_key_account SET company_id = %s WHERE id = %s",
            [branch.id, self.account.id],
        )
        self.env.invalidate_all()
        self._find()
        self.assertIn("Deputy since", self.steps["deputy"].missing)

    def test_contact_that_the_deputy_made_up(self):
        """Meetings without a sign of the client and own orders are their own word."""
        self.account.with_user(self.supervisor).deputy_id = self.mentee
        self._find()
        silent = self.env["res.partner"].create(
            {"name": "Without email", "parent_id": self.client.id}
        )
        real, self.now = self.now, self.now + timedelta(days=31)
        with freeze_time(self.now):
            for days in (2, 5, 9):
                people = (self.mentee, self.mentor, silent)
                self._meet(*people, entered=days + 1, days=days, mail=False)
            self._find()
            self.assertEqual(self._state("deputy"), "open")
            for days in (3, 6, 10):
                with freeze_time(self.now - timedelta(days=days)):
                    order = self._quotation()
                    order.partner_id = self.client
                    order.with_user(self.mentee).sudo().action_confirm()
            self._find()
            self.assertEqual(self._state("deputy"), "open")
            for days in (2, 5, 9):
                people = (self.mentee, self.mentor, self.contact)
                self._meet(*people, entered=days + 1, days=days)
            self._find()
        self.now = real
        self.assertEqual(self._state("deputy"), "proven", self.steps["deputy"].missing)

    # ------------------------------------------------------------ pay
    def test_record_that_counted_doesnt_count_again_in_a_new_step(self):
        """Lost in one season and restored in another, it would be paid twice."""
        event = self._meet(self.mentor, self.mentee, self.contact)
        self._find()
        event.sudo().active = False
        self._find()
        self.steps["shadow"].action_waive(reason="The meeting was cancelled")
        second = self._step("shadow")
        with freeze_time(self.now + timedelta(days=100)):
            event.sudo().active = True
            event.sudo().nka_fixed_date = False
            self._find()
        self.assertEqual(second.state, "proven", second.missing)
        self.assertEqual(second.date_proven, self.today)
