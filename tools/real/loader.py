"""The whole load: company, staff, clients, deals, invoices, key accounts."""

from dataclasses import dataclass

from . import documents, key_accounts
from .clients import load_clients
from .company import load_stages, prepare_company
from .deals import DealLoader, Ground
from .staff import load_staff
from .summary import Line, manager_lines


@dataclass(frozen=True)
class LoadResult:
    """What the load left behind: table per manager, accounts confirmed, refusals,
    the partners and users by external name, and contracts approved."""

    lines: list[Line]
    confirmed: int
    refusals: list[str]
    partners: dict[str, int]
    users: dict[str, int]
    contracts: int = 0


def load_folder(external_ids, folder, accounts=20):
    """Load a folder into a database; what is there already stays as it is.

    :param ExternalIds external_ids: where records are made and found
    :param SalesFolder folder: what was read
    :param int accounts: how many of the largest clients become key accounts; 0 for none
    :raises CompanyError: when the company can't take sales in dollars
    """
    prepare_company(external_ids.env)
    stages = load_stages(external_ids)
    users, teams = load_staff(external_ids, folder)
    partners = load_clients(external_ids, folder)
    DealLoader(external_ids, folder, Ground(partners, users, teams, stages)).load()
    confirmed, refusals = _load_accounts(
        external_ids, folder, partners, users, accounts
    )
    contracts = _load_documents(external_ids, refusals) if accounts else 0
    lines = manager_lines(external_ids, folder, users)
    return LoadResult(lines, confirmed, refusals, partners, users, contracts)


def _load_accounts(external_ids, folder, partners, users, count):
    if not count:
        return 0, []
    # unlike the deals of years ago, the status is given today: with messages, though
    # no mail leaves for people who exist in the files only
    env = external_ids.env(
        context={
            "allowed_company_ids": external_ids.env.company.ids,
            "mail_notify_force_send": False,
        }
    )
    outcome = key_accounts.load_key_accounts(env, folder, partners, users, count)
    env.flush_all()
    external_ids.checkpoint()
    return outcome


def _load_documents(external_ids, refusals):
    """Contracts of the won deals; they pass through without messages."""
    approved, refused = documents.load_documents(
        external_ids.env, external_ids.checkpoint, external_ids.progress
    )
    refusals += refused
    external_ids.env.flush_all()
    external_ids.checkpoint()
    return approved
