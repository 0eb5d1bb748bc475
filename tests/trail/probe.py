"""Overrides of every write that try to misuse the addon's permission to write."""

from contextlib import ExitStack, contextmanager
from datetime import date
from functools import wraps
from unittest.mock import patch

from odoo.exceptions import MissingError, UserError
from odoo.tools import frozendict

#: Methods that an automation or another addon overrides on any model.
OVERRIDDEN = ("create", "write", "unlink")
#: Overridden as well on models with a chatter.
POSTED = ("message_post", "message_subscribe", "_message_log_batch")
#: Plain types allowed in a context: a client can send them, so they permit nothing.
PLAIN = (str, int, float, bytes, date, type(None))
#: Context objects that permit no write: the addon's for reads, Odoo's for accounting.
HARMLESS = {"nka_counted", "nka_checked", "bypass_audit"}
NOBODY = 2**31 - 1


def _is_plain(value):
    if isinstance(value, list | tuple | set):
        return all(map(_is_plain, value))
    if isinstance(value, dict | frozendict):
        return all(map(_is_plain, (*value, *value.values())))
    return isinstance(value, PLAIN)


class Probe:
    """Overrides the methods of all models; collects the writes that weren't refused."""

    def __init__(self, env):
        self.env = env
        self.seen = set()
        self.leaks = []
        self._is_trying = False

    @contextmanager
    def standing(self):
        with ExitStack() as stack:
            for name, cls in list(self.env.registry.items()):
                if cls._abstract:
                    continue
                for method in (*OVERRIDDEN, *POSTED):
                    if hasattr(cls, method):
                        wrapper = self._override(name, method, getattr(cls, method))
                        stack.enter_context(patch.object(cls, method, wrapper))
            yield self

    def _override(self, name, method, origin):
        @wraps(origin)
        def override(records, *args, **kwargs):
            self._try(name, method, records, args)
            result = origin(records, *args, **kwargs)
            self._try(name, method, records, args, is_over=True)
            return result

        return override

    def _try(self, name, method, records, args, is_over=False):
        if self._is_trying:
            return
        self._is_trying = True
        try:
            self.seen.add((name, method))
            where = f"{name}.{method}{' (over)' if is_over else ''}"
            self._look_at_context(where, records.env.context)
            self._write_elsewhere(where, records)
            if method == "write" and not is_over and args:
                self._write_more(where, records, args[0])
        finally:
            self._is_trying = False

    def _look_at_context(self, where, context):
        for key, value in context.items():
            if key not in HARMLESS and not _is_plain(value):
                self.leaks.append(f"{where}: {key} in the context")

    def _write_elsewhere(self, where, records):
        account = records.env["nka.key.account"].sudo().browse(NOBODY)
        self._assert_refused(where, account, {"state": "former"})

    def _write_more(self, where, records, vals):
        """Try the same records with other values and with fields not in ``vals``."""
        guarded = records._guarded() if hasattr(records, "_guarded") else ()
        for fname in [fname for fname in guarded if fname in vals][:1]:
            self._assert_refused(where, records, {fname: "forged"})
            self._assert_refused(where, records, {**vals, fname: "forged"})
        for fname in [fname for fname in guarded if fname not in vals][:1]:
            self._assert_refused(where, records, {fname: False})
            self._assert_refused(where, records, {**vals, fname: False})

    def _assert_refused(self, where, records, vals):
        if not records:
            return
        try:
            records.write(vals)
        except MissingError as error:
            self.leaks.append(f"{where}: {error}")
        except UserError:
            return
        except Exception as error:  # the guard let it pass, whatever raised this
            self.leaks.append(f"{where}: {error!r}")
        else:
            self.leaks.append(f"{where}: {records._name} {sorted(vals)}")


class Probed:
    """Mixin for test classes: run every test with the probe on all models."""

    def setUp(self):
        super().setUp()
        self.probe = Probe(self.env)
        self.enterContext(self.probe.standing())

    def tearDown(self):
        self.assertFalse(sorted(set(self.probe.leaks)))
        super().tearDown()
