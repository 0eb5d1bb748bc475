"""Attempts of a hostile manager to manipulate their own work, by every protocol."""

from odoo.tests import tagged

from .doors import Call, DoorsCase, call

BUTTON = "only with the buttons"


@tagged("nka_control")
class TestHostileWork(DoorsCase):
    """Forged states, approval of own work, posts under another author, own roles."""

    def test_forged_state_of_a_document(self):
        ids = self.draft.ids
        vals = {"type_id": self.contract.id, "lead_id": self.lead.id}
        forged = {"state": "approved"}
        self._assert_refused(
            (self.manager, self.supervisor),
            call("nka.document", "write", ids, vals=forged),
            call("nka.document", "web_save", ids, vals=forged, specification={}),
            call("nka.document", "create", vals_list=[{**vals, **forged}]),
            call("nka.document", "copy", ids, default=forged),
            call(
                "nka.document",
                "create",
                vals_list=[vals],
                context={"default_state": "approved"},
            ),
            call(
                "nka.document",
                "web_resequence",
                ids,
                specification={},
                field_name="revision",
                offset=7,
            ),
            call(
                "nka.document",
                "web_save_multi",
                ids,
                vals_list=[forged],
                specification={},
            ),
            call(
                "nka.document",
                "load",
                fields=[".id", "state"],
                data=[[str(self.draft.id), "approved"]],
            ),
            words=BUTTON,
        )

    def test_forged_state_through_a_parent_record(self):
        forged = {"state": "approved"}
        lines = [
            [1, self.draft.id, forged],
            [0, 0, {"type_id": self.contract.id, **forged}],
        ]
        self._assert_refused(
            (self.manager, self.supervisor),
            *(
                call("crm.lead", "write", self.lead.ids, vals={"nka_document_ids": [x]})
                for x in lines
            ),
            *(
                call(
                    "nka.key.account",
                    "write",
                    self.account.ids,
                    vals={"document_ids": [x]},
                )
                for x in lines
            ),
            words=BUTTON,
        )

    def test_state_of_an_account_and_default_state(self):
        self._assert_refused(
            self.everybody,
            call(
                "nka.key.account", "write", self.account.ids, vals={"state": "former"}
            ),
            call(
                "nka.key.account",
                "create",
                vals_list=[{"partner_id": self.other_client.id, "state": "key"}],
            ),
            call(
                "ir.default",
                "set",
                model_name="nka.document",
                field_name="state",
                value="approved",
            ),
        )

    def test_creation_in_a_later_state(self):
        """No role can create a record in a later state, in any room."""
        checks = self.env["nka.audit.verification"]._state_checks()
        models = [check.model for check in checks if check.kind == "state"]
        self.assertGreater(len(models), 15)
        for model in models:
            keys = model._fields["state"].get_values(self.env)
            first = model._initial_value("state")
            last = [key for key in keys if key != first][-1]
            self._assert_refused(
                (self.manager, self.supervisor, self.officer, self.kam_admin),
                call(model._name, "create", vals_list=[{"state": last}]),
                call(
                    model._name,
                    "create",
                    vals_list=[{}],
                    context={"default_state": last},
                ),
            )

    def test_approving_an_own_document(self):
        calls = (
            call("nka.document", "action_approve", self.document.ids),
            call("nka.document", "action_return", self.document.ids, findings="no"),
        )
        self._assert_refused((self.manager, self.system, *self.outsiders), *calls)
        self.document.with_user(self.supervisor)._keep_editor()
        self._assert_refused((self.supervisor,), *calls, words="You worked on")

    def test_superuser_id(self):
        root = self.env.ref("base.user_root")
        root.group_ids += self.env.ref("nka_key_accounts.group_key_account_supervisor")
        self.document._unlocked().write({"editor_ids": [(4, root.id)]})
        asked = call("nka.document", "action_approve", self.document.ids)
        self.assertRegex(self._service(root, asked).refusal, "You worked on")
        self.assertEqual(self.document.state, "submitted")

    def test_overriding_the_gate_for_an_own_deal(self):
        self.contract.stage_ids = self.won
        asked = call(
            "crm.lead",
            "action_let_through",
            self.lead.ids,
            stage_id=self.won.id,
            reason="Because",
        )
        self._assert_refused((self.manager, self.system, *self.outsiders), asked)

    def test_gate(self):
        self.contract.stage_ids = self.won
        ids = self.lead.ids
        self._assert_refused(
            (self.manager, self.supervisor),
            call("crm.lead", "write", ids, vals={"stage_id": self.won.id}),
            call("crm.lead", "action_set_won", ids),
            call("crm.lead", "action_set_won_rainbowman", ids),
            call(
                "crm.lead",
                "load",
                fields=[".id", "stage_id/.id"],
                data=[[str(self.lead.id), str(self.won.id)]],
            ),
            words="Contract of test",
        )

    def test_removing_the_vip_flag(self):
        self.contract.stage_ids = self.won
        lead = self._new_deal(self.other_client, is_vip=True)
        self._assert_refused(
            (self.manager,),
            call("crm.lead", "write", lead.ids, vals={"is_vip": False}),
            call(
                "crm.lead",
                "write",
                lead.ids,
                vals={"is_vip": False, "stage_id": self.won.id},
            ),
        )

    def test_changing_deadline_and_reviewer(self):
        other = self._new_user("nka_friend", "group_key_account_supervisor")
        self._assert_refused(
            (self.manager,),
            call(
                "nka.document",
                "write",
                self.document.ids,
                vals={"deadline": "2099-01-01"},
            ),
            call(
                "nka.document",
                "write",
                self.document.ids,
                vals={"reviewer_id": other.id},
            ),
            words="Only a supervisor can change the deadline",
        )

    def test_posting_under_another_author(self):
        for author in (self.colleague, self.supervisor):
            partner = author.partner_id.id
            posts = [
                call(
                    record._name,
                    "message_post",
                    record.ids,
                    body="x",
                    author_id=partner,
                )
                for record in (self.document, self.lead, self.account)
                if "message_ids" in record._fields
            ]
            self._assert_refused(
                (self.manager,),
                *posts,
                call(
                    "mail.message",
                    "create",
                    vals_list=[
                        {
                            "model": "crm.lead",
                            "res_id": self.lead.id,
                            "body": "x",
                            "author_id": partner,
                        }
                    ],
                ),
                call(
                    "mail.message",
                    "write",
                    self.lead.message_ids[:1].ids,
                    vals={"author_id": partner},
                ),
                Call(
                    "crm.lead",
                    "message_process",
                    None,
                    {
                        "model": "crm.lead",
                        "message": "From: x@example.com\n\nHello",
                        "thread_id": self.lead.id,
                    },
                ),
            )

    def test_setting_another_author(self):
        self._assert_refused(
            (self.manager,),
            call(
                "nka.document",
                "write",
                self.draft.ids,
                vals={"author_id": self.colleague.id},
            ),
            words="only set yourself as the author",
        )

    def test_audit_trail_without_tracking(self):
        """Without tracking, the chatter is silent, but the audit trail still logs."""
        quiet = {
            "tracking_disable": True,
            "mail_notrack": True,
            "mail_create_nolog": True,
        }
        before = len(self._events(self.draft, "state"))
        asked = call("nka.document", "action_submit", self.draft.ids, context=quiet)
        self.assertFalse(self._json2(self.manager, asked).refusal)
        self.assertEqual(len(self._events(self.draft, "state")), before + 1)
        vals = {"expected_revenue": 1}
        asked = call("crm.lead", "write", self.lead.ids, vals=vals, context=quiet)
        self.assertFalse(self._json2(self.manager, asked).refusal)
        self.assertEqual(self._events(self.lead, "amount").new, "1.0")
        self._assert_chain()

    def test_assigning_own_roles(self):
        supervisor = self.env.ref("nka_key_accounts.group_key_account_supervisor")
        for user in (self.manager, self.system, *self.outsiders):
            self._assert_refused(
                (user,),
                call(
                    "res.users",
                    "write",
                    user.ids,
                    vals={"group_ids": [[4, supervisor.id, 0]]},
                ),
                call(
                    "res.groups",
                    "write",
                    supervisor.ids,
                    vals={"user_ids": [[4, user.id, 0]]},
                ),
            )

    def test_changing_the_audit_trail(self):
        event = self.env["nka.audit.event"].search([], limit=1)
        self._assert_refused(
            self.everybody,
            call("nka.audit.event", "write", event.ids, vals={"note": "x"}),
            call("nka.audit.event", "unlink", event.ids),
            call("nka.audit.event", "copy", event.ids),
            call("nka.audit.event", "create", vals_list=[{"kind": "state"}]),
            call("nka.audit.event", "load", fields=["note"], data=[["x"]]),
            call("nka.audit.event", "init", []),
            call("nka.audit.head", "write", [1], vals={"seq": 0}),
        )
