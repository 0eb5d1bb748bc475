from functools import partial

from odoo import SUPERUSER_ID, api, models


class AuditEvent(models.Model):
    _inherit = "nka.audit.event"

    @api.model
    def _kind_labels(self):
        return {
            **super()._kind_labels(),
            "sample": self.env._("Sample drawn"),
            "gate": self.env._("Gate refused"),
            "gate_pass": self.env._("Let through the gate"),
            "stage": self.env._("Stage of a deal"),
            "amount": self.env._("Expected revenue"),
            "outcome": self.env._("Won or lost"),
            "vip": self.env._("VIP lead"),
        }

    @api.model
    def _lead_of(self, record):
        if record._name == "nka.document.finding":
            return record.document_id.lead_id.id or 0
        return super()._lead_of(record)

    # ------------------------------------------------------------ refusals
    @api.model
    def _append_refusal(self, record, kind, **values):
        """Keep a refusal, which the rollback after it would take along.

        It is appended behind the transaction, whichever way that ends.
        """
        entry = self._prepare_entry(record, kind, **values)
        entry |= self._prepare_circumstances()
        cr = self.env.cr
        keep = partial(self._append_once, entry, [])
        cr.postrollback.add(keep)
        cr.postcommit.add(keep)

    def _append_once(self, entry, done):
        """Append in a transaction of its own what happened in another one."""
        if done:
            return
        done.append(True)
        with self.env.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            record = env[entry["res_model"]].browse(entry["res_id"])
            person = env["res.users"].browse(entry["user_id"])
            if record.exists() and person.exists():
                env[self._name]._append([entry])
