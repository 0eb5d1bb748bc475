from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import LazyTranslate, email_normalize

_lt = LazyTranslate(__name__)


class VoiceRefusal(models.Model):
    """A person or client who doesn't want to be asked.

    Kept by email address as well, so that it survives a new entry of the contact.
    """

    _name = "nka.voice.refusal"
    _description = "Opt-out of client feedback"
    _inherit = ["nka.state.mixin"]
    _order = "create_date desc, id desc"
    _rec_name = "partner_id"
    _guarded_fields = ("state", "source", "email")
    _audit_readers = "record"
    _audit_creation = True
    _reason_actions = {"action_lift": _lt("Why can they be asked again?")}

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Contact or client",
        required=True,
        index=True,
        ondelete="cascade",
        help="Choose the client itself if nobody there should be asked.",
    )
    email = fields.Char("Email address", readonly=True)
    source = fields.Selection(
        [("link", "By the link in the email"), ("supervisor", "By a supervisor")],
        required=True,
        readonly=True,
        default="supervisor",
    )
    note = fields.Char(help="How and when they told us.")
    state = fields.Selection(
        [("standing", "Not asked"), ("lifted", "Lifted")],
        required=True,
        readonly=True,
        default="standing",
        index=True,
    )

    # One refusal that stands per contact and company.
    _partner_unique = models.UniqueIndex(
        "(company_id, partner_id) WHERE state = 'standing'",
        "This contact isn't asked any more already.",
    )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        refusals = super().create(vals_list)
        for refusal in refusals.sudo():
            address = email_normalize(refusal.partner_id.email)
            refusal._unlocked().write({"email": refusal.email or address or False})
        refusals._check_not_own()
        return refusals

    def write(self, vals):
        if not vals.keys().isdisjoint(("partner_id", "company_id")):
            raise UserError(
                self.env._(
                    "An opt-out can't be moved to somebody else. Lift it with its button, "
                    "and enter another one."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _check_unlink(self):
        raise UserError(
            self.env._(
                "Opt-outs stay on record. Lift one with its button and give the reason."
            )
        )

    def _creation_note(self):
        return self.note

    def _check_not_own(self):
        """Refuse supervisors to decide who of their own clients is asked.

        An opt-out holds for its address as well, whoever's contact it was entered for.
        """
        if self.env.su:
            return
        people = self.env["nka.stakeholder"].sudo().with_context(active_test=False)
        for refusal in self.sudo():
            contact = refusal.partner_id
            same = Domain("partner_id.commercial_partner_id", "=", contact.id)
            same |= Domain("partner_id", "=", contact.id)
            if refusal.email:
                same |= Domain("partner_id.email_normalized", "=", refusal.email)
            own = people.search(same).filtered(lambda person: person._is_own())
            if own:
                raise AccessError(
                    self.env._(
                        "%s is your own client, so another supervisor has to enter the "
                        "opt-out.",
                        own.key_account_id[:1].display_name,
                    )
                )

    # ------------------------------------------------------------ actions
    def action_lift(self, reason=None):
        """Let these contacts be asked again, as a supervisor.

        :param str reason: for the audit trail; a wizard asks for it if missing
        """
        self._check_supervisor()
        self.check_access("write")
        self._check_state("standing")
        if not reason:
            return self._ask_reason("action_lift")
        self._move_to("lifted", note=reason)
        return True

    # ------------------------------------------------------------ reading
    @api.model
    def _of_company(self, company):
        """Return ids of contacts and email addresses that aren't asked. One query.

        :rtype: tuple[set[int], set[str]]
        """
        rows = self.sudo().search_fetch(
            [("company_id", "=", company.id), ("state", "=", "standing")],
            ["partner_id", "email"],
        )
        return set(rows.partner_id.ids), set(filter(None, rows.mapped("email")))
