"""Who is credited after the end of an agreement, in the user's language."""

from odoo.tools import format_date, formatLang


def after_leaving(version):
    """Explain who is credited for earlier orders after an agreement ends.

    :param version: nka.pay.plan.version
    """
    if version.after_leaving == "nobody":
        return version.env._(
            "After the last day of the agreement, earlier orders aren't credited "
            "to anyone, except for a share of credit kept in a handover."
        )
    if version.after_leaving == "leaver" and version.leaver_months:
        return version.env._(
            "Orders up to the last day of the agreement are credited to the leaver "
            "for %s months after it, then to the manager of the account on the "
            "date of the payment or invoice.",
            version.leaver_months,
        )
    return version.env._(
        "After the last day of the agreement, earlier orders are credited to the "
        "manager of the account on the date of the payment or invoice."
    )


def leaving(version, person, last_day):
    """Explain who is credited for earlier orders if the last agreement ends.

    :param version: nka.pay.plan.version of their last agreement
    :param str person: their name
    :param date last_day: of the agreement
    """
    values = {
        "person": person,
        "day": format_date(version.env, last_day),
        "until": format_date(version.env, version._last_credited_day(last_day)),
    }
    if version.after_leaving == "nobody":
        return version.env._(
            "The agreement of %(person)s ends on %(day)s. After that day, payments "
            "for their earlier orders aren't credited to anyone, except for a "
            "share of credit they kept in a handover.",
            **values,
        )
    if version.after_leaving == "leaver" and version.leaver_months:
        return version.env._(
            "The agreement of %(person)s ends on %(day)s. Payments for their "
            "orders up to that day are credited to them until %(until)s, then to "
            "the manager of the account on the payment date.",
            **values,
        )
    return version.env._(
        "The agreement of %(person)s ends on %(day)s. From the next day, payments "
        "for their earlier orders are credited to the manager of the account on "
        "the payment date.",
        **values,
    )


def held_bonus(version):
    """Explain which part of a bonus is held, and until when; empty if none is.

    :param version: nka.pay.plan.version
    :rtype: str
    """
    notes = []
    if version.loyalty_share:
        notes.append(
            version.env._(
                "%s %% of each month's bonus is held until twelve months of employment "
                "are complete. It is paid at once if the company ends the employment, "
                "and lapses if the employee leaves before.",
                formatLang(version.env, version.loyalty_share, 0)
                if version.loyalty_share == int(version.loyalty_share)
                else formatLang(version.env, version.loyalty_share, 2),
            )
        )
    types = version.release_document_type_ids.sudo()
    if types:
        notes.append(
            version.env._(
                "A credit is held until the deal has approved documents of these "
                "types: %s.",
                ", ".join(types.mapped("name")),
            )
        )
    return "\n".join(notes)
