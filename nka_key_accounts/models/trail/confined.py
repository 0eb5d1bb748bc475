"""Records that a reader may know only by his own rights, wherever they are read for him.

Odoo does a few things as superuser for whoever asks: it computes stored fields of a record that isn't
saved yet, fills a mail in from a template, prints the reports attached to it. The numbers of the records
come from the client there, so each of these asks here first.
"""

#: Beginnings of models that are read by their readers only.
CONFINED = ("nka.", "hr.payslip")


def is_confined(model):
    """Whether records of a model are read by the rights of whoever asks, always.

    :param str model: its name, or nothing
    """
    return (model or "").startswith(CONFINED)


def check_reader(records):
    """Refuse records that the acting person may not read, superuser's rights or not.

    :raise AccessError: naming the records as Odoo does
    """
    records.sudo(False).check_access("read")


def name_unsaved(records, model_field, name_field):
    """Name what unsaved records are about as the acting person may know it: not at all
    where he may not.

    :param records: activities or messages, by ``res_id`` and ``model_field``
    :return: those of them that were named, for Odoo names the others
    """
    named = records.filtered(
        lambda row: row.res_id and not row.id and is_confined(row[model_field])
    )
    for row in named:
        about = records.env[row[model_field]].browse(row.res_id).sudo(False).exists()
        readable = about._filtered_access("read")
        row[name_field] = readable.sudo().display_name if readable else False
    return named
