"""Marked prints, recorded accesses, and the access register."""

import io
from datetime import timedelta

from reportlab.pdfgen.canvas import Canvas

from odoo import fields
from odoo.addons.nka_key_accounts.models.secrecy.stamp import stamp
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools.pdf import PdfFileReader

from .common import SecrecyCase

SHEET = "nka_key_accounts.nka_key_account_report_preparation"
PLAN = "nka_key_accounts.nka_account_plan_report"


@tagged("nka_secrecy")
class TestPrints(SecrecyCase):
    def _print(self, user, report, records, context=None):
        reports = self.env(user=user.id, su=False)["ir.actions.report"]
        reports = reports.with_context(**(context or {}))
        content, _kind = reports._render_qweb_pdf(report, records.ids)
        return content.decode()

    def _register(self, user, account=None, **vals):
        registers = self.env["nka.secrecy.register"].with_user(user)
        register = registers.create(
            {"key_account_id": (account or self.account).id, **vals}
        )
        register.action_print()
        page = self._print(
            user, "nka_key_accounts.nka_secrecy_register_report", register
        )
        return register.sudo()._prepare_register(), page

    def _row(self, register, user):
        rows = [row for row in register["rows"] if row["login"] == user.login]
        return rows[0] if rows else None

    # ------------------------------------------------------------ mark
    def test_each_page_names_reader_day_and_number(self):
        self._put_in_force(required=False)
        page = self._print(self.manager, SHEET, self.account)
        event = self._events(self.account, "print")
        self.assertEqual(event.user_id, self.manager)
        self.assertEqual(event.note, "Preparation sheet")
        self.assertEqual(event.key_account_ref, self.account.id)
        [mark] = page.split("nka_secrecy_mark")[1:]
        for text in ("12-K", self.manager.name, f"Print no. {event.id}"):
            self.assertIn(text, mark)
        self.assertIn('class="footer"', page)
        events = self.env["nka.audit.event"]
        found = events.search([("print_number", "=", str(event.id))])
        self.assertEqual(found, event)

    def test_pages_of_a_pdf_are_stamped_in_any_language(self):
        content = io.BytesIO()
        canvas = Canvas(content)
        for text in ("First", "Second"):
            canvas.drawString(100, 500, text)
            canvas.showPage()
        canvas.save()
        words = ["Коммерческая тайна", "Напечатал: Анна, номер печати 17 " * 9]
        pages = PdfFileReader(io.BytesIO(stamp(content.getvalue(), words)))
        self.assertEqual(pages.getNumPages(), 2)
        for number, text in enumerate(("First", "Second")):
            found = pages.getPage(number).extract_text()
            self.assertIn(text, found)
            self.assertIn("Коммерческая тайна", found)
            self.assertIn("номер печати 17", found)

    def test_several_records_are_one_print(self):
        self._put_in_force(required=False)
        other = self._key_account(self.other_client)
        page = self._print(self.manager, SHEET, self.account + other)
        first, second = (self._events(row, "print") for row in self.account + other)
        self.assertEqual(first.print_number, second.print_number)
        self.assertEqual(page.count(f"Print no. {first.print_number}"), 2)

    def test_every_report_of_the_addon_is_marked(self):
        self._put_in_force(required=False)
        reports = self.env["ir.actions.report"].search([])
        ours = reports.filtered(lambda row: row._is_marked())
        named = reports.filtered(lambda row: "nka_key_accounts" in row.report_name)
        # Written for candidates, who aren't bound by the regime.
        named -= self.env.ref("nka_key_accounts.nka_job_offer_report")
        self.assertEqual(ours, named)
        self.assertGreater(len(ours), 9)

    def test_reports_of_odoo_are_not_marked(self):
        self._put_in_force(required=False)
        order = self.env["sale.order"].create({"partner_id": self.client.id})
        page = self._print(self.supervisor, "sale.action_report_saleorder", order)
        self.assertNotIn("nka_secrecy_mark", page)
        self.assertFalse(self._events(order, "print"))

    def test_without_a_regime_nothing_is_marked(self):
        page = self._print(self.manager, SHEET, self.account)
        self.assertNotIn("nka_secrecy_mark", page)
        self.assertFalse(self._events(self.account, "print"))

    def test_a_forged_mark_is_replaced(self):
        self._put_in_force(required=False)
        forged = {"nka_secrecy_mark": ["Printed by nobody"]}
        page = self._print(self.manager, SHEET, self.account, forged)
        self.assertIn(self.manager.name, page.split("nka_secrecy_mark")[1])
        self.assertNotIn("nobody", page)

    def test_minutes_are_marked_whatever_the_current_company_is(self):
        self._put_in_force()
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.manager.company_ids += other
        meeting = self.env["calendar.event"].create(
            {
                "name": "Talk",
                "start": "2026-11-02 10:00:00",
                "stop": "2026-11-02 11:00:00",
                "opportunity_id": self.lead.id,
                "user_id": self.manager.id,
            }
        )
        report = "nka_key_accounts.calendar_event_report_minutes"
        forged = {"allowed_company_ids": other.ids}
        for context in ({}, forged):
            with self.refused(AccessError, "Read and acknowledge"):
                self._print(self.manager, report, meeting, context)
        self._acknowledge(self.manager)
        page = self._print(self.manager, report, meeting, forged)
        event = self._events(meeting, "print")
        self.assertIn(f"Print no. {event.id}", page)
        self.assertEqual(event.key_account_ref, self.account.id)
        self.assertIn("print", self._accesses(self.manager))

    def test_others_cannot_print_the_account(self):
        self._put_in_force(required=False)
        with self.refused(AccessError):
            self._print(self.colleague, SHEET, self.account)
        self.assertFalse(self._events(self.account, "print"))

    def test_nothing_is_printed_before_the_acknowledgement(self):
        self._put_in_force()
        with self.refused(AccessError, "Read and acknowledge"):
            self._print(self.manager, SHEET, self.account)

    # ------------------------------------------------------------ accesses
    def _accesses(self, user, account=None):
        rows = self.env["nka.secrecy.access"].search(
            [
                ("user_id", "=", user.id),
                ("key_account_ref", "=", (account or self.account).id),
            ]
        )
        return sorted(rows.mapped("kind"))

    def test_accesses_are_kept_by_account_and_day(self):
        self._put_in_force(required=False)
        other = self._key_account(self.other_client, self.colleague)
        for _again in range(2):
            self._call(
                self.manager, "nka.key.account", "web_read", self.account.ids, {}
            )
            self._call(self.manager, "res.partner", "read", self.client.ids, ["name"])
        self.assertEqual(self._accesses(self.manager), ["account", "contact"])
        self._print(self.manager, SHEET, self.account)
        self.assertEqual(self._accesses(self.manager), ["account", "contact", "print"])
        self.assertFalse(self._accesses(self.manager, other))
        self.assertFalse(self._accesses(self.colleague))
        self._call(
            self.supervisor, "nka.key.account", "web_search_read", [], {"health": {}}
        )
        for account in self.account + other:
            self.assertEqual(self._accesses(self.supervisor, account), ["account"])
        self.supervisor.group_ids += self.env.ref("base.group_allow_export")
        self._call(
            self.supervisor,
            "nka.key.account",
            "export_data",
            other.ids,
            ["display_name"],
        )
        self.assertIn("export", self._accesses(self.supervisor, other))
        self.assertNotIn("export", self._accesses(self.supervisor))

    def test_conversations_are_accesses_to_their_account(self):
        self._put_in_force(required=False)
        for record in (self.account, self.lead):
            message = record.message_post(body="Words")
            self._call(self.supervisor, "mail.message", "read", message.ids, ["body"])
            self.assertEqual(self._accesses(self.supervisor), ["account"])
            self.cr.execute("ALTER TABLE nka_secrecy_access DISABLE TRIGGER USER")
            self.cr.execute("DELETE FROM nka_secrecy_access")
            self.cr.execute("ALTER TABLE nka_secrecy_access ENABLE TRIGGER USER")
            self.env.invalidate_all()

    def test_known_accesses_cost_one_query(self):
        self._put_in_force(required=False)
        accesses = self.env(user=self.manager.id)["nka.secrecy.access"]
        account = self.account.with_user(self.manager)
        accesses._keep(account)
        self.env.flush_all()
        with self.assertQueryCount(1):
            accesses._keep(account)

    def test_nothing_is_kept_without_a_regime(self):
        self._call(self.manager, "nka.key.account", "web_read", self.account.ids, {})
        self.assertFalse(self._accesses(self.manager))

    def test_accesses_stay_and_people_see_their_own(self):
        self._put_in_force(required=False)
        self._call(self.manager, "nka.key.account", "web_read", self.account.ids, {})
        rows = self.env["nka.secrecy.access"]
        self.assertEqual(len(rows.with_user(self.manager).search([])), 1)
        self.assertFalse(rows.with_user(self.supervisor).search([]))
        [row] = rows.with_user(self.manager).search([])
        self.assertEqual(row.account_name, self.account.display_name)
        for act in (
            lambda: rows.create([{}]),
            lambda: row.write({"kind": "print"}),
            row.unlink,
            row.copy,
        ):
            with self.refused(AccessError, "recorded by the system"):
                act()
        self.refused_by_database("DELETE FROM nka_secrecy_access")
        with self.refused(ValidationError, "at least 90"):
            self.company.nka_secrecy_days = 10

    def test_accesses_are_deleted_after_the_retention(self):
        self._put_in_force(required=False)
        accesses = self.env(user=self.manager.id)["nka.secrecy.access"]
        accesses._insert(self.account.ids, self.today - timedelta(days=1095), "account")
        accesses._insert(self.account.ids, self.today - timedelta(days=1000), "file")
        accesses._gc_accesses()
        self.assertEqual(self._accesses(self.manager), ["file"])

    # ------------------------------------------------------------ register
    def test_the_register_names_exactly_those_with_an_access(self):
        self._put_in_force(required=False)
        other = self._key_account(self.other_client, self.colleague)
        self._call(self.manager, "nka.key.account", "web_read", self.account.ids, {})
        self._call(self.colleague, "nka.key.account", "web_read", other.ids, {})
        self._print(self.manager, SHEET, self.account)
        number = self._events(self.account, "print").print_number
        register, page = self._register(self.supervisor_2)
        row = self._row(register, self.manager)
        self.assertEqual(row["numbers"], number)
        self.assertTrue(row["read"] and row["printed"])
        self.assertFalse(row["exported"] or row["files"] or row["sent"])
        self.assertFalse(self._row(register, self.colleague))
        self.assertIn(self.manager.name, page)
        self.assertNotIn(self.colleague.name, page)
        self.assertIn("What this register can", page)
        event = self._events(self.account, "access_register")
        self.assertEqual(event.user_id, self.supervisor_2)

    def test_the_register_agrees_with_the_tables(self):
        """Compare the people with those of the tables, by a query of its own."""
        self._put_in_force(required=False)
        other = self._key_account(self.other_client, self.colleague)
        self.salesman.group_ids += self.env.ref("base.group_allow_export")
        self._call(self.manager, "crm.lead", "web_read", self.lead.ids, {"name": {}})
        self._call(self.supervisor, "nka.key.account", "read", self.account.ids)
        self._call(
            self.salesman, "res.partner", "export_data", self.client.ids, ["name"]
        )
        self._call(self.officer, "res.partner", "read", self.other_client.ids, ["name"])
        self._call(self.colleague, "nka.key.account", "read", other.ids)
        self.env.flush_all()
        for account in self.account + other:
            register, _page = self._register(self.supervisor_2, account)
            self.cr.execute(
                """SELECT login FROM res_users WHERE id IN (
                       SELECT user_id FROM nka_secrecy_access
                        WHERE key_account_ref = %(account)s
                        UNION SELECT user_id FROM nka_audit_event
                        WHERE key_account_ref = %(account)s AND user_id != 1
                          AND kind != 'access_register')""",
                {"account": account.id},
            )
            known = {login for [login] in self.cr.fetchall()}
            self.assertEqual({row["login"] for row in register["rows"]}, known)
        register, _page = self._register(self.supervisor_2)
        self.assertTrue(self._row(register, self.salesman)["exported"])
        for user in (self.manager, self.supervisor):
            self.assertTrue(self._row(register, user)["read"])
        for user in (self.officer, self.colleague):
            self.assertFalse(self._row(register, user))

    def test_files_sent_are_named_with_their_recipients(self):
        self._put_in_force(required=False)
        self.env["nka.audit.event"].with_user(self.manager)._record(
            self.account, "file_sent", new="buyer@example.com", note="Offer.pdf"
        )
        register, page = self._register(self.supervisor_2)
        self.assertEqual(self._row(register, self.manager)["sent"], 1)
        self.assertIn("buyer@example.com", page)

    def test_the_register_covers_its_period(self):
        self._put_in_force(required=False)
        accesses = self.env(user=self.manager.id)["nka.secrecy.access"]
        for back in (40, 45):
            day = self.today - timedelta(days=back)
            accesses._insert(self.account.ids, day, "account")
        first = self.today - timedelta(days=60)
        last = self.today - timedelta(days=30)
        register, _page = self._register(
            self.supervisor_2, date_from=first, date_to=last
        )
        self.assertIn("2 days", self._row(register, self.manager)["read"])
        self.assertEqual(self._row(register, self.manager)["worked"], 0)
        with self.refused(ValidationError, "ends before"):
            self._register(self.supervisor_2, date_from=last, date_to=first)

    def test_only_uninvolved_supervisors_and_administrators_print_it(self):
        registers = self.env["nka.secrecy.register"]
        for user in (self.manager, self.officer, self.director, self.employee_user):
            with self.refused(AccessError):
                self.account.with_user(user).action_access_register()
            with self.refused(AccessError):
                registers.with_user(user).create({"key_account_id": self.account.id})
        for user in (self.kam_admin, self.supervisor):
            self.account.with_user(user).action_access_register()
            self._register(user)
        self.account.sudo().deputy_id = self.supervisor
        with self.refused(AccessError, "cover for its manager"):
            self._register(self.supervisor)
        with self.refused(AccessError):
            self.account.with_user(self.supervisor).action_access_register()

    def test_nobody_renders_the_register_of_somebody_else(self):
        register = (
            self.env["nka.secrecy.register"]
            .with_user(self.supervisor_2)
            .create({"key_account_id": self.account.id})
        )
        for user in (self.manager, self.supervisor):
            with self.refused(AccessError):
                self._print(
                    user, "nka_key_accounts.nka_secrecy_register_report", register
                )
        self.assertFalse(self._events(self.account, "access_register"))

    def test_a_register_without_entries_says_so(self):
        register, page = self._register(
            self.supervisor_2,
            date_from=fields.Date.to_date("2020-01-01"),
            date_to=fields.Date.to_date("2020-02-01"),
        )
        self.assertFalse(register["rows"])
        self.assertIn("Nothing is recorded", page)
