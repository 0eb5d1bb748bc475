"""Access to the side records of a record: followers, tracking values, notifications.

Odoo shows them to every employee or administrator, even without access to the record.
Here they require access to it: for the addon's records the right to read them, for
leads and meetings only if these belong to another manager's key account. Nothing else
changes.
"""

from odoo import api, models
from odoo.fields import Domain

from ..trail.confined import is_confined

#: Odoo's models of which only some records belong to key accounts.
WATCHED = ("crm.lead", "calendar.event")


def also_refused(result, rows, make_error):
    """Return the result of ``_check_access`` with additional refused records.

    :param result: result without them
    :param rows: the additional records
    :param make_error: function that returns the error
    """
    if not rows:
        return result
    return (result[0] | rows if result else rows), make_error


def domain_shown(env, domain, model_field, id_field):
    """Return a domain of side records (see the module) whose record the user can know.

    If the domain names the models, as all of Odoo's own searches do, only these models
    are checked, so that other searches stay unchanged.

    :param env: environment of the current user
    :param domain: search domain
    :param str model_field: field with the model name of the record
    :param str id_field: field with the id of the record
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
    """Return those of the side records whose record the current user can't know.

    :param rows: side records
    :param str model_field: field with the model name of the record
    :param str id_field: field with the id of the record
    """
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
    """Return the names of the models whose side records are restricted."""
    return [
        name
        for name, model in env.registry.items()
        if (is_confined(name) or name in WATCHED) and "message_ids" in model._fields
    ]


def _models_named(domain, model_field):
    """Return the models to which a domain restricts the search, or None if any."""
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
    """Return a domain on ``id_field`` for records that the user can know."""
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
    """Show followers only to users who can read the record."""

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
    """Show tracking values only to users who can read the record, not to administrators
    in general.
    """

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
    """Apply Odoo's own access rules to leads and meetings of other clients."""

    _inherit = "nka.known.mixin"

    @api.model
    def _known_ids(self, name, ids):
        if name not in WATCHED:
            return super()._known_ids(name, ids)
        records = self.env[name].sudo().with_context(active_test=False)
        known = _domain_known(self.env, name, "id")
        found = records._search(Domain("id", "in", list(ids)) & known, order="id")
        return set(found.get_result_ids())
