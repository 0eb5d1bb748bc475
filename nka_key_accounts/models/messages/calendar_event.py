"""A meeting about a key deal is busy time to colleagues, and nothing more."""

import re
from itertools import repeat

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL, OrderedSet

from ..trail.roles import ADMIN, SUPERVISOR

#: By these and the public ones the calendar looks for meetings shown as "Busy".
SEARCHED_FIELDS = {"attendee_ids", "is_of_others", "create_uid"}
#: Public by Odoo, and yet who is at the table.
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
        """Odoo's own way with private meetings, for those of others' deals."""
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
        """Groups of events leave hidden ones out, too."""
        domain = super()._get_default_privacy_domain()
        if self._sees_every_deal():
            return domain
        return Domain(domain) & ~self._domain_hidden()

    @api.model
    def _search(
        self, domain, offset=0, limit=None, order=None, *, bypass_access=False, **kwargs
    ):
        """Nobody finds hidden ones, or puts them in order, by what they can't read."""
        if not (self.env.su or bypass_access) and self._asks_for_private(domain, order):
            domain = Domain(domain) & ~self._domain_hidden()
        return super()._search(
            domain, offset, limit, order, bypass_access=bypass_access, **kwargs
        )

    @api.model
    def _read_group_groupby(self, alias, groupby_spec, query):
        """Other records grouped by what their meeting says tell no more than it does; a
        group of meetings leaves the hidden ones out.
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
        """Whether a condition asks for meetings of people of ours by their ids, as the
        calendar does. Whoever asks for a client's would learn which "Busy" is theirs.
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
        # Odoo describes every field of meetings to say which are public: asked last.
        return bool(names) and not names <= self._get_public_fields() - {"partner_ids"}

    # ------------------------------------------------------------ access
    def _check_access(self, operation):
        """Odoo lets every employee change a meeting that isn't private."""
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
        """Messages of hidden ones are for nobody who may not write them."""
        hidden = self._hidden()
        operations = super(
            CalendarEvent, self - hidden
        )._mail_get_operation_for_mail_message_operation(message_operation)
        return operations | dict.fromkeys(hidden, "write")

    def _check_told(self):
        """Nobody prints, or fills a text in from, a meeting shown as "Busy".

        Pages for clients and visitors are made by Odoo in their name.
        """
        if self.env.user._is_internal() and self._hidden():
            raise self._hidden_error()

    def action_sendmail(self):
        """Send the invitations again, as whoever may change the meeting."""
        if not self.env.su and self._hidden():
            raise self._hidden_error()
        return super().action_sendmail()

    def message_subscribe(self, *args, **kwargs):
        """Who follows gets the messages; Odoo lets whoever reads follow."""
        if not self.env.su and self._hidden():
            raise self._hidden_error()
        return super().message_subscribe(*args, **kwargs)

    # ------------------------------------------------------------ whose deal
    def _hidden(self):
        """Those of these events that are about others' key deals: one query.

        It leaves nothing in the cache, where the acting person would find it.
        """
        if not self.ids or self._sees_every_deal():
            return self.browse()
        domain = Domain("id", "in", self.ids) & self._domain_hidden()
        events = self.sudo().with_context(active_test=False)
        return self.browse(events._search(domain).get_result_ids())

    def _about_key_accounts(self):
        """Those of these events that are about key accounts, whoever asks: one query."""
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
        # Without a deal, the people at the table say whose client it is.
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
        """Hook: which meetings are about a client's business though about no deal."""
        return Domain.FALSE

    @api.model
    def _sees_every_deal(self):
        if self.env.uid == SUPERUSER_ID:
            return True
        return self.env.user.has_groups(f"{SUPERVISOR},{ADMIN}")
