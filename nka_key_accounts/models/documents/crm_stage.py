from contextlib import nullcontext

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, LazyTranslate

from ..trail.roles import ADMIN

_lt = LazyTranslate(__name__)
#: What the gate of a stage asks for.
REQUIREMENTS = ("nka_document_type_ids", "requires_qualification")

#: What a change of these asks of the deals that are in the stage.
GATE_FIELDS = {"nka_document_type_ids", "requires_qualification", "is_won"}


class CrmStage(models.Model):
    """A stage may be a gate for the deals of key accounts.

    What it asks for is set by who administers key accounts, on record; all else of a stage
    is the sales administrator's as ever.
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
        """Deals that are in the stage already stay there, and are listed."""
        if vals.keys().isdisjoint(GATE_FIELDS):
            return nullcontext()
        condition = SQL("lead.stage_id = ANY(%s)", list(self._ids))
        cause = self.env._("The stage requirements changed")
        return self.env["crm.lead"]._watching_gates(condition, cause)

    # ------------------------------------------------------------ requirements
    def _nka_requirements(self):
        """What this stage asks for, in words.

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
        """Refuse or record that stages ask for something else.

        :param dict before: what they asked for
        """
        changed = self.filtered(
            lambda stage: before[stage] != stage._nka_requirements()
        )
        # The installation sets what stages require in nobody's name.
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
