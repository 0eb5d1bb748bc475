"""Content of the dossier of a departure."""

from contextlib import contextmanager
from contextvars import ContextVar

from odoo import fields

#: Events printed; older ones are only counted.
MAX_EVENTS = 200

#: Number and purpose of the dossier being sealed. Not in the context of the environment:
#: clients can send that with a preview.
_sealed = ContextVar("nka_departure_sealed", default=(None, None))


@contextmanager
def _sealing(number, purpose):
    token = _sealed.set((number, purpose))
    try:
        yield
    finally:
        _sealed.reset(token)


def prepare(departure):
    """Return what is printed, for users who decide on the departure.

    Number and purpose come from the step that seals it; a preview has none. Pay is
    included as far as the current user can read it.

    :raise AccessError: for other users
    """
    departure.ensure_one()
    departure.check_access("read")
    departure._check_decider()
    number, purpose = _sealed.get()
    events = departure.env["nka.audit.event"].sudo()
    domain = departure._domain_events()
    return {
        "departure": departure.sudo(),
        "number": number,
        "purpose": purpose,
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
    reports = reports.with_context(lang=departure.env.user.lang or departure.env.lang)
    with _sealing(number, purpose):
        content, _type = reports._render_qweb_pdf(
            "nka_key_accounts.action_report_departure", departure.ids
        )
    return content
