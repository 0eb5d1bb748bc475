"""The files of a document: their digest, and when they stand still."""

import hashlib
import hmac
import re

from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from odoo import SUPERUSER_ID, Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import LazyTranslate, email_normalize
from odoo.tools.mail import append_content_to_html

from ..trail.roles import SUPERVISOR

_lt = LazyTranslate(__name__)

#: States in which a document and its submitted files stand still.
FROZEN_STATES = ("submitted", "approved", "superseded", "expired")
#: States in which somebody has to do something.
WORK_STATES = ("draft", "submitted", "returned")

#: What the author says; changing it makes one an editor.
CONTENT_FIELDS = {
    "title",
    "type_id",
    "key_account_id",
    "lead_id",
    "company_id",
    "author_id",
    "description",
    "attachment_ids",
    "valid_until",
}

REVIEW = "nka_key_accounts.mail_activity_type_review_document"
ANSWER = "nka_key_accounts.mail_activity_type_answer_findings"
OVERDUE = "nka_key_accounts.mail_activity_type_document_overdue"
RENEW = "nka_key_accounts.mail_activity_type_renew_document"
ALL_TYPES = (REVIEW, ANSWER, OVERDUE)


class Document(models.Model):
    """A document of an account or a deal, submitted with its files and reviewed.

    Its files are told in ``nka_document_files``, the steps of the review in
    ``nka_document_review_steps``, ways in in ``nka_document_entry`` and what
    happens in time in ``nka_document_reminders``.
    """

    _name = "nka.document"
    _description = "Document"
    _inherit = [
        "nka.read.mixin",
        "nka.state.mixin",
        "mail.thread.main.attachment",
        "mail.activity.mixin",
    ]
    # The queue: what waits longest first, of the same day what weighs most.
    _order = "waiting_since, deal_amount desc, id"
    _mail_post_access = "read"
    _rec_name = "title"
    _rec_names_search = ["name", "title"]
    _guarded_fields = (
        "state",
        "name",
        "revision",
        "previous_id",
        "digest",
        "submitted_by_id",
        "submit_date",
        "waiting_since",
        "deal_amount",
        "approved_by_id",
        "approve_date",
        "review_count",
        "is_sampled",
        "editor_ids",
        "uploader_ids",
        "check_ids",
        "review_ids",
    )
    _audit_kinds = {"sample": _lt("Sample drawn")}

    name = fields.Char(
        "Number", readonly=True, copy=False, default="/", index="trigram"
    )
    title = fields.Char(help="What the document is about, in a few words.")
    type_id = fields.Many2one("nka.document.type", index=True, ondelete="restrict")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    key_account_id = fields.Many2one(
        "nka.key.account", index="btree_not_null", ondelete="restrict"
    )
    lead_id = fields.Many2one(
        "crm.lead", "Deal", index="btree_not_null", ondelete="restrict"
    )
    partner_id = fields.Many2one(
        "res.partner", "Client", compute="_compute_partner_id", compute_sudo=True
    )
    manager_id = fields.Many2one(
        related="key_account_id.manager_id", related_sudo=True, string="Manager"
    )
    author_id = fields.Many2one(
        "res.users",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        tracking=True,
        help="Who is responsible for the document and answers findings.",
    )
    reviewer_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        copy=False,
        tracking=True,
        domain=lambda self: (
            [("all_group_ids", "in", self.env.ref(SUPERVISOR, False).ids)]
            if self.env.ref(SUPERVISOR, False)
            else []
        ),
        help="The supervisor who is asked; any other one may review as well.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Submitted"),
            ("returned", "Returned"),
            ("approved", "Approved"),
            ("superseded", "Superseded"),
            ("expired", "Expired"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand="_group_expand_states",
    )
    description = fields.Html("Notes of the author")
    revision = fields.Integer(default=1, readonly=True, copy=False)
    previous_id = fields.Many2one(
        "nka.document",
        "Revision before",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    digest = fields.Char(
        "Digest of the files",
        readonly=True,
        copy=False,
        help="SHA-256 over the SHA-256 of every file, one a line, in their order.",
    )
    submitted_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    submit_date = fields.Datetime("Submitted on", readonly=True, copy=False)
    waiting_since = fields.Date(readonly=True, copy=False, index=True)
    deal_amount = fields.Monetary(
        "Weight",
        readonly=True,
        copy=False,
        aggregator="sum",
        help="Expected revenue of the deal, else of the open deals of the account, at "
        "the time of the submission.",
    )
    deadline = fields.Date(
        copy=False,
        index=True,
        help="For the review while it is submitted, for the answer while it is "
        "returned.",
    )
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    approve_date = fields.Datetime("Approved on", readonly=True, copy=False)
    valid_until = fields.Date(
        copy=False, tracking=True, help="Last day; filled in by the approval."
    )
    review_count = fields.Integer("Submissions", readonly=True, copy=False)
    is_sampled = fields.Boolean(
        "Drawn for the sample",
        readonly=True,
        copy=False,
        groups=SUPERVISOR,
        help="Drawn by the system: to be reviewed one by one with its checklist.",
    )
    editor_ids = fields.Many2many(
        "res.users",
        "nka_document_editor_rel",
        "document_id",
        "user_id",
        "Editors since the last review",
        readonly=True,
        copy=False,
    )
    uploader_ids = fields.Many2many(
        "res.users",
        "nka_document_uploader_rel",
        "document_id",
        "user_id",
        "Uploaders of copied files",
        readonly=True,
        copy=False,
    )
    attachment_ids = fields.One2many(
        "ir.attachment",
        "res_id",
        "Files",
        domain=[("res_model", "=", "nka.document"), ("res_field", "=", False)],
        copy=False,
    )
    finding_ids = fields.One2many("nka.document.finding", "document_id", copy=False)
    check_ids = fields.One2many("nka.document.check", "document_id", copy=False)
    review_ids = fields.One2many("nka.document.review", "document_id", copy=False)
    open_finding_count = fields.Integer(compute="_compute_open_finding_count")
    is_overdue = fields.Boolean(
        compute="_compute_is_overdue", search="_search_is_overdue"
    )
    may_review = fields.Boolean(compute="_compute_may_review")

    # ------------------------------------------------------------ compute
    @api.depends("name", "title", "type_id.name", "revision")
    def _compute_display_name(self):
        for document in self:
            words = [document.name, document.title or document.type_id.name]
            label = " ".join(word for word in words if word and word != "/")
            if document.revision > 1:
                label = self.env._(
                    "%(name)s (revision %(number)s)",
                    name=label,
                    number=document.revision,
                )
            document.display_name = label or self.env._("New document")

    @api.depends("key_account_id", "lead_id")
    def _compute_partner_id(self):
        for document in self:
            client = document.key_account_id.partner_id
            document.partner_id = client or document.lead_id.partner_id

    @api.depends("finding_ids.state")
    def _compute_open_finding_count(self):
        for document in self:
            opened = document.finding_ids.filtered(lambda row: row.state == "open")
            document.open_finding_count = len(opened)

    @api.depends("state", "deadline")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for document in self:
            waits = document.state in ("submitted", "returned")
            late = document.deadline and document.deadline < today
            document.is_overdue = bool(waits and late)

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [
            ("state", "in", ("submitted", "returned")),
            ("deadline", "<", fields.Date.context_today(self)),
        ]

    @api.depends_context("uid")
    @api.depends("state", "editor_ids")
    def _compute_may_review(self):
        supervises = self.env.user.has_group(SUPERVISOR)
        for document in self:
            waits = supervises and document.state == "submitted"
            document.may_review = waits and self.env.user not in document._makers()

    @api.model
    def _group_expand_states(self, states, domain):
        """Columns of work are there when empty too, those of what is over are not.

        A reviewer's queue has no drafts, so it says so in the context.
        """
        kept = {*WORK_STATES, *states}
        if self.env.context.get("nka_without_drafts"):
            kept.discard("draft")
        keys = self._fields["state"].get_values(self.env)
        return [key for key in keys if key in kept]

    # ------------------------------------------------------------ checks
    def _check_open(self):
        """Refuse to change what was submitted."""
        for document in self:
            if document.state in FROZEN_STATES:
                raise UserError(document._frozen_message())

    def _frozen_message(self):
        selection = dict(self._fields["state"]._description_selection(self.env))
        return self.env._(
            "%(document)s is “%(state)s”, and what was submitted stands still with its "
            "files. Use “New revision” to change it; nothing was changed.",
            document=self.display_name,
            state=selection[self.state],
        )

    @api.model
    def _check_author(self, vals):
        """A manager writes for himself; a supervisor may name somebody else."""
        author_id = vals.get("author_id")
        if not author_id or author_id == self.env.uid:
            return
        if not self.env.user.has_group(SUPERVISOR) and self.env.uid != SUPERUSER_ID:
            raise AccessError(
                self.env._(
                    "A document has you as its author: nobody signs for somebody else. "
                    "Ask a supervisor to change the author."
                )
            )

    def _check_subject_access(self):
        """Whoever puts a document somewhere must be let in there himself."""
        if self.env.su:
            return
        self.key_account_id.check_access("read")
        self.lead_id.check_access("read")

    @api.constrains("key_account_id", "lead_id", "company_id")
    def _check_subject(self):
        for document in self.sudo():
            lead, account = document.lead_id, document.key_account_id
            if (
                lead
                and account
                and lead.key_account_id not in (account, account.browse())
            ):
                raise UserError(
                    self.env._(
                        "“%(lead)s” isn't a deal of %(account)s.",
                        lead=lead.display_name,
                        account=account.display_name,
                    )
                )
            if account and account.company_id != document.company_id:
                raise UserError(
                    self.env._(
                        "%s is a key account of another company.", account.display_name
                    )
                )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_author(vals)
        prepared = [self._prepare_subject(vals) for vals in vals_list]
        documents = super().create(prepared)
        documents._check_subject_access()
        documents._number()
        documents._record_creation()
        documents._check_previewed_file()
        return documents

    def write(self, vals):
        if not self._is_unlocked(vals):
            self._check_terms_of_review(vals)
        result = self._write_content(vals)
        if "message_main_attachment_id" in vals:
            self._check_previewed_file()
        return result

    def _write_content(self, vals):
        """Write; what the document says only while it is open, and on record by whom."""
        if self._is_unlocked(vals) or vals.keys().isdisjoint(CONTENT_FIELDS):
            return super().write(vals)
        self._check_open()
        self._check_author(vals)
        result = super().write(self._prepare_subject(vals))
        self._check_subject_access()
        self._keep_editor()
        return result

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        for document in self:
            if document.state != "draft" or document.review_count:
                raise UserError(
                    self.env._(
                        "%s was submitted, and what was reviewed stays. Make a new "
                        "revision instead.",
                        document.display_name,
                    )
                )

    @api.model
    def _prepare_subject(self, vals):
        """A document of a deal is one of the deal's account and company."""
        if not vals.get("lead_id"):
            return self._prepare_company(vals)
        lead = self.env["crm.lead"].browse(vals["lead_id"]).sudo()
        prepared = {**vals}
        if lead.key_account_id and not vals.get("key_account_id"):
            prepared["key_account_id"] = lead.key_account_id.id
        if lead.company_id and not prepared.get("key_account_id"):
            prepared.setdefault("company_id", lead.company_id.id)
        return self._prepare_company(prepared)

    @api.model
    def _prepare_company(self, vals):
        if vals.get("key_account_id"):
            account = self.env["nka.key.account"].sudo().browse(vals["key_account_id"])
            return {**vals, "company_id": account.company_id.id}
        return vals

    def _number(self):
        sequence = self.env["ir.sequence"].sudo()
        for document in self:
            numbers = sequence.with_company(document.company_id)
            document._unlocked().write({"name": numbers.next_by_code("nka.document")})

    def _record_creation(self):
        events = self.env["nka.audit.event"]
        events._append(
            [
                events._prepare_entry(document, "state", new=document.state)
                for document in self
            ]
        )

    def _keep_editor(self):
        """Whoever changes the content since the last review can't approve it."""
        fresh = self.sudo().filtered(lambda row: self.env.user not in row.editor_ids)
        if fresh:
            fresh._unlocked().write({"editor_ids": [(4, self.env.uid)]})

    # ============================================================ files
    # The files of a document: their digest, and when they stand still.

    def _files(self):
        """The document's files in the order they came.

        :rtype: ir.attachment
        """
        self.ensure_one()
        return (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "=", self.id),
                    ("res_field", "=", False),
                ],
                order="id",
            )
        )

    def _uploaders(self):
        """Who uploaded the files, also there where they were copied from.

        The superuser is archived, and counts like everybody.

        :rtype: res.users
        """
        document = self.sudo().with_context(active_test=False)
        return document.attachment_ids.create_uid | document.uploader_ids

    def _makers(self):
        """Creator, author, submitter, uploaders, editors since the last review."""
        self.ensure_one()
        document = self.sudo().with_context(active_test=False)
        return (
            super()._makers()
            | document.author_id
            | document.submitted_by_id
            | document.editor_ids
            | document._uploaders()
        )

    def _check_open_for_files(self):
        """Refuse a new file as a matter of rights: upload routes put those in words."""
        for document in self:
            if document.sudo().state in FROZEN_STATES:
                document.check_access("read")
                raise AccessError(document._frozen_message())

    def _event_digest(self):
        return self.digest or None

    def _check_has_files(self):
        for document in self:
            if not document._files():
                raise UserError(
                    self.env._(
                        "%s has no file yet. Drop one on it first.",
                        document.display_name,
                    )
                )

    def _freeze_files(self):
        """Keep the digest of every file on the file, and one over all of them.

        The digest is taken of the stored bytes: images may have been resized on
        their way in.

        :return: the digest of the document
        :rtype: str
        """
        files = self._files()
        for attachment in files:
            digest = file_digest(attachment.raw)
            if attachment.nka_digest != digest:
                attachment._set_digest(digest)
        return files_digest(files.mapped("nka_digest"))

    def _check_files_unchanged(self):
        """Refuse to approve when the disk changed under us."""
        for document in self:
            if stray := document._stray_files():
                raise UserError(stray)

    def _stray_files(self):
        """Say which file of a submitted document isn't what it was; else nothing."""
        files = self._files()
        for attachment in files.filtered("nka_digest"):
            raw = attachment.raw
            attachment.invalidate_recordset(["raw"])
            if not raw and attachment.file_size:
                return self._stray_message(attachment, self.env._("is lost"))
            if file_digest(raw) != attachment.nka_digest:
                return self._stray_message(attachment, self.env._("was changed"))
        digests = files.filtered("nka_digest").mapped("nka_digest")
        if files_digest(digests) != self.digest:
            return self.env._(
                "The files of %s aren't the ones that were submitted.",
                self.display_name,
            )
        return None

    def _stray_message(self, attachment, what):
        return self.env._(
            "File “%(file)s” of %(document)s %(what)s on the disk.",
            file=attachment.name,
            document=self.display_name,
            what=what,
        )

    def _contradictions(self, recorded):
        """Where the files or the digest of a document contradict the trail.

        :param str recorded: digest that the trail keeps of the last submission
        :rtype: list[str]
        """
        if self.digest != recorded:
            return [
                self.env._(
                    "The digest of %s isn't the one in the trail.", self.display_name
                )
            ]
        stray = self._stray_files()
        return [stray] if stray else []

    # ============================================================ review steps
    # Submit, approve, return, new revision: each a button, none of them a write.

    # ------------------------------------------------------------ review steps: actions
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

    # ------------------------------------------------------------ review steps: checks
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

    # ------------------------------------------------------------ review steps: submitting
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

    # ------------------------------------------------------------ review steps: sampling
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

    # ------------------------------------------------------------ review steps: deciding
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

    # ------------------------------------------------------------ review steps: revisions
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

    # ============================================================ guard
    # What the people of a document may not arrange for themselves.

    def _check_terms_of_review(self, vals):
        """Nobody but a supervisor moves a deadline or passes a review on.

        :raise AccessError: telling who may
        """
        if vals.keys().isdisjoint({"deadline", "reviewer_id"}) or self._may_set_terms():
            return
        for document in self:
            if "deadline" in vals or document.state == "submitted":
                raise AccessError(
                    self.env._(
                        "The deadline and the reviewer of %s are a supervisor's to "
                        "change. Ask yours; nothing was changed.",
                        document.display_name,
                    )
                )

    @api.model
    def _may_set_terms(self):
        return self.env.uid == SUPERUSER_ID or self.env.user.has_group(SUPERVISOR)

    def _check_previewed_file(self):
        """The file shown beside the review is one of those reviewed."""
        for document in self.sudo():
            shown = document.message_main_attachment_id
            if shown and (shown.res_model, shown.res_id) != (self._name, document.id):
                raise UserError(
                    self.env._(
                        "“%(file)s” is no file of %(document)s, so it can't be its "
                        "preview. Add it to the files instead; nothing was changed.",
                        file=shown.name,
                        document=document.display_name,
                    )
                )

    # ============================================================ entry
    # Ways in: files dropped, attachments at hand, mail.

    @api.model
    def action_create_from_attachments(self, attachment_ids, **values):
        """Make a document of files: of one's own by moving, of others' by copying.

        :param list attachment_ids: ids of files the user may read
        :param values: further values, as ``lead_id``, ``key_account_id``, ``type_id``
        :return: the action that opens the document
        """
        attachments = self.env["ir.attachment"].browse(attachment_ids)
        attachments.check_access("read")
        document = self.create({**self._prepare_from(attachments), **values})
        document._take(attachments)
        if not document.type_id:
            document.type_id = document._guess_type(attachments[:1].name)
        return document._action_open()

    @api.model
    def _prepare_from(self, attachments):
        """Title from the first file, subject from where it lies."""
        first = attachments[:1].sudo()
        values = {"title": first.name}
        subject = {"crm.lead": "lead_id", "nka.key.account": "key_account_id"}
        if first.res_id and first.res_model in subject:
            values[subject[first.res_model]] = first.res_id
        return values

    def _take(self, attachments):
        """Move loose files here, copy those that belong elsewhere; who uploaded
        them stays among the makers.
        """
        self.ensure_one()
        target = {"res_model": self._name, "res_id": self.id}
        uploaders = attachments.sudo().create_uid | self._senders(attachments)
        for attachment in attachments:
            if attachment.res_id:
                attachment.sudo().copy(target)
            else:
                attachment.write(target)
        self.sudo()._unlocked().write(
            {"uploader_ids": [Command.link(user.id) for user in uploaders]}
        )

    @api.model
    def _senders(self, attachments):
        """Who sent the files by mail: the gateway keeps them in the server's name."""
        messages = self.env["mail.message"].sudo()
        letters = messages.search([("attachment_ids", "in", attachments.ids)])
        return letters.author_id.user_ids

    # ------------------------------------------------------------ entry: type
    def _guess_type(self, file_name):
        """The type that the name of a file tells, else the only one that is missed.

        :param str file_name: e.g. ``Contract 17-2.pdf``
        """
        types = self._fitting_types()
        words = self._words(file_name)
        named = types.filtered(
            lambda kind: (
                self._words(kind.code) <= words or self._words(kind.name) <= words
            )
        )
        missed = self._missed_types() & types
        return named[:1] or (missed if len(missed) == 1 else types.browse())

    def _fitting_types(self):
        wanted = ("lead", "both") if self.lead_id else ("account", "both")
        return self.env["nka.document.type"].search([("applies_to", "in", wanted)])

    def _missed_types(self):
        """Types that the next stage of the deal asks for."""
        deal = self.lead_id.sudo()._gated().with_env(self.env)
        missed = deal._missing_for(deal._next_stage()).types if deal else []
        return self.env["nka.document.type"].browse([kind.id for kind in missed])

    @api.model
    def _words(self, text):
        return set(re.findall(r"[^\W_]+", (text or "").lower()))

    # ------------------------------------------------------------ entry: mail
    def message_update(self, msg_dict, update_vals=None):
        """A mail to a document: its files are taken in while the document is open.

        Those sent to a submitted one are left out, and the message says so: the words
        of a reply must not be lost for the picture of its signature.
        """
        files = msg_dict.get("attachments")
        if files and self.state in FROZEN_STATES:
            msg_dict["attachments"] = []
            told = Markup("<p>%s</p>") % self._left_out(files)
            msg_dict["body"] = append_content_to_html(
                msg_dict.get("body") or "", told, plaintext=False
            )
        elif files and self.env.su and (sender := self._sender(msg_dict)):
            self._unlocked().write({"uploader_ids": [Command.link(sender.id)]})
        return super().message_update(msg_dict, update_vals=update_vals)

    def _left_out(self, files):
        return self.env._(
            "Left out, for the document stands still: %s. Send it with a new revision.",
            ", ".join(file[0] for file in files),
        )

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """A mail of an employee becomes a draft; its attachments become its files.

        The subject may name the document type by its code in front of a colon, and
        the client or deal behind it.
        """
        values = dict(custom_values or {})
        values.update(self._prepare_from_mail(msg_dict))
        return super().message_new(msg_dict, custom_values=values)

    @api.model
    def _prepare_from_mail(self, msg_dict):
        subject = msg_dict.get("subject") or ""
        code, _colon, rest = subject.rpartition(":")
        sender = self._sender(msg_dict)
        values = {
            "title": rest.strip() or subject,
            "author_id": sender.id or self.env.uid,
        }
        if kind := self._type_by_code(code):
            values["type_id"] = kind.id
        if account := self._account_by_name(rest, sender):
            values["key_account_id"] = account.id
        return values

    @api.model
    def _sender(self, msg_dict):
        address = email_normalize(msg_dict.get("email_from") or "")
        users = self.env["res.users"].sudo()
        if not address:
            return users
        return users.search(
            [("email_normalized", "=", address), ("share", "=", False)], limit=1
        )

    @api.model
    def _type_by_code(self, code):
        types = self.env["nka.document.type"].sudo()
        return code.strip() and types.search(
            [("code", "=ilike", code.strip())], limit=1
        )

    @api.model
    def _account_by_name(self, name, sender):
        """An account the sender owns or stands in for, by its client's name."""
        if not name.strip() or not sender:
            return self.env["nka.key.account"]
        return (
            self.env["nka.key.account"]
            .sudo()
            .search(
                [
                    ("partner_id.name", "=ilike", name.strip()),
                    "|",
                    ("manager_id", "=", sender.id),
                    ("deputy_id", "=", sender.id),
                ],
                limit=1,
            )
        )

    # ============================================================ reminders
    # What happens in time: activities, overdue steps, validity.

    # ------------------------------------------------------------ reminders: people
    def _ask_reviewer(self):
        self._close_activities()
        if self.reviewer_id:
            self._remind(REVIEW, self.reviewer_id, self.deadline)

    def _ask_author(self):
        self._close_activities()
        self._remind(ANSWER, self.author_id, self.deadline)

    def _remind(self, activity_type, user, deadline, note=""):
        """One activity of a kind for a person, never a second one."""
        document = self.sudo()
        known = document.activity_search([activity_type], user_id=user.id)
        if not known:
            document.activity_schedule(
                activity_type, deadline, user_id=user.id, note=note
            )

    def _close_activities(self):
        self.sudo().activity_feedback(list(ALL_TYPES))

    def _level_up(self, user):
        """Who answers for a person: his superior if a supervisor, else another one."""
        self.ensure_one()
        superior = user.sudo().employee_id.parent_id.user_id
        supervisors = self._supervisors() - user
        account = self.sudo().key_account_id.supervisor_id
        ordered = superior | account | supervisors
        return (ordered & supervisors)[:1]

    # ------------------------------------------------------------ reminders: nightly
    @api.model
    def _cron_remind(self):
        """Overdue reviews and answers go one level up, once each."""
        overdue = self.search([("is_overdue", "=", True)])
        waiting = overdue._waiting(OVERDUE)
        for document in overdue:
            late = (
                document.reviewer_id
                if document.state == "submitted"
                else document.author_id
            )
            above = document._level_up(late)
            if above and (document.id, above.id) not in waiting:
                document._remind(
                    OVERDUE,
                    above,
                    fields.Date.context_today(self),
                    document._late(late),
                )

    def _late(self, user):
        return self.env._(
            "%(person)s is late: due %(date)s.",
            person=user.name or self.env._("Nobody was asked"),
            date=self.deadline,
        )

    @api.model
    def _cron_expire(self):
        """Warn before validity ends, then expire; expired ones close the gate."""
        today = fields.Date.context_today(self)
        valid = Domain("state", "=", "approved") & Domain("valid_until", "!=", False)
        ended = self.search(valid & Domain("valid_until", "<", today))
        if ended:
            ended._move_to("expired")
        current = self.search(valid & Domain("valid_until", ">=", today))
        ending = current.filtered(lambda document: document._is_ending(today))
        ending -= self.search([("previous_id", "in", ending.ids)]).previous_id
        waiting = ending._waiting(RENEW)
        for document in ending:
            if (document.id, document.author_id.id) not in waiting:
                document._remind(RENEW, document.author_id, document.valid_until)

    def _is_ending(self, today):
        warning = relativedelta(days=self.type_id.warning_days)
        return self.valid_until - warning <= today

    def _waiting(self, activity_type):
        """Who has such an activity of a document to do already: one query.

        :return: set of pairs, document id and user id
        """
        kind = self.env.ref(activity_type)
        activities = (
            self.env["mail.activity"]
            .sudo()
            .search_fetch(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("activity_type_id", "=", kind.id),
                ],
                ["res_id", "user_id"],
            )
        )
        return {(activity.res_id, activity.user_id.id) for activity in activities}


def file_digest(raw):
    """SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(raw or b"").hexdigest()


def files_digest(digests):
    """One digest over the digests of several files in their order, one a line.

    The same as ``sha256sum FILES | cut -c 1-64 | sha256sum`` gives.

    >>> files_digest([file_digest(b"a")])[:8]
    '0f58e8ac'
    """
    lines = "".join(f"{digest}\n" for digest in digests)
    return hashlib.sha256(lines.encode()).hexdigest()
