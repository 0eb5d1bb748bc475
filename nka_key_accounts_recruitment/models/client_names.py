"""Comparison of the names of companies, as they are written in CVs."""

import re

from odoo.fields import Domain

#: Legal forms in front of or behind a name.
FORMS = frozenset(
    {"ооо", "зао", "оао", "пао", "ао", "ип", "нпо", "гк", "фирма", "компания"}
    | {"llc", "ltd", "limited", "inc", "corp", "co", "company", "plc", "gmbh", "ag"}
    | {"sa", "sas", "srl", "bv", "nv", "oy", "ab", "as", "spa", "kg", "the", "ooo"}
)
#: Longest name that is looked up, and shortest word that is searched for.
LONGEST, SHORTEST = 200, 3


def words(name):
    """Return the words of a name without quotes, punctuation and legal forms.

    :rtype: list[str]
    """
    found = re.findall(r"\w+", (name or "")[:LONGEST].lower())
    return [word for word in found if word not in FORMS] or found


def simplify(name):
    """Return the name as it is compared.

    :rtype: str
    """
    return " ".join(words(name)).replace("ё", "е")


def find_customers(env, names):
    """Return the customers with these names that the current user can see.

    One search for all names; key account data isn't read.

    :param names: names of companies, as entered
    :return: customers by simplified name
    :rtype: dict[str, res.partner]
    """
    partners = env["res.partner"]
    wanted = {simplify(name): words(name) for name in names if name}
    longest = {max(parts, key=len) for parts in wanted.values() if parts}
    longest = sorted(word for word in longest if len(word) >= SHORTEST)
    if not longest or not partners.has_access("read"):
        return {}
    similar = Domain.OR(Domain("name", "ilike", word) for word in longest)
    domain = similar & Domain("is_company", "=", True) & Domain("customer_rank", ">", 0)
    found = partners.search(domain, limit=1000).grouped(lambda one: simplify(one.name))
    return {name: found[name] for name in wanted if name in found}
