"""Print findings about the XML files of addons and their README.rst.

Run it as `python -m tools.checks FOLDER…`.
"""

import sys
from pathlib import Path

from . import readme, xml_files

folders = map(Path, sys.argv[1:])
found = [
    finding
    for folder in folders
    for finding in (*xml_files.findings(folder), *readme.findings(folder))
]
print("\n".join(found), end="\n" if found else "")
sys.exit(bool(found))
