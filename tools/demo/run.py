"""Piped into an Odoo shell by `make demo`; `env` is the shell's."""

import os

from tools.demo import address, language, logins, portfolio, statements

language.speak(env, os.environ["LANG_CODE"])  # noqa: F821
portfolio.show(env)  # noqa: F821
statements.show(env)  # noqa: F821
logins.show(env, os.environ["NKA_ADDRESS"])  # noqa: F821
address.tell(env, os.environ["NKA_ADDRESS"])  # noqa: F821
env.cr.commit()  # noqa: F821
