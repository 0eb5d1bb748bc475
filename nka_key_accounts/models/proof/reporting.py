"""The words of a verification: its lines, and a text with all of them."""

#: Maximum number of messages listed per check.
REPORTED = 20


def reported(env, sentences):
    """Return the first messages, followed by the number of further ones.

    :rtype: list[str]
    """
    more = len(sentences) - REPORTED
    if more <= 0:
        return [*sentences]
    return [*sentences[:REPORTED], env._("… and %s more.", more)]


def prepare_line(env, check):
    """Return the values of the line for a check.

    :rtype: dict
    """
    told = [*reported(env, check.findings), *reported(env, check.warnings)]
    return {
        "title": check.title,
        "count": check.count,
        "unit": check.unit,
        "found": len(check.findings),
        "warned": len(check.warnings),
        "message": "\n".join(told),
    }


def message_of(env, checks, unchecked):
    """Return a text with what was found, what was checked and what wasn't.

    :param list[Check] checks: what was checked
    :param list[str] unchecked: labels of what wasn't
    :rtype: str
    """
    found = [text for check in checks for text in reported(env, check.findings)]
    if not found:
        found = [env._("No contradictions were found in what was checked.")]
    warned = [text for check in checks for text in reported(env, check.warnings)]
    looked = "; ".join(map(_in_words, checks))
    parts = [*found, *warned, env._("Checked: %s.", looked)]
    if unchecked:
        parts.append(env._("Not checked: %s.", "; ".join(unchecked)))
    return "\n".join(parts)


def _in_words(check):
    counted = f"{check.unit}: {check.count}" if check.unit else check.count
    return f"{check.title} ({counted})"
