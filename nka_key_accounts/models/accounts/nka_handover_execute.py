"""Carrying a handover out: everything moves in one transaction."""

from odoo import Command, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class HandoverExecute(models.Model):
    _inherit = "nka.handover"

    def _execute(self):
        """Move credit, ownership and work; the giver loses access with the commit.

        Checked again, because days may lie between the approval and the day.

        :raise UserError: when an account changed hands or lost its status meanwhile
        """
        for handover in self.sudo():
            handover._collect_accounts()
            handover._check_ready()
            first_day = max(handover.date, fields.Date.context_today(self))
            handover._move_credit(first_day)
            if handover.scope == "account":
                handover._move_ownership(handover.key_account_ids)
                handover._move_work(handover.key_account_ids)
            handover.with_env(self.env)._move_to("done", date=first_day)

    # ------------------------------------------------------------ credit
    def _running_shares(self, accounts):
        """Who has which share of each key account from now on.

        :rtype: dict[nka.key.account, dict[res.users, float]]
        """
        shares = {account: {} for account in accounts if account.state == "key"}
        for row in self.env["nka.assignment"]._running(accounts):
            by_user = shares.setdefault(row.key_account_id, {})
            by_user[row.user_id] = by_user.get(row.user_id, 0.0) + row.share
        return shares

    def _move_credit(self, first_day):
        running = self._running_shares(self.key_account_ids)
        shares = {
            account: self._prepare_new_shares(by_user)
            for account, by_user in running.items()
        }
        if shares:
            self.env["nka.assignment"]._distribute(shares, first_day, handover=self)

    def _prepare_new_shares(self, by_user):
        """The giver keeps ``keep_share``, the receiver gets the rest of his part."""
        giver, receiver = self.from_user_id, self.to_user_id
        given = by_user.get(giver, 0.0) - self.keep_share
        new = {
            **by_user,
            giver: self.keep_share,
            receiver: round(by_user.get(receiver, 0.0) + given, 2),
        }
        return {user: share for user, share in new.items() if share}

    # ------------------------------------------------------------ ownership
    def _move_ownership(self, accounts):
        """Set manager and deputy; events of the trail say from whom to whom."""
        events = self.env["nka.audit.event"]
        entries = [
            events._prepare_entry(
                account,
                "handover",
                old=self.from_user_id,
                new=self.to_user_id,
                note=self.reason,
            )
            for account in accounts
        ]
        by_deputy = accounts.grouped(lambda account: self._deputy_after(account))
        for deputy, group in by_deputy.items():
            group._unlocked().write(
                {"manager_id": self.to_user_id.id, "deputy_id": deputy.id}
            )
        if self.is_leaving:
            self._leave_deputy_posts()
        events._append(entries)

    def _deputy_after(self, account):
        deputy = self.new_deputy_id or account.deputy_id
        return deputy.browse() if deputy == self.to_user_id else deputy

    def _leave_deputy_posts(self):
        """Whoever leaves stands in for nobody; the receiver does, where he can."""
        posts = self.env["nka.key.account"].search(
            [
                ("deputy_id", "=", self.from_user_id.id),
                ("company_id", "=", self.company_id.id),
            ]
        )
        own = posts.filtered(lambda account: account.manager_id == self.to_user_id)
        own._unlocked().write({"deputy_id": False})
        (posts - own)._unlocked().write({"deputy_id": self.to_user_id.id})

    # ------------------------------------------------------------ work
    def _move_work(self, accounts):
        """Hook: hand over what belongs to the accounts besides the accounts.

        :return: the accounts, for the next one who has something to move
        """
        self._move_salesperson(accounts)
        self._move_activities(accounts)
        self._move_meetings(accounts)
        self._move_followers(accounts)
        self._rotate_tokens(accounts)
        return accounts

    def _quietly(self, records):
        """These records without a mail for each of them."""
        return records.with_context(
            mail_auto_subscribe_no_notify=True,
            mail_activity_quick_update=True,
            no_mail_to_attendees=True,
            dont_notify=True,
        )

    def _move_salesperson(self, accounts):
        """Open leads and orders, and the clients' own salesperson."""
        giver = self.from_user_id
        clients = self._owned_records("res.partner", accounts)
        for records in (
            self._open_leads(accounts),
            self._open_orders(accounts),
            clients,
        ):
            own = records.filtered(lambda record: record.user_id == giver)
            self._assign_receiver(own)

    def _assign_receiver(self, records):
        """Hook: make the receiver the salesperson of these records."""
        self._quietly(records).write({"user_id": self.to_user_id.id})

    def _move_activities(self, accounts):
        activities = self._open_activities(accounts)
        self._quietly(activities).write({"user_id": self.to_user_id.id})

    def _move_meetings(self, accounts):
        giver, receiver = self.from_user_id, self.to_user_id
        meetings = self._planned_meetings(accounts)
        organised = meetings.filtered(lambda event: event.user_id == giver)
        self._quietly(organised).write({"user_id": receiver.id})
        self._quietly(meetings).write(
            {
                "partner_ids": [
                    Command.unlink(giver.partner_id.id),
                    Command.link(receiver.partner_id.id),
                ]
            }
        )

    def _move_followers(self, accounts):
        """The giver gets no more mail about these clients; the receiver does."""
        followed = Domain.OR(
            Domain("res_model", "=", model)
            & Domain("res_id", "in", self._owned_query(model, owned))
            for model, owned in self._owned_domains(accounts).items()
        )
        partner = self.from_user_id.partner_id
        self.env["mail.followers"].search(
            followed & Domain("partner_id", "=", partner.id)
        ).unlink()
        receiver = self.to_user_id.partner_id.ids
        accounts.message_subscribe(partner_ids=receiver)
        self._open_leads(accounts).message_subscribe(partner_ids=receiver)

    def _rotate_tokens(self, accounts):
        """Links to files that the giver may have kept stop working.

        Done in SQL: a token isn't content, and files under review are frozen.
        """
        files = self._files(accounts)
        if not files:
            return
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """UPDATE ir_attachment SET access_token = NULL
                    WHERE access_token IS NOT NULL AND id IN %s""",
                tuple(files.ids),
            )
        )
        files.invalidate_recordset(["access_token"])
