"""Actions that open records: every button that leads to some uses one of these."""


def open_records(records, name=None, **action):
    """Open records: the form of one, the list of several.

    :param records: what to open
    :param str name: title of the page, the model's own without one
    :param action: further keys of the action, as ``context`` or ``view_mode``
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
    """Open the records of a model that a domain names.

    :param str model: technical name
    :param list domain: which ones
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
    """Open one of the addon's own actions, narrowed.

    :param str xmlid: its external id, without the addon's name
    :param changes: keys that replace the action's own, as ``domain`` and ``context``
    :rtype: dict
    """
    action = env["ir.actions.act_window"]._for_xml_id(f"nka_key_accounts.{xmlid}")
    return {**action, **changes}
