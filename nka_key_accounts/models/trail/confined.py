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


def name_for_reader(records):
    """Name of a record as the acting person may know it: empty where he may not.

    :rtype: str | bool
    """
    readable = records.sudo(False).exists()._filtered_access("read")
    return readable.sudo().display_name if readable else False
