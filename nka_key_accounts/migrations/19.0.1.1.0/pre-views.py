#: The addon's views that inherit another view.
EMPTIED = """
    UPDATE ir_ui_view
       SET arch_db = '{"en_US": "<data/>"}'
     WHERE inherit_id IS NOT NULL AND type != 'qweb'
       AND id IN (SELECT res_id FROM ir_model_data
                   WHERE module = 'nka_key_accounts' AND model = 'ir.ui.view')
"""


def migrate(cr, version):
    """Empty the inheriting views so that they load in their new rooms.

    Elements that moved to the view of a later room are missing from the base view
    until that view is loaded, so the old XPath expressions wouldn't match. This update
    writes the content of each view again.
    """
    cr.execute(EMPTIED)
