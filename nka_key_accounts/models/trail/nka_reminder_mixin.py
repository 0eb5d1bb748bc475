from odoo import fields, models


class ReminderMixin(models.AbstractModel):
    """Activities raised by a daily job: one a record, in a constant number of queries."""

    _name = "nka.reminder.mixin"
    _description = "Reminders by activity"

    def _raise_activities(self, kind, users, days=None, notes=None, is_mailed=False):
        """Raise one activity on each record that has none of this kind waiting.

        Most of them only stand on the to-do list.

        :param str kind: external id of the activity type
        :param dict users: user id by record id; records without one are left out
        :param dict days: deadline by record id, today where there is none
        :param dict notes: text by record id
        :param bool is_mailed: whether the people get a mail, too, as of any activity
            that somebody else plans for them
        """
        kind = self.env.ref(kind)
        waiting = self._waiting_activities(kind)
        records = self.browse(
            record.id
            for record in self
            if record.id not in waiting and users.get(record.id)
        )
        # Activities are named after their records: read the names all at once.
        records.mapped("display_name")
        today = fields.Date.context_today(self)
        activities = self.env["mail.activity"].sudo()
        return activities.with_context(mail_activity_quick_update=not is_mailed).create(
            [
                {
                    "activity_type_id": kind.id,
                    "summary": kind.summary,
                    "note": (notes or {}).get(record.id),
                    "automated": True,
                    "date_deadline": max((days or {}).get(record.id) or today, today),
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": record.id,
                    "user_id": users[record.id],
                }
                for record in records
            ]
        )

    def _waiting_activities(self, kind):
        """Ids of the records that have an open activity of this kind.

        :rtype: set[int]
        """
        activities = self.env["mail.activity"].sudo()
        waiting = activities.search_fetch(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("activity_type_id", "=", kind.id),
            ],
            ["res_id"],
        )
        return set(waiting.mapped("res_id"))
