"""One-page PDF files that say what they are, the same bytes every time."""

from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

TOP, LEFT, LINE = 780, 72, 20


def page(title, lines):
    """A PDF of one page.

    :param str title: its heading
    :param list[str] lines: what stands below
    :rtype: bytes
    """
    target = BytesIO()
    canvas = Canvas(target, invariant=True)
    canvas.setFont("Helvetica-Bold", 16)
    canvas.drawString(LEFT, TOP, title)
    canvas.setFont("Helvetica", 11)
    for number, line in enumerate(lines, start=2):
        canvas.drawString(LEFT, TOP - number * LINE, line)
    canvas.save()
    return target.getvalue()
