"""A client with five stakeholders who have long been known, in a company that asks."""

from datetime import timedelta

from odoo import fields

from ..people.common import PeopleCase

NAMES = ("Ada", "Ben", "Cleo", "Dina", "Egon")


class VoiceCase(PeopleCase):
    """The house asks; the people, their addresses and stakeholders are old enough."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.write({"nka_voice_active": True, "email": "house@ourhouse.example"})
        cls.company.partner_id.lang = "en_US"
        cls.director_user = cls._new_user("nka_reader", "group_key_account_director")
        for user in (cls.manager, cls.supervisor, cls.supervisor_2):
            user.email = f"{user.login}@staff.example"
        cls.account.with_user(cls.supervisor).supervisor_id = cls.supervisor
        cls.contacts = cls.env["res.partner"].create(
            [
                {
                    "name": name,
                    "parent_id": cls.client.id,
                    "email": f"{name.lower()}@northwind.example",
                }
                for name in NAMES
            ]
        )
        cls.people = cls.env["nka.stakeholder"].concat(
            *(cls._map(contact) for contact in cls.contacts)
        )
        cls.people = cls.people.with_env(cls.env)
        cls.people[0].influence = "3"
        cls.ada, cls.ben, cls.cleo, cls.dina, cls.egon = cls.people
        cls._age(cls.people)
        cls.rounds = cls.env["nka.voice.round"]
        cls.answers = cls.env["nka.voice.answer"]
        cls.Mail = cls.env["mail.mail"]

    @classmethod
    def _age(cls, people, days=400):
        """Make stakeholders as old as if they had been entered some days ago."""
        cls.env.flush_all()
        cls.env.cr.execute(
            """UPDATE nka_stakeholder SET create_date = create_date - %s,
                                          voice_email_date = voice_email_date - %s
                WHERE id = ANY(%s)""",
            [timedelta(days=days), days, people.ids],
        )
        people.invalidate_recordset()

    def _survey(self, **vals):
        """Return a survey that is due today, and ask."""
        survey = self.rounds._unlocked().create(
            {
                "key_account_id": self.account.id,
                "occasion": "regular",
                "origin": f"test {len(self.rounds.search([]))}",
                "date_from": self.today,
                "date": self.today,
                **vals,
            }
        )
        self.env["nka.stakeholder"]._follow_addresses(self.company)
        self.rounds._ask_due(self.company)
        return survey

    def _answered(self, score=1, feedback="Nobody calls back", survey=None):
        """Return an answer given by one of the people asked."""
        answer = (survey or self._survey()).answer_ids[0]
        answer.rating_apply(score, rating=answer.rating_id, feedback=feedback)
        return answer

    def _mails(self, answers):
        return self.Mail.search(
            [("model", "=", answers._name), ("res_id", "in", answers.ids)]
        )

    def _later(self, answers, days):
        """Move these answers some days into the past, past the guard."""
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL session_replication_role = replica")
        self.env.cr.execute(
            """UPDATE nka_voice_answer SET date_asked = date_asked - %(days)s,
                                           date_answered = date_answered - %(days)s
                WHERE id = ANY(%(ids)s)""",
            {"days": days, "ids": answers.ids},
        )
        self.env.cr.execute("SET LOCAL session_replication_role = origin")
        answers.invalidate_recordset()

    def _day(self, days):
        return fields.Date.add(self.today, days=days)
