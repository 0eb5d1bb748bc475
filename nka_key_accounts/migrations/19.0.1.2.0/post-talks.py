"""Update the texts of the standard KPIs, except those that were edited."""

#: External id, column, old text, new text.
TEXTS = (
    (
        "nka_kpi_average_check",
        "name",
        "Average sale value",
        "Average sale value",
    ),
    (
        "nka_kpi_vip_leads",
        "description",
        "Leads large enough to become key accounts that the manager found themselves "
        "and a supervisor confirmed in the season.",
        "Leads of key-account size that the manager found or that a client of theirs recommended, confirmed by a supervisor in the season.",
    ),
    (
        "nka_kpi_average_check",
        "description",
        "Posted untaxed sales to the manager's key accounts, less credit notes, divided by the number of invoices.",
        "Posted untaxed sales to the key accounts owned on the day, less credit notes, divided by the number of sales. All invoices of one order are one sale, sales receipts count, invoices of 0 and credit notes are none.",
    ),
    (
        "nka_kpi_negotiations",
        "description",
        "Meetings with clients about a deal that took place and have an outcome.",
        "Talks with an outcome in which a contact of the manager's own key account or VIP lead took part, and which something proves: a mail with the contact within three days, an invitation before it began, approved minutes, or an approved weekly report that lists it. Talks with one client that overlap are one.",
    ),
)


def migrate(cr, version):
    """Replace the old texts in records that a module update doesn't touch (noupdate).

    Translations are removed as well; this update loads the new ones.
    """
    for name, column, before, now in TEXTS:
        cr.execute(
            f"""UPDATE nka_kpi SET {column} = jsonb_build_object('en_US', %s)
                  FROM ir_model_data known
                 WHERE known.module = 'nka_key_accounts' AND known.model = 'nka.kpi'
                   AND known.name = %s AND known.res_id = nka_kpi.id
                   AND nka_kpi.{column}->>'en_US' = %s""",
            (now, name, before),
        )
