"""A manager with two supervisors, and what is assessed about them."""

from odoo import Command

from ..reports.common import EmployeesCase


class SkillsCase(EmployeesCase):
    """The supervisor of the tests supervises the manager; their colleague doesn't."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.director = cls._new_user("nka_director", "group_key_account_director")
        for client, manager, supervisor in (
            (cls.client, cls.manager, cls.supervisor),
            (cls.other_client, cls.colleague, cls.supervisor_2),
        ):
            cls.env["nka.key.account"].create(
                {
                    "partner_id": client.id,
                    "manager_id": manager.id,
                    "supervisor_id": supervisor.id,
                }
            )
        cls.skill_type = cls._ref("skill_type_key_account_manager")
        cls.skills = cls.skill_type.skill_ids
        cls.documents = cls._ref("skill_documents")
        cls.job = cls.env["hr.job"].create({"name": "Negotiator"})

    @classmethod
    def _ref(cls, name):
        return cls.env.ref(f"nka_key_accounts.{name}")

    @classmethod
    def _level(cls, name):
        return cls._ref(f"skill_level_{name}")

    @classmethod
    def _require(cls, **levels):
        """Make the position require levels, by short name of the skill."""
        cls.job.write(
            {
                "job_skill_ids": [
                    Command.create(
                        {
                            "skill_type_id": cls.skill_type.id,
                            "skill_id": cls._ref(f"skill_{skill}").id,
                            "skill_level_id": cls._level(level).id,
                        }
                    )
                    for skill, level in levels.items()
                ]
            }
        )
        cls.employee.job_id = cls.job

    @classmethod
    def _assess(cls, user=None, level="good", kind="supervisor", employee=None, **vals):
        """Return a draft assessment with one level for all skills, as its assessor."""
        assessments = cls.env["nka.skill.assessment"].with_user(user or cls.supervisor)
        assessment = assessments.create(
            {"employee_id": (employee or cls.employee).id, "kind": kind, **vals}
        )
        assessment.line_ids.skill_level_id = cls._level(level)
        return assessment

    @classmethod
    def _assess_self(cls, level="good", **vals):
        return cls._assess(cls.manager, level, "self", **vals)

    @classmethod
    def _skill_rows(cls, skill=None):
        return cls.env["hr.employee.skill"].search(
            [
                ("employee_id", "=", cls.employee.id),
                ("skill_id", "=", (skill or cls.documents).id),
            ],
            order="valid_from, id",
        )
