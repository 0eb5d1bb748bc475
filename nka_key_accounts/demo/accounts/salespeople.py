"""Who sells to a client before anybody speaks of key accounts."""

from ..records import login, named, table

TABLE = "accounts/salespeople.csv"


def load(env):
    for row in table(TABLE):
        client = named(env, f"client_{row['client']}")
        # A handover may have moved the client since; it isn't undone.
        if not client.user_id:
            client.user_id = login(env, row["salesperson"])
