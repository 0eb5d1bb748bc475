"""Setup for tests of the loader: a small folder of sales data with errors."""

import tempfile
from pathlib import Path

from tools.real.loader import MODULE, Loader
from tools.real.source import Source

from ...common import NkaCase
from ...unit.real_sales import still_open, won, write_folder

DIRTY_LINES = {
    "sales_pipeline": [
        won(opportunity_id="W3", product="GTXPro", close_value="1000.10"),
        won(opportunity_id="W4", account="", close_value="70"),
        won(
            opportunity_id="W5",
            sales_agent="Carl Lin",
            account="Condax",
            close_value="9000",
        ),
        still_open(opportunity_id="E4", account=""),
    ]
}
COUNTED = (
    "res.partner",
    "res.users",
    "crm.team",
    "crm.lead",
    "account.move",
    "product.product",
    "nka.key.account",
)


class RealLoaderCase(NkaCase):
    """A small folder of sales data with errors, read again for every class."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source = cls._read(DIRTY_LINES)
        cls.loader = cls._loader(cls.source)

    @classmethod
    def _loader(cls, source, keep=lambda: None):
        return Loader(cls.env, source, keep)

    @classmethod
    def _read(cls, extra=None, **replaced):
        with tempfile.TemporaryDirectory() as path:
            write_folder(Path(path), extra, **replaced)
            return Source(path)

    def _ref(self, name):
        return self.env.ref(f"{MODULE}.{name}")

    def _count(self):
        everything = {
            model: self.env[model].with_context(active_test=False) for model in COUNTED
        }
        return {
            model: records.search_count([]) for model, records in everything.items()
        }
