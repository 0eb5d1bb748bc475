"""What the clients buy from others, as people found out; ours comes from the invoices."""

from ..records import ago, create_missing, named, table


def load(env):
    lines = env["nka.whitespace.line"]
    for row in table("plans/spend.csv"):
        account = named(env, f"account_{row['client']}")
        name = f"spend_{row['client']}_{row['category']}"
        create_missing(
            lines.with_user(account.manager_id),
            {name: prepare_line(env, row, account)},
        )
    lines._cron_fill()


def prepare_line(env, row, account):
    competitor = named(env, row["competitor"] and f"competitor_{row['competitor']}")
    return {
        "key_account_id": account.id,
        "categ_id": named(env, f"category_{row['category']}").id,
        "supplier": row["supplier"],
        "competitor_id": competitor.id if competitor else False,
        "spend": float(row["spend"]),
        "source": row["source"],
        "date_seen": ago(env, int(row["seen"])),
    }
