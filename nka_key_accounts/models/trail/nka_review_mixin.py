"""Review workflow: one user submits a record, another one decides.

Models declare in class attributes who submits, who decides and which activities are
created; the steps with their checks and audit events are here.
"""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate

from .roles import SUPERVISOR

_lt = LazyTranslate(__name__)

TODO_ACTIVITY = "mail.mail_activity_data_todo"


class ReviewMixin(models.AbstractModel):
    """Mixin for records that go draft → submitted → approved, or are returned."""

    _name = "nka.review.mixin"
    _inherit = ["nka.state.mixin"]
    _description = "Review by a second person"

    #: States from which a record can be submitted, and the one a return leads to.
    _submitted_from = ("draft",)
    _returned_to = "draft"
    #: States that only an approval leads to.
    _decided_states = ("approved",)
    #: States from which a reviewer can return a record.
    _returned_from = ("submitted",)
    #: Role that decides.
    _reviewer_group = SUPERVISOR
    #: Fields that store who submitted and who decided when; None if missing.
    _submitter_field = "submitter_id"
    _reviewer_field = "reviewer_id"
    _decision_date_field = "date_approved"
    #: Fields cleared by a return.
    _cleared_by_return = ()
    #: Activity types for the reviewer and for the user who has to respond to a return.
    _review_activity = None
    _answer_activity = TODO_ACTIVITY

    _reason_actions = {"action_return": _lt("Return")}

    # ------------------------------------------------------------ actions
    def action_submit(self):
        """Submit these records for review.

        :raise UserError: in another state, or when required information is missing
        :raise AccessError: for users who can't submit them
        """
        self._check_may_submit()
        self._check_state(*self._submitted_from)
        self._check_complete()
        self._submit()
        return True

    def action_approve(self):
        """Approve these records as a reviewer who didn't work on them.

        :raise UserError: in another state
        :raise AccessError: for users without the role, and for those who worked on them
        """
        self._check_reviewer()
        # Checked explicitly: reading cached values doesn't apply record rules.
        self.check_access("read")
        self._check_undecided()
        self._check_state("submitted")
        self._check_not_maker()
        self._check_approvable()
        self._approve()
        return True

    def action_return(self, reason=None):
        """Return these records to the submitter, or ask for the missing reason.

        :param str reason: what has to be answered or corrected
        :raise UserError: in another state
        :raise AccessError: for users without the reviewer role
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
        """Hook: check who can submit; by default, users who can write the record."""
        self.check_access("write")

    def _check_complete(self):
        """Refuse records without the information that the reviewer needs."""
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
        """Hook: return labels of the information that is still missing for a decision.

        :rtype: list[str]
        """
        return []

    def _check_reviewer(self):
        """Refuse users without the reviewer role."""
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
        """Refuse records that are already approved; the error names the reviewer."""
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
        """Hook: refuse submitted records that can't be approved."""

    def _check_returnable(self):
        """Hook: refuse records that can no longer be returned."""

    # ------------------------------------------------------------ steps
    def _submit(self):
        """Set the submitter and move to ``submitted``; schedule the review."""
        self._move_to("submitted", **self._prepare_submission())
        self._close_review()
        self._ask_reviewers()

    def _approve(self):
        """Move to ``approved`` and set who approved it and when."""
        self._move_to("approved", **self._prepare_approval())
        self._close_review()

    def _return(self, reason):
        """Move back and schedule an activity for the user who has to respond."""
        self._move_to(self._returned_to, note=reason, **self._prepare_return(reason))
        self._close_review()
        self._ask_answer(reason)

    def _prepare_submission(self):
        return {self._submitter_field: self.env.uid} if self._submitter_field else {}

    def _prepare_approval(self):
        """Return who decided and when, as a date or datetime depending on the field."""
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
        """Hook: return the users who can decide; the first one gets the activity.

        By default, users with the reviewer role who didn't work on the record.

        :rtype: res.users
        """
        self.ensure_one()
        makers = self.sudo()._makers()
        return self.env["res.users"]._nka_holders(
            self._reviewer_group, self.sudo().company_id, makers
        )

    def _ask_reviewers(self):
        """Schedule one activity per record for the user who should decide."""
        if not self._review_activity:
            return
        for record in self.sudo():
            reviewer = record._reviewers()[:1]
            if reviewer:
                record.activity_schedule(self._review_activity, user_id=reviewer.id)

    def _close_review(self):
        """Close the activities of reviewer and submitter, except to-dos.

        Other users may have created those.
        """
        asked = {self._review_activity, self._answer_activity} - {None, TODO_ACTIVITY}
        if asked:
            self.sudo().activity_feedback(sorted(asked))

    def _ask_answer(self, reason):
        """Schedule one activity per record for the user who has to respond."""
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
        """Return the text of the activity.

        A generic to-do needs the text as its summary; other activity types have their
        own.
        """
        if self._answer_activity == TODO_ACTIVITY:
            return {"summary": self.env._("Answer: %s", reason)}
        return {"note": reason}

    def _answers_return(self):
        """Hook: return the user who responds to a return.

        :rtype: res.users
        """
        submitter = self[self._submitter_field] if self._submitter_field else None
        return submitter or self.create_uid
