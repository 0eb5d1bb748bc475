"""Terms of a pay plan in words, for descriptions of positions and for job offers."""

from odoo.tools import formatLang

from ..pay import leaving_texts

#: Titles of the paragraphs are translated with the sentences, so both are built here.


def plan_words(version):
    """Return what a plan version pays for, as pairs of title and text.

    There are no amounts in it, so it can be part of a description of a position.

    :param version: nka.pay.plan.version, in the language of the reader
    :rtype: list[tuple[str, str]]
    """
    env = version.env
    words = [
        (env._("Pay mix"), _mix(version)),
        (env._("Fixed pay"), _fixed(version)),
        (env._("Goal pay"), _goals(version)),
        (env._("Bonus"), _bonus(version)),
    ]
    if held := leaving_texts.held_bonus(version):
        words.append((env._("Held bonus"), held))
    return words


def leaving_words(version):
    """Return what becomes of the bonus after the agreement, as a title and a text."""
    return version.env._("After the end"), leaving_texts.after_leaving(version)


def percent(env, number):
    """Return a percentage without decimals of no use."""
    digits = next(
        d for d in (0, 1, 2) if d == 2 or round(number, d) == round(number, 2)
    )
    return f"{formatLang(env, number, digits)}\N{NO-BREAK SPACE}%"


def _mix(version):
    return version.env._(
        "%(fixed)s fixed pay, %(goals)s goal pay and %(bonus)s bonus of the target "
        "earnings.",
        fixed=percent(version.env, version.fixed_share),
        goals=percent(version.env, version.soft_share),
        bonus=percent(version.env, version.bonus_share),
    )


def _fixed(version):
    paid = version.env._(
        "Paid each month for the work itself, which weekly reports show."
    )
    if version.holding_policy != "hold_above_floor":
        return paid
    held = version.env._(
        "Pay for days without an approved report is held until the report is approved; "
        "an agreed floor is always paid."
    )
    return f"{paid} {held}"


def _goals(version):
    env = version.env
    goals = ", ".join(
        f"{line.kpi_id.name} ({percent(env, line.weight)})" for line in version.line_ids
    )
    return env._(
        "Depends on the goals agreed for a season: %(goals)s. Attainment below "
        "%(threshold)s counts as 0, above %(cap)s as %(cap)s.",
        goals=goals or "–",
        threshold=percent(env, 100 * version.threshold),
        cap=percent(env, 100 * version.cap),
    )


def _bonus(version):
    env = version.env
    if version.bonus_basis == "paid":
        basis = env._("Depends on payments received from own clients, untaxed.")
    else:
        basis = env._("Depends on invoices to own clients, untaxed.")
    tiers = version.tier_ids.sorted("from_percent")
    if tiers.filtered(lambda tier: tier.factor != 1):
        steps = "; ".join(
            env._(
                "from %(start)s × %(factor)s",
                start=percent(env, tier.from_percent),
                factor=f"{tier.factor:g}".replace(".", _point(env)),
            )
            for tier in tiers
        )
        basis += " " + env._(
            "The rate depends on the attainment of the half-year quota: %s.", steps
        )
    return basis


def _point(env):
    return env["res.lang"]._get_data(code=env.lang or "en_US").decimal_point or "."
