"""Piped into an Odoo shell by `make real`; `env` is defined by the shell."""

import os
import sys

from tools.real import report

sys.exit(report.main(env, os.environ["NKA_REAL_DATA"], os.environ["NKA_FINDINGS"]))  # noqa: F821
