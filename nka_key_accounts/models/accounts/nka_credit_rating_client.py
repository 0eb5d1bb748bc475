"""Whom a line of a file is about: no guess is taken, and nobody learns of others' clients."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError


def plain(word):
    """Letters and digits of a tax ID or reference: files differ in blanks and dashes.

    >>> plain("ru 7707-083893")
    'RU7707083893'
    """
    return "".join(filter(str.isalnum, word or "")).upper()


class CreditRatingClient(models.Model):
    _inherit = "nka.credit.rating"

    client = fields.Char(
        "Client in the file",
        copy=False,
        help="Tax ID, reference, external ID or exact name of a key account or "
        "candidate; finds the account on an import.",
    )

    # ------------------------------------------------------------ CRUD
    @api.model
    def load(self, fields, data):
        """Import a file; every line whose client isn't sure is told before any is read.

        Clients given by name are looked for here, too: Odoo's own way takes the first of
        several clients of one name.
        """
        names = ["client" if name == "key_account_id" else name for name in fields]
        messages = self._check_lines(names, data)
        if messages:
            return {"ids": False, "messages": messages, "nextrow": 0}
        return super().load(names, data)

    @api.model
    def _check_lines(self, names, data):
        """What the import screen tells of lines without a sure client: one search.

        Lines that name a record, or the account in Odoo's words, are left to Odoo.
        """
        known = {name.partition("/")[0] for name in names} - {"client"}
        if "client" not in names or known & {"id", ".id", "key_account_id"}:
            return []
        words = [row[names.index("client")] for row in data]
        accounts = self._find_clients({word for word in words if word})
        problems = {
            word: self._client_problem(word, accounts.get(word)) for word in {*words}
        }
        return [
            {
                "type": "error",
                "message": problems[word],
                "record": number + 1,
                "rows": {"from": number, "to": number},
            }
            for number, word in enumerate(words)
            if problems[word]
        ]

    @api.model_create_multi
    def create(self, vals_list):
        asked = {
            vals["client"]
            for vals in vals_list
            if vals.get("client") and not vals.get("key_account_id")
        }
        accounts = self._find_clients(asked) if asked else {}
        return super().create(
            [
                vals
                if vals.get("key_account_id")
                else {
                    **vals,
                    "key_account_id": self._only_client(
                        vals.get("client"), accounts.get(vals.get("client"))
                    ).id,
                }
                for vals in vals_list
            ]
        )

    # ------------------------------------------------------------ clients
    @api.model
    def _find_clients(self, words):
        """Accounts of the company that these words fit, whichever way.

        :rtype: dict[str, nka.key.account]
        """
        ways = self._client_ways()
        none = self.env["nka.key.account"]
        return {
            word: none.union(*(way.get(key(word), none) for key, way in ways))
            for word in words
        }

    @api.model
    def _client_ways(self):
        """Ways to name a client: how to read a word, and the accounts by such a word.

        :rtype: list[tuple[callable, dict[str, nka.key.account]]]
        """
        accounts = self.env["nka.key.account"].search(
            [
                ("state", "in", ("candidate", "key")),
                ("company_id", "=", self.env.company.id),
            ]
        )
        of_client = accounts.sudo().partner_id.get_external_id()
        of_account = accounts.sudo().get_external_id()
        words = (
            (plain, lambda account: [account.partner_id.vat]),
            (plain, lambda account: [account.partner_id.ref]),
            (
                str.strip,
                lambda account: [
                    of_client[account.partner_id.id],
                    of_account[account.id],
                ],
            ),
            (
                lambda word: word.strip().casefold(),
                lambda account: [account.partner_id.name],
            ),
        )
        return [(key, self._by_word(accounts, key, named)) for key, named in words]

    @api.model
    def _by_word(self, accounts, key, named):
        found = defaultdict(accounts.browse)
        for account in accounts.sudo():
            for word in filter(None, named(account)):
                found[key(word)] |= account
        found.pop("", None)
        return dict(found)

    @api.model
    def _only_client(self, word, accounts):
        """The one account that a word fits.

        :raise ValidationError: without a word, and when it fits none or several
        """
        problem = self._client_problem(word, accounts)
        if problem:
            raise ValidationError(problem)
        return accounts

    @api.model
    def _client_problem(self, word, accounts):
        """Why nobody can say which account a word means; False when it fits one."""
        if not word:
            return self.env._(
                "Whom is the rating about? Give the tax ID, reference, external ID or "
                "exact name of a key account or candidate."
            )
        if not accounts:
            return self.env._(
                "“%s” is none of your key accounts and candidates. Check the tax ID, "
                "reference or name, nominate the client first, or take the line out.",
                word,
            )
        if len(accounts) == 1:
            return False
        return self.env._(
            "“%(word)s” fits %(count)s clients: %(clients)s. Give the tax ID or "
            "reference of the one you mean.",
            word=word,
            count=len(accounts),
            clients="; ".join(
                f"{client.name} ({client.vat or client.ref or client.id})"
                for client in accounts.sudo().partner_id
            ),
        )
