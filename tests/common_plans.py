"""Ground of the tests about plans, whitespace and individual offers."""

from odoo import Command

from .common_market import MarketCase


class PlansCase(MarketCase):
    """The market's ground, with two categories of products."""

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
        """A posted invoice of one product, so many days ago."""
        line = {"product_id": product.id, "price_unit": amount, "tax_ids": []}
        return cls._new_invoice(
            client,
            amount,
            date=cls.today - cls._days(days),
            move_type=move_type,
            invoice_line_ids=[Command.create(line)],
        )

    @classmethod
    def _fill(cls, accounts=None):
        lines = cls.env["nka.whitespace.line"]
        lines._fill(accounts or cls.env["nka.key.account"].search([]))

    @classmethod
    def _note(cls, category, spend, supplier="unknown", user=None, **vals):
        """What the client buys elsewhere, noted by the manager."""
        return (
            cls.env["nka.whitespace.line"]
            .with_user(user or cls.manager)
            .create(
                {
                    "key_account_id": cls.account.id,
                    "categ_id": category.id,
                    "spend": spend,
                    "supplier": supplier,
                    **vals,
                }
            )
        )

    @classmethod
    def _plan(cls, user=None, **vals):
        """A complete draft for this year, as the manager."""
        plans = cls.env["nka.account.plan"].with_user(user or cls.manager)
        return plans.create(
            {
                "key_account_id": cls.account.id,
                "year": cls.today.year,
                "vision": "<p>First supplier of film</p>",
                "objective_ids": [
                    Command.create(
                        {"name": "Sales", "measure": "revenue", "target": 1000}
                    )
                ],
                "action_ids": [
                    Command.create(
                        {
                            "name": "Visit the plant",
                            "user_id": cls.manager.id,
                            "date_due": cls.today + cls._days(20),
                        }
                    )
                ],
                **vals,
            }
        )

    @classmethod
    def _approved_plan(cls, **vals):
        plan = cls._plan(**vals)
        plan.action_submit()
        plan.with_user(cls.supervisor).action_approve()
        return plan

    @classmethod
    def _quote(cls, discount=0.0, client=None, user=None, **line):
        """A quotation of one wrapper, made by the manager."""
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
        """Ask a colleague without any role for his part of the offer."""
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
