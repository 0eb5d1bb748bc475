from odoo import Command, api, fields, models
from odoo.tools import is_html_empty

from ..trail.confined import check_reader


class JobDescription(models.TransientModel):
    """Composes the description of a position, and asks before it replaces edited texts."""

    _name = "nka.job.description"
    _inherit = ["nka.known.mixin"]
    _description = "Compose description"

    job_id = fields.Many2one(
        "hr.job", "Job position", required=True, ondelete="cascade"
    )
    version_id = fields.Many2one(
        "nka.pay.plan.version",
        "Pay plan",
        default=lambda self: self._only_version(),
        domain="[('state', '=', 'approved')]",
        help="Pay mix, goals and bonus basis are described, without amounts. Empty: the "
        "description doesn't mention pay.",
    )
    has_versions = fields.Boolean(
        compute="_compute_has_versions", export_string_translation=False
    )
    line_ids = fields.One2many(
        "nka.job.description.line",
        "wizard_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
        compute_sudo=False,
    )

    # ------------------------------------------------------------ defaults
    @api.model
    def _versions(self):
        """Return the versions in force today that the user can read."""
        if not self.env["nka.pay.plan"].has_access("read"):
            return self.env["nka.pay.plan.version"]
        plans = self.env["nka.pay.plan"].search(
            [("company_id", "=", self.env.company.id)]
        )
        return plans.version_id

    @api.model
    def _only_version(self):
        versions = self._versions()
        return versions if len(versions) == 1 else False

    # ------------------------------------------------------------ compute
    @api.depends_context("uid")
    def _compute_has_versions(self):
        self.has_versions = self.env["nka.pay.plan"].has_access("read")

    @api.depends("job_id", "version_id")
    def _compute_line_ids(self):
        for wizard in self:
            job = wizard.job_id._origin or wizard.job_id
            lines = [wizard._prepare_line(*place) for place in job._nka_places()]
            wizard.line_ids = [Command.clear(), *map(Command.create, lines)]

    def _prepare_line(self, fname, code):
        job = self.job_id.with_context(lang=code)
        is_edited = job._nka_is_edited(fname, code)
        return {
            "fname": fname,
            "lang": code,
            "current": job[fname] if is_edited else False,
            "composed": job._nka_compose(self.version_id),
            "is_edited": is_edited,
            "is_written": not is_edited,
        }

    # ------------------------------------------------------------ constraints
    @api.constrains("version_id")
    def _check_readable(self):
        """Refuse plan versions that the user can't read."""
        if self.version_id:
            check_reader(self.version_id)

    # ------------------------------------------------------------ actions
    def action_write(self):
        """Write the selected texts to the position.

        :raise AccessError: for users who can't edit the position
        """
        self.ensure_one()
        self.job_id.check_access("write")
        for line in self.line_ids.filtered("is_written"):
            if not is_html_empty(line.composed):
                self.job_id._nka_write_text(line.fname, line.lang, line.composed)
        return {"type": "ir.actions.act_window_close"}
