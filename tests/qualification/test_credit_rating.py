"""External ratings: import, entry, review, and their effect on qualifications."""

import base64
from io import BytesIO

from openpyxl import Workbook, load_workbook
from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import file_open, format_date, mute_logger

from ..common import NkaCase, qualify

COLUMNS = ["client", "rating", "grade", "credit_limit", "date", "source"]
OPTIONS = {
    "has_headers": True,
    "quoting": '"',
    "separator": ",",
    "encoding": "utf-8",
    "date_format": "%Y-%m-%d",
    "float_decimal_separator": ".",
    "float_thousand_separator": ",",
}


@tagged("nka_accounts")
class TestCreditRating(NkaCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client.write({"vat": "NOTAX-7707 083", "ref": "KA-42"})
        cls.account = cls._nominate(cls.client)
        cls.other = cls._nominate(cls.other_client, cls.colleague)
        cls.ratings = cls.env["nka.credit.rating"]

    def _enter(self, user=None, account=None, **vals):
        return self.ratings.with_user(user or self.manager).create(
            {
                "key_account_id": (account or self.account).id,
                "rating": "b",
                "date": self.today,
                "source": "Agency",
                **vals,
            }
        )

    def _in_force(self, **vals):
        rating = self._enter(**vals)
        rating.with_user(self.supervisor).action_accept()
        return rating

    def _import(self, content, kind="text/csv", user=None, dryrun=False, columns=None):
        """Import a file with the values that Odoo's import screen sends."""
        columns = columns or COLUMNS
        wizard = (
            self.env["base_import.import"]
            .with_user(user or self.manager)
            .create(
                {
                    "res_model": "nka.credit.rating",
                    "file": base64.b64decode(base64.b64encode(content)),
                    "file_type": kind,
                    "file_name": "ratings",
                }
            )
        )
        preview = wizard.parse_preview(dict(OPTIONS))
        self.assertFalse(preview.get("error"))
        return wizard.execute_import(
            columns, columns, {**OPTIONS, **preview["options"]}, dryrun
        )

    def _csv(self, *lines, **kwargs):
        lines = [",".join(kwargs.get("columns") or COLUMNS), *lines]
        return self._import("\n".join(lines).encode(), **kwargs)

    def _texts(self, result):
        return " ".join(message["message"] for message in result["messages"])

    # ------------------------------------------------------------ the file
    def test_a_client_is_found_by_each_identifier(self):
        self.env["ir.model.data"].create(
            {
                "module": "erp",
                "name": "client_7",
                "model": "res.partner",
                "res_id": self.client.id,
            }
        )
        words = ("notax7707083", "ka 42", "erp.client_7", "  northwind STEEL")
        result = self._csv(
            *(
                f"{word},B,BBB+,1000,2026-01-{day:02},Agency"
                for day, word in enumerate(words, 1)
            )
        )
        self.assertFalse(result["messages"])
        ratings = self.ratings.browse(result["ids"])
        self.assertEqual(ratings.key_account_id, self.account)
        self.assertEqual(len(ratings), 4)
        self.assertEqual(set(ratings.mapped("state")), {"waiting"})
        self.assertEqual(ratings[0].credit_limit, 1000)
        self.assertEqual(len(self._events(ratings[0], "state")), 1)

    def test_a_spreadsheet(self):
        book = Workbook()
        for row in (COLUMNS, ["KA-42", "a", None, 5000, self.today, "Finance"]):
            book.active.append(row)
        stream = BytesIO()
        book.save(stream)
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        result = self._import(stream.getvalue(), kind)
        self.assertFalse(result["messages"])
        rating = self.ratings.browse(result["ids"])
        self.assertEqual((rating.rating, rating.credit_limit), ("a", 5000))
        self.assertEqual(rating.date, self.today)

    def test_template_has_all_columns(self):
        template = self.ratings.get_import_templates()[0]["template"]
        with file_open(
            f"nka_key_accounts{template.removeprefix('/nka_key_accounts')}", "rb"
        ) as file:
            sheet = load_workbook(file).active
        self.assertEqual([cell.value for cell in sheet[1]], COLUMNS)

    def test_one_invalid_line_rejects_the_file(self):
        good = "KA-42,B,,,2026-01-02,Agency"
        for line, told in (
            (
                "Unknown Ltd,B,,,2026-01-02,Agency",
                "“Unknown Ltd” doesn't match any of your",
            ),
            (",B,,,2026-01-02,Agency", "Which client is the rating for"),
            ("KA-42,excellent,,,2026-01-03,Agency", "excellent"),
            ("KA-42,B,,,soon,Agency", "soon"),
            ("KA-42,B,,,2126-01-01,Agency", "is in the future"),
            ("KA-42,B,,-5,2026-01-04,Agency", "can't be negative"),
            ("ka42,C,,,2026-01-02,agency", "already has a rating"),
        ):
            with self.subTest(line=line), mute_logger("odoo.sql_db"):
                result = self._csv(good, line)
                self.assertIn(told, self._texts(result))
                self.assertFalse(result.get("ids"))
                self.assertFalse(self.ratings.search([]))

    def test_a_name_of_two_clients(self):
        twin = self._new_client(self.client.name, ref="KA-43")
        self._nominate(twin)
        for columns in (COLUMNS, ["key_account_id", *COLUMNS[1:]]):
            result = self._csv(f"{twin.name},B,,,2026-01-02,Agency", columns=columns)
            self.assertRegex(
                self._texts(result), r"matches several clients \(2\).*KA-43"
            )
            self.assertFalse(result["ids"])
        # The reference of one client may be the name of another.
        twin.ref = "baltic paper"
        self.other.with_user(self.supervisor).manager_id = self.manager
        result = self._csv("Baltic Paper,B,,,2026-01-02,Agency")
        self.assertIn("matches several clients (2)", self._texts(result))

    def test_every_line_is_reported_with_its_number(self):
        """Clients are looked up before the lines are imported.

        Odoo alone would report only the first ten errors.
        """
        lines = [f"Unknown {number},B,,,2026-01-02,Agency" for number in range(12)]
        found = self._csv("KA-42,B,,,2026-01-02,Agency", *lines)["messages"]
        self.assertEqual([told["record"] for told in found], list(range(2, 14)))
        self.assertIn("Unknown 11", found[-1]["message"])

    def test_a_dry_run_keeps_nothing(self):
        result = self._csv("KA-42,B,,,2026-01-02,Agency", dryrun=True)
        self.assertFalse(result["messages"])
        self.assertFalse(self.ratings.search([]))

    def test_clients_of_colleagues_arent_found(self):
        """The message is the same as for a client that doesn't exist."""
        line = f"{self.other_client.name},B,,,2026-01-02,Agency"
        self.assertIn("doesn't match any of your", self._texts(self._csv(line)))
        found = self._csv(line, user=self.supervisor)
        self.assertEqual(self.ratings.browse(found["ids"]).key_account_id, self.other)

    def test_many_lines_cost_few_queries(self):
        def cost(day, count):
            lines = [
                {**vals, "date": f"2025-{day:02}-{number + 1:02}"}
                for number in range(count)
            ]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.ratings.with_user(self.manager).create(lines)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        vals = {"client": "KA-42", "rating": "b", "source": "Agency"}
        cost(1, 2)
        self.assertEqual(cost(2, 5), cost(3, 20))

    # ------------------------------------------------------------ the review
    def test_reviewed_by_a_supervisor_who_did_not_enter_it(self):
        rating = self._enter()
        for user in (self.manager, self.kam_admin):
            with self.assertRaises(AccessError):
                rating.with_user(user).action_accept()
        own = self._enter(self.supervisor, date="2026-01-05")
        with self.assertRaisesRegex(AccessError, "You worked on"):
            own.with_user(self.supervisor).action_accept()
        (rating | own).with_user(self.supervisor_2).action_accept()
        self.assertEqual(rating.state, "accepted")
        self.assertEqual(rating.reviewer_id, self.supervisor_2)
        self.assertEqual(self._events(rating, "state")[-1].new, "accepted")
        with self.assertRaisesRegex(UserError, "available only in"):
            rating.with_user(self.supervisor).action_accept()

    def test_declined_with_a_reason(self):
        rating = self._enter()
        reviewer = rating.with_user(self.supervisor)
        self.assertEqual(reviewer.action_refuse()["res_model"], "nka.reason.wizard")
        reviewer.action_refuse(reason="Another company of that name")
        self.assertEqual(rating.state, "refused")
        self.env.flush_all()
        self._enter()
        self.assertFalse(self._draft().credit_rating)

    def test_its_maker_can_change_it_until_the_review(self):
        rating = self._enter()
        rating.rating = "c"
        with self.assertRaisesRegex(AccessError, "entered"):
            rating.with_user(self.supervisor).rating = "a"
        with self.assertRaisesRegex(AccessError, "only with the buttons"):
            rating.with_user(self.manager).state = "accepted"
        rating.with_user(self.supervisor).action_accept()
        for change in (
            lambda: rating.with_user(self.manager).write({"rating": "a"}),
            lambda: rating.with_user(self.manager).unlink(),
        ):
            with self.assertRaisesRegex(UserError, "can't be changed"):
                change()
        with self.assertRaises(AccessError):
            self._enter(state="accepted", date="2026-01-05")

    def test_access_per_role(self):
        rating = self._enter()
        for user in (self.manager, self.supervisor, self.kam_admin):
            self.assertEqual(rating.with_user(user).rating, "b", user.login)
        for user in (self.colleague, self.officer, self.salesman, self.employee_user):
            self.env.invalidate_all()
            with self.assertRaises(AccessError):
                rating.with_user(user).read(["rating"])
            with self.assertRaises(AccessError):
                self._enter(user, date="2026-01-05")
        with self.assertRaises(AccessError):
            self._enter(self.kam_admin, date="2026-01-05")

    def test_values_refused_by_the_database(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            self._enter(credit_limit=-1)
            self.env.flush_all()
        with self.assertRaisesRegex(ValidationError, "is in the future"):
            self._enter(date=self.today + self._days(1))

    # ------------------------------------------------------------ qualifications
    def _draft(self, **vals):
        model = self.env["nka.qualification"].with_user(self.manager)
        return model.create({"key_account_id": self.account.id, **vals})

    def test_a_qualification_uses_the_rating_in_force(self):
        self._in_force(date=self.today - self._days(400), source="Long ago")
        self.assertFalse(self._draft().credit_rating)
        self._enter(rating="a", source="Not reviewed")
        waiting = self._draft()
        self.assertFalse(waiting.credit_rating)
        rating = self._in_force(rating="c", grade="B+", credit_limit=700)
        self.assertEqual(waiting.rating_id, rating)
        self.assertEqual((waiting.credit_rating, waiting.credit_limit), ("c", 700))
        day = format_date(self.env, self.today)
        self.assertEqual(waiting.rating_source, f"Agency, B+, {day}")
        self.assertEqual(self._draft().rating_id, rating)

    def test_values_entered_by_hand_are_kept(self):
        self._in_force(credit_limit=700)
        draft = self._draft(credit_rating="d", credit_limit=50)
        self.assertFalse(draft.rating_id)
        filled = self._draft()
        filled.credit_rating = "c"
        self.assertFalse(filled.rating_id)
        self._in_force(rating="a", source="Second agency")
        self.assertEqual((draft | filled).mapped("credit_rating"), ["d", "c"])
        with self.assertRaisesRegex(AccessError, "only with the buttons"):
            draft.rating_id = self.ratings.search([], limit=1)

    def test_a_rating_below_the_qualification_asks_for_a_new_one(self):
        kind = self.env.ref("nka_key_accounts.mail_activity_type_rating_fell")
        approved = qualify(self.account, self.supervisor_2)
        self._in_force(rating="a")
        self.assertFalse(self.account.activity_ids)
        self._in_force(rating="d", source="Second agency")
        asked = self.account.activity_ids
        self.assertEqual(asked.activity_type_id, kind)
        self.assertEqual(asked.user_id, self.manager)
        self.assertEqual(approved.credit_rating, "b")

    def test_without_a_manager_the_supervisor_gets_the_activity(self):
        qualify(self.account, self.supervisor_2)
        self.account._unlocked().write(
            {"manager_id": False, "supervisor_id": self.supervisor.id}
        )
        self._in_force(user=self.supervisor_2, rating="d")
        self.assertEqual(self.account.activity_ids.user_id, self.supervisor)

    def test_the_review_shows_the_previous_rating(self):
        before = self._in_force(rating="a", credit_limit=10, date="2026-01-05")
        rating = self._enter(rating="c")
        self.assertEqual((rating.previous_rating, rating.previous_limit), ("a", 10))
        self.assertFalse(before.previous_rating)
