"""Words that suggest an answer speaks of a business of one's own."""

import re

PHRASES = (
    r"\b(?:own|owning|start\w*|launch\w*|found\w*|set(?:ting)? up|build\w*)\s+(?:\w+\s+){0,2}"
    r"(?:business|company|firm|start-?up|agency)\b",
    r"\bentrepreneur\w*",
    r"\bself-employed\b",
    r"\bbusiness owner\b",
    r"\bowner of (?:a|my|their|the)\s+(?:\w+\s+)?(?:business|company|firm)\b",
    r"\bco-?founder\b|\bfounder\b",
    r"\b(?:сво|собственн)\w*\s+(?:\w+\s+){0,2}(?:бизнес|компани|фирм|агентств|предприяти)\w*",
    r"\b(?:откры\w*|начать|основать|иметь|будет)\s+(?:\w+\s+)?(?:сво[её]|собственное)\s+дело\b",
    r"\b(?:бизнес|дело|компани\w|фирм\w)\s+открыть\b",
    r"\bпредпринимател\w*",
    r"\bсамозанят\w*",
    r"\b(?:владел\w+|хозя\w+|основател\w+)\s+(?:\w+\s+)?(?:бизнес|компани|фирм|предприяти)\w*",
    r"\bработать на себя\b",
)
OWNER = re.compile("|".join(PHRASES), re.IGNORECASE)


def speaks_of_ownership(text):
    """Return whether a text may speak of a business of one's own.

    A suggestion for a reader, who decides; it can be wrong in both directions.

    :param str text: what the applicant answered
    :rtype: bool
    """
    return bool(text and OWNER.search(text))
