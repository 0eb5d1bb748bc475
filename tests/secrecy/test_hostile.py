"""What people try by RPC against the regime, its acknowledgements, marks and register."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import SecrecyCase

FIELDS = {"display_name": {}}


@tagged("nka_secrecy")
class TestHostile(SecrecyCase):
    # ------------------------------------------------------------ content
    def test_no_refusal_names_a_draft(self):
        self.regime.name = "Quagga regime"
        self.regime.with_user(self.kam_admin).action_submit()
        item = self.regime.item_ids[0]
        calls = (
            (item, "write", {"name": "x"}),
            (item, "unlink"),
            (item, "copy"),
            (item, "read", ["regime_id"]),
            (self.regime, "write", {"text": "x"}),
            (self.regime, "unlink"),
            (self.regime, "copy"),
            (self.regime, "action_acknowledge"),
            (self.regime, "action_submit"),
            (self.regime, "action_approve"),
            (self.regime, "action_return"),
            (self.regime, "action_remind"),
            (self.regime, "action_new_version"),
            (self.regime, "action_open_acknowledgements"),
        )
        for user in (self.manager, self.officer, self.director, self.salesman):
            for record, name, *args in calls:
                with self.subTest(f"{user.login} {record._name} {name}"):
                    told = self._try(user, record, name, *args)
                    self.assertNotIn("Quagga", told)
                    self.assertNotIn("12-K", told)

    def _try(self, user, record, name, *args):
        with self.cr.savepoint() as save:
            self.env.invalidate_all()
            try:
                return str(self._call(user, record._name, name, record.ids, *args))
            except (AccessError, UserError) as error:
                return str(error)
            finally:
                save.rollback()
                self.env.transaction.clear()

    def test_administrators_of_other_companies_take_no_step(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        far = self._new_user(
            "nka_far_admin",
            "group_key_account_admin",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        far.group_ids += self.env.ref("nka_key_accounts.group_key_account_supervisor")
        for name in ("action_submit", "action_new_version", "unlink"):
            with self.refused(AccessError):
                self._call(far, self.regime._name, name, self.regime.ids)
        self.regime.with_user(self.kam_admin).action_submit()
        for name in ("action_approve", "action_return"):
            with self.refused(AccessError):
                self._call(far, self.regime._name, name, self.regime.ids)
        self.regime.with_user(self.kam_admin_2).action_approve()
        self.regime.activity_ids.unlink()
        context = {"allowed_company_ids": [other.id, self.company.id]}
        for name in ("action_remind", "action_acknowledge", "action_new_version"):
            for given in ({}, context):
                with self.refused(AccessError):
                    self._call(
                        far, self.regime._name, name, self.regime.ids, context=given
                    )
        self.assertFalse(self.regime.activity_ids)

    def test_nobody_creates_a_regime_in_force(self):
        regimes = self.env["nka.secrecy.regime"].with_user(self.kam_admin)
        forged = {
            "state": "in_force",
            "reviewer_id": self.kam_admin_2.id,
            "submitter_id": self.kam_admin_2.id,
            "maker_ids": [Command.set(self.kam_admin_2.ids)],
            "digest": "c1$forged",
            "date_approved": "2026-01-01 00:00:00",
        }
        plain = {"name": "R", "order_number": "1", "text": "t"}
        defaults = {f"default_{name}": value for name, value in forged.items()}
        for context, vals in (({}, {**plain, **forged}), (defaults, plain)):
            try:
                with self.cr.savepoint():
                    regime = regimes.with_context(**context).create(vals)
            except (AccessError, UserError):
                continue
            self.assertEqual(regime.state, "draft")
            self.assertFalse(regime.reviewer_id or regime.digest)
            self.assertEqual(regime.sudo().maker_ids, self.kam_admin)
        with self.refused(AccessError):
            self.regime.with_user(self.kam_admin).write({"maker_ids": [(5,)]})

    def test_items_are_not_moved_into_a_decided_regime(self):
        self._put_in_force()
        draft = self._new_regime(order_number="13-K")
        item = draft.item_ids[0].with_user(self.kam_admin)
        items = item.browse()
        for act in (
            lambda: item.write({"regime_id": self.regime.id}),
            lambda: items.create({"regime_id": self.regime.id, "name": "x"}),
            lambda: items.with_context(default_regime_id=self.regime.id).create(
                {"name": "x"}
            ),
            lambda: (
                self.regime.item_ids[0]
                .with_user(self.kam_admin)
                .write({"regime_id": draft.id})
            ),
            lambda: draft.with_user(self.kam_admin).write(
                {"item_ids": [Command.link(self.regime.item_ids[0].id)]}
            ),
        ):
            with self.refused(UserError, "Create a new version"):
                act()
        self.refused_by_database(
            "INSERT INTO nka_secrecy_item (regime_id, name) VALUES (%s, 'x')",
            self.regime.id,
        )
        self.refused_by_database(
            "UPDATE nka_secrecy_item SET regime_id = %s WHERE regime_id = %s",
            self.regime.id,
            draft.id,
        )

    def test_whoever_moved_an_item_cannot_approve(self):
        self.regime.item_ids[0].with_user(self.kam_admin_2).write({"sequence": 50})
        self.regime.with_user(self.kam_admin).action_submit()
        with self.refused(AccessError, "somebody else has to approve"):
            self.regime.with_user(self.kam_admin_2).action_approve()
        self.regime.with_user(self.supervisor).action_approve()

    def test_an_author_with_a_new_role_cannot_approve(self):
        self.kam_admin.group_ids += self.env.ref(
            "nka_key_accounts.group_key_account_supervisor"
        )
        self.regime.with_user(self.kam_admin).action_submit()
        with self.refused(AccessError, "somebody else has to approve"):
            self.regime.with_user(self.kam_admin).action_approve()

    def test_the_order_of_items_is_part_of_the_hash_as_it_is_shown(self):
        regime = self._new_regime(
            item_ids=[
                Command.create({"name": "Last", "sequence": 90}),
                Command.create({"name": "First", "sequence": 1}),
            ]
        )
        regime.with_user(self.kam_admin).action_submit()
        self.env.flush_all()
        self.env.invalidate_all()
        regime.with_user(self.supervisor).action_approve()
        self.assertEqual(regime.state, "in_force")

    def test_a_changed_text_is_not_acknowledged_nor_approved(self):
        self.regime.with_user(self.kam_admin).action_submit()
        self.env.flush_all()
        self._by_hand("UPDATE nka_secrecy_regime SET text = 'Other' WHERE id = %s")
        with self.refused(UserError, "changed after it was submitted"):
            self.regime.with_user(self.kam_admin_2).action_approve()
        self._by_hand(
            "UPDATE nka_secrecy_regime"
            " SET text = 'Use it for your work only. Pass it on to nobody.'"
            " WHERE id = %s"
        )
        self.regime.with_user(self.kam_admin_2).action_approve()
        self.env.flush_all()
        self._by_hand("UPDATE nka_secrecy_regime SET text = 'Other' WHERE id = %s")
        with self.refused(UserError, "differs from what was approved"):
            self._acknowledge(self.manager)

    def _by_hand(self, query):
        self.cr.execute("ALTER TABLE nka_secrecy_regime DISABLE TRIGGER USER")
        self.cr.execute(query, [self.regime.id])
        self.cr.execute("ALTER TABLE nka_secrecy_regime ENABLE TRIGGER USER")
        self.env.invalidate_all()

    # ------------------------------------------------------------ acknowledging
    def test_acknowledgements_reach_no_one_by_a_draft(self):
        row = {
            "user_id": self.colleague.id,
            "user_name": "x",
            "company_id": self.company.id,
            "date": "2026-11-01 10:00:00",
            "digest": "x",
        }
        regimes = self.env["nka.secrecy.regime"].with_user(self.kam_admin)
        plain = {"name": "R", "order_number": "1", "text": "t"}
        for act in (
            lambda: self.regime.with_user(self.kam_admin).write(
                {"acknowledgement_ids": [Command.create(row)]}
            ),
            lambda: regimes.create(
                {**plain, "acknowledgement_ids": [Command.create(row)]}
            ),
            lambda: regimes.with_context(
                default_acknowledgement_ids=[Command.create(row)]
            ).create(plain),
        ):
            try:
                with self.cr.savepoint():
                    act()
            except (AccessError, UserError):
                pass
            self.assertFalse(self.env["nka.secrecy.acknowledgement"].search([]))

    def test_nobody_acknowledges_before_it_is_in_force(self):
        with self.refused(AccessError):
            self._acknowledge(self.manager)
        self.regime.with_user(self.kam_admin).action_submit()
        with self.refused(UserError, "available only"):
            self._acknowledge(self.supervisor)

    # ------------------------------------------------------------ refusal
    def test_lists_that_name_clients_are_refused(self):
        self._put_in_force()
        names = {
            self.manager: ("nka.document.quality",),
            self.supervisor: (
                "nka.document.quality",
                "nka.gate.exception",
                "nka.audit.event",
            ),
            self.kam_admin: ("nka.audit.event",),
            self.officer: ("nka.bonus.line", "nka.month.close"),
        }
        calls = (
            ("web_search_read", [], FIELDS),
            ("search_count", []),
            ("formatted_read_group", [], [], ["__count"]),
            ("read", [1], ["display_name"]),
        )
        cases = [(user, name) for user, told in names.items() for name in told]
        for user, name in cases:
            for call in calls:
                with (
                    self.subTest(f"{user.login} {name} {call[0]}"),
                    self.refused(AccessError, "Read and acknowledge"),
                ):
                    self._call(user, name, *call)
        self._acknowledge(*names)
        for user, name in cases:
            self._call(user, name, *calls[0])
        self._call(self.colleague, "nka.bonus.line", "web_search_read", [], FIELDS)

    def test_no_step_names_a_record_first(self):
        commitment = self.env["nka.commitment"].create(
            {
                "key_account_id": self.account.id,
                "text": "Quagga promise",
                "promised_date": self.today,
            }
        )
        self._put_in_force()
        told = self._try(self.supervisor, commitment, "action_waive")
        self.assertIn("Read and acknowledge", told)
        self.assertNotIn("Quagga", told)

    def test_people_without_a_role_notice_nothing(self):
        self._put_in_force()
        lead = self.env["crm.lead"].create({"name": "Own", "user_id": self.salesman.id})
        users = self.env["res.users"]
        for user in (self.salesman, self.employee_user, self.env.ref("base.user_root")):
            asked = users.with_user(user)
            asked._nka_check_acknowledged()
            self.env.flush_all()
            with self.assertQueryCount(0):
                asked._nka_check_acknowledged()
        self._call(self.salesman, "crm.lead", "write", lead.ids, {"name": "Mine"})
        self._call(self.salesman, "res.partner", "read", self.client.ids, ["name"])
        self.assertFalse(
            self.env["nka.secrecy.access"].search([("user_id", "=", self.salesman.id)])
        )

    def test_the_only_administrator_finds_a_way_out(self):
        self._put_in_force()
        self.kam_admin_2.active = self.supervisor.active = False
        self.supervisor_2.active = False
        page = self._call(
            self.kam_admin,
            "nka.secrecy.regime",
            "web_read",
            self.regime.ids,
            {"is_to_acknowledge": {}, "text": {}, "missing_count": {}},
        )
        self.assertTrue(page[0]["is_to_acknowledge"])
        self._new_regime(order_number="13-K").with_user(self.kam_admin).action_submit()
        settings = self.env["nka.settings"].with_user(self.kam_admin)
        settings.create({"nka_secrecy_required": False}).action_save()
        self.assertFalse(self.company.nka_secrecy_required)
        self._call(self.manager, "res.partner", "read", self.client.ids, ["name"])
