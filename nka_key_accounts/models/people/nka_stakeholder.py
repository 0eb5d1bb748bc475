from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..facts import contacts

#: Roles of key contacts, whatever their influence.
KEY_ROLES = ("decision_maker", "executive_sponsor")


class Stakeholder(models.Model):
    """Person at the client who influences decisions: role, attitude and coverage."""

    _name = "nka.stakeholder"
    _description = "Stakeholder"
    _inherit = [
        "nka.account.item.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "nka.read.mixin",
    ]
    _order = "key_account_id, influence desc, id"
    _rec_names_search = ["partner_id"]
    _check_company_auto = True
    _mail_post_access = "read"

    key_account_id = fields.Many2one(
        "nka.key.account",
        "Key account",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="key_account_id.company_id", store=True, index=True
    )
    client_id = fields.Many2one(related="key_account_id.partner_id", string="Client")
    partner_id = fields.Many2one(
        "res.partner",
        "Contact",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('commercial_partner_id', '=', client_id), ('is_company', '=', False)]",
    )
    function = fields.Char(string="Job position", related="partner_id.function")
    email = fields.Char(related="partner_id.email")
    phone = fields.Char(related="partner_id.phone")
    avatar_128 = fields.Image(related="partner_id.avatar_128")
    active = fields.Boolean(default=True)
    role = fields.Selection(
        [
            ("decision_maker", "Decision maker"),
            ("executive_sponsor", "Executive sponsor"),
            ("champion", "Champion"),
            ("influencer", "Influencer"),
            ("gatekeeper", "Gatekeeper"),
            ("user", "User"),
        ],
        required=True,
        default="influencer",
        tracking=True,
        help="Their role in the client's decisions about us.",
    )
    influence = fields.Selection(
        [("1", "Low"), ("2", "Medium"), ("3", "High")],
        required=True,
        default="2",
        tracking=True,
    )
    attitude = fields.Selection(
        [
            ("1", "Opponent"),
            ("2", "Skeptic"),
            ("3", "Neutral"),
            ("4", "Supporter"),
            ("5", "Advocate"),
        ],
        required=True,
        default="3",
        tracking=True,
    )
    covered_by_ids = fields.Many2many(
        "res.users",
        "nka_stakeholder_user_rel",
        "stakeholder_id",
        "user_id",
        "Covered by",
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help=(
            "Our people whom this person knows, in your view. The stakeholder "
            "warnings use the recorded contacts instead."
        ),
    )
    proven_user_ids = fields.Many2many(
        "res.users",
        string="In touch in the last 12 months",
        compute="_compute_proven_user_ids",
        compute_sudo=True,
        help=(
            "Our people with meetings, emails, calls or orders that show contact "
            "with this person."
        ),
    )
    reports_to_id = fields.Many2one(
        "nka.stakeholder",
        "Reports to",
        index="btree_not_null",
        ondelete="set null",
        domain="[('key_account_id', '=', key_account_id), ('id', '!=', id)]",
    )
    child_ids = fields.One2many("nka.stakeholder", "reports_to_id", "Direct reports")
    is_key = fields.Boolean(
        "Key contact",
        compute="_compute_is_key",
        store=True,
        help=(
            "Decision maker, sponsor or highly influential: a lack of contact "
            "triggers a warning."
        ),
    )
    note = fields.Text("What matters to them")
    last_contact_date = fields.Date(
        "Last contact",
        compute="_compute_last_contact_date",
        help="Latest held meeting, email or completed activity with this person.",
    )

    _contact_unique = models.Constraint(
        "UNIQUE(key_account_id, partner_id)",
        "This contact is already a stakeholder of the account. Open that entry "
        "instead.",
    )

    # ------------------------------------------------------------ compute
    @api.depends("partner_id.name")
    def _compute_display_name(self):
        for stakeholder in self:
            stakeholder.display_name = stakeholder.sudo().partner_id.name or ""

    @api.depends("role", "influence")
    def _compute_is_key(self):
        for person in self:
            person.is_key = person.role in KEY_ROLES or person.influence == "3"

    @api.depends("partner_id")
    def _compute_proven_user_ids(self):
        found = contacts.read_of_persons(self.key_account_id._origin)
        for person in self:
            person.proven_user_ids = sorted(found.get(person.partner_id._origin.id, ()))

    @api.depends_context("uid", "tz")
    def _compute_last_contact_date(self):
        dates = self._read_last_contacts() if self.ids else {}
        for stakeholder in self:
            stakeholder.last_contact_date = dates.get(stakeholder._origin.id)

    def _read_last_contacts(self):
        """Return the date of the last contact with each person, by record id. One
        query.

        :rtype: dict[int, date]
        """
        self.env.flush_all()
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT person.id, %s FROM nka_stakeholder person WHERE id = ANY(%s)",
                    self._sql_last_contact("person"),
                    self.ids,
                )
            )
        )

    # ------------------------------------------------------------ constraints
    @api.constrains("partner_id", "key_account_id")
    def _check_person_of_client(self):
        for person in self.sudo():
            client = person.key_account_id.partner_id
            if person.partner_id.commercial_partner_id != client:
                raise ValidationError(
                    self.env._(
                        "%(person)s isn't a contact of %(client)s. Add them to the "
                        "client's contacts first.",
                        person=person.partner_id.display_name,
                        client=client.display_name,
                    )
                )

    @api.constrains("reports_to_id", "key_account_id")
    def _check_reports_to(self):
        if self._has_cycle("reports_to_id"):
            raise ValidationError(
                self.env._(
                    "Reporting lines can't form a loop: no one can report to "
                    "themselves, directly or indirectly."
                )
            )
        for person in self.filtered("reports_to_id"):
            if person.reports_to_id.key_account_id != person.key_account_id:
                raise ValidationError(
                    self.env._(
                        "The manager of %s belongs to a different client. Choose a "
                        "stakeholder of the same client.",
                        person.display_name,
                    )
                )

    # ------------------------------------------------------------ merging
    def _most_decisive(self):
        """Return the most decisive entry, by role, influence, active and age."""
        roles = self._fields["role"].get_values(self.env)
        return self.sorted(
            lambda person: (
                roles.index(person.role),
                -int(person.influence),
                not person.active,
                person.id,
            )
        )[:1]

    def _prepare_merged(self, kept):
        """Return the combined values of a person's entries, for the entry kept."""
        others = self - kept
        above = (kept.reports_to_id | others.reports_to_id) - self
        return {
            "active": any(self.mapped("active")),
            "influence": max(self.mapped("influence")),
            "covered_by_ids": [Command.set(self.covered_by_ids.ids)],
            # A person who reports to one of the entries can't be above the merged one.
            "reports_to_id": (above - self._everybody_below())[:1].id,
            "note": "\n\n".join(filter(None, (kept | others).mapped("note"))),
        }

    def _everybody_below(self):
        """Return all people who report to these, directly or indirectly."""
        below, level = self.browse(), self
        while level := level.child_ids - below:
            below |= level
        return below

    # ------------------------------------------------------------ expressions
    @api.model
    def _sql_last_contact(self, alias):
        """Return SQL for the last contact with the person of the row ``alias``."""
        return contacts.last_of_person_sql(self.env["nka.key.account"], alias)

    # ------------------------------------------------------------ actions
    def action_log_contact(self):
        """Open the wizard that logs a contact with this person."""
        self.ensure_one()
        return self.key_account_id._action_log_contact(self)
