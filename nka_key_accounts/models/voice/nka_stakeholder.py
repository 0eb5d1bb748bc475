from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.iap.tools.iap_tools import _MAIL_PROVIDERS
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, LazyTranslate, email_domain_extract

from ..trail.roles import DIRECTOR, MANAGER, SUPERVISOR

_lt = LazyTranslate(__name__)

#: Days for which a stakeholder and their address must have been known.
KNOWN_DAYS = 30
#: Days in which a person isn't asked twice.
PERSON_REST = 90
#: Days for which people taken off the stakeholder map are still asked.
REMOVED_DAYS = 180

HINDRANCES = [
    ("refused", "Doesn't want to be asked"),
    ("removed", "No longer a stakeholder"),
    ("archived", "Contact archived"),
    ("no_address", "No email address"),
    ("blacklisted", "Email address on the blacklist"),
    ("ours", "Email address of our own people"),
    ("shared", "Same email address as another stakeholder"),
    ("changed", "Email address changed less than 30 days ago"),
    ("new", "Stakeholder for less than 30 days"),
    ("rest", "Asked in the last 90 days"),
]


class Stakeholder(models.Model):
    """Whether the house can ask this person, and what they answered."""

    _inherit = ["nka.stakeholder", "nka.guard.mixin"]
    _name = "nka.stakeholder"
    _guarded_fields = ("voice_email", "voice_email_date")
    _audit_kinds = {"voice_address": _lt("Address for client feedback")}

    # The address as the nightly job found it, so that nobody has the questions sent to
    # themselves by changing a contact's address.
    voice_email = fields.Char(
        "Address known", readonly=True, copy=False, groups=SUPERVISOR
    )
    voice_email_date = fields.Date(
        "Address known since", readonly=True, copy=False, groups=SUPERVISOR
    )
    voice_hindrance = fields.Selection(
        HINDRANCES,
        "Why they aren't asked",
        compute="_compute_voice_hindrance",
        compute_sudo=True,
        groups=SUPERVISOR,
        help="Why this person can't be asked for feedback now.",
    )
    voice_view = fields.Selection(
        [
            ("blind", "Blind spot"),
            ("agree", "As seen"),
            ("better", "Better than seen"),
        ],
        "Attitude against feedback",
        compute="_compute_voice_view",
        groups=f"{MANAGER},{SUPERVISOR},{DIRECTOR}",
        help="The attitude entered when the person was asked, against their last answer.",
    )

    # ------------------------------------------------------------ compute
    @api.depends("partner_id", "key_account_id.manager_id", "key_account_id.deputy_id")
    @api.depends_context("uid")
    def _compute_voice_hindrance(self):
        """Say nothing of the user's own clients: the reasons tell who was asked."""
        today = fields.Date.context_today(self)
        others = self.filtered(lambda person: person.id and not person._is_own())
        found = others._read_hindrances(today)
        for person in self:
            person.voice_hindrance = found.get(person._origin.id, False)

    def _is_own(self):
        """Return whether the user looks after the client, as manager or deputy."""
        account = self.sudo().key_account_id
        return self.env.user in account.manager_id | account.deputy_id

    @api.depends_context("uid")
    def _compute_voice_view(self):
        """Compare with the last answer that the user can read."""
        answers = self.env["nka.voice.answer"].search_fetch(
            [
                ("stakeholder_id", "in", self._origin.ids),
                ("state", "in", ("answered", "disclosed")),
            ],
            ["stakeholder_id", "view"],
            order="date_answered desc, id desc",
        )
        last = {
            person: rows[0].view
            for person, rows in answers.grouped("stakeholder_id").items()
        }
        for person in self:
            person.voice_view = last.get(person._origin, False)

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        for name in {"partner_id", "key_account_id"} & vals.keys():
            others = self.filtered(lambda one, name=name: one[name].id != vals[name])
            others._check_stays_known()
        return super().write(vals)

    def unlink(self):
        """Check here, because a context key can skip ``@api.ondelete`` methods."""
        self._check_stays_known()
        return super().unlink()

    def _check_stays_known(self):
        """Refuse managers to remove without a trace who could be asked.

        People archived a short time ago are still asked, and archived ones stay listed.
        """
        if self.env.su or self.env.user.has_group(SUPERVISOR):
            return
        for person in self.sudo():
            if person.company_id.nka_voice_active:
                raise UserError(
                    self.env._(
                        "The company asks stakeholders for feedback, so “%s” can only be "
                        "archived. Archive them, and add others as new stakeholders.",
                        person.display_name,
                    )
                )

    # ------------------------------------------------------------ actions
    def action_confirm_voice_address(self):
        """Confirm as a supervisor that the present address is the person's own."""
        if not self.env.user.has_group(SUPERVISOR):
            raise AccessError(
                self.env._(
                    "Only a key account supervisor can confirm an address. Ask one of "
                    "them."
                )
            )
        self.check_access("write")
        for person in self.sudo():
            account = person.key_account_id
            if person._is_own():
                raise AccessError(
                    self.env._(
                        "%s is your own client, so another supervisor has to confirm "
                        "the address.",
                        account.display_name,
                    )
                )
            before, now = person.voice_email, person.partner_id.email_normalized
            long_ago = fields.Date.context_today(self) - timedelta(days=KNOWN_DAYS)
            person._unlocked().write(
                {"voice_email": now or "", "voice_email_date": long_ago}
            )
            self.env["nka.audit.event"]._record(
                person, "voice_address", old=before or None, new=now or None
            )
        return True

    # ------------------------------------------------------------ who can be asked
    @api.model
    def _follow_addresses(self, company):
        """Note which address each stakeholder has, and since when. One statement.

        An address found with the stakeholder's first entry counts from that day.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """UPDATE nka_stakeholder person
                      SET voice_email = COALESCE(contact.email_normalized, ''),
                          voice_email_date = CASE
                              WHEN person.voice_email IS NULL
                              THEN person.create_date::date ELSE %(today)s END
                     FROM res_partner contact
                    WHERE contact.id = person.partner_id
                      AND person.company_id = %(company)s
                      AND person.voice_email IS DISTINCT FROM
                          COALESCE(contact.email_normalized, '')""",
                today=fields.Date.context_today(self),
                company=company.id,
            )
        )
        self.invalidate_model(["voice_email", "voice_email_date"])

    @api.model
    def _askable(self, accounts, today):
        """Return the people of these accounts who can be asked today.

        People removed from the map a short time ago are among them.
        """
        people = self.with_context(active_test=False).search(
            [("key_account_id", "in", accounts.ids)]
        )
        hindered = people._read_hindrances(today)
        return people.filtered(lambda person: person.id not in hindered)

    def _read_hindrances(self, today):
        """Return the key of :data:`HINDRANCES` of those who can't be asked, by id.

        :rtype: dict[int, str]
        """
        found = {}
        for company, people in self.sudo().grouped("company_id").items():
            everybody = people.with_context(active_test=False).search(
                [("key_account_id", "in", people.key_account_id.ids)]
            )
            blocked = self.env["nka.voice.refusal"]._of_company(company)
            ours = self._own_addresses(company)
            first = everybody._first_at_address(today)
            asked = self.env["nka.voice.answer"].sudo()._last_asked(people)
            for person in people:
                reason = person._hindrance(today, blocked, ours, first, asked)
                if reason:
                    found[person.id] = reason
        return found

    def _first_at_address(self, today):
        """Return who has had each address of an account longest. One person is asked
        there, and a later entry with the same address doesn't silence them.

        :rtype: dict[tuple, nka.stakeholder]
        """
        first = {}
        for person in self.sorted(lambda one: (one._address_since(today), one.id)):
            if person.partner_id.active and not person._is_long_removed():
                place = (person.key_account_id, person.partner_id.email_normalized)
                first.setdefault(place, person)
        return first

    def _address_since(self, today):
        if self.voice_email is not False and (
            self.voice_email != (self.partner_id.email_normalized or "")
        ):
            return today
        return self.voice_email_date or self.create_date.date()

    def _is_long_removed(self):
        removed = fields.Datetime.now() - timedelta(days=REMOVED_DAYS)
        return not self.active and self.write_date < removed

    def _hindrance(self, today, blocked, ours, first, asked):
        """Return why the person can't be asked, as the first that holds."""
        contact = self.partner_id
        address = contact.email_normalized
        known = today - timedelta(days=KNOWN_DAYS)
        rested = today - timedelta(days=PERSON_REST)
        refusing, addresses = blocked
        who = {contact.id, contact.commercial_partner_id.id}
        last = [asked.get(contact.id), asked.get(address)]
        reasons = {
            "refused": bool(who & refusing) or address in addresses,
            "removed": self._is_long_removed(),
            "archived": not contact.active,
            "no_address": not address,
            "blacklisted": contact.is_blacklisted,
            "ours": self._is_ours(address, ours),
            "shared": first.get((self.key_account_id, address), self) != self,
            "changed": self._is_address_new(address, known),
            "new": self.create_date.date() > known,
            "rest": any(day and day > rested for day in last),
        }
        return next((key for key, holds in reasons.items() if holds), None)

    def _is_address_new(self, address, known):
        since = self.voice_email_date or self.create_date.date()
        if self.voice_email is False:
            return since > known
        return address != self.voice_email or since > known

    @api.model
    def _is_ours(self, address, ours):
        return bool(address) and (
            address in ours or email_domain_extract(address) in ours
        )

    @api.model
    def _own_addresses(self, company):
        """Return the addresses of our people, and the domains of our mail.

        :rtype: set[str]
        """
        users = self.env["res.users"].sudo().with_context(active_test=False)
        staff = users.search_fetch([("share", "=", False)], ["login", "partner_id"])
        employees = self.env["hr.employee"].sudo().with_context(active_test=False)
        staffed = employees.search_fetch([], ["work_email", "private_email"])
        ours = {address.lower() for address in staff.mapped("login")}
        ours.update(filter(None, staff.partner_id.mapped("email_normalized")))
        for name in ("work_email", "private_email"):
            ours.update(address.lower() for address in staffed.mapped(name) if address)
        domains = set(self.env["mail.alias.domain"].sudo().search([]).mapped("name"))
        domains.add(email_domain_extract(company.email or ""))
        return ours | (domains - {False, ""} - set(_MAIL_PROVIDERS))
