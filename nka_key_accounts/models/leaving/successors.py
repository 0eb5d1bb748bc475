"""Who takes over a leaver's accounts, and the handovers drafted for them.

The functions take the departure and read as superuser: whoever opens a departure, all
accounts of the person are handed over.
"""

from datetime import timedelta

from odoo import SUPERUSER_ID, fields

from ..trail.roles import MANAGER


def current_accounts(departure):
    """Return the accounts that the person manages, in all companies."""
    accounts = departure.env["nka.key.account"].sudo()
    if not departure.user_id:
        return accounts
    return accounts.search(
        [
            ("manager_id", "=", departure.user_id.id),
            ("state", "in", ("candidate", "key")),
        ]
    )


def accounts_left(departure):
    """Return those of the person's accounts that nobody is to take over."""
    if departure.state == "cancelled":
        return departure.env["nka.key.account"].sudo()
    accounts = current_accounts(departure)
    planned = (
        departure.env["nka.handover"]
        .sudo()
        .search(
            [
                ("from_user_id", "=", departure.user_id.id),
                ("scope", "=", "account"),
                ("state", "not in", ("cancelled", "done")),
                ("key_account_ids", "in", accounts.ids),
            ]
        )
    )
    return accounts - planned.key_account_ids


def adopt(departure):
    """Let the handovers of the person in progress belong to the departure.

    Drafts stay their author's: those of a departure are hidden from the person.
    """
    handovers = departure.env["nka.handover"].sudo()
    handovers.search(
        [
            ("from_user_id", "=", departure.user_id.id),
            ("scope", "=", "account"),
            ("state", "in", ("submitted", "approved")),
            ("departure_id", "=", False),
        ]
    )._unlocked().write({"departure_id": departure.id})


def draft(departure):
    """Draft a handover for each successor of the accounts without one.

    Drafted by the system, so that any supervisor can submit and another one approve
    them. The person sees them once they are submitted.

    :return: the new handovers
    """
    env, user = departure.env, departure.user_id
    accounts = accounts_left(departure)
    successors = _propose(departure, accounts)
    by_pair = accounts.filtered(lambda account: successors[account.id]).grouped(
        lambda account: (account.company_id, successors[account.id])
    )
    handovers = env["nka.handover"].with_user(SUPERUSER_ID)
    drafted = handovers.browse()
    for (company, successor), group in by_pair.items():
        drafted |= (
            handovers.with_company(company)
            ._unlocked()
            .create(
                {
                    "company_id": company.id,
                    "departure_id": departure.id,
                    "from_user_id": user.id,
                    "to_user_id": successor.id,
                    "is_leaving": _is_whole(departure, company, group),
                    "key_account_ids": [(6, 0, group.ids)],
                    "date": first_day(departure),
                    "reason": env._(
                        "%s is leaving the company.", departure.employee_id.name
                    ),
                }
            )
        )
    return drafted


def replace(departure):
    """Find others for the accounts that this person was to take over from leavers.

    Drafts are made anew; whoever is responsible is reminded of handovers in progress.
    """
    handovers = departure.env["nka.handover"].sudo()
    incoming = handovers.search(
        [
            ("to_user_id", "=", departure.user_id.id),
            ("departure_id.state", "=", "open"),
            ("scope", "=", "account"),
            ("state", "not in", ("cancelled", "done")),
        ]
    )
    drafts = incoming.filtered(lambda handover: handover.state == "draft")
    drafts.with_user(SUPERUSER_ID).action_cancel()
    for other in incoming.departure_id:
        draft(other)
        other._ask_supervisors()


def first_day(departure):
    """Return the first day of the successors: the one after the last day."""
    today = fields.Date.context_today(departure)
    return max(departure.date + timedelta(days=1), today)


def can_succeed(departure, user, company):
    """Return whether a user can take over the person's accounts of a company."""
    return bool(
        user
        and user != departure.user_id
        and user.active
        and company in user.company_ids
        and user.has_group(MANAGER)
        and not departure._is_leaving(user)
    )


def _is_whole(departure, company, accounts):
    """Return whether these are all accounts of the person in a company."""
    own = current_accounts(departure)
    return own.filtered(lambda account: account.company_id == company) == accounts


def _propose(departure, accounts):
    """Return who is proposed for each account: the deputy, the successor entered, else
    the colleague with the largest share of contact with the client.

    :return: res.users by account id; empty where nobody can take over
    :rtype: dict[int, res.users]
    """
    known = _best_known(departure.env, accounts)
    found = {}
    for account in accounts:
        proposed = [account.deputy_id, departure.successor_id, *known[account.id]]
        found[account.id] = next(
            (
                user
                for user in proposed
                if can_succeed(departure, user, account.company_id)
            ),
            departure.env["res.users"],
        )
    return found


def _best_known(env, accounts):
    rows = (
        env["nka.dependency"]
        .sudo()
        .search(
            [("key_account_id", "in", accounts.ids), ("is_current", "=", True)],
            order="share desc, id",
        )
        .grouped("key_account_id")
    )
    return {
        account.id: [row.user_id for row in rows.get(account, ())]
        for account in accounts
    }
