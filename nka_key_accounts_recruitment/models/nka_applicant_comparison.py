"""Two applicants beside each other, on one page."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .nka_applicant_claim import STATES
from .roles import RECRUITER

REPORT = "nka_key_accounts_recruitment.nka_applicant_comparison_report"
SKILLS = "nka_key_accounts_recruitment.comparison_skills"


class ApplicantComparison(models.TransientModel):  # pylint: disable=no-wizard-in-models
    """Skills, claims and terms of two applicants, as the reader may see them.

    Everything is read with the rights of the person who compares. Nothing is added up
    to one figure: Odoo's matching score, skills and claims stay apart.
    """

    _name = "nka.applicant.comparison"
    _description = "Comparison of two applicants"

    job_id = fields.Many2one(
        "hr.job",
        "Compared with position",
        help="Its required skills are shown, and Odoo's matching score is that for it.",
    )
    first_id = fields.Many2one("hr.applicant", "First applicant", ondelete="cascade")
    second_id = fields.Many2one("hr.applicant", "Second applicant", ondelete="cascade")
    # The cards show fields of the applicants themselves, with the reader's rights.
    applicant_ids = fields.Many2many(
        "hr.applicant", string="Applicants", compute="_compute_applicant_ids"
    )
    warning = fields.Char(compute="_compute_warning")
    score_note = fields.Char(compute="_compute_score_note")
    skills = fields.Html(compute="_compute_skills", sanitize=False)

    # ------------------------------------------------------------ compute
    @api.depends("first_id", "second_id")
    def _compute_display_name(self):
        for page in self:
            names = page._pair().mapped("display_name")
            page.display_name = " / ".join(filter(None, names)) or self.env._(
                "Comparison of two applicants"
            )

    @api.depends("first_id", "second_id")
    def _compute_applicant_ids(self):
        for page in self:
            page.applicant_ids = page._pair()

    @api.depends("first_id.job_id", "second_id.job_id", "job_id")
    def _compute_warning(self):
        for page in self:
            page.warning = page._explain_positions()

    @api.depends("first_id", "second_id", "job_id.job_skill_ids")
    def _compute_score_note(self):
        for page in self:
            page.score_note = page._explain_scores()

    @api.depends("first_id", "second_id", "job_id")
    def _compute_skills(self):
        for page in self:
            page.skills = self.env["ir.qweb"]._render(SKILLS, {"doc": page})

    def _pair(self):
        """Return the chosen applicants in their order, for their position."""
        pair = (self.first_id | self.second_id)._origin
        return pair.with_context(matching_job_id=self.job_id.id)

    def _explain_positions(self):
        """Return a sentence if somebody applied for another position."""
        others = [one for one in self._pair() if one.job_id != self.job_id]
        if not others or not self.job_id:
            return False
        applied = "; ".join(
            self.env._(
                "%(applicant)s applied for “%(job)s”",
                applicant=one.display_name,
                job=one.job_id.name,
            )
            if one.job_id
            else self.env._("%s applied without a position", one.display_name)
            for one in others
        )
        return self.env._(
            "%(applied)s. Required skills and matching scores on this page are those of "
            "“%(job)s”.",
            applied=applied,
            job=self.job_id.name,
        )

    def _explain_scores(self):
        """Return why a matching score is zero, as far as data is missing."""
        if not self.job_id:
            return self.env._(
                "No position is chosen, so there are no required skills and no matching "
                "score."
            )
        if not (self.job_id.job_skill_ids or self.job_id.expected_degree):
            return self.env._(
                "The position has no required skills, so there is no matching score."
            )
        without = [
            one.display_name
            for one in self._pair()
            if not one.current_applicant_skill_ids
        ]
        if without:
            return self.env._(
                "The matching score is low because no skills have been entered: %s.",
                ", ".join(without),
            )
        return False

    # ------------------------------------------------------------ constraints
    @api.constrains("first_id", "second_id")
    def _check_two(self):
        for page in self:
            # Odoo shows the names of chosen records to whoever can read the page.
            page._pair().sudo(False).check_access("read")
            if page.first_id and page.first_id == page.second_id:
                raise ValidationError(self.env._("Choose two different applicants."))

    # ------------------------------------------------------------ opening
    @api.model
    def _open_for(self, applicants):
        if len(applicants) != 2:
            raise UserError(
                self.env._(
                    "Two applicants can be compared. Select exactly two in the list; you "
                    "selected %s.",
                    len(applicants),
                )
            )
        applicants.check_access("read")
        first, second = applicants
        return self._open(first, second, first.job_id or second.job_id)

    @api.model
    def _open_for_job(self, job):
        """Open those with the highest matching scores; others can be chosen."""
        applicants = self.env["hr.applicant"].search([("job_id", "=", job.id)])
        if len(applicants) < 2:
            raise UserError(
                self.env._(
                    "“%s” has fewer than two applicants that you can see. Select two "
                    "applicants in the list of all applications instead.",
                    job.name,
                )
            )
        first, second = applicants.sorted("matching_score", reverse=True)[:2]
        return self._open(first, second, job)

    @api.model
    def _open(self, first, second, job):
        page = self.create(
            {"first_id": first.id, "second_id": second.id, "job_id": job.id}
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Comparison of two applicants"),
            "res_model": self._name,
            "res_id": page.id,
            "view_mode": "form",
        }

    # ------------------------------------------------------------ actions
    def action_print(self):
        """Print the page; the answer about the next five years isn't on it."""
        self.ensure_one()
        return self.env.ref(REPORT).report_action(self)

    # ------------------------------------------------------------ rows
    def _prepare_skills(self):
        """Return the rows of the skills: what is required, and what each has.

        :rtype: list[dict]
        """
        required = {row.skill_id: row for row in self.job_id.job_skill_ids}
        owned = {one: self._skills_of(one) for one in self._pair()}
        known = (skill for own in owned.values() for skill in own)
        skills = self.env["hr.skill"].union(*required, *known)
        texts = self.env["nka.skill.behavior"]._texts(skills)
        return [
            {
                "name": skill.display_name,
                "required": skill in required
                and required[skill].skill_level_id.display_name,
                "cells": [
                    self._prepare_cell(one, own.get(skill), required.get(skill), texts)
                    for one, own in owned.items()
                ],
            }
            for skill in skills.sorted(lambda one: (one not in required, one.sequence))
        ]

    @api.model
    def _skills_of(self, applicant):
        return {row.skill_id: row for row in applicant.current_applicant_skill_ids}

    @api.model
    def _prepare_cell(self, applicant, row, required, texts):
        below = row and required and row.level_progress < required.level_progress
        return {
            "name": applicant.display_name,
            "level": row.skill_level_id.display_name if row else False,
            "text": row and texts.get((row.skill_id.id, row.skill_level_id.id)),
            "below": bool(below),
        }

    def _prepare_claims(self):
        """Return the printed rows of claims: label, and the number on each side."""
        field = self.env["nka.applicant.claim"]._fields["state"]
        labels = dict(field._description_selection(self.env))
        return [
            (labels[state], [one[f"nka_claim_{state}"] for one in self._pair()])
            for state, _label in (*STATES[1:], STATES[0])
        ]

    def _may_see_salaries(self):
        return self.env.user.has_group(RECRUITER)
