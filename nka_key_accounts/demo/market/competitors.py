"""Competitors: their cards, prices seen and the deals they were met in."""

from ..records import ago, create_missing, login, named, table


def load(env):
    for row in table("market/competitors.csv"):
        cards = env["nka.competitor"].with_user(login(env, row["keeper"]))
        create_missing(
            cards, {f"competitor_{row['competitor']}": prepare_card(env, row)}
        )
    offerings = env["nka.competitor.offering"]
    for number, row in enumerate(table("market/offerings.csv"), 1):
        vals = prepare_offering(env, row)
        create_missing(offerings, {f"offering_{row['competitor']}_{number}": vals})
    for row in table("market/presences.csv"):
        meet(env, row)


def prepare_card(env, row):
    return {
        "name": row["name"],
        "website": row["website"],
        "price_position": row["price"],
        "last_review_date": ago(env, int(row["reviewed"])),
        "strengths": row["strengths"],
        "weaknesses": row["weaknesses"],
        "opportunities": row["opportunities"],
        "threats": row["threats"],
        "how_to_win": row["how_to_win"].replace("|", "\n"),
    }


def prepare_offering(env, row):
    return {
        "competitor_id": named(env, f"competitor_{row['competitor']}").id,
        "name": row["offering"],
        "categ_id": named(env, f"category_{row['category']}").id,
        "price": float(row["price"]),
        "unit": row["unit"],
        "source": row["source"],
        "date_seen": ago(env, int(row["seen"])),
    }


def meet(env, row):
    account = named(env, f"account_{row['client']}")
    presences = env["nka.competitor.presence"].with_user(account.manager_id)
    place = row["lead"] or row["client"]
    name = f"presence_{row['competitor']}_{place}"
    create_missing(presences, {name: prepare_presence(env, row, account)})


def prepare_presence(env, row, account):
    lead = named(env, row["lead"] and f"lead_{row['lead']}")
    return {
        "competitor_id": named(env, f"competitor_{row['competitor']}").id,
        "key_account_id": account.id,
        "lead_id": lead.id if lead else False,
        "categ_id": named(env, f"category_{row['category']}").id,
        "threat": row["threat"],
        "is_incumbent": bool(row["incumbent"]),
        "is_winner": bool(row["winner"]),
        "offer": row["offer"],
    }
