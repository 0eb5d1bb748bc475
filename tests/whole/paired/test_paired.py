"""What works in plain Odoo works with the addon, or the refusal says what to do."""

from .actions import ACTIONS
from .paired import REFUSED, SAYS, SIDES, WORKS, PairedCase, read_outcomes
from .world import ROLES

#: Minimum number of outcomes in the table.
ACTIONS_AT_LEAST = 400


class TestPaired(PairedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.outcomes = read_outcomes()

    def _failures(self, *apps):
        """Yield actions that the addon refuses without saying what to do."""
        for what, side in self._each(*apps):
            for role, outcome in self.outcomes[what.app, what.words, side].items():
                if outcome == REFUSED:
                    continue
                refusal = self._try(what, role, side)
                if not self._is_answered(what, outcome, refusal):
                    words = refusal[:400].replace("\n", " ") or "works now"
                    yield f"{what.app} | {what.words} | {side} | {role} | {words}"

    def _is_answered(self, what, outcome, refusal):
        if outcome == WORKS:
            return not refusal
        return self._is_ours(what, refusal)

    def _assert_as_before(self, *apps):
        failures = list(self._failures(*apps))
        self.assertFalse(failures, "\n" + "\n".join(failures))

    def test_contacts(self):
        self._assert_as_before("contacts")

    def test_crm(self):
        self._assert_as_before("crm")

    def test_calendar(self):
        self._assert_as_before("calendar")

    def test_sales(self):
        self._assert_as_before("sales")

    def test_accounting(self):
        self._assert_as_before("accounting")

    def test_employees_and_payroll(self):
        self._assert_as_before("employees", "payroll")

    def test_administration(self):
        self._assert_as_before("administration")

    def test_portal(self):
        self._assert_as_before("portal")


class TestTable(PairedCase):
    """The table lists each action once per side, with the roles that try it."""

    @classmethod
    def setUpClass(cls):
        # Reading the table needs no test data.
        super(PairedCase, cls).setUpClass()

    def test_table_is_complete(self):
        tried = {
            (what.app, what.words, side): set(what.roles)
            for what in ACTIONS
            for side in SIDES
        }
        known = {key: set(row) for key, row in read_outcomes().items()}
        self.assertEqual(known, tried)

    def test_table_has_all_roles_and_outcomes(self):
        rows = read_outcomes().values()
        cells = [(role, outcome) for row in rows for role, outcome in row.items()]
        self.assertEqual({role for role, _outcome in cells}, set(ROLES))
        self.assertEqual({text for _role, text in cells}, {WORKS, REFUSED, SAYS})
        self.assertGreaterEqual(len(cells), ACTIONS_AT_LEAST)

    def test_other_clients_get_no_message(self):
        """Only actions on key accounts may get a message of the addon."""
        said = [
            key
            for key, row in read_outcomes().items()
            if key[2] == "other" and SAYS in row.values()
        ]
        self.assertFalse(said)
