"""What a verification looked at, in words and counts."""

from typing import NamedTuple


class Check(NamedTuple):
    """One kind of thing that a verification compared, and where it found a contradiction.

    A room returns some of them from ``_checks`` of ``nka.audit.verification``. Every one
    becomes a line of the verification, also where nothing was found: what isn't listed
    wasn't looked at.

    :param str title: what was compared with what, in words, for example “Seals of locked
        months, against the trail”
    :param int count: how many were looked at
    :param list[str] findings: a sentence for each contradiction; empty where all agree
    :param str unit: what was counted, for example “months”; the title says it without one
    :param list[str] warnings: a sentence for each thing that contradicts nothing, but that
        somebody has to see to, for example a signed checkpoint that nobody was sent
    """

    title: str
    count: int
    findings: list[str]
    unit: str = ""
    warnings: list[str] = ()
