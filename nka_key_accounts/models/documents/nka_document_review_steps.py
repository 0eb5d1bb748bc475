"""Submit, approve, return, new revision: each a button, none of them a write."""

import hashlib
import hmac

from dateutil.relativedelta import relativedelta

from odoo import Command, fields, models
from odoo.exceptions import UserError

from ..trail.roles import SUPERVISOR
from .nka_document import WORK_STATES


class DocumentReviewSteps(models.Model):
    _inherit = "nka.document"

    # ------------------------------------------------------------ actions
    def action_submit(self):
        """Put documents before a reviewer; their files stand still from now on.

        :raise UserError: when something is missing, saying what
        """
        self.check_access("write")
        self._check_state("draft", "returned")
        for document in self:
            document._check_submittable()
            document._submit()
        return True

    def action_approve(self):
        """Approve the files as they were submitted.

        The acting user is a supervisor who is none of the makers. Several at once
        only where the type allows it and the system drew none for the sample.

        :raise AccessError: for anybody else
        :raise UserError: when it isn't waiting, or its files were changed
        """
        self._check_reviewer()
        self._check_together()
        self._check_sample_done()
        self._check_files_unchanged()
        for document in self:
            document._approve()
        return True

    def action_return(self, findings=None):
        """Send documents back with findings; without any the question opens.

        :param findings: one text, or a list of texts or of dictionaries with
            ``text`` and optionally ``item`` and ``deadline``
        :raise AccessError: for anybody but a supervisor who is no maker
        """
        self._check_reviewer()
        if findings is None and not all(row._raised_findings() for row in self):
            return self._ask_findings()
        for document in self:
            document._add_findings(findings or [])
            document._return()
        return True

    def action_new_revision(self):
        """Start the next revision: a draft with copies of the files.

        An approved one stays valid until the new one is approved.

        :return: the action that opens the new revision
        """
        self.ensure_one()
        self.check_access("read")
        self._check_state("approved", "returned", "expired")
        successor = self._open_successor() or self._make_revision()
        return successor._action_open()

    # ------------------------------------------------------------ checks
    def _check_submittable(self):
        self._check_complete()
        self._check_has_files()
        unanswered = self.finding_ids.filtered(lambda row: row.state == "open")
        if unanswered:
            raise UserError(
                self.env._(
                    "Answer the findings of %(document)s first: %(findings)s",
                    document=self.display_name,
                    findings="; ".join(unanswered.mapped("text")),
                )
            )

    def _check_complete(self):
        if not self.type_id:
            raise UserError(
                self.env._("Say what kind of document %s is first.", self.display_name)
            )
        if not self.key_account_id and not self.lead_id:
            raise UserError(
                self.env._(
                    "%s belongs to no account and no deal yet. Set one of them first.",
                    self.display_name,
                )
            )
        if self.type_id.applies_to == "lead" and not self.lead_id:
            raise UserError(
                self.env._(
                    "“%s” is a document of a deal: set the deal.", self.type_id.name
                )
            )

    def _check_reviewer(self):
        """A supervisor, none of the makers, and the document waits for him."""
        self._check_supervisor()
        self.check_access("read")
        for document in self:
            if document.state == "approved":
                raise UserError(document._approved_message())
        self._check_state("submitted")
        self._check_not_maker()

    def _approved_message(self):
        return self.env._(
            "%(document)s is already approved by %(person)s.",
            document=self.display_name,
            person=self.sudo().approved_by_id.name,
        )

    def _check_together(self):
        if len(self) < 2:
            return
        single = self.sudo().filtered(
            lambda row: row.is_sampled or not row.type_id.allow_bulk
        )
        if single:
            raise UserError(
                self.env._(
                    "Open these one by one, for their type asks for it or the system "
                    "drew them for the sample: %s",
                    ", ".join(single.mapped("display_name")),
                )
            )

    def _check_sample_done(self):
        for document in self.sudo().filtered("is_sampled"):
            missing = document.check_ids.filtered(
                lambda row: row.is_required and not row.is_done
            )
            if missing:
                raise UserError(
                    self.env._(
                        "%(document)s was drawn for the sample. Check first: %(items)s",
                        document=document.display_name,
                        items=", ".join(missing.mapped("name")),
                    )
                )

    # ------------------------------------------------------------ submitting
    def _submit(self):
        digest = self._freeze_files()
        now = fields.Datetime.now()
        self._move_to("submitted", **self._prepare_submission(digest, now))
        self._renew_checks()
        self._draw_sample()
        self._open_review()
        self._ask_reviewer()

    def _prepare_submission(self, digest, now):
        changed = self.digest and self.digest != digest
        days = relativedelta(days=self.type_id.review_days)
        today = fields.Date.context_today(self)
        return {
            "digest": digest,
            "revision": self.revision + bool(changed),
            "submitted_by_id": self.env.uid,
            "submit_date": now,
            "waiting_since": today,
            "deadline": today + days,
            "deal_amount": self._weight(),
            "review_count": self.review_count + 1,
            "reviewer_id": self._choose_reviewer().id,
        }

    def _weight(self):
        """What hangs on the document: its deal, else the account's open deals."""
        document = self.sudo()
        if document.lead_id:
            return document.lead_id.expected_revenue
        return document.key_account_id.pipeline_amount or 0

    def _choose_reviewer(self):
        """The one named, else the account's supervisor, else any other one."""
        makers = self._makers() | self.env.user
        account = self.sudo().key_account_id
        wanted = self.reviewer_id | account.supervisor_id | self._supervisors()
        return (wanted & self._supervisors() - makers)[:1] or wanted[:0]

    def _supervisors(self):
        # looked up in the registry's cache: ``ref`` would ask the database each time
        group_id = self.env["ir.model.data"]._xmlid_to_res_id(SUPERVISOR)
        users = self.env["res.groups"].sudo().browse(group_id).all_user_ids
        company = self.company_id
        return users.filtered(lambda user: user.active and company in user.company_ids)

    def _renew_checks(self):
        document = self.sudo()
        document.check_ids.unlink()
        document.check_ids._unlocked().create(
            [
                {"document_id": document.id, **vals}
                for vals in document.type_id._prepare_checks()
            ]
        )

    def _open_review(self):
        self.env["nka.document.review"].sudo()._unlocked().create(
            {
                "document_id": self.id,
                "number": self.review_count,
                "submitted_by_id": self.env.uid,
                "submit_date": self.submit_date,
                "deadline": self.deadline,
                "digest": self.digest,
            }
        )

    # ------------------------------------------------------------ sampling
    def _draw_sample(self):
        """Draw by the server's secret, so that no author foresees it; on record."""
        document = self.sudo()
        drawn = document.is_sampled or document._is_drawn()
        document._unlocked().write({"is_sampled": drawn})
        if document.type_id.sampling_percent < 100:
            events = self.env["nka.audit.event"]
            note = self.env._("Sample of %s %%", document.type_id.sampling_percent)
            new = self.env._("drawn") if drawn else self.env._("not drawn")
            events._append([events._prepare_entry(self, "sample", new=new, note=note)])

    def _is_drawn(self):
        percent = self.type_id.sampling_percent
        return self._lot() * 100 < percent

    def _lot(self):
        """A number in [0, 1) that only the server can know beforehand."""
        secret = self.env["ir.config_parameter"].sudo().get_param("database.secret")
        subject = f"nka-sample:{self.id}:{self.review_count}:{self.digest}"
        lot = hmac.new(secret.encode(), subject.encode(), hashlib.sha256).digest()
        return int.from_bytes(lot[:6], "big") / 2**48

    # ------------------------------------------------------------ deciding
    def _approve(self):
        now = fields.Datetime.now()
        note = self._checklist_note()
        self._move_to(
            "approved",
            note=note,
            approved_by_id=self.env.uid,
            approve_date=now,
            reviewer_id=self.env.uid,
            deadline=False,
            valid_until=self.valid_until or self._default_validity(),
        )
        self.sudo().finding_ids._close()
        self._close_review("approved")
        self._supersede(self.previous_id)
        self._close_activities()

    def _default_validity(self):
        days = self.type_id.validity_days
        today = fields.Date.context_today(self)
        return today + relativedelta(days=days) if days else False

    def _checklist_note(self):
        done = self.check_ids.filtered("is_done")
        if not done:
            return False
        return self.env._(
            "Checked %(done)s of %(all)s: %(items)s",
            done=len(done),
            all=len(self.check_ids),
            items=", ".join(done.mapped("name")),
        )

    def _supersede(self, document):
        old = document.filtered(
            lambda row: row.state in ("approved", "expired", "returned")
        )
        if old:
            note = self.env._("Replaced by %s", self.display_name)
            old.sudo()._move_to("superseded", note=note, deadline=False)

    def _raised_findings(self):
        """Findings of this review, written but not yet sent."""
        return self.finding_ids.filtered(
            lambda row: (
                row.state == "open"
                and row.number == self.review_count
                and (row.text or "").strip()
            )
        )

    def _add_findings(self, findings):
        findings = [findings] if isinstance(findings, (str, dict)) else findings
        rows = [{"text": row} if isinstance(row, str) else row for row in findings]
        said = [row for row in rows if (row.get("text") or "").strip()]
        default = self._answer_deadline()
        self.env["nka.document.finding"].sudo()._raise(self, said, default)

    def _answer_deadline(self):
        days = relativedelta(days=self.type_id.answer_days)
        return fields.Date.context_today(self) + days

    def _return(self):
        raised = self._raised_findings()
        if not raised:
            raise UserError(
                self.env._(
                    "Say what is wrong with %s: a return carries at least one finding.",
                    self.display_name,
                )
            )
        deadlines = [row.deadline for row in raised if row.deadline]
        self._move_to(
            "returned",
            note="\n".join(raised.mapped("text")),
            reviewer_id=self.env.uid,
            deadline=min(deadlines, default=self._answer_deadline()),
            editor_ids=[Command.clear()],
        )
        self._close_review("returned")
        self._ask_author()

    def _close_review(self, verdict):
        review = self.sudo().review_ids.filtered(lambda row: not row.verdict)
        review._unlocked().write(
            {
                "verdict": verdict,
                "verdict_date": fields.Datetime.now(),
                "reviewer_id": self.env.uid,
            }
        )

    def _ask_findings(self):
        """Open the question for findings."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Return with findings"),
            "res_model": "nka.document.return",
            "view_mode": "form",
            "target": "new",
            "context": {"default_document_ids": self.ids},
        }

    # ------------------------------------------------------------ revisions
    def _open_successor(self):
        return self.search(
            [("previous_id", "=", self.id), ("state", "in", WORK_STATES)], limit=1
        )

    def _make_revision(self):
        successor = self._unlocked().create(self._prepare_revision())
        for attachment in self._files():
            attachment.copy({"res_model": self._name, "res_id": successor.id})
        if self.state == "returned":
            self.sudo().finding_ids._carry_over(successor)
            successor._supersede(self)
            self._close_activities()
        return successor

    def _prepare_revision(self):
        return {
            "title": self.title,
            "type_id": self.type_id.id,
            "key_account_id": self.key_account_id.id,
            "lead_id": self.lead_id.id,
            "company_id": self.company_id.id,
            "description": self.description,
            "author_id": self.env.uid,
            "reviewer_id": self.reviewer_id.id,
            "revision": self.revision + 1,
            "previous_id": self.id,
            "uploader_ids": [Command.set(self._uploaders().ids)],
        }

    def _action_open(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "view_mode": "form",
        }
