from datetime import timedelta

from psycopg2.errors import CheckViolation

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import LazyTranslate

from ..proof.contents import digest_of, values_of
from ..trail.guards import guards_of
from ..trail.roles import SUPERVISOR

_lt = LazyTranslate(__name__)

#: Fields covered by the hash of an account's assignments in the audit trail.
CONTENT = ("user_id", "share", "date_from", "date_to", "is_final", "handover_id")

#: Checked at the end of a transaction, because a handover replaces rows one by one.
_WHOLE_SQL = """
CREATE OR REPLACE FUNCTION nka_assignment_check(account integer) RETURNS void AS $$
DECLARE
    broken record;
BEGIN
    WITH span AS (
        SELECT date_from, COALESCE(date_to + 1, 'infinity'::date) AS upto,
               share, is_final
          FROM nka_assignment WHERE key_account_id = account
    ), edge AS (
        SELECT date_from AS day FROM span
         UNION SELECT upto FROM span WHERE upto < 'infinity'::date
    )
    SELECT edge.day, COALESCE(SUM(span.share), 0) AS total INTO broken
      FROM edge LEFT JOIN span
        ON span.date_from <= edge.day AND edge.day < span.upto
     GROUP BY edge.day
    HAVING COALESCE(SUM(span.share), 0) != 100
       AND NOT (COALESCE(SUM(span.share), 0) = 0 AND EXISTS (
               SELECT 1 FROM span ended
                WHERE ended.upto = edge.day AND ended.is_final))
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'shares of key account % total % on %, not 100',
            account, broken.total, broken.day
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nka_assignment_whole',
                  TABLE = 'nka_assignment';
    END IF;
    PERFORM 1 FROM nka_key_account key
      WHERE key.id = account AND key.state IN ('key', 'former')
        AND NOT EXISTS (SELECT 1 FROM nka_assignment WHERE key_account_id = account);
    IF FOUND THEN
        RAISE EXCEPTION 'key account % lost the history of its owners', account
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nka_assignment_whole',
                  TABLE = 'nka_assignment';
    END IF;
END $$ LANGUAGE plpgsql;

CREATE OR REPLACE FUNCTION nka_assignment_whole() RETURNS trigger AS $$
BEGIN
    IF TG_OP != 'DELETE' THEN
        PERFORM nka_assignment_check(NEW.key_account_id);
    END IF;
    IF TG_OP = 'DELETE'
       OR (TG_OP = 'UPDATE' AND OLD.key_account_id != NEW.key_account_id) THEN
        PERFORM nka_assignment_check(OLD.key_account_id);
    END IF;
    RETURN NULL;
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_assignment_whole ON nka_assignment;
CREATE CONSTRAINT TRIGGER nka_assignment_whole
    AFTER INSERT OR UPDATE OR DELETE ON nka_assignment
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION nka_assignment_whole();
"""


