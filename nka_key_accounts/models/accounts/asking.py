"""Access errors about key account records, with a button that asks for help.

The error names the users who can help. For RPC clients and imports it is an AccessError
with a message.
"""

from odoo.exceptions import AccessError, RedirectWarning


class Refused(AccessError, RedirectWarning):
    """AccessError whose dialog has a button for the next step."""

    def __init__(self, message, action, button_text):
        Exception.__init__(self, message, action, button_text, None)

    def __str__(self):
        return self.args[0]


# The web client chooses the dialog with the button by this class name.
Refused.__name__ = "RedirectWarning"
Refused.__module__ = "odoo.exceptions"


def tell(env, message):
    """Send a sticky warning to the current user; it is shown after the commit.

    :param str message: translated text
    """
    notice = {"type": "warning", "sticky": True, "message": message}
    env.user._bus_send("simple_notification", notice)


def who_works(account):
    """Return the user who works with a client, unless that is the current user.

    :param account: one nka.key.account, or an empty recordset
    :return: one user, or an empty recordset
    :rtype: res.users
    """
    person = account._user_to_tell() if account else account.env["res.users"]
    return person.sudo() - account.env.user


def who_decides(account):
    """Return the supervisor who decides on an account.

    Parameters and result are as in :func:`who_works`. It is never the account's manager
    or the current user.
    """
    if not account:
        return account.env["res.users"]
    involved = account.sudo().manager_id | account.env.user
    return account._reviewer(involved).sudo()


def name_helpers(account):
    """Return the names of the user who works with a client and a supervisor.

    :return: one or two names, or "a key account administrator"
    :rtype: str
    """
    env = account.env
    people = who_works(account) | who_decides(account)
    names = people.mapped("name")
    if len(names) == 2:
        return env._("%(first)s or %(second)s", first=names[0], second=names[1])
    return names[0] if names else env._("a key account administrator")


def refusal(message, record, account, decides=False):
    """Return an error with a button that asks the user who can help.

    If there is no such user, or the current user isn't internal, it has no button.

    :param str message: text of the error, which names the user to ask
    :param record: one record of the client, to which the question is attached
    :param account: its key account
    :param bool decides: whether to ask a supervisor instead of the manager
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
