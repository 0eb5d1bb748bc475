from contextlib import nullcontext

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, LazyTranslate

from ..trail.roles import ADMIN

_lt = LazyTranslate(__name__)
#: Fields with the requirements of a stage.
REQUIREMENTS = ("nka_document_type_ids", "requires_qualification")

#: Fields whose change can leave deals in the stage without meeting its requirements.
GATE_FIELDS = {"nka_document_type_ids", "requires_qualification", "is_won"}


class CrmStage(models.Model):
    """Stages can require documents or a qualification from key account deals.

    Only key account administrators can change these requirements, and changes are
    logged. Sales administrators manage the rest of a stage as usual.
    """

    _inherit = "crm.stage"
    _audit_kinds = {"requirements": _lt("Stage requirements")}

    nka_document_type_ids = fields.Many2many(
        "nka.document.type",
        "nka_document_type_stage_rel",
        "stage_id",
        "type_id",
        "Required documents",
        help=(
            "A key account deal or VIP lead can enter this stage only with an "
            "approved document of each of these types."
        ),
    )
    requires_qualification = fields.Boolean(
        "Approved qualification required",
        help=(
            "A key account deal can enter this stage only while the account has an "
            "approved qualification."
        ),
    )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        stages = super().create(vals_list)
        asking = stages.filtered(lambda stage: stage._nka_requirements())
        asking._nka_settle_requirements(dict.fromkeys(asking, ""))
        return stages

    def write(self, vals):
        before = {}
        if not vals.keys().isdisjoint(REQUIREMENTS):
            before = {stage: stage._nka_requirements() for stage in self}
        with self._nka_watching(vals):
            result = super().write(vals)
        if before:
            self._nka_settle_requirements(before)
        return result

    def unlink(self):
        asking = self.filtered(lambda stage: stage._nka_requirements())
        if asking:
            asking._nka_check_may_require()
        return super().unlink()

    def _nka_watching(self, vals):
        """List deals already in the stage for the supervisors; the deals stay there."""
        if vals.keys().isdisjoint(GATE_FIELDS):
            return nullcontext()
        condition = SQL("lead.stage_id = ANY(%s)", list(self._ids))
        cause = self.env._("The stage requirements changed")
        return self.env["crm.lead"]._watching_gates(condition, cause)

    # ------------------------------------------------------------ requirements
    def _nka_requirements(self):
        """Return the requirements of this stage as text.

        :rtype: str
        """
        self.ensure_one()
        stage = self.sudo()
        types = stage.nka_document_type_ids.filtered("active")
        words = types.sorted("id").mapped("name")
        if stage.requires_qualification:
            words.append(self.env._("an approved qualification"))
        return ", ".join(words)

    def _nka_settle_requirements(self, before):
        """Check and log changed requirements of stages.

        :param dict before: requirements by stage before the change
        """
        changed = self.filtered(
            lambda stage: before[stage] != stage._nka_requirements()
        )
        # The installation sets requirements as superuser, without an event.
        if not changed or self.env.uid == SUPERUSER_ID:
            return
        changed._nka_check_may_require()
        self.env["nka.audit.event"]._record(
            changed,
            "requirements",
            old=before.get,
            new=lambda stage: stage._nka_requirements(),
        )

    def _nka_check_may_require(self):
        users = self.env["res.users"]
        if self.env.uid == SUPERUSER_ID or self.env.user.has_group(ADMIN):
            return
        raise AccessError(
            self.env._(
                "Only a key account administrator can change what key account deals "
                "need for “%(stage)s”. Ask %(people)s.",
                stage=self[:1].name,
                people=users._nka_name_holders(ADMIN, self.env.company),
            )
        )
