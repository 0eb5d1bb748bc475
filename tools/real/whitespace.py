"""What the loaded key accounts buy from us, by product category."""

MODEL = "nka.whitespace.line"


def fill(env):
    """Read the whitespace of all key accounts from the invoices.

    The source knows no other suppliers, and the sentence says so.

    :return: what was found, in words
    """
    if MODEL not in env:
        return ""
    lines = env[MODEL]
    lines._cron_fill()
    found = lines.search([("from_invoices", "=", True)])
    days = [line.date_filled for line in found]
    return (
        f"Whitespace: {len(found)} lines from invoices of {len(found.key_account_id)} "
        f"accounts, twelve months to {max(days, default='-')}. Nothing is known of "
        "other suppliers, so there is no wallet share yet."
    )
