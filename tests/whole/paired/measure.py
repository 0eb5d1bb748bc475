"""Write plain Odoo's outcomes to ``outcomes.csv``; needs a database without the addon.

    createdb -T deps plain && pytest --odoo-database=plain --odoo-http tests/whole/paired/measure.py

Keeps the marks of actions that the addon may answer with a message.
"""

from .paired import REFUSED, SAYS, WORKS, PairedCase, read_outcomes, write_outcomes
from .world import has_addon


class TestMeasure(PairedCase):
    def test_measure(self):
        if has_addon(self.env):
            self.skipTest("plain Odoo is measured on a database without the addon")
        known, rows = read_outcomes(), {}
        for what, side in self._each():
            key = (what.app, what.words, side)
            rows[key] = {}
            for role in what.roles:
                refusal = self._try(what, role, side)
                if refusal:
                    print(*key, role, refusal[:300].replace("\n", " "), sep=" | ")
                before = known.get(key, {}).get(role)
                works = SAYS if before == SAYS else WORKS
                rows[key][role] = REFUSED if refusal else works
        write_outcomes(rows)
