"""Attempts of key account and Odoo administrators to reach pay and its audit trail."""

import inspect

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..close.common import NOVEMBER, CloseCase
from ..common import new_user
from .public_methods import PUBLIC

ROLE = "nka_key_accounts.group_key_account_payroll_officer"
#: Amounts of a month: fixed pay, total and the sales credit.
AMOUNTS = ("80000", "80,000", "180000", "180,000", "2000000")
PAY = ("nka.pay.", "nka.bonus.", "nka.season", "nka.month.", "nka.work.", "hr.payslip")


class AdministratorCase(CloseCase):
    """November is locked; no administrator took part in closing it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._invoice(2000000, NOVEMBER.replace(day=12))
        cls.close = cls._locked_close()
        cls.statement = cls.close.sudo().statement_ids
        cls.system = new_user(cls.env, "nka_boss", "base.group_system")
        cls.rights = new_user(
            cls.env, "nka_rights", "base.group_user,base.group_erp_manager"
        )
        cls.administrators = cls.kam_admin | cls.system | cls.rights
        cls.role = cls.env.ref(ROLE)
        cls.everybody = cls.env.ref("base.group_user")

    def _readable(self, user):
        """Yield the pay models that the user can read."""
        for name in sorted(self.env.registry):
            model = self.env[name].with_user(user)
            if name.startswith(PAY) and not model._abstract:
                if model.has_access("read"):
                    yield model.with_context(active_test=False)


@tagged("nka_pay")
class TestRoles(AdministratorCase):
    """Administrators can't give themselves the role through any of Odoo's models."""

    def _has_role(self, user):
        self.env.registry.clear_cache("default", "groups")
        return user.has_group(ROLE)

    def test_administrators_cannot_gain_the_role_by_an_implied_group(self):
        for user in (self.system, self.rights):
            with self.refused(AccessError, "can't assign the role"):
                self.role.with_user(user).implied_by_ids = [
                    Command.link(self.everybody.id)
                ]
            self.assertFalse(self._has_role(user))

    def test_role_given_to_others_by_an_implied_group_is_logged(self):
        other = self.env["res.groups"].create(
            {"name": "Team", "user_ids": [Command.link(self.employee_user.id)]}
        )
        self.role.with_user(self.rights).implied_by_ids = [Command.link(other.id)]
        given = self._events(self.employee_user, "group")[-1]
        self.assertEqual((given.new, given.user_id), ("Payroll officer", self.rights))
        other.with_user(self.rights).unlink()
        taken = self._events(self.employee_user, "group")[-1]
        self.assertEqual((taken.old, taken.new), ("Payroll officer", False))

    def test_external_id_of_the_role_is_protected(self):
        names = self.env["ir.model.data"].with_user(self.rights)
        vals = {"module": "nka_key_accounts", "name": ROLE.split(".")[1]}
        name = names.search([(key, "=", value) for key, value in vals.items()])
        for change in ({"res_id": self.everybody.id}, {"name": "elsewhere"}):
            with self.refused(AccessError, "identifies a key account role"):
                name.write(change)
        for door in (name, name.with_context(_force_unlink=True)):
            with self.refused(AccessError, "identifies a key account role"):
                door.unlink()
        # Assume that the external id was deleted nevertheless.
        self.env.flush_all()
        self.cr.execute("DELETE FROM ir_model_data WHERE id = %s", [name.id])
        self.env.invalidate_all()
        vals.update(model="res.groups", res_id=self.everybody.id)
        with self.refused(AccessError, "identifies a key account role"):
            names.create(vals)
        other = names.create({**vals, "name": "harmless"})
        with self.refused(AccessError, "identifies a key account role"):
            other.name = vals["name"]
        # An uninstallation of another module deletes what it has deleted before.
        self.cr.execute("DELETE FROM ir_model_data WHERE id = %s", [other.id])
        self.env.invalidate_all()
        other.with_context(_force_unlink=True).unlink()
        self.assertFalse(self._has_role(self.rights))


@tagged("nka_pay")
class TestReading(AdministratorCase):
    """Administrators see the totals of a month, but no amounts of an employee."""

    def test_readable_records_contain_no_amounts(self):
        tried = 0
        for user in self.administrators:
            for model in self._readable(user):
                records = model.search([])
                shown = [
                    name for name in model.fields_get() if self._tells(model, name)
                ]
                text = str(records.read(shown))
                tried += bool(records)
                found = [amount for amount in AMOUNTS if amount in text]
                self.assertFalse(found, f"{model._name} by {user.login}")
        self.assertGreater(tried, 5)

    @staticmethod
    def _tells(model, name):
        """Return whether to check a field: administrators may see a month's totals."""
        field = model._fields[name]
        return field.store and not field.relational and not name.endswith("_amount")

    def test_only_payroll_officers_read_the_locked_revision(self):
        self._assert_officers_only(self.close.revision_ids)

    def _assert_officers_only(self, revision):
        for name in ("sealed", "differences", "difference_html"):
            with self.refused(AccessError):
                revision.with_user(self.kam_admin).read([name])
        self.assertIn("80000.00", str(revision.with_user(self.officer).sealed))

    def test_differences_of_a_reopened_month_are_hidden(self):
        self.close.with_user(self.kam_admin).action_reopen(reason="Wrong client")
        self.close.with_user(self.officer).action_calculate()
        self.close.with_user(self.second).action_approve()
        self.close.with_user(self.second).action_lock()
        pages = self.env["nka.month.close"].with_user(self.kam_admin)
        shown = pages.browse(self.close.id).web_read(
            {"revision_ids": {"fields": {"number": {}, "reason": {}}}}
        )
        self.assertEqual(len(shown[0]["revision_ids"]), 2)
        self._assert_officers_only(self.close.revision_ids[0])

    def test_audit_events_contain_no_amounts(self):
        for user in (self.kam_admin, self.supervisor_2):
            events = self.env["nka.audit.event"].with_user(user).search([])
            self.assertTrue(events)
            text = str(events.read(["res_name", "old", "new", "note"]))
            for amount in AMOUNTS[:4]:
                self.assertNotIn(amount, text, user.login)


