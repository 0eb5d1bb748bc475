from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

SUPPLIERS = [
    ("us", "Us"),
    ("competitor", "Competitor"),
    ("own", "The client himself"),
    ("unknown", "Not known"),
]
#: Written by the system for what we supply.
BOOKED_FIELDS = {"spend", "supplier", "categ_id", "key_account_id"}


class WhitespaceLine(models.Model):
    """What a client spends a year on a category of products, and with whom.

    Our own part comes from the invoices (``nka_whitespace_fill``); the rest is what
    people found out. Together they say which share of his spend is ours.
    """

    _name = "nka.whitespace.line"
    _description = "Spend of a client"
    _inherit = ["nka.guard.mixin", "nka.account.item.mixin"]
    _order = "spend desc, id"
    _check_company_auto = True

    _guarded_fields = (
        "from_invoices",
        "spend_recent",
        "spend_before",
        "date_filled",
    )

    key_account_id = fields.Many2one(
        "nka.key.account",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="key_account_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    tier_id = fields.Many2one(related="key_account_id.tier_id", string="Tier")
    categ_id = fields.Many2one(
        "product.category",
        "Product category",
        index=True,
        ondelete="restrict",
        help="Empty for what we sold without a product or a category.",
    )
    supplier = fields.Selection(
        SUPPLIERS,
        "With whom",
        required=True,
        default="unknown",
        index=True,
        group_expand=True,
    )
    spend = fields.Monetary(
        "Yearly spend",
        help="Untaxed, in twelve months. 0 where only the supplier is known.",
    )
    spend_recent = fields.Monetary(
        "Last half-year",
        readonly=True,
        copy=False,
        help="Invoiced by us in the last six months of the period.",
    )
    spend_before = fields.Monetary("Same months a year ago", readonly=True, copy=False)
    from_invoices = fields.Boolean("From our invoices", readonly=True, copy=False)
    date_filled = fields.Date(
        "As of",
        readonly=True,
        copy=False,
        help="Last day of the twelve months the invoices were read for.",
    )
    source = fields.Char(help="Who said it, or where it stands.")
    date_seen = fields.Date("Seen on", default=fields.Date.context_today, copy=False)

    _ours_unique = models.UniqueIndex(
        "(key_account_id, COALESCE(categ_id, 0)) WHERE supplier = 'us'",
        "Our own part of this category is there already: it comes from the invoices.",
    )
    _categ_named = models.Constraint(
        "CHECK(categ_id IS NOT NULL OR supplier = 'us')",
        "Say which product category the client buys elsewhere.",
    )
    _spend_positive = models.Constraint(
        "CHECK(spend >= 0 OR supplier = 'us')", "A client spends 0 or more."
    )

    # ------------------------------------------------------------ compute
    @api.depends("categ_id.display_name", "supplier", "key_account_id")
    def _compute_display_name(self):
        suppliers = dict(self._fields["supplier"]._description_selection(self.env))
        for line in self:
            line.display_name = self.env._(
                "%(client)s: %(category)s, %(supplier)s",
                client=line.sudo().key_account_id.display_name or "",
                category=line.categ_id.name or "",
                supplier=suppliers.get(line.supplier, ""),
            )

    # ------------------------------------------------------------ constraints
    @api.constrains("supplier", "from_invoices")
    def _check_ours(self):
        """What we supply is told by the invoices, never by hand."""
        for line in self:
            if (line.supplier == "us") != line.from_invoices:
                raise ValidationError(
                    self.env._(
                        "What we supply is read from the invoices. Note here what the "
                        "client buys from others or makes himself."
                    )
                )

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        if not self._is_unlocked(vals) and not vals.keys().isdisjoint(BOOKED_FIELDS):
            self._check_by_hand()
        result = super().write(vals)
        self.env["nka.key.account"]._forget_figures()
        return result

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        self.env["nka.key.account"]._forget_figures()
        return lines

    def unlink(self):
        result = super().unlink()
        self.env["nka.key.account"]._forget_figures()
        return result

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        self._check_by_hand()

    def _check_by_hand(self):
        for line in self:
            if line.from_invoices:
                raise UserError(
                    self.env._(
                        "“%s” comes from the invoices and follows them. Note what the "
                        "client buys elsewhere in a line of its own.",
                        line.display_name,
                    )
                )

    # ------------------------------------------------------------ actions
    def action_open_invoices(self):
        """Open the invoice lines behind what we supply.

        :return: the action; the reader's own rights decide what he sees in it
        """
        self.ensure_one()
        self.check_access("read")
        day = self.date_filled or fields.Date.context_today(self)
        return self.key_account_id._action_invoice_lines(self.categ_id, day)
