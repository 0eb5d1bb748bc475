"""Which documents the deals of some invoices lack, for bonuses that wait for them.

An invoice belongs to the deals of its orders (:mod:`..facts.orders`). A deal counts if
it is one of the client to whom the sale is credited. Without such a deal, only account
documents of the client count: a deal's documents can't be approved for it.
"""

from typing import NamedTuple

from odoo.tools import SQL

from ..facts import calendars, companies, orders


class Missing(NamedTuple):
    """What one invoice lacks.

    :param invoice: its number
    :param types: nka.document.type that have no approved document
    :param is_linked: whether each of its orders has a deal of the client
    """

    invoice: str
    types: object
    is_linked: bool

    def plain(self):
        """Return it as plain JSON, see ``texts.bound``."""
        return {
            "invoice": self.invoice,
            "types": self.types.ids,
            "is_linked": self.is_linked,
        }


class DealDocuments:
    """Approved documents of the deals of invoices, read with a fixed number of queries.

    :ivar found: (types by deal, whether each order has a deal) by invoice id and account
    """

    def __init__(self, env, company, credited, types):
        """Read what is approved today, also of types archived since: an archived type
        is still one that the pay plan names.

        :param env: environment of the superuser
        :param company: res.company
        :param set credited: pairs of invoice id and nka.key.account
        :param types: nka.document.type to look for
        """
        self.env = env
        accounts = env["nka.key.account"].union(*(row for _id, row in credited))
        deals = _deals(env, company, {move_id for move_id, _row in credited})
        leads = env["crm.lead"].union(*(own for own, _is_linked in deals.values()))
        of_leads = leads._approved_types(types)
        of_accounts = _account_types(accounts, types)
        self.found = {}
        for move_id, account in credited:
            own, is_linked = deals.get(move_id, (leads.browse(), False))
            client = account.partner_id
            linked = own.filtered(
                lambda lead, of=client: lead.key_account_id.partner_id == of
            )
            is_linked = is_linked and own == linked
            approved = [of_leads[lead] for lead in linked]
            if not is_linked:
                approved.append(of_accounts[account])
            self.found[move_id, account] = approved, is_linked
        moves = env["account.move"].browse(deals.keys() | {i for i, _row in credited})
        self.names = {move.id: move.name for move in moves.exists()}

    def missing(self, move_id, account, asked):
        """Return what an invoice lacks, or None.

        :param int move_id: the invoice
        :param account: nka.key.account to which the sale is credited
        :param asked: nka.document.type required
        :rtype: Missing or None
        """
        approved, is_linked = self.found[move_id, account]
        lacking = asked.browse().union(*(asked - has for has in approved))
        if not lacking:
            return None
        return Missing(self.names.get(move_id, ""), lacking, is_linked)


def _deals(env, company, move_ids):
    """Return the deals of invoices, and whether each of their orders has one.

    :return: ``{invoice id: (crm.lead, bool)}``; nothing for invoices without an order
    """
    if not move_ids:
        return {}
    wanted = SQL(
        "JOIN (SELECT unnest(%s::int[]) AS id) wanted ON wanted.id = line.move_id",
        [*move_ids],
    )
    linked = orders.linked_ctes(
        wanted, companies.with_branches(company), with_orders=True
    )
    rows = env.execute_query(
        SQL(
            """WITH %s
               SELECT linked.move_id, ARRAY_AGG(DISTINCT lead.id), BOOL_AND(lead.id IS NOT NULL)
                 FROM linked
                CROSS JOIN LATERAL unnest(linked.order_ids) AS found(order_id)
            LEFT JOIN sale_order sale ON sale.id = found.order_id
            LEFT JOIN crm_lead lead ON lead.id = sale.opportunity_id
                GROUP BY linked.move_id""",
            linked,
        )
    )
    leads = env["crm.lead"].with_context(active_test=False)
    return {
        move_id: (leads.browse(filter(None, ids)), bool(is_linked))
        for move_id, ids, is_linked in rows
    }


def _account_types(accounts, types):
    """Return the types of which each account itself has a valid document.

    :rtype: dict[nka.key.account, nka.document.type]
    """
    documents = accounts.env["nka.document"].search_fetch(
        [
            ("key_account_id", "in", accounts.ids),
            ("lead_id", "=", False),
            ("type_id", "in", types.ids),
            ("type_id.applies_to", "!=", "lead"),
            ("state", "=", "approved"),
            "|",
            ("valid_until", "=", False),
            ("valid_until", ">=", calendars.today(accounts.company_id[:1])),
        ],
        ["type_id", "key_account_id"],
    )
    own = documents.grouped("key_account_id")
    return {row: own.get(row, documents.browse()).type_id for row in accounts}
