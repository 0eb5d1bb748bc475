"""Content of the dossier of a departure."""

from odoo import fields

#: Events printed; older ones are only counted.
MAX_EVENTS = 200


def prepare(departure):
    """Return what is printed, for users who decide on the departure.

    Number and purpose come from the step that seals it; a preview has none. Pay is
    included as far as the current user can read it.

    :raise AccessError: for other users
    """
    departure.ensure_one()
    departure.check_access("read")
    departure._check_decider()
    context = departure.env.context
    events = departure.env["nka.audit.event"].sudo()
    domain = departure._domain_events()
    return {
        "departure": departure.sudo(),
        "number": context.get("nka_dossier_number"),
        "purpose": context.get("nka_dossier_purpose"),
        "user": departure.env.user,
        "now": fields.Datetime.now(),
        "events": events.search(domain, order="id desc", limit=MAX_EVENTS),
        "more": max(events.search_count(domain) - MAX_EVENTS, 0),
    }


def render(departure, number, purpose):
    """Return the dossier as a PDF in the current user's language.

    :rtype: bytes
    """
    reports = departure.env["ir.actions.report"].sudo()
    reports = reports.with_context(
        nka_dossier_number=number,
        nka_dossier_purpose=purpose,
        lang=departure.env.user.lang or departure.env.lang,
    )
    content, _type = reports._render_qweb_pdf(
        "nka_key_accounts.action_report_departure", departure.ids
    )
    return content
