"""Two applicants beside each other: what is shown, and to whom."""

import re

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .applicants import ApplicantsCase


@tagged("nka_recruitment")
class TestComparison(ApplicantsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.type = cls.env["hr.skill.type"].create(
            {
                "name": "Sales skills",
                "skill_ids": [
                    Command.create({"name": "Negotiation"}),
                    Command.create({"name": "Documents"}),
                ],
                "skill_level_ids": [
                    Command.create({"name": "Fair", "level_progress": 50}),
                    Command.create({"name": "Good", "level_progress": 75}),
                ],
            }
        )
        cls.talks, cls.papers = cls.type.skill_ids.sorted("name", reverse=True)
        cls.fair, cls.good = cls.type.skill_level_ids.sorted("level_progress")
        cls.job.job_skill_ids = [Command.create(cls._skill(cls.talks, cls.good))]
        cls.first.applicant_skill_ids = [
            Command.create(cls._skill(cls.talks, cls.fair)),
            Command.create(cls._skill(cls.papers, cls.good)),
        ]
        cls.second.applicant_skill_ids = [
            Command.create(cls._skill(cls.talks, cls.good))
        ]
        cls.first.write({"salary_expected": 1234, "nka_five_years": "Own business"})

    @classmethod
    def _skill(cls, skill, level):
        return {
            "skill_type_id": cls.type.id,
            "skill_id": skill.id,
            "skill_level_id": level.id,
        }

    def _page(self, user=None, pair=None):
        pair = (pair or self.first | self.second).with_user(user or self.recruiter)
        action = pair.action_nka_compare()
        page = self.env[action["res_model"]].browse(action["res_id"])
        return page.with_user(user or self.recruiter)

    def _printed(self, page):
        reports = self.env["ir.actions.report"].with_user(page.env.user)
        name = "nka_key_accounts_recruitment.report_applicant_comparison"
        html = reports._render_qweb_html(name, page.ids)[0].decode()
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))

    def test_skills_beside_each_other(self):
        page = self._page()
        rows = {row["name"]: row for row in page._prepare_skills()}
        talks = rows[self.talks.display_name]
        self.assertEqual(talks["required"], "Good")
        self.assertEqual([cell["level"] for cell in talks["cells"]], ["Fair", "Good"])
        self.assertEqual([cell["below"] for cell in talks["cells"]], [True, False])
        papers = rows[self.papers.display_name]
        self.assertFalse(papers["required"])
        self.assertEqual([cell["level"] for cell in papers["cells"]], ["Good", False])
        self.assertEqual(page.job_id, self.job)
        self.assertFalse(page.warning)

    def test_score_is_odoos(self):
        page = self._page()
        scores = page._pair().mapped("matching_score")
        self.assertEqual(scores, [67, 100])
        self._decide(self._claim(), "false")
        page.invalidate_recordset()
        self.assertEqual(page._pair().mapped("matching_score"), scores)

    def test_exactly_two(self):
        third = self.first.copy({"partner_name": "Third"})
        for pair in (self.first, self.first | self.second | third):
            with self.refused(UserError, "exactly two"):
                self._page(pair=pair)
        page = self._page()
        with self.refused(ValidationError, "two different"):
            page.second_id = self.first

    def test_different_positions(self):
        self.second.job_id = self.env["hr.job"].create({"name": "Buyer"})
        page = self._page()
        self.assertIn("Boris Kim applied for “Buyer”", page.warning)
        self.assertIn("Buyer", self._printed(page))
        self.second.job_id = False
        page.invalidate_recordset()
        self.assertIn("without a position", page.warning)

    def test_zero_says_why(self):
        self.second.applicant_skill_ids.unlink()
        page = self._page()
        self.assertIn("no skills have been entered: Boris Kim", page.score_note)
        self.job.job_skill_ids.unlink()
        page.invalidate_recordset()
        self.assertIn("no required skills", page.score_note)
        page.job_id = False
        self.assertIn("No position", page.score_note)

    def test_from_the_position(self):
        action = self.job.with_user(self.recruiter).action_nka_compare()
        page = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(page.first_id, self.second, "the higher matching score")
        self.assertEqual(page.second_id, self.first)
        self.second.job_id = False
        with self.refused(UserError, "fewer than two"):
            self.job.with_user(self.recruiter).action_nka_compare()

    def test_printed_page(self):
        self._decide(self._claim(), "false")
        for user in (self.recruiter, self.interviewer):
            text = self._printed(self._page(user))
            for word in ("Anna Larsen", "Boris Kim", "Matching score", "67", "False"):
                self.assertIn(word, text)
            self.assertNotIn("Own business", text)
            self.assertEqual("1,234" in text, user == self.recruiter)

    def test_five_years_and_salary(self):
        arch = self.env["nka.applicant.comparison"].with_user(self.interviewer)
        arch = arch.get_view(view_type="form")["arch"]
        for name in ("nka_five_years", "salary_expected"):
            self.assertNotIn(name, arch)
        recruiters = self.env["nka.applicant.comparison"].with_user(self.recruiter)
        self.assertIn("nka_five_years", recruiters.get_view(view_type="form")["arch"])
        page = self._page(self.interviewer)
        for path in ("first_id.nka_five_years", "first_id.salary_expected"):
            with self.refused(Exception):
                page.search([(path, "!=", False)])
            with self.refused(Exception):
                page.export_data([path.replace(".", "/")])

    def test_director(self):
        """They see neither salaries nor referees, and can't change anything."""
        page = self._page(self.director)
        self.assertEqual(page._pair().mapped("matching_score"), [67, 100])
        text = self._printed(page)
        self.assertNotIn("1,234", text)
        self.assertNotIn("Own business", text)
        self.assertFalse(page.score_note)
        self.job.nka_is_profile = False
        with self.refused(AccessError):
            self._page(self.director)

    def test_hostile_pairs(self):
        """Nobody sees by a comparison what they don't see as an applicant."""
        self.second.interviewer_ids = self.interviewer_2
        with self.refused(AccessError):
            self._page(self.interviewer)
        pages = self.env["nka.applicant.comparison"]
        with self.refused(AccessError):
            pages.with_user(self.interviewer).create(
                {"first_id": self.first.id, "second_id": self.second.id}
            ).read(["skills", "display_name"])
        for user in (self.manager, self.supervisor, self.kam_admin):
            with self.refused(AccessError):
                self._page(user)
        page = self._page()
        with self.refused(AccessError):
            page.with_user(self.recruiter_2).read(["skills"])
