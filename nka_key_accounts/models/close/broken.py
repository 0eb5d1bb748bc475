"""Differences between a month and its integrity hash, grouped by subject."""

from collections import defaultdict

#: Groups that a verification reports -> parts of the locked data.
GROUPS = {
    "statements": ("statement", "lines"),
    "payslips": ("payslip",),
    "credits": ("credits", "other_credits"),
}
#: Everything else that a statement was calculated from.
INPUTS = "inputs"
SEAL = "seal"


class Broken:
    """Differences found in one month; falsy if there are none."""

    def __init__(self, env):
        self.env = env
        self._found = defaultdict(list)

    def __bool__(self):
        return any(self._found.values())

    def of_seal(self, *sentences):
        """Add differences between hash, revision, month-end close and audit trail."""
        self._found[SEAL] += sentences

    def of_person(self, part, sentence):
        """Add a difference in one part of the locked data."""
        group = next((name for name, parts in GROUPS.items() if part in parts), INPUTS)
        self._found[group].append(sentence)

    def sentences(self, *groups):
        """Return the differences of all groups, or of the given ones.

        Differences about employees come first.

        :rtype: list[str]
        """
        names = groups or (*GROUPS, INPUTS, SEAL)
        return [sentence for name in names for sentence in self._found[name]]
