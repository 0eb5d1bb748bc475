"""Window actions that open records, used by every button that does so."""


def open_records(records, name=None, **action):
    """Return an action that opens records: the form of one, the list of several.

    :param records: records to open
    :param str name: title of the page; the model's name by default
    :param action: further keys of the action, such as ``context`` or ``view_mode``
    :rtype: dict
    """
    opened = {
        "type": "ir.actions.act_window",
        "name": name or records.env["ir.model"]._get(records._name).sudo().name,
        "res_model": records._name,
        "view_mode": "list,form",
        "domain": [("id", "in", records.ids)],
    }
    if len(records) == 1:
        opened |= {"view_mode": "form", "res_id": records.id}
    return {**opened, **action}


def open_list(env, model, domain, name, **action):
    """Return an action that opens the records of a model that match a domain.

    :param str model: technical name
    :param list domain: search domain
    :param str name: title of the page
    :param action: further keys of the action
    :rtype: dict
    """
    return {
        "type": "ir.actions.act_window",
        "name": name,
        "res_model": model,
        "view_mode": "list,form",
        "domain": domain,
        **action,
    }


def open_action(env, xmlid, **changes):
    """Return one of the addon's own actions with some keys replaced.

    :param str xmlid: external id of the action, without the module name
    :param changes: keys that replace the action's own, such as ``domain`` and
        ``context``
    :rtype: dict
    """
    action = env["ir.actions.act_window"]._for_xml_id(f"nka_key_accounts.{xmlid}")
    return {**action, **changes}


def open_page(env, xmlid, opener, **changes):
    """Return one of the addon's own actions as that of the server action of its menu.

    The client shows the menus of the app to which the action belongs. After login and a
    reload it knows the action only, so it has to be the menu's.

    :param str xmlid: external id of the window action, without the module name
    :param str opener: external id of the server action, without the module name
    :param changes: keys that replace the action's own
    :rtype: dict
    """
    server = env.ref(f"nka_key_accounts.{opener}").sudo()
    own = {"id": server.id, "xml_id": f"nka_key_accounts.{opener}", "path": server.path}
    return open_action(env, xmlid, **own, **changes)
