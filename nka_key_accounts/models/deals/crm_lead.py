"""The offer of a deal, the qualification behind it, and what a merge does to a deal."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..trail.base import as_a_whole
from ..trail.opening import open_action
from ..trail.roles import ADMIN, MANAGER, SUPERVISOR

#: Who works with key accounts: pay officers don't.
ROLES = f"{MANAGER},{SUPERVISOR},{ADMIN}"

#: What stays of an origin in a merge: with who claimed it, and who decided.
ORIGIN_DECISION = (
    "origin_decided_by_id",
    "origin_decision_date",
    "origin_note",
    "origin_channel",
)
ORIGIN_FIELDS = (
    "origin",
    "referrer_id",
    "origin_state",
    "origin_claimed_by_id",
    *ORIGIN_DECISION,
)
#: A decision outweighs a claim, and a confirmation a rejection.
ORIGIN_RANKS = {"confirmed": 3, "rejected": 2, "claimed": 1}
DECIDED = ("confirmed", "rejected")
#: Odoo's own records that make a deal, whoever may see them.
DEAL_LINKS = (("calendar.event", "opportunity_id"), ("sale.order", "opportunity_id"))


class CrmLead(models.Model):
    """The offer of a deal, who contributes to it, what is given, got and promised."""

    _inherit = "crm.lead"
    # Who recommended a lead is a client, whoever looks after them.
    _open_links = ("referrer_id",)

    qualification_id = fields.Many2one(
        "nka.qualification",
        "Valid qualification",
        compute="_compute_qualification_id",
        search="_search_qualification_id",
        compute_sudo=True,
        groups=ROLES,
        help=(
            "The qualification of this deal or, if it has none, of its account. "
            "Empty if a later qualification rejected the client."
        ),
    )
    commitment_ids = fields.One2many(
        "nka.commitment", "lead_id", "Commitments", groups=ROLES
    )
    commitment_count = fields.Integer(
        "Number of commitments",
        compute="_compute_commitment_count",
        compute_sudo=True,
        groups=ROLES,
    )
    has_untaken_terms = fields.Boolean(
        "Terms to add as commitments",
        compute="_compute_has_untaken_terms",
        compute_sudo=True,
        groups=ROLES,
        help=(
            "A quotation was confirmed, but its terms haven't been added as "
            "commitments yet."
        ),
    )
    contribution_ids = fields.One2many(
        "nka.offer.contribution", "lead_id", "Contributions", groups=ROLES
    )
    concession_ids = fields.One2many(
        "nka.concession", "lead_id", "Concessions", groups=ROLES
    )
    contribution_state = fields.Char(
        "Contribution status", compute="_compute_offer", compute_sudo=True, groups=ROLES
    )
    overdue_contribution_count = fields.Integer(
        "Overdue contributions",
        compute="_compute_offer",
        compute_sudo=True,
        groups=ROLES,
    )
    concession_cost = fields.Monetary(
        "Cost of what we give",
        currency_field="company_currency",
        compute="_compute_concessions",
        compute_sudo=True,
        groups=ROLES,
    )
    concession_gain = fields.Monetary(
        "Value of what we get",
        currency_field="company_currency",
        compute="_compute_concessions",
        compute_sudo=True,
        groups=ROLES,
    )
    concession_balance = fields.Monetary(
        "Balance",
        currency_field="company_currency",
        compute="_compute_concessions",
        compute_sudo=True,
        groups=ROLES,
        help=(
            "Value of what we get minus the cost of what we give. Withdrawn "
            "concessions don't count."
        ),
    )

    # ------------------------------------------------------------ compute
    @api.depends("key_account_id")
    def _compute_qualification_id(self):
        found = self._read_qualifications()
        for lead in self:
            lead.qualification_id = found.get(lead._origin.id, False)

    def _read_qualifications(self):
        """Valid qualifications by id of the deal: one query.

        :rtype: dict[int, int]
        """
        keyed = self._origin.filtered("key_account_id")
        if not keyed:
            return {}
        self._flush_qualifications()
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT lead.id, %s FROM crm_lead lead WHERE lead.id = ANY(%s)",
                    self._sql_qualification("lead"),
                    keyed.ids,
                )
            )
        )

    @api.model
    def _search_qualification_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._flush_qualifications()
        ids = tuple(number for number in value if number)
        found = Domain.FALSE
        if ids:
            found |= self._domain_qualification(SQL("IN %s", ids))
        if False in value:
            found |= self._domain_qualification(SQL("IS NULL"))
        return found

    @api.model
    def _domain_qualification(self, condition):
        return Domain.custom(
            to_sql=lambda model, alias, _query: SQL(
                "(%s) %s", model._sql_qualification(alias), condition
            )
        )

    @api.model
    def _flush_qualifications(self):
        self.env["crm.lead"].flush_model(["key_account_id"])
        self.env["nka.qualification"].flush_model()

    @api.model
    def _sql_qualification(self, alias):
        """Id of the qualification that speaks for a deal today, as the account's does:
        none after a later verdict against the client. One made for another deal doesn't
        outweigh a verdict against this one.
        """
        positive = SQL("judged.verdict != 'rejected'")
        about = SQL("COALESCE(judged.lead_id, %s) = %s", *(self._sql_id(alias),) * 2)
        own = SQL("judged.lead_id = %s", self._sql_id(alias))
        verdict = SQL("judged.verdict")
        return SQL(
            """CASE WHEN %s = 'rejected' OR %s = 'rejected' THEN NULL
                    ELSE COALESCE(%s, %s) END""",
            self._sql_judged(alias, verdict, SQL("TRUE")),
            self._sql_judged(alias, verdict, about),
            self._sql_judged(alias, SQL("judged.id"), SQL("%s AND %s", own, positive)),
            self._sql_judged(alias, SQL("judged.id"), positive),
        )

    @api.model
    def _sql_id(self, alias):
        return SQL.identifier(alias, "id")

    @api.model
    def _sql_judged(self, alias, selected, condition):
        """Of the latest verdict on the deal's client that is in force."""
        return SQL(
            """(SELECT %(selected)s FROM nka_qualification judged
                 WHERE judged.key_account_id = %(account)s
                   AND judged.state = 'approved'
                   AND (judged.verdict = 'rejected' OR judged.date_valid >= %(today)s)
                   AND %(condition)s
                 ORDER BY judged.date DESC, judged.id DESC LIMIT 1)""",
            selected=selected,
            account=SQL.identifier(alias, "key_account_id"),
            today=fields.Date.context_today(self),
            condition=condition,
        )

    def _compute_commitment_count(self):
        counts = dict(
            self.env["nka.commitment"]._read_group(
                [("lead_id", "in", self.ids)], ["lead_id"], ["__count"]
            )
        )
        for lead in self:
            lead.commitment_count = counts.get(lead, 0)

    def _compute_has_untaken_terms(self):
        keyed = self.filtered("key_account_id")
        waiting = keyed._untaken_orders().opportunity_id if keyed else keyed
        for lead in self:
            lead.has_untaken_terms = lead in waiting

    @api.depends("contribution_ids.state", "contribution_ids.date_due")
    @api.depends_context("lang", "tz")
    def _compute_offer(self):
        """Of so many asked so many accepted: one query for all deals."""
        items = self.env["nka.offer.contribution"].search_fetch(
            [("lead_id", "in", self.ids), ("state", "!=", "withdrawn")],
            ["lead_id", "state", "date_due"],
        )
        by_lead = items.grouped("lead_id")
        for lead in self:
            asked = by_lead.get(lead._origin, items.browse())
            taken = asked.filtered(lambda item: item.state == "accepted")
            lead.contribution_state = f"{len(taken)}/{len(asked)}" if asked else False
            lead.overdue_contribution_count = len(asked.filtered("is_overdue"))

    @api.depends(
        "concession_ids.cost", "concession_ids.gain_value", "concession_ids.state"
    )
    def _compute_concessions(self):
        """Sums over the lines on the screen, saved or not."""
        for lead in self:
            counted = lead.concession_ids.filtered(lambda item: item.state != "dropped")
            lead.concession_cost = sum(counted.mapped("cost"))
            lead.concession_gain = sum(counted.mapped("gain_value"))
            lead.concession_balance = lead.concession_gain - lead.concession_cost

    # ------------------------------------------------------------ actions
    def action_take_terms(self):
        """Propose the terms of the won quotations as commitments, to accept or drop.

        :return: the action that opens the commitments of the deal
        :raise UserError: when there is no confirmed quotation left
        """
        self.ensure_one()
        self.check_access("read")
        orders = self.sudo()._untaken_orders()
        if not self.key_account_id or not orders:
            raise UserError(
                self.env._(
                    "There are no terms to add. Confirm a quotation of this deal "
                    "first; each quotation can be used only once."
                )
            )
        self.env["nka.commitment"]._take_terms(self, orders)
        return self.action_open_commitments()

    def action_open_commitments(self):
        """Commitments of this deal."""
        self.ensure_one()
        return open_action(
            self.env,
            "nka_commitment_action",
            name=self.env._("Commitments: %s", self.name),
            domain=[("lead_id", "=", self.id)],
            context={
                "default_lead_id": self.id,
                "default_key_account_id": self.key_account_id.id,
            },
        )

    def action_open_contributions(self):
        """Contributions to this offer."""
        self.ensure_one()
        return open_action(
            self.env,
            "nka_offer_contribution_action",
            name=self.env._("Contributions: %s", self.name),
            domain=[("lead_id", "=", self.id)],
            context={"default_lead_id": self.id},
        )

    # ------------------------------------------------------------ business
    def _untaken_orders(self):
        """Confirmed orders of these deals that no commitment stands for.

        What another company of the database sold isn't this account's.

        :rtype: sale.order
        """
        orders = (
            self.env["sale.order"]
            .search([("opportunity_id", "in", self.ids), ("state", "=", "sale")])
            .filtered(
                lambda order: (
                    order.opportunity_id.key_account_id.company_id
                    in order.company_id.parent_ids
                )
            )
        )
        commitments = self.env["nka.commitment"].search_fetch(
            [("order_id", "in", orders.ids)], ["order_id"]
        )
        return orders - commitments.order_id

    def _runs_offer(self):
        """Whether the acting person runs this deal: who answers for its account now, its
        salesperson where there is no key account, and any supervisor.
        """
        self.ensure_one()
        lead = self.sudo()
        runs = lead.key_account_id.acting_user_ids or lead.user_id
        return self.env.user in runs or self.env.user.has_group(SUPERVISOR)

    def _runner_name(self):
        """Name of who runs the offer of this deal, for refusals."""
        lead = self.sudo()
        return (lead.key_account_id.acting_user_ids[:1] or lead.user_id).name or "—"

    def _with_course(self):
        agreed = ("commitment_ids", "contribution_ids", "concession_ids")
        more = self.filtered(lambda lead: any(lead[name] for name in agreed))
        return super()._with_course() | more

    # ------------------------------------------------------------ client of the deal
    def write(self, vals):
        """Orders of a deal that comes to another client meet that client's terms."""
        if vals.keys().isdisjoint({"partner_id", "company_id", "user_id"}):
            return super().write(vals)
        if not (self.sudo().key_account_id or self._may_become_key(vals)):
            return super().write(vals)
        orders = self.env["sale.order"].sudo()
        with as_a_whole(self.env):
            with orders.search([("opportunity_id", "in", self.ids)])._nka_watched():
                return super().write(vals)

    def _may_become_key(self, vals):
        """Whether a write may make these a key account's deals; asks no table."""
        clients = self.env["nka.key.account"]._key_clients()
        if not clients or vals.keys().isdisjoint(
            {"partner_id", "company_id", "user_id"}
        ):
            return False
        partners = self.sudo().partner_id
        if vals.get("partner_id"):
            partners = partners.browse(vals["partner_id"])
        known = {client for client, _company in clients}
        return not known.isdisjoint(partners.commercial_partner_id._ids)

    @api.ondelete(at_uninstall=False)
    def _check_unlink_with_orders(self):
        """The database would take the deal off its orders, past every check."""
        orders = (
            self.env["sale.order"].sudo().search([("opportunity_id", "in", self.ids)])
        )
        confirmed = orders._nka_of_key_clients().filtered(
            lambda order: order.state == "sale"
        )
        for order in confirmed:
            if order.company_id.nka_order_without_deal == "block":
                raise UserError(
                    self.env._(
                        "“%(deal)s” is linked to %(order)s, a confirmed order of a "
                        "key account. Link the order to another deal of the client "
                        "first, or merge the deals.",
                        deal=order.opportunity_id.display_name,
                        order=order.name,
                    )
                )
        confirmed.write({"opportunity_id": False})

    # ------------------------------------------------------------ merging
    def _merge_opportunity(
        self, user_id=False, team_id=False, auto_unlink=True, max_length=5
    ):
        """Everything of ours moves to the deal that is left, with the decision on its
        origin; whose deals they are decides who may.
        """
        self.check_access("read")
        if self._may_part() or not self._of_key_accounts():
            self._kept_in_merge()._check_may_merge()
            self._check_one_client()
        origin = self._origin_in_merge()
        is_vip = any(self.sudo().mapped("is_vip"))
        left = super()._merge_opportunity(user_id, team_id, auto_unlink, max_length)
        left._keep_origin(origin, is_vip)
        return left

    def _kept_in_merge(self):
        """Those of these leads that nobody but a supervisor merges: other people's that
        are marked, decided on, or have anything of ours.
        """
        others = self.sudo().filtered(lambda lead: lead.user_id.id != self.env.uid)
        decided = others.filtered(lambda lead: lead.origin_state in DECIDED)
        others = others.filtered("user_id")
        marked = others.filtered(lambda lead: lead.is_vip or lead.origin_state)
        rest = others - decided - marked
        return (decided | marked | rest._with_ours()).with_env(self.env)

    def _check_may_merge(self):
        if not self or self._may_part():
            return
        company = self[:1].sudo().company_id or self.env.company
        names = self.env["res.users"]._nka_holders(SUPERVISOR, company).mapped("name")
        raise AccessError(
            self.env._(
                "“%(deal)s” isn't yours and is a VIP lead, has a decision on its "
                "origin, or has documents or commitments, so only a supervisor can "
                "merge it. Supervisors: %(people)s.",
                deal=self[:1].sudo().display_name,
                people=", ".join(names[:3]) or self.env._("none in this company yet"),
            )
        )

    def _check_one_client(self):
        """What belongs to a key account can't hang on another client's deal."""
        leads = self.sudo()
        if not leads.key_account_id:
            return
        with_client = leads.filtered("partner_id")
        if len(with_client.mapped(lambda lead: lead.key_account_id)) > 1 or any(
            not lead.key_account_id for lead in with_client
        ):
            names = with_client.partner_id.commercial_partner_id.mapped("display_name")
            raise UserError(
                self.env._(
                    "Only deals of the same client can be merged, but these belong to "
                    "%s. Select the deals of one client.",
                    ", ".join(names),
                )
            )

    def _get_lead_duplicates(self, partner=None, email=None, include_lost=False):
        """Conversion merges what is found here: without what the person may not."""
        found = super()._get_lead_duplicates(partner, email, include_lost)
        return found if self._may_part() else found - found._kept_in_merge()

    def _merge_get_fields_specific(self):
        """The origin is kept as a whole, see :meth:`_keep_origin`."""
        specific = super()._merge_get_fields_specific()
        ours = ("is_vip", "origin", "referrer_id")
        return {name: value for name, value in specific.items() if name not in ours}

    def _origin_in_merge(self):
        """The origin that counts: a decided one before a claim, else the first one of
        the deal that is left and those after it.

        A confirmation is for the lead it was given to: by anybody but a supervisor it
        comes to another one as a claim only, to be decided anew.

        :rtype: dict
        """
        leads = self._sort_by_confidence_level(reverse=True).sudo()
        ranks = {lead: ORIGIN_RANKS.get(lead.origin_state, 0) for lead in leads}
        carried = leads[1:].filtered(lambda lead: lead.origin_state == "confirmed")
        if not self._may_part():
            ranks |= dict.fromkeys(carried, ORIGIN_RANKS["claimed"])
        known = leads.filtered("origin")
        if not known:
            return {}
        chosen = max(known, key=ranks.get)
        origin = {
            name: chosen._fields[name].convert_to_write(chosen[name], chosen)
            for name in ORIGIN_FIELDS
        }
        if chosen in carried and not self._may_part():
            origin |= dict.fromkeys(ORIGIN_DECISION, False)
            origin["origin_state"] = "claimed"
        return origin

    def _keep_origin(self, origin, is_vip):
        """Write what is kept of the origins; no claim is made anew by it."""
        lead = self.sudo()
        kept = {**origin, "is_vip": is_vip}
        changes = {
            name: value
            for name, value in kept.items()
            if lead._fields[name].convert_to_write(lead[name], lead) != value
        }
        if changes:
            self._unlocked().write(changes)

    def _merge_dependences(self, opportunities):
        """All that is ours stays with the deal that is left."""
        result = super()._merge_dependences(opportunities)
        moved = self._take_over(opportunities)
        if moved:
            self.env["nka.audit.event"]._record(
                self,
                "lead_merged",
                old=", ".join(opportunities.sudo().mapped("name")),
                new=lambda lead: lead.name,
                note=", ".join(f"{label}: {count}" for label, count in moved.items()),
            )
        return result

    @api.model
    def _links_of_ours(self):
        """Stored links from our models to a deal, whichever room they are of.

        The trail's stay as they are: it tells what was.

        :return: model, field, and the field with the model's name, where it has one
        :rtype: list[tuple[str, str, str | None]]
        """
        links = []
        for name, model in sorted(self.env.registry.items()):
            if not name.startswith("nka.") or not model._auto or model._transient:
                continue
            for fname, field in model._fields.items():
                if not field.store or field.related or name == "nka.audit.event":
                    continue
                if field.type == "many2one" and field.comodel_name == "crm.lead":
                    links.append((name, fname, None))
                elif field.type == "many2one_reference":
                    links.append((name, fname, field.model_field))
        return links

    @api.model
    def _domain_linked(self, fname, by_model, lead_ids):
        domain = Domain(fname, "in", lead_ids)
        return domain & Domain(by_model, "=", "crm.lead") if by_model else domain

    def _with_ours(self):
        """Those of these deals on which anything of ours hangs.

        :rtype: crm.lead
        """
        found = set()
        for name, fname, by_model in self._links_of_ours() if self else ():
            records = self.env[name].sudo().with_context(active_test=False)
            domain = self._domain_linked(fname, by_model, self.ids)
            rows = records._read_group(domain, [fname])
            found.update(link if by_model else link.id for (link,) in rows)
        return self.filtered(lambda lead: lead.id in found)

    def _take_over(self, opportunities):
        """Move what hangs on other deals to this one.

        By statements of SQL, as Odoo merges contacts: what is submitted or approved
        refuses every change through the models, and nothing of it changes but the deal
        it is found at.

        :return: how many of what were moved, by the model's name in words
        :rtype: dict[str, int]
        """
        moved = {}
        for name, fname, by_model in self._links_of_ours():
            domain = self._domain_linked(fname, by_model, opportunities.ids)
            if count := self._move_links(self.env[name].sudo(), fname, domain):
                moved[self.env["ir.model"]._get(name).name] = count
        for name, fname in DEAL_LINKS:
            records = self.env[name].sudo().with_context(active_test=False)
            found = records.search([(fname, "in", opportunities.ids)])
            if found:
                found.write({fname: self.id})
                moved[self.env["ir.model"]._get(name).name] = len(found)
        return moved

    def _move_links(self, model, fname, domain):
        """Of what a deal may have once only, that of the deal that is left stays and
        takes over what it didn't say itself.
        """
        rows = model.with_context(active_test=False)
        records = rows.search(domain, order="id")
        if not records:
            return 0
        twins = self._twins(records, fname)
        for lost, kept in twins.items():
            self._absorb(kept, lost)
        rows.browse([lost.id for lost in twins]).unlink()
        moved = records.exists()
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                "UPDATE %s SET %s = %s WHERE id = ANY(%s) RETURNING id",
                SQL.identifier(model._table),
                SQL.identifier(fname),
                self.id,
                moved.ids,
            )
        )
        self.env.invalidate_all()
        moved.modified([fname])
        return len(records)

    def _twins(self, records, fname):
        """Records that a unique index forbids beside one this deal has, or gets first.

        :rtype: dict[models.Model, models.Model]
        """
        twins = {}
        for columns in self._unique_with(records, fname):
            others = [name for name in columns if name != fname]
            own = (
                records.search([(fname, "=", self.id)]) if others else records.browse()
            )
            seen = {}
            for record in own + records:
                key = tuple(record[name] for name in others)
                if all(key) and seen.setdefault(key, record) != record:
                    twins[record] = seen[key]
        return twins

    @api.model
    def _unique_with(self, records, fname):
        """Columns of the unique indexes of a table that a link is part of."""
        rows = self.env.execute_query(
            SQL(
                """SELECT array_agg(attribute.attname::text) FROM pg_index own
                     JOIN pg_attribute attribute
                       ON attribute.attrelid = own.indrelid
                      AND attribute.attnum = ANY(own.indkey)
                    WHERE own.indisunique AND own.indrelid = %s::regclass
                    GROUP BY own.indexrelid
                   HAVING bool_or(attribute.attname = %s)""",
                records._table,
                fname,
            )
        )
        return [columns for (columns,) in rows]

    @api.model
    def _absorb(self, kept, lost):
        """Let one record take over from its twin what it doesn't say itself."""
        changes = {}
        for fname, field in kept._fields.items():
            if not field.store or field.compute or field.related or not field.copy:
                continue
            mine, other = kept[fname], lost[fname]
            if other and not mine:
                changes[fname] = field.convert_to_write(other, lost)
            elif field.type in ("char", "text") and other and other != mine:
                changes[fname] = f"{mine}\n{other}" if field.type == "text" else mine
        if changes:
            kept.write(changes)
