"""The language of the demo's users."""


def speak(env, code):
    """Set the language of every user and of the companies, and of the shell itself.

    :param code: an installed language, such as ru_RU.
    """
    others = (
        env["res.users"].with_context(active_test=False).search([("lang", "!=", code)])
    )
    others.write({"lang": code})
    env["res.company"].search([]).partner_id.write({"lang": code})
    env.user.invalidate_recordset(["lang"])
