"""What the client says, beside the other figures of a handover."""

from odoo import Command
from odoo.tests import tagged

from ..voice.common import VoiceCase


@tagged("nka_leaving")
class TestOutcomeVoice(VoiceCase):
    def test_only_released_answers_count(self):
        """A manager isn't told of an answer that the supervisor has yet to release."""
        receiver = self.colleague
        handover = self.env["nka.handover"].create(
            {
                "key_account_ids": [Command.set(self.account.ids)],
                "from_user_id": self.manager.id,
                "to_user_id": receiver.id,
                "reason": "Territories were redrawn",
            }
        )
        answers = self._survey().answer_ids
        for answer, score in zip(answers, (1, 3, 5), strict=False):
            answer.rating_apply(score, rating=answer.rating_id, feedback="As it is")
        old, new, kept = answers[:3]
        self._later(old, 60)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE nka_handover SET state = 'done', date = %s WHERE id = %s",
            [self._day(-30), handover.id],
        )
        self.env.cr.execute("SET LOCAL session_replication_role = replica")
        self.env.cr.execute(
            "UPDATE nka_voice_answer SET state = 'disclosed' WHERE id = ANY(%s)",
            [(old | new).ids],
        )
        self.env.cr.execute("SET LOCAL session_replication_role = origin")
        self.env.cr.execute(
            "UPDATE nka_key_account SET manager_id = %s WHERE id = %s",
            [receiver.id, self.account.id],
        )
        self.env.invalidate_all()
        model = self.env["nka.handover.outcome"].with_user(receiver)
        row = model.search([("handover_id", "=", handover.id)])
        self.assertEqual((row.answers_before, row.answers_after), (1, 1))
        self.assertEqual(row.satisfaction_before, old.score)
        self.assertEqual(row.satisfaction_after, new.score)
        self.assertEqual(row.satisfaction_change, new.score - old.score)
        action = row.with_context(nka_figure="satisfaction_after").action_open_figure()
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found, new)
        self.assertNotIn(kept, found)
