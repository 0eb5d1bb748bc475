"""Outside ratings: most taken over by a supervisor, some wait, one was of somebody else."""

from ..records import ago, create_missing, login, named, table


def load(env):
    for number, row in enumerate(table("accounts/ratings.csv"), 1):
        account = named(env, f"account_{row['client']}")
        model = env["nka.credit.rating"].with_user(account.manager_id)
        made = create_missing(
            model, {f"rating_{number}": prepare_rating(env, account, row)}
        )
        if made:
            review(made.with_user(login(env, "supervisor2")), row)


def prepare_rating(env, account, row):
    return {
        "key_account_id": account.id,
        "rating": row["rating"],
        "grade": row["grade"],
        "credit_limit": float(row["limit"] or 0),
        "date": ago(env, int(row["days"])),
        "source": row["source"],
    }


def review(rating, row):
    if row["state"] == "accepted":
        rating.action_accept()
    elif row["state"] == "refused":
        rating.action_refuse(reason=row["reason"])
