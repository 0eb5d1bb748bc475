"""Who won how much where: the clients worth the status of a key account."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class TopClient:
    """A client, what was won there, and the agent with the largest part of it.

    The agent is empty when the source names none.
    """

    client_key: str
    agent_key: str
    value: Decimal


def top_clients(folder, count):
    """Return the ``count`` clients with the largest won value, largest first.

    Ties go by name, of clients as of agents.

    :param SalesFolder folder: what was read
    :param int count: how many
    """
    by_client = _won_by_client(folder)
    ranked = sorted(
        by_client,
        key=lambda key: (-sum(by_client[key].values()), folder.clients[key].name),
    )
    return [_top_client(folder, key, by_client[key]) for key in ranked[:count]]


def _won_by_client(folder):
    """Return ``{client key: {agent key: won value}}``."""
    won = defaultdict(lambda: defaultdict(Decimal))
    for deal in folder.won:
        if deal.client_key and deal.value and deal.value > 0:
            won[deal.client_key][deal.agent_key] += deal.value
    return won


def _top_client(folder, client_key, by_agent):
    sellers = [key for key in by_agent if key]
    best = min(
        sellers, key=lambda key: (-by_agent[key], folder.agents[key].name), default=""
    )
    return TopClient(client_key, best, sum(by_agent.values(), Decimal()))
