"""What became of a client after a handover, and who may read it."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from random import Random

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..dependency.common import DependencyCase
from .outcome_oracle import Contact, Order, Sale, tell

MODEL = "nka.handover.outcome"


class OutcomeCase(DependencyCase):
    """One account that was handed over from the manager to the colleague."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reader = cls._new_user("nka_director", "group_key_account_director")
        cls.account = cls.accounts[0]
        cls.service = cls.env["product.product"].create(
            {"name": "Service", "type": "service", "invoice_policy": "order"}
        )

    @classmethod
    def _carried_out(cls, accounts, days, **vals):
        """Return a handover that took effect some days ago, without its other effects."""
        handover = cls.env["nka.handover"].create(
            {
                "key_account_ids": [Command.set(accounts.ids)],
                "from_user_id": cls.manager.id,
                "to_user_id": cls.colleague.id,
                "reason": "Territories were redrawn",
                **vals,
            }
        )
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE nka_handover SET state = 'done', date = %s WHERE id = %s",
            [cls.today - cls._days(days), handover.id],
        )
        cls.env.cr.execute(
            "UPDATE nka_key_account SET manager_id = %s, supervisor_id = %s "
            "WHERE id = ANY(%s)",
            [cls.colleague.id, cls.supervisor.id, accounts.ids],
        )
        cls.env.invalidate_all()
        return handover

    def _read_outcome(self, user=None, account=None):
        domain = [("key_account_id", "=", (account or self.account).id)]
        self.env.invalidate_all()
        return self.env[MODEL].with_user(user or self.env.user).search(domain)

    def _ordered(self, day, amount, **vals):
        """Return a confirmed order of one line; its day is that of the company."""
        order = self.quiet["sale.order"].create(
            {
                "partner_id": self.account.partner_id.id,
                "user_id": False,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.service.id,
                            "price_unit": amount,
                            "tax_ids": False,
                        }
                    )
                ],
                **vals,
            }
        )
        self.env.flush_all()
        # Noon in Auckland is the day before in UTC.
        moment = datetime.combine(day, time(1)) - timedelta(hours=2)
        self.env.cr.execute(
            "UPDATE sale_order SET state = 'sale', date_order = %s WHERE id = %s",
            [moment, order.id],
        )
        order.invalidate_recordset()
        return order

    def _invoiced(self, day, amount, order=None, **vals):
        line = {"name": "Service", "price_unit": amount, "tax_ids": []}
        if order:
            line["sale_line_ids"] = [Command.set(order.order_line.ids)]
        return self._new_invoice(
            self.account.partner_id,
            amount,
            date=day,
            invoice_line_ids=[Command.create(line)],
            **vals,
        )

    def _scored(self, scores, account=None):
        for day, score in scores.items():
            self.env.cr.execute(
                """INSERT INTO nka_health_history (key_account_id, date, health)
                        VALUES (%s, %s, %s)""",
                [(account or self.account).id, day, score],
            )


@tagged("nka_leaving")
class TestOutcome(OutcomeCase):
    def _compare(self, handover_days, seed):
        """Compare a row with the oracle on a random history of two and a half years."""
        chance = Random(seed)
        self._carried_out(self.account, handover_days)
        now = fields.Datetime.now()
        ordered, sold, seen, scores = [], [], [], {}
        edges = [handover_days, handover_days + 365, handover_days - 1, 0, 366]
        days = [chance.randrange(900) for _number in range(10)] + edges
        for back in days:
            day = self.today - self._days(max(back, 0))
            amount = chance.randrange(1, 900)
            order = self._ordered(day, amount)
            ordered.append(Order(day, Decimal(amount)))
            if chance.random() < 0.7:
                late = min(day + self._days(chance.randrange(90)), self.today)
                self._invoiced(late, amount, order)
                sold.append(Sale(late, Decimal(amount), day))
            if chance.random() < 0.4:
                self._invoiced(day, amount)
                sold.append(Sale(day, Decimal(amount)))
            if chance.random() < 0.3:
                self._invoiced(day, amount, move_type="out_refund")
                sold.append(Sale(day, Decimal(-amount)))
        for _number in range(40):
            kind = chance.choice(["meeting", "call", "mail", "order", "document"])
            user = chance.choice(self.ours)
            person = chance.choice(self.people[self.account])
            moment = now - timedelta(
                days=chance.randrange(800), hours=chance.randrange(24)
            )
            self._contact(self.account, user, kind, moment, person)
            named = kind in ("meeting", "mail", "order")
            seen.append(Contact(kind, user.id, person.id if named else None, moment))
            if kind == "order":
                ordered.append(Order(self._local(moment), Decimal(0)))
        for back in sorted({chance.randrange(700) for _number in range(8)}):
            scores[self.today - self._days(back)] = chance.randrange(100)
        self._scored(scores)
        row = self._read_outcome()
        self.assertEqual(len(row), 1)
        expected = tell(row.date, now, self.zone, sold, ordered, seen, scores)
        for name, value in expected.items():
            found = row[name]
            if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
                self.assertAlmostEqual(found, float(value), 1, f"{name}, seed {seed}")
            else:
                self.assertEqual(found, value, f"{name}, seed {seed}")
        for name in ("revenue", "ordered", "contact_days", "our_people"):
            change = row[f"{name}_after"] - row[f"{name}_same"]
            self.assertAlmostEqual(row[f"{name}_change"], change)
        return row

    def _local(self, moment):
        return fields.Datetime.context_timestamp(
            self.env.user.with_context(tz=self.zone), moment
        ).date()

    def test_oracle_of_three_months(self):
        self._compare(100, 1)

    def test_oracle_of_a_whole_year(self):
        self._compare(400, 2)

    def test_oracle_of_the_first_day(self):
        self._compare(0, 3)
