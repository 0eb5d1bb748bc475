from functools import partial

from odoo import api, models
from odoo.fields import Domain

#: Models whose events tell of one person's pay: amounts, objections, figures of before.
CONFINED = (
    "nka.pay.statement",
    "nka.pay.correction",
    "nka.pay.dispute",
    "nka.pay.opening",
)

#: Models whose events are for the roles that read the model: terms, targets, questions.
#: Their drafts may be deleted, so the record itself can't always be asked.
BY_ROLE = ("nka.pay.agreement", "nka.season.goal", "nka.work.report")


class AuditEvent(models.Model):
    """Events of pay are read by whoever reads the record itself, by nobody else.

    The chain stays whole: it is verified over all events, whoever asks.
    """

    _inherit = "nka.audit.event"

    # ------------------------------------------------------------ selection
    @api.model
    def _kind_labels(self):
        return {
            **super()._kind_labels(),
            "end": self.env._("End of an agreement"),
            "decision": self.env._("Decision on a goal"),
            "dispute": self.env._("Dispute of pay"),
            "correction": self.env._("Correction of pay"),
        }

    # ------------------------------------------------------------ access
    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        if not (self.env.su or kwargs.get("bypass_access")):
            domain = Domain(domain) & self._domain_readable()
        return super()._search(domain, offset, limit, order, **kwargs)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        forbidden = self.browse() if self.env.su else self._confined()
        if result is not None or not forbidden:
            return result
        rules = self.env["ir.rule"]
        return forbidden, partial(rules._make_access_error, operation, forbidden)

    @api.model
    def _domain_readable(self):
        """Events of other models, and those of pay records the user reads."""
        domain = Domain("res_model", "not in", [*CONFINED, *self._closed_models()])
        domain |= Domain("res_model", "=", False)
        for name in CONFINED:
            records = self.env[name]
            if records.has_access("read"):
                readable = records._search([], order="id")
                domain |= Domain("res_model", "=", name) & Domain(
                    "res_id", "in", readable
                )
        return domain

    @api.model
    def _closed_models(self):
        """Models whose events aren't for the user's role."""
        return [name for name in BY_ROLE if not self.env[name].has_access("read")]

    def _confined(self):
        """Those of these events whose pay record the user doesn't read."""
        closed = self._closed_models()
        hidden = self.sudo().filtered(lambda event: event.res_model in closed)
        events = self.sudo().filtered(lambda event: event.res_model in CONFINED)
        for name, group in events.grouped("res_model").items():
            records = self.env[name].browse(group.mapped("res_id")).exists()
            readable = set(records._filtered_access("read").ids)
            hidden |= group.filtered(lambda row, ids=readable: row.res_id not in ids)
        return hidden.with_env(self.env)
