from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..facts import measured, negotiations, payments
from ..trail.opening import open_list


class WorkReportFact(models.Model):
    """Recorded activity: one figure of a weekly report, with the records counted."""

    _name = "nka.work.report.fact"
    _description = "Recorded activity of a weekly report"
    _inherit = ["nka.guard.mixin"]
    _order = "sequence, id"

    _guarded_fields = ("report_id", "kind", "count", "amount", "res_model", "res_ids")

    report_id = fields.Many2one(
        "nka.work.report", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="report_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    sequence = fields.Integer()
    kind = fields.Char(required=True)
    name = fields.Char(compute="_compute_name")
    count = fields.Integer()
    amount = fields.Monetary()
    res_model = fields.Char("Source model")
    res_ids = fields.Json("Source records")

    def _compute_name(self):
        sources = self._fact_sources()
        labels = {source["kind"]: source["label"] for source in sources}
        for fact in self:
            fact.name = labels.get(fact.kind, fact.kind)

    # ------------------------------------------------------------ actions
    def action_open(self):
        """Open the records behind the figure, with the user's own access rights.

        :raise UserError: if there are none
        """
        self.ensure_one()
        if not self.res_ids:
            raise UserError(self.env._("There are no records behind this figure."))
        return open_list(
            self.env,
            self.res_model,
            [("id", "in", self.res_ids)],
            self.name,
            context={"active_test": False, "create": False},
        )

    # ------------------------------------------------------------ sources
    @api.model
    def _fact_sources(self):
        """Hook: return the figures collected for a report, in display order.

        Other modules extend the list. A source gives ``kind``, ``label``, ``model``,
        ``domain``, the ``date`` and ``owner`` fields and optionally an ``amount``
        field. Instead of a domain and fields, it can give a ``method`` that takes
        users, company, first day, last day and the source, and returns (count, amount,
        ids) by user id.

        :rtype: list[dict]
        """
        return [
            *self._negotiation_sources(),
            *self._lead_sources(),
            *self._sale_sources(),
            *self._document_sources(),
            {
                "kind": "overdue",
                "label": self.env._("Overdue receivables"),
                "model": "account.move.line",
                "method": self._count_overdue,
            },
        ]

    @api.model
    def _negotiation_sources(self):
        meetings = {"model": "calendar.event", "method": self._count_negotiations}
        return [
            {
                "kind": "negotiations",
                "label": self.env._("Negotiations held"),
                "reasons": (None, *negotiations.UNPROVEN),
                **meetings,
            },
            {
                "kind": "negotiations_unproven",
                "label": self.env._("Of these, proven only by this report"),
                "reasons": negotiations.UNPROVEN,
                **meetings,
            },
        ]

    @api.model
    def _lead_sources(self):
        is_vip = Domain("is_vip", "=", True)
        leads = {"model": "crm.lead", "amount": "expected_revenue"}
        return [
            {
                "kind": "new_vip_leads",
                "label": self.env._("New VIP leads"),
                "domain": is_vip,
                "date": "create_date",
                "owner": "user_id",
                **leads,
            },
            {
                "kind": "own_vip_leads",
                "label": self.env._("Own-channel VIP leads, confirmed"),
                "domain": is_vip & self.env["crm.lead"]._domain_own_channel(),
                "date": "origin_decision_date",
                "owner": "origin_claimed_by_id",
                **leads,
            },
        ]

    @api.model
    def _sale_sources(self):
        return [
            {
                "kind": "quotations",
                "label": self.env._("Quotations"),
                "model": "sale.order",
                "domain": Domain("state", "!=", "cancel"),
                "date": "create_date",
                "owner": "user_id",
                "amount": "amount_untaxed",
            },
            {
                "kind": "deals_won",
                "label": self.env._("Deals won"),
                "model": "crm.lead",
                "domain": Domain("stage_id.is_won", "=", True),
                "date": "date_closed",
                "owner": "user_id",
                "amount": "expected_revenue",
            },
        ]

    @api.model
    def _document_sources(self):
        return [
            {
                "kind": "documents_submitted",
                "label": self.env._("Documents submitted"),
                "model": "nka.document",
                "domain": [],
                "date": "submit_date",
                "owner": "submitted_by_id",
            },
            {
                "kind": "commitments_closed",
                "label": self.env._("Commitments closed"),
                "model": "nka.commitment",
                "domain": Domain("state", "in", ["kept", "breached", "waived"]),
                "date": "closed_date",
                "owner": "manager_id",
            },
        ]

    @api.model
    def _count_source(self, users, company, first, last, source):
        """Count one source for all users with one grouped query.

        :return: (count, amount, ids) by user id
        """
        records = self.env[source["model"]].sudo().with_context(active_test=False)
        self.env.flush_all()
        scoped = measured.scope(
            records,
            company,
            first,
            last,
            domain=source["domain"],
            date_field=source["date"],
            owner_field=source["owner"],
            owners=users.ids,
        )
        return {
            owner_id: (count, float(total), sorted(ids))
            for owner_id, count, total, ids in measured.sum_by_owner(
                records,
                company,
                scoped,
                source["owner"],
                source.get("amount"),
                source["date"],
            )
        }

    @api.model
    def _count_negotiations(self, users, company, first, last, source):
        """Count negotiations held: proven ones, and those that only lack a proof.

        The user who approves the report confirms the latter.
        """
        self.env.flush_all()
        found = defaultdict(list)
        for event_id, user_id, reason, *_client in negotiations.read(
            self.env, company, users, first, last
        ):
            if reason in source["reasons"]:
                found[user_id].append(event_id)
        return {user_id: (len(ids), 0.0, sorted(ids)) for user_id, ids in found.items()}

    @api.model
    def _count_overdue(self, users, company, first, last, source):
        """Sum up overdue receivables of the managers' accounts.

        As of the last day, or of today while the week runs.
        """
        day = min(last, fields.Date.context_today(self))
        self.env.flush_all()
        return payments.read_overdue_items(company, users, day)

    # ------------------------------------------------------------ collecting
    @api.model
    def _collect(self, reports):
        """Replace the facts of reports.

        The number of queries depends on the kinds of facts and on the date spans, not
        on the number of managers.
        """
        vals_list = []
        for (company, first, last), group in reports.grouped(
            lambda report: (report.company_id, report.date_from, report.date_to)
        ).items():
            vals_list += self._prepare_facts(group, company, first, last)
        facts = self.sudo()
        facts.search([("report_id", "in", reports.ids)]).unlink()
        facts._unlocked().create(vals_list)

    @api.model
    def _prepare_facts(self, reports, company, first, last):
        users = reports.user_id
        vals_list = []
        for sequence, source in enumerate(self._fact_sources()):
            count = source.get("method") or self._count_source
            found = count(users, company, first, last, source) if users else {}
            for report in reports:
                number, amount, ids = found.get(report.user_id.id, (0, 0.0, []))
                vals_list.append(
                    {
                        "report_id": report.id,
                        "sequence": sequence,
                        "kind": source["kind"],
                        "res_model": source["model"],
                        "count": number,
                        "amount": amount,
                        "res_ids": ids,
                    }
                )
        return vals_list
