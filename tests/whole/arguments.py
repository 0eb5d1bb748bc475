"""Arguments with which a hostile caller calls each public method on a planted row."""

from odoo.service.model import get_public_method

EVIL = "Written by nobody"
#: A forged mail for the methods of the mail gateway.
MAIL = """From: a@b.example
To: c@d.example
Message-Id: <quagga@b.example>
Subject: Hello

Hello
"""


def arguments(verb, record, text, model):
    """Return the positional arguments for calling a public method on a record.

    :param str verb: name of the method
    :param str text: name of a field whose value is secret
    """
    ids = record.ids or [1]
    domain = [("id", "in", ids)]
    spec = {text: {}, "display_name": {}}
    names = [text, "display_name"]
    args = {
        "read": [names],
        "web_read": [spec],
        "search_read": [domain, names],
        "web_search_read": [domain, spec],
        "name_search": ["", domain],
        "web_name_search": ["", spec, domain],
        "read_group": [domain, [text], [text]],
        "formatted_read_group": [domain, [text], ["__count", "id:array_agg"]],
        "formatted_read_grouping_sets": [domain, [[text]], ["__count"]],
        "web_read_group": [domain, [text]],
        "read_progress_bar": [domain, text, {"field": text, "colors": {}}],
        "search_panel_select_range": [text],
        "search_panel_select_multi_range": [text],
        "hierarchy_read": [domain, spec, "create_uid"],
        "onchange": [{}, [], spec],
        "get_field_translations": [text],
        "search": [domain],
        "search_count": [domain],
        "export_data": [names],
        "default_get": [names],
        "load": [[".id", text], [[str(ids[0]), EVIL]]],
        "write": [{text: EVIL}],
        "web_save": [{text: EVIL}, spec],
        "web_save_multi": [[{text: EVIL}], spec],
        "web_resequence": [spec],
        "create": [{text: EVIL}],
        "name_create": [EVIL],
        "copy": [],
        "update_field_translations": [text, {"en_US": EVIL}],
        "web_override_translations": [{text: EVIL}],
        "copy_translations": [record.browse(ids)],
        "message_update": [{"subject": EVIL}],
        "message_new": [{"subject": EVIL, "from": "a@b.example"}],
        "message_process": [record._name, MAIL],
        "message_parse": [MAIL],
        "message_route": [MAIL, {}],
        "message_mail_with_source": ["mail.message_activity_done"],
        "message_post_with_source": ["mail.message_activity_done"],
        "message_notify": [],
        "notify_cancel_by_type": ["email"],
        "activity_feedback": [["mail.mail_activity_data_todo"]],
        "activity_reschedule": [["mail.mail_activity_data_todo"]],
        "activity_unlink": [["mail.mail_activity_data_todo"]],
        "activity_search": [["mail.mail_activity_data_todo"]],
        "activity_send_mail": [1],
        "check_access_rule": ["read"],
    }.get(verb, [])
    method = get_public_method(model, verb)
    return args if getattr(method, "_api_model", False) else [ids, *args]
