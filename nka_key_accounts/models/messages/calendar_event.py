"""Show meetings about other managers' key deals as "Busy", without details."""

import re
from itertools import repeat

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL, OrderedSet

from ..trail.roles import ADMIN, SUPERVISOR

#: Besides public fields, the calendar uses these to search meetings shown as "Busy".
SEARCHED_FIELDS = {"attendee_ids", "is_of_others", "create_uid"}
#: Fields that Odoo treats as public although they disclose the participants.
TABLE_FIELDS = {"partner_ids", "attendee_ids"}


class CalendarEvent(models.Model):
    _name = "calendar.event"
    _inherit = ["calendar.event", "nka.known.mixin"]

    is_of_others = fields.Boolean(
        "Another manager's client",
        compute="_compute_is_of_others",
        search="_search_is_of_others",
        help="Related to a deal or key account you don't have access to.",
    )

    @api.depends_context("uid")
    def _compute_is_of_others(self):
        hidden = self._hidden()
        for event in self:
            event.is_of_others = event in hidden

    def _search_is_of_others(self, operator, value):
        if operator != "in":
            return NotImplemented
        if self._sees_every_deal():
            hidden = Domain.FALSE
        else:
            hidden = self._domain_hidden()
        return hidden if True in value else ~hidden

    # ------------------------------------------------------------ reading
    def _fetch_query(self, query, fields):
        """Mask private fields of hidden meetings, as Odoo does for private meetings."""
        events = super()._fetch_query(query, fields)
        public = self._get_public_fields()
        private = [field for field in fields if field.name not in public]
        hidden = events._hidden() if private and not self.env.su else self.browse()
        for field in (*private, self._fields["partner_ids"]) if hidden else ():
            shown = self.env._("Busy") if field.name == "name" else False
            value = field.convert_to_cache(shown, hidden)
            self.env.cache.update(hidden, field, repeat(value))
        return events

    def _compute_display_name(self):
        hidden = self._hidden()
        hidden.display_name = self.env._("Busy")
        return super(CalendarEvent, self - hidden)._compute_display_name()

    @api.model
    def _get_default_privacy_domain(self):
        """Exclude hidden meetings from groups too."""
        domain = super()._get_default_privacy_domain()
        if self._sees_every_deal():
            return domain
        return Domain(domain) & ~self._domain_hidden()

    @api.model
    def _search(
        self, domain, offset=0, limit=None, order=None, *, bypass_access=False, **kwargs
    ):
        """Exclude hidden meetings when private fields are used to search or sort."""
        if not (self.env.su or bypass_access) and self._asks_for_private(domain, order):
            domain = Domain(domain) & ~self._domain_hidden()
        return super()._search(
            domain, offset, limit, order, bypass_access=bypass_access, **kwargs
        )

    @api.model
    def _read_group_groupby(self, alias, groupby_spec, query):
        """Group records by private fields of their meeting without disclosing them.

        Hidden meetings get an empty group value. Groups of meetings exclude hidden ones
        already.
        """
        value = super()._read_group_groupby(alias, groupby_spec, query)
        name = re.split(r"[.:]", groupby_spec, maxsplit=1)[0]
        public = self._get_public_fields() - TABLE_FIELDS
        if alias == self._table or name in public:
            return value
        if self.env.su or self._sees_every_deal():
            return value
        events = self.sudo().with_context(active_test=False)
        hidden = events._search(self._domain_hidden(), order="id")
        return SQL(
            "CASE WHEN %s IN %s THEN NULL ELSE %s END",
            SQL.identifier(alias, "id"),
            hidden.subselect(),
            value,
        )

    @api.model
    def _asks_for_colleagues(self, condition):
        """Return whether a condition searches meetings of internal users by id.

        The calendar does so. Searching by the contacts of a client would disclose which
        "Busy" meetings are with that client.
        """
        if condition.field_expr != "partner_ids" or condition.operator not in (
            "=",
            "in",
            "not in",
        ):
            return False
        value = condition.value
        ids = [value] if isinstance(value, int) else value
        if not isinstance(ids, list | tuple | set | OrderedSet | frozenset):
            return False
        outside = [("id", "in", [*filter(None, ids)]), ("partner_share", "=", True)]
        people = self.env["res.partner"].sudo().with_context(active_test=False)
        return not people.search_count(outside, limit=1)

    @api.model
    def _asks_for_private(self, domain, order=None):
        if self._sees_every_deal():
            return False
        names = {
            condition.field_expr.partition(".")[0]
            for condition in Domain(domain).iter_conditions()
            if not self._asks_for_colleagues(condition)
        }
        for term in (order or "").split(","):
            names.update(re.split(r"[.:\s]", term.strip(), maxsplit=1)[:1])
        names -= {"", "id", *SEARCHED_FIELDS}
        # Checked last: listing the public fields describes every field of the model.
        return bool(names) and not names <= self._get_public_fields() - {"partner_ids"}

    # ------------------------------------------------------------ access
    def _check_access(self, operation):
        """Refuse changes to hidden meetings, which Odoo allows unless private."""
        result = super()._check_access(operation)
        if operation not in ("write", "unlink"):
            return result
        refused = result[0] if result else self.browse()
        hidden = (self - refused)._hidden()
        return (refused | hidden, self._hidden_error) if hidden else result

    @api.model
    def _hidden_error(self):
        return AccessError(
            self.env._(
                "This meeting is about another manager's deal. Ask its organizer to "
                "change it."
            )
        )

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """Require write access for messages of hidden meetings."""
        hidden = self._hidden()
        operations = super(
            CalendarEvent, self - hidden
        )._mail_get_operation_for_mail_message_operation(message_operation)
        return operations | dict.fromkeys(hidden, "write")

    def _check_told(self):
        """Refuse to print or render texts from hidden meetings.

        Pages for portal users and visitors are exempt: Odoo renders them under their
        user.
        """
        if self.env.user._is_internal() and self._hidden():
            raise self._hidden_error()

    def action_sendmail(self):
        """Send the invitations again.

        :raise AccessError: for hidden meetings
        """
        if not self.env.su and self._hidden():
            raise self._hidden_error()
        return super().action_sendmail()

    def message_subscribe(self, *args, **kwargs):
        """Add followers, who receive the messages; Odoo allows this to every reader.

        :raise AccessError: for hidden meetings
        """
        if not self.env.su and self._hidden():
            raise self._hidden_error()
        return super().message_subscribe(*args, **kwargs)

    # ------------------------------------------------------------ whose deal
    def _hidden(self):
        """Return the meetings about other managers' key deals, with one query.

        Fills no cache that the current user could read from.
        """
        if not self.ids or self._sees_every_deal():
            return self.browse()
        domain = Domain("id", "in", self.ids) & self._domain_hidden()
        events = self.sudo().with_context(active_test=False)
        return self.browse(events._search(domain).get_result_ids())

    def _about_key_accounts(self):
        """Return the meetings about key accounts, regardless of the user: one query."""
        if not self.ids:
            return self.browse()
        accounts = self.env["nka.key.account"].sudo()
        clients = accounts._search([("state", "=", "key")]).subselect("partner_id")
        of_client = Domain("commercial_partner_id", "in", clients)
        about = Domain("opportunity_id.key_account_id.state", "=", "key") | Domain(
            "partner_ids", "any!", of_client
        )
        events = self.sudo().with_context(active_test=False)
        found = events._search(Domain("id", "in", self.ids) & about)
        return self.browse(found.get_result_ids())

    @api.model
    def _domain_hidden(self):
        deals = self.env["crm.lead"].sudo().with_context(active_test=False)
        uid = self.env.uid
        of_others = [
            ("state", "=", "key"),
            ("manager_id", "!=", uid),
            ("deputy_id", "!=", uid),
            ("mentor_user_ids", "not in", [uid]),
            ("acting_user_ids", "not in", [uid]),
        ]
        hidden = deals._search(
            [
                ("user_id", "!=", uid),
                *((f"key_account_id.{name}", *rest) for name, *rest in of_others),
            ]
        )
        # If the meeting has no deal, derive the client from its attendees.
        accounts = self.env["nka.key.account"].sudo()
        clients = accounts._search(of_others).subselect("partner_id")
        without = Domain("opportunity_id", "=", False) & self._domain_of_client()
        others = Domain("commercial_partner_id", "in", clients)
        about = Domain("opportunity_id", "in", hidden) | (
            without & Domain("partner_ids", "any!", others)
        )
        return (
            about
            & Domain("user_id", "!=", uid)
            & Domain("partner_ids", "not in", self.env.user.partner_id.ids)
        )

    @api.model
    def _domain_of_client(self):
        """Hook: return a domain of meetings about client business without a deal."""
        return Domain.FALSE

    @api.model
    def _sees_every_deal(self):
        if self.env.uid == SUPERUSER_ID:
            return True
        return self.env.user.has_groups(f"{SUPERVISOR},{ADMIN}")
