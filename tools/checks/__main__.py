"""Prints what is wrong with the layout of the XML files below the folders named: `python -m tools.checks FOLDER…`."""

import sys
from pathlib import Path

from .xml_files import findings

found = [finding for folder in sys.argv[1:] for finding in findings(Path(folder))]
print("\n".join(found), end="\n" if found else "")
sys.exit(bool(found))
