"""Colleagues without a role in the addon, and their deals with key accounts."""

from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import HttpCase, tagged

from ..common import new_user
from .common import LeadCase

ALL = "sales_team.group_sale_salesman_all_leads,base.group_allow_export"


class ColleagueCase(LeadCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = new_user(cls.env, "nka_seller", ALL, name="Sam Seller")
        cls.other_seller = new_user(cls.env, "nka_seller2", ALL, name="Sue Seller")
        cls.own = cls._new_lead(cls.client, cls.seller)
        cls.won = cls.env["crm.stage"].search([("is_won", "=", True)], limit=1)
        cls.env.flush_all()

    def _entered(self, user=None, **vals):
        """Create a deal as a colleague does in the web client."""
        values = {"name": "Entered", "type": "opportunity", **vals}
        values.setdefault("partner_id", self.client.id)
        user = user or self.seller
        number = self._rpc(user, self.env["crm.lead"], "create", values)
        return self.env["crm.lead"].browse(number)


@tagged("nka_leads")
class TestOwnDeals(ColleagueCase):
    def test_salespeople_keep_their_won_and_lost_deals(self):
        self._rpc(self.seller, self.own, "action_set_won_rainbowman")
        self.assertTrue(self._sees(self.seller, self.own))
        self._rpc(self.seller, self.own, "write", {"expected_revenue": 7})
        lost = self._new_lead(self.client, self.seller)
        self._rpc(self.seller, lost, "write", {"probability": 0})
        self._rpc(self.seller, lost, "action_set_lost")
        self.assertTrue(self._sees(self.seller, lost))
        self._rpc(self.seller, lost, "action_unarchive")
        self.assertTrue(lost.active)

    def test_a_former_manager_keeps_no_closed_deals(self):
        self._rpc(self.manager, self.lead, "action_set_won_rainbowman")
        handover = (
            self.env["nka.handover"]
            .with_user(self.supervisor)
            .create(
                {
                    "key_account_ids": self.account.ids,
                    "from_user_id": self.manager.id,
                    "to_user_id": self.colleague.id,
                }
            )
        )
        self.assertEqual(self.lead.user_id, self.manager)
        self.account.assignment_ids.sudo()._unlocked().write(
            {"date_to": self.today, "is_final": True}
        )
        self.account.sudo()._unlocked().write({"manager_id": self.colleague.id})
        self.env.flush_all()
        self.assertTrue(handover)
        self.assertFalse(self._sees(self.manager, self.lead))
        self.assertTrue(self._sees(self.seller, self.own))

    def test_refusal_on_a_colleagues_deal_names_who_can_help(self):
        for method, args in (
            ("read", [["name"]]),
            ("write", [{"name": "X"}]),
            ("action_archive", []),
            ("message_post", []),
        ):
            with self.subTest(method=method), self.assertRaises(AccessError) as caught:
                self._rpc(self.seller, self.lead, method, *args)
            self.assertIn("nka_manager", str(caught.exception))
            self.assertIn("nka_super", str(caught.exception))
            self.assertNotIn(self.lead.name, str(caught.exception))
            self.assertNotIn("Northwind", str(caught.exception))
            self.assertIsInstance(caught.exception, RedirectWarning)

    def test_the_button_asks_the_manager(self):
        with self.assertRaises(RedirectWarning) as caught:
            self._rpc(self.seller, self.lead, "read", ["name"])
        _message, action, label, _more = caught.exception.args
        self.assertIn("Ask nka_manager", label)
        question = self._ask(action)
        self.assertEqual(question.user_id, self.manager)
        self._rpc(self.seller, question, "action_send")
        todo = self.lead.activity_ids.filtered(lambda row: row.summary)
        self.assertEqual(todo.user_id, self.manager)
        with self.refused(UserError, "already asked nka_manager"):
            self._rpc(self.seller, question, "action_send")

    def _ask(self, action):
        """Create the help request that a button opens, with a question."""
        model = self.env[action["res_model"]]
        number = self._rpc(
            self.seller,
            model,
            "create",
            {"text": "May I call them?"},
            context=action["context"],
        )
        return model.browse(number)

    def test_requests_about_other_records_are_refused(self):
        for name, number in (("crm.lead", self.free_lead.id), ("res.users", 2)):
            action = self.env["nka.help.request"]._action_ask(self.lead, False)
            context = {"default_res_model": name, "default_res_id": number}
            with self.subTest(model=name):
                question = self._ask({**action, "context": context})
                with self.refused(UserError, "isn't about a key account"):
                    self._rpc(self.seller, question, "action_send")


@tagged("nka_leads")
class TestMistakes(ColleagueCase):
    """Users can correct what they entered on the same day."""

    STEPS = (
        (
            "lead's own client",
            "write",
            lambda self: [{"partner_id": self.other_client.id}],
        ),
        ("who wasn't a client", "write", lambda self: [{"partner_id": False}]),
        ("archived", "action_archive", lambda self: []),
        ("handed on", "write", lambda self: [{"user_id": self.colleague.id}]),
    )

    def _take(self, lead, user=None):
        for name, method, args in self.STEPS:
            yield (
                name,
                lambda method=method, args=args: self._rpc(
                    user or self.seller, lead, method, *args(self)
                ),
            )

    def test_entered_today(self):
        lead = self._entered(user_id=self.seller.id)
        for name, step in self._take(lead):
            before = lead.partner_id, lead.active, lead.user_id
            with self.subTest(step=name):
                step()
                after = lead.partner_id, lead.active, lead.user_id
                self.assertNotEqual(after, before)

    def test_client_entered_today(self):
        lead = self._new_lead(self.other_client, self.seller)
        self._rpc(self.seller, lead, "write", {"partner_id": self.client.id})
        self.assertTrue(self._events(lead, "lead_account"))
        self._rpc(self.seller, lead, "write", {"partner_id": self.other_client.id})
        self.assertFalse(lead.key_account_id)

    def test_other_users_cant_correct_it(self):
        lead = self._entered(user_id=self.other_seller.id)
        for name, step in self._take(lead, self.other_seller):
            with self.subTest(step=name), self.refused(AccessError, "Ask a supervisor"):
                step()

    def test_later_or_with_an_order_only_a_supervisor_can(self):
        late = self._entered(user_id=self.seller.id)
        late.flush_recordset()
        self.env.cr.execute(
            "UPDATE crm_lead SET create_date = create_date - interval '2 days' WHERE id = %s",
            [late.id],
        )
        late.invalidate_recordset()
        ordered = self._entered(user_id=self.seller.id)
        self.env["sale.order"].create(
            {"partner_id": self.client.id, "opportunity_id": ordered.id}
        )
        for lead in (late, ordered):
            for name, step in self._take(lead):
                with self.subTest(lead=lead.id, step=name):
                    with self.assertRaises(AccessError) as caught, self.cr.savepoint():
                        step()
                    self.assertIn("Ask a supervisor (nka_super", str(caught.exception))
                    self.assertIn("Ask nka_super", caught.exception.args[2])

    def test_a_correction_leaves_an_event(self):
        lead = self._entered(user_id=self.seller.id)
        self._rpc(self.seller, lead, "write", {"partner_id": False})
        self.assertEqual(self._events(lead, "lead_account")[-1].user_id, self.seller)


@tagged("nka_leads")
class TestTips(ColleagueCase):
    def test_tip_for_the_manager_or_unassigned(self):
        for user in (self.manager, self.env["res.users"]):
            tip = self._entered(user_id=user.id)
            with self.subTest(user=user.login):
                self.assertTrue(self._sees(self.seller, tip))
                self.assertEqual(tip.activity_ids.user_id, self.manager)
                self.assertTrue(self._sees(self.manager, tip))
                self.assertFalse(self._sees(self.other_seller, tip))

    def test_own_deals_and_other_clients_create_no_activity(self):
        self.assertFalse(self._entered(user_id=self.seller.id).activity_ids)
        other = self._entered(user_id=False, partner_id=self.other_client.id)
        self.assertFalse(other.activity_ids)

    def test_assign_leads(self):
        boss = new_user(self.env, "nka_boss", "sales_team.group_sale_manager")
        team = self.env["crm.team"].create(
            {
                "name": "Spread",
                "crm_team_member_ids": [
                    (0, 0, {"user_id": self.seller.id, "assignment_max": 30})
                ],
            }
        )
        tip = self._new_lead(self.client, team_id=team.id, type="lead")
        other = self._new_lead(self.other_client, team_id=team.id, type="lead")
        self._rpc(boss, team, "action_assign_leads")
        self.assertEqual(tip.user_id, self.manager)
        self.assertEqual(other.user_id, self.seller)


@tagged("nka_leads")
class TestLists(ColleagueCase):
    """One deal of a key account doesn't block a list of other deals."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.others = cls._new_lead(cls.other_client, cls.seller) | cls._new_lead(
            cls.other_client, cls.seller
        )
        cls.list = cls.others | cls.own

    def test_archive(self):
        self._rpc(self.seller, self.list, "action_archive")
        self.assertEqual(self.list.mapped("active"), [False, False, True])
        self.assertRegex(
            self._told(), "2 of 3 records were changed.*Northwind.*Ask a supervisor"
        )

    def test_archive_contacts(self):
        """A key account in the list is kept; the message names who can archive it."""
        self.seller.group_ids += self.env.ref("base.group_partner_manager")
        contacts = self._new_client("Old supplier") | self.client
        self._rpc(self.seller, contacts, "action_archive")
        self.assertEqual(contacts.mapped("active"), [False, True])
        self.assertRegex(
            self._told(), "1 of 2 records were changed.*Northwind.*Ask nka_super"
        )

    def test_edit_contacts_in_a_list(self):
        self.seller.group_ids += self.env.ref("base.group_partner_manager")
        contacts = self._new_client("Old supplier") | self.client
        self._rpc(self.seller, contacts, "web_save", {"active": False}, {"name": {}})
        self.assertEqual(contacts.mapped("active"), [False, True])
        self.assertRegex(self._told(), "1 of 2 records were changed")

    def test_assign(self):
        vals = {"user_id": self.other_seller.id}
        self._rpc(self.seller, self.list, "web_save", vals, {"user_id": {}})
        self.assertEqual(self.others.user_id, self.other_seller)
        self.assertEqual(self.own.user_id, self.seller)
        self.assertIn("2 of 3", self._told())

    def test_refusals_for_other_records_still_apply(self):
        """Odoo's own refusal rolls back the whole list."""
        self.seller.group_ids = self.env.ref("sales_team.group_sale_salesman")
        foreign = self._new_lead(self.other_client, self.other_seller)
        with self.refused(AccessError):
            self._rpc(self.seller, self.list | foreign, "action_archive")
        self.assertTrue(all(self.list.mapped("active")))

    def test_a_protected_record_alone_is_refused(self):
        with self.refused(AccessError, "Ask a supervisor"):
            self._rpc(self.seller, self.own, "action_archive")

    def test_export_excludes_protected_records(self):
        rows = self._rpc(self.seller, self.list, "export_data", [".id"])["datas"]
        self.assertEqual(
            [row[0] for row in rows], [str(lead.id) for lead in self.others]
        )
        self.assertRegex(self._told(), "1 of 3 records .* nka_super")

    def test_only_protected_records_are_refused(self):
        with self.refused(AccessError, "supervisor"):
            self._rpc(self.seller, self.own, "export_data", ["name"])

    def test_export_of_orders_hides_the_deal(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "user_id": self.seller.id,
                "opportunity_id": self.lead.id,
            }
        )
        for column in ("opportunity_id", "opportunity_id/name", "opportunity_id/.id"):
            with self.subTest(column=column):
                names = ["name", column]
                rows = self._rpc(self.seller, order, "export_data", names)["datas"]
                self.assertEqual(rows, [[order.name, ""]])
        self.assertEqual(order.opportunity_id, self.lead)

    def test_filters_work_for_colleagues(self):
        for domain, found in (
            ([("key_account_state", "=", "key")], self.own),
            ([("is_vip", "=", True)], self.list.browse()),
        ):
            domain = [*domain, ("id", "in", self.list.ids)]
            answer = self._rpc(
                self.seller,
                self.list.browse(),
                "web_search_read",
                domain,
                {"key_account_id": {"fields": {"display_name": {}}}, "is_vip": {}},
            )
            self.assertEqual([row["id"] for row in answer["records"]], found.ids)

    def test_an_import_names_whom_to_ask(self):
        row = [str(self.lead.id), "5"]
        told = self._rpc(
            self.seller, self.list.browse(), "load", [".id", "expected_revenue"], [row]
        )
        self.assertRegex(told["messages"][0]["message"], "Ask nka_manager")