@tagged("nka_pay")
class TestDeciding(AdministratorCase):
    """Odoo administrators can't take steps of pay; ours can take those in ``OWN``."""

    #: Steps of key account administrators; refreshing the goals decides nothing.
    OWN = {
        "nka.month.close": {"action_reopen", "action_verify"},
        "nka.pay.plan.version": {"action_approve", "action_return", "action_withdraw"},
        "nka.season": {"action_refresh"},
    }

    def _steps(self, name, user):
        """Yield the methods that must be refused, without those that open pages."""
        own = self.OWN.get(name, ()) if user == self.kam_admin else ()
        for method in PUBLIC[name][1].split():
            if method not in own and not method.startswith(("action_open", "action_d")):
                yield method

    def test_steps_of_pay_are_refused(self):
        tried = 0
        for name in (name for name in PUBLIC if name.startswith(PAY)):
            record = self.env[name].sudo().search([], limit=1)
            for user in self.administrators if record else ():
                for method in self._steps(name, user):
                    tried += 1
                    with self.subTest(f"{name}.{method}"), self.refused(UserError):
                        self._call(record.with_user(user).sudo(False), method)
        self.assertGreater(tried, 60)

    def _call(self, record, method):
        """Call a method as a client does, with a context that claims state and role."""
        forged = {"default_state": "locked", "nka_key": True, "su": True, "uid": 1}
        record = record.with_context(**forged)
        door = getattr(record, method)
        needed = inspect.signature(door).parameters
        return door(**({"reason": "Because"} if "reason" in needed else {}))

    def test_second_role_allows_no_approval_of_own_work(self):
        """Only another administrator can give the second role, which is logged."""
        version = self._new_version(NOVEMBER.replace(year=2027))
        self.officer.group_ids += self.env.ref(
            "nka_key_accounts.group_key_account_admin"
        )
        version.action_submit()
        with self.refused(AccessError, "nother administrator"):
            version.with_user(self.officer).action_approve()
        # Superuser mode doesn't change who the user is.
        with self.refused(AccessError, "nother administrator"):
            version.with_user(self.officer).sudo().action_approve()

    def test_audit_trail_and_locked_revision_are_read_only(self):
        for record in (
            self._events(self.close)[:1],
            self.env["nka.audit.head"].search([], limit=1),
            self.close.revision_ids,
            self.statement,
        ):
            for user in self.administrators:
                mine = record.with_user(user).sudo(False)
                for door in (
                    lambda r=mine: r.write({"company_id": self.company.id}),
                    lambda r=mine: r.unlink(),
                    lambda r=mine: r.with_context(_force_unlink=True).unlink(),
                    lambda r=mine: r.copy(),
                ):
                    with self.refused(UserError):
                        door()
        self.close.sudo()._check_sealed()


@tagged("nka_pay")
class TestOutside(AdministratorCase):
    """Odoo's configuration gives no access to pay, unless it runs code."""

    def _send(self):
        self.employee.work_email = "own@example.com"
        notes = self.env["nka.pay.statement.mail"].sudo()
        note = notes._unlocked().create({"statement_id": self.statement.id})
        note._send()
        self.assertEqual(note.state, "queued", note.error)
        return note.mail_id

    def test_statement_mail_ignores_the_recipients_of_its_template(self):
        """Any template editor, such as a colleague, can change the template."""
        self.colleague.group_ids += self.env.ref("mail.group_mail_template_editor")
        template = self.env.ref("nka_key_accounts.mail_template_pay_statement")
        template.with_user(self.colleague).write(
            {
                "email_cc": "evil@example.com",
                "email_to": "evil@example.com",
                "partner_to": str(self.colleague.partner_id.id),
                "use_default_to": False,
            }
        )
        mail = self._send()
        self.assertEqual(mail.email_to, "own@example.com")
        self.assertFalse(mail.email_cc)
        self.assertFalse(mail.recipient_ids)

    def test_files_of_queued_mails_are_protected(self):
        mail = self._send()
        file = mail.attachment_ids
        self.assertTrue(file)
        mails = self.env["mail.mail"].with_user(self.system)
        for door in (
            lambda: mails.browse(mail.id).attachment_ids.mapped("raw"),
            lambda: mails.browse(mail.id).copy({"email_to": "evil@example.com"}),
            lambda: mails.create({"attachment_ids": [Command.set(file.ids)]}),
            lambda: file.with_user(self.system).read(["raw"]),
            lambda: file.with_user(self.system).generate_access_token(),
            lambda: file.with_user(self.system).write({"public": True}),
        ):
            self.env.invalidate_all()
            with self.refused(UserError):
                door()

    def test_defaults_and_template_expressions_are_refused(self):
        fields = self.env["ir.model.fields"]
        with self.refused(AccessError, "buttons on the form"):
            self.env["ir.default"].with_user(self.system).create(
                {
                    "field_id": fields._get("nka.pay.statement", "state").id,
                    "json_value": '"locked"',
                }
            )
        template = self.env.ref("nka_key_accounts.mail_template_pay_statement")
        with self.refused(AccessError):
            template.with_user(self.system).subject = "{{ object.total_amount }}"
