#!/bin/sh
# Entry point of every make target: find a Python version that Odoo 19 supports and run tools/commands.
cd "$(dirname "$0")/.." || exit 2

fits='import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 14))'
without_venv=

for python in ${NKA_PYTHON:-/usr/bin/python3 python3 python3.13 python3.12 python3.11 python3.10}; do
    "$python" -c "$fits" 2>/dev/null || continue
    if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        PYTHONDONTWRITEBYTECODE=1 exec "$python" -m tools.commands "$@"
    fi
    without_venv=$python
done

if [ -n "$without_venv" ]; then
    echo "$without_venv cannot make virtual environments: install its venv module (Debian: apt-get install python3-venv)." >&2
else
    echo "No Python 3.10 to 3.13 was found: install one (Debian: apt-get install python3 python3-venv) or name it in NKA_PYTHON." >&2
fi
exit 2
