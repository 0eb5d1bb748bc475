"""Read key account data of Odoo by its API, with nothing but Python's own library.

    export ODOO_URL=https://odoo.example.com
    export ODOO_API_KEY=...    # in Odoo: your avatar, My Preferences, Security
    export ODOO_DATABASE=...   # only if the server has several databases
    python3 read_statements.py 2026-10

Prints the statements of a locked month that the owner of the key can read, with their
total. Run it with the key of a payroll officer. Every record read this way is counted
and limited as on the screens.
"""

import json
import os
import sys
import urllib.error
import urllib.request
from decimal import Decimal

PAGE = 200


class Refused(Exception):
    """Odoo's answer to a call that it refused; the text says what to do."""


def call(model, method, **arguments):
    """Call a public method of Odoo and return its result.

    ``ids`` are the records to call it on; all other arguments have the names that
    Odoo's page /doc shows.
    """
    headers = {
        "Authorization": f"bearer {os.environ['ODOO_API_KEY']}",
        "Content-Type": "application/json",
    }
    if "ODOO_DATABASE" in os.environ:
        headers["X-Odoo-Database"] = os.environ["ODOO_DATABASE"]
    request = urllib.request.Request(
        f"{os.environ['ODOO_URL']}/json/2/{model}/{method}",
        json.dumps(arguments).encode(),
        headers,
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer, parse_float=Decimal)
    except urllib.error.HTTPError as error:
        if error.headers.get_content_type() != "application/json":
            raise  # Something between this program and Odoo answered.
        raise Refused(json.load(error)["message"]) from error


def read_all(model, domain, fields):
    """Yield all records of a domain, page by page, with these fields."""
    offset = 0
    while True:
        page = call(
            model,
            "search_read",
            domain=domain,
            fields=fields,
            order="id",
            offset=offset,
            limit=PAGE,
        )
        yield from page
        if len(page) < PAGE:
            break
        offset += PAGE


def main(month):
    """Print the statements of a month such as 2026-10."""
    statements = read_all(
        "nka.pay.statement",
        [("month", "=", f"{month}-01"), ("state", "=", "locked")],
        ["user_id", "fixed_amount", "soft_amount", "bonus_amount", "total_amount"],
    )
    total = Decimal(0)
    for statement in statements:
        _user_id, name = statement["user_id"]
        print(f"{name}\t{statement['total_amount']:.2f}")
        total += Decimal(statement["total_amount"])
    print(f"Total\t{total:.2f}")


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except Refused as refused:
        sys.exit(f"Odoo refused: {refused}")
