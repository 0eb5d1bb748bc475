from odoo import api, fields, models

from ..trail.guards import guards_of

#: Whoever posts a document confirms what its lines are for. What is linked or taken
#: off after that, by anybody who may write orders, is noted here and changes nothing.
#: Orders that weren't confirmed when the document was posted don't count for it either;
#: a confirmation is known by its row, for a state may still wait to be written.
_TRIGGERS_SQL = """
CREATE OR REPLACE FUNCTION nka_order_link_made() RETURNS trigger AS $$
BEGIN
    INSERT INTO nka_order_link (line_ref, order_ref, sold_ref, counts)
    SELECT made.invoice_line_id, sold.order_id, sold.id, FALSE
      FROM made
      JOIN account_move_line line ON line.id = made.invoice_line_id
      JOIN account_move move ON move.id = line.move_id AND move.state = 'posted'
      JOIN sale_order_line sold ON sold.id = made.order_line_id
        ON CONFLICT (line_ref, order_ref, sold_ref) DO NOTHING;
    RETURN NULL;
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_order_link_made ON sale_order_line_invoice_rel;
CREATE TRIGGER nka_order_link_made AFTER INSERT ON sale_order_line_invoice_rel
    REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION nka_order_link_made();

CREATE OR REPLACE FUNCTION nka_order_link_gone() RETURNS trigger AS $$
BEGIN
    INSERT INTO nka_order_link (line_ref, order_ref, sold_ref, counts)
    SELECT gone.invoice_line_id, sold.order_id, sold.id, TRUE
      FROM gone
      JOIN account_move_line line ON line.id = gone.invoice_line_id
      JOIN account_move move ON move.id = line.move_id AND move.state = 'posted'
      JOIN sale_order_line sold ON sold.id = gone.order_line_id
        ON CONFLICT (line_ref, order_ref, sold_ref) DO NOTHING;
    RETURN NULL;
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_order_link_gone ON sale_order_line_invoice_rel;
CREATE TRIGGER nka_order_link_gone AFTER DELETE ON sale_order_line_invoice_rel
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION nka_order_link_gone();

CREATE OR REPLACE FUNCTION nka_order_link_moved() RETURNS trigger AS $$
BEGIN
    INSERT INTO nka_order_link (line_ref, order_ref, sold_ref, counts)
    SELECT rel.invoice_line_id, OLD.order_id, OLD.id, TRUE
      FROM sale_order_line_invoice_rel rel
      JOIN account_move_line line ON line.id = rel.invoice_line_id
      JOIN account_move move ON move.id = line.move_id AND move.state = 'posted'
     WHERE rel.order_line_id = OLD.id
        ON CONFLICT (line_ref, order_ref, sold_ref) DO NOTHING;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    INSERT INTO nka_order_link (line_ref, order_ref, sold_ref, counts)
    SELECT rel.invoice_line_id, NEW.order_id, NEW.id, FALSE
      FROM sale_order_line_invoice_rel rel
      JOIN account_move_line line ON line.id = rel.invoice_line_id
      JOIN account_move move ON move.id = line.move_id AND move.state = 'posted'
     WHERE rel.order_line_id = OLD.id
        ON CONFLICT (line_ref, order_ref, sold_ref) DO NOTHING;
    RETURN NEW;
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_order_link_moved ON sale_order_line;
CREATE TRIGGER nka_order_link_moved BEFORE UPDATE OF order_id ON sale_order_line
    FOR EACH ROW WHEN (OLD.order_id != NEW.order_id)
    EXECUTE FUNCTION nka_order_link_moved();

DROP TRIGGER IF EXISTS nka_order_link_deleted ON sale_order_line;
CREATE TRIGGER nka_order_link_deleted BEFORE DELETE ON sale_order_line
    FOR EACH ROW EXECUTE FUNCTION nka_order_link_moved();

CREATE OR REPLACE FUNCTION nka_order_link_cancelled() RETURNS trigger AS $$
BEGIN
    INSERT INTO nka_order_link (line_ref, order_ref, sold_ref, counts)
    SELECT rel.invoice_line_id, NEW.id, sold.id, TRUE
      FROM sale_order_line sold
      JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sold.id
      JOIN account_move_line line ON line.id = rel.invoice_line_id
      JOIN account_move move ON move.id = line.move_id AND move.state = 'posted'
     WHERE sold.order_id = NEW.id
        ON CONFLICT (line_ref, order_ref, sold_ref) DO NOTHING;
    RETURN NULL;
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_order_link_cancelled ON sale_order;
CREATE TRIGGER nka_order_link_cancelled AFTER UPDATE OF state ON sale_order
    FOR EACH ROW WHEN (OLD.state = 'sale' AND NEW.state = 'cancel')
    EXECUTE FUNCTION nka_order_link_cancelled();

CREATE OR REPLACE FUNCTION nka_order_link_posted() RETURNS trigger AS $$
BEGIN
    DELETE FROM nka_order_link link
     WHERE line_ref IN (SELECT id FROM account_move_line WHERE move_id = NEW.id)
       AND NOT (counts AND EXISTS (
               SELECT FROM sale_order_line_invoice_rel rel
                 JOIN sale_order_line sold ON sold.id = rel.order_line_id
                WHERE rel.invoice_line_id = link.line_ref
                  AND sold.order_id = link.order_ref
                  AND link.sold_ref IN (0, sold.id)));
    INSERT INTO nka_order_link (line_ref, order_ref, sold_ref, counts)
    SELECT rel.invoice_line_id, sale.id, sold.id, FALSE
      FROM account_move_line line
      JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = line.id
      JOIN sale_order_line sold ON sold.id = rel.order_line_id
      JOIN sale_order sale ON sale.id = sold.order_id
     WHERE line.move_id = NEW.id
       AND (sale.state = 'cancel' OR sale.state != 'sale' AND EXISTS (
               SELECT FROM res_partner party
                 JOIN nka_key_account account
                   ON account.partner_id = party.commercial_partner_id
                WHERE party.id = sale.partner_id)
           AND NOT EXISTS (SELECT FROM nka_order_confirmation confirmation
                            WHERE confirmation.order_ref = sale.id))
        ON CONFLICT (line_ref, order_ref, sold_ref) DO NOTHING;
    RETURN NULL;
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_order_link_posted ON account_move;
CREATE TRIGGER nka_order_link_posted AFTER UPDATE OF state ON account_move
    FOR EACH ROW WHEN (
        NEW.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
        AND NEW.state = 'posted' AND OLD.state IS DISTINCT FROM 'posted')
    EXECUTE FUNCTION nka_order_link_posted();
"""

