"""Piped into an Odoo shell: reads lists as the web client does, with every column of
the list view.
"""

import os

from lxml import etree

from benchmarks.measure import cost, tell

PAGE = 80


def key_accounts(env, count):
    """Create key accounts of the first clients, by SQL to avoid the audit trail's
    overhead.
    """
    partners = env["res.partner"].search(
        [("is_company", "=", True), ("parent_id", "=", False)], limit=count
    )
    values = [
        {"partner_id": partner.id, "manager_id": partner.user_id.id or env.uid}
        for partner in partners
    ]
    accounts = env["nka.key.account"].create(values)
    env.flush_all()
    env.cr.execute(
        "UPDATE nka_key_account SET state = 'key' WHERE id = ANY(%s)", [accounts.ids]
    )
    env.invalidate_all()
    return accounts


def page(env, model, count):
    """Return a call that reads the first rows of a model's list view."""
    view = env[model].get_view(view_type="list")
    columns = {
        node.get("name") for node in etree.fromstring(view["arch"]).iter("field")
    }
    described = env[model].fields_get(columns, ["type"])
    asked = {name: _part(described[name]["type"]) for name in columns}
    return lambda: env[model].web_search_read([], asked, limit=count, count_limit=10001)


def _part(kind):
    named = {"fields": {"display_name": {}}}
    return named if kind.startswith("many2") or kind == "one2many" else {}


def supervisor(env):
    """Create the reader of the lists: a supervisor who also sees every partner and
    invoice.
    """
    groups = (
        "nka_key_accounts.group_key_account_supervisor",
        "sales_team.group_sale_manager",
    )
    values = {
        "name": "Supervisor",
        "login": "bench-supervisor",
        "group_ids": [env.ref(group).id for group in groups],
    }
    return env["res.users"].with_context(no_reset_password=True).create(values)


key_accounts(env, int(os.environ["ACCOUNTS"]))  # noqa: F821
env = env(user=supervisor(env), su=False)  # noqa: F821
accounts = {
    count: cost(env, page(env, "nka.key.account", count)) for count in (10, PAGE)
}
partners = {count: cost(env, page(env, "res.partner", count)) for count in (10, PAGE)}
tell(
    account_seconds=accounts[PAGE].seconds,
    partner_seconds=partners[PAGE].seconds,
    queries=accounts[PAGE].queries,
    more_queries=accounts[PAGE].queries - accounts[10].queries,
    partner_more=partners[PAGE].queries - partners[10].queries,
)
