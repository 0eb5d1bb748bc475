"""Require the checklist items of the shipped document types, as new databases do.

Documents in review keep their own copies of the items, so no running review changes.
"""

#: Shipped checklist items of each document type.
ITEMS = {
    "client_card": 3,
    "credit_check": 3,
    "offer": 3,
    "contract": 3,
    "specification": 2,
    "minutes": 2,
    "act": 2,
    "reconciliation": 2,
    "competitor": 1,
}


def migrate(cr, version):
    """Leave types alone that a company has changed: what they require is a decision."""
    for name, count in ITEMS.items():
        cr.execute(
            """WITH kind AS (
                   SELECT type.id
                     FROM nka_document_type type
                     JOIN ir_model_data data
                       ON data.model = 'nka.document.type' AND data.res_id = type.id
                    WHERE data.module = 'nka_key_accounts' AND data.name = %(name)s
                      AND type.write_uid = 1),
               shipped AS (
                   SELECT item.id, item.write_uid = 1 AND NOT coalesce(item.is_required, FALSE) AS is_untouched,
                          EXISTS (SELECT FROM ir_model_data data
                                   WHERE data.model = 'nka.document.type.item' AND data.res_id = item.id
                                     AND data.module = 'nka_key_accounts') AS is_shipped
                     FROM nka_document_type_item item JOIN kind ON kind.id = item.type_id)
               UPDATE nka_document_type_item item
                  SET is_required = TRUE
                 FROM shipped
                WHERE item.id = shipped.id
                  AND (SELECT count(*) = %(count)s AND bool_and(is_untouched AND is_shipped)
                         FROM shipped)""",
            {"name": f"nka_document_type_{name}", "count": count},
        )
