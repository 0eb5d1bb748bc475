from datetime import datetime, time, timedelta

from pytz import timezone, utc

from odoo import api, fields, models
from odoo.fields import Domain


class WorkReportSources(models.Model):
    """Where the facts of a report come from.

    Every source is one grouped query for all reports of the same days; those of a
    room that isn't there are left out.
    """

    _inherit = "nka.work.report"

    # ------------------------------------------------------------ sources
    @api.model
    def _fact_sources(self):
        """What is counted for a report, in the order it is shown.

        A source names ``model``, ``domain``, the ``date`` and ``owner`` fields and
        optionally an ``amount`` field; or, for anything else, a ``method`` that takes
        users, company, first and last day and returns (count, amount, ids) by user.

        :rtype: list[dict]
        """
        sources = [
            self._source_negotiations(),
            self._source_vip_leads(),
            self._source_quotations(),
            self._source_deals_won(),
            self._source_documents(),
            self._source_commitments(),
            self._source_overdue(),
        ]
        return [source for source in sources if source["model"] in self.env]

    @api.model
    def _source_vip_leads(self):
        return {
            "kind": "new_vip_leads",
            "label": self.env._("New VIP leads"),
            "model": "crm.lead",
            "domain": [("is_vip", "=", True)],
            "date": "create_date",
            "owner": "user_id",
            "amount": "expected_revenue",
        }

    @api.model
    def _source_quotations(self):
        return {
            "kind": "quotations",
            "label": self.env._("Quotations"),
            "model": "sale.order",
            "domain": [("state", "!=", "cancel")],
            "date": "create_date",
            "owner": "user_id",
            "amount": "amount_untaxed",
        }

    @api.model
    def _source_deals_won(self):
        return {
            "kind": "deals_won",
            "label": self.env._("Deals won"),
            "model": "crm.lead",
            "domain": [("stage_id.is_won", "=", True)],
            "date": "date_closed",
            "owner": "user_id",
            "amount": "expected_revenue",
        }

    @api.model
    def _source_overdue(self):
        return {
            "kind": "overdue",
            "label": self.env._("Overdue receivables"),
            "model": "account.move.line",
            "method": self._count_overdue,
        }

    @api.model
    def _source_negotiations(self):
        events = self.env["calendar.event"]
        return {
            "kind": "negotiations",
            "label": self.env._("Negotiations held"),
            "model": "calendar.event",
            "domain": events._domain_held(),
            "date": "start",
            "owner": "user_id",
        }

    @api.model
    def _source_documents(self):
        return {
            "kind": "documents_submitted",
            "label": self.env._("Documents submitted"),
            "model": "nka.document",
            "domain": [],
            "date": "submit_date",
            "owner": "submitted_by_id",
        }

    @api.model
    def _source_commitments(self):
        return {
            "kind": "commitments_closed",
            "label": self.env._("Commitments closed"),
            "model": "nka.commitment",
            "domain": [("state", "in", ("kept", "breached", "waived"))],
            "date": "closed_date",
            "owner": "manager_id",
        }

    # ------------------------------------------------------------ collecting
    def _collect_facts(self):
        """Write the facts of these reports anew, as of now.

        The number of queries depends on the kinds of facts and on the spans of days,
        not on the number of managers.
        """
        open_reports = self.sudo().filtered(lambda r: r.state in ("draft", "returned"))
        vals_list = []
        for (company, first, last), reports in open_reports.grouped(
            lambda r: (r.company_id, r.date_from, r.date_to)
        ).items():
            vals_list += reports._prepare_facts(company, first, last)
        facts = self.env["nka.work.report.fact"].sudo()
        facts.search([("report_id", "in", open_reports.ids)]).unlink()
        facts._unlocked().create(vals_list)
        open_reports._unlocked().write({"facts_date": fields.Datetime.now()})

    def _prepare_facts(self, company, first, last):
        users = self.user_id
        report_by_user = {report.user_id.id: report.id for report in self}
        vals_list = []
        for sequence, source in enumerate(self._fact_sources()):
            count = source.get("method") or self._count_source
            found = count(users, company, first, last, source) if users else {}
            for user_id, report_id in report_by_user.items():
                number, amount, ids = found.get(user_id, (0, 0.0, []))
                vals_list.append(
                    {
                        "report_id": report_id,
                        "sequence": sequence,
                        "kind": source["kind"],
                        "res_model": source["model"],
                        "count": number,
                        "amount": amount,
                        "res_ids": ids,
                    }
                )
        return vals_list

    @api.model
    def _count_source(self, users, company, first, last, source):
        """Count one source for all users with one grouped query.

        :return: (count, amount, ids) by user id
        """
        records = self.env[source["model"]].sudo().with_context(active_test=False)
        domain = Domain(source["domain"]) & Domain(source["owner"], "in", users.ids)
        domain &= self._domain_days(records, source["date"], company, first, last)
        if "company_id" in records._fields and records._fields["company_id"].store:
            domain &= Domain("company_id", "in", [company.id, False])
        wanted = ["__count", "id:array_agg"]
        if source.get("amount"):
            wanted.append(f"{source['amount']}:sum")
        return {
            owner.id: (count, amount[0] if amount else 0.0, sorted(ids))
            for owner, count, ids, *amount in records._read_group(
                domain, [source["owner"]], wanted
            )
        }

    @api.model
    def _domain_days(self, records, fname, company, first, last):
        if records._fields[fname].type == "date":
            return Domain(fname, ">=", first) & Domain(fname, "<=", last)
        zone = timezone(company.sudo().resource_calendar_id.tz or "UTC")

        def at_midnight(day):
            local = zone.localize(datetime.combine(day, time.min))
            return local.astimezone(utc).replace(tzinfo=None)

        until = at_midnight(last + timedelta(days=1))
        return Domain(fname, ">=", at_midnight(first)) & Domain(fname, "<", until)

    @api.model
    def _count_overdue(self, users, company, first, last, source):
        """Receivables of the managers' accounts that are overdue on the last day, or
        today while the week runs."""
        day = min(last, fields.Date.context_today(self))
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT account.manager_id, COUNT(*), SUM(line.amount_residual),
                   ARRAY_AGG(line.id ORDER BY line.id)
              FROM nka_key_account account
              JOIN res_partner party
                ON party.commercial_partner_id = account.partner_id
              JOIN account_move_line line
                ON line.partner_id = party.id AND line.company_id = account.company_id
              JOIN account_account receivable
                ON receivable.id = line.account_id
               AND receivable.account_type = 'asset_receivable'
             WHERE account.company_id = %s AND account.manager_id IN %s
               AND line.parent_state = 'posted' AND line.reconciled IS NOT TRUE
               AND line.amount_residual > 0 AND line.date_maturity < %s
             GROUP BY account.manager_id
            """,
            [company.id, tuple(users.ids), day],
        )
        return {
            user: (count, amount, ids)
            for user, count, amount, ids in self.env.cr.fetchall()
        }
