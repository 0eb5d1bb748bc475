"""What the database holds after the load, and whether it equals the source."""

from dataclasses import dataclass
from decimal import Decimal

from . import key_accounts
from .cells import to_cents


@dataclass
class Line:
    """One sales person's part; amounts are in the company's currency."""

    supervisor: str = ""
    manager: str = ""
    accounts: int = 0
    won_count: int = 0
    won_value: Decimal = Decimal()
    invoice_count: int = 0
    invoice_value: Decimal = Decimal()

    def add(self, other):
        """Add another line's figures to this one's."""
        self.accounts += other.accounts
        self.won_count += other.won_count
        self.won_value += other.won_value
        self.invoice_count += other.invoice_count
        self.invoice_value += other.invoice_value


def manager_lines(external_ids, folder, users):
    """Return one line per sales person with anything to show, largest won value first.

    :param ExternalIds external_ids: only what this loader brought is counted
    :param SalesFolder folder: tells who leads whom
    :param dict users: ``{user external name: id}``
    """
    lines = {}
    _count_accounts(external_ids.env, lines)
    _sum_leads(external_ids, lines)
    _sum_invoices(external_ids, lines)
    supervisors = _supervisor_names(folder, users)
    for user, line in lines.items():
        line.manager = user.name or "(nobody)"
        line.supervisor = supervisors.get(user.id, "")
    return sorted(lines.values(), key=lambda line: (-line.won_value, line.manager))


def _supervisor_names(folder, users):
    return {
        users[f"user_{agent.key}"]: folder.managers[agent.manager_key].name
        for agent in folder.agents.values()
        if agent.manager_key
    }


def _count_accounts(env, lines):
    if not key_accounts.is_installed(env):
        return
    domain = [("state", "=", "key"), ("company_id", "=", env.company.id)]
    for user, count in env[key_accounts.MODEL]._read_group(
        domain, ["manager_id"], ["__count"]
    ):
        lines.setdefault(user, Line()).accounts = count


def _sum_leads(external_ids, lines):
    domain = [
        ("id", "in", external_ids.records("crm.lead").ids),
        ("won_status", "=", "won"),
    ]
    aggregates = ["__count", "expected_revenue:sum"]
    for user, count, value in external_ids.env["crm.lead"]._read_group(
        domain, ["user_id"], aggregates
    ):
        line = lines.setdefault(user, Line())
        line.won_count, line.won_value = count, _amount(value)


def _sum_invoices(external_ids, lines):
    domain = [
        ("id", "in", external_ids.records("account.move").ids),
        ("state", "=", "posted"),
    ]
    aggregates = ["__count", "amount_untaxed_signed:sum"]
    groups = external_ids.env["account.move"]._read_group(
        domain, ["invoice_user_id"], aggregates
    )
    for user, count, value in groups:
        line = lines.setdefault(user, Line())
        line.invoice_count, line.invoice_value = count, _amount(value)


def _amount(value):
    return to_cents(Decimal(str(value or 0)))


def total(lines):
    """Return the sum of all lines as a line of its own."""
    result = Line(supervisor="Total")
    for line in lines:
        result.add(line)
    return result


def differences(line, folder):
    """Return in words where the total line differs from the source, if anywhere."""
    billable = folder.billable
    pairs = {
        "won deals": (line.won_count, len(folder.won)),
        "won value": (line.won_value, folder.won_value),
        "invoices": (line.invoice_count, len(billable)),
        "invoiced value": (
            line.invoice_value,
            sum((deal.value for deal in billable), Decimal()),
        ),
    }
    return [
        f"{title}: {loaded:,} in the database, {read:,} in the source"
        for title, (loaded, read) in pairs.items()
        if loaded != read
    ]


def format_lines(lines):
    """Return the table for a terminal, closed by its total."""
    head = (
        f"{'supervisor':<20}{'manager':<22}{'accounts':>9}"
        f"{'won':>7}{'won value':>16}{'invoices':>10}{'invoiced':>16}"
    )
    body = [_format_line(line) for line in lines]
    return "\n".join(
        [head, "-" * len(head), *body, "-" * len(head), _format_line(total(lines))]
    )


def _format_line(line):
    return (
        f"{line.supervisor:<20}{line.manager:<22}{line.accounts:>9,}"
        f"{line.won_count:>7,}{line.won_value:>16,.2f}"
        f"{line.invoice_count:>10,}{line.invoice_value:>16,.2f}"
    )
