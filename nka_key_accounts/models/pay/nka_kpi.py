import ast
import math
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ... import paycalc
from ..facts import calendars, measured, negotiations, payments, sales
from .border import to_decimal
from .measurement import Measurement

#: Model prefixes that custom KPIs can't use (technical, personal and pay data). KPIs
#: run as superuser and must not expose records the user can't read.
CLOSED_MODELS = (
    "ir.",
    "res.",
    "base",
    "bus.",
    "auth",
    "mail.",
    "sms.",
    "hr.",
    "payment.",
    "payslip",
    "resource.",
    "nka.pay.",
    "nka.bonus.",
    "nka.month.",
    "nka.season",
    "nka.kpi",
    "nka.audit.",
    "nka.work.report",
    "nka.health.",
    "nka.reading",
)

#: Account health must never affect pay.
UNPAID_FIELDS = ("health", "health_level", "health_scores")
NUMBERS = ("integer", "float", "monetary")

#: Fields that define what a custom KPI counts.
CUSTOM_FIELDS = (
    "model_id",
    "domain",
    "date_field_id",
    "owner_field_id",
    "aggregate",
    "value_field_id",
)
#: Fields that are fixed once a plan version uses the KPI.
MEANING = {
    "measure",
    "direction",
    "is_count",
    "counts_colleagues",
    "company_id",
    *CUSTOM_FIELDS,
}

#: Maximum number of records of a KPI listed with a reason why they don't count.
MOST_LEFT_OUT = 500

#: Precision of measured values.
STEP = Decimal("0.0001")


