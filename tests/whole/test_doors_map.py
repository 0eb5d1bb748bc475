"""Every public method is in the access map and gives each role what the map says."""

from collections import Counter

from odoo.service.model import call_kw
from odoo.tests import tagged

from .arguments import arguments
from .doors import call
from .doors_kinds import KINDS
from .doors_map import EXCEPTIONS, ROLES, ROWS, VERBS
from .marked import MarkedCase
from .public_methods import PUBLIC

HERE = "tests/whole/doors_map.py"
#: The first of these roles that can't read a row tries every method on it. Roles with
#: more rights come first.
STRANGERS = ("colleague", "salesman", "officer", "employee", "portal")
#: Kinds that aren't tried as users without access, because they return no records.
UNTRIED = {"outside", "oneself", "structure"}
#: Inherited methods that are tried on each model. The other inherited methods are tried
#: only on the models in WHOLE.
EACH = {
    "copy_data",
    "export_data",
    "formatted_read_group",
    "get_metadata",
    "load",
    "message_post",
    "message_subscribe",
    "name_search",
    "onchange",
    "read",
    "search",
    "unlink",
    "web_save",
    "write",
}
WHOLE = {
    "calendar.event",
    "crm.lead",
    "ir.attachment",
    "nka.commitment",
    "nka.document",
    "nka.key.account",
    "nka.pay.statement",
}
COUNTED = ("read", "web_read", "search_read", "web_search_read", "name_search")
#: Odoo lets only its administrators export these.
BY_ADMINISTRATORS = ("mail.message",)
#: Roles of the addon: reads of others aren't counted.
COUNTED_ROLES = ROLES[: ROLES.index("salesman")]


