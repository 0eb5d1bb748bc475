"""Fixtures for tests of documents: a type, a deal, files, and a document in any state."""

import base64

from odoo.tests import tagged

from ..common import NkaCase

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"


@tagged("nka_documents")
class DocumentCase(NkaCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._new_type("Contract of test", "T-CONTRACT")
        cls.minutes = cls._new_type(
            "Minutes of test", "T-MINUTES", allow_bulk=True, sampling_percent=0
        )
        cls.account = cls._key_account(cls.client)
        cls.lead = cls._new_deal(cls.client)
        stages = cls.env["crm.stage"].search([("is_won", "=", False)])
        cls.stage = stages.filtered(lambda stage: stage != cls.lead.stage_id)[-1]
        cls.won = cls.env["crm.stage"].search([("is_won", "=", True)], limit=1)

    @classmethod
    def _new_type(cls, name, code, **vals):
        return cls.env["nka.document.type"].create(
            {"name": name, "code": code, "review_days": 2, **vals}
        )

    @classmethod
    def _new_deal(cls, client, user=None, **vals):
        user = user or cls.manager
        return cls.env["crm.lead"].create(
            {
                "name": f"Deal with {client.name}",
                "type": "opportunity",
                "partner_id": client.id,
                "user_id": user.id,
                "expected_revenue": 100000,
                **vals,
            }
        )

    @classmethod
    def _draft(cls, user=None, files=(PDF,), **vals):
        user = user or cls.manager
        document = (
            cls.env["nka.document"]
            .with_user(user)
            .create({"type_id": cls.contract.id, "lead_id": cls.lead.id, **vals})
        )
        for number, raw in enumerate(files):
            cls._upload(document, raw, cls._file_name(number, **vals))
        return document

    @classmethod
    def _file_name(cls, number, **vals):
        return f"file{number}.pdf"

    @classmethod
    def _upload(cls, document, raw=PDF, name="file.pdf"):
        return document.env["ir.attachment"].create(
            {
                "name": name,
                "datas": base64.b64encode(raw),
                "res_model": document._name,
                "res_id": document.id,
            }
        )

    @classmethod
    def _submitted(cls, user=None, **vals):
        document = cls._draft(user, **vals)
        document.action_submit()
        return document

    @classmethod
    def _approved(cls, user=None, **vals):
        document = cls._submitted(user, **vals)
        reviewed = document.with_user(cls.supervisor)
        reviewed.check_ids.is_done = True
        reviewed.action_approve()
        return document

    @classmethod
    def _returned(cls, user=None, text="The seal is missing", **vals):
        document = cls._submitted(user, **vals)
        document.with_user(cls.supervisor).action_return([text])
        return document
