from odoo import fields, models


class PayStatement(models.Model):
    """Print and send statements only while their month matches its integrity hash."""

    _inherit = "nka.pay.statement"
    _guarded_fields = ("revision", "replaced_revision")

    revision = fields.Integer(
        "Revision of the month",
        readonly=True,
        copy=False,
        help="The locked revision of the month that this statement belongs to.",
    )
    replaced_revision = fields.Integer(
        "Replaces revision",
        readonly=True,
        copy=False,
        help="The revision in which this statement was locked before the month was "
        "reopened.",
    )
    mail_ids = fields.One2many("nka.pay.statement.mail", "statement_id", readonly=True)
    mail_state = fields.Selection(
        "_selection_mail_state", "Email status", compute="_compute_mail_state"
    )

    def _selection_mail_state(self):
        mails = self.env["nka.pay.statement.mail"]
        return mails._fields["state"]._description_selection(self.env)

    def _compute_mail_state(self):
        for statement in self:
            statement.mail_state = statement.sudo().mail_ids[:1].state

    def _check_printable(self):
        """Check that the months of locked statements match their integrity hash.

        :raise UserError: if one doesn't
        """
        found = self.env.context.get("nka_checked")
        if isinstance(found, _Checked) and found.issuperset(self.ids):
            return
        locked = self.sudo().filtered(lambda row: row.state == "locked")
        for close in locked.close_id:
            close._check_sealed()

    def _say_replaced(self):
        """Return a sentence that an earlier statement is replaced, or "" if none is."""
        self.ensure_one()
        if not (self.replaced_revision and self.revision):
            return ""
        return self.env._(
            "This statement belongs to revision %(revision)s of the month. It "
            "replaces the statement of revision %(replaced)s, which is no longer "
            "valid.",
            revision=self.revision,
            replaced=self.replaced_revision,
        )

    def _note_revision(self, number):
        """Store the revision in which these statements were locked.

        :param int number: the revision just locked
        """
        fresh = self.filtered(lambda row: row.state == "locked" and not row.revision)
        fresh._unlocked().write({"revision": number})

    def _note_reopened(self):
        """Store the revision to be replaced next, and withdraw emails not sent yet."""
        for number, group in self.filtered("revision").grouped("revision").items():
            group._unlocked().write({"revision": 0, "replaced_revision": number})
        self.mail_ids._withdraw()

    def _render_pdf(self):
        """Return the statement as a PDF in the employee's language.

        :rtype: bytes
        """
        self.ensure_one()
        language = self.sudo().user_id.lang or self.env.lang
        reports = self.env["ir.actions.report"].sudo().with_context(lang=language)
        content, _type = reports._render_qweb_pdf(
            "nka_key_accounts.action_report_pay_statement", self.ids
        )
        return content


class _Checked(frozenset):
    """Ids of statements whose month was verified in this step.

    RPC clients can't put an instance of this class into the context. It contains the
    ids, because the context is passed on to reports and emails.
    """


def checked(records, statements):
    """Return the records with a context in which the months of ``statements`` count as
    verified.
    """
    return records.with_context(nka_checked=_Checked(statements.ids))
