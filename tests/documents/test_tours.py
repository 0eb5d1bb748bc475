"""Browser tour: a document from draft to approval, and the gate it opens."""

from odoo import Command
from odoo.tests import HttpCase, tagged

from .common import DocumentCase


@tagged("nka_documents", "nka_tours")
class TestDocumentTours(DocumentCase, HttpCase):
    def test_from_the_draft_to_the_won_deal(self):
        self.contract.stage_ids = self.won
        self.contract.item_ids = [Command.create({"name": "Signed"})]
        deal = f"/odoo/crm.lead/{self.lead.id}"
        self.start_tour(deal, "nka_gate_closed", login="nka_manager")
        self.assertNotEqual(self.lead.stage_id, self.won)

        self.start_tour(deal, "nka_add_document", login="nka_manager")
        document = self.lead.nka_document_ids
        self.assertEqual(document.type_id, self.contract)
        self.assertEqual(document.state, "submitted")

        form = f"/odoo/nka.document/{document.id}"
        self.start_tour(form, "nka_return_document", login="nka_super")
        self.assertEqual(document.finding_ids.text, "Page 3 is missing")

        self.start_tour(form, "nka_answer_finding", login="nka_manager")
        self.start_tour(form, "nka_approve_document", login="nka_super2")
        self.assertEqual(document.state, "approved")
        self.assertEqual(document.finding_ids.state, "closed")
        self.assertEqual(document.check_ids.done_by_id, self.supervisor_2)

        self.start_tour(deal, "nka_gate_open", login="nka_manager")
        self.assertEqual(self.lead.stage_id, self.won)
