"""Piped into an Odoo shell by `make demo`; `env` is defined by the shell."""

import os

from tools.demo import report

address = os.environ["NKA_ADDRESS"]
report.speak(env, os.environ["LANG_CODE"])  # noqa: F821
report.portfolio(env)  # noqa: F821
report.statements(env)  # noqa: F821
report.hiring(env)  # noqa: F821
report.logins(env, address)  # noqa: F821
if address:
    # Links open the demo, and printed pages load their styles from there.
    env["ir.config_parameter"].sudo().set_param("web.base.url", address)  # noqa: F821
env.cr.commit()  # noqa: F821
