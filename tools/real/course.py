"""What the manager's screens need once the sales are there: history, health, competitors known."""


def fill(env):
    """Make the sales history and score the accounts; the files name no competitor.

    :return: a sentence for the person who loads
    """
    env["nka.sales.history"]._cron_refresh()
    env["nka.key.account"]._cron_refresh_health()
    rows = env["nka.sales.history"].search_count([])
    scored = env["nka.key.account"].search_count([("health_level", "!=", False)])
    rivals = env["nka.competitor"].search_count([]) or "none, the files name none"
    return (
        f"Sales history: {rows:,} rows. Health: {scored} accounts scored. "
        f"Competitors known: {rivals}."
    )
