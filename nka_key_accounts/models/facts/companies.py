"""Which companies' documents belong to a key account: its company's and its branches'.

Branches are companies with a parent; they share its currency. A client is a key account
of a company once, and of none of the companies above or below it.
"""

from odoo.tools import SQL


def with_branches(company):
    """Ids of a company and of all branches below it, in order.

    :param company: res.company
    :rtype: list[int]
    """
    companies = company.env["res.company"].sudo().with_context(active_test=False)
    return companies.search([("id", "child_of", company.id)]).ids


def is_covered_sql(document, account):
    """Whether a document's company is an account's company or one of its branches.

    :param SQL document: column with the document's company, as ``move.company_id``
    :param SQL account: column with the account's company, as ``account.company_id``
    """
    return SQL(
        """%s IN (SELECT branch.id FROM res_company own
                    JOIN res_company branch
                      ON starts_with(branch.parent_path, own.parent_path)
                   WHERE own.id = %s)""",
        document,
        account,
    )
