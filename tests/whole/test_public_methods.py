"""Clients can call every public method by RPC, so the addon's have to be listed."""

import inspect
import re
from unittest.mock import patch

from odoo import models
from odoo.exceptions import UserError
from odoo.service.model import get_public_method
from odoo.sql_db import Cursor
from odoo.tests import tagged

from ..documents.common import DocumentCase
from .public_methods import PUBLIC

WRITES = re.compile(
    r"\s*(INSERT|UPDATE|DELETE|TRUNCATE|ALTER|CREATE|DROP|WITH \w+ AS)", re.I
)
#: Methods that create the user's own page when it is opened for the first time.
MAKES_OWN_PAGE = {"nka.day": {"action_open"}}


@tagged("nka_control")
class TestPublicMethods(DocumentCase):
    #: Beginning of the names of the addon's modules, and its public methods.
    addon = "odoo.addons.nka_key_accounts."
    public = PUBLIC

    def _is_ours(self, cls):
        return cls.__module__.startswith(self.addon)

    def _doors(self, model):
        """Yield the names of public methods that only the addon adds to a model."""
        classes = type(model).mro()
        theirs = {
            name for cls in classes if not self._is_ours(cls) for name in vars(cls)
        }
        own = {name for cls in classes if self._is_ours(cls) for name in vars(cls)}
        for name in sorted(own - theirs):
            try:
                get_public_method(model, name)
            except (UserError, AttributeError):
                continue
            yield name

    def _every_model(self):
        for name in sorted(self.env.registry):
            yield self.env[name]

    def _listed(self, name):
        return set(self.public[name][1].split()) if name in self.public else set()

    def _inherited(self, model):
        """Return the methods that are listed with mixins instead of the model."""
        parents = {
            cls._name for cls in type(model).mro() if getattr(cls, "_name", None)
        }
        found = {
            name for parent in parents - {model._name} for name in self._listed(parent)
        }
        return found - self._listed(model._name)

    def test_every_public_method_is_listed_with_its_model(self):
        found = {}
        for model in self._every_model():
            doors = set(self._doors(model)) - self._inherited(model)
            if doors:
                found[model._name] = doors
        listed = {name: self._listed(name) for name in self.public}
        self.assertEqual(found, listed)

    def test_every_public_method_is_described(self):
        """Odoo's page for programs (/doc) shows what the first class says of a method."""
        silent = []
        for name, (_roles, methods) in self.public.items():
            for method in methods.split():
                classes = reversed(type(self.env[name]).mro())
                first = next(cls for cls in classes if hasattr(cls, method))
                function = getattr(first, method)
                text = inspect.getdoc(function) or ""
                arguments = [*inspect.signature(function).parameters][1:]
                silent += [
                    f"{name}.{method}: {one}"
                    for one in ("", *arguments)
                    if not re.search(rf":param (\w+ )?{one}:" if one else r"\w", text)
                ]
        self.assertEqual(silent, [])

    def test_listed_roles_can_read_the_models(self):
        """Each role on its own can read exactly the models that list it."""
        people = self._people()
        for name, (roles, _methods) in self.public.items():
            model = self.env[name]
            if model._abstract or not name.startswith("nka."):
                continue
            expected = set(people) if "user" in roles.split() else set(roles.split())
            readers = {
                role
                for role, user in people.items()
                if model.with_user(user).has_access("read")
            }
            self.assertEqual(readers, expected, name)

    def _people(self):
        """Return a user of each role that the list can name."""
        return {
            "manager": self.manager,
            "supervisor": self.supervisor,
            "payroll_officer": self.officer,
            "admin": self.kam_admin,
            "user": self.employee_user,
            "sales_team.group_sale_salesman": self.salesman,
        }

    def test_users_without_a_role_change_nothing(self):
        """Users without a role get an error, or nothing is written."""
        for name, (_roles, methods) in self.public.items():
            model = self.env[name]
            if model._abstract or model._transient:
                continue
            record = model.sudo().with_context(active_test=False).search([], limit=1)
            for user in (self.employee_user, self.salesman):
                own_page = MAKES_OWN_PAGE.get(name, set())
                for method in sorted(set(methods.split()) - own_page):
                    with self.subTest(user=user.login, model=name, method=method):
                        self._assert_harmless(
                            record.with_user(user).sudo(False), method
                        )

    def _assert_harmless(self, record, name):
        written = []
        execute = Cursor.execute

        def watched(cursor, query, *args, **kwargs):
            text = query if isinstance(query, str) else query.code
            if WRITES.match(text):
                written.append(text)
            return execute(cursor, query, *args, **kwargs)

        # Flush what earlier calls left, so that it isn't attributed to this one.
        self.cr.flush()
        method = getattr(type(record), name)
        target = record.browse() if getattr(method, "_api_model", False) else record
        try:
            with patch.object(Cursor, "execute", watched), self.cr.savepoint():
                result = method(target, *self._dummies(method))
                self.env.flush_all()
        except (UserError, ValueError):
            # Refused. ValueError: a method for one record was called on none.
            self.env.invalidate_all()
            return
        kept = [text for text in written if "SAVEPOINT" not in text]
        self.assertFalse(kept, f"{record._name}.{name}")
        self.assertFalse(isinstance(result, models.BaseModel), f"{record._name}.{name}")

    @staticmethod
    def _dummies(method):
        """Return a value for each required argument."""
        parameters = list(inspect.signature(method).parameters.values())[1:]
        needed = [
            parameter
            for parameter in parameters
            if parameter.default is parameter.empty
            and parameter.kind == parameter.POSITIONAL_OR_KEYWORD
        ]
        return [[1] if parameter.name.endswith("_ids") else 1 for parameter in needed]
