"""Leads as their owners enter them: new, with an origin."""

from datetime import datetime, time, timedelta

from ..records import ago, create_missing, login, named, table

TABLE = "leads/leads.csv"
#: A deal is expected to close so many days after it began.
CYCLE_DAYS = 130


def load(env):
    for owner, rows in by_owner(table(TABLE)).items():
        acting = login(env, owner or "supervisor")
        leads = create_missing(
            env["crm.lead"].with_user(acting),
            {f"lead_{row['lead']}": prepare_lead(env, row) for row in rows},
        )
        leads.sudo().env.flush_all()
    for row in table(TABLE):
        set_age(named(env, f"lead_{row['lead']}"), int(row["age"]))


def by_owner(rows):
    owned = {}
    for row in rows:
        owned.setdefault(row["owner"], []).append(row)
    return owned


def prepare_lead(env, row):
    owner = login(env, row["owner"])
    contact = named(env, row["contact"] and f"contact_{row['contact']}")
    referrer = named(env, row["referrer"] and f"account_{row['referrer']}")
    stage = env.ref("crm.stage_lead1")
    vals = {
        "name": row["name"],
        "type": "opportunity",
        "user_id": owner.id if owner else False,
        "team_id": named(env, "team_key_accounts").id,
        "stage_id": stage.id,
        "expected_revenue": float(row["revenue"]),
        "origin": row["origin"],
        "referrer_id": referrer.id if referrer else False,
        "is_vip": row["vip"] == "1",
        "priority": "2" if row["vip"] == "1" else "1",
        "date_deadline": ago(env, int(row["age"]) - CYCLE_DAYS),
    }
    if contact:
        return {**vals, "partner_id": contact.id}
    return {**vals, "partner_name": row["prospect"]}


def set_age(lead, days):
    """Let the lead have been entered so many days ago; nobody may say that by form."""
    entered = datetime.combine(ago(lead.env, days), time(9, 30))
    lead.env.cr.execute(
        """UPDATE crm_lead
              SET create_date = %(entered)s, date_last_stage_update = %(entered)s,
                  date_open = CASE WHEN user_id IS NULL THEN NULL ELSE %(opened)s END
            WHERE id = %(lead)s AND create_date > %(entered)s""",
        {
            "entered": entered,
            "opened": entered + timedelta(hours=2),
            "lead": lead.id,
        },
    )
    lead.invalidate_recordset(["create_date", "date_last_stage_update", "date_open"])
