import hashlib
import json

from odoo import api, fields, models

from ... import paycalc
from .border import to_decimal
from .nka_pay_plan_version import TERM_FIELDS

#: Held as 0.5, read and entered as 50 %.
PARTS_OF_ONE = ("threshold", "cap")


class PayPlanVersionTerms(models.Model):
    """A version's terms: for the arithmetic, for comparison and for the digest."""

    _inherit = "nka.pay.plan.version"

    differences = fields.Json(compute="_compute_differences")
    differences_html = fields.Html("Changes", compute="_compute_differences")

    # ------------------------------------------------------------ compute
    @api.depends(
        *TERM_FIELDS,
        "source_id",
        "line_ids.weight",
        "line_ids.kpi_id",
        "tier_ids.factor",
        "tier_ids.from_percent",
    )
    def _compute_differences(self):
        for version in self:
            changes = version._list_differences()
            version.differences = changes
            version.differences_html = changes and self.env["ir.qweb"]._render(
                "nka_key_accounts.pay_plan_version_differences", {"changes": changes}
            )

    # ------------------------------------------------------------ terms
    def _plan_terms(self):
        """The version as the pay arithmetic knows it.

        :rtype: paycalc.PlanTerms
        :raise paycalc.TermsError: for terms nobody can be paid by
        """
        self.ensure_one()
        return paycalc.PlanTerms(
            mix=self._prepare_mix(),
            goals=tuple(line._goal_terms() for line in self.line_ids),
            scale=self._prepare_scale(),
            basis=self.bonus_basis,
            tiers=self.tier_ids._tiers() or paycalc.PLAIN,
            policy=self.holding_policy,
        )

    def _prepare_mix(self):
        return paycalc.PayMix(
            *(to_decimal(self[name]) for name in TERM_FIELDS[:3]),
        )

    def _prepare_scale(self):
        return paycalc.Scale(to_decimal(self.threshold, 4), to_decimal(self.cap, 4))

    def _describe_terms(self):
        """The terms as rows of (key, label, text), for digest and comparison."""
        self.ensure_one()
        rows = [
            (name, self._fields[name]._description_string(self.env), self._show(name))
            for name in TERM_FIELDS
        ]
        rows += [line._describe() for line in self.line_ids.sorted("kpi_id")]
        rows += [tier._describe() for tier in self.tier_ids.sorted("from_percent")]
        return rows

    def _terms_to_read(self):
        """The described terms by key, parts of one as the percentages the form shows.

        The digest keeps the plain numbers: what was accepted was accepted with those.
        """
        rows = {key: (label, text) for key, label, text in self._describe_terms()}
        for name in PARTS_OF_ONE:
            rows[name] = (rows[name][0], f"{self[name] * 100:g} %")
        return rows

    def _show(self, name):
        field = self._fields[name]
        if field.type == "selection":
            return dict(field._description_selection(self.env))[self[name]]
        return f"{self[name]:g}"

    def _list_differences(self):
        """What changed against the version this one was copied from.

        :rtype: list[dict]
        """
        source = self.sudo().source_id
        if not source:
            return []
        before, now = source._terms_to_read(), self._terms_to_read()
        return [
            {
                "label": (now.get(key) or before[key])[0],
                "before": before.get(key, ("", ""))[1],
                "now": now.get(key, ("", ""))[1],
            }
            for key in {**before, **now}
            if before.get(key, ("", ""))[1] != now.get(key, ("", ""))[1]
        ]

    def _make_digest(self):
        """SHA-256 over the terms in the source language, version-prefixed."""
        version = self.with_context(lang="en_US")
        rows = [[key, text] for key, _label, text in version._describe_terms()]
        return self._digest_of([version.plan_id.id, str(version.date_start), rows])

    @api.model
    def _digest_of(self, content):
        """SHA-256 over canonical JSON of plain values, version-prefixed."""
        text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
        return f"v1${hashlib.sha256(text.encode()).hexdigest()}"
