"""Saved filters and embedded actions that one user creates for others."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ReadingCase


@tagged("nka_control")
class TestSavedSearches(ReadingCase):
    """A default filter for all users would hide records from supervisors."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owed = cls.env.ref("nka_key_accounts.crm_lead_action_owed")
        cls.erp_manager = cls._new_user("nka_erp", "group_key_account_admin")
        cls.erp_manager.group_ids += cls.env.ref("base.group_erp_manager")

    def _values(self, model="nka.audit.event", **vals):
        return {
            "name": "Everything",
            "model_id": model,
            "domain": "[('id', '=', 0)]",
            "user_ids": [],
            **vals,
        }

    def test_no_user_can_set_a_default_for_others(self):
        people = (
            self.manager,
            self.supervisor,
            self.kam_admin,
            self.salesman,
            self.employee_user,
            self.erp_manager,
        )
        for user in people:
            for model, action in (
                ("nka.audit.event", False),
                ("nka.document", False),
                ("hr.payslip", False),
                ("crm.lead", self.owed.id),
            ):
                for shared in ([], [(6, 0, [user.id, self.supervisor_2.id])]):
                    values = self._values(
                        model, action_id=action, user_ids=shared, is_default=True
                    )
                    for method in ("create", "create_filter"):
                        with self.refused(AccessError, "Default filter"):
                            self._call(user, "ir.filters", method, values)

    def test_nor_by_changing_their_own_filter(self):
        values = self._values(user_ids=[(6, 0, self.manager.ids)], is_default=True)
        number = self._call(self.manager, "ir.filters", "create", [values])[0]
        for changes in (
            {"user_ids": [(5,)]},
            {"user_ids": [(4, self.supervisor.id)]},
        ):
            with self.refused(AccessError):
                self._call(self.manager, "ir.filters", "write", [number], changes)

    def test_only_supervisors_share_filters(self):
        values = self._values()
        for user in (self.manager, self.salesman, self.employee_user, self.officer):
            with self.refused(AccessError, "Only supervisors"):
                self._call(user, "ir.filters", "create", [values])
        number = self._call(self.supervisor, "ir.filters", "create", [values])[0]
        for user in (self.manager, self.salesman):
            with self.refused(AccessError):
                self._call(user, "ir.filters", "write", [number], {"domain": "[]"})
            with self.refused(AccessError):
                self._call(user, "ir.filters", "unlink", [number])
        self._call(self.supervisor, "ir.filters", "unlink", [number])

    def test_existing_defaults_arent_applied(self):
        """They may date from before the addon or come from a server administrator."""
        for model, action in (("nka.audit.event", False), ("crm.lead", False)):
            self.env["ir.filters"].create(
                self._values(model, action_id=action, is_default=True)
            )
        for model, action in (
            ("nka.audit.event", None),
            ("crm.lead", self.owed.id),
        ):
            rows = self._call(
                self.supervisor, "ir.filters", "get_filters", model, action
            )
            self.assertTrue(rows)
            self.assertFalse([row for row in rows if row["is_default"]])

    def test_own_default_and_other_models_are_unaffected(self):
        own = self._values(user_ids=[(6, 0, self.supervisor.ids)], is_default=True)
        self._call(self.supervisor, "ir.filters", "create_filter", own)
        rows = self._call(
            self.supervisor, "ir.filters", "get_filters", "nka.audit.event"
        )
        self.assertTrue([row for row in rows if row["is_default"]])
        everybody_s = self._values("crm.lead", is_default=True)
        self._call(self.salesman, "ir.filters", "create_filter", everybody_s)
        rows = self._call(self.employee_user, "ir.filters", "get_filters", "crm.lead")
        self.assertTrue([row for row in rows if row["is_default"]])

    def test_embedded_actions_for_other_users(self):
        action = self.env.ref("nka_key_accounts.nka_key_account_action")
        values = {
            "name": "Overview",
            "parent_action_id": action.id,
            "parent_res_model": "nka.key.account",
            "python_method": "action_retire",
        }
        embedded = "ir.embedded.actions"
        for user in (self.manager, self.salesman, self.employee_user):
            for whose in (False, self.supervisor.id):
                with self.refused(AccessError, "only for yourself"):
                    self._call(user, embedded, "create", [{**values, "user_id": whose}])
            number = self._call(
                user, embedded, "create", [{**values, "user_id": user.id}]
            )
            with self.refused(AccessError):
                self._call(user, embedded, "write", number, {"user_id": False})
