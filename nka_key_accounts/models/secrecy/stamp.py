"""Stamp a text on each page of a PDF.

Headers and footers of a report depend on how ``wkhtmltopdf`` was built: without its
patched Qt it leaves them out. The stamp is put on the finished pages, so no page goes
without it.
"""

import io
from functools import cache

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from odoo.tools import file_path
from odoo.tools.pdf import PdfFileReader, PdfFileWriter

#: Odoo's own font with Cyrillic letters; PDF's standard fonts have none.
FONT = "web/static/fonts/google/Open_Sans/Open_Sans-Regular.ttf"
#: Points: size of the letters, and of the lowest line above the edge of the page.
SIZE = 6
EDGE = 10
MARGIN = 20


def stamp(content, lines):
    """Return a PDF with some lines at the bottom of each page.

    :param bytes content: the PDF
    :param list[str] lines: from top to bottom; too long ones are printed smaller
    :rtype: bytes
    """
    pages = PdfFileReader(io.BytesIO(content), strict=False)
    marks = _draw(pages, lines)
    writer = PdfFileWriter()
    for number in range(pages.getNumPages()):
        # First, since recent libraries change only pages that belong to a writer.
        writer.addPage(pages.getPage(number))
        writer.getPage(number).mergePage(marks.getPage(number))
    stamped = io.BytesIO()
    writer.write(stamped)
    return stamped.getvalue()


def _draw(pages, lines):
    """Return a PDF with nothing but the lines, page by page of the same size."""
    drawn = io.BytesIO()
    canvas = Canvas(drawn)
    for number in range(pages.getNumPages()):
        box = pages.getPage(number).mediaBox
        width = float(abs(box.getWidth()))
        canvas.setPageSize((width, float(abs(box.getHeight()))))
        for place, line in enumerate(reversed(lines)):
            size = min(SIZE, SIZE * (width - 2 * MARGIN) / _width(line))
            canvas.setFont(_font(), size)
            canvas.drawCentredString(width / 2, EDGE + place * (SIZE + 2), line)
        canvas.showPage()
    canvas.save()
    return PdfFileReader(drawn, strict=False)


def _width(line):
    return pdfmetrics.stringWidth(line, _font(), SIZE) or 1


@cache
def _font():
    """Register the font once for all prints of this process, and return its name."""
    pdfmetrics.registerFont(TTFont("nka_mark", file_path(FONT)))
    return "nka_mark"
