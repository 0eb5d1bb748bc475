"""Agents and their managers become users, in one sales team per manager.

An agent is a key account manager, his manager a supervisor.
"""

from odoo.fields import Command

ADDON = "nka_key_accounts"
# the sales group gives a user the application where the addon isn't installed
AGENT_GROUPS = ("sales_team.group_sale_salesman", f"{ADDON}.group_key_account_manager")
MANAGER_GROUPS = (
    "sales_team.group_sale_salesman_all_leads",
    f"{ADDON}.group_key_account_supervisor",
)


def user_name(key):
    """Return the external name of an agent's or a manager's user."""
    return f"user_{key}"


def load_staff(external_ids, folder):
    """Create users and teams.

    :return: ``({user external name: id}, {agent key: crm.team id})``
    """
    users = external_ids.load("res.users", _user_values(external_ids.env, folder))
    teams = external_ids.load("crm.team", _team_values(external_ids.env, folder, users))
    # an agent without a manager has no team
    return users, {
        agent.key: teams.get(_team_name(agent)) for agent in folder.agents.values()
    }


def _user_values(env, folder):
    """One user per person: an agent who also leads others gets both sets of groups."""
    groups = dict.fromkeys(folder.agents, AGENT_GROUPS)
    for key in folder.managers:
        groups[key] = groups.get(key, ()) + MANAGER_GROUPS
    people = {**folder.managers, **folder.agents}
    return {
        user_name(key): _prepare_user(env, person.name, groups[key])
        for key, person in people.items()
    }


def _prepare_user(env, name, group_refs):
    login = f"{'.'.join(name.casefold().split())}@example.com"
    groups = [env.ref(ref, raise_if_not_found=False) for ref in group_refs]
    return {
        "name": name,
        "login": login,
        "email": login,
        "company_id": env.company.id,
        "company_ids": [Command.set(env.company.ids)],
        "group_ids": [Command.link(group.id) for group in groups if group],
    }


def _team_name(agent):
    return f"team_{agent.manager_key}"


def _team_values(env, folder, users):
    values = {}
    for agent in folder.agents.values():
        if not agent.manager_key:
            continue
        team = values.setdefault(
            _team_name(agent), _prepare_team(env, folder, agent, users)
        )
        team["member_ids"].append(Command.link(users[user_name(agent.key)]))
    return values


def _prepare_team(env, folder, agent, users):
    manager = folder.managers[agent.manager_key]
    return {
        "name": " · ".join(filter(None, (agent.office, manager.name))),
        "company_id": env.company.id,
        "user_id": users[user_name(manager.key)],
        "member_ids": [],
    }
