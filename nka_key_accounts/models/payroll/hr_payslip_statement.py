from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.float_utils import float_compare

from ...paycalc import add_months
from .components import PAID


class HrPayslipStatement(models.Model):
    """From a payslip to the statement it pays, or to a refusal that says why not."""

    _inherit = "hr.payslip"

    # ------------------------------------------------------------ business
    def _nka_claim(self):
        """Bind every payslip to its locked statement.

        Two sessions that want the same statement meet at its row: the second is told
        to try again by the database, and then finds it taken.

        :raise UserError: names everybody who can't be paid, and why
        """
        found = self._nka_statements()
        texts = [self._nka_refusal(slip, found[slip]) for slip in self]
        texts = [text for text in texts if text]
        if texts:
            raise UserError("\n".join(dict.fromkeys(texts)))
        for slip, statement in found.items():
            if statement.payslip_id != slip:
                statement._unlocked().write({"payslip_id": slip.id})

    def _nka_release(self):
        """Let go of statements that aren't paid after all.

        Without a query where nothing was bound.
        """
        bound = self.sudo().nka_statement_ids
        if bound:
            bound._unlocked().write({"payslip_id": False})

    def _nka_statements(self):
        """The statement of each payslip's person, month and company, if any.

        :return: ``{hr.payslip: nka.pay.statement}``, as superuser
        """
        keys = {slip: slip.sudo()._nka_key() for slip in self}
        found = self.env["nka.pay.statement"]._of_month(set(keys.values()))
        return {slip: found[key] for slip, key in keys.items()}

    def _nka_key(self):
        company = self.company_id or self.employee_id.company_id
        return self.employee_id, self.date_from.replace(day=1), company

    # ------------------------------------------------------------ refusals
    @api.model
    def _nka_refusal(self, slip, statement):
        """Why a payslip can't pay a statement; empty when it can.

        :param statement: of the person and month, empty when there is none
        """
        slip = slip.sudo()
        person = slip.employee_id.name
        month = self._nka_month_text(slip.date_from)
        if not statement.agreement_id and not slip._nka_has_agreement():
            return self.env._(
                "%(person)s has no accepted pay agreement in %(month)s. Let the payroll "
                "officer propose one, or take another structure for this payslip.",
                person=person,
                month=month,
            )
        if statement.state != "locked":
            return self._nka_unlocked_text(statement, person, month)
        if statement.payslip_id and statement.payslip_id != slip:
            return self.env._(
                "%(person)s already has the payslip %(slip)s for %(month)s. Open it; "
                "corrections are paid in the first open month.",
                person=person,
                slip=statement.payslip_id.number or statement.payslip_id.name,
                month=month,
            )
        return slip._nka_other_refusal(person, month)

    @api.model
    def _nka_unlocked_text(self, statement, person, month):
        if not statement:
            return self.env._(
                "%(person)s has no statement for %(month)s yet. Calculate, approve and "
                "lock the month first.",
                person=person,
                month=month,
            )
        states = dict(statement._fields["state"]._description_selection(self.env))
        return self.env._(
            "The statement of %(person)s for %(month)s is “%(state)s”. Close the month "
            "first: a payslip pays what is locked.",
            person=person,
            month=month,
            state=states[statement.state],
        )

    def _nka_other_refusal(self, person, month):
        """What the payroll engine needs: a contract, and decimals enough."""
        if not self._nka_contracts():
            return self.env._(
                "%(person)s has no contract in %(month)s. Enter its start date in the "
                "employee's form, then compute again.",
                person=person,
                month=month,
            )
        currency = self.company_id.currency_id
        digits = self.env["decimal.precision"].precision_get("Payroll")
        if digits < currency.decimal_places:
            return self.env._(
                "%(currency)s has %(count)s decimals and payslips keep %(digits)s. Let "
                "an administrator raise the decimal accuracy “Payroll”.",
                currency=currency.name,
                count=currency.decimal_places,
                digits=digits,
            )
        return ""

    def _nka_has_agreement(self):
        return bool(
            self.env["nka.pay.agreement"]
            .sudo()
            .search_count(
                [
                    ("employee_id", "=", self.employee_id.id),
                    ("company_id", "=", self._nka_key()[2].id),
                    ("state", "in", ("accepted", "ended")),
                    ("date_from", "<=", self.date_to),
                    "|",
                    ("date_to", "=", False),
                    ("date_to", ">=", self.date_from),
                ],
                limit=1,
            )
        )

    # ------------------------------------------------------------ contracts
    def _get_employee_contracts(self):
        """One contract version pays: a second one in the month doesn't pay twice."""
        ours = self._nka_ours()
        if not ours:
            return super()._get_employee_contracts()
        others = self - ours
        contracts = ours._nka_contracts()
        if others:
            contracts |= super(HrPayslipStatement, others)._get_employee_contracts()
        return contracts

    def _nka_contracts(self):
        """The payslips' contract versions, as superuser.

        The chosen one where it covers a day of the month, else the month's last; of
        who left before and is still owed something, his last one.
        """
        slips = self.sudo()
        versions = slips.contract_id.filtered(
            lambda version: any(
                self._nka_covers(version, slip.date_from, slip.date_to)
                for slip in slips
                if slip.contract_id == version
            )
        )
        rest = slips.filtered(lambda slip: slip.contract_id not in versions)
        for month, group in rest.grouped("date_from").items():
            employees = group.employee_id._origin
            found = self._nka_paying_versions(employees, month, group.company_id)
            for employee in employees:
                versions |= found.get(employee.id, versions.browse())
        return versions

    @api.model
    def _nka_paying_versions(self, employees, month, companies):
        """The version that each person's payslip of a month goes by.

        :param date month: first day
        :return: ``{employee id: hr.version}``, as superuser
        """
        found = self._nka_versions(employees, month)
        without = employees.filtered(lambda employee: employee.id not in found)
        if not without:
            return found
        statements = self.env["nka.pay.statement"].sudo()
        left = statements.search(
            [
                ("employee_id", "in", without.ids),
                ("month", "=", month),
                ("company_id", "in", companies.ids),
            ]
        )._only_owed()
        return {**found, **self._nka_last_versions(left.employee_id, month)}

    @api.model
    def _nka_last_versions(self, employees, month):
        """The last contract of people who left before a month."""
        versions = (
            self.env["hr.version"]
            .sudo()
            .search(
                [
                    ("employee_id", "in", employees.ids),
                    ("contract_date_start", "<", month),
                ],
                order="employee_id, date_version",
            )
        )
        return {version.employee_id.id: version for version in versions}

    @api.model
    def _nka_covers(self, version, first, last):
        """Whether a contract covers a day; by stored dates, which cost no search."""
        start, end = version.contract_date_start, version.contract_date_end
        return bool(start and start <= last and (not end or end >= first))

    @api.model
    def _nka_versions(self, employees, month):
        """The last version in a month of everybody under contract in it.

        :param date month: first day
        :return: ``{employee id: hr.version}``, as superuser
        """
        last = fields.Date.end_of(month, "month")
        versions = (
            self.env["hr.version"]
            .sudo()
            .search(
                [
                    ("employee_id", "in", employees.ids),
                    ("contract_date_start", "<=", last),
                    "|",
                    ("contract_date_end", "=", False),
                    ("contract_date_end", ">=", month),
                    ("date_version", "<", add_months(month, 1)),
                ],
                order="employee_id, date_version",
            )
        )
        return {version.employee_id.id: version for version in versions}

    # ------------------------------------------------------------ checks
    def _check_nka_confirmable(self):
        """A payslip is confirmed when its lines are the locked statement's.

        :raise UserError: when it isn't computed, or its lines differ
        """
        for slip in self.sudo():
            statement = slip.nka_statement_ids[:1]
            if statement.state != "locked":
                raise UserError(
                    self.env._(
                        "“%s” isn't computed from a locked statement. Compute it first.",
                        slip.name or slip.employee_id.name,
                    )
                )
            slip._check_nka_lines(statement)

    def _check_nka_lines(self, statement):
        """Line by line and to the cent: what the payslip pays is what is locked."""
        digits = statement.currency_id.decimal_places
        lines = self.line_ids.filtered(lambda line: line.code in PAID)
        paid = {line.code: line.total for line in lines}
        wanted = statement._pay_by_code()
        wrong = [
            code
            for code in PAID
            if float_compare(paid.get(code, 0), wanted[code], precision_digits=digits)
        ]
        total = sum(line.total for line in lines)
        is_total = not float_compare(
            total, statement.total_amount, precision_digits=digits
        )
        if wrong or not is_total:
            raise UserError(
                self.env._(
                    "The payslip of %(person)s pays %(paid)s where the statement says "
                    "%(total)s (%(codes)s). Compute it again; if that doesn't help, the "
                    "structure lacks a rule of 40/10/50 or has one twice.",
                    person=self.employee_id.name,
                    paid=statement.currency_id.format(total),
                    total=statement.currency_id.format(statement.total_amount),
                    codes=", ".join(wrong),
                )
            )
