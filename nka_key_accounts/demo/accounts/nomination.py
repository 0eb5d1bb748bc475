"""Managers, and now and then a supervisor, nominate clients as key accounts."""

from ..records import ago, create_missing, login, named, table

TABLE = "accounts/key_accounts.csv"


def load(env):
    for row in table(TABLE):
        nominator = login(env, row["nominated_by"])
        accounts = env["nka.key.account"].with_user(nominator)
        made = create_missing(
            accounts, {f"account_{row['client']}": prepare_account(env, row)}
        )
        if made and row["state"] == "candidate":
            made.action_nominate()


def prepare_account(env, row):
    """Values of a candidate; ``since`` puts the start of the status into the past."""
    return {
        "partner_id": named(env, f"client_{row['client']}").id,
        "tier_id": env.ref(f"nka_key_accounts.nka_tier_{row['tier']}").id,
        "manager_id": login(env, row["manager"]).id,
        "deputy_id": login(env, row["deputy"]).id if row["deputy"] else False,
        "supervisor_id": login(env, "supervisor").id,
        "date_start": ago(env, int(row["since"])) if row["since"] else False,
    }
