"""External ratings: entered or imported, and accepted by a supervisor.

A line of an import file can identify its client in several ways. Ambiguous lines are
refused, and the messages don't reveal clients of other managers.
"""

from collections import defaultdict

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import LazyTranslate, format_date

_lt = LazyTranslate(__name__)

RATINGS = [
    ("a", "A - very good"),
    ("b", "B - good"),
    ("c", "C - watch"),
    ("d", "D - poor"),
]

#: Months after which a rating no longer counts.
VALID_MONTHS = 12
QUALIFY_ACTIVITY = "nka_key_accounts.mail_activity_type_rating_fell"


class CreditRating(models.Model):
    """Rating of a client by an agency or the finance department, entered or imported.

    It has no effect until a supervisor who didn't enter it has accepted it. Then draft
    qualifications take it, unless a rating was entered there by hand.
    """

    _name = "nka.credit.rating"
    _description = "External rating"
    _inherit = ["nka.state.mixin", "nka.account.item.mixin", "nka.read.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True
    _guarded_fields = ("state", "reviewer_id", "date_reviewed", "refusal")
    _audit_creation = True
    _reason_actions = {"action_refuse": _lt("Why is the rating rejected?")}

    key_account_id = fields.Many2one(
        "nka.key.account",
        "Key account",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('state', 'in', ('candidate', 'key'))]",
    )
    client = fields.Char(
        "Client in the file",
        copy=False,
        help="Tax ID, reference, external ID or exact name of a key account or "
        "candidate. Used to find the account during import.",
    )
    company_id = fields.Many2one(
        related="key_account_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    rating = fields.Selection(RATINGS, required=True)
    grade = fields.Char(
        "Agency rating", help="Rating on the agency's own scale, such as BBB+."
    )
    credit_limit = fields.Monetary(
        "Credit limit",
        help="In the company's currency. Empty if the source gives none.",
    )
    date = fields.Date("Rated on", required=True)
    source = fields.Char(
        required=True, help="Agency or department that issued the rating."
    )
    state = fields.Selection(
        [
            ("waiting", "To review"),
            ("accepted", "Accepted"),
            ("refused", "Rejected"),
        ],
        default="waiting",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    reviewer_id = fields.Many2one("res.users", readonly=True, copy=False)
    date_reviewed = fields.Date("Reviewed on", readonly=True, copy=False)
    refusal = fields.Text("Reason for rejection", readonly=True, copy=False)
    previous_rating = fields.Selection(
        RATINGS,
        "Previous rating",
        compute="_compute_previous",
        help="Rating in force until now, or before this one.",
    )
    previous_limit = fields.Monetary("Previous limit", compute="_compute_previous")

    _limit_positive = models.Constraint(
        "CHECK(credit_limit >= 0)", "The credit limit can't be negative."
    )
    _source_day_unique = models.UniqueIndex(
        "(key_account_id, date, lower(source)) WHERE state <> 'refused'",
        "This source already has a rating for this client on this date.",
    )

    # ------------------------------------------------------------ compute
    @api.depends("key_account_id", "rating", "date", "source")
    def _compute_display_name(self):
        labels = dict(self._fields["rating"]._description_selection(self.env))
        for rating in self:
            words = [
                labels.get(rating.rating),
                rating.source,
                rating.date and format_date(self.env, rating.date),
            ]
            rating.display_name = ", ".join(filter(None, words))

    @api.depends("key_account_id", "date", "state")
    def _compute_previous(self):
        """Compute from the latest accepted rating that isn't newer. One query."""
        accepted = self.search(
            [
                ("key_account_id", "in", self.key_account_id.ids),
                ("state", "=", "accepted"),
            ],
            order="date desc, id desc",
        ).grouped("key_account_id")
        for rating in self:
            before = (accepted.get(rating.key_account_id) or self.browse()).filtered(
                lambda one, rating=rating: (
                    one != rating._origin and rating.date and one.date <= rating.date
                )
            )[:1]
            rating.previous_rating = before.rating
            rating.previous_limit = before.credit_limit

    # ------------------------------------------------------------ constraints
    @api.constrains("date")
    def _check_date(self):
        today = fields.Date.context_today(self)
        for rating in self:
            if rating.date > today:
                raise ValidationError(
                    self.env._(
                        "%s is in the future. Enter the date of the rating.",
                        rating.date,
                    )
                )

    @api.constrains(
        "key_account_id", "client", "rating", "grade", "credit_limit", "date", "source"
    )
    def _check_editable(self):
        """Allow changes only by the user who entered the rating, before its review."""
        for rating in self:
            if rating.state != "waiting":
                raise UserError(
                    self.env._(
                        "“%s” has been reviewed, so it can't be changed. Enter a new "
                        "rating.",
                        rating.display_name,
                    )
                )
            if rating.create_uid != self.env.user:
                raise AccessError(
                    self.env._(
                        "%(maker)s entered “%(rating)s” and is the only one who can "
                        "correct it. Reject it, or enter your own rating.",
                        maker=rating.sudo().create_uid.name,
                        rating=rating.display_name,
                    )
                )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        return super().create(self._prepare_clients(vals_list))

    @api.model
    def _prepare_clients(self, vals_list):
        """Return values with the account that each client's name refers to.

        :raise ValidationError: if a client is missing or matches none or several
            accounts
        """
        unnamed = [vals for vals in vals_list if not vals.get("key_account_id")]
        words = {vals.get("client") for vals in unnamed} - {None, False, ""}
        found = self._find_clients(words) if words else {}
        return [
            vals
            if vals.get("key_account_id")
            else {
                **vals,
                "key_account_id": self._only_client(vals.get("client"), found),
            }
            for vals in vals_list
        ]

    @api.model
    def load(self, fields, data):
        """Import a file, or report every line whose client isn't unique before reading
        any.

        A column for the account is read as a name of the client, because Odoo would
        take the first of several clients with the same name.

        :param list fields: column names
        :param list data: rows of cells
        :return: ids, messages and next row, as Odoo's ``load``
        :rtype: dict
        """
        names = ["client" if name == "key_account_id" else name for name in fields]
        messages = self._check_lines(names, data)
        if messages:
            return {"ids": False, "messages": messages, "nextrow": 0}
        return super().load(names, data)

    @api.model
    def _check_lines(self, names, data):
        """Return the import messages for lines without a unique client. One search.

        Files that name a record, or the account by its id, are left to Odoo.
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

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        self._check_editable()

    @api.model
    def get_import_templates(self):
        """Return the import template for external ratings."""
        return [
            {
                "label": self.env._("Import template for external ratings"),
                "template": "/nka_key_accounts/static/import/outside_ratings.xlsx",
            }
        ]

    # ------------------------------------------------------------ actions
    def action_accept(self):
        """Accept ratings as a supervisor who isn't involved.

        Draft qualifications take them at once. If the valid qualification of an account
        has a better rating, its manager gets an activity to create a new one.

        :raise AccessError: if the current user isn't a supervisor, entered a rating or
            is paid for the account
        :raise UserError: if a rating was reviewed before
        """
        self._check_supervisor()
        self._check_state("waiting")
        self._check_not_maker()
        self._move_to("accepted", **self._prepare_review())
        accounts = self.key_account_id
        drafts = self.env["nka.qualification"].search(
            [("key_account_id", "in", accounts.ids), ("state", "=", "draft")]
        )
        drafts._take_ratings()
        self._ask_for_qualifications(accounts)
        return True

    def action_refuse(self, reason=None):
        """Reject ratings.

        :param str reason: without it, the reason wizard is opened
        :return: True, or the action that opens the wizard
        :raise AccessError: if the current user isn't a supervisor
        :raise UserError: if a rating was reviewed before
        """
        self._check_supervisor()
        self._check_state("waiting")
        if not reason:
            return self._ask_reason("action_refuse")
        self._move_to("refused", note=reason, refusal=reason, **self._prepare_review())
        return True

    # ------------------------------------------------------------ review
    def _prepare_review(self):
        today = fields.Date.context_today(self)
        return {"reviewer_id": self.env.uid, "date_reviewed": today}

    def _makers(self):
        """Include users who are paid for sales to the account."""
        owners = self.env["nka.assignment"]._owners(self.key_account_id)
        return super()._makers() | owners

    def _creation_note(self):
        """Return rating, source, agency rating and limit in one line."""
        limit = self.credit_limit and str(self.credit_limit)
        return ", ".join(filter(None, [self.display_name, self.grade, limit]))

    @api.model
    def _current(self, accounts):
        """Return the newest valid rating of each account. One query.

        :rtype: dict[nka.key.account, nka.credit.rating]
        """
        since = fields.Date.context_today(self) - relativedelta(months=VALID_MONTHS)
        found = self.sudo().search(
            [
                ("key_account_id", "in", accounts.ids),
                ("state", "=", "accepted"),
                ("date", ">=", since),
            ],
            order="date, id",
        )
        return {rating.key_account_id: rating for rating in found}

    def _ask_for_qualifications(self, accounts):
        """Schedule an activity where the valid qualification has a better rating."""
        current = self._current(accounts)
        fallen = accounts.sudo().filtered(
            lambda account: (
                account in current
                and account.qualification_id
                and (account.qualification_id.credit_rating or "d")
                < current[account].rating
            )
        )
        fallen._raise_activities(
            QUALIFY_ACTIVITY,
            {account.id: account._user_to_tell().id for account in fallen},
        )

    # ------------------------------------------------------------ import files
    @api.model
    def _find_clients(self, words):
        """Return the accounts of the company that match each word in any way.

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
        """Return the ways to identify a client: a function that normalizes words, and
        the accounts by normalized word.

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
    def _only_client(self, word, found):
        """Return the id of the one account that a word matches.

        :param dict found: accounts by word
        :raise ValidationError: if the word is empty, or matches none or several
        """
        problem = self._client_problem(word, found.get(word))
        if problem:
            raise ValidationError(problem)
        return found[word].id

    @api.model
    def _client_problem(self, word, accounts):
        """Return why a word doesn't identify one account, or False if it does."""
        if not word:
            return self.env._(
                "Which client is the rating for? Enter the tax ID, reference, external "
                "ID or exact name of a key account or candidate."
            )
        if not accounts:
            return self.env._(
                "“%s” doesn't match any of your key accounts or candidates. Check the "
                "tax ID, reference or name, nominate the client first, or remove the "
                "line.",
                word,
            )
        if len(accounts) == 1:
            return False
        return self.env._(
            "“%(word)s” matches several clients (%(count)s): %(clients)s. Enter the "
            "tax ID or reference of the right one.",
            word=word,
            count=len(accounts),
            clients="; ".join(
                f"{client.name} ({client.vat or client.ref or client.id})"
                for client in accounts.sudo().partner_id
            ),
        )


def plain(word):
    """Return the letters and digits of a tax ID or reference, in upper case.

    Files differ in spaces and dashes.

    >>> plain("ru 7707-083893")
    'RU7707083893'
    """
    return "".join(filter(str.isalnum, word or "")).upper()
