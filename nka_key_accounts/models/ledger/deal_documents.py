"""Which documents the deals of some invoices lack, for bonuses that wait for them.

An invoice belongs to the deals of its orders (:mod:`..facts.orders`). A deal counts if
it is one of the client to whom the sale is credited. Without such a deal, only account
documents of the client count: a deal's documents can't be approved for it.
"""

from typing import NamedTuple

from odoo import fields
from odoo.tools import SQL

from ..facts import companies, orders


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


def missing_documents(env, company, wanted):
    """Return what invoices lack, with a fixed number of queries.

    :param env: environment of the superuser
    :param company: res.company
    :param dict wanted: (nka.key.account, nka.document.type required) by invoice id
    :return: Missing by invoice id, only of invoices that lack a document
    :rtype: dict[int, Missing]
    """
    types = env["nka.document.type"].union(*(types for _a, types in wanted.values()))
    active = types.filtered("active")
    deals = _deals(env, company, wanted)
    leads = env["crm.lead"].union(*(own for own, _is_linked in deals.values()))
    of_leads = leads._approved_types(active)
    accounts = env["nka.key.account"].union(*(row for row, _t in wanted.values()))
    of_accounts = _account_types(accounts, active)
    found = {}
    for move_id, (account, asked) in wanted.items():
        own, is_linked = deals.get(move_id, (leads.browse(), False))
        linked = own.filtered(lambda lead, of=account: lead.key_account_id == of)
        is_linked = is_linked and own == linked
        approved = [of_leads[lead] for lead in linked]
        if not is_linked:
            approved.append(of_accounts[account])
        lacking = asked.browse().union(*(asked & active - has for has in approved))
        if lacking:
            found[move_id] = lacking, is_linked
    names = _names(env, found)
    return {
        move_id: Missing(names.get(move_id, ""), *row) for move_id, row in found.items()
    }


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
    today = fields.Date.context_today(accounts)
    documents = accounts.env["nka.document"].search_fetch(
        [
            ("key_account_id", "in", accounts.ids),
            ("lead_id", "=", False),
            ("type_id", "in", types.ids),
            ("type_id.applies_to", "!=", "lead"),
            ("state", "=", "approved"),
            "|",
            ("valid_until", "=", False),
            ("valid_until", ">=", today),
        ],
        ["type_id", "key_account_id"],
    )
    own = documents.grouped("key_account_id")
    return {row: own.get(row, documents.browse()).type_id for row in accounts}


def _names(env, move_ids):
    moves = env["account.move"].browse(move_ids).exists()
    return {move.id: move.name for move in moves}
