"""Skills that a position requires, compared with those of an employee."""

from typing import NamedTuple

from odoo import fields
from odoo.fields import Domain

SKILL_TYPE = "nka_key_accounts.skill_type_key_account_manager"


class Gap(NamedTuple):
    """A skill in which a person doesn't reach the level of a position yet."""

    #: hr.skill
    skill: object
    #: hr.skill.level that the position requires
    required: object
    #: hr.skill.level of the person, empty if the skill was never assessed
    current: object
    #: Missing progress, in points of the levels (0 to 100)
    missing: int


def own_type_id(env):
    """Return the id of the skill type of key account managers; None once deleted."""
    return env["ir.model.data"]._xmlid_to_res_id(SKILL_TYPE)


def domain_current():
    """Return the domain of skills of persons or positions that hold today."""
    return Domain("valid_to", "=", False) | Domain(
        "valid_to", ">=", fields.Date.today()
    )


def required_by_job(jobs):
    """Return the levels that positions require, by job and skill in display order.

    :param jobs: hr.job
    :rtype: dict[hr.job, dict[hr.skill, hr.skill.level]]
    """
    jobs = jobs.sudo()
    rows = jobs.env["hr.job.skill"].search(
        Domain("job_id", "in", jobs.ids)
        & Domain("skill_type_id.active", "=", True)
        & domain_current()
    )
    required = {job: {} for job in jobs}
    for row in rows.sorted(
        lambda row: (*shown_order(row.skill_id), row.level_progress)
    ):
        required[row.job_id][row.skill_id] = row.skill_level_id
    return required


def required_levels(job):
    """Return the levels that one position, or none, requires, by skill."""
    return required_by_job(job).get(job.sudo(), {})


def shown_order(skill):
    """Return the sort key by which skills are listed."""
    return skill.sequence, skill.name or "", skill.id


def current_rows(employees):
    """Return the present hr.employee.skill rows by employee and skill.

    :param employees: hr.employee
    :rtype: dict[tuple, hr.employee.skill]
    """
    rows = (
        employees.sudo()
        .env["hr.employee.skill"]
        .search(
            Domain("employee_id", "in", employees.ids) & domain_current(),
            order="valid_from, id",
        )
    )
    # Certificates can hold several levels of a skill at a time: the highest counts.
    best = {}
    for row in rows:
        key = (row.employee_id.id, row.skill_id.id)
        if key not in best or row.level_progress >= best[key].level_progress:
            best[key] = row
    return best


def gaps_of(employee, job):
    """Return the :class:`Gap` of each skill in which the person is below the position.

    :param employee: one hr.employee
    :param job: hr.job, or none
    :rtype: list[Gap]
    """
    present = current_rows(employee)
    gaps = []
    for skill, required in required_levels(job).items():
        row = present.get((employee.id, skill.id))
        current = row.skill_level_id if row else required.browse()
        missing = required.level_progress - (row.level_progress if row else 0)
        if missing > 0:
            gaps.append(Gap(skill, required, current, missing))
    return gaps
