"""Fixtures for tests of offers, discounts and commitments."""

from odoo import Command

from ..people.common import PeopleCase


class DealsCase(PeopleCase):
    """Products of two categories, and an account of the manager to offer them to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        categories = cls.env["product.category"].create(
            [{"name": "Film"}, {"name": "Machines"}]
        )
        cls.film, cls.machines = categories
        cls.film_roll, cls.wrapper = cls.env["product.product"].create(
            [
                {
                    "name": name,
                    "categ_id": category.id,
                    "list_price": price,
                    "taxes_id": [],
                    "invoice_policy": "order",
                    "type": "consu",
                }
                for name, category, price in (
                    ("Roll of film", cls.film, 100),
                    ("Wrapper", cls.machines, 1000),
                )
            ]
        )

    @classmethod
    def _bill(cls, client, product, amount, days=10, move_type="out_invoice"):
        """Post an invoice of one product, dated the given number of days ago."""
        line = {"product_id": product.id, "price_unit": amount, "tax_ids": []}
        return cls._new_invoice(
            client,
            amount,
            date=cls.today - cls._days(days),
            move_type=move_type,
            invoice_line_ids=[Command.create(line)],
        )

    @classmethod
    def _quote(cls, discount=0.0, client=None, user=None, **line):
        """Create a quotation of one product as the manager."""
        orders = cls.env["sale.order"].with_user(user or cls.manager)
        return orders.create(
            {
                "partner_id": (client or cls.client).id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": cls.wrapper.id,
                            "product_uom_qty": 1,
                            "discount": discount,
                            **line,
                        }
                    )
                ],
            }
        )

    @classmethod
    def _ask(cls, person=None, user=None, **vals):
        """Ask a colleague without a role in the addon for a contribution to the offer."""
        items = cls.env["nka.offer.contribution"].with_user(user or cls.manager)
        return items.create(
            {
                "name": "Technical concept",
                "lead_id": cls.lead.id,
                "function": "technology",
                "user_id": (person or cls.employee_user).id,
                "date_due": cls.today + cls._days(5),
                **vals,
            }
        )

    @classmethod
    def _activities(cls, record, kind=None):
        domain = [("res_model", "=", record._name), ("res_id", "in", record.ids)]
        if kind:
            kind = cls.env.ref(f"nka_key_accounts.mail_activity_type_{kind}")
            domain.append(("activity_type_id", "=", kind.id))
        return cls.env["mail.activity"].search(domain)

    @classmethod
    def _promise(cls, user=None, **vals):
        model = cls.env["nka.commitment"].with_user(user or cls.manager)
        return model.create(
            {
                "text": "Ten days of delivery",
                "kind": "delivery",
                "key_account_id": cls.account.id,
                "promised_date": cls.today + cls._days(10),
                **vals,
            }
        )
