"""Random histories in which owners, agreements and bases change as well."""

from datetime import timedelta
from random import Random

from .common import YEAR_START
from .history import HistoryCase, history

#: Events beside invoices and payments, each twice.
CHANGES = ("note_away", "reassign", "reassign_shared", "new_terms", "end_terms")
OTHER = {"paid": "invoiced", "invoiced": "paid"}


def changing_history(seed):
    """Return a history with changes of owners and agreements mixed in."""
    events, draw = history(seed), Random(seed)
    for kind in CHANGES * 2:
        event = kind, draw.randrange(10**6), draw.randrange(150), 1
        events.insert(draw.randrange(8, len(events)), event)
    return events


def next_month(day):
    return (day.replace(day=1) + timedelta(31)).replace(day=1)


class ChangingCase(HistoryCase):
    """New agreements use the other basis than the manager's first ones."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.turned = cls.env["nka.pay.plan"].create({"name": "Of the other basis"})
        basis = OTHER[cls.BASIS]
        cls._approved_version(YEAR_START, cls.turned, bonus_basis=basis)

    def _do_note_away(self, choice, day, amount):
        """Send a credit note to another client than that of its invoice."""
        note = self._chosen(choice, "out_refund", state="posted")
        if note:
            note.button_draft()
            note.partner_id = self._some_client(choice // 7)
            note.action_post()

    def _do_reassign_shared(self, choice, day, amount):
        self._do_reassign(choice, day, amount, self.shared)

    def _do_reassign(self, choice, day, amount, account=None):
        """Assign an account to one manager or to both from a day on."""
        rows = (account or self.account).assignment_ids.filtered(
            lambda row: row.date_from < day and (not row.date_to or row.date_to >= day)
        )
        if not rows:
            return
        last = rows[:1].date_to
        rows._unlocked().write({"date_to": day - timedelta(1)})
        first, second = self._both(choice)
        shares = {first: 100} if choice % 3 else {first: 37.5, second: 62.5}
        for user, share in shares.items():
            self._assign(rows.key_account_id, user, share, day, last)

    def _both(self, choice):
        users = self.manager, self.colleague
        return users[:: -1 if choice % 2 else 1]

    def _assign(self, account, user, share, first, last):
        account.assignment_ids._unlocked().create(
            {
                "key_account_id": account.id,
                "user_id": user.id,
                "share": share,
                "date_from": first,
                "date_to": last,
            }
        )

    def _running(self, choice):
        """Return one of the agreements without an end."""
        found = self.env["nka.pay.agreement"].search(
            [("state", "=", "accepted"), ("date_to", "=", False)]
        )
        return found[choice % len(found)] if found else found

    def _do_end_terms(self, choice, day, amount):
        row = self._running(choice)
        if row and row.date_from <= day:
            row._finish(day, "leaves")

    def _do_new_terms(self, choice, day, amount):
        row = self._running(choice)
        if row and row.date_from < day:
            row._finish(next_month(day) - timedelta(1), "other terms")
            first = next_month(day)
            self._accepted(row.employee_id, plan_id=self.turned.id, date_from=first)
