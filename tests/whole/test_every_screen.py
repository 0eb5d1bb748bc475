"""Every menu, view, filter and print opens for every role that sees it."""

import logging
from contextlib import contextmanager

from odoo.addons.nka_key_accounts.models.trail.roles import ROLES
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..close.common import DECEMBER, NOVEMBER, NOVEMBER_END, CloseCase
from ..common import new_user
from .marked import MarkedCase
from .screens import Screen

ROOT = "nka_key_accounts.menu_nka_root"
PAY = "nka_key_accounts.menu_nka_pay"
#: First word of a label that says what to do; such menus would be buttons.
VERBS = {
    *("add", "apply", "approve", "calculate", "check", "close", "confirm", "create"),
    *("export", "generate", "import", "lock", "log", "print", "propose", "rebuild"),
    *("recalculate", "refresh", "reset", "send", "start", "submit", "take", "update"),
    "verify",
}


def _line(text):
    return " ".join(str(text).split())[:400]


class Warnings(logging.Handler):
    """Collects warnings and errors of the log."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.texts = []

    def emit(self, record):
        self.texts.append(f"{record.name}: {record.getMessage()}")


class ScreensMixin:
    """Opens every page as a user of every role."""

    @classmethod
    def _make_roles(cls):
        """Create the users whose role has none among those of all tests."""
        known = (cls.manager, cls.supervisor, cls.officer, cls.kam_admin)
        missing = [
            new_user(cls.env, f"role{number}", role)
            for number, role in enumerate((*ROLES[len(known) :], "base.group_system"))
        ]
        cls.people = [*known, *missing]

    # ------------------------------------------------------------ helpers
    def _menus(self, user, root=ROOT):
        """Return the menus below a menu that a user sees, as dictionaries."""
        menus = self.env["ir.ui.menu"].with_user(user).load_web_menus(False)
        under = [self.env.ref(root).id]
        for menu_id in under:
            under.extend(menus.get(menu_id, {}).get("children", ()))
        return [menus[menu_id] for menu_id in under if menu_id in menus]

    def _opened(self, user, menu):
        """Return the action that a menu opens, as the client gets it."""
        action = self.env["ir.actions.actions"].browse(menu["actionID"])
        kind = self.env[action.sudo().type].with_user(user).browse(action.id)
        if kind._name == "ir.actions.server":
            return kind.run()
        return kind.sudo()._get_action_dict()

    @contextmanager
    def _noting(self, place, faults):
        """Collect what goes wrong in the block: errors, refusals and log entries."""
        told, logger = Warnings(), logging.getLogger("odoo")
        logger.addHandler(told)
        try:
            with self.env.cr.savepoint():
                yield
        except UserError as error:
            faults.append(f"{place}: refused: {_line(error)}")
        except Exception as error:  # Whatever the client would show.
            faults.append(f"{place}: {type(error).__name__}: {_line(error)}")
        finally:
            logger.removeHandler(told)
            self.env.invalidate_all(flush=False)
        faults.extend(f"{place}: log: {_line(text)}" for text in told.texts)

    def _open(self, user, menu, faults):
        place, screen = f"{user.login}: {menu['name']}", None
        with self._noting(place, faults):
            action = self._opened(user, menu)
            # Client actions, such as dashboards, have no model.
            if action.get("res_model"):
                screen = Screen(self.env(user=user), action)
        for step, call in screen.steps() if screen else ():
            with self._noting(f"{place}, {step}", faults):
                call()

    def _open_all(self, root=ROOT, apart_from=None):
        """Open the pages below a menu; return how many.

        :raise AssertionError: naming each page and step with an error, a refusal or a
            log entry
        """
        faults, count = [], 0
        for user in self.people:
            apart = self._menus(user, apart_from) if apart_from else []
            for menu in self._menus(user, root):
                if menu["actionID"] and menu not in apart:
                    self._open(user, menu, faults)
                    count += 1
        self.assertFalse(faults, "\n".join(["", *faults]))
        return count


@tagged("nka_control")
class TestEveryScreen(ScreensMixin, MarkedCase):
    """A row of each model is planted, so that there is something to show."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_roles()
        cls._remove_made_up()

    @classmethod
    def _remove_made_up(cls):
        """Remove planted rows whose content no program could have written."""
        cls.env.flush_all()
        cls.env.cr.execute(
            """ALTER TABLE nka_audit_seal DISABLE TRIGGER USER;
               DELETE FROM nka_audit_seal;
               ALTER TABLE nka_audit_seal ENABLE TRIGGER USER"""
        )
        cls.env.invalidate_all(flush=False)

    def test_every_menu_opens_with_its_views_filters_and_prints(self):
        self.assertGreater(self._open_all(apart_from=PAY), 60)

    def test_no_menu_is_a_verb(self):
        for user in self.people:
            names = {menu["name"] for menu in self._menus(user)}
            verbs = {name for name in names if name.split()[0].lower() in VERBS}
            self.assertFalse(verbs, "Menus open pages; actions are buttons.")

    def test_the_pay_menus_are_grouped(self):
        for user in self.people:
            pay = self._menus(user, PAY)[:1]
            groups = pay[0]["children"] if pay else ()
            for menu in self._menus(user, PAY):
                is_group = menu["id"] in groups
                self.assertEqual(is_group, bool(menu["children"]) and menu not in pay)
                self.assertLessEqual(len(menu["children"]), 7, menu["name"])


@tagged("nka_pay")
class TestEveryPayScreen(ScreensMixin, CloseCase):
    """A locked month with reports, goals, credits and payslips, and one in progress."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_roles()
        cls._cover(NOVEMBER, NOVEMBER_END)
        cls._invoice(2000000, NOVEMBER.replace(day=12))
        cls._score_all(DECEMBER)
        cls._locked_close()
        cls._new_close(DECEMBER).action_calculate()
        cls.env.flush_all()

    def test_every_pay_menu_opens_with_its_views_filters_and_prints(self):
        self.assertGreater(self._open_all(PAY), 40)