class Kpi(models.Model):
    """Key performance indicator of managers: built in, or defined without code.

    For a built-in KPI, ``measure`` holds its key and ``_measure_<key>`` calculates it
    (docs: pay, season goals). Other addons add one with ``selection_add`` and that
    method.
    """

    _name = "nka.kpi"
    _description = "KPI"
    _inherit = ["nka.company.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        help="Short name that never changes: letters, digits and underscores.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", help="Leave empty to share the KPI with all companies."
    )
    measure = fields.Selection(
        [
            ("vip_leads", "Confirmed VIP leads"),
            ("average_check", "Average sale value"),
            ("overdue_share", "Overdue receivables, %"),
            ("negotiations", "Negotiations held"),
            ("custom", "Custom KPI"),
        ],
        "KPI type",
        default="custom",
        required=True,
    )
    direction = fields.Selection(
        [("higher", "Higher is better"), ("lower", "Lower is better")],
        default="higher",
        required=True,
    )
    is_count = fields.Boolean(
        "Is a count",
        help="Targets that are counts are prorated by the days employed in the season; "
        "averages and percentages aren't.",
    )
    counts_colleagues = fields.Boolean(
        "Count referrals from colleagues' clients",
        help="Whether VIP leads referred by a colleague's client count. Referrals from "
        "the manager's own clients always count once they are confirmed.",
    )
    unit = fields.Char(translate=True, help="Shown after the values, e.g. leads or %.")
    default_target = fields.Float(
        "Default target",
        digits=(16, 4),
        help="Default target for a manager who has no past seasons.",
    )
    default_zero_value = fields.Float(
        "Default zero-score value",
        digits=(16, 4),
        help="For lower-is-better: the value that scores 0.",
    )
    description = fields.Text(
        translate=True, help="What exactly counts, in plain words."
    )

    # What a custom KPI counts, and which date and owner its records have.
    model_id = fields.Many2one(
        "ir.model",
        "Record type",
        ondelete="cascade",
        domain="[('transient', '=', False), ('abstract', '=', False)]",
    )
    model_name = fields.Char(related="model_id.model")
    domain = fields.Char(
        "Filter",
        default="[]",
        help="Records that count. Archived records count only if the filter uses "
        "“Active”; lost leads always count.",
    )
    date_field_id = fields.Many2one(
        "ir.model.fields",
        "Date field",
        ondelete="cascade",
        domain="[('model_id', '=', model_id), ('store', '=', True), "
        "('ttype', 'in', ('date', 'datetime'))]",
        help="Date that determines the season a record counts in.",
    )
    owner_field_id = fields.Many2one(
        "ir.model.fields",
        "Owner field",
        ondelete="cascade",
        domain="[('model_id', '=', model_id), ('store', '=', True), "
        "('ttype', '=', 'many2one'), ('relation', 'in', ('res.users', 'hr.employee'))]",
        help="The person a record counts for: a user or an employee.",
    )
    aggregate = fields.Selection(
        [("count", "Number of records"), ("sum", "Sum"), ("average", "Average")],
        "Aggregation",
        default="count",
    )
    value_field_id = fields.Many2one(
        "ir.model.fields",
        "Field to aggregate",
        ondelete="cascade",
        help="Money is added up in company currency, at the rate of the record's date.",
        domain="[('model_id', '=', model_id), ('store', '=', True), "
        "('ttype', 'in', ('integer', 'float', 'monetary'))]",
    )

    _code_unique = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))",
        "Another KPI already uses this code.",
    )

    # ------------------------------------------------------------ checks
    @api.constrains("code")
    def _check_code(self):
        for kpi in self:
            if not (kpi.code.isascii() and kpi.code.replace("_", "a").isalnum()):
                raise ValidationError(
                    self.env._(
                        "“%s” isn't a valid code. Use letters, digits and underscores.",
                        kpi.code,
                    )
                )

    @api.constrains("measure", *CUSTOM_FIELDS)
    def _check_custom(self):
        for kpi in self.filtered(lambda kpi: kpi.measure == "custom"):
            kpi._check_model()
            kpi._check_fields()
            kpi._check_domain()

    def _check_model(self):
        name = self.model_id.model or ""
        model = self.env.get(name)
        if model is None or model._abstract or model._transient or not model._auto:
            raise ValidationError(
                self.env._("Choose the type of record that “%s” counts.", self.name)
            )
        if name.startswith(CLOSED_MODELS):
            raise ValidationError(
                self.env._(
                    "Custom KPIs can't use %s because it holds technical, personal or "
                    "pay records. Use deals, orders, invoices, meetings or documents.",
                    self.model_id.name,
                )
            )

    def _check_fields(self):
        self._check_field(self.date_field_id, ("date", "datetime"))
        self._check_field(self.owner_field_id, ("many2one",))
        if self.owner_field_id.relation not in ("res.users", "hr.employee"):
            raise ValidationError(
                self.env._("The owner field has to refer to a user or an employee.")
            )
        if self.aggregate != "count":
            self._check_field(self.value_field_id, NUMBERS)
            self._check_currency()

    def _check_field(self, field, types):
        if not field or field.model_id != self.model_id or field.ttype not in types:
            raise ValidationError(
                self.env._(
                    "“%(kpi)s” needs a date field, an owner field and, for a sum or "
                    "average, a numeric field of %(model)s.",
                    kpi=self.name,
                    model=self.model_id.name,
                )
            )
        self._check_open_field(self.env[field.model]._fields[field.name])

    def _check_currency(self):
        """Refuse amounts without a currency: they can't be added up."""
        records = self.env[self.model_id.model]
        if measured.is_bare_money(records, self.value_field_id.name):
            raise ValidationError(
                self.env._(
                    "“%(field)s” is an amount without a currency, so it can't be added "
                    "up. Choose an amount of %(model)s that has a currency, or count "
                    "the records.",
                    field=self.value_field_id.field_description,
                    model=self.model_id.name,
                )
            )

    def _check_open_field(self, field):
        if field.model_name == "nka.key.account" and field.name in UNPAID_FIELDS:
            raise ValidationError(
                self.env._(
                    "Account health is meant for managing the account and never "
                    "affects pay. Use activities or results instead: contacts, deals, "
                    "revenue."
                )
            )
        if field.groups or not field.store:
            raise ValidationError(
                self.env._(
                    "“%s” can't be used in a KPI because it isn't stored or its access "
                    "is restricted.",
                    field.name,
                )
            )

    def _check_domain(self):
        for condition in self._read_domain().iter_conditions():
            self._check_path(condition.field_expr)
            if "any" in condition.operator:
                raise ValidationError(
                    self.env._("A KPI filter can contain plain comparisons only.")
                )

    def _check_path(self, path):
        """Check every field of a dotted path. References to users and partners can be
        compared, but their fields can't be read."""
        model = self.env[self.model_id.model]
        for name in path.split("."):
            if model._name.startswith(CLOSED_MODELS):
                raise ValidationError(
                    self.env._(
                        "“%(path)s” reads %(model)s, which KPIs can't use.",
                        path=path,
                        model=model._description,
                    )
                )
            field = model._fields.get(name)
            if field is None:
                raise ValidationError(
                    self.env._(
                        "%(model)s has no field “%(path)s”.",
                        model=model._description,
                        path=path,
                    )
                )
            if name != "id":
                self._check_open_field(field)
            model = self.env[field.comodel_name] if field.relational else model

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        """Refuse a change of what the KPI measures once a plan version uses it."""
        if not vals.keys().isdisjoint(MEANING):
            for kpi in self:
                if kpi._is_in_use() and kpi._changes_meaning(vals):
                    raise ValidationError(
                        self.env._(
                            "“%s” is used in a submitted or approved plan version, so "
                            "what it measures can't be changed. Create another KPI and "
                            "add it to the next version.",
                            kpi.name,
                        )
                    )
        return super().write(vals)

    def _is_in_use(self):
        lines = self.env["nka.pay.plan.line"].sudo()
        return lines.search_count(
            [("kpi_id", "in", self.ids), ("version_id.state", "!=", "draft")], limit=1
        )

    def _changes_meaning(self, vals):
        """Return whether ``vals`` change what is measured."""
        for fname in MEANING & vals.keys():
            current = self._fields[fname].convert_to_write(self[fname], self)
            if (current or False) != (vals[fname] or False):
                return True
        return False

    # ------------------------------------------------------------ goals
    def _goal(self, weight, target, zero_value):
        """Return the ``paycalc`` goal for this KPI.

        :raise paycalc.TargetError: if the target can't be used for measuring
        """
        self.ensure_one()
        is_lower = self.direction == paycalc.LOWER
        return paycalc.Goal(
            self.name,
            weight,
            target,
            direction=self.direction,
            zero_value=zero_value if is_lower else None,
            is_count=self.is_count,
        )

    def _propose_target(self, values):
        """Propose the rounded mean of the last seasons, else the default target.

        If lower is better: the best of the seasons and the default target. The value
        that scores 0 is the mean, but at least the default distance above the target.

        :param values: results of the manager in the last seasons
        :return: target and zero-score value
        """
        mean = float(sum(values) / len(values)) if values else 0.0
        if self.direction != paycalc.LOWER:
            return self._round_target(mean) or self.default_target or 1.0, 0.0
        distance = self.default_zero_value - self.default_target
        known = [self.default_target] if distance > 0 else []
        target = self._round_target(min([*map(float, values), *known], default=0))
        least = target + (distance if distance > 0 else target or 1.0)
        return target, max(self._round_target(mean), least)

    def _round_target(self, mean):
        if self.is_count:
            return float(math.ceil(mean))
        return round(mean, 2 - math.floor(math.log10(abs(mean)))) if mean else 0.0

    # ------------------------------------------------------------ measuring
    def _measure(self, users, span, evidence=False):
        """Measure ``users`` over one span, with one query for all of them.

        :param users: res.users
        :param Span span: days and company
        :param bool evidence: also return the records that were counted, and those that
            weren't with the reason, with one more query
        :return: a Measurement by user id, for every one of ``users``
        :rtype: dict[int, Measurement]
        """
        self.ensure_one()
        if not users:
            return {}
        self.env.flush_all()
        measure = self.sudo()
        found = getattr(measure, f"_measure_{self.measure}")(users, span, evidence)
        left_out = getattr(measure, f"_left_out_{self.measure}", None)
        if not evidence or not left_out:
            return found
        rows = left_out(users, span, found)
        return {
            user_id: replace(one, left_out=tuple(sorted(rows.get(user_id, ()))))
            for user_id, one in found.items()
        }

    @api.model
    def _measure_vip_leads(self, users, span, evidence):
        """Count confirmed VIP leads by the day of confirmation, for the user who
        claimed them. A later handover or loss doesn't change the count. Leads
        sourced by the manager or referred by one of their clients count."""
        own = self.env["crm.lead"]._domain_own_channel(self.counts_colleagues)
        return self._measure_records(
            users,
            span,
            evidence,
            model="crm.lead",
            domain=Domain("is_vip", "=", True) & own,
            date_field="origin_decision_date",
            owner_field="origin_claimed_by_id",
        )

    @api.model
    def _measure_negotiations(self, users, span, evidence):
        """Count proven negotiations with a client of the organizer, by start day. The
        rules are in ``negotiations``."""
        rows = negotiations.read(
            self.env, span.company, users, span.date_from, span.date_to
        )
        judged = defaultdict(list)
        for event_id, user_id, reason, *_client in rows:
            judged[user_id].append((event_id, reason))
        return {
            user.id: Measurement.of_judged("calendar.event", judged[user.id], evidence)
            for user in users
        }

    @api.model
    def _measure_average_check(self, users, span, evidence):
        """Divide posted untaxed sales less credit notes by the number of sales."""
        counted = SQL(
            """, ARRAY_AGG(document.id ORDER BY document.id)
                     FILTER (WHERE document.amount != 0)"""
        )
        ids = counted if evidence else SQL()
        rows = self.env.execute_query(
            sales.average_by_owner_sql(
                span.company.id, tuple(users.ids), span.date_from, span.date_to, ids
            )
        )

        def average(total, invoices):
            return total / invoices if invoices else None

        return self._divide(users, rows, "account.move", ("sales", "invoices"), average)

    @api.model
    def _measure_overdue_share(self, users, span, evidence):
        """Return overdue receivables in percent of open ones, at the end of the span or
        today while it runs. Without open receivables it is 0 %; for a user without
        accounts it can't be measured."""
        day = min(span.date_to, calendars.today(span.company))
        rows = self.env.execute_query(
            payments.overdue_by_owner_sql(
                span.company.id, tuple(users.ids), day, bool(evidence)
            )
        )

        def percent(overdue, open_amount):
            return 100 * overdue / open_amount if open_amount else Decimal(0)

        return self._divide(
            users, rows, "account.move.line", ("overdue", "open"), percent
        )

    def _measure_custom(self, users, span, evidence):
        return self._measure_records(
            users,
            span,
            evidence,
            model=self.model_id.model,
            domain=self._read_domain(),
            date_field=self.date_field_id.name,
            owner_field=self.owner_field_id.name,
            aggregate=self.aggregate,
            value_field=self.value_field_id.name,
        )

    def _read_domain(self):
        """Parse the domain as a literal; it is never evaluated as code.

        :rtype: odoo.fields.Domain
        """
        try:
            return Domain(ast.literal_eval(self.domain or "[]"))
        except (ValueError, SyntaxError, TypeError) as error:
            raise ValidationError(
                self.env._(
                    "The filter of “%s” can't be read. Use the filter editor, and "
                    "compare with plain values only.",
                    self.name,
                )
            ) from error

    # ------------------------------------------------------------ excluded records
    @api.model
    def _left_out_vip_leads(self, users, span, found):
        """List leads of these users, claimed or decided in the span, that don't count.

        :return: (lead id, reason) pairs by user id
        :rtype: dict[int, list[tuple[int, str]]]
        """
        leads = self.env["crm.lead"].sudo().with_context(active_test=False)
        mine = Domain("origin_claimed_by_id", "in", users.ids) | (
            Domain("user_id", "in", users.ids) & Domain("is_vip", "=", True)
        )
        day = Domain(span.domain(leads, "origin_decision_date")) | (
            Domain("origin_decision_date", "=", False)
            & Domain(span.domain(leads, "create_date"))
        )
        company = measured.domain_company(leads, "user_id", span.company)
        counted = {number for one in found.values() for number in one.ids}
        rows = defaultdict(list)
        for lead in leads.search(mine & day & company):
            owner = lead.origin_claimed_by_id or lead.user_id
            for user in (owner | lead.user_id) & users:
                if lead.id not in counted or user != owner:
                    reason = "of_others" if user != owner else self._why_left_out(lead)
                    rows[user.id].append((lead.id, reason))
        return rows

    @api.model
    def _why_left_out(self, lead):
        if lead.origin_state in ("claimed", "rejected"):
            return lead.origin_state
        if not lead.origin:
            return "no_origin"
        return "other_channel" if lead.is_vip else "not_vip"

    @api.model
    def _left_out_average_check(self, users, span, found):
        """List invoices and credit notes of their accounts that aren't sales."""
        rows = defaultdict(list)
        for user_id, number, reason in self.env.execute_query(
            sales.uncounted_sql(
                span.company.id, tuple(users.ids), span.date_from, span.date_to
            )
        ):
            rows[user_id].append((number, reason))
        return rows

    @api.model
    def _left_out_overdue_share(self, users, span, found):
        """List open receivables of their clients that aren't overdue."""
        day = min(span.date_to, calendars.today(span.company))
        owners = self.env["nka.assignment"].search(
            [
                ("user_id", "in", users.ids),
                ("company_id", "=", span.company.id),
                ("date_from", "<=", day),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", day),
            ]
        )
        by_client = owners.grouped(lambda owner: owner.partner_id)
        counted = [number for one in found.values() for number in one.ids]
        rows = defaultdict(list)
        for item in self.env["account.move.line"].search(
            payments.domain_open_items(owners.key_account_id, day)
            & Domain("id", "not in", counted),
            limit=MOST_LEFT_OUT,
        ):
            for owner in by_client.get(item.partner_id.commercial_partner_id, ()):
                rows[owner.user_id.id].append((item.id, "not_due"))
        return rows

    def _left_out_custom(self, users, span, found):
        """List their records of the span that don't count, with the reason."""
        records = self.env[self.model_id.model].sudo().with_context(active_test=False)
        owner_field = self.owner_field_id.name
        owners = self._owner_ids(records, owner_field, users)
        every = records.search(
            measured.domain_days(
                records,
                self.date_field_id.name,
                span.company,
                span.date_from,
                span.date_to,
            )
            & Domain(owner_field, "in", list(owners))
            & Domain("id", "not in", [i for one in found.values() for i in one.ids]),
            limit=MOST_LEFT_OUT,
        )
        these = Domain("id", "in", every.ids)
        alive = records.search(
            these & measured.domain_active(records, self._read_domain())
        )
        here = records.search(
            these & measured.domain_company(records, owner_field, span.company)
        )
        rows = defaultdict(list)
        for record in every:
            reason = "not_condition" if record in here else "not_company"
            if record in here and record not in alive:
                reason = "not_active"
            rows[owners[record[owner_field].id]].append((record.id, reason))
        return rows

    # ------------------------------------------------------------ counting
    @api.model
    def _measure_records(
        self,
        users,
        span,
        evidence,
        *,
        model,
        domain,
        date_field,
        owner_field,
        aggregate="count",
        value_field=None,
    ):
        """Count, sum or average records by owner with one grouped query."""
        records = self.env[model].sudo().with_context(active_test=False)
        owners = self._owner_ids(records, owner_field, users)
        scoped = measured.scope(
            records,
            span.company,
            span.date_from,
            span.date_to,
            domain=domain,
            date_field=date_field,
            owner_field=owner_field,
            owners=owners,
        )
        field = value_field if aggregate != "count" else None
        found = {}
        for owner_id, count, total, ids in measured.sum_by_owner(
            records, span.company, scoped, owner_field, field, date_field
        ):
            values = {"count": count} | ({"sum": Decimal(total)} if field else {})
            found[owners[owner_id]] = Measurement(
                self._aggregate(aggregate, count, Decimal(total)),
                values,
                model,
                tuple(ids) if evidence else (),
            )
        empty = Measurement(
            None if aggregate == "average" else to_decimal(0), {}, model
        )
        return {user.id: found.get(user.id, empty) for user in users}

    @api.model
    def _owner_ids(self, records, owner_field, users):
        """Return user ids by the value of an owner field (user or employee id)."""
        if records._fields[owner_field].comodel_name == "res.users":
            return {user.id: user.id for user in users}
        employees = (
            self.env["hr.employee"].sudo().search([("user_id", "in", users.ids)])
        )
        return {employee.id: employee.user_id.id for employee in employees}

    @api.model
    def _aggregate(self, aggregate, count, total=0):
        if aggregate == "count":
            return to_decimal(count)
        if aggregate == "sum":
            return to_decimal(total, 4)
        return to_decimal(total / count, 4) if count else None

    @api.model
    def _divide(self, users, rows, model, names, divide):
        """Return the measurements of all users from SQL rows.

        :param rows: of a user id, two numbers and optionally record ids
        :param names: keys of the two numbers in the evidence
        :param divide: returns the measured value, or None, from the two numbers
        """
        found = {}
        for user_id, first, second, *ids in rows:
            # Text from SQL: the database driver would return numerics as floats.
            numbers = [Decimal(number or 0) for number in (first, second)]
            actual = divide(*numbers)
            found[user_id] = Measurement(
                None if actual is None else actual.quantize(STEP),
                dict(zip(names, numbers, strict=True)),
                model,
                self._flatten(ids and ids[0]),
            )
        return {user.id: found.get(user.id, Measurement(model=model)) for user in users}

    @api.model
    def _flatten(self, ids):
        """Return the ids of one row, given as a list or as nested lists with gaps."""
        flat = []
        for part in ids or ():
            flat.extend(part if isinstance(part, list) else [part] if part else [])
        return tuple(sorted(flat))
