from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError

from ..trail.roles import SUPERVISOR

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
        return documents

    def write(self, vals):
        if not self._is_unlocked(vals) and not vals.keys().isdisjoint(CONTENT_FIELDS):
            self._check_open()
            self._check_author(vals)
            result = super().write(self._prepare_subject(vals))
            self._check_subject_access()
            self._keep_editor()
            return result
        return super().write(vals)

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
