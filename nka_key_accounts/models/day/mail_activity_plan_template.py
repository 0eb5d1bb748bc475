from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

#: Summaries of the shipped plans. Odoo doesn't translate them, so an unchanged one is
#: scheduled in the language of the person responsible.
SHIPPED = (
    _lt("Introduce the deputy to the client"),
    _lt("Record the stakeholders and who on our side knows them"),
    _lt("Submit the account plan"),
    _lt("Review the first weeks with the manager"),
    _lt("Introduce the incoming manager to the clients"),
    _lt("Contact each client that was handed over"),
    _lt("Check that the clients know their new manager"),
    _lt("Complete the account notes and hand over the files"),
    _lt("Tell the clients who takes over"),
    _lt("Check that the login is archived and company property returned"),
    _lt("Talk to the person: last day, handover, and what is kept of their reading"),
    _lt("Agree with each successor who meets which decision maker, and when"),
    _lt("Go through the look-back, and ask about what stands out"),
    _lt(
        "Decide whether anything has to be decided above you, and lock a dossier for it"
    ),
    _lt("Collect equipment, keys and access to systems outside of Odoo"),
)

#: Responsible people of an account or a handover, by type of assignment.
RESPONSIBLE = {
    "nka.key.account": {
        "nka_manager": "manager_id",
        "nka_deputy": "deputy_id",
        "nka_supervisor": "supervisor_id",
    },
    "nka.handover": {
        "nka_outgoing": "from_user_id",
        "nka_incoming": "to_user_id",
        "nka_supervisor": "approved_by_id",
    },
    "nka.departure": {
        "nka_supervisor": "supervisor_id",
        "nka_admin": "admin_id",
    },
}


class MailActivityPlanTemplate(models.Model):
    """Assign activities to the people of a key account, handover or departure."""

    _inherit = "mail.activity.plan.template"

    responsible_type = fields.Selection(
        selection_add=[
            ("nka_manager", "Key account manager"),
            ("nka_deputy", "Deputy"),
            ("nka_outgoing", "Outgoing manager"),
            ("nka_incoming", "Incoming manager"),
            ("nka_supervisor", "Supervisor"),
            ("nka_admin", "Key account administrator"),
        ],
        ondelete={
            "nka_manager": "cascade",
            "nka_deputy": "cascade",
            "nka_outgoing": "cascade",
            "nka_incoming": "cascade",
            "nka_supervisor": "cascade",
            "nka_admin": "cascade",
        },
    )

    # ------------------------------------------------------------ checks
    @api.constrains("plan_id", "responsible_type")
    def _check_nka_responsible(self):
        for template in self:
            kind = template.responsible_type or ""
            known = RESPONSIBLE.get(template.plan_id.res_model, {})
            if kind.startswith("nka_") and kind not in known:
                labels = dict(
                    self._fields["responsible_type"]._description_selection(self.env)
                )
                raise ValidationError(
                    self.env._(
                        "“%(person)s” can't be responsible in the plan “%(plan)s”, "
                        "because its records have no such person. Choose another "
                        "assignment.",
                        person=labels[kind],
                        plan=template.plan_id.name,
                    )
                )

    # ------------------------------------------------------------ business
    def _determine_responsible(self, on_demand_responsible, applied_on_record):
        """Return the person of the account or handover, see Odoo's own method."""
        if not (self.responsible_type or "").startswith("nka_"):
            return super()._determine_responsible(
                on_demand_responsible, applied_on_record
            )
        person = self._nka_responsible(applied_on_record.sudo())
        error = not person and self.env._(
            "Nobody is responsible for “%(summary)s” of %(record)s. Assign the person "
            "first.",
            summary=self.summary,
            record=applied_on_record.display_name,
        )
        return {"responsible": person, "error": error, "warning": False}

    def _nka_responsible(self, record):
        """Return who does the activity of a record; empty if there is nobody.

        A supervisor of the company answers for accounts that have none.
        """
        kind = self.responsible_type or ""
        if not kind.startswith("nka_"):
            return self._determine_responsible(self.env["res.users"], record)[
                "responsible"
            ]
        person = record[RESPONSIBLE[record._name][kind]]
        if person or kind != "nka_supervisor":
            return person.filtered("active")
        return record._nka_any_supervisor()

    def _nka_prepare_activity(self, record):
        """Return the values of the activity on a record, without its deadline."""
        person = self._nka_responsible(record)
        return {
            "activity_type_id": self.activity_type_id.id,
            "summary": self._nka_summary(person),
            "note": self.note,
            "automated": True,
            "res_model_id": self.env["ir.model"]._get_id(record._name),
            "res_id": record.id,
            "user_id": person.id,
        }

    def _nka_summary(self, person):
        shipped = {text._source: text for text in SHIPPED}.get(self.summary)
        if not shipped:
            return self.summary
        return self.with_context(lang=person.lang or self.env.lang).env._(shipped)
