"""Piped into an Odoo shell: opens the pages of each role in a company of several sizes,
with every field of their views, as the web client does.
"""

import os

from lxml import etree

from benchmarks.measure import cost, tell
from benchmarks.people import agree, employ, month_to_close, own_accounts, person, plan

MANAGERS = [int(count) for count in os.environ["MANAGERS"].split(",")]
PER_MANAGER = int(os.environ["PER_MANAGER"])
PAGE = 80
ROLES = {
    "officer": "group_key_account_payroll_officer",
    "second": "group_key_account_payroll_officer",
    "admin": "group_key_account_admin",
    "supervisor": "group_key_account_supervisor",
    "director": "group_key_account_director",
}


def new_clients(env, count):
    """Create clients with a salesperson, by SQL."""
    env.cr.execute(
        """WITH client AS (
               INSERT INTO res_partner (name, complete_name, is_company, active, type,
                                        company_id, user_id, autopost_bills)
               SELECT 'Client ' || n, 'Client ' || n, TRUE, TRUE, 'contact', NULL, %s, 'ask'
                 FROM generate_series(1, %s) AS n RETURNING id)
           SELECT COUNT(*) FROM client""",
        [env.uid, count],
    )
    env.cr.execute(
        """UPDATE res_partner SET commercial_partner_id = id
            WHERE commercial_partner_id IS NULL"""
    )
    env.cr.execute("ANALYZE res_partner")
    env.invalidate_all()


# ---------------------------------------------------------------- pages
def asked(env, model, node):
    """Return what the web client asks of the fields of a view, lists within included."""
    own = [field for field in node.iter("field") if _around(field, node) is None]
    described = env[model].fields_get([field.get("name") for field in own])
    spec = {}
    for field in own:
        about = described.get(field.get("name"))
        if about:
            spec[field.get("name")] = _asked_of(env, about, field)
    return spec


def _asked_of(env, about, field):
    if not about.get("relation"):
        return {}
    inner = next((field.find(kind) for kind in ("list", "kanban") if len(field)), None)
    if about["type"] == "many2one" or inner is None:
        return {"fields": {"display_name": {}}}
    return {"fields": asked(env, about["relation"], inner), "limit": 40}


def _around(field, node):
    """Return the field in whose list another one is, or None."""
    for above in field.iterancestors():
        if above is node:
            return None
        if above.tag == "field":
            return above
    return None


def list_of(env, model, domain=()):
    """Return a call that opens the first page of a list."""
    node = etree.fromstring(env[model].get_view(view_type="list")["arch"])
    spec = asked(env, model, node)
    return lambda: env[model].web_search_read(
        list(domain), spec, limit=PAGE, count_limit=10001
    )


def form_of(record):
    """Return a call that opens the form of a record."""
    node = etree.fromstring(record.get_view(view_type="form")["arch"])
    spec = asked(record.env, record._name, node)
    return lambda: record.web_read(spec)


def own_page(env, model):
    """Return a call that opens the page of a user, created by its menu."""
    return form_of(env[model].browse(env[model].action_open()["res_id"]))


def pages(env, users, manager, close):
    """Return the calls by page, each as the user whose page it is."""

    def as_user(user):
        return env(user=user.id, su=False)

    officer, supervisor = as_user(users["officer"]), as_user(users["supervisor"])
    director = as_user(users["director"])
    return {
        "accounts": list_of(supervisor, "nka.key.account"),
        "my_day": own_page(as_user(manager), "nka.day"),
        "to_decide": list_of(supervisor, "nka.waiting"),
        "desk": own_page(supervisor, "nka.desk"),
        "overview": own_page(director, "nka.overview"),
        "month": form_of(close.with_env(officer)),
        "statements": list_of(officer, "nka.pay.statement"),
    }


# ---------------------------------------------------------------- sizes
def once(env, users, people, terms):
    """Open each page for some managers, and roll everything back."""
    count = len(people)
    month = month_to_close()
    env.flush_all()
    env.cr.execute("SAVEPOINT once")
    own_accounts(env, people.user_id, count * PER_MANAGER)
    agree(env, people, terms, month)
    close = env["nka.month.close"].with_user(users["officer"]).create({"month": month})
    close.action_calculate()
    env.flush_all()
    told = {}
    for name, call in pages(env, users, people[0].user_id, close).items():
        spent = cost(env, call, runs=3)
        told[f"{name}_seconds_{count}"] = spent.seconds
        told[f"{name}_queries_{count}"] = spent.queries
    env.invalidate_all()
    env.cr.execute("ROLLBACK TO SAVEPOINT once")
    env.registry.clear_cache()
    return told


def main(env):
    """Open the pages for each number of managers."""
    env = env(context={**env.context, "tracking_disable": True})
    users = {name: person(env, name, group) for name, group in ROLES.items()}
    since = month_to_close().replace(month=1)
    people = employ(env, max(MANAGERS), since)
    terms = plan(env, users["officer"], users["admin"], since)
    new_clients(env, max(MANAGERS) * PER_MANAGER)
    told = {}
    for count in MANAGERS:
        told |= once(env, users, people[:count], terms)
    tell(**told)


main(env)  # noqa: F821
