from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.sql import column_exists

from ..facts.orders import LOCAL_DAY
from ..trail.guards import guards_of

#: Triggers and functions that record what the sales history has to read again. Changed
#: invoices come from the trigger of the bonus ledger, which fires for the same changes
#: and calls ``nka_sales_touch``. Before and after a change can differ in client or day,
#: so both are recorded. Lines are followed, too: another product of the same amount, or
#: a deposit without one, changes no total. An invoice that is reset and posted again in
#: one transaction is written as posted all along.
_TRIGGERS_SQL = f"""
CREATE OR REPLACE FUNCTION nka_sales_touch(client integer, company integer, sold date)
    RETURNS void AS $$
    INSERT INTO nka_sales_touched (company_ref, account_ref, day)
    SELECT account.company_id, account.id, sold
      FROM nka_key_account account
      JOIN res_company above ON above.id = account.company_id
      JOIN res_company own
        ON own.id = company AND starts_with(own.parent_path, above.parent_path)
     WHERE account.partner_id = client;
$$ LANGUAGE sql;

CREATE OR REPLACE FUNCTION nka_sales_touch_orders() RETURNS trigger AS $$
BEGIN
    PERFORM nka_sales_touch(party.commercial_partner_id, sale.company_id,
                            COALESCE(confirmation.date, {LOCAL_DAY.code}))
       FROM (VALUES (OLD.id, OLD.state, OLD.partner_id, OLD.company_id, OLD.date_order),
                    (NEW.id, NEW.state, NEW.partner_id, NEW.company_id, NEW.date_order))
         AS sale(id, state, partner_id, company_id, date_order)
       JOIN res_partner party ON party.id = sale.partner_id
  LEFT JOIN nka_order_confirmation confirmation ON confirmation.order_ref = sale.id
      WHERE sale.state = 'sale'
        AND EXISTS (SELECT FROM nka_key_account
                     WHERE partner_id = party.commercial_partner_id);
    RETURN NULL;
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_sales_touch_orders ON sale_order;
CREATE TRIGGER nka_sales_touch_orders
    AFTER UPDATE OF state, partner_id, company_id, date_order, amount_total, amount_tax,
                    currency_rate
    ON sale_order
    FOR EACH ROW WHEN (
        (OLD.state = 'sale' OR NEW.state = 'sale')
        AND (OLD.state, OLD.partner_id, OLD.company_id, OLD.date_order,
             OLD.amount_total, OLD.amount_tax, OLD.currency_rate)
            IS DISTINCT FROM
            (NEW.state, NEW.partner_id, NEW.company_id, NEW.date_order,
             NEW.amount_total, NEW.amount_tax, NEW.currency_rate))
    EXECUTE FUNCTION nka_sales_touch_orders();

CREATE OR REPLACE FUNCTION nka_sales_touch_ordered(changed integer[])
    RETURNS void AS $$
    SELECT nka_sales_touch(party.commercial_partner_id, sale.company_id,
                           COALESCE(confirmation.date, {LOCAL_DAY.code}))
      FROM sale_order sale
      JOIN res_partner party ON party.id = sale.partner_id
 LEFT JOIN nka_order_confirmation confirmation ON confirmation.order_ref = sale.id
     WHERE sale.id = ANY(changed) AND sale.state = 'sale';
$$ LANGUAGE sql;

CREATE OR REPLACE FUNCTION nka_sales_touch_ordered_lines() RETURNS trigger AS $$
BEGIN
    PERFORM nka_sales_touch_ordered(ARRAY[OLD.order_id, NEW.order_id]);
    RETURN NULL;
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_sales_touch_lines_added ON sale_order_line;
CREATE TRIGGER nka_sales_touch_lines_added AFTER INSERT ON sale_order_line
    FOR EACH ROW WHEN (NEW.state = 'sale')
    EXECUTE FUNCTION nka_sales_touch_ordered_lines();

DROP TRIGGER IF EXISTS nka_sales_touch_lines_gone ON sale_order_line;
CREATE TRIGGER nka_sales_touch_lines_gone AFTER DELETE ON sale_order_line
    FOR EACH ROW WHEN (OLD.state = 'sale')
    EXECUTE FUNCTION nka_sales_touch_ordered_lines();

DROP TRIGGER IF EXISTS nka_sales_touch_lines ON sale_order_line;
CREATE TRIGGER nka_sales_touch_lines
    AFTER UPDATE OF product_id, price_subtotal, order_id ON sale_order_line
    FOR EACH ROW WHEN (
        (OLD.state = 'sale' OR NEW.state = 'sale')
        AND (OLD.product_id, OLD.price_subtotal, OLD.order_id)
            IS DISTINCT FROM (NEW.product_id, NEW.price_subtotal, NEW.order_id))
    EXECUTE FUNCTION nka_sales_touch_ordered_lines();

CREATE OR REPLACE FUNCTION nka_sales_touch_sold_lines() RETURNS trigger AS $$
BEGIN
    PERFORM nka_sales_touch(commercial_partner_id, company_id, invoice_date)
       FROM account_move
      WHERE id = NEW.move_id AND move_type IN ('out_invoice', 'out_refund', 'out_receipt');
    RETURN NULL;
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_sales_touch_sold_lines ON account_move_line;
CREATE TRIGGER nka_sales_touch_sold_lines
    AFTER UPDATE OF product_id, balance, quantity, product_uom_id ON account_move_line
    FOR EACH ROW WHEN (
        (OLD.parent_state = 'posted' OR NEW.parent_state = 'posted')
        AND (OLD.product_id, OLD.balance, OLD.quantity, OLD.product_uom_id)
            IS DISTINCT FROM
            (NEW.product_id, NEW.balance, NEW.quantity, NEW.product_uom_id))
    EXECUTE FUNCTION nka_sales_touch_sold_lines();

CREATE OR REPLACE FUNCTION nka_sales_touch_confirmations() RETURNS trigger AS $$
BEGIN
    PERFORM nka_sales_touch(party.commercial_partner_id, sale.company_id, changed.day)
       FROM sale_order sale
       JOIN res_partner party ON party.id = sale.partner_id
      CROSS JOIN LATERAL unnest(
                ARRAY[NEW.date, CASE WHEN TG_OP = 'UPDATE' THEN OLD.date
                                     ELSE {LOCAL_DAY.code} END]) AS changed(day)
      WHERE sale.id = NEW.order_ref AND changed.day IS NOT NULL;
    RETURN NULL;
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_sales_touch_confirmations ON nka_order_confirmation;
CREATE TRIGGER nka_sales_touch_confirmations
    AFTER INSERT OR UPDATE OF date, partner_id ON nka_order_confirmation
    FOR EACH ROW EXECUTE FUNCTION nka_sales_touch_confirmations();

CREATE OR REPLACE FUNCTION nka_sales_touch_accounts() RETURNS trigger AS $$
BEGIN
    INSERT INTO nka_sales_touched (company_ref, account_ref)
    SELECT company_id, id FROM nka_key_account WHERE id = NEW.id;
    RETURN NULL;
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_sales_touch_accounts ON nka_key_account;
CREATE TRIGGER nka_sales_touch_accounts
    AFTER INSERT OR UPDATE OF partner_id, company_id ON nka_key_account
    FOR EACH ROW EXECUTE FUNCTION nka_sales_touch_accounts();

CREATE OR REPLACE FUNCTION nka_sales_touch_owners() RETURNS trigger AS $$
BEGIN
    INSERT INTO nka_sales_touched (company_ref, account_ref)
    SELECT company_id, id FROM nka_key_account
     WHERE id IN (OLD.key_account_id, NEW.key_account_id);
    RETURN NULL;
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_sales_touch_owners ON nka_assignment;
CREATE TRIGGER nka_sales_touch_owners
    AFTER INSERT OR UPDATE OR DELETE ON nka_assignment
    FOR EACH ROW EXECUTE FUNCTION nka_sales_touch_owners();

DROP TRIGGER IF EXISTS nka_sales_touch_joins ON nka_client_join;
CREATE TRIGGER nka_sales_touch_joins
    AFTER INSERT OR UPDATE OR DELETE ON nka_client_join
    FOR EACH ROW EXECUTE FUNCTION nka_sales_touch_owners();

CREATE OR REPLACE FUNCTION nka_sales_touch_product(product integer) RETURNS void AS $$
    INSERT INTO nka_sales_touched (company_ref, product_ref)
    SELECT id, product FROM res_company WHERE nka_history_date IS NOT NULL;
$$ LANGUAGE sql;

CREATE OR REPLACE FUNCTION nka_sales_touch_products() RETURNS trigger AS $$
BEGIN
    IF TG_TABLE_NAME = 'product_product' THEN
        PERFORM nka_sales_touch_product(NEW.id);
    ELSE
        PERFORM nka_sales_touch_product(id) FROM product_product
          WHERE product_tmpl_id = NEW.id;
    END IF;
    RETURN NULL;
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_sales_touch_products ON product_product;
CREATE TRIGGER nka_sales_touch_products AFTER UPDATE OF standard_price ON product_product
    FOR EACH ROW WHEN (OLD.standard_price IS DISTINCT FROM NEW.standard_price)
    EXECUTE FUNCTION nka_sales_touch_products();

DROP TRIGGER IF EXISTS nka_sales_touch_templates ON product_template;
CREATE TRIGGER nka_sales_touch_templates
    AFTER UPDATE OF categ_id, uom_id ON product_template
    FOR EACH ROW WHEN (
        (OLD.categ_id, OLD.uom_id) IS DISTINCT FROM (NEW.categ_id, NEW.uom_id))
    EXECUTE FUNCTION nka_sales_touch_products();

CREATE OR REPLACE FUNCTION nka_sales_touch_companies() RETURNS trigger AS $$
BEGIN
    INSERT INTO nka_sales_touched (company_ref)
    SELECT id FROM res_company WHERE nka_history_date IS NOT NULL;
    RETURN NULL;
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_sales_touch_units ON uom_uom;
CREATE TRIGGER nka_sales_touch_units AFTER UPDATE OF factor ON uom_uom
    FOR EACH ROW WHEN (OLD.factor IS DISTINCT FROM NEW.factor)
    EXECUTE FUNCTION nka_sales_touch_companies();

DROP TRIGGER IF EXISTS nka_sales_touch_zones ON resource_calendar;
CREATE TRIGGER nka_sales_touch_zones AFTER UPDATE OF tz ON resource_calendar
    FOR EACH ROW WHEN (OLD.tz IS DISTINCT FROM NEW.tz)
    EXECUTE FUNCTION nka_sales_touch_companies();

DROP TRIGGER IF EXISTS nka_sales_touch_calendars ON res_company;
CREATE TRIGGER nka_sales_touch_calendars AFTER UPDATE OF resource_calendar_id ON res_company
    FOR EACH ROW WHEN (OLD.resource_calendar_id IS DISTINCT FROM NEW.resource_calendar_id)
    EXECUTE FUNCTION nka_sales_touch_companies();
"""


