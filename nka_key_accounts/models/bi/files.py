"""Files of the views, written every night into a folder of the server.

Only the server's configuration file names the folder (``nka_bi_folder``); no user and
no client of the API can choose a path. Every file replaces the former one as a whole,
and the manifest comes last: it lists the rows, the totals and the hash of each file.
"""

import csv
import hashlib
import json
import re
import shutil
from contextlib import suppress
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

from psycopg2.extensions import DECIMAL, register_type

from odoo.tools import SQL, config

from . import views

try:
    import pyarrow
    import pyarrow.parquet
except ImportError:  # Parquet files need it, nothing else does.
    pyarrow = None

OPTION = "nka_bi_folder"
MANIFEST = "manifest.json"
#: Rows in memory at a time.
BATCH = 5000
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
#: Odoo's user writes, its group reads, others see nothing.
_FOLDER_MODE, _FILE_MODE = 0o750, 0o640


def folder_of(env, company):
    """Return the folder with the files of a company, or None if none is configured.

    :rtype: Path or None
    """
    configured = config.get(OPTION)
    return configured and Path(configured) / env.cr.dbname / f"company_{company.id}"


def write_files(env, company, chosen, day):
    """Write the files of a day: each view as CSV, and as Parquet if pyarrow is there.

    :param chosen: views, see :mod:`.views`
    :param date day: day in the name of the folder
    :return: the manifest
    :rtype: dict
    """
    folder = folder_of(env, company) / day.isoformat()
    folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    manifest = {
        "company_id": company.id,
        "company": company.name,
        "currency": company.currency_id.name,
        "written_at": _text(datetime.now(timezone.utc).replace(microsecond=0)),
        "views": {
            view.name: _write_view(env, company, view, folder) for view in chosen
        },
    }
    part = folder / f".{MANIFEST}.part"
    part.write_text(json.dumps(manifest, indent=2, ensure_ascii=False), "utf-8")
    _put_in_place(part, folder / MANIFEST)
    return manifest


def remove_old(env, company, first_day):
    """Remove the folders of days before ``first_day``."""
    folder = folder_of(env, company)
    for old in folder.iterdir() if folder.is_dir() else ():
        if _DAY.fullmatch(old.name) and old.name < first_day.isoformat():
            shutil.rmtree(old)


def _write_view(env, company, view, folder):
    """Write the files of one view and return what the manifest says about it."""
    totals = dict.fromkeys(view.amounts(), Decimal(0))
    kinds = [_CsvFile, *([_ParquetFile] if pyarrow else [])]
    files = [kind(view, folder, company.currency_id.decimal_places) for kind in kinds]
    count = 0
    try:
        for rows in _batches(env.cr, view, company):
            count += len(rows)
            for file in files:
                file.add(rows)
            for place, column in enumerate(view.columns):
                if column.is_amount:
                    totals[column.name] += sum(row[place] or 0 for row in rows)
        hashes = {file.path.name: file.close() for file in files}
    except BaseException:
        for file in files:
            file.discard()
        raise
    return {
        "rows": count,
        "totals": {name: _text(total) for name, total in totals.items()},
        "sha256": hashes,
    }


def _batches(cr, view, company):
    """Yield the rows of a view in batches, with exact numbers.

    They are read as of the start of the transaction. Odoo's own cursors return numbers
    as floats.
    """
    query = SQL(
        "SELECT * FROM %s WHERE company_id = %s ORDER BY 1",
        SQL.identifier(view.name),
        company.id,
    )
    with cr._cnx.cursor("nka_bi_rows") as cursor:
        register_type(DECIMAL, cursor)
        cursor.execute(query.code, query.params)
        while rows := cursor.fetchmany(BATCH):
            yield rows


def _text(value):
    """Return a value as text for programs: ISO dates, a decimal point, no exponent."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value)


def _put_in_place(part, path):
    part.chmod(_FILE_MODE)
    part.replace(path)


class _File:
    """A file of a view that is being written."""

    suffix = ""

    def __init__(self, view, folder, digits):
        self.view, self.digits = view, digits
        self.path = folder / f"{view.name}.{self.suffix}"
        self.part = folder / f".{self.path.name}.part"
        self._open()

    def close(self):
        """Put the file in its place and return its hash.

        :rtype: str
        """
        self._finish()
        digest = hashlib.sha256()
        with self.part.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
        _put_in_place(self.part, self.path)
        return digest.hexdigest()

    def discard(self):
        with suppress(OSError):
            self._finish()
        self.part.unlink(missing_ok=True)


class _CsvFile(_File):
    """CSV in UTF-8 as RFC 4180 has it. Texts are exact, also those that a spreadsheet
    program would take for formulas.
    """

    suffix = "csv"

    def _open(self):
        self._file = self.part.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow([column.name for column in self.view.columns])

    def add(self, rows):
        self._writer.writerows([_text(value) for value in row] for row in rows)

    def _finish(self):
        self._file.close()


class _ParquetFile(_File):
    """Parquet with exact decimals."""

    suffix = "parquet"

    def _open(self):
        self._schema = pyarrow.schema(
            [(column.name, self._type(column)) for column in self.view.columns]
        )
        self._writer = pyarrow.parquet.ParquetWriter(self.part, self._schema)

    def _type(self, column):
        if column.type == views.NUMBER:
            is_rounded = self.view.is_rounded(column)
            return pyarrow.decimal128(38, self.digits if is_rounded else views.DECIMALS)
        return {
            views.ID: pyarrow.int64(),
            views.TEXT: pyarrow.string(),
            views.DAY: pyarrow.date32(),
            views.MOMENT: pyarrow.timestamp("us", tz="UTC"),
            views.YES: pyarrow.bool_(),
        }[column.type]

    def add(self, rows):
        columns = [
            pyarrow.array(values, self._schema.field(place).type)
            for place, values in enumerate(zip(*rows, strict=True))
        ]
        self._writer.write_table(pyarrow.table(columns, schema=self._schema))

    def _finish(self):
        self._writer.close()


def first_day_kept(day, days):
    """Return the first day whose files are kept.

    :param date day: today
    :param int days: number of days, today included
    """
    return day - timedelta(days=max(days, 1) - 1)
