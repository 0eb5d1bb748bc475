import argparse
from itertools import groupby

from . import __doc__ as about
from .checks import all_findings
from .findings import write_known
from .sources import Rooms


def main(words=None):
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("--write-known", action="store_true")
    parser.add_argument("rooms", nargs="*")
    asked = parser.parse_args(words)
    found = all_findings(Rooms())
    if asked.write_known:
        write_known(found)
    for room, block in groupby(found, key=lambda one: one.room):
        if not asked.rooms or room in asked.rooms:
            block = list(block)
            print(f"{room}: {len(block)}")
            for one in block:
                place = f"{one.path}:{one.line}" if one.line else one.path
                print(f"    {one.kind:7} {place}  {one.what}")


if __name__ == "__main__":
    main()
