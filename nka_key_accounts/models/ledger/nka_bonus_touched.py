from odoo import api, fields, models

from ..trail.guards import guards_of

#: Triggers that record changed documents. For invoices of other clients they only cost
#: a few index lookups, and for new payments nothing: they record what reverses or
#: changes posted documents. Builds find new reconciliations by date and id.
#: A credit note counts for its source's client, whoever it is sent to. An order that is
#: confirmed again gets a new day, whatever its state was.
#: Documents of a branch are also recorded for the companies above it, which have
#: ledgers of their own, and for other companies of the group with key accounts: one
#: entry can settle documents of several companies, and an early payment discount of one
#: decides which part of the others is money. The part of an order in one document
#: decides what is left for the order's other documents, so these are recorded, too.
#: Changed invoices are also recorded for the sales history (``nka.sales.touched``).
_TRIGGERS_SQL = """
CREATE OR REPLACE FUNCTION nka_bonus_touch(move_ids integer[]) RETURNS void AS $$
    INSERT INTO nka_bonus_touched (move_ref, company_ref)
    SELECT move.id, company.id
      FROM account_move move
      JOIN res_company own ON own.id = move.company_id
      JOIN res_company company ON starts_with(own.parent_path, company.parent_path)
        OR split_part(own.parent_path, '/', 1) = split_part(company.parent_path, '/', 1)
       AND EXISTS (SELECT FROM nka_key_account WHERE company_id = company.id)
     WHERE move.id = ANY(move_ids);
$$ LANGUAGE sql;

CREATE OR REPLACE FUNCTION nka_bonus_beside(move_ids integer[])
    RETURNS integer[] AS $$
BEGIN
    RETURN ARRAY(
    WITH line AS MATERIALIZED (
        SELECT id FROM account_move_line
         WHERE move_id = ANY(move_ids) AND display_type = 'product'
    ), ordered AS MATERIALIZED (
        SELECT sold.order_id
          FROM line
          JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = line.id
          JOIN sale_order_line sold ON sold.id = rel.order_line_id
         UNION
        SELECT kept.order_ref FROM line JOIN nka_order_link kept ON kept.line_ref = line.id
    ), invoiced AS MATERIALIZED (
        SELECT rel.invoice_line_id AS line_id
          FROM ordered
          JOIN sale_order_line sold ON sold.order_id = ordered.order_id
          JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sold.id
         UNION
        SELECT kept.line_ref
          FROM ordered JOIN nka_order_link kept ON kept.order_ref = ordered.order_id
    )
    SELECT move_id FROM invoiced JOIN account_move_line own ON own.id = invoiced.line_id
     UNION
    SELECT unnest(move_ids));
END $$ LANGUAGE plpgsql STABLE;

CREATE OR REPLACE FUNCTION nka_bonus_touch_moves() RETURNS trigger AS $$
BEGIN
    PERFORM nka_sales_touch(sold.client, NEW.company_id, sold.day)
       FROM (VALUES (OLD.state, OLD.commercial_partner_id, OLD.invoice_date),
                    (NEW.state, NEW.commercial_partner_id, NEW.invoice_date))
         AS sold(state, client, day)
      WHERE sold.state = 'posted'
        AND EXISTS (SELECT FROM nka_key_account WHERE partner_id = sold.client);
    PERFORM nka_bonus_touch(nka_bonus_beside(
                ARRAY_REMOVE(ARRAY[NEW.id, NEW.reversed_entry_id], NULL)))
     WHERE EXISTS (SELECT FROM nka_key_account
                    WHERE partner_id IN (NEW.commercial_partner_id,
                                         OLD.commercial_partner_id))
        OR EXISTS (SELECT FROM account_move source
                     JOIN nka_key_account account
                       ON account.partner_id = source.commercial_partner_id
                    WHERE source.id = NEW.reversed_entry_id)
        OR EXISTS (SELECT FROM nka_bonus_line WHERE move_ref = NEW.id);
    RETURN NULL;
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_bonus_touch_moves ON account_move;
CREATE TRIGGER nka_bonus_touch_moves AFTER UPDATE ON account_move
    FOR EACH ROW WHEN (
        NEW.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
        AND (OLD.state = 'posted' OR NEW.state = 'posted')
        AND (OLD.state, OLD.invoice_date, OLD.amount_untaxed_signed, OLD.amount_total,
             OLD.commercial_partner_id, OLD.reversed_entry_id, OLD.currency_id,
             OLD.invoice_payment_term_id)
            IS DISTINCT FROM
            (NEW.state, NEW.invoice_date, NEW.amount_untaxed_signed, NEW.amount_total,
             NEW.commercial_partner_id, NEW.reversed_entry_id, NEW.currency_id,
             NEW.invoice_payment_term_id))
    EXECUTE FUNCTION nka_bonus_touch_moves();

CREATE OR REPLACE FUNCTION nka_bonus_settled_by(entry integer)
    RETURNS SETOF integer AS $$
BEGIN
    RETURN QUERY
    SELECT DISTINCT move.id
      FROM account_move_line own
     CROSS JOIN LATERAL (
           SELECT debit_move_id AS line_id FROM account_partial_reconcile
            WHERE credit_move_id = own.id
            UNION ALL
           SELECT credit_move_id FROM account_partial_reconcile
            WHERE debit_move_id = own.id) AS other
      JOIN account_move_line line
        ON line.id = other.line_id AND line.display_type = 'payment_term'
      JOIN account_move move ON move.id = line.move_id
     WHERE own.move_id = entry
       AND (move.reversed_entry_id IS NOT NULL
            OR EXISTS (SELECT FROM nka_key_account
                        WHERE partner_id = move.commercial_partner_id)
            OR EXISTS (SELECT FROM nka_bonus_line credit WHERE credit.move_ref = move.id));
END $$ LANGUAGE plpgsql STABLE;

CREATE OR REPLACE FUNCTION nka_bonus_touch_entries() RETURNS trigger AS $$
BEGIN
    PERFORM nka_bonus_touch(ARRAY(SELECT nka_bonus_settled_by(NEW.id)));
    RETURN NULL;
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_bonus_touch_entries ON account_move;
CREATE TRIGGER nka_bonus_touch_entries AFTER UPDATE OF state ON account_move
    FOR EACH ROW WHEN (
        NEW.move_type = 'entry'
        AND (OLD.state = 'posted') IS DISTINCT FROM (NEW.state = 'posted'))
    EXECUTE FUNCTION nka_bonus_touch_entries();

CREATE OR REPLACE FUNCTION nka_bonus_touch_payments() RETURNS trigger AS $$
BEGIN
    PERFORM nka_bonus_touch(ARRAY(SELECT nka_bonus_settled_by(NEW.move_id)));
    RETURN NULL;
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_bonus_touch_payments ON account_payment;
CREATE TRIGGER nka_bonus_touch_payments
    AFTER UPDATE OF state, outstanding_account_id ON account_payment
    FOR EACH ROW WHEN (
        NEW.move_id IS NOT NULL
        AND (OLD.state IN ('in_process', 'paid'), OLD.outstanding_account_id)
            IS DISTINCT FROM
            (NEW.state IN ('in_process', 'paid'), NEW.outstanding_account_id))
    EXECUTE FUNCTION nka_bonus_touch_payments();

CREATE OR REPLACE FUNCTION nka_bonus_touch_items() RETURNS trigger AS $$
BEGIN
    PERFORM nka_bonus_touch(ARRAY(SELECT nka_bonus_settled_by(OLD.move_id)));
    RETURN NULL;
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_bonus_touch_items ON account_move_line;
CREATE TRIGGER nka_bonus_touch_items
    AFTER UPDATE OF account_id, balance, amount_currency ON account_move_line
    FOR EACH ROW WHEN (
        OLD.parent_state = 'posted' AND NEW.parent_state = 'posted'
        AND (OLD.account_id, OLD.balance, OLD.amount_currency)
            IS DISTINCT FROM (NEW.account_id, NEW.balance, NEW.amount_currency))
    EXECUTE FUNCTION nka_bonus_touch_items();

DROP TRIGGER IF EXISTS nka_bonus_touch_items_gone ON account_move_line;
CREATE TRIGGER nka_bonus_touch_items_gone AFTER DELETE ON account_move_line
    FOR EACH ROW WHEN (OLD.parent_state = 'posted')
    EXECUTE FUNCTION nka_bonus_touch_items();

CREATE OR REPLACE FUNCTION nka_bonus_touch_partials() RETURNS trigger AS $$
BEGIN
    PERFORM nka_bonus_touch(ARRAY(
        SELECT line.move_id
          FROM gone JOIN account_move_line line
            ON line.id IN (gone.debit_move_id, gone.credit_move_id)
         WHERE EXISTS (SELECT FROM nka_bonus_line WHERE move_ref = line.move_id)
         UNION
        SELECT nka_bonus_settled_by(line.move_id)
          FROM gone JOIN account_move_line line
            ON line.id IN (gone.debit_move_id, gone.credit_move_id)
           AND line.display_type IS DISTINCT FROM 'payment_term'));
    RETURN NULL;
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_bonus_touch_partials ON account_partial_reconcile;
CREATE TRIGGER nka_bonus_touch_partials AFTER DELETE ON account_partial_reconcile
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION nka_bonus_touch_partials();

CREATE OR REPLACE FUNCTION nka_bonus_touch_days() RETURNS trigger AS $$
BEGIN
    PERFORM nka_bonus_touch(ARRAY(
        SELECT line.move_id
          FROM account_move_line line
         WHERE line.id IN (NEW.debit_move_id, NEW.credit_move_id)
           AND EXISTS (SELECT FROM nka_bonus_line WHERE move_ref = line.move_id)));
    RETURN NULL;
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_bonus_touch_days ON account_partial_reconcile;
CREATE TRIGGER nka_bonus_touch_days AFTER UPDATE OF max_date
    ON account_partial_reconcile
    FOR EACH ROW WHEN (OLD.max_date != NEW.max_date)
    EXECUTE FUNCTION nka_bonus_touch_days();

CREATE OR REPLACE FUNCTION nka_bonus_touch_orders() RETURNS trigger AS $$
BEGIN
    PERFORM nka_bonus_touch(ARRAY(
        SELECT DISTINCT line.move_id
          FROM sale_order_line sold
          JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sold.id
          JOIN account_move_line line ON line.id = rel.invoice_line_id
         WHERE sold.order_id = NEW.id));
    RETURN NULL;
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_bonus_touch_orders ON sale_order;
CREATE TRIGGER nka_bonus_touch_orders AFTER UPDATE OF date_order ON sale_order
    FOR EACH ROW WHEN (OLD.date_order IS DISTINCT FROM NEW.date_order)
    EXECUTE FUNCTION nka_bonus_touch_orders();

CREATE OR REPLACE FUNCTION nka_bonus_touch_confirmations() RETURNS trigger AS $$
BEGIN
    PERFORM nka_bonus_touch(ARRAY(
        SELECT line.move_id
          FROM sale_order_line sold
          JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sold.id
          JOIN account_move_line line ON line.id = rel.invoice_line_id
         WHERE sold.order_id = NEW.order_ref
         UNION
        SELECT line.move_id
          FROM nka_order_link link
          JOIN account_move_line line ON line.id = link.line_ref
         WHERE link.order_ref = NEW.order_ref));
    RETURN NULL;
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_bonus_touch_confirmations ON nka_order_confirmation;
CREATE TRIGGER nka_bonus_touch_confirmations
    AFTER UPDATE OF date, partner_id, lines ON nka_order_confirmation
    FOR EACH ROW EXECUTE FUNCTION nka_bonus_touch_confirmations();

CREATE OR REPLACE FUNCTION nka_bonus_touch_links() RETURNS trigger AS $$
BEGIN
    PERFORM nka_bonus_touch(nka_bonus_beside(ARRAY(
        SELECT DISTINCT line.move_id
          FROM gone JOIN account_move_line line ON line.id = gone.line_ref
         UNION
        SELECT line.move_id
          FROM gone
          JOIN sale_order_line sold ON sold.order_id = gone.order_ref
          JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sold.id
          JOIN account_move_line line ON line.id = rel.invoice_line_id)));
    RETURN NULL;
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_bonus_touch_links ON nka_order_link;
CREATE TRIGGER nka_bonus_touch_links AFTER DELETE ON nka_order_link
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION nka_bonus_touch_links();
"""


class BonusTouched(models.Model):
    """Invoices of key accounts that changed since the ledger was built.

    Triggers add rows, and the next build deletes them. Rows of uncommitted transactions
    aren't visible to a build yet and are for the following one.
    """

    _name = "nka.bonus.touched"
    _description = "Changed invoice, not yet in the ledger"
    _log_access = False
    _rec_name = "move_ref"

    move_ref = fields.Integer("Invoice ID", required=True)
    company_ref = fields.Integer("Company ID", required=True)

    @api.model
    def _guards(self):
        return [*super()._guards(), *guards_of(_TRIGGERS_SQL)]
