"""Dashboards of the addon, as files of Odoo's spreadsheet.

Only Odoo Enterprise can edit such files in a browser, so this package is their source.
``python -m tools.dashboards`` writes each dashboard, and a sample of the same layout
with invented figures, which Odoo shows while there is nothing to count.
``tests/unit/test_dashboards.py`` compares the files with it.
"""

import json

from . import key_accounts, pay

BUILDERS = {"key_accounts": key_accounts.build, "pay": pay.build}


def contents():
    """Return the content of each file, by its name."""
    found = {}
    for name, builder in BUILDERS.items():
        found[f"{name}_dashboard.json"] = builder()
        found[f"{name}_sample_dashboard.json"] = builder(is_sample=True)
    return {
        name: json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        for name, content in found.items()
    }
