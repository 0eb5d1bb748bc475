"""Settled reconciliations of earlier years, in a narrower row shape than those of
`generate.py`.

An invoice with its payment term, an entry's line that settles it, and their
reconciliation: what the ledger's statement could read of them. The columns that it
doesn't read are empty, and the indexes that it doesn't use are dropped, so ten million
reconciliations take about ten gigabytes.
"""

from benchmarks.copies import insert_copies, last_id, unchecked_keys

TABLES = ("account_move", "account_move_line", "account_partial_reconcile")
YEARS = 8
#: Columns of the indexes that the statement can use, besides the ids.
LOOKED_UP = (
    "(move_id)",
    "(payment_id)",
    "(commercial_partner_id)",
    "(partner_id)",
    "(reversed_entry_id)",
    "(debit_move_id)",
    "(credit_move_id)",
    "(max_date)",
)
PLAIN = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
      FROM pg_index WHERE indrelid = ANY(%s::regclass[]) AND NOT indisprimary
"""
#: An invoice of the generator with its lines and its reconciliation.
ORIGINAL = """
    SELECT move.id, term.id, partial.credit_move_id, partial.id
      FROM account_partial_reconcile partial
      JOIN account_move_line term ON term.id = partial.debit_move_id
      JOIN account_move move ON move.id = term.move_id
     WHERE move.name LIKE 'INV/B/%' AND move.payment_state = 'paid'
     ORDER BY partial.id LIMIT 1
"""
#: Columns without which a copy is narrower.
EMPTY_MOVE = (
    "name",
    "ref",
    "payment_reference",
    "sequence_prefix",
    "invoice_partner_display_name",
    "access_token",
    "narration",
)
EMPTY_LINE = (
    "name",
    "move_name",
    "ref",
    "matching_number",
    "analytic_distribution",
    "full_reconcile_id",
    "payment_id",
)


def fill_behind(cr, count):
    """Add reconciliations of the years before those of `generate.py`; the caller
    commits.
    """
    cr.execute(PLAIN, [list(TABLES)])
    indexes = cr.fetchall()
    for name, _definition in indexes:
        cr.execute(f"DROP INDEX {name}")
    with unchecked_keys(cr):
        _rows(cr, count)
    cr.execute("SET LOCAL maintenance_work_mem = '1GB'")
    for _name, definition in indexes:
        if any(columns in definition for columns in LOOKED_UP):
            cr.execute(definition)


def _rows(cr, count):
    cr.execute(ORIGINAL)
    move_id, term_id, other_id, partial_id = cr.fetchone()
    move, line, partial = (last_id(cr, table) for table in TABLES)
    cr.execute("SELECT ARRAY_AGG(partner_id ORDER BY id) FROM nka_key_account")
    [clients] = cr.fetchone()
    cr.execute("CREATE TEMP TABLE bench_client AS SELECT unnest(%s) AS id", [clients])
    cr.execute("ALTER TABLE bench_client ADD COLUMN number serial")
    source = f"""(SELECT n, client.id AS client_id,
                         CURRENT_DATE - 730 - mod(n, {YEARS * 365}) AS day
                    FROM generate_series(1, {count}) AS n
                    JOIN bench_client client
                      ON client.number = 1 + mod(n, {len(clients)})) AS s"""
    term, other = f"{line} + 2 * s.n - 1", f"{line} + 2 * s.n"
    dated = {"date": "s.day", "partner_id": "s.client_id"}
    _copy(
        cr,
        "account_move",
        move_id,
        {
            **dict.fromkeys(EMPTY_MOVE, "NULL"),
            **dated,
            "id": f"{move} + s.n",
            "commercial_partner_id": "s.client_id",
            "invoice_date": "s.day",
        },
        source,
    )
    # The settling line has no entry of its own: nothing reads entries of these years.
    for original, number, entry in (
        (term_id, term, f"{move} + s.n"),
        (other_id, other, f"-{move} - s.n"),
    ):
        _copy(
            cr,
            "account_move_line",
            original,
            {
                **dict.fromkeys(EMPTY_LINE, "NULL"),
                **dated,
                "id": number,
                "move_id": entry,
            },
            source,
        )
    told = {"debit_move_id": term, "credit_move_id": other, "full_reconcile_id": "NULL"}
    told |= {
        "id": f"{partial} + s.n",
        "max_date": "s.day + 30",
        "create_date": "s.day + 30",
    }
    _copy(cr, "account_partial_reconcile", partial_id, told, source)


def _copy(cr, table, original, told, source):
    insert_copies(cr, table, original, told, source)
