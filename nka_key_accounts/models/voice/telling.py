"""Notices to supervisors.

They belong to no record: messages about a record are read by all who can read it.
"""

from markupsafe import Markup

from odoo import SUPERUSER_ID


def tell(users, write, link):
    """Send people a notice with a link, each in their own language.

    :param users: recipients
    :param write: function of an environment that returns subject and text
    :param str link: address of the page to open
    """
    for lang, group in users.grouped("lang").items():
        env = users.with_context(lang=lang).env
        subject, text = write(env)
        body = Markup("<p>%s</p><p><a href='%s'>%s</a></p>")
        env["mail.thread"].with_user(SUPERUSER_ID).message_notify(
            partner_ids=group.partner_id.ids,
            subject=subject,
            body=body % (text, link, env._("Open")),
        )