@tagged("nka_leads")
class TestSharing(ColleagueCase, HttpCase):
    def test_an_activity_for_a_user_who_cant_open_the_deal(self):
        vals = {
            "res_model_id": self.env["ir.model"]._get_id("crm.lead"),
            "res_id": self.own.id,
            "summary": "Call",
        }
        todos = self.env["mail.activity"]
        with self.refused(UserError, "Sue Seller can't open.*nka_manager"):
            self._rpc(
                self.seller, todos, "create", {**vals, "user_id": self.other_seller.id}
            )
        number = self._rpc(
            self.seller, todos, "create", {**vals, "user_id": self.manager.id}
        )
        with self.refused(UserError, "Sue Seller can't open"):
            todo = todos.browse(number)
            self._rpc(self.seller, todo, "write", {"user_id": self.other_seller.id})

    def test_a_mention_names_who_cant_open_it(self):
        people = (self.other_seller | self.manager).partner_id.ids
        words = {"body": "Look", "partner_ids": people, "message_type": "comment"}
        self._rpc(self.seller, self.own, "message_post", **words)
        told = self._told()
        self.assertIn("Sue Seller can read your message", told)
        self.assertIn("ask nka_manager", told)

    def test_the_link_opens_the_lead(self):
        self.authenticate("nka_seller2", "nka_seller2")
        for lead, place in ((self.own, f"/odoo/crm.lead/{self.own.id}"),):
            url = f"/mail/view?model=crm.lead&res_id={lead.id}"
            answer = self.url_open(url, allow_redirects=False)
            self.assertIn(place, answer.headers["Location"])

    def test_a_meeting_names_whom_to_ask(self):
        meeting = self.env["calendar.event"].create(
            {
                "name": "Talk",
                "user_id": self.manager.id,
                "start": "2025-01-02 10:00:00",
                "stop": "2025-01-02 11:00:00",
                "opportunity_id": self.lead.id,
                "partner_ids": self.manager.partner_id.ids,
            }
        )
        for method in ("write", "web_save"):
            args = [{"location": "Here"}] + ([{}] if method == "web_save" else [])
            with self.refused(AccessError, "Ask nka_manager"):
                self._rpc(self.seller, meeting, "read", ["location"])
                self._rpc(self.seller, meeting, method, *args)


@tagged("nka_leads")
class TestPersons(ColleagueCase):
    """All users who can merge contacts can merge two entries of one person."""

    def _merge(self, partners):
        merger = new_user(self.env, "nka_merger", f"{ALL},base.group_partner_manager")
        wizards = self.env["base.partner.merge.automatic.wizard"].with_user(merger)
        wizard = wizards.create(
            {"partner_ids": partners.ids, "dst_partner_id": partners[0].id}
        )
        return wizard.action_merge()

    def test_contacts_of_one_client(self):
        twin = self.contact.copy({"name": "A. Berg"})
        lead = self._new_lead(twin, self.manager)
        self._merge(self.contact | twin)
        self.assertFalse(twin.exists())
        self.assertEqual(lead.partner_id, self.contact)
        self.assertEqual(lead.key_account_id, self.account)

    def test_the_client_itself_or_contacts_of_two_clients(self):
        stranger = self.env["res.partner"].create(
            {
                "name": "X",
                "parent_id": self.other_client.id,
                "email": self.contact.email,
            }
        )
        for partners in (self.client | self.contact, self.contact | stranger):
            with (
                self.subTest(partners=partners),
                self.refused((AccessError, UserError), "supervisor"),
            ):
                self._merge(partners)
