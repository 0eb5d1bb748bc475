"""Positions of key account managers: niche, required skills, composed description."""

from odoo.addons.nka_key_accounts import hooks
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..pay.common import PayCase

JOB = "nka_key_accounts.job_key_account_manager"


@tagged("nka_talent")
class TestPositions(PayCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hr = cls._new_user("nka_hr", "group_key_account_payroll_officer")
        cls.hr.group_ids += cls.env.ref("hr.group_hr_user")
        if "hr.applicant" in cls.env:
            cls.hr.group_ids += cls.env.ref("hr_recruitment.group_hr_recruitment_user")
        cls.job = cls.env.ref(JOB).with_user(cls.hr)
        cls.job.write(
            {
                "nka_niche_client": "Builders with three sites a year",
                "nka_niche_price_from": 500000,
                "nka_niche_price_to": 3000000,
            }
        )

    def _wizard(self, user=None):
        job = self.job.with_user(user or self.hr)
        action = job.action_nka_compose()
        wizards = self.env[action["res_model"]].with_user(user or self.hr)
        return wizards.browse(action["res_id"])

    def test_shipped_position(self):
        """The seven skills are required, without guidance."""
        job = self.env.ref(JOB)
        self.assertTrue(job.nka_is_profile)
        self.assertEqual(len(job.job_skill_ids), 7)
        progress = [row.skill_level_id.level_progress for row in job.job_skill_ids]
        self.assertEqual(sorted(progress), [75] * 7)
        plain = self.env["hr.job"].create({"name": "Clerk"})
        self.assertFalse(plain.nka_is_profile or plain.nka_niche_currency_id)

    def test_composed(self):
        """Skills, clients and the plan are in the text; amounts of pay aren't."""
        wizard = self._wizard()
        self.assertEqual(wizard.version_id, self.version)
        wizard.action_write()
        text = str(self.job.with_context(lang="en_US").nka_description)
        text = text.replace("\xa0", " ").replace("&nbsp;", " ")
        for part in (
            "Builders with three sites a year",
            "500,000",
            "Careful documents",
            "Independent",
            "40 % fixed pay, 10 % goal pay and 50 % bonus",
            "payments received",
        ):
            self.assertIn(part, text)

    def test_level_is_named_in_each_language(self):
        """Odoo doesn't translate names of levels; the description has them translated."""
        self.env["res.lang"]._activate_lang("ru_RU")
        skills = self.job.with_context(lang="ru_RU")._nka_list_skills()
        self.assertEqual({level for _skill, level, _text in skills}, {"Самостоятельно"})

    def test_position_in_use_survives_the_addon(self):
        """Employees don't lose their position when the addon is uninstalled."""
        hooks._leave_positions(self.env)
        self.assertEqual(self.env.ref(JOB).id, self.job.id)
        self.env["hr.employee"].create({"name": "Vera", "job_id": self.job.id})
        self.env.flush_all()
        hooks._leave_positions(self.env)
        self.env.registry.clear_cache()
        self.assertFalse(self.env.ref(JOB, raise_if_not_found=False))

    def test_edited_text_stays(self):
        """An edited text is replaced only if somebody asks for it."""
        self._wizard().action_write()
        self.assertFalse(any(self._wizard().line_ids.mapped("is_edited")))
        self.job.nka_niche_client = "Hospitals"
        self._wizard().action_write()
        self.assertIn("Hospitals", self.job.nka_description)
        self.job.nka_description = "<p>Our own words</p>"
        wizard = self._wizard()
        [line] = wizard.line_ids.filtered(
            lambda row: row.fname == "nka_description" and row.lang == "en_US"
        )
        self.assertTrue(line.is_edited)
        self.assertFalse(line.is_written)
        self.assertIn("Our own words", line.current)
        wizard.action_write()
        self.assertIn("Our own words", self.job.nka_description)
        line.is_written = True
        wizard.action_write()
        self.assertIn("Hospitals", self.job.nka_description)

    def test_languages(self):
        """Each language gets its own text."""
        self.env["res.lang"]._activate_lang("ru_RU")
        self.job.with_context(lang="ru_RU").nka_niche_client = "Строительные компании"
        self._wizard().action_write()
        english = self.job.with_context(lang="en_US").nka_description
        russian = self.job.with_context(lang="ru_RU").nka_description
        self.assertIn("Builders", english)
        self.assertIn("Строительные компании", russian)
        self.assertNotIn("Builders", russian)
        offer = (
            self.env["nka.job.offer"]
            .with_user(self.officer)
            .create(
                {
                    "name": "Anna",
                    "job_id": self.job.id,
                    "plan_id": self.plan.id,
                    "lang": "ru_RU",
                    "target_earnings": 100000,
                    "monthly_quota": 1000000,
                }
            )
        )
        self.assertIn("Строительные компании", offer.description)
        self.assertIn("o_nka_position_pay", russian)
        self.assertNotIn("o_nka_position_pay", offer.description)
        self.assertNotIn("40", offer.description)

    def test_sanitized(self):
        """Scripts don't get into the text, whichever way it is written."""
        bad = "<p onclick='steal()'>Good<script>steal()</script></p>"
        self.job.nka_description = bad
        self.assertNotIn("steal", self.job.nka_description)
        self.job.update_field_translations("nka_description", {"en_US": bad})
        self.assertNotIn("steal", self.job.nka_description)
        made = self.env["hr.job"].create({"name": "Other", "nka_description": bad})
        self.assertNotIn("steal", made.nka_description)
        self.assertIn("Good", made.nka_description)

    def test_niche(self):
        for vals in (
            {"nka_niche_price_from": -1},
            {"nka_niche_price_from": 5, "nka_niche_price_to": 4},
        ):
            with self.refused(ValidationError, "price range"):
                self.job.write(vals)
        self.assertEqual(self.job.nka_niche_currency_id, self.env.company.currency_id)

    def test_who_composes(self):
        """Whoever can edit the position; pay only for readers of pay plans."""
        for user in (self.manager, self.supervisor, self.employee_user):
            self.assertFalse(self.job.with_user(user).nka_may_compose)
            with self.refused(AccessError):
                self._wizard(user)
        plain = self._new_user("nka_plain_hr", "group_key_account_payroll_officer")
        plain.group_ids = self.hr.group_ids - self.env.ref(
            "nka_key_accounts.group_key_account_payroll_officer"
        )
        wizard = self._wizard(plain)
        self.assertFalse(wizard.version_id)
        self.assertNotIn("bonus", str(wizard.line_ids[0].composed))
        with self.refused(AccessError):
            wizard.version_id = self.version
        wizards = self.env["nka.job.description"].with_user(plain)
        with self.refused(AccessError):
            wizards.create({"job_id": self.job.id, "version_id": self.version.id})
        clerk = self.env["hr.job"].create({"name": "Clerk"}).with_user(self.hr)
        with self.refused(UserError, "Position of a key account manager"):
            clerk.action_nka_compose()

    def test_forged_wizard(self):
        """A wizard of a colleague without rights doesn't write the position."""
        wizards = self.env["nka.job.description"].with_user(self.manager)
        wizard = wizards.create({"job_id": self.job.id, "version_id": False})
        with self.refused(AccessError):
            wizard.action_write()
        with self.refused(AccessError):
            self._wizard().with_user(self.manager).action_write()
