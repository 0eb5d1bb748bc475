"""Run the actions as each role and roll each of them back."""

import csv
import os
import re
from pathlib import Path

from odoo.exceptions import AccessDenied, RedirectWarning, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ...common import without_people
from .actions import ACTIONS, Hand
from .world import HELPERS, ROLES, World

OUTCOMES = Path(__file__).with_name("outcomes.csv")
WORKS, REFUSED, SAYS = "works", "refused", "works, says"
SIDES = ("key", "other")
#: Odoo's own refusals: record rules, and groups of models, fields and files.
ODOO_REFUSES = re.compile(
    "top-secret|freshly baked|You are not allowed to|Sorry, you are not allowed"
    "|do not have enough rights|document type|Contact your administrator"
    "|The requested operation|You do not have|doesn't have|Access Denied|AccessError"
)

#: Actions whose refusal has no button for the next step, and why.
NO_BUTTON = {
    "own deal: give a colleague an activity": "somebody else is chosen in the same form",
    "a colleague's deal: import a new amount": "an import lists messages",
    "quotation: give 60 % discount and confirm": "the button is on the quotation",
    "quotation: take the contract price list and confirm": "the same",
    "quotation: add a free part and confirm": "the same",
}


def read_outcomes():
    """Return the outcomes by role, for each app, action and side."""
    if not OUTCOMES.exists():
        return {}
    with OUTCOMES.open(newline="") as source:
        return {
            (row["app"], row["action"], row["client"]): {
                role: row[role] for role in ROLES if row[role]
            }
            for row in csv.DictReader(source)
        }


def write_outcomes(rows):
    with OUTCOMES.open("w", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(["app", "action", "client", *ROLES])
        for key, outcomes in rows.items():
            writer.writerow([*key, *(outcomes.get(role, "") for role in ROLES)])


@tagged("post_install", "-at_install", "nka")
class PairedCase(HttpCase):
    """The company with both sides, and the run of one action as one role."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        without_people(cls.env)
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": False})
        with mute_logger("odoo.addons.base.models.ir_rule"):
            cls.world = World(cls.env)
        cls.env.flush_all()
        cls.env.cr.precommit.run()

    def _try(self, what, role, side):
        """Perform an action as a role and roll it back.

        :return: the message of a refusal, or an empty string; ``self.button`` is the
            label of the button that it offers
        """
        self.button = ""
        env, cr = self.env, self.env.cr
        user = self.world.users[role]
        side = getattr(self.world, side)
        if role == "portal":
            user = side.guest
        env.clear()
        own = env(user=user.id, su=False, context=dict(user.context_get()))
        hand = Hand(own, self.world, side, role, self._opener(user))
        hand.user = user
        savepoint = cr.savepoint(flush=False)
        try:
            what.do(hand)
            own.flush_all()
            cr.precommit.run()
        except (UserError, AccessDenied) as refused:
            if isinstance(refused, RedirectWarning):
                self.button = refused.args[2]
            return str(refused.args[0] if refused.args else refused) or "refused"
        except Exception as broken:
            return f"{type(broken).__name__}: {broken}"
        finally:
            cr.precommit.clear()
            cr.postcommit.clear()
            env.clear()
            savepoint.close(rollback=True)
            env.clear()
            # Drop what this action cached, such as groups and views.
            self.registry.reset_changes()
        return ""

    def _opener(self, user):
        def open_url(url):
            if user.share and user.has_group("base.group_portal"):
                self.authenticate(user.login, user.login + "x" * (8 - len(user.login)))
            else:
                self.authenticate(None, None)
            answer = self.url_open(url, allow_redirects=False)
            if answer.status_code != 200:
                raise AccessDenied(f"HTTP {answer.status_code}")
            return answer.text

        return open_url

    def _each(self, *apps):
        """Yield the actions on both sides; NKA_PAIRED selects by description."""
        words = os.environ.get("NKA_PAIRED", "")
        for what in ACTIONS:
            for side in SIDES:
                if (not apps or what.app in apps) and words in what.words:
                    yield what, side

    def _is_ours(self, what, refusal):
        """Return whether the addon refused, naming a helper and the next step."""
        if ODOO_REFUSES.search(refusal):
            return False
        asks = what.words in NO_BUTTON or any(name in self.button for name in HELPERS)
        return asks and any(name in refusal for name in HELPERS)
