"""Which companies' documents belong to a key account: its company's and its branches'.

Branches are companies with a parent; they share its currency. A client is a key account
of a company once, and of none of the companies above or below it.
"""

from odoo.tools import SQL

#: A company and each company whose documents belong to its key accounts: few rows.
_COVERED = SQL(
    """SELECT own.id AS account_company_id, branch.id AS company_id
         FROM res_company own
         JOIN res_company branch
           ON starts_with(branch.parent_path, own.parent_path)"""
)
#: All accounts, rows ``account``, once for each company whose documents belong to them,
#: rows ``covered``: for statements about all accounts at once.
ACCOUNTS = SQL(
    """nka_key_account account
       JOIN (%s) covered ON covered.account_company_id = account.company_id""",
    _COVERED,
)


def with_branches(company):
    """Ids of a company and of all branches below it, in order.

    :param company: res.company
    :rtype: list[int]
    """
    companies = company.env["res.company"].sudo().with_context(active_test=False)
    return companies.search([("id", "child_of", company.ids)]).ids


def is_covered_sql(document, account):
    """Whether a document's company is an account's company or one of its branches: for
    expressions about one account at a time.

    :param SQL document: column with the document's company, as ``move.company_id``
    :param SQL account: column with the account's company, as ``account.company_id``
    """
    return SQL(
        """%s IN (SELECT covered.company_id FROM (%s) covered
                   WHERE covered.account_company_id = %s)""",
        document,
        _COVERED,
        account,
    )


def domain_covered(accounts):
    """Condition that a document's company is of accounts of one company.

    :param accounts: nka.key.account
    """
    return ("company_id", "child_of", accounts.company_id.ids)
