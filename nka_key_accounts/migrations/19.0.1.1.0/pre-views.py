#: Views of ours that add to another view.
EMPTIED = """
    UPDATE ir_ui_view
       SET arch_db = '{"en_US": "<data/>"}'
     WHERE inherit_id IS NOT NULL AND type != 'qweb'
       AND id IN (SELECT res_id FROM ir_model_data
                   WHERE module = 'nka_key_accounts' AND model = 'ir.ui.view')
"""


def migrate(cr, version):
    """Let the views be loaded in their new rooms.

    What stands in a view of a later room now is missing from the base view until that
    room's view is loaded; the additions as they were would not find their places.
    This update writes each of them anew.
    """
    cr.execute(EMPTIED)
