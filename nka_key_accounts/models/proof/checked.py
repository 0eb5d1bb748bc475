"""Result of one check of a verification."""

from typing import NamedTuple


class Check(NamedTuple):
    """One check of a verification: number of items and contradictions found.

    Rooms return checks from ``_checks`` of ``nka.audit.verification``. Each one becomes
    a line of the verification, even if nothing was found: whatever isn't listed wasn't
    checked.

    :param str title: what was compared with what, for example “Status of
        records, against every change in the trail”
    :param int count: number of items checked
    :param list[str] findings: a message per contradiction; empty if there is none
    :param str unit: what was counted, for example “months”; empty if the title says it
    :param list[str] warnings: a message per item that contradicts nothing but needs
        attention, for example a signed checkpoint that wasn't emailed to anyone
    """

    title: str
    count: int
    findings: list[str]
    unit: str = ""
    warnings: list[str] = ()