class SalesTouched(models.Model):
    """What changed since the sales history was refreshed.

    Triggers add rows, and the next refresh deletes those that it sees. Rows of
    transactions that commit later stay for the following one, together with what they
    changed.

    A row is about one account and day, about all days of an account, about all sales of
    a product, or about the company as a whole.
    """

    _name = "nka.sales.touched"
    _description = "Changed sale, not yet in the sales history"
    _log_access = False
    _rec_name = "account_ref"

    company_ref = fields.Integer("Company ID", required=True)
    account_ref = fields.Integer("Key account ID")
    day = fields.Date(help="Empty: all days.")
    product_ref = fields.Integer("Product ID")

    def init(self):
        """Have the first refresh after an installation or update rebuild everything:
        nothing was recorded before, or other code made the rows.
        """
        result = super().init()
        if column_exists(self.env.cr, "res_company", "nka_history_date"):
            self.env.cr.execute(
                """INSERT INTO nka_sales_touched (company_ref)
                   SELECT id FROM res_company WHERE nka_history_date IS NOT NULL"""
            )
        return result

    @api.model
    def _guards(self):
        return [*super()._guards(), *guards_of(_TRIGGERS_SQL)]

    # ------------------------------------------------------------ business
    @api.model
    def _changed_companies(self, companies):
        """Return those of the companies with changes, and those to rebuild as a whole.

        :return: two res.company
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT company_ref, BOOL_OR(account_ref IS NULL AND product_ref IS NULL)
                     FROM nka_sales_touched WHERE company_ref = ANY(%s)
                    GROUP BY company_ref""",
                companies.ids,
            )
        )
        return (
            companies.browse(company_id for company_id, _is_whole in rows),
            companies.browse(company_id for company_id, is_whole in rows if is_whole),
        )

    @api.model
    def _changed_products(self, companies):
        """Return the ids of products whose cost, category or unit changed."""
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT product_ref FROM nka_sales_touched
                    WHERE company_ref = ANY(%s) AND product_ref IS NOT NULL""",
                companies.ids,
            )
        )
        return [product_id for (product_id,) in rows]

    @api.model
    def _settle(self, companies):
        """Delete the rows that this transaction sees, after a refresh has used them."""
        self.env.cr.execute(
            "DELETE FROM nka_sales_touched WHERE company_ref = ANY(%s)", [companies.ids]
        )
