"""What is said to a colleague who meets a record of a key account, and whom they ask.

A refusal names who can help and has a button that asks them; to other programs and to
imports it is an AccessError with a sentence.
"""

from odoo.exceptions import AccessError, RedirectWarning


class Refused(AccessError, RedirectWarning):
    """A refusal whose dialog has a button for the next step."""

    def __init__(self, message, action, button_text):
        Exception.__init__(self, message, action, button_text, None)

    def __str__(self):
        return self.args[0]


# The web client chooses the dialog with the button by this name alone.
Refused.__name__ = "RedirectWarning"
Refused.__module__ = "odoo.exceptions"


def tell(env, message):
    """Show a message to the acting person once what they do is done."""
    notice = {"type": "warning", "sticky": True, "message": message}
    env.user._bus_send("simple_notification", notice)


def who_works(account):
    """Who works with a client for the reader of a refusal: may be nobody.

    :param account: one nka.key.account, or none
    :rtype: res.users
    """
    person = account._user_to_tell() if account else account.env["res.users"]
    return person.sudo() - account.env.user


def who_decides(account):
    """The supervisor who decides on something of an account, as :func:`who_works`."""
    if not account:
        return account.env["res.users"]
    involved = account.sudo().manager_id | account.env.user
    return account._reviewer(involved).sudo()


def name_helpers(account):
    """Names of who works with the client and of a supervisor, for "Ask …".

    :rtype: str
    """
    env = account.env
    people = who_works(account) | who_decides(account)
    names = people.mapped("name")
    if len(names) == 2:
        return env._("%(first)s or %(second)s", first=names[0], second=names[1])
    return names[0] if names else env._("a key account administrator")


def refusal(message, record, account, decides=False):
    """A refusal with the button that asks who can help.

    :param str message: the sentence, which names them
    :param record: one record of the client, which the question is put on
    :param account: its key account
    :param bool decides: whether a supervisor is asked instead of the manager
    :rtype: AccessError
    """
    env = record.env
    person = (who_decides if decides else who_works)(account) or who_decides(account)
    if not (person and env.user._is_internal() and record._origin.id):
        return AccessError(message)
    request = env["nka.help.request"]
    return Refused(
        message,
        request._action_ask(record, decides),
        env._("Ask %s", person[:1].name),
    )
