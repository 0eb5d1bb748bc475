"""What is submitted by one person and decided by another: one way for all of it.

A model says in class attributes who submits, who decides and what is asked of whom;
the steps themselves, their refusals and their events are here.
"""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate

from .roles import SUPERVISOR

_lt = LazyTranslate(__name__)

TODO_ACTIVITY = "mail.mail_activity_data_todo"


class ReviewMixin(models.AbstractModel):
    """A record that goes draft → submitted → approved, or back with a reason."""

    _name = "nka.review.mixin"
    _inherit = ["nka.state.mixin"]
    _description = "Review by a second person"

    #: States it may be submitted from, and the one it goes back to.
    _submitted_from = ("draft",)
    _returned_to = "draft"
    #: States that nothing but an approval leads to.
    _decided_states = ("approved",)
    #: States that a reviewer may send back.
    _returned_from = ("submitted",)
    #: Role that decides.
    _reviewer_group = SUPERVISOR
    #: Fields that keep who submitted and who decided when; None where there is none.
    _submitter_field = "submitter_id"
    _reviewer_field = "reviewer_id"
    _decision_date_field = "date_approved"
    #: Fields emptied when it is sent back.
    _cleared_by_return = ()
    #: Activity types: for the reviewer, and for whoever answers a return.
    _review_activity = None
    _answer_activity = TODO_ACTIVITY

    _reason_actions = {"action_return": _lt("Return")}

    # ------------------------------------------------------------ actions
    def action_submit(self):
        """Put these records before a reviewer.

        :raise UserError: in another state, or when something is missing
        :raise AccessError: for whoever may not submit them
        """
        self._check_may_submit()
        self._check_state(*self._submitted_from)
        self._check_complete()
        self._submit()
        return True

    def action_approve(self):
        """Approve as a reviewer who had no hand in them.

        :raise UserError: in another state
        :raise AccessError: for another role, and for their makers
        """
        self._check_reviewer()
        # Asked outright: a value in the cache is read without asking the rules.
        self.check_access("read")
        self._check_undecided()
        self._check_state("submitted")
        self._check_not_maker()
        self._check_approvable()
        self._approve()
        return True

    def action_return(self, reason=None):
        """Send these records back; without a reason the question for it opens.

        :param str reason: what has to be answered or mended
        :raise AccessError: for another role
        """
        self._check_reviewer()
        self.check_access("read")
        self._check_state(*self._returned_from)
        self._check_returnable()
        if not reason:
            return self._ask_reason("action_return")
        self._return(reason)
        return True

    # ------------------------------------------------------------ checks
    def _check_may_submit(self):
        """Hook: who submits; by default whoever may write the record."""
        self.check_access("write")

    def _check_complete(self):
        """Refuse what lacks something the reviewer needs to decide."""
        for record in self:
            missing = record._missing()
            if missing:
                raise UserError(
                    self.env._(
                        "%(record)s is incomplete. Missing: %(missing)s.",
                        record=record.display_name,
                        missing=", ".join(missing),
                    )
                )

    def _missing(self):
        """Hook: what the reviewer needs to decide and isn't there, in words.

        :rtype: list[str]
        """
        return []

    def _check_reviewer(self):
        """Refuse another role than the reviewers'."""
        if self._reviewer_group == SUPERVISOR:
            return self._check_supervisor()
        group = self.env.ref(self._reviewer_group).sudo()
        return self._check_group(
            self._reviewer_group,
            self.env._(
                "Only users with the role “%s” can do this. Ask one of them.",
                group.name,
            ),
        )

    def _check_undecided(self):
        """Two reviewers at once: the later one reads who was first."""
        for record in self.sudo() if self._reviewer_field else ():
            person = record[self._reviewer_field]
            if person and record.state in self._decided_states:
                raise UserError(
                    self.env._(
                        "%(record)s is already approved by %(person)s.",
                        record=record.display_name,
                        person=person.name,
                    )
                )

    def _check_approvable(self):
        """Hook: refuse what can't be approved, though it is submitted."""

    def _check_returnable(self):
        """Hook: refuse what can't be sent back any more."""

    # ------------------------------------------------------------ steps
    def _submit(self):
        """The step itself, with who submitted it."""
        self._move_to("submitted", **self._prepare_submission())
        self._close_review()
        self._ask_reviewers()

    def _approve(self):
        """The step itself, with who approved it when."""
        self._move_to("approved", **self._prepare_approval())
        self._close_review()

    def _return(self, reason):
        """The step back, and the question to whoever submitted it."""
        self._move_to(self._returned_to, note=reason, **self._prepare_return(reason))
        self._close_review()
        self._ask_answer(reason)

    def _prepare_submission(self):
        return {self._submitter_field: self.env.uid} if self._submitter_field else {}

    def _prepare_approval(self):
        """Who decided, and when: a day or a moment, as the field keeps it."""
        values = {self._reviewer_field: self.env.uid} if self._reviewer_field else {}
        if self._decision_date_field:
            kept = self._fields[self._decision_date_field]
            moment = kept.type == "datetime"
            values[self._decision_date_field] = (
                fields.Datetime.now() if moment else fields.Date.context_today(self)
            )
        return values

    def _prepare_return(self, reason):
        return dict.fromkeys(self._cleared_by_return, False)

    # ------------------------------------------------------------ activities
    def _reviewers(self):
        """Hook: who should decide on this record, the first one who didn't make it.

        :rtype: res.users
        """
        self.ensure_one()
        makers = self.sudo()._makers()
        return self.env["res.users"]._nka_holders(
            self._reviewer_group, self.sudo().company_id, makers
        )

    def _ask_reviewers(self):
        """One activity on each record for the one who should decide."""
        if not self._review_activity:
            return
        for record in self.sudo():
            reviewer = record._reviewers()[:1]
            if reviewer:
                record.activity_schedule(self._review_activity, user_id=reviewer.id)

    def _close_review(self):
        """Close what was asked of reviewer and submitter; to-dos may be of others."""
        asked = {self._review_activity, self._answer_activity} - {None, TODO_ACTIVITY}
        if asked:
            self.sudo().activity_feedback(sorted(asked))

    def _ask_answer(self, reason):
        """One activity on each record for whoever has to answer."""
        if not self._answer_activity:
            return
        for record in self.sudo():
            person = record._answers_return()
            if person:
                record.activity_schedule(
                    self._answer_activity,
                    user_id=person.id,
                    **self._prepare_answer(reason),
                )

    def _prepare_answer(self, reason):
        """A general to-do has to say what it is; an activity type of its own does."""
        if self._answer_activity == TODO_ACTIVITY:
            return {"summary": self.env._("Answer: %s", reason)}
        return {"note": reason}

    def _answers_return(self):
        """Hook: who answers what was sent back.

        :rtype: res.users
        """
        submitter = self[self._submitter_field] if self._submitter_field else None
        return submitter or self.create_uid
