"""Makes key accounts of the largest clients, by the addon's actions, as who may.

The one module of the loader that speaks to ``nka.key.account``.
"""

from odoo.exceptions import UserError

from .clients import client_name
from .ranking import top_clients
from .staff import user_name

MODEL = "nka.key.account"


def is_installed(env):
    """Whether the database has the addon."""
    return MODEL in env


def load_key_accounts(env, folder, partners, users, count):
    """Nominate and confirm the ``count`` clients with the largest won value.

    The manager is the agent who won most there, the supervisor is his manager. Who has
    the status keeps it as it is. A refusal costs that one account only.

    :return: ``(number of accounts confirmed now, refusals in words)``
    """
    confirmed, refusals = 0, []
    for top in top_clients(folder, count):
        try:
            with env.cr.savepoint():
                people = _people(env, folder, top, partners, users)
                confirmed += _make_key(env, *people, _first_day(folder, top))
        except UserError as error:
            refusals.append(
                f"{folder.clients[top.client_key].name} isn't a key account: {error}"
            )
    return confirmed, refusals


def _people(env, folder, top, partners, users):
    """Return partner, manager and supervisor of a client.

    :raises UserError: when nobody sold there, or who did has no manager
    """
    agent = folder.agents.get(top.agent_key)
    if not agent or not agent.manager_key:
        raise UserError("the source names no agent with a manager for it.")
    return (
        env["res.partner"].browse(partners[client_name(top.client_key)]),
        env["res.users"].browse(users[user_name(agent.key)]),
        env["res.users"].browse(users[user_name(agent.manager_key)]),
    )


def _first_day(folder, top):
    """The day of the client's first deal: from then on his manager owns him."""
    days = (
        deal.engaged or deal.closed
        for deal in folder.opportunities.values()
        if deal.client_key == top.client_key
    )
    return min(filter(None, days), default=False)


def _make_key(env, partner, manager, supervisor, first_day):
    """Nominate as the manager, qualify and confirm as the supervisor: two people.

    :return: whether the account was confirmed now
    """
    account = _find(env, partner)
    if not account:
        account = _nominate(env, partner, manager, supervisor, first_day)
    if account.state != "candidate":
        return False
    _qualify(account, supervisor)
    account.with_user(supervisor).action_confirm()
    return True


def _qualify(account, supervisor):
    """Submit as the manager and approve as the supervisor what the source shows.

    The source knows neither ratings nor potential, and the reason says so.
    """
    if account.qualification_id:
        return
    qualification = (
        account.env["nka.qualification"]
        .with_user(account.manager_id)
        .create(
            {
                "key_account_id": account.id,
                "credit_rating": "b",
                "rating_source": "not rated: the source knows no ratings",
                "verdict": "qualified",
                "verdict_reason": "Among the largest clients by won value in the source.",
            }
        )
    )
    qualification.score_ids.score = "3"
    qualification.action_submit()
    qualification.with_user(supervisor).action_approve()
    account.invalidate_recordset(["qualification_id"])


def _find(env, partner):
    return env[MODEL].search(
        [("partner_id", "=", partner.id), ("company_id", "=", env.company.id)]
    )


def _nominate(env, partner, manager, supervisor, first_day):
    account = (
        env[MODEL]
        .with_user(manager)
        .create(
            {
                "partner_id": partner.id,
                "company_id": env.company.id,
                "manager_id": manager.id,
                "supervisor_id": supervisor.id,
                "date_start": first_day,
            }
        )
    )
    account.action_nominate()
    return account.with_env(env)
