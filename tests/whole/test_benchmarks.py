"""Invoices generated for the benchmarks have the values that Odoo computes."""

from odoo.tools import SQL

from benchmarks.generate import TABLES, fill

from ..common import NkaCase

COUNT = 40
# Foreign keys of the generated tables: the generator inserts without checking them.
KEYS = """
    SELECT conrelid::regclass::text, attname, confrelid::regclass::text
      FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
     WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])
"""


class TestGeneratedInvoices(NkaCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        fill(cls.env, COUNT, partners=5, fast=False)
        cls.invoices = cls.env["account.move"].search(
            [("name", "=like", "INV/B/%")], order="id"
        )

    def test_all_invoices_are_posted(self):
        self.assertEqual(len(self.invoices), COUNT)
        self.assertEqual(set(self.invoices.mapped("state")), {"posted"})
        self.assertEqual(len(self.invoices.partner_id), 5)
        self.assertTrue(self.invoices.partner_id.user_id)

    def test_entries_balance(self):
        entries = self.invoices | self._payments().move_id
        for entry in entries:
            self.assertFalse(
                entry.currency_id.round(sum(entry.line_ids.mapped("balance"))),
                entry.name,
            )

    def test_amounts_are_what_odoo_computes(self):
        names = [
            "amount_untaxed",
            "amount_tax",
            "amount_total",
            "amount_residual",
            "amount_residual_signed",
        ]
        before = self._values(self.invoices, names)
        self._recompute(self.invoices, names)
        self.assertEqual(self._values(self.invoices, names), before)

    def test_payment_states_are_what_odoo_computes(self):
        before = self.invoices.mapped("payment_state")
        self._recompute(self.invoices, ["payment_state"])
        self.assertEqual(self.invoices.mapped("payment_state"), before)
        self.assertEqual(before.count("not_paid"), COUNT // 10)
        self.assertEqual(before.count("partial"), COUNT // 10)

    def test_residuals_of_lines_follow_from_the_reconciliations(self):
        lines = (self.invoices | self._payments().move_id).line_ids
        names = ["amount_residual", "amount_residual_currency", "reconciled"]
        before = self._values(lines, names)
        self._recompute(lines, names)
        self.assertEqual(self._values(lines, names), before)

    def test_payments_are_matched_with_their_invoices(self):
        paid = self.invoices.filtered(lambda invoice: invoice.payment_state == "paid")
        self.assertEqual(
            self._payments().reconciled_invoice_ids, self.invoices - self._unpaid()
        )
        self.assertTrue(all(paid.line_ids.filtered("full_reconcile_id")))

    def test_next_invoice_gets_a_new_number_and_id(self):
        copy = self.invoices[0].copy()
        copy.action_post()
        self.assertGreater(copy.id, max(self.invoices.ids))

    def test_foreign_keys_are_valid(self):
        self.env.cr.execute(KEYS, [list(TABLES)])
        for table, column, target in self.env.cr.fetchall():
            lost = SQL(
                "SELECT count(*) FROM %(table)s WHERE %(column)s IS NOT NULL "
                "AND NOT EXISTS (SELECT FROM %(target)s t WHERE t.id = %(column)s)",
                table=SQL.identifier(table),
                column=SQL.identifier(table, column),
                target=SQL.identifier(target),
            )
            self.assertEqual(self.env.execute_query(lost), [(0,)], f"{table}.{column}")

    def _payments(self):
        return self.env["account.payment"].search([("name", "=like", "PAY/B/%")])

    def _unpaid(self):
        return self.invoices.filtered(
            lambda invoice: invoice.payment_state == "not_paid"
        )

    def _values(self, records, names):
        return [[record[name] for name in names] for record in records]

    def _recompute(self, records, names):
        for name in names:
            self.env.add_to_compute(records._fields[name], records)
        records._recompute_recordset(names)
        records.invalidate_recordset(names)