#: Which line of the order a link of before is of, where that is still there.
_KNOWN_LINES_SQL = """
UPDATE nka_order_link link SET sold_ref = found.id
  FROM (SELECT rel.invoice_line_id, sold.order_id, MIN(sold.id) AS id
          FROM nka_order_link
          JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = line_ref
          JOIN sale_order_line sold ON sold.id = rel.order_line_id
         WHERE sold_ref = 0
         GROUP BY 1, 2) AS found
 WHERE link.sold_ref = 0 AND link.line_ref = found.invoice_line_id
   AND link.order_ref = found.order_id
"""


class OrderLink(models.Model):
    """What an invoice line was for when it was posted, where its links differ now.

    A row that counts is a link whose order was cancelled, or that was taken off, after the
    invoice was posted; one that doesn't is a link that was made after it, or with an order
    that wasn't confirmed. Posting the invoice again confirms its links as they are then.
    """

    _name = "nka.order.link"
    _description = "Order link changed after posting"
    _log_access = False
    _rec_name = "order_ref"

    # No foreign keys: the order may be deleted, and a deleted line is harmless.
    line_ref = fields.Integer("Invoice line ID", required=True, readonly=True)
    order_ref = fields.Integer("Order ID", required=True, readonly=True)
    sold_ref = fields.Integer(
        "Order line ID",
        required=True,
        readonly=True,
        default=0,
        help="0 if unknown: recorded before version 19.0.1.3.0.",
    )
    counts = fields.Boolean("Counts as a sale", required=True, readonly=True)

    _link_unique = models.Constraint(
        "UNIQUE(line_ref, order_ref, sold_ref)", "Each link can be recorded only once."
    )
    _order_idx = models.Index("(order_ref)")

    def init(self):
        result = super().init()
        self.env.cr.execute(_KNOWN_LINES_SQL)
        return result

    @api.model
    def _guards(self):
        return [*super()._guards(), *guards_of(_TRIGGERS_SQL)]

    # ------------------------------------------------------------ business
    @api.model
    def _flush_links(self):
        """Let the database know which documents are posted, and which orders confirmed,
        before a link changes.
        """
        self.env["sale.order"].flush_model(["state"])
        self.env["account.move"].flush_model(["state"])

    @api.model
    def _confirm_lines(self, lines):
        """The superuser linked these invoice lines: that counts as it is."""
        self.env.cr.execute(
            "DELETE FROM nka_order_link WHERE line_ref = ANY(%s)", [lines.ids]
        )

    @api.model
    def _confirm_orders(self, orders):
        """The superuser changed what these orders were invoiced by."""
        self.env.cr.execute(
            "DELETE FROM nka_order_link WHERE order_ref = ANY(%s)", [orders.ids]
        )