class Assignment(models.Model):
    """Ownership of a key account: manager, first and last day, share of credit.

    A confirmation or handover opens an assignment; it is ended once. A database trigger
    rejects gaps, overlaps and days on which the shares don't total 100.
    """

    _name = "nka.assignment"
    _description = "Assignment of a key account"
    _inherit = ["nka.guard.mixin"]
    _check_company_auto = True
    _order = "date_from desc, share desc, id desc"

    _guarded_fields = (
        "key_account_id",
        "user_id",
        "share",
        "date_from",
        "date_to",
        "is_final",
        "handover_id",
    )
    _audit_kinds = {"assignment": _lt("Assignment")}

    key_account_id = fields.Many2one(
        "nka.key.account", "Key account", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="key_account_id.company_id", store=True, index=True
    )
    partner_id = fields.Many2one(related="key_account_id.partner_id")
    user_id = fields.Many2one(
        "res.users",
        "Key account manager",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    share = fields.Float(
        "Share of credit (%)", digits=(5, 2), required=True, default=100.0
    )
    date_from = fields.Date("Start date", required=True)
    date_to = fields.Date(
        "End date", help="Last day. Empty while the assignment is in force."
    )
    is_final = fields.Boolean(
        "Ends the key account status",
        help="The account was retired on this date and has no later manager.",
    )
    handover_id = fields.Many2one(
        "nka.handover",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The handover that opened this assignment.",
    )

    _share_range = models.Constraint(
        "CHECK(share > 0 AND share <= 100)", "Enter a share between 0 and 100 percent."
    )
    _dates_order = models.Constraint(
        "CHECK(date_to IS NULL OR date_to >= date_from)",
        "The end date of an assignment can't be before its start date.",
    )

    @api.model
    def _guards(self):
        return [*super()._guards(), *guards_of(_WHOLE_SQL)]

    @api.depends("user_id", "share", "date_from")
    def _compute_display_name(self):
        for assignment in self:
            assignment.display_name = self.env._(
                "%(person)s, %(share)g %%, from %(date)s",
                person=assignment.sudo().user_id.name,
                share=assignment.share,
                date=assignment.date_from,
            )

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        if self._is_unlocked():
            return
        raise UserError(self.env._("Assignments can be ended but not deleted."))

    # ------------------------------------------------------------ business
    @api.model
    def _start(self, account, user, date_from):
        """Open the first assignment of an account, with 100 % of its credit.

        :param account: nka.key.account
        :param user: res.users
        :param date date_from: first day
        """
        return self._distribute({account: {user: 100.0}}, date_from)

    @api.model
    def _replace(self, account, user, date_from):
        """Give ``user`` all credit of an account from ``date_from`` on."""
        return self._distribute({account: {user: 100.0}}, date_from)

    @api.model
    def _distribute(self, shares, date_from, handover=None):
        """Replace the running shares of accounts by ``shares`` from a day on.

        Assignments whose user and share don't change are kept; others end the day
        before. Those that would start on that day or later were never in force and are
        deleted.

        :param dict shares: {nka.key.account: {res.users: percent}}, 100 per account
        :param date date_from: first day of the new shares
        :param handover: the nka.handover that caused the change
        :return: the opened assignments
        :raise UserError: if a past assignment would be replaced, or for shares that
            don't total 100
        """
        accounts = self.env["nka.key.account"].union(*shares)
        running = self._running(accounts)
        settled = running.filtered(
            lambda row: shares[row.key_account_id].get(row.user_id) == row.share
        )
        before = {account: self._describe(running, account) for account in shares}
        opened = self._prepare_opened(shares, settled, date_from, handover)
        (running - settled)._check_not_backwards(date_from)
        self._end(running - settled, date_from)
        assignments = self.sudo()._unlocked().create(opened)
        self._check_whole(accounts)
        self._record(before, settled | assignments)
        return assignments.with_env(self.env)

    @api.model
    def _running(self, accounts):
        return self.sudo().search(
            [("key_account_id", "in", accounts.ids), ("date_to", "=", False)]
        )

    @api.model
    def _running_shares(self, accounts):
        """Return the running share of each user, in percent, by key account.

        :rtype: dict[nka.key.account, dict[res.users, float]]
        """
        shares = {account: {} for account in accounts if account.state == "key"}
        for row in self._running(accounts):
            by_user = shares.setdefault(row.key_account_id, {})
            by_user[row.user_id] = by_user.get(row.user_id, 0.0) + row.share
        return shares

    @api.model
    def _hand_over(self, handover, date_from):
        """Give the incoming manager the share that the outgoing one doesn't keep.

        :param handover: nka.handover
        :param date date_from: first day of the new shares
        """
        shares = {}
        for account, by_user in self._running_shares(handover.key_account_ids).items():
            giver, receiver = handover.from_user_id, handover.to_user_id
            given = by_user.get(giver, 0.0) - handover.keep_share
            new = {
                **by_user,
                giver: handover.keep_share,
                receiver: round(by_user.get(receiver, 0.0) + given, 2),
            }
            shares[account] = {user: share for user, share in new.items() if share}
        if shares:
            self._distribute(shares, date_from, handover=handover)

    @api.model
    def _prepare_opened(self, shares, settled, date_from, handover):
        kept = {(row.key_account_id, row.user_id) for row in settled}
        return [
            {
                "key_account_id": account.id,
                "user_id": user.id,
                "date_from": date_from,
                "share": share,
                "handover_id": handover.id if handover else False,
            }
            for account, by_user in shares.items()
            for user, share in by_user.items()
            if share and (account, user) not in kept
        ]

    def _check_not_backwards(self, date_from):
        """Refuse to replace assignments that started before today: they are history."""
        today = fields.Date.context_today(self)
        settled = self.filtered(lambda row: date_from <= row.date_from < today)
        if settled:
            raise UserError(
                self.env._(
                    "%(account)s has belonged to %(person)s since %(date)s, and past "
                    "assignments can't be changed. Choose a later start date.",
                    account=settled[0].key_account_id.display_name,
                    person=settled[0].user_id.name,
                    date=settled[0].date_from,
                )
            )

    def _end(self, assignments, date_from):
        """End assignments the day before ``date_from`` and delete those that start on
        it or later.
        """
        unborn = assignments.filtered(lambda row: row.date_from >= date_from)
        last_day = date_from - timedelta(days=1)
        (assignments - unborn)._unlocked().write({"date_to": last_day})
        unborn._unlocked().unlink()

    @api.model
    def _finish(self, accounts, last_day):
        """End the running assignments of retired accounts on ``last_day``."""
        running = self._running(accounts)
        before = {account: self._describe(running, account) for account in accounts}
        for start, rows in running.grouped("date_from").items():
            rows._unlocked().write({"date_to": max(last_day, start), "is_final": True})
        self._check_whole(accounts)
        self._record(before, self.browse())

    @api.model
    def _check_whole(self, accounts):
        """Run the database check of these accounts now instead of at the commit.

        :raise UserError: for a gap, an overlap or shares that don't total 100
        """
        self.env.flush_all()
        try:
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(
                    "SELECT nka_assignment_check(id) FROM unnest(%s) AS id",
                    [accounts.ids],
                    log_exceptions=False,
                )
        except CheckViolation as error:
            raise UserError(self._whole_message()) from error

    @api.model
    def _whole_message(self):
        return self.env._(
            "The shares of an account must total 100 % on every day, without gaps or "
            "overlaps with earlier owners. Choose a later start date."
        )

    @api.model
    def _record(self, before, assignments):
        """Log one event per account: the shares before and after, with a hash of all
        its assignments.
        """
        accounts = self.env["nka.key.account"].union(*before)
        contents = self._contents(accounts)
        self.env["nka.audit.event"]._record(
            accounts,
            "assignment",
            old=before.get,
            new=lambda account: self._describe(assignments, account),
            digest=lambda account: digest_of(contents[account.id]),
        )

    @api.model
    def _contents(self, accounts):
        """Return all assignments of each account as JSON-serializable values, by id.

        :rtype: dict[int, list]
        """
        rows = self.sudo().search(
            [("key_account_id", "in", accounts.ids)], order="date_from, user_id, id"
        )
        found = {account.id: [] for account in accounts}
        for row in rows:
            found[row.key_account_id.id].append(values_of(row, CONTENT))
        return found

    @api.model
    def _describe(self, assignments, account):
        own = assignments.filtered(lambda row: row.key_account_id == account)
        return "; ".join(own.mapped("display_name")) or None

    # ------------------------------------------------------------ involved users
    @api.model
    def _involved(self, accounts):
        """Return the users who manage these accounts, are their deputies, or are or
        were credited for them.

        Former owners are included, because the credit split of a handover pays the
        outgoing manager beyond the end of their assignment.
        """
        accounts = accounts.sudo()
        return (
            accounts.manager_id | accounts.deputy_id | accounts.assignment_ids.user_id
        )

    @api.model
    def _owners(self, accounts, leads=None):
        """Return the users paid for current sales of these accounts or owning these
        deals.

        They can't decide on them (segregation of duties).
        """
        today = fields.Date.context_today(self)
        rows = accounts.sudo().assignment_ids.filtered(
            lambda row: not row.date_to or row.date_to >= today
        )
        owners = accounts.sudo().manager_id | rows.user_id
        return owners | leads.sudo().user_id if leads else owners

    @api.model
    def _name_uninvolved(self, account):
        """Return the names of supervisors not involved in an account, for an error."""
        account = account.sudo()
        return self.env["res.users"]._nka_name_holders(
            SUPERVISOR,
            account.company_id,
            apart_from=self._involved(account) | self.env.user,
            first=account.supervisor_id,
        )

    @api.model
    def _check_uninvolved(self, accounts):
        """Enforce segregation of duties: users paid for sales can't decide what counts.

        :raise AccessError: if the current user is or was involved in an account
        """
        for account in accounts:
            if self.env.user in self._involved(account):
                raise AccessError(
                    self.env._(
                        "You manage %(client)s, cover for its manager, or are or were "
                        "credited for its sales, so another supervisor has to decide "
                        "this. Ask %(people)s.",
                        client=account.sudo().display_name,
                        people=self._name_uninvolved(account),
                    )
                )

    @api.model
    def _in_force(self, account, day):
        """Return the assignments of an account on a day; their shares total 100.

        :rtype: nka.assignment
        """
        return account.sudo().assignment_ids.filtered(
            lambda row: row.date_from <= day and (not row.date_to or row.date_to >= day)
        )
