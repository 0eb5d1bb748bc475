"""What differs from a month's seal, in words, kept apart by what it is about."""

from collections import defaultdict

#: What a verification tells apart -> parts of a seal.
GROUPS = {
    "statements": ("statement", "lines"),
    "payslips": ("payslip",),
    "credits": ("credits", "other_credits"),
}
#: Everything else that a statement was calculated from.
INPUTS = "inputs"
SEAL = "seal"


class Broken:
    """Contradictions of one month; falsy where there is none."""

    def __init__(self, env):
        self.env = env
        self._found = defaultdict(list)

    def __bool__(self):
        return any(self._found.values())

    def of_seal(self, *sentences):
        """Seal, revision, page of the month and trail don't agree."""
        self._found[SEAL] += sentences

    def of_person(self, part, sentence):
        """A part of the month isn't what was sealed."""
        group = next((name for name, parts in GROUPS.items() if part in parts), INPUTS)
        self._found[group].append(sentence)

    def sentences(self, *groups):
        """What was found, all of it or of some groups, what is about people first.

        :rtype: list[str]
        """
        names = groups or (*GROUPS, INPUTS, SEAL)
        return [sentence for name in names for sentence in self._found[name]]
