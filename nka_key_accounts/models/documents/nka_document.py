"""Documents of accounts and deals: submitted with their files, reviewed, renewed."""

from dateutil.relativedelta import relativedelta

from odoo import SUPERUSER_ID, Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import LazyTranslate

from ..trail.roles import SUPERVISOR
from . import content, intake
from .deadlines import OVERDUE, escalate, expire

_lt = LazyTranslate(__name__)

#: States in which a document and its submitted files can't be changed.
FROZEN_STATES = ("submitted", "approved", "superseded", "expired")
#: States in which a user has to act.
WORK_STATES = ("draft", "submitted", "returned")

#: Fields of the author; users who change them become editors.
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


class Document(models.Model):
    """A document of an account or a deal, submitted with its files and reviewed.

    Its files are locked on submission (:mod:`.ir_attachment`). :mod:`.intake` creates
    documents from files and emails, :mod:`.deadlines` escalates and expires them.
    """

    _name = "nka.document"
    _description = "Document"
    _inherit = [
        "nka.read.mixin",
        "nka.review.mixin",
        "nka.reminder.mixin",
        "mail.thread.main.attachment",
        "mail.activity.mixin",
    ]
    # Review queue: the longest waiting first, on the same day the highest deal value.
    _order = "waiting_since, deal_amount desc, id"
    _mail_post_access = "read"
    _reading_kind = "document"
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
        "review_ids",
    )
    _audit_kinds = {"sample": _lt("Sampling"), content.KIND: _lt("Document content")}
    _audit_own_creation = True

    _submitted_from = ("draft", "returned")
    _returned_to = "returned"
    _submitter_field = "submitted_by_id"
    _reviewer_field = "approved_by_id"
    _decision_date_field = "approve_date"
    _answer_activity = None
    # A return asks for findings instead of one reason.
    _reason_actions = {}

    name = fields.Char(
        "Document number", readonly=True, copy=False, default="/", index="trigram"
    )
    title = fields.Char(help="What the document is about, in a few words.")
    type_id = fields.Many2one("nka.document.type", index=True, ondelete="restrict")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    key_account_id = fields.Many2one(
        "nka.key.account", "Key account", index="btree_not_null", ondelete="restrict"
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
        domain=lambda self: [("all_group_ids", "in", self.env.ref(SUPERVISOR).ids)],
        help="Supervisor asked to review. Any other supervisor can review as well.",
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
    description = fields.Html("Author's notes")
    revision = fields.Integer(default=1, readonly=True, copy=False)
    previous_id = fields.Many2one(
        "nka.document",
        "Previous revision",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    digest = fields.Char(
        "File hash",
        readonly=True,
        copy=False,
        help="SHA-256 hash of the SHA-256 hashes of all files, one per line, in order.",
    )
    submitted_by_id = fields.Many2one(
        "res.users", "Submitted by", readonly=True, copy=False
    )
    submit_date = fields.Datetime("Submitted on", readonly=True, copy=False)
    waiting_since = fields.Date("Waiting since", readonly=True, copy=False, index=True)
    deal_amount = fields.Monetary(
        "Deal value",
        readonly=True,
        copy=False,
        aggregator="sum",
        help="Expected revenue of the deal at submission, or of the account's open "
        "deals if the document isn't linked to a deal.",
    )
    deadline = fields.Date(
        copy=False,
        index=True,
        help="Review deadline while submitted; answer deadline while returned.",
    )
    approved_by_id = fields.Many2one(
        "res.users", "Approved by", readonly=True, copy=False
    )
    approve_date = fields.Datetime("Approved on", readonly=True, copy=False)
    valid_until = fields.Date(
        "Valid until", copy=False, tracking=True, help="Last day; set on approval."
    )
    review_count = fields.Integer("Submissions", readonly=True, copy=False)
    is_sampled = fields.Boolean(
        "Selected for sampling",
        readonly=True,
        copy=False,
        groups=SUPERVISOR,
        help="Selected at random by the system; has to be reviewed individually "
        "against its checklist.",
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
        "Users who uploaded copied files",
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
    finding_ids = fields.One2many("nka.document.finding", "document_id", "Findings")
    check_ids = fields.One2many("nka.document.check", "document_id", "Checklist")
    review_ids = fields.One2many("nka.document.review", "document_id", "Reviews")
    open_finding_count = fields.Integer(
        "Open findings", compute="_compute_open_finding_count"
    )
    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    may_review = fields.Boolean("Can review", compute="_compute_may_review")

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
            document.open_finding_count = len(document.finding_ids._open())

    @api.depends("state", "deadline")
    def _compute_is_overdue(self):
        overdue = self.filtered_domain(self._domain_overdue())
        for document in self:
            document.is_overdue = document in overdue

    def _search_is_overdue(self, operator, value):
        return self._domain_overdue() if operator == "in" else NotImplemented

    @api.model
    def _domain_overdue(self):
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
        """Show states of open work even if empty, those of closed ones only if not.

        The context of a reviewer's queue excludes drafts.
        """
        kept = {*WORK_STATES, *states}
        if self.env.context.get("nka_without_drafts"):
            kept.discard("draft")
        keys = self._fields["state"].get_values(self.env)
        return [key for key in keys if key in kept]

    # ------------------------------------------------------------ checks
    def _check_open(self, error=UserError):
        """Refuse to change documents that were submitted.

        :param error: AccessError for upload routes, which show no other error's message
        """
        words = dict(self._fields["state"]._description_selection(self.env))
        for document in self:
            if document.sudo().state in FROZEN_STATES:
                document.check_access("read")
                raise error(
                    self.env._(
                        "%(document)s is “%(state)s”, and submitted content and files "
                        "are locked. Use “New revision” to change it.",
                        document=document.display_name,
                        state=words[document.state],
                    )
                )

    @api.model
    def _is_supervisor(self):
        return self.env.uid == SUPERUSER_ID or self.env.user.has_group(SUPERVISOR)

    @api.model
    def _check_author(self, vals):
        """Check that only a supervisor names another user as the author."""
        author_id, users = vals.get("author_id"), self.env["res.users"]
        if author_id and author_id != self.env.uid and not self._is_supervisor():
            raise AccessError(
                self.env._(
                    "You can only set yourself as the author. Ask %s to change the "
                    "author.",
                    users._nka_name_holders(SUPERVISOR, self.env.company),
                )
            )

    def _check_terms_of_review(self, vals):
        """Check that only a supervisor moves a deadline or reassigns a review."""
        if vals.keys().isdisjoint({"deadline", "reviewer_id"}) or self._is_supervisor():
            return
        for document in self:
            if "deadline" in vals or document.state == "submitted":
                raise AccessError(
                    self.env._(
                        "Only a supervisor can change the deadline or reviewer of "
                        "%(document)s. Ask %(people)s.",
                        document=document.display_name,
                        people=self.env["res.users"]._nka_name_holders(
                            SUPERVISOR, document.company_id
                        ),
                    )
                )

    def _check_subject_access(self):
        """Check that the user can read the document's account and deal."""
        if not self.env.su:
            self.key_account_id.check_access("read")
            self.lead_id.check_access("read")

    @api.constrains("key_account_id", "lead_id", "company_id", "type_id")
    def _check_subject(self):
        for document in self.sudo():
            document.type_id._check_fits(document)
            lead, account = document.lead_id, document.key_account_id
            if lead and account and lead.key_account_id not in (account, account[:0]):
                raise UserError(
                    self.env._(
                        "“%(lead)s” isn't a deal of %(account)s. Select a deal of "
                        "this account.",
                        lead=lead.display_name,
                        account=account.display_name,
                    )
                )
            if account and account.company_id != document.company_id:
                raise UserError(
                    self.env._(
                        "%s is a key account of another company. Select one of the "
                        "document's company.",
                        account.display_name,
                    )
                )

    @api.constrains("message_main_attachment_id")
    def _check_previewed_file(self):
        """Check that the file previewed in a review is one of the document's files."""
        for document in self.sudo():
            document.message_main_attachment_id._check_previews(document)

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        documents = super().create([self._prepare_subject(vals) for vals in vals_list])
        for author in documents.author_id:
            self._check_author({"author_id": author.id})
        documents._check_subject_access()
        sequence = self.env["ir.sequence"].sudo()
        for document in documents:
            numbers = sequence.with_company(document.company_id)
            document._unlocked().write({"name": numbers.next_by_code(self._name)})
        self.env["nka.audit.event"]._record(
            documents, "state", new=lambda document: document.state
        )
        return documents

    def write(self, vals):
        if self._is_unlocked(vals):
            return super().write(vals)
        self._check_terms_of_review(vals)
        says = not vals.keys().isdisjoint(CONTENT_FIELDS)
        if says:
            self._check_open()
            self._check_author(vals)
            vals = self._prepare_subject(vals)
        result = super().write(vals)
        if says:
            self._check_subject_access()
            self._keep_editor()
        return result

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        for document in self:
            if document.state != "draft" or document.review_count:
                raise UserError(
                    self.env._(
                        "%s was submitted, and reviewed content can't be changed. "
                        "Create a new revision instead.",
                        document.display_name,
                    )
                )

    @api.model
    def _prepare_subject(self, vals):
        """Complete the account from the deal, and the company from the account."""
        prepared = {**vals}
        if vals.get("lead_id"):
            lead = self.env["crm.lead"].browse(vals["lead_id"]).sudo()
            if lead.key_account_id and not vals.get("key_account_id"):
                prepared["key_account_id"] = lead.key_account_id.id
            elif lead.company_id:
                prepared.setdefault("company_id", lead.company_id.id)
        if prepared.get("key_account_id"):
            account = self.env["nka.key.account"].browse(prepared["key_account_id"])
            prepared["company_id"] = account.sudo().company_id.id
        return prepared

    # ------------------------------------------------------------ makers
    def _makers(self):
        """Add author, submitter, uploaders, recent editors, account and deal owners."""
        document = self.sudo().with_context(active_test=False)
        named = document.author_id | document.submitted_by_id | document.editor_ids
        assignments = self.env["nka.assignment"]
        named |= assignments._owners(document.key_account_id, document.lead_id)
        return super()._makers() | named | document._uploaders()

    def _uploaders(self):
        """Return uploaders of the files or originals, also the archived superuser."""
        document = self.sudo().with_context(active_test=False)
        return document.attachment_ids.create_uid | document.uploader_ids

    def _keep_editor(self):
        """Record the user as an editor since the last review; editors can't approve."""
        if fresh := self.sudo().filtered(
            lambda row: self.env.user not in row.editor_ids
        ):
            fresh._unlocked().write({"editor_ids": [Command.link(self.env.uid)]})

    def _keep_uploaders(self, users):
        if links := [Command.link(user.id) for user in users]:
            self.sudo()._unlocked().write({"uploader_ids": links})

    # ------------------------------------------------------------ files
    def _files(self):
        """Return the document's files in the order they were added."""
        own = Domain("res_model", "=", self._name) & Domain("res_id", "=", self.id)
        files = self.env["ir.attachment"].sudo()
        return files.search(own & Domain("res_field", "=", False), order="id")

    def _event_digest(self):
        return self.digest or None

    # ------------------------------------------------------------ submitting
    def _check_complete(self):
        for document in self:
            if missing := document.type_id._missing_message(document):
                raise UserError(missing)

    def _submit(self):
        for document in self:
            document._move_to("submitted", **document._prepare_submission())
            document.type_id._draw_sample(document)
            document.check_ids._renew(document)
            self.env["nka.document.review"]._open(document)
            document._close_review()
            document._ask(REVIEW, document.reviewer_id)
        content.record(self)

    def _prepare_submission(self):
        digest = self._files()._seal()
        today = fields.Date.context_today(self)
        return {
            **super()._prepare_submission(),
            "digest": digest,
            "revision": self.revision + bool(self.digest and self.digest != digest),
            "submit_date": fields.Datetime.now(),
            "waiting_since": today,
            "deadline": today + relativedelta(days=self.type_id.review_days),
            "deal_amount": self._weight(),
            "review_count": self.review_count + 1,
            "reviewer_id": self._reviewers()[:1].id,
        }

    def _weight(self):
        """Return the revenue of the deal, else of the account's open deals."""
        document = self.sudo()
        if document.lead_id:
            return document.lead_id.expected_revenue
        return document.key_account_id.pipeline_amount or 0

    def _reviewers(self):
        """Return supervisors: the one named, then the account's, then any other."""
        others = super()._reviewers() - self.env.user
        wanted = self.reviewer_id | self.sudo().key_account_id.supervisor_id | others
        return wanted & others

    # ------------------------------------------------------------ deciding
    def action_review(self):
        """Open the checklist and the decision in a dialog, with the files beside."""
        return self.env["nka.document.review"]._ask(self)

    def action_return(self, findings=None):
        """Return documents to their authors with findings.

        Without ``findings``, return the action of the wizard, unless findings were
        already entered on all documents.

        :param findings: one text, or a list of texts or of dictionaries with
            ``text`` and optionally ``item`` and ``deadline``
        :raise AccessError: unless a supervisor without a part in the document calls it
        """
        self._check_reviewer()
        self._check_state("submitted")
        self._check_not_maker()
        if findings is None and not all(row.finding_ids._unsent() for row in self):
            return self.env["nka.document.return"]._ask(self)
        for document in self:
            raised = document.finding_ids._raise(document, findings or [])
            document._return("\n".join(raised.mapped("text")))
            document._ask(ANSWER, document.author_id)
        return True

    def _check_reviewer(self):
        """Check that a supervisor reviews, and name the one who approved already."""
        result = super()._check_reviewer()
        self.check_access("read")
        for document in self.filtered(lambda row: row.state == "approved"):
            raise UserError(
                self.env._(
                    "%(document)s is already approved by %(person)s.",
                    document=document.display_name,
                    person=document.sudo().approved_by_id.name,
                )
            )
        return result

    def _check_approvable(self):
        """Check that bulk approval is allowed, the checklists of samples are complete
        and the files are those submitted.
        """
        if len(self) > 1:
            self.sudo()._check_together()
        if checks := self.sudo().filtered("is_sampled").check_ids:
            checks._check_done()
        for document in self:
            if contradiction := document._files()._contradiction(document):
                raise UserError(contradiction)

    def _check_together(self):
        single = self.filtered(lambda row: row.is_sampled or not row.type_id.allow_bulk)
        if single:
            raise UserError(
                self.env._(
                    "Open these documents one by one, because their type requires it "
                    "or they were selected for sampling: %s",
                    ", ".join(single.mapped("display_name")),
                )
            )

    def _approve(self):
        for document in self:
            note = document.check_ids and document.check_ids._note()
            document._move_to("approved", note=note, **document._prepare_approval())
            if findings := document.sudo().finding_ids:
                findings._close()
            document._keep_verdict("approved")
            document._supersede(document.previous_id)
        content.record(self)
        self._close_review()

    def _prepare_approval(self):
        days = self.type_id.validity_days
        end = fields.Date.context_today(self) + relativedelta(days=days)
        return {
            **super()._prepare_approval(),
            "reviewer_id": self.env.uid,
            "deadline": False,
            "valid_until": self.valid_until or (days and end),
        }

    def _supersede(self, document):
        if document.state in ("approved", "expired", "returned"):
            note = self.env._("Superseded by %s", self.display_name)
            document.sudo()._move_to("superseded", note=note, deadline=False)

    def _return(self, reason):
        self._keep_verdict("returned")
        return super()._return(reason)

    def _prepare_return(self, reason):
        return {
            "reviewer_id": self.env.uid,
            "deadline": self.finding_ids._answer_deadline(self),
            "editor_ids": [Command.clear()],
        }

    def _keep_verdict(self, verdict):
        self.sudo().review_ids._decide(verdict)

    # ------------------------------------------------------------ revisions
    def action_new_revision(self):
        """Start the next revision: a draft with copies of the files.

        An approved document stays valid until the new revision is approved.

        :return: the action that opens the new revision
        """
        self.ensure_one()
        self.check_access("read")
        self._check_state("approved", "returned", "expired")
        successor = self.search(
            [("previous_id", "=", self.id), ("state", "in", WORK_STATES)], limit=1
        )
        return intake.open_form(successor or self._make_revision())

    def _make_revision(self):
        changes = {
            "author_id": self.env.uid,
            "reviewer_id": self.reviewer_id.id,
            "revision": self.revision + 1,
            "previous_id": self.id,
            "uploader_ids": [Command.set(self._uploaders().ids)],
        }
        successor = self._unlocked().create(self.copy_data(changes)[0])
        intake.carry_over(self, successor)
        if self.state == "returned":
            self.sudo().finding_ids._carry_over(successor)
            successor._supersede(self)
            content.record(self)  # It could be changed after its return.
            self._close_review()
        return successor

    # ------------------------------------------------------------ intake
    @api.model
    def action_create_from_attachments(self, attachment_ids, **values):
        """Create a document from files: loose files are moved, others are copied.

        :param list attachment_ids: ids of files the user can read
        :param values: other values, as ``lead_id``, ``key_account_id``, ``type_id``
        :return: the action that opens the document
        """
        files = self.env["ir.attachment"].browse(attachment_ids)
        files.check_access("read")
        document = self.create({**intake.values_of_file(files[:1]), **values})
        intake.take_in(document, files)
        return intake.open_form(document)

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Create a draft from an employee's email, with its attachments as files."""
        values = {**(custom_values or {}), **intake.values_of_mail(self.env, msg_dict)}
        return super().message_new(msg_dict, custom_values=values)

    def message_update(self, msg_dict, update_vals=None):
        """Add the attachments of an email to the document, unless it is locked."""
        if msg_dict.get("attachments") and self.state in FROZEN_STATES:
            intake.leave_out_files(self.env, msg_dict)
        elif msg_dict.get("attachments") and self.env.su:
            self._keep_uploaders(intake.sender(self.env, msg_dict))
        return super().message_update(msg_dict, update_vals=update_vals)

    # ------------------------------------------------------------ reminders
    def _ask(self, activity_type, person):
        if person:
            self.sudo().activity_schedule(
                activity_type, self.deadline, user_id=person.id
            )

    def _close_review(self):
        self.sudo().activity_feedback([REVIEW, ANSWER, OVERDUE])

    @api.model
    def _cron_remind(self):
        escalate(self.search([("is_overdue", "=", True)]))

    @api.model
    def _cron_expire(self):
        expire(self)