@tagged("nka_control")
class TestAccessMap(MarkedCase):
    #: The map: where it is written, and what it holds.
    here = HERE
    rows_of_roles, verbs, exceptions, public = ROWS, VERBS, EXCEPTIONS, PUBLIC
    strangers = STRANGERS

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kinds = {
            verb: "steps"
            for _roles, verbs in cls.public.values()
            for verb in verbs.split()
        }
        for kind, verbs in cls.verbs:
            cls.kinds.update(dict.fromkeys(verbs.split(), kind))

    def _kind(self, name, verb):
        return self.exceptions.get((name, verb)) or self.kinds.get(verb)

    # ------------------------------------------------------------ completeness
    def test_every_public_method_is_listed(self):
        missing = Counter(
            verb
            for name in self.rows
            for verb in self._verbs(self.env[name])
            if not self._kind(name, verb)
        )
        self.assertFalse(
            missing,
            f"Public methods without a kind. Enter each in VERBS of {self.here} under "
            "the kind of door it is; one of the addon's own in public_methods.py "
            f"beside it: {sorted(missing)}",
        )
        twice = [verb for verb, count in self._listed_verbs().items() if count > 1]
        self.assertFalse(twice, f"listed twice in VERBS of {self.here}")
        self.assertLessEqual({kind for kind, _verbs in self.verbs}, set(KINDS))

    def _listed_verbs(self):
        return Counter(verb for _kind, verbs in self.verbs for verb in verbs.split())

    def test_rows_are_readable_as_listed(self):
        """ROWS lists what each role gets by reading a row of each model."""
        told = {name: self._told(record) for name, record in self.rows.items()}
        listed = self._listed_rows()
        wrong = [
            f"{name:40}{row}   # the map says {listed.get(name, 'nothing')}"
            for name, row in told.items()
            if listed.get(name) != row
        ]
        self.assertFalse(
            wrong,
            f"Other people read these rows than ROWS of {self.here} says. If that is "
            f"right, put the lines there; the roles are {', '.join(self.roles)}:\n"
            + "\n".join(wrong),
        )
        self.assertEqual(
            set(listed), set(told), f"models that are gone: ROWS of {self.here}"
        )

    def _listed_rows(self):
        """Return what each role gets by reading a row, by the name of its model."""
        return dict(line.split() for line in self.rows_of_roles.strip().splitlines())

    def _told(self, record):
        columns = self._columns(record)
        marked = any(
            word in str(record.sudo().read(columns)) for word in ("Quagga", "71234.56")
        )
        counted = COUNTED_ROLES if hasattr(record, "_key_records") else ()
        answers = {role: self._look(role, record, columns) for role in self.roles}
        return "".join(
            ("c" if role in counted else "a") if self._is_shown(answer, marked) else "."
            for role, answer in answers.items()
        )

    def _look(self, role, record, columns):
        domain = [("id", "=", record.id)]
        return self._ask(role, record._name, "search_read", domain, columns)

    def _is_shown(self, answer, marked):
        self.assertFalse(not answer.done and answer.tells, answer.text)
        found = answer.done and answer.text != "[]"
        return found and (answer.tells or not marked)

    # ------------------------------------------------------------ without access
    def test_users_without_access_learn_and_change_nothing(self):
        """Users who can't read a row can't change it or anything beside it.

        No answer and no error message of any method reveals anything about the row.
        """
        listed, places = self._listed_rows(), list(self.roles)
        found = []
        for name, record in self.rows.items():
            row = listed.get(name, "." * len(places))
            blind = [role for role in self.strangers if row[places.index(role)] == "."]
            if record and blind:
                self._watch(record)
                found += self._try_verbs(blind[0], record)
        self.assertFalse(found, "\n".join(found))

    def _try_verbs(self, role, record):
        name, model = record._name, self.env[record._name]
        text = self._text_field(record)
        for verb in sorted(self._verbs(model)):
            if self._kind(name, verb) in UNTRIED or self._is_alike(model, verb):
                continue
            args = arguments(verb, record, text, model)
            answer = self._ask(role, name, verb, *args, watched=record)
            if answer.tells:
                yield f"{role} is told by {name}.{verb}: {answer.text[:300]}"
            # Odoo logs tracked values ("Busy") even of an import that it rolls back.
            is_refused = answer.text.startswith('{"ids": false')
            if answer.changed and not is_refused:
                yield f"{role} changes {name} by {verb}: {answer.text[:300]}"

    def _is_alike(self, model, verb):
        """Return whether the method is inherited and tried on another model."""
        if model._name in WHOLE or verb in EACH:
            return False
        own = getattr(type(model), verb)
        mixins = ("base", "mail.thread", "mail.activity.mixin", "nka.read.mixin")
        return any(
            getattr(type(self.env[mixin]), verb, None) is own for mixin in mixins
        )

    def test_access_errors_in_debug_mode(self):
        """Access errors must not name hidden records, as Odoo's do in debug mode."""
        for role in ("colleague", "salesman"):
            user = self.roles[role]
            self.authenticate(user.login, self._password(user))
            self.url_open("/odoo?debug=1")
            for name, record in self.rows.items():
                if name.startswith(("nka.", "crm.lead", "hr.payslip")):
                    answer = self._web_read(record)
                    if self._look(role, record, ["display_name"]).text in ("[]", ""):
                        self.assertNotIn("Quagga", answer, f"{role} {name}")

    def _web_read(self, record):
        params = {
            "model": record._name,
            "method": "read",
            "args": [record.ids or [1], ["display_name"]],
            "kwargs": {},
        }
        route = f"/web/dataset/call_kw/{record._name}/read"
        return self.url_open(route, json={"params": params}).text

    # ------------------------------------------------------------ with access
    def test_reads_of_the_manager_are_counted(self):
        """Reads of the manager are counted where ROWS says so."""
        for name, record in self.rows.items():
            if not hasattr(record, "_key_records") or not record:
                continue
            if self._told(record)[0] != "c":
                continue
            text = self._text_field(record)
            for verb in COUNTED:
                with self.subTest(model=name, verb=verb):
                    args = arguments(verb, record, text, self.env[name])
                    self.assertTrue(self._counts(name, verb, args))

    def _counts(self, name, verb, args):
        """Return whether a call of the manager adds to their counted reads."""
        domain = [("user_id", "=", self.manager.id)]
        readings = self.env["nka.reading"]
        before = readings.search_count(domain)
        with self.cr.savepoint() as save:
            model = self.env(user=self.manager.id, su=False, context={})[name]
            call_kw(model, verb, args, {})
            after = readings.search_count(domain)
            save.rollback()
        self.env.transaction.clear()
        return after > before

    def test_exports_are_logged_or_refused(self):
        """Supervisors' exports are logged; managers can't export what they read."""
        exporters = self.env.ref("base.group_allow_export")
        for user in (self.manager, self.supervisor):
            user.group_ids += exporters
        for name, record in self.rows.items():
            if not hasattr(record, "_key_records") or not record:
                continue
            row = self._told(record)
            with self.subTest(model=name):
                if name in BY_ADMINISTRATORS:
                    for role in ("manager", "supervisor"):
                        refused = self._export(role, record)
                        self.assertIn("Only administrators", refused.text)
                    continue
                if row[0] == "c":
                    refused = self._export("manager", record)
                    self.assertIn("Only a supervisor can export", refused.text)
                if row[ROLES.index("supervisor")] == "c":
                    self.assertTrue(self._is_recorded(record))

    def _export(self, role, record):
        return self._ask(
            role, record._name, "export_data", record.ids, ["display_name"]
        )

    def _is_recorded(self, record):
        """Return whether an export of the supervisor logs an audit event."""
        events = self.env["nka.audit.event"]
        before = events.search_count([("kind", "=", "export")])
        with self.cr.savepoint() as save:
            model = self.env(user=self.supervisor.id, su=False, context={})[
                record._name
            ]
            call_kw(model, "export_data", [record.ids, ["display_name"]], {})
            after = events.search_count([("kind", "=", "export")])
            save.rollback()
        self.env.transaction.clear()
        return after == before + 1

    # ------------------------------------------------------------ protocols
    def test_network_protocols_reveal_nothing(self):
        """The routes that call these methods reveal nothing either."""
        asked = {"fields": ["display_name"]}
        calls = [
            call(name, "read", self.rows[name].ids, **asked)
            for name in ("crm.lead", "nka.document", "nka.contact.log", "nka.settings")
        ]
        self._assert_blind((self.colleague, self.salesman), *calls, secret="Quagga")
