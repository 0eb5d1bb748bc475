from odoo import fields, models


class ReminderMixin(models.AbstractModel):
    """Activities created by daily jobs, in a constant number of queries."""

    _name = "nka.reminder.mixin"
    _description = "Reminders by activity"

    def _raise_activities(self, kind, users, days=None, notes=None, is_mailed=False):
        """Create an activity on each record that has no open one of this type.

        Most activities only appear in the to-do list, without an email.

        :param str kind: external id of the activity type
        :param dict users: user id by record id; records without a user are skipped
        :param dict days: deadline by record id; today if missing or past
        :param dict notes: text by record id
        :param bool is_mailed: whether the users also get an email, as for any activity
            that another user assigns to them
        :return: the new activities
        """
        activities = self.env["mail.activity"].sudo()
        if not self:
            return activities.browse()
        kind = self.env.ref(kind)
        waiting = self._waiting_activities(kind)
        records = self.browse(
            record.id
            for record in self
            if record.id not in waiting and users.get(record.id)
        )
        if not records:
            return activities.browse()
        # Activities show the record's name: read all names with one query.
        records.mapped("display_name")
        today = fields.Date.context_today(self)
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
        """Return the ids of the records that have an open activity of this type.

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
