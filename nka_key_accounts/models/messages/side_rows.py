"""Rows beside a record: who follows it, what changed in it, who was told of it.

Odoo shows them to every employee, or to every administrator, whether or not they read the
record. Here they go with it: rows of records of ours by the right to read these, rows of
leads and meetings unless they are of others' key accounts. Everything else is as ever.
"""

from odoo import api, models
from odoo.fields import Domain

from ..trail.confined import is_confined

#: Models of Odoo's whose records are of key accounts in part.
WATCHED = ("crm.lead", "calendar.event")


def also_refused(result, rows, make_error):
    """What ``_check_access`` returns, with some more rows that it refuses.

    :param result: what it returned without them
    :param rows: those refused besides
    :param make_error: makes the error that says so
    """
    if not rows:
        return result
    return (result[0] | rows if result else rows), make_error


def domain_shown(env, domain, model_field, id_field):
    """Condition for side rows of records that the acting person may know of.

    Where the search names the model, as all of Odoo's own do, only that one is asked: a
    search about anything else stays what it was.

    :param domain: what is searched for
    :param str model_field: field of the row that holds the model's name
    :param str id_field: field that holds the record's id
    :rtype: Domain
    """
    asked = _models_named(domain, model_field)
    shown = Domain.TRUE
    for name in _guarded_models(env):
        if asked is None or name in asked:
            known = _domain_known(env, name, id_field)
            if not known.is_true():
                shown &= Domain(model_field, "!=", name) | known
    return shown


def hidden_rows(rows, model_field, id_field):
    """Those of some side rows whose record the acting person doesn't know of."""
    env = rows.env
    names = set(_guarded_models(env))
    hidden = rows.browse()
    about = rows.sudo().filtered(lambda row: row[model_field] in names)
    for name, group in about.grouped(model_field).items():
        known = _domain_known(env, name, "id")
        records = env[name].sudo().with_context(active_test=False)
        wanted = Domain("id", "in", group.mapped(id_field)) & known
        shown = set(records._search(wanted).get_result_ids())
        hidden |= group.filtered(lambda row, ids=shown: row[id_field] not in ids)
    return rows.browse(hidden.ids)


def _guarded_models(env):
    """Names of the models whose side rows are asked about."""
    return [
        name
        for name, model in env.registry.items()
        if (is_confined(name) or name in WATCHED) and "message_ids" in model._fields
    ]


def _models_named(domain, model_field):
    """The models that a search is confined to, or None where it isn't to any."""
    domain = Domain(domain)
    parts = getattr(domain, "children", (domain,)) if _is_all(domain) else ()
    for part in parts:
        if getattr(part, "field_expr", None) == model_field:
            if part.operator == "=":
                return {part.value}
            if part.operator == "in":
                return set(part.value)
    return None


def _is_all(domain):
    return not hasattr(domain, "children") or domain.OPERATOR == "&"


def _domain_known(env, name, id_field):
    """Condition on the id of a record of a model: what the person knows of it."""
    if env.su:
        return Domain.TRUE
    records = env[name]
    if name == "calendar.event":
        if records._sees_every_deal():
            return Domain.TRUE
        hidden = records.sudo().with_context(active_test=False)
        return Domain(id_field, "not in", hidden._search(records._domain_hidden()))
    readable = Domain.FALSE
    if records.has_access("read"):
        own = records.with_context(active_test=False)._search([], order="id")
        readable = Domain(id_field, "in", own)
    if is_confined(name):
        return readable
    every = records.sudo().with_context(active_test=False)
    key = every._search([("key_account_id.state", "=", "key")], order="id")
    return Domain(id_field, "not in", key) | readable


class MailFollowers(models.Model):
    """Who follows a record is known to its readers."""

    _inherit = "mail.followers"

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not (self.env.su or bypass_access):
            shown = domain_shown(self.env, domain, "res_model", "res_id")
            domain = Domain(domain) & shown
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su or not self.ids:
            return result
        hidden = hidden_rows(self, "res_model", "res_id")
        rules = self.env["ir.rule"]
        return also_refused(
            result, hidden, lambda: rules._make_access_error(operation, hidden)
        )


class MailTrackingValue(models.Model):
    """What changed in a record is for its readers; being an administrator isn't enough."""

    _inherit = "mail.tracking.value"

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not (self.env.su or bypass_access):
            shown = domain_shown(self.env, Domain.TRUE, "model", "res_id")
            if not shown.is_true():
                domain = Domain(domain) & Domain("mail_message_id", "any!", shown)
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su or not self.ids:
            return result
        messages = self.env["mail.message"].browse(self.sudo().mail_message_id.ids)
        hidden = hidden_rows(messages, "model", "res_id")
        rows = self.sudo().filtered(lambda row: row.mail_message_id.id in hidden.ids)
        rules = self.env["ir.rule"]
        return also_refused(
            result,
            self.browse(rows.ids),
            lambda: rules._make_access_error(operation, self.browse(rows.ids)),
        )


class KnownMixin(models.AbstractModel):
    """Deals that aren't of key accounts are named by whoever Odoo lets name them."""

    _inherit = "nka.known.mixin"

    @api.model
    def _known_ids(self, name, ids):
        if name not in WATCHED:
            return super()._known_ids(name, ids)
        records = self.env[name].sudo().with_context(active_test=False)
        known = _domain_known(self.env, name, "id")
        found = records._search(Domain("id", "in", list(ids)) & known, order="id")
        return set(found.get_result_ids())
