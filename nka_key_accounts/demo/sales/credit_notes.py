"""Two credit notes: a delivery that went to the wrong plant, and damaged goods."""

from odoo import Command

from ..records import MODULE, ago, missing, named, workday

#: Invoice, days from the invoice to the credit note, whether all of it, why.
CREDITED = (
    ("invoice_volga_23", 9, True, "Delivered to the wrong plant"),
    ("invoice_lukoshko_25", 16, False, "Damaged in transport"),
)


def load(env):
    for invoice, after, whole, reason in CREDITED:
        name = invoice.replace("invoice", "credit_note")
        if missing(env, [name]):
            note = credit(named(env, invoice), after, whole, reason)
            env["ir.model.data"]._update_xmlids(
                [
                    {
                        "xml_id": f"{MODULE}.demo_{name}",
                        "record": note,
                        "noupdate": True,
                    }
                ]
            )


def credit(invoice, after, whole, reason):
    """Post a credit note for an invoice; Odoo sets the two off against each other.

    :param int after: days from the invoice to the credit note
    :param bool whole: all of the invoice, or a quarter of its first line
    """
    age = (ago(invoice.env, 0) - invoice.invoice_date).days
    day = workday(ago(invoice.env, max(age - after, 0)))
    note = invoice._reverse_moves(
        [{"invoice_date": day, "date": day, "ref": f"{invoice.name}: {reason}"}]
    )
    if not whole:
        keep_quarter(note)
    note.action_post()
    return note


def keep_quarter(note):
    first, *others = note.invoice_line_ids
    quantity = max(first.quantity // 4, 1)
    note.invoice_line_ids = [
        Command.update(first.id, {"quantity": quantity}),
        *(Command.delete(line.id) for line in others),
    ]
